"""
Build the Studio from `web/` into `pipeyard/studio`, where the server and the wheel take it from; pack the examples.

In:       `web/`, and npm with Node 20 or newer.
Out:      `pipeyard/studio`: pages and scripts, packed copies beside them, the licences of what is in them, and a
          stamp of what they were made from.

Hatch calls this for sdist and wheel; `make studio` runs it as a script. What is built
already from the same sources stays as it is, so that installing from an sdist needs no
Node. PIPEYARD_NO_STUDIO=1 leaves the Studio out: the server then shows its plain pages.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_STAMP = "stamp.txt"
# Not part of what is built.
_LEFT_OUT = {"node_modules", "e2e"}
_PACKED = {".css", ".html", ".js", ".svg"}
# What the lock file says, hashes checked. `npm ci` would refuse a lock that leaves out the binaries of
# machines which a registry does not carry, though they are optional.
_INSTALL = ("install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--silent")


class StudioHook(BuildHookInterface):  # type: ignore[type-arg]
    """What hatch calls before it packs a distribution."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the Studio unless an editable install is made, which serves what `make studio` built."""
        if version == "editable":
            return
        if os.environ.get("PIPEYARD_NO_STUDIO") != "1":
            build(Path(self.root))
        if self.target_name == "wheel":
            build_data["force_include"].update(examples(Path(self.root)))


def examples(root: Path) -> dict[str, str]:
    """Return where the examples lie in a wheel: drafts of the Designer can begin with them."""
    top = root / "examples"
    files = [file for file in top.rglob("*") if file.is_file() and "__pycache__" not in file.parts]
    return {str(file): f"pipeyard/examples/{file.relative_to(top).as_posix()}" for file in files}


def build(root: Path) -> None:
    """Build what is missing or made from other sources. Raises `SystemExit` with what to do."""
    target, source = root / "pipeyard/studio", root / "web"
    stamp = stamp_of(source) if source.is_dir() else None
    built = target / _STAMP
    if built.is_file() and stamp in {None, built.read_text("utf-8").strip()}:
        return
    if stamp is None:
        sys.exit("studio: neither the built Studio nor its sources are here")
    npm = shutil.which("npm")
    if npm is None:
        sys.exit(
            "studio: no npm here to build the Studio with; on Debian: apt-get install nodejs npm "
            "(PIPEYARD_NO_STUDIO=1 builds without it)"
        )
    for words in (_INSTALL, ("run", "--silent", "build")):
        if subprocess.run([npm, *words], cwd=source, check=False).returncode != 0:
            sys.exit(f"studio: `npm {' '.join(words)}` failed in {source}")
    (target / "THIRD_PARTY.txt").write_text(_notices(source), "utf-8")
    for path in sorted(target.rglob("*")):
        if path.suffix in _PACKED:
            path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))
    built.write_text(stamp + "\n", "utf-8")


def _notices(source: Path) -> str:
    """Return the licences of everything that is part of the built files, as they ask for."""
    lock = json.loads((source / "package-lock.json").read_text("utf-8"))
    texts = []
    for place, package in lock["packages"].items():
        found = sorted((source / place).glob("[Ll][Ii][Cc][Ee][Nn][SsCc][Ee]*")) if place else []
        if found and not package.get("dev"):
            name = place.rpartition("node_modules/")[2]
            texts.append(f"{name} {package['version']}\n\n{found[0].read_text('utf-8').strip()}\n")
    return "\n----\n\n".join(texts)


def stamp_of(source: Path) -> str:
    """Return a digest over the names and bytes of everything that the Studio is made from."""
    digest = hashlib.sha256()
    for path in sorted(source.rglob("*")):
        parts = path.relative_to(source).parts
        if path.is_file() and parts[0] not in _LEFT_OUT and ".test." not in path.name:
            digest.update(f"{'/'.join(parts)}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


if __name__ == "__main__":
    build(Path(__file__).parent)
