"""
The first lines that run: what can be answered without any library is answered here.

In:       `sys.argv`.
Out:      the exit code.
Not here: the commands (`root.py`).

Invariant: this module imports `sys` and `pipeyard` alone, so that `--version` costs
what a bare interpreter costs.
"""

from __future__ import annotations

import sys

from pipeyard import __version__


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
    from pipeyard.cli.root import run  # noqa: PLC0415

    return run(words)


if __name__ == "__main__":
    sys.exit(main())
