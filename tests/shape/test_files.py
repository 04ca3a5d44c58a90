"""Every file has a name, a reader and a reason."""

from __future__ import annotations

import ast

import pytest

from tests.shape.source import CORE, PACKAGE, ROOT, modules

NAMES_THAT_NAME_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "base", "core", "stuff"}
# Started by name from outside, so nothing of ours imports them.
ENTRY_POINTS = {
    "pipeyard",
    "pipeyard.__main__",
    "pipeyard.app",
    "pipeyard.cli.entry",
    # A program by its path.
    "pipeyard.environment.rattler_worker",
    "pipeyard.suggest.optuna_worker",
    "pipeyard.launcher.__main__",
    "pipeyard.launcher.rehearse",
    # Copied into a step's folder, and begun there by their names.
    "pipeyard.drivers.run",
    "pipeyard.drivers.parallel",
    "pipeyard.drivers.parallel_table",
    "pipeyard.drivers.spark",
    "pipeyard.drivers.copy_data",
    "pipeyard.drivers.own_python",
}
# Alembic finds these by their folder.
FOUND_BY_FOLDER = ("pipeyard.store.migrations",)


def test_no_file_is_called_after_nothing():
    """There is no `utils` and none of its cousins: a function without a home has a noun that was not named yet."""
    found = [
        module.shown
        for module in modules()
        if NAMES_THAT_NAME_NOTHING & {*module.name.split("."), module.path.stem.strip("_")}
    ]

    assert found == []


def test_every_file_is_used():
    """Each module is imported by another one, or is an entry point."""
    used = set()
    for module in modules():
        for one in module.imports():
            used.add(one.module)
            if one.name is not None:
                used.add(f"{one.module}.{one.name}")
        if module.folder == "cli":
            # The command groups are loaded by name when they are asked for.
            used |= _module_names_in(module.tree)
    orphans = [
        module.shown
        for module in modules()
        if module.name not in used | ENTRY_POINTS
        and module.path.name != "__init__.py"
        and not module.name.startswith(FOUND_BY_FOLDER)
    ]

    assert orphans == []


def _module_names_in(tree: ast.Module) -> set[str]:
    return {
        node.value.partition(":")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("pipeyard.")
    }


def test_every_module_says_what_it_is():
    """Each module starts with a docstring."""
    assert [module.shown for module in modules() if not ast.get_docstring(module.tree)] == []


def test_unit_tests_mirror_the_core():
    """Each folder and file of tests/unit stands for one of the package."""
    unit = ROOT / "tests" / "unit"
    strays = [
        path.relative_to(ROOT).as_posix()
        for path in sorted(unit.iterdir())
        if path.is_dir() and path.name != "__pycache__" and not (PACKAGE / path.name).is_dir()
    ]

    assert strays == []


@pytest.mark.parametrize("folder", CORE)
def test_every_part_of_the_core_has_unit_tests(folder):
    """No folder of the core is without tests of its own."""
    assert list((ROOT / "tests" / "unit" / folder).rglob("test_*.py")) != []


def test_the_longest_files_are_known(capsys):
    """Growth is seen early: the five longest files are printed, and none is longer than a story may be."""
    lengths = sorted(((len(module.path.read_bytes().splitlines()), module.shown) for module in modules()), reverse=True)
    with capsys.disabled():
        print("\nlongest files: " + ", ".join(f"{name} {length}" for length, name in lengths[:5]))

    assert [(name, length) for length, name in lengths if length > 600] == []
