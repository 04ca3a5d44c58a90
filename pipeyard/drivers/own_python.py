"""
Give a step a Python of its own, on top of its environment's, so that what it installs stays with it.

In:       a folder that is not there yet; the Python that runs this is the environment's.
Out:      on stdout, lines for a shell to evaluate: from then on `python` and `pip` are the step's own.
Not here: which steps need one (`pipeyard/launch/own_python.py`).

Azure runs every step in a container of its own, so its users write `pip install` in front of a command.
Here an environment is shared by all steps that name it, and several may run at once.

A virtual environment that sees everything of the other, made by hand: `venv` would take a tenth of a
second more, and would not see what the other one sees.
"""

from __future__ import annotations

import os
import shlex
import site
import sys
from contextlib import suppress
from pathlib import Path


def main(folder: Path) -> None:
    """Make the Python below *folder*; several processes of a step may do so at once."""
    base = Path(getattr(sys, "_base_executable", sys.executable) or sys.executable)
    version = "python%d.%d" % sys.version_info[:2]
    programs = folder / "bin"
    packages = folder / "lib" / version / "site-packages"
    programs.mkdir(parents=True, exist_ok=True)
    packages.mkdir(parents=True, exist_ok=True)
    _write(folder / "pyvenv.cfg", "home = %s\ninclude-system-site-packages = false\n" % base.parent)
    # Each of their own `.pth` files counts, too.
    seen = ["import site; site.addsitedir(%r)\n" % path for path in site.getsitepackages()]
    _write(packages / "_environment.pth", "".join(seen))
    for name in ("python", "python3", version):
        _link(base, programs / name)
    for name in ("pip", "pip3"):
        text = '#!/bin/sh\nexec %s -m pip "$@"\n' % shlex.quote(str(programs / "python"))
        _write(programs / name, text, 0o755)
    print('export VIRTUAL_ENV=%s PATH=%s:"$PATH"; unset PYTHONHOME' % (_shell(folder), _shell(programs)))


def _shell(path: Path) -> str:
    return shlex.quote(str(path))


def _write(path: Path, text: str, mode: int = 0o644) -> None:
    part = path.with_name("%s.%d" % (path.name, os.getpid()))
    part.write_text(text, encoding="utf-8")
    part.chmod(mode)
    part.replace(path)


def _link(target: Path, path: Path) -> None:
    with suppress(FileExistsError):
        path.symlink_to(target)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
