"""Drafts by command: from files to a job, out again as files, and every step is reused."""

from __future__ import annotations

import json
import os
import signal
import threading
from contextlib import suppress

import httpx
import pytest

from tests.e2e.cli.conftest import SECONDS_MAX

PIPELINE = """\
# Kept, like every comment.
type: pipeline
display_name: Numbers, and their sum
inputs: {top: 10}
outputs:
  sum: {type: uri_file}
jobs:
  make:
    component: ./parts/make.yml
    inputs: {top: "${{parent.inputs.top}}"}
  sum:
    type: command
    command: bash sum.sh ${{inputs.numbers}}/n.txt ${{outputs.sum}}
    code: ../shared/sum
    environment: {image: busybox}
    inputs: {numbers: "${{parent.jobs.make.outputs.numbers}}"}
    outputs: {sum: "${{parent.outputs.sum}}"}
"""
MAKE = """\
type: command
name: make_numbers
version: 1
inputs: {top: {type: integer, min: 1}}
outputs: {numbers: {type: uri_folder}}
code: ./src
command: bash make.sh ${{inputs.top}} ${{outputs.numbers}}/n.txt
environment: {image: busybox}
"""


@pytest.fixture
def files(warm):
    """A pipeline with a component beside it and code of another folder; its path."""
    warm.write("mine/pipeline.yml", PIPELINE)
    warm.write("mine/parts/make.yml", MAKE)
    warm.write("mine/parts/src/make.sh", 'seq "$1" > "$2"\n')
    warm.write("mine/parts/src/.amlignore", "*.tmp\n")
    warm.write("mine/parts/src/junk.tmp", "junk\n")
    warm.write("shared/sum/sum.sh", 'awk \'{s += $1} END {print s}\' "$1" > "$2"\n')
    return "mine/pipeline.yml"


def decisions(warm, job):
    return {step["step"]: step["decision"] for step in warm.value("job", "why", job, "-o", "json")["steps"]}


def test_what_is_exported_runs_and_every_step_is_reused(warm, files):
    """A file becomes a draft, the draft a job, its export a job again, and that job a draft again."""
    draft = warm.value("draft", "create", "--file", files)
    words = ("draft", "submit", draft["id"], "--stream", "--query", "name", "-o", "tsv")
    first = warm.ask(*words, "--force-rerun").strip()
    plan = warm.value("draft", "submit", draft["id"], "--dry-run", "-o", "json")
    warm.ask("draft", "export", draft["id"], "--download-path", "out")
    (main,) = (warm.folder / "out").rglob("pipeline.yml")
    create = ("job", "create", "--stream", "--query", "name", "-o", "tsv")
    second = warm.ask(*create, "--file", str(main)).strip()
    clone = warm.value("draft", "create", "--job", second)
    third = warm.ask("draft", "submit", clone["id"], "--stream", "--query", "name", "-o", "tsv").strip()
    written = warm.ask(*create, "--file", files).strip()

    assert draft["main"] == "mine/pipeline.yml"
    assert [file["path"] for file in draft["files"]] == [
        *("mine/parts/make.yml", "mine/parts/src/.amlignore", "mine/parts/src/make.sh", "shared/sum/sum.sh"),
    ]
    assert decisions(warm, first) == {"make": "ran", "sum": "ran"}
    assert [step["decision"] for step in plan["steps"]] == ["reuse", "reuse"]
    for job in (second, third, written):
        assert decisions(warm, job) == {"make": "reused", "sum": "reused"}
    # Comments and order, byte for byte.
    assert main.read_text("utf-8") == PIPELINE


def test_what_a_plan_says_is_what_then_happens(warm, files):
    """Steps that will be reused and steps that will run; and how long those took before."""
    draft = warm.value("draft", "create", "--file", files)
    warm.ask("draft", "submit", draft["id"], "--stream", "-o", "none")
    wishes = ("--inputs", "top=12")
    plan = warm.value("draft", "submit", draft["id"], *wishes, "--dry-run", "-o", "json")
    said = warm.run("draft", "submit", draft["id"], *wishes, "--dry-run")
    job = warm.ask("draft", "submit", draft["id"], *wishes, "--stream", "--query", "name", "-o", "tsv").strip()

    assert {step["step"]: step["decision"] for step in plan["steps"]} == {"make": "run", "sum": "depends"}
    assert plan["seconds"] > 0
    assert "took" in said.stderr
    assert "inputs.top=12" in said.stderr
    assert decisions(warm, job) == {"make": "ran", "sum": "ran"}


def test_problems_are_drawn_with_their_lines(warm, files):
    """Like those of a file; and a broken file can be taken in, because a draft is there to mend it."""
    warm.write(files, PIPELINE.replace("top:", "tpo:", 1).replace("../shared/sum", "../../../../../etc"))
    draft = warm.value("draft", "create", "--file", files, "--name", "broken one")
    found = warm.run("draft", "validate", "broken one", "--format", "full")
    refused = warm.run("draft", "submit", draft["id"])

    assert (found.returncode, refused.returncode) == (1, 1)
    assert "pipeline.yml:10:" in found.stdout
    assert "outside-draft" in found.stdout
    assert "Nothing was submitted." in refused.stderr
    assert json.loads(warm.run("draft", "validate", draft["id"], "-o", "json").stdout)["errors"] == 2


def test_components_of_a_draft_are_registered_and_referred_to(warm, files):
    """By one command, after it said what it would do; what is exported then runs without the component's file."""
    warm.write("mine/parts/odd.yml", MAKE.replace("name: make_numbers\n", ""))
    warm.write(files, PIPELINE + "  odd: {component: ./parts/odd.yml, inputs: {top: 2}}\n")
    id_ = warm.value("draft", "create", "--file", files, "--name", "to register")["id"]
    words = ("draft", "register-components", id_, "--names", "mine/parts/odd.yml=odd_numbers")
    before = warm.run("draft", "register-components", id_, "--dry-run", "-o", "table")
    plan = warm.value(*words, "--dry-run")
    found = warm.value(*words, "--only", "mine/parts/make.yml")
    refused = warm.run("draft", "register-components", id_)
    warm.ask(*words)
    text = warm.value("draft", "show", id_)["text"]
    kept = PIPELINE.replace("./parts/make.yml", "azureml:make_numbers:1")
    again = warm.run(*words)
    wrong = warm.run("draft", "register-components", id_, "--names", "odd")

    assert (before.returncode, "wrong" in before.stdout, "has no name" in before.stderr) == (1, True, True)
    assert [one["state"] for one in plan["components"]] == ["new", "new"]
    assert [one["reference"] for one in found["components"]] == ["azureml:make_numbers:1"]
    assert refused.returncode == 1
    assert text == kept + "  odd: {component: azureml:odd_numbers:1, inputs: {top: 2}}\n"
    assert (again.returncode, "names no component files" in again.stderr) == (0, True)
    assert wrong.returncode == 2


def test_nothing_is_lost_by_any_command(warm, files):
    """Names, texts, what was put away, what it was: all of it can be had back."""
    id_ = warm.value("draft", "create", "--file", files, "--name", "a draft")["id"]
    warm.write("other.yml", "type: pipeline\njobs:\n")
    warm.ask("draft", "update", "a draft", "--file", "other.yml", "--name", "renamed")
    restored = warm.value("draft", "restore", id_, "--revision", "1")
    warm.ask("draft", "delete", id_)
    gone = [row["id"] for row in warm.value("draft", "list")]
    away = [row["id"] for row in warm.value("draft", "list", "--archived-only")]
    back = warm.value("draft", "restore", id_)
    table = warm.ask("draft", "revisions", id_, "-o", "table")
    warm.ask("draft", "delete", id_, "--forever", "--yes")

    assert (restored["text"], restored["name"], restored["revision"]) == (PIPELINE, "renamed", 3)
    assert id_ not in gone
    assert id_ in away
    assert back["archived"] is False
    assert [word for word in ("created", "saved", "restored") if word in table] == ["created", "saved", "restored"]
    assert warm.run("draft", "show", id_).returncode == 3


def test_a_server_that_dies_while_drafts_are_saved_loses_nothing(cold):
    """What was answered for is there, and so is every earlier state; what was under way is there whole or not at all."""
    cold.ask("server", "start")
    id_ = cold.value("draft", "create", "--name", "typed")["id"]
    note = json.loads((cold.home / "server.json").read_text("utf-8"))
    token = (cold.home / "token").read_text("utf-8").strip()
    answered, enough = [1], threading.Event()

    def type_on():
        address = f"http://127.0.0.1:{note['port']}/api/v1/workspaces/default/drafts/{id_}"
        with httpx.Client(headers={"authorization": f"Bearer {token}"}) as client, suppress(httpx.TransportError):
            while True:
                body = {"revision": answered[-1], "text": f"state {answered[-1] + 1}"}
                answered.append(client.put(address, json=body).json()["revision"])
                if len(answered) > 20:
                    enough.set()

    typing = threading.Thread(target=type_on)
    typing.start()
    assert enough.wait(SECONDS_MAX)
    os.kill(note["pid"], signal.SIGKILL)
    typing.join(SECONDS_MAX)
    found = cold.value("draft", "show", id_)
    states = cold.value("draft", "revisions", id_)

    assert found["revision"] in {answered[-1], answered[-1] + 1}
    assert found["text"] == f"state {found['revision']}"
    assert [one["revision"] for one in states][:20] == list(range(found["revision"], 0, -1))[:20]
