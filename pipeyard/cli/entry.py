"""
The first lines that run: what can be answered without any library is answered here.

In:       `sys.argv`.
Out:      the exit code.
Not here: the commands (`root.py`).

Invariant: this module imports what every interpreter has loaded, and `pipeyard`, so that
`--version` costs what a bare interpreter costs.
"""

from __future__ import annotations

import os
import sys

from pipeyard import __version__

# A command is mostly over before it has made so many objects; what it loads is no rubbish.
_OBJECTS_PER_COLLECTION = 200_000


def program() -> None:
    """Be the program `pipeyard`. Does not return."""
    code = main()
    if sys.argv[1:2] == ["server"]:
        # It has threads and processes of its own.
        sys.exit(code)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):  # noqa: PERF203 - two streams, each for itself
            # Nobody reads it any more.
            code = code or 1
    # Python would take apart, object by object, what the system frees at once.
    os._exit(code)


def main() -> int:
    """Run the command line and return its exit code."""
    words = sys.argv[1:]
    if words[:1] in (["--version"], ["-v"]):
        sys.stdout.write(f"pipeyard {__version__}\n")
        return 0
    if sys.platform == "win32":
        sys.stderr.write("error: Pipeyard does not run on native Windows: use WSL and install it there\n")
        return 1
    # Imported here: the command library costs more than the answers above.
    import gc  # noqa: PLC0415

    gc.set_threshold(_OBJECTS_PER_COLLECTION)
    from pipeyard.cli.root import run  # noqa: PLC0415

    return run(words)


if __name__ == "__main__":
    program()
