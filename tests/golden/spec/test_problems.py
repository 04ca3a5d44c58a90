"""
What is said of files that have problems, case by case.

Each folder holds one file (one of the names in `DECODE`), the files that it inlines,
perhaps `set.txt` with a `--set` on each line, and `problems.txt`: what is said of it. `PIPEYARD_WRITE_GOLDEN=1` writes `problems.txt` anew, to be read before it is committed.
"""

from __future__ import annotations

import ast
import os
from pathlib import Path

import pytest

from pipeyard.model.codes import PAGES
from pipeyard.spec import decode
from pipeyard.spec.document import located, parse_document
from pipeyard.spec.inline import inline, wanted_files
from pipeyard.spec.override import apply_overrides

HERE = Path(__file__).parent
CASES = sorted(path.name for path in HERE.iterdir() if path.is_dir() and path.name != "__pycache__")
DECODE = {
    "job.yml": decode.decode_job,
    "component.yml": decode.decode_component,
    "environment.yml": decode.decode_environment,
    "data.yml": decode.decode_data,
    "model.yml": decode.decode_model,
    "registered-component.yml": decode.decode_component_asset,
    "registered-environment.yml": decode.decode_environment_asset,
    "compute.yml": decode.decode_compute,
    "datastore.yml": decode.decode_datastore,
    "MLTable": decode.decode_table,
}


@pytest.mark.parametrize("case", CASES)
def test_a_file_with_problems_gets_exactly_these(case):
    """All problems are reported at once, in file order, each with its place, what was expected and what to do."""
    found = "".join(_shown(problem) for problem in _problems(HERE / case))
    expected = HERE / case / "problems.txt"
    if os.environ.get("PIPEYARD_WRITE_GOLDEN"):
        expected.write_text(found, encoding="utf-8")

    assert found == expected.read_text(encoding="utf-8")


def test_every_code_of_the_language_has_a_golden_case_and_a_page():
    """No code is used in `pipeyard/spec` that nobody could look up or that no case holds."""
    used = _codes_in_source()
    held = {problem.code for case in CASES for problem in _problems(HERE / case)}

    assert used - set(PAGES) == set()
    assert used - held == set()


def _problems(folder):
    file = next(folder / name for name in DECODE if (folder / name).exists())
    document, problems = parse_document(file.read_text("utf-8"), source="", file=file.name)
    if document is None:
        return problems
    if (folder / "set.txt").exists():
        document, found = apply_overrides(document, (folder / "set.txt").read_text("utf-8").splitlines())
        problems += found
    document, found = _with_files(document, folder)
    problems += found
    problems += DECODE[file.name](document)[1]
    return located(problems, {"": document})


def _with_files(document, folder):
    problems = ()
    while wanted := [item for item in wanted_files(document) if (folder / item[1]).exists()]:
        parts = {}
        for path, text, _ in wanted:
            parts[path], found = parse_document((folder / text).read_text("utf-8"), source=text, file=text)
            problems += found
        document = inline(document, parts)
    return document, problems


def _shown(problem):
    span = problem.span
    place = f"{span.file}:{span.line}:{span.column}-{span.end_line}:{span.end_column}" if span else "-"
    lines = [f"{place}: {problem.severity.value}[{problem.code}]: {problem.message}"]
    lines += [f"  = {name}: {text}" for name in ("expected", "hint") if (text := getattr(problem, name)) is not None]
    lines += [f"  = {item.message}: {item.span.line}:{item.span.column}" for item in problem.related if item.span]
    return "\n".join(lines) + "\n"


def _codes_in_source():
    calls = {"error", "warn", "Problem", "Diagnostic", "broken_yaml", "_report"}
    found = set()
    for path in (Path(decode.__file__).parent).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = getattr(node, "func", None)
            called = getattr(name, "attr", getattr(name, "id", None))
            if isinstance(node, ast.Call) and called in calls and node.args and isinstance(node.args[0], ast.Constant):
                found.add(node.args[0].value)
    return found
