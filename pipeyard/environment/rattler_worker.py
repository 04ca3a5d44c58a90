"""
Solve and install conda packages, in a process of its own.

In:       one JSON object on standard input: channels, specs, prefix, is_offline.
Out:      the prefix; lines for people; exit code 1 and the reason as the last line.
Not here: anything of ours: it runs by its path, and can be stopped at any moment.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import urllib.error
import urllib.request
from typing import Any

import rattler

# Long enough for any answer, short enough to say soon that there is none.
_REACH_SECONDS = 8.0


class _Unreachable(Exception):
    """A channel does not answer at all."""


async def install(order: dict[str, Any]) -> None:
    """Fill the prefix with what solving says."""
    channels = [rattler.Channel(_address(channel)) for channel in order["channels"]]
    if not order["is_offline"]:
        for channel in channels:
            _reach(channel.base_url)
    specs = [rattler.MatchSpec(spec, strict=False) for spec in order["specs"]]
    records = await rattler.solve(
        sources=channels,
        specs=specs,
        gateway=_gateway(is_offline=order["is_offline"]),
        platforms=[rattler.Subdir.current(), "noarch"],
        virtual_packages=rattler.VirtualPackage.detect(),
    )
    for record in sorted(records, key=lambda one: one.name.normalized):
        _say(f"+ {record.name.normalized} {record.version} {record.build}")
    await rattler.install(records=records, target_prefix=order["prefix"], show_progress=False)


def _gateway(*, is_offline: bool) -> rattler.Gateway | None:
    if not is_offline:
        return None
    return rattler.Gateway(default_config=rattler.SourceConfig(cache_action="force-cache-only"))


def _address(channel: str) -> str:
    return f"file://{channel}" if channel.startswith("/") else channel


def _reach(address: str) -> None:
    """Raise `_Unreachable` unless something answers, whatever it says."""
    if not address.startswith(("http://", "https://")):
        return
    request = urllib.request.Request(f"{address.rstrip('/')}/noarch/repodata_shards.msgpack.zst", method="HEAD")  # noqa: S310 - checked above
    try:
        with urllib.request.urlopen(request, timeout=_REACH_SECONDS):  # noqa: S310
            pass
    except urllib.error.HTTPError:
        # An answer, of somebody who knows the channel under other names.
        pass
    except OSError as problem:
        raise _Unreachable(f"{address} does not answer: {getattr(problem, 'reason', problem)}") from problem


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - the build's log


def main() -> int:
    """Carry out one order."""
    try:
        asyncio.run(install(json.load(sys.stdin)))
    except _Unreachable as problem:
        _say(f"no network: {problem}")
    except Exception as problem:  # noqa: BLE001 - the library's own errors have no common root; the reader tells them apart
        _say(f"{type(problem).__name__}: {' '.join(str(problem).split())}")
    else:
        return 0
    return 1


if __name__ == "__main__":
    CODE = main()
    # At once: taking the interpreter down while the library's threads still run crashes now and then.
    os._exit(CODE)
