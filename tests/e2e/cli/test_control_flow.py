"""Choices, loops, items, values, and first and last steps: by whole commands, on a real server."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import time
from pathlib import Path

import pytest

COUNT = """
type: command
inputs: {n: {type: integer, max: 8}, until: {type: integer, default: 3}, fails_at: {type: integer, default: 99}}
outputs: {n: {type: integer}, goes_on: {type: boolean}, notes: {type: uri_folder}}
environment: local
command: >-
  [ ${{inputs.n}} -lt ${{inputs.fails_at}} ] || exit 7;
  echo $((${{inputs.n}} + 1)) > ${{outputs.n}};
  [ $((${{inputs.n}} + 1)) -lt ${{inputs.until}} ] && echo true > ${{outputs.goes_on}} || echo false > ${{outputs.goes_on}};
  echo "note ${{inputs.n}}" > ${{outputs.notes}}/note.txt
"""
LOOP = """
type: pipeline
experiment_name: loops
inputs: {until: 3, fails_at: 99}
outputs: {last: {type: integer}}
settings: {on_finalize: tidy}
jobs:
  tidy: {command: echo tidied, environment: local}
  count:
    component: ./count.yml
    inputs: {n: 0, until: "${{parent.inputs.until}}", fails_at: "${{parent.inputs.fails_at}}"}
    outputs: {n: "${{parent.outputs.last}}"}
  loop:
    type: do_while
    body: ${{parent.jobs.count}}
    condition: ${{parent.jobs.count.outputs.goes_on}}
    mapping: {n: "${{parent.jobs.count.inputs.n}}"}
    limits: {max_iteration_count: 5}
  after:
    command: cat ${{inputs.notes}}/note.txt; echo got ${{inputs.n}}
    environment: local
    inputs: {n: "${{parent.jobs.count.outputs.n}}", notes: "${{parent.jobs.loop.outputs.notes}}"}
"""
CHOICE = """
type: pipeline
experiment_name: choices
# Whatever other tests have measured.
settings: {force_rerun: true}
inputs: {n: 1}
jobs:
  measure: {component: ./count.yml, inputs: {n: "${{parent.inputs.n}}"}}
  choice:
    type: if_else
    condition: ${{parent.jobs.measure.outputs.goes_on}}
    true_block: [low, low_too]
    false_block: ${{parent.jobs.high}}
  low: {command: "echo low ${{inputs.n}}", environment: local, inputs: {n: "${{parent.jobs.measure.outputs.n}}"}}
  low_too: {command: echo, environment: local}
  high: {command: "echo high ${{inputs.n}}", environment: local, inputs: {n: "${{parent.jobs.measure.outputs.n}}"}}
"""
EACH = """
type: pipeline
experiment_name: items
inputs: {fails_at: 99, items: '{"one": {"n": 1}, "two": {"n": 2}, "three": {"n": 3}}'}
outputs: {notes: {type: mltable}}
jobs:
  count: {component: ./count.yml, inputs: {fails_at: "${{parent.inputs.fails_at}}"}}
  each:
    type: parallel_for
    body: ${{parent.jobs.count}}
    items: ${{parent.inputs.items}}
    outputs: {notes: "${{parent.outputs.notes}}"}
  after:
    command: echo 'got ${{inputs.ns}}'; find ${{inputs.notes}}/ -name note.txt | sort | xargs cat
    environment: local
    inputs:
      ns: ${{parent.jobs.each.outputs.n}}
      notes: {type: mltable, mode: eval_mount, path: "${{parent.jobs.each.outputs.notes}}"}
"""


def _files(line):
    for name, text in (("count", COUNT), ("loop", LOOP), ("choice", CHOICE), ("each", EACH)):
        line.write(f"{name}.yml", text)


@pytest.fixture(scope="module")
def line(warm):
    _files(warm)
    return warm


def _run(line, *words):
    """Run a job to its end and return it, what was printed, and its steps by key."""
    done = line.run("job", "create", "--stream", *words)
    job = json.loads(done.stdout)
    return job, done.stderr, _steps(line, job["name"])


def _steps(line, name):
    return {step["step"] or step["display_name"]: step for step in _children(line, name)}


def _children(line, name):
    return line.value("job", "list", "--parent-job-name", name, "--all-results")


def _labels(steps):
    return {key: step["label"] for key, step in steps.items()}


@pytest.mark.parametrize(
    ("n", "ran", "said"),
    [(0, {"low": "Completed", "high": "Bypassed"}, "low 1"), (5, {"low": "Bypassed", "high": "Completed"}, "high 6")],
)
def test_one_block_runs(line, n, ran, said):
    """What a step wrote decides; the other block is bypassed, which is no failure, and is told everywhere."""
    job, printed, steps = _run(line, "--file", "choice.yml", "--set", f"inputs.n={n}")

    assert job["status"] == "Completed"
    assert _labels(steps) == {"measure": "Completed", "choice": "Completed", "low_too": ran["low"], **ran}
    assert said in printed
    assert "Bypassed: not run: `choice` took the other way" in printed
    shown = line.value("job", "show", "-n", steps["choice"]["name"])
    assert shown["choice"] == {"condition": n == 0, "taken": "true_block" if n == 0 else "false_block"}
    assert shown["inputs"]["condition"]["value"] is (n == 0)
    decided = {
        step["step"]: step["decision"] for step in line.value("job", "why", "-n", job["name"], "-o", "json")["steps"]
    }
    assert decided["choice"] == "ran"
    assert "never" in (decided["low"], decided["high"])


def test_a_dry_run_says_what_runs_only_sometimes(line):
    """Before the condition is known a step of a block may run; where it is known, it will not."""
    line.write("known.yml", CHOICE.replace("${{parent.jobs.measure.outputs.goes_on}}", "true"))
    # A number that no other test measures: an earlier result would say what the condition is.
    open_ = line.ask("job", "create", "--file", "choice.yml", "--set", "inputs.n=-40", "--dry-run")
    known = line.ask("job", "create", "--file", "known.yml", "--dry-run")

    assert "will run only if `choice` takes its `false_block`" in open_
    assert "will not run: `choice` takes the other way" in known


def test_a_loop_hands_on_what_it_wrote(line):
    """Each iteration has what the last one wrote; the node and the pipeline have what the last of all wrote."""
    job, printed, steps = _run(line, "--file", "loop.yml")
    iterations = _children(line, steps["loop"]["name"])

    assert job["status"] == "Completed"
    assert job["outputs"]["last"]["value"] == 3
    assert "iteration 3 of at most 5 begins" in printed
    assert "ends after iteration 3: `goes_on` is false" in printed
    assert "note 2" in printed
    assert "got 3" in printed
    assert "tidied" in printed
    assert sorted(child["display_name"] for child in iterations) == ["iteration 1", "iteration 2", "iteration 3"]
    # The only step that repeats something need not be named.
    found = line.value("job", "runs", job["name"])
    assert (found["step"], found["of"], found["total"], found["done"]) == ("loop", "iteration", 5, 3)
    rows = [(run["key"], run["values"]["n"], run["outputs"]["n"], run["outputs"]["goes_on"]) for run in found["value"]]
    assert rows == [("1", 0, 1, True), ("2", 1, 2, True), ("3", 2, 3, False)]
    assert "3 of at most 5 iterations have ended" in line.run("job", "runs", job["name"], "-o", "table").stderr
    assert "step `after` repeats nothing" in line.run("job", "runs", job["name"], "--step", "after").stderr
    again, _, steps = _run(line, "--file", "loop.yml")
    assert again["status"] == "Completed"
    assert {child["label"] for child in _children(line, steps["loop"]["name"])} == {"Completed (reused)"}
    rerun = line.value("job", "rerun", job["name"], "--step", "loop")["name"]
    line.ask("job", "stream", "-n", rerun)
    assert {child["label"] for child in _children(line, _steps(line, rerun)["loop"]["name"])} == {"Completed"}


def test_a_loop_ends_when_it_may_go_on_no_further(line):
    """The limit is no failure: the outputs are those of the last iteration there may be."""
    job, printed, _ = _run(line, "--file", "loop.yml", "--set", "inputs.until=50")

    assert job["status"] == "Completed"
    assert job["outputs"]["last"]["value"] == 5
    assert "ends after 5 iterations, the most there may be; `goes_on` is still true" in printed


def test_a_failed_iteration_fails_the_loop_and_the_last_step_runs(line):
    """The message names the iteration and its job; what is final runs all the same."""
    job, printed, steps = _run(line, "--file", "loop.yml", "--set", "inputs.fails_at=1")

    assert job["status"] == "Failed"
    assert _labels(steps) == {"loop": "Failed", "after": "Skipped", "tidy": "Completed"}
    assert steps["loop"]["error"]["code"] == "iteration-failed"
    assert f"iteration 2 failed (job {steps['loop']['name']}_1): exited with 7" in steps["loop"]["error"]["message"]
    assert "tidied" in printed


def test_an_input_says_no_to_what_a_step_wrote(line):
    """Bounds hold for values of steps, too, and the message says who wrote it."""
    _, _, steps = _run(line, "--file", "loop.yml", "--set", "inputs.until=50", "--set", "jobs.count.inputs.n=7")

    assert steps["loop"]["error"]["code"] == "bad-value"
    assert steps["loop"]["error"]["message"] == (
        "input `n` is 9, above its largest value; iteration 2 wrote it to its output `n`"
    )


def test_items_run_beside_each_other_and_are_collected(line, tmp_path):
    """Values come together as JSON and data as a table, in the order of the items; both can be read and fetched."""
    job, printed, steps = _run(line, "--file", "each.yml")

    assert job["status"] == "Completed"
    assert "got [2, 3, 4]" in printed
    assert all(f"note {n}" in printed for n in (1, 2, 3))
    assert "item 2 of 3 `two` begins" in printed
    shown = line.value("job", "show", "-n", steps["each"]["name"])
    assert (shown["type"], shown["progress"]["done"], shown["outputs"]["n"]["value"]) == (
        "parallel_for",
        3,
        "[2, 3, 4]",
    )
    line.ask("job", "download", "-n", job["name"], "--output-name", "notes", "--download-path", str(tmp_path))
    table = (tmp_path / job["name"] / "named-outputs/notes/MLTable").read_text("utf-8")
    assert table.count("- folder:") == 3


def test_what_a_registered_table_of_items_names_is_never_freed(line, tmp_path):
    """The table's place holds only names; the items' files lie where their jobs wrote them, and stay there."""
    job, _, steps = _run(line, "--file", "each.yml", "--set", "settings.force_rerun=true")
    path = f"azureml://jobs/{steps['each']['name']}/outputs/notes"
    line.ask("data", "create", "-n", "notes", "--type", "mltable", "--path", path)
    line.ask("gc", "--outputs", "--older-than", "0s", "--yes")
    table = (
        line.home / f"workspaces/default/workspaceblobstore/azureml/{steps['each']['name']}/notes/MLTable"
    ).read_text()
    places = re.findall(r"paths/(azureml/[^\"]+)", table)

    assert job["status"] == "Completed"
    assert [
        (line.home / "workspaces/default/workspaceblobstore" / place / "note.txt").exists() for place in places
    ] == [True] * 3


def test_failed_items_are_named_and_the_others_are_kept(line):
    """All items run; the step says which failed. Corrected and run again, the others are reused."""
    job, _, steps = _run(line, "--file", "each.yml", "--set", "inputs.fails_at=3")

    assert job["status"] == "Failed"
    assert steps["each"]["error"]["message"].startswith("item 3 of 3 `three` failed (job ")
    found = line.value("job", "runs", job["name"])
    assert [(run["key"], run["values"]["n"]) for run in found["value"]] == [("one", 1), ("two", 2), ("three", 3)]
    assert (found["of"], found["completed"], found["failed"]) == ("item", 2, 1)
    assert [
        child["label"] for child in sorted(_children(line, steps["each"]["name"]), key=lambda one: one["name"])
    ] == [
        "Completed",
        "Completed",
        "Failed",
    ]


SAID = """
import json, os, sys, urllib.request
host, run = os.environ["MLFLOW_TRACKING_URI"], os.environ["MLFLOW_RUN_ID"]
said = {"azureml.pipeline.control": json.dumps({"n": 7, "good": False, "word": "fair wind", "written": 1})}
if sys.argv[1] == "azure":
    address, body, method = f"/experimentids/{os.environ['MLFLOW_EXPERIMENT_ID']}/runs/{run}", {"properties": said}, "PATCH"
else:
    address, method = "/api/2.0/mlflow/runs/set-tag", "POST"
    body = {"run_id": run, "key": "azureml.pipeline.control", "value": said["azureml.pipeline.control"]}
token = {"Authorization": "Bearer " + os.environ["MLFLOW_TRACKING_TOKEN"]}
urllib.request.urlopen(urllib.request.Request(host + address, json.dumps(body).encode(), token, method=method)).read()
"""


@pytest.mark.parametrize("how", ["mlflow", "azure"])
def test_a_step_may_say_its_values_as_it_does_in_azure(line, how):
    """By the property `azureml.pipeline.control` of its run; what it writes to a file wins over that."""
    line.write("said.py", SAID)
    line.write(
        "said.yml",
        f"""
type: pipeline
settings: {{force_rerun: true}}
jobs:
  say:
    command: {sys.executable} {line.folder}/said.py {how}; echo 2 > ${{{{outputs.written}}}}
    environment: local
    outputs: {{n: {{type: integer}}, good: {{type: boolean, is_control: true}}, word: {{type: string}}, written: {{type: integer}}}}
  choice:
    type: if_else
    condition: ${{{{parent.jobs.say.outputs.good}}}}
    true_block: "yes"
    false_block: "no"
  "yes": {{command: echo, environment: local}}
  "no":
    command: echo "got ${{{{inputs.n}}}} ${{{{inputs.written}}}} ${{{{inputs.word}}}}"
    environment: local
    inputs:
      n: ${{{{parent.jobs.say.outputs.n}}}}
      word: ${{{{parent.jobs.say.outputs.word}}}}
      written: ${{{{parent.jobs.say.outputs.written}}}}
""",
    )
    job, printed, steps = _run(line, "--file", "said.yml")

    assert job["status"] == "Completed", printed
    assert "got 7 2 fair wind" in printed
    assert steps["yes"]["label"] == "Bypassed"


def test_a_step_that_writes_no_value_fails_by_that(line):
    """A number that is none is the mistake of the step that wrote it; the message shows what it wrote."""
    line.write(
        "bad.yml",
        "type: pipeline\njobs:\n  a:\n    command: echo many > ${{outputs.n}}\n    environment: local\n"
        "    outputs: {n: {type: integer}}\n",
    )
    _, _, steps = _run(line, "--file", "bad.yml")

    assert steps["a"]["error"]["code"] == "bad-value"
    assert (
        "wrote no `integer` to its output `n`: it takes an integer, this is the text 'many'"
        in steps["a"]["error"]["message"]
    )


GATE = "touch {gate}.begun; while [ ! -e {gate} ]; do read -t 0.05 <> <(:) || true; done; "


def _gated(line, gate: Path):
    """A loop whose second iteration waits until the file *gate* is there."""
    waits = "  if [ ${{inputs.n}} = 1 ]; then " + GATE.format(gate=gate) + "fi;\n"
    line.write("count.yml", COUNT.replace("command: >-\n", "command: >-\n" + waits))


def _wait_for(file):
    until = time.monotonic() + 60
    while not file.exists():
        assert time.monotonic() < until, "it never came to that"
        time.sleep(0.02)


def test_a_loop_goes_on_after_the_server_was_killed(cold, tmp_path):
    """The iteration that ran is waited for by the next server; none is run twice."""
    _files(cold)
    _gated(cold, tmp_path / "gate")
    name = cold.value("job", "create", "--file", "loop.yml")["name"]
    loop = _steps(cold, name)["loop"]["name"]
    _wait_for(tmp_path / "gate.begun")
    os.kill(cold.value("server", "status")["pid"], signal.SIGKILL)
    (tmp_path / "gate").touch()
    cold.ask("job", "stream", "-n", name)

    job = cold.value("job", "show", "-n", name)
    assert (job["status"], job["outputs"]["last"]["value"]) == ("Completed", 3)
    assert {child["display_name"]: child["attempt"] for child in _children(cold, loop)} == {
        "iteration 1": 1,
        "iteration 2": 1,
        "iteration 3": 1,
    }


def test_a_canceled_loop_ends_its_iteration_and_the_last_step_runs(line, tmp_path):
    """Nobody goes on working for a job that was canceled, but what is final."""
    _gated(line, tmp_path / "never")
    try:
        name = line.value("job", "create", "--file", "loop.yml", "--set", "inputs.until=4")["name"]
        loop = _steps(line, name)["loop"]["name"]
        _wait_for(tmp_path / "never.begun")
        line.ask("job", "cancel", "-n", name)
        printed = line.run("job", "stream", "-n", name).stdout
    finally:
        line.write("count.yml", COUNT)

    assert _labels(_steps(line, name)) == {"loop": "Canceled", "after": "Canceled", "tidy": "Completed"}
    assert "tidied" in printed
    assert {child["display_name"]: child["label"] for child in _children(line, loop)}["iteration 2"] == "Canceled"
