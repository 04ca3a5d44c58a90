"""The core reads no clock, file or socket; the launcher needs nothing but Python."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from tests.shape.source import CORE, PACKAGE, ROOT, Module, modules

WORLDLY = {
    "asyncio", "builtins", "ctypes", "glob", "io", "logging", "multiprocessing", "os", "random", "secrets", "shutil",
    "signal", "socket", "sqlite3", "subprocess", "sys", "tempfile", "threading", "time", "urllib.request", "uuid",
}  # fmt: skip
CALENDAR_TYPES = {"UTC", "date", "datetime", "time", "timedelta", "timezone", "tzinfo"}
READS_A_CLOCK = {"now", "today", "utcnow"}
WORLDLY_CALLS = {"open", "print", "input", "exec", "eval", "__import__"}
# Compiles the `__init__` that it wrote itself, as the standard library's dataclasses do.
WRITES_CODE = {"pipeyard.model.value": {"exec"}}

core_modules = pytest.mark.parametrize(
    "module", [module for module in modules() if module.folder in CORE], ids=lambda module: module.name
)


@core_modules
def test_a_core_module_imports_nothing_that_touches_the_world(module: Module):
    """A module of the core imports no clock, file system, process or socket, not even inside a function."""
    found = [
        f"{module.shown}:{one.line}: {one.module}"
        for one in module.imports()
        if one.module in WORLDLY or one.module.partition(".")[0] in WORLDLY - {"urllib.request"}
    ]

    assert found == []


@core_modules
def test_a_core_module_takes_only_pure_paths_and_calendar_types(module: Module):
    """From `pathlib` the core takes pure paths, from `datetime` types, and it never asks what time it is."""
    imports = [
        f"{module.shown}:{one.line}: {one.module} {one.name or ''}"
        for one in module.imports()
        if (one.module == "pathlib" and not (one.name or "").startswith("Pure"))
        or (one.module == "datetime" and one.name is not None and one.name not in CALENDAR_TYPES)
    ]
    calls = [
        f"{module.shown}:{node.lineno}: {node.func.attr}()"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in READS_A_CLOCK
    ]

    assert imports + calls == []


@core_modules
def test_a_core_module_opens_and_prints_nothing(module: Module):
    """A module of the core calls neither `open` nor `print`."""
    forbidden = WORLDLY_CALLS - WRITES_CODE.get(module.name, set())
    found = [
        f"{module.shown}:{node.lineno}: {node.func.id}()"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in forbidden
    ]

    assert found == []


def test_the_launcher_imports_the_standard_library_and_itself():
    """`pipeyard.launcher` can be copied into any image that has Python."""
    found = [
        f"{module.shown}:{one.line}: {one.module}"
        for module in modules()
        if module.folder == "launcher"
        for one in module.imports()
        if one.module.partition(".")[0] not in sys.stdlib_module_names
        and not one.module.startswith("pipeyard.launcher")
        and (one.module, one.name) != ("pipeyard", "launcher")
    ]

    assert found == []


def test_the_package_itself_imports_nothing():
    """`import pipeyard` costs nothing, so `--version` can be answered at once."""
    (package,) = (module for module in modules() if module.path == PACKAGE / "__init__.py")

    assert [one.module for one in package.imports() if one.module != "__future__"] == []


def test_asking_for_the_version_imports_no_library():
    """`pipeyard --version` answers before the command library, YAML, HTTP or a database is imported."""
    code = (
        "import sys; before = set(sys.modules); from pipeyard.cli.entry import main\n"
        "sys.argv = ['pipeyard', '--version']\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(*sorted({name.partition('.')[0] for name in set(sys.modules) - before}), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    imported = set(done.stderr.split())

    assert imported - sys.stdlib_module_names == {"pipeyard"}
    assert done.stdout.startswith("pipeyard ")
