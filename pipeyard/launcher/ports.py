"""
Free ports for processes that are about to start.

In:       how many.
Out:      numbers that nobody listens at and that no other attempt of this machine was given, for as long as they are held.
Not here: who uses them (`gang.py`).

A port that is only found free may be anybody's a moment later. So these lie outside the range
that the system gives to whoever asks for any port, and each is held by a socket of that name
without an address: launchers of other homes see it, and it is gone with this process.
The port itself is left free: not every program can take one that another process has bound.
"""

from __future__ import annotations

import errno
import os
import socket

from pipeyard.launcher import system
from pipeyard.launcher.refusal import Refusal

_FIRST, _LAST = 15_000, 64_999
_TAKEN = (errno.EADDRINUSE, errno.EACCES)


class HeldPorts:
    """Ports that are one attempt's until they are let go."""

    def __init__(self, count: int) -> None:
        """Find ports. Raises `Refusal` when there are no more."""
        self.numbers: list[int] = []
        self._names: list[socket.socket] = []
        for number in _candidates():
            if len(self.numbers) == count:
                return
            name = _hold(number)
            if name is not None and _is_free(number):
                self.numbers.append(number)
                self._names.append(name)
            elif name is not None:
                name.close()
        if len(self.numbers) < count:
            self.release()
            raise Refusal("no-port", f"this machine has no {count} free ports for the processes of one step")

    def release(self) -> None:
        """Let them go."""
        for name in self._names:
            name.close()
        self._names.clear()


def _candidates() -> list[int]:
    low, high = _given_to_anybody()
    fit = [number for number in range(_FIRST, _LAST + 1) if not low <= number <= high]
    # A system that gives out all of them leaves no better choice.
    fit = fit or list(range(_FIRST, _LAST + 1))
    # Not all from the first on: one that was let go just now may still be waited for by somebody.
    start = int.from_bytes(os.urandom(4), "big") % len(fit)
    return fit[start:] + fit[:start]


def _given_to_anybody() -> tuple[int, int]:
    try:
        with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as file:
            low, high = map(int, file.read().split())
    except (OSError, ValueError):
        return 32_768, 65_535
    return low, high


def _hold(number: int) -> socket.socket | None:
    """Return what tells other launchers that a port is ours; None if it is another's."""
    name = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    if not system.IS_LINUX:
        # No names without files there.
        return name
    try:
        name.bind(f"\0pipeyard-port-{number}")
    except OSError:
        name.close()
        return None
    return name


def _is_free(number: int) -> bool:
    for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):  # noqa: S104 - only tried
        try:
            with socket.socket(family, socket.SOCK_STREAM) as trial:
                if family == socket.AF_INET6:
                    trial.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                trial.bind((address, number))
        except OSError as error:
            # A machine without the newer addresses has nobody at them either.
            if error.errno in _TAKEN:
                return False
    return True
