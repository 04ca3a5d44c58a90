"""`pipeyard job why` and `job create --dry-run`: right for each kind of change, over a real server."""

from __future__ import annotations

import http.server
import os
import shutil
import threading
from dataclasses import dataclass, field

import pytest

PIPELINE = """\
type: pipeline
display_name: A name
settings: {default_compute: local}
inputs:
  note: first
  raw: {type: uri_folder, path: ./raw}
jobs:
  prepare:
    component: ./prepare.yml
    inputs: {raw: "${{parent.inputs.raw}}", note: "${{parent.inputs.note}}"}
  inner:
    type: pipeline
    component: ./inner.yml
    inputs: {table: "${{parent.jobs.prepare.outputs.table}}"}
"""
PREPARE = """\
type: command
version: 1
description: Puts files together.
inputs: {raw: {type: uri_folder}, note: {type: string}}
outputs: {table: {type: uri_folder}}
environment:
  image: x
  conda_file: ./conda.yml
environment_variables: {MODE: fast}
code: ./src
command: bash join.sh "${{inputs.raw}}" "${{outputs.table}}" ${{inputs.note}}
"""
INNER = """\
type: pipeline
inputs: {table: {type: uri_folder}}
jobs:
  fit:
    command: wc -l < ${{inputs.table}}/all.csv > ${{outputs.model}}/lines; echo ${{inputs.rate}}
    environment: {image: x}
    inputs: {table: "${{parent.inputs.table}}", rate: 0.1}
    outputs: {model: {type: uri_folder}}
"""
CONDA = """\
dependencies:
- python
- pip
variables: {LEVEL: low}
"""
RAN, REUSED = "ran", "reused"


@dataclass
class Case:
    """One change and what has to be said of it: by step, the decision and the beginnings of its reasons."""

    # Text that is replaced in a file of the working folder; more files to write.
    edits: list = field(default_factory=list)
    files: dict = field(default_factory=dict)
    prepare: tuple = (REUSED,)
    fit: tuple = (REUSED,)


SINCE = "since job `{job}`"
TABLE = "output `table` of step `prepare` is not what it was since job `{job}`: `all.csv` changed"
CASES = {
    "nothing": Case(),
    "code file": Case(
        [("src/join.sh", "set -e", "set -e # more")], {}, (RAN, f"code file `src/join.sh` changed {SINCE}")
    ),
    "new code file": Case([], {"src/more.py": ""}, (RAN, f"code file `src/more.py` is new {SINCE}")),
    "ignored file": Case([], {"src/trace.log": "noise", "src/__pycache__/a.pyc": "noise"}),
    "literal": Case(
        [("pipeline.yml", "note: first", "note: second")],
        {},
        (RAN, f'input `note`: "first" -> "second" {SINCE}'),
        (RAN, TABLE),
    ),
    "data byte": Case(
        [("raw/a.csv", "1\n", "7\n")],
        {},
        (RAN, f"the data of input `raw` changed {SINCE}: `a.csv` changed"),
        (RAN, TABLE),
    ),
    "data mtime only": Case([("raw/a.csv", "1\n", "1\n")]),
    "conda file": Case(
        [("conda.yml", "low", "high")], {}, (RAN, f"the environment changed {SINCE}: its variables `LEVEL`")
    ),
    "environment variable": Case(
        [("prepare.yml", "MODE: fast", "MODE: slow")],
        {},
        (RAN, f'environment variable `MODE`: "fast" -> "slow" {SINCE}'),
    ),
    "command": Case(
        [("prepare.yml", "bash join", "bash -e join")],
        {},
        (RAN, f"the command changed {SINCE}: `bash join.sh"),
    ),
    "input mode": Case(
        [("prepare.yml", "raw: {type: uri_folder}", "raw: {type: uri_folder, mode: download}")],
        {},
        (RAN, f'the mode of input `raw`: "ro_mount" -> "download" {SINCE}'),
    ),
    "output path": Case(
        [
            (
                "pipeline.yml",
                'note: "${{parent.inputs.note}}"}',
                (
                    'note: "${{parent.inputs.note}}"}\n    outputs: {table: {type: uri_folder, path: '
                    '"azureml://datastores/workspaceblobstore/paths/mine/"}}'
                ),
            )
        ],
        {},
        (
            RAN,
            "output `table` goes to `azureml://datastores/workspaceblobstore/paths/mine/` and not to its default place",
        ),
    ),
    "compute": Case([("pipeline.yml", "default_compute: local", "default_compute: elsewhere")]),
    "display name": Case([("pipeline.yml", "A name", "Another name")]),
    "description of a component": Case([("prepare.yml", "Puts", "Glues"), ("prepare.yml", "version: 1", "version: 2")]),
    "time limit and retry": Case([("prepare.yml", "code:", "limits: {timeout: 99}\nretry: {max: 2}\ncode:")]),
    "literal in a nested pipeline": Case(
        [("inner.yml", "rate: 0.1", "rate: 0.2")], {}, (REUSED,), (RAN, f"input `rate`: 0.1 -> 0.2 {SINCE}")
    ),
    "not deterministic": Case(
        [("prepare.yml", "version: 1", "is_deterministic: false")],
        {},
        (RAN, "its component says `is_deterministic: false`"),
    ),
    "force_rerun": Case(
        [("pipeline.yml", "settings: {", "settings: {force_rerun: true, ")],
        {},
        (RAN, "the pipeline says `force_rerun: true`"),
        (RAN, "the pipeline says `force_rerun: true`"),
    ),
    "reuse off around it": Case(
        [("pipeline.yml", "type: pipeline\n    component", "type: pipeline\n    reuse: false\n    component")],
        {},
        (REUSED,),
        (RAN, "the step, or a pipeline around it, says `reuse: false`"),
    ),
    "two things": Case(
        [("src/join.sh", "set -e", "set -e # more"), ("prepare.yml", "MODE: fast", "MODE: slow")],
        {},
        (RAN, f"code file `src/join.sh` changed {SINCE}", f'environment variable `MODE`: "fast" -> "slow" {SINCE}'),
    ),
}


@pytest.fixture
def yard(warm, request):
    """The server of this file, in a working folder of the test's own: another experiment."""
    line = type(warm)(warm.home, warm.folder / request.node.name.replace("[", "_").replace("]", ""))
    line.folder.mkdir()
    for path, text in (
        ("pipeline.yml", PIPELINE),
        ("prepare.yml", PREPARE),
        ("inner.yml", INNER),
        ("conda.yml", CONDA),
    ):
        line.write(path, text)
    line.write("raw/a.csv", "1\n")
    line.write("src/join.sh", 'set -e\ncat "$1"/*.csv > "$2/all.csv"\necho "$3" >> "$2/all.csv"\n')
    line.write("src/.amlignore", "*.log\n__pycache__\n")
    return line


def run(line, file="pipeline.yml"):
    """Run a file to its end and return the job's name."""
    done = line.run("job", "create", "-f", file, "--stream", "--query", "name", "-o", "tsv")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def why(line, name, *words):
    """Return what `job why` says, by step."""
    return {step["step"]: step for step in line.value("job", "why", name, *words, "-o", "json")["steps"]}


def foreseen(line, file="pipeline.yml"):
    """Return what `--dry-run` says, by step."""
    return {step["step"]: step for step in line.value("job", "create", "-f", file, "--dry-run", "-o", "json")["steps"]}


def edit(line, path, old, new):
    """Replace text in a file, as an editor does."""
    place = line.folder / path
    text = place.read_text("utf-8")
    assert old in text, f"{old!r} is not in {path}"
    place.write_text(text.replace(old, new), "utf-8")
    os.utime(place, ns=(10**18, 10**18))


@pytest.mark.parametrize("name", CASES)
def test_each_kind_of_change_is_told_before_and_after(yard, name):
    """What a dry run foresees is what happens, and both name exactly what was changed."""
    case = CASES[name]
    before = run(yard)
    for path, old, new in case.edits:
        edit(yard, path, old, new)
    for path, text in case.files.items():
        yard.write(path, text)

    forecast = foreseen(yard)
    told = why(yard, run(yard))

    for step, (decision, *reasons) in (("prepare", case.prepare), ("inner/fit", case.fit)):
        said = [reason["message"] for reason in told[step]["reasons"]]
        assert (step, told[step]["decision"]) == (step, decision), said
        assert len(said) == len(reasons)
        for message, reason in zip(said, reasons, strict=True):
            assert message.startswith(reason.format(job=before))
        if forecast[step]["decision"] == "depends":
            assert "prepare" in forecast[step]["reasons"][0]["message"]
        else:
            assert {"run": RAN, "reuse": REUSED}[forecast[step]["decision"]] == decision
            assert forecast[step]["reasons"] == told[step]["reasons"]


def test_a_reused_step_says_whose_result_it_has(yard):
    """From which job, since when, and in what they are equal."""
    first = run(yard)
    second = run(yard)
    fit = why(yard, second)["inner/fit"]

    # The first job of this folder may have taken it from elsewhere itself.
    source = yard.value("job", "show", "-n", fit["source"]["name"])
    assert source["status"] == "Completed"
    assert fit["source"]["ended_at"] == source["end_time"]
    assert fit["source"]["job"] == source["root_job_name"]
    assert fit["equal"] == ["command", "environment", "inputs `table`, `rate`", "output settings"]
    text = yard.ask("job", "why", second)
    assert f"inner/fit  reused job {source['root_job_name']}, which ended " in text
    assert "the same command, environment, inputs `table`, `rate` and output settings" in text
    assert first != second


def test_a_job_tells_the_same_in_its_json(yard):
    """Programs find on a step what `job why` prints."""
    run(yard)
    edit(yard, "pipeline.yml", "note: first", "note: third")
    name = run(yard)
    told = why(yard, name)["prepare"]
    noted = yard.value("job", "show", "-n", told["name"])["reuse"]

    assert noted["decision"] == RAN
    assert noted["reasons"] == told["reasons"]
    assert noted["key"] == told["key"]


def test_one_step_or_one_pipeline_can_be_asked_about(yard):
    """By its path in the job; a wrong one is answered with the nearest."""
    name = run(yard)

    assert list(why(yard, name, "--step", "prepare")) == ["prepare"]
    assert list(why(yard, name, "--step", "inner")) == ["inner/fit"]
    wrong = yard.run("job", "why", "-n", name, "--step", "prepar")
    assert wrong.returncode != 0
    assert "did you mean `prepare`?" in wrong.stderr


def test_a_dry_run_writes_and_sends_nothing(yard):
    """No job is made, no file is sent, and a wrong file is refused as ever."""
    yard.write("raw/new.csv", "never seen before\n")
    jobs, uploads = yard.value("job", "list"), yard.home / "workspaces/default/workspaceblobstore/LocalUpload"
    sent = sorted(place.name for place in uploads.iterdir()) if uploads.exists() else []

    done = yard.run("job", "create", "-f", "pipeline.yml", "--dry-run")

    assert done.returncode == 0, done.stderr
    assert "Nothing was submitted." in done.stderr
    assert "prepare    will run because no step like it has completed in this experiment before" in done.stdout
    assert yard.value("job", "list") == jobs
    assert sorted(place.name for place in uploads.iterdir()) == sent if uploads.exists() else not sent
    edit(yard, "pipeline.yml", "./prepare.yml", "./missing.yml")
    refused = yard.run("job", "create", "-f", "pipeline.yml", "--dry-run")
    assert refused.returncode != 0
    assert "missing.yml" in refused.stderr
    assert yard.run("job", "create", "-f", "pipeline.yml", "--dry-run", "--stream").returncode == 2


def test_a_step_behind_one_that_runs_depends_on_it(yard):
    """It is not known before whether the step makes something else."""
    run(yard)
    edit(yard, "src/join.sh", "set -e", "set -e #")
    done = yard.run("job", "create", "-f", "pipeline.yml", "--dry-run")

    assert (
        "inner/fit  will run if output `table` of step `prepare` changes; else its earlier result is reused"
        in done.stdout
    )
    assert "2 steps: 1 will run, 1 may run, depending on steps before." in done.stderr


def test_a_step_behind_one_that_runs_may_have_reasons_of_its_own(yard):
    """What is known of it already is enough to say that it runs."""
    before = run(yard)
    edit(yard, "src/join.sh", "set -e", "set -e #")
    edit(yard, "inner.yml", "rate: 0.1", "rate: 0.5")
    fit = foreseen(yard)["inner/fit"]

    assert fit["decision"] == "run"
    assert [reason["message"] for reason in fit["reasons"]] == [f"input `rate`: 0.1 -> 0.5 since job `{before}`"]


def test_of_two_equal_steps_one_takes_the_result_of_the_other(yard):
    """Before, it depends on the one that runs; afterwards, it was reused from it."""
    step = "    command: echo twins > ${{outputs.o}}/a\n    environment: {image: x}\n    outputs: {o: {type: uri_folder}}\n"
    yard.write("twins.yml", f"type: pipeline\njobs:\n  a:\n{step}  b:\n{step}")

    forecast = foreseen(yard, "twins.yml")
    told = why(yard, run(yard, "twins.yml"))

    assert [forecast[key]["decision"] for key in "ab"] == ["run", "depends"]
    assert "step `a`" in forecast["b"]["reasons"][0]["message"]
    assert sorted(told[key]["decision"] for key in "ab") == [RAN, REUSED]


@pytest.mark.parametrize("harm", ["deleted", "overwritten"])
def test_a_result_that_was_spoilt_is_named(yard, harm):
    """A deleted or overwritten output is noticed, and its step runs again."""
    edit(yard, "pipeline.yml", "note: first", f"note: {harm}")
    before = run(yard)
    step = why(yard, before)["prepare"]["name"]
    output = yard.home / "workspaces/default/workspaceblobstore/azureml" / step / "table"
    if harm == "deleted":
        shutil.rmtree(output)
    else:
        (output / "all.csv").write_text("spoilt\n")
    forecast, told = foreseen(yard)["prepare"], why(yard, run(yard))["prepare"]

    assert told["decision"] == RAN
    assert [reason["code"] for reason in told["reasons"]] == ["result-spoilt"]
    assert told["reasons"][0]["message"].startswith(f"the result of job `{before}` cannot be used: output `table`")
    assert forecast["reasons"] == told["reasons"]


def test_latest_is_told_when_it_moves(yard):
    """A new version with another command changes the step; one that says the same in other words does not."""
    component = "type: command\nname: adder\ncommand: echo one\nenvironment: {image: x}\n"
    yard.write("adder.yml", component)
    yard.write("use.yml", "type: pipeline\njobs:\n  add: {component: azureml:adder@latest}\n")
    yard.ask("component", "create", "-f", "adder.yml", "--version", "1")
    before = run(yard, "use.yml")
    yard.write("adder.yml", component + "description: says one\n")
    yard.ask("component", "create", "-f", "adder.yml", "--version", "2")

    told = why(yard, run(yard, "use.yml"))["add"]
    assert told["decision"] == REUSED
    yard.write("adder.yml", component.replace("one", "two"))
    yard.ask("component", "create", "-f", "adder.yml", "--version", "3")
    told = why(yard, run(yard, "use.yml"))["add"]
    assert [reason["code"] for reason in told["reasons"]] == ["command-changed"]
    assert "`echo one` -> `echo two`" in told["reasons"][0]["message"]
    assert before not in told["reasons"][0]["message"]


def test_registered_data_counts_by_its_bytes(yard):
    """A new version with the same bytes is the same input; one with others is not, and its file is named."""
    yard.write(
        "use.yml",
        "type: pipeline\njobs:\n  read:\n    command: ls ${{inputs.d}}\n    environment: {image: x}\n"
        "    inputs: {d: {type: uri_folder, path: azureml:sample@latest}}\n",
    )
    for version, text in (("1", "1\n"), ("2", "1\n"), ("3", "2\n")):
        yard.write("raw/a.csv", text)
        yard.ask("data", "create", "--name", "sample", "--type", "uri_folder", "--path", "raw", "--version", version)
        told = why(yard, run(yard, "use.yml"))["read"]
        assert told["decision"] == {"1": RAN, "2": REUSED, "3": RAN}[version]

    assert told["reasons"][0]["message"].endswith(": `a.csv` changed")


def test_data_of_the_web_counts_by_what_it_holds_now(yard):
    """The address stays the same; what is behind it is asked at each submit."""
    holds = {"text": b"one"}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", str(len(holds["text"])))
            self.end_headers()
            self.wfile.write(holds["text"])

        def log_message(self, *_):
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/table.csv"
        yard.write(
            "web.yml",
            "type: pipeline\njobs:\n  read:\n    command: cat ${{inputs.t}}\n    environment: {image: x}\n"
            f"    inputs: {{t: {{type: uri_file, path: '{url}'}}}}\n",
        )
        decisions = []
        for text in (b"one", b"one", b"two"):
            holds["text"] = text
            told = why(yard, run(yard, "web.yml"))["read"]
            decisions.append(told["decision"])
        server.shutdown()

    assert decisions == [RAN, REUSED, RAN]
    assert told["reasons"][0]["message"].startswith("the data of input `t` changed since job")


def test_what_is_not_decided_yet_says_so(yard):
    """While the first step runs it is known why; nothing is known of the one behind it."""
    pipe = yard.folder / "pipe"
    os.mkfifo(pipe)
    yard.write(
        "slow.yml",
        f"type: pipeline\njobs:\n  a:\n    command: echo begun > '{pipe}'; sleep 600\n    environment: {{image: x}}\n"
        "    outputs: {o: {type: uri_folder}}\n  b:\n    command: ls ${{inputs.i}}\n"
        "    environment: {image: x}\n    inputs: {i: '${{parent.jobs.a.outputs.o}}'}\n",
    )
    name = yard.value("job", "create", "-f", "slow.yml")["name"]
    assert pipe.read_text() == "begun\n"
    told = why(yard, name)
    assert (told["a"]["decision"], told["a"]["reasons"][0]["code"]) == (RAN, "nothing-earlier")
    assert (told["b"]["decision"], told["b"]["reasons"][0]["message"][:15]) == ("open", "not decided yet")

    yard.ask("job", "cancel", "-n", name)
    yard.run("job", "stream", "-n", name)
    told = why(yard, name)["b"]
    assert (told["decision"], told["reasons"][0]["code"]) == ("never", "canceled")
    assert "b  did not run: the job was canceled before it came to that" in yard.ask("job", "why", name)


def test_a_step_behind_a_failure_says_so(yard):
    """It names the step that failed."""
    yard.write(
        "fails.yml",
        "type: pipeline\njobs:\n  a:\n    command: exit 3\n    environment: {image: x}\n"
        "    outputs: {o: {type: uri_folder}}\n  b:\n    command: ls ${{inputs.i}}\n"
        "    environment: {image: x}\n    inputs: {i: '${{parent.jobs.a.outputs.o}}'}\n",
    )
    done = yard.run("job", "create", "-f", "fails.yml", "--stream", "--query", "name", "-o", "tsv")
    told = why(yard, done.stdout.strip())

    assert told["a"]["decision"] == RAN
    assert (told["b"]["decision"], told["b"]["reasons"][0]["code"]) == ("never", "skipped")
    assert "`a`" in told["b"]["reasons"][0]["message"]
