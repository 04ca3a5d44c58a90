"""
Virtual environments made by uv, one for each list of packages and interpreter.

Invariant: an environment has its final name only when every package is in it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import uuid
from pathlib import Path

from pipeyard.environment.pip_list import PipList

_SECONDS_MAX = 1800.0
_REASON_MAX = 300


class VirtualEnvironments:
    """A folder of environments, named by what is in them."""

    def __init__(self, folder: Path, python: str) -> None:
        """Make environments below *folder* for one interpreter."""
        self._folder = folder
        self._python = python

    def make(self, packages: PipList) -> tuple[Path | None, str]:
        """Return the environment, or None and why it cannot be had."""
        key = hashlib.sha256(f"{self._python}\n{packages.text}".encode()).hexdigest()[:32]
        target = self._folder / key
        if target.is_dir():
            return target, ""
        # Made under another name first. `--relocatable` keeps its scripts free of that name.
        fresh = self._folder / f".{key}.{uuid.uuid4().hex[:8]}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            problem = self._install(packages, fresh)
            if problem is not None:
                return None, problem
            fresh.rename(target)
        except OSError as error:
            return None, error.strerror or str(error)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
        return target, ""

    def _install(self, packages: PipList, fresh: Path) -> str | None:
        """Fill a fresh folder; return why not, if so."""
        uv = _find_uv()
        if uv is None:
            return "uv is not installed"
        wanted = fresh.with_suffix(".txt")
        wanted.write_text(packages.text, "utf-8")
        try:
            return _run([uv, "venv", "--quiet", "--relocatable", "--python", self._python, str(fresh)]) or _run(
                [uv, "pip", "install", "--quiet", "--python", str(fresh / "bin" / "python"), "-r", str(wanted)]
            )
        finally:
            wanted.unlink(missing_ok=True)


def _find_uv() -> str | None:
    # Imported here: most servers never make an environment.
    from uv import find_uv_bin  # noqa: PLC0415

    try:
        return str(find_uv_bin())
    except FileNotFoundError:
        return shutil.which("uv")


def _run(argv: list[str]) -> str | None:
    """Run a program; return None, or the line that says why it failed."""
    # The interpreter is given; uv must not fetch another one.
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1"}
    try:
        done = subprocess.run(
            argv,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            env=environment,
            timeout=_SECONDS_MAX,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"not done after {_SECONDS_MAX:.0f} seconds"
    if done.returncode == 0:
        return None
    lines = [
        line.strip(" \u2570\u2500\u25b6\u00d7\u2502") for line in done.stderr.decode("utf-8", "replace").splitlines()
    ]
    said = next((line for line in reversed(lines) if line), f"uv ended with {done.returncode}")
    return said[:_REASON_MAX]
