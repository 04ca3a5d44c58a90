"""
Where every driver begins: `python run.py parallel task.json`.

In:       the name of a program, and its arguments.
Out:      its exit code.
Not here: the programs.

Copied beside the folder of the other files, which is called `pipeyard_drivers` there.
"""

from __future__ import annotations

import importlib
import sys

_MODULES = {
    "parallel": "parallel",
    "worker": "parallel_worker",
    "table": "parallel_table",
    "spark": "spark",
    "copy": "copy_data",
}


def main() -> int:
    """Run the program that is named first."""
    name, *arguments = sys.argv[1:]
    module = importlib.import_module(f"pipeyard_drivers.{_MODULES[name]}")
    if name == "parallel":
        return int(module.main(arguments, __file__))
    return int(module.main(arguments))


if __name__ == "__main__":
    sys.exit(main())
