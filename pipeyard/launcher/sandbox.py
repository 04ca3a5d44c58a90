"""
A command that may write to nothing but its own folders, by bubblewrap.

In:       an order that asks for it; how its inputs were delivered.
Out:      the words that go before the command.
Not here: finding bubblewrap (`compute/local/sandbox.py`), containers (`container.py`).

It keeps accidents from the rest of the machine, not attackers: processes, devices and the
network are the machine's own. The working folder, inputs and outputs are where they always
are; `/tmp` and `/dev/shm` are empty and the command's own.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pipeyard.launcher.order import Order, SandboxOrder

_OWN = ("/tmp", "/dev/shm")  # noqa: S108 - these are replaced, not used


def prefix(sandbox: SandboxOrder, order: Order, root: str, ways: dict[str, str]) -> list[str]:
    """Return the command line up to the command."""
    words = [sandbox.program, "--ro-bind", "/", "/", "--dev-bind", "/dev", "/dev"]
    # Whoever may mount could lift all this again.
    words += ["--cap-drop", "CAP_SYS_ADMIN"]
    for folder in _OWN:
        words += ["--tmpfs", folder]
    # What lies below these would be hidden.
    for path in [*sandbox.readable, *(item.source for item in order.inputs if ways.get(item.name) == "permissions")]:
        words += _shown("--ro-bind", path) if _is_hidden(path) else []
    for folder in sandbox.writable:
        os.makedirs(folder, exist_ok=True)
    links = [item.source for item in order.inputs if ways.get(item.name) == "original" and item.mode == "rw_mount"]
    for path in [*sandbox.writable, *links, root]:
        words += _shown("--bind", path)
    return [*words, "--setenv", "TMPDIR", "/tmp", "--"]  # noqa: S108 - the command's own


def leave(sandbox: SandboxOrder) -> None:
    """Remove folders that were made for the command and that it did not use."""
    for folder in sandbox.writable:
        try:
            os.rmdir(folder)
        except OSError:
            continue


def _shown(option: str, path: str) -> list[str]:
    return [option, os.path.realpath(path), path]


def _is_hidden(path: str) -> bool:
    real = os.path.realpath(path)
    return os.path.exists(real) and any(real.startswith(folder + "/") for folder in _OWN)
