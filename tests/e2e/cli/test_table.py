"""Tables and computes by whole commands."""

from __future__ import annotations

import json

import pytest

MLTABLE = "paths:\n  - pattern: '**/*.csv'\ntransformations:\n  - read_delimited:\n  - filter: 'col(\"age\") > 30'\n"
JOB = """\
type: pipeline
inputs:
  people: {type: mltable, path: 'azureml:people@latest', mode: eval_mount}
jobs:
  look:
    type: command
    command: cd ${{inputs.people}} && find . -type f
    environment: local
    compute: azureml:small
    inputs:
      people: {type: mltable, path: '${{parent.inputs.people}}', mode: eval_mount}
"""


@pytest.fixture(scope="module")
def people(warm):
    """A registered table of two files."""
    warm.write("people/a.csv", "name,age\nann,30\nbob,41\n")
    warm.write("people/more files/b.csv", "name,age\nzoë $x,55\n")
    warm.write("people/notes.txt", "not a table\n")
    warm.write("people/MLTable", MLTABLE)
    warm.ask("data", "create", "-n", "people", "--type", "mltable", "--path", "./people")
    return "people"


def test_a_table_is_shown_by_its_first_rows(warm, people):
    """After what its file MLTable says; as a table, as values, as JSON."""
    pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    shown = warm.value("data", "preview", "-n", people)

    assert shown["rows"] == [{"name": "bob", "age": 41}, {"name": "zoë $x", "age": 55}]
    assert warm.ask("data", "preview", "-n", people, "--query", "rows[].age", "-o", "tsv") == "41\n55\n"
    assert warm.ask("data", "preview", "-n", people, "-r", "1", "-o", "table").splitlines()[-1].split() == ["bob", "41"]
    missing = warm.run("data", "preview", "-n", "peopl")
    assert (missing.returncode, "did you mean `people`?" in missing.stderr) == (3, True)


def test_a_registered_table_reaches_a_step_as_its_files(warm, people):
    """What the table does not name is not there; the step says which instance it had."""
    warm.ask("compute", "create", "-n", "small", "--type", "amlcompute", "--max-instances", "1", "--cpus", "1")
    warm.write("job.yml", JOB)
    name = (
        warm.ask("job", "create", "-f", "job.yml", "--stream", "--query", "name", "-o", "tsv").strip().splitlines()[-1]
    )
    (step,) = warm.value("job", "list", "-p", name)

    log = warm.run("job", "stream", "-n", name).stdout + warm.run("job", "stream", "-n", name).stderr
    assert "./more files/b.csv" in log
    assert "notes.txt" not in log
    assert step["instance"]["nodes"] == ["small-0"]
    assert people


def test_a_table_that_cannot_be_understood_is_not_registered(warm):
    """Its problems have the lines of the file MLTable."""
    warm.write("odd/MLTable", "paths:\n  - file: gone.csv\ntransformations:\n  - read_cvs:\n")
    done = warm.run("data", "create", "-n", "odd", "--type", "mltable", "--path", "./odd")

    assert done.returncode == 1
    assert "odd/MLTable:2:11: error[missing-file]" in done.stderr
    assert "odd/MLTable:4:5: error[unknown-value]" in done.stderr
    assert warm.run("data", "show", "-n", "odd").returncode == 3


def test_a_compute_is_changed_and_looked_into(warm):
    """What its instances have, how many there are, and who has them."""
    made = warm.run("compute", "create", "-n", "big", "--type", "amlcompute", "--size", "standard_nd96asr_v4")
    shown = json.loads(made.stdout)
    assert shown["instance"] == {"cpus": 96, "memory_gib": 900.0, "gpus": 8}
    assert "warning: 4 instances with 96 CPUs each make 384 CPUs, this machine has" in made.stderr

    assert (
        warm.value("compute", "update", "-n", "big", "--max-instances", "2", "--set", "cpus=1")["instance"]["cpus"] == 1
    )
    nodes = warm.value("compute", "list-nodes", "-n", "big")
    assert [(node["node_id"], node["node_state"]) for node in nodes] == [("big-0", "idle"), ("big-1", "idle")]
    assert warm.run("compute", "update", "-n", "bigger", "--max-instances", "2").returncode == 3
    warm.ask("compute", "delete", "-n", "big", "-y")
