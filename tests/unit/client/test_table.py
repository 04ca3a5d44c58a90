"""Whether a folder that is to be a table is one."""

from __future__ import annotations

import pytest

from pipeyard.client.checking import check_job_file
from pipeyard.client.table import check_table
from pipeyard.model.diagnostic import Severity

JOB = """\
type: command
command: ls ${{inputs.table}} ${{inputs.again}}
environment: {image: x}
inputs:
  table: {type: mltable, path: ./my table, mode: eval_mount}
  again: {type: mltable, path: ./my table}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with some data, seen from the folder above it."""
    monkeypatch.chdir(tmp_path)
    for path in ("my table/a.csv", "my table/sub/b.csv"):
        place = tmp_path / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("", "utf-8")
    return tmp_path / "my table"


def problems(folder, text):
    (folder / "MLTable").write_text(text, "utf-8")
    return [(item.code, item.span and item.span.line) for item in check_table(folder, {})]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "paths: [{file: ./a.csv}, {folder: sub}, {file: sub}, {pattern: '**/b.csv'}, {pattern: './sub/../*.csv'}]",
            [],
        ),
        ("paths: [{file: azureml://datastores/x/paths/gone.csv}, {pattern: 'https://host/*.csv'}]", []),
        ("paths:\n- file: b.csv", [("missing-file", 2)]),
        ("paths:\n- folder: a.csv", [("not-a-folder", 2)]),
        ("paths:\n- pattern: '*.png'", [("nothing-matches", 2)]),
        ("paths:\n- file: ../x\ntransformations:\n- read_csv:\n", [("outside-table", 2), ("unknown-value", 4)]),
        ("paths:\n- file: a.csv\n- file: [\n", [("broken-yaml", 4)]),
        ("", [("empty-file", 1)]),
    ],
)
def test_every_problem_has_its_line(folder, text, found):
    """Of the file MLTable; a pattern that fits nothing is a warning."""
    assert problems(folder, text) == found


def test_a_job_tells_what_is_wrong_with_its_tables(folder):
    """Once, with the file as seen from where the command runs, and its text for the excerpt."""
    (folder.parent / "job.yml").write_text(JOB, "utf-8")
    (folder / "MLTable").write_text("paths:\n  - file: a.csv\ntransformations:\n  - read_csv:\n  - skip: x\n", "utf-8")
    checked = check_job_file("job.yml")

    found = [(item.code, item.span.file, item.span.line) for item in checked.diagnostics]
    assert found == [("unknown-value", "my table/MLTable", 4), ("wrong-type", "my table/MLTable", 5)]
    assert checked.files.texts["my table/MLTable"].startswith("paths:")


def test_a_folder_without_the_file_is_no_table(folder):
    """The job's own line is shown."""
    (folder.parent / "job.yml").write_text(JOB, "utf-8")

    found = [(item.code, item.span.file) for item in check_job_file("job.yml").diagnostics]
    assert found == [("not-an-mltable", "job.yml")] * 2


@pytest.mark.parametrize("content", [b"\xff\xfe", b" " * 1_000_001])
def test_a_file_that_nobody_wrote_is_a_problem(folder, content):
    """Data under a wrong name is not read as YAML."""
    (folder / "MLTable").write_bytes(content)
    (problem,) = check_table(folder, {})

    assert (problem.code in {"not-utf-8", "not-yaml"}, problem.severity) == (True, Severity.ERROR)
