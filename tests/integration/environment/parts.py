"""
Wheels and conda channels that tests make for themselves: no index is asked.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import sys
import tarfile
import zipfile
from pathlib import Path


def make_wheel(folder: Path, name: str, version: str, source: str = "") -> None:
    """Write a wheel with one module."""
    folder.mkdir(parents=True, exist_ok=True)
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}.py", source or f"version = '{version}'\n")
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


def make_source(folder: Path, name: str, backend: str) -> str:
    """Write a package that has to be built, by *backend*, and return a requirement for it."""
    folder.mkdir(parents=True)
    (folder / "pyproject.toml").write_text(
        "[build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path = ['.']\n"
        f"[project]\nname = '{name}'\nversion = '1'\n"
    )
    (folder / "backend.py").write_text(backend)
    return f"{name} @ {folder.as_uri()}"


def make_channel(folder: Path) -> str:
    """
    Write a conda channel and return its address.

    Its `python` holds links to this interpreter only; the prefix behaves as a virtual environment.
    """
    import rattler.index

    base = Path(sys.base_prefix) / "bin" / "python3"
    version = ".".join(map(str, sys.version_info[:3]))
    short = ".".join(map(str, sys.version_info[:2]))
    settings = f"home = {base.parent}\nversion = {version}\ninclude-system-site-packages = false\n"
    _package(
        folder,
        "linux-64",
        "python",
        version,
        files={"pyvenv.cfg": settings, f"lib/python{short}/site-packages/.keep": ""},
        links={f"bin/python{short}": str(base), "bin/python3": f"python{short}", "bin/python": f"python{short}"},
    )
    tool = "#!/bin/sh\necho tool 1.2\n"
    activate = "export TOOL_HOME=$CONDA_PREFIX/share\n"
    files = {"bin/tool": tool, "etc/conda/activate.d/tool.sh": activate}
    _package(folder, "noarch", "tool", "1.2", files=files, noarch="generic")
    for number in ("0.9", "1.0"):
        files = {"site-packages/libq/__init__.py": f"version = '{number}'\n"}
        _package(folder, "noarch", "libq", number, files=files, depends=["python >=3.8", "tool"], noarch="python")
    asyncio.run(rattler.index.index_fs(folder))
    return folder.as_uri()


def _package(folder, subdir, name, version, *, files, links=None, depends=(), noarch=None):
    links = links or {}
    (folder / subdir).mkdir(parents=True, exist_ok=True)
    index = {
        "name": name,
        "version": version,
        "build": "0",
        "build_number": 0,
        "depends": list(depends),
        "subdir": subdir,
        "license": "MIT",
        **({"noarch": noarch} if noarch else {"platform": "linux", "arch": "x86_64"}),
    }
    paths = [
        {
            "_path": path,
            "path_type": "hardlink",
            "sha256": hashlib.sha256(text.encode()).hexdigest(),
            "size_in_bytes": len(text.encode()),
        }
        for path, text in files.items()
    ]
    empty = hashlib.sha256(b"").hexdigest()
    paths += [{"_path": path, "path_type": "softlink", "sha256": empty, "size_in_bytes": 0} for path in links]
    info = {
        "info/index.json": json.dumps(index),
        "info/paths.json": json.dumps({"paths": paths, "paths_version": 1}),
        "info/files": "\n".join([*files, *links]) + "\n",
        "info/about.json": "{}",
    }
    if noarch == "python":
        info["info/link.json"] = json.dumps(
            {"noarch": {"type": "python", "entry_points": []}, "package_metadata_version": 1}
        )
    with tarfile.open(folder / subdir / f"{name}-{version}-0.tar.bz2", "w:bz2") as archive:
        for path, text in {**info, **files}.items():
            entry = tarfile.TarInfo(path)
            data = text.encode()
            entry.size, entry.mode = len(data), 0o755 if path.startswith("bin/") else 0o644
            archive.addfile(entry, io.BytesIO(data))
        for path, target in links.items():
            entry = tarfile.TarInfo(path)
            entry.type, entry.linkname = tarfile.SYMTYPE, target
            archive.addfile(entry)
