"""Pools of slots on this machine, and tables in the place of folders, over HTTP."""

from __future__ import annotations

import http.client
import json
import os
from contextlib import contextmanager

import pytest

COMPUTES = "/api/v1/workspaces/default/computes"
WAIT = 'echo up; while [ ! -e "$GATE" ]; do sleep 0.02; done'
CPUS = "python -c 'import os; print(sorted(os.sched_getaffinity(0)))'"
TABLE = """
cd ${{outputs.o}}; mkdir 'sub dir'; echo 1 > 'sub dir/a.csv'; echo 2 > b.csv; echo 3 > c.txt
printf 'paths:\\n  - pattern: "**/*.csv"\\n' > MLTable
"""


@contextmanager
def messages(served, name, words):
    """Give the messages of a job's stream one by one, as they come."""
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
    connection.request("GET", f"{words.jobs}/{name}/stream", headers={"Authorization": f"Bearer {served.token}"})
    try:
        yield (json.loads(line) for line in connection.getresponse())
    finally:
        connection.close()


def until(said, key, label):
    """Return the message that says that a step came into a state."""
    return next(one for one in said if one["type"] == "step" and one["key"] == key and one["label"] == label)


@pytest.fixture
def pool(running):
    """Makes a compute and returns what the server says of it."""

    def make(name, method="PUT", **body):
        status, said = running.ask(method, f"{COMPUTES}/{name}", {"type": "amlcompute", **body})
        assert status == 200, said
        return json.loads(said)

    return make


def test_a_pool_grows_while_a_step_waits_for_it(running, words, pool, tmp_path):
    """Until then the step says what it waits for; the instances say who has them."""
    pool("grows", max_instances=1)
    gate = {"GATE": str(tmp_path / "gate")}
    jobs = {key: words.step(WAIT, compute="azureml:grows", environment_variables=gate) for key in ("a", "b")}
    name = running.submit(jobs)
    with messages(running, name, words) as said:
        until(said, "a", "Running")
        b = next(row for row in running.get(f"{words.jobs}/{name}/children")["value"] if row["step"] == "b")
        assert (b["status"], b["waiting_for"]) == ("Queued", "waiting for a slot on `grows`: 1 of 1 in use")
        (node,) = running.get(f"{COMPUTES}/grows/nodes")["value"]
        assert (node["node_id"], node["node_state"], node["step"]) == ("grows-0", "running", "a")
        status, body = running.ask("DELETE", f"{COMPUTES}/grows")
        assert (status, json.loads(body)["error"]["code"]) == (409, "in-use")

        pool("grows", "PATCH", max_instances=2)
        until(said, "b", "Running")
        assert [node["step"] for node in running.get(f"{COMPUTES}/grows/nodes")["value"]] == ["a", "b"]
        assert running.get(f"{COMPUTES}/grows")["slots_in_use"] == 2
        (tmp_path / "gate").touch()
        assert [one["job"]["status"] for one in said if one["type"] == "end"] == ["Completed"]


def test_who_has_priority_goes_first(running, words, pool, tmp_path):
    """Then the older job; both waited for the same slot."""
    pool("queue", max_instances=1)
    gate = {"GATE": str(tmp_path / "gate")}
    first = running.submit({"a": words.step(WAIT, compute="azureml:queue", environment_variables=gate)})
    with messages(running, first, words) as said:
        until(said, "a", "Running")
        names = [
            running.submit({"a": words.step("true", compute="azureml:queue", queue_settings={"priority": priority})})
            for priority in ("low", "medium", "high", "medium")
        ]
        (tmp_path / "gate").touch()
    ends = [running.follow(name)[-1]["steps"][0]["started_at"] for name in names]

    low, older, high, younger = ends
    assert sorted(ends) == [high, older, younger, low]


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="a process cannot be bound to CPUs")
def test_a_step_has_the_cpus_of_its_instance(running, words, pool):
    """One of one CPU is bound to it; its record says which. On `local` it may use all."""
    if len(os.sched_getaffinity(0)) == 1:
        pytest.skip("this machine has one CPU")
    pool("small", max_instances=1, cpus=1)
    name = running.submit({"a": words.step(CPUS, compute="azureml:small"), "b": words.step(CPUS)})
    logs = {one["key"]: json.loads(one["text"]) for one in running.follow(name) if one["type"] == "log"}
    shown = {row["step"]: row for row in running.get(f"{words.jobs}/{name}/children")["value"]}

    assert len(logs["a"]) == 1
    assert shown["a"]["instance"] == {"nodes": ["small-0"], "cpus": logs["a"]}
    assert (logs["b"], "instance" in shown["b"]) == (sorted(os.sched_getaffinity(0)), False)


def test_gpus_are_shared_out(served, words):
    """Each instance sees its own; a third one waits for a free GPU."""
    served.start(CUDA_VISIBLE_DEVICES="3,5")
    for name, body in {"gpu": {"max_instances": 3, "gpus": 1}, "cpu": {"gpus": 0}}.items():
        assert served.ask("PUT", f"{COMPUTES}/{name}", {"type": "amlcompute", **body})[0] == 200
    gate = {"GATE": str(served.home / "gate")}
    command = f'echo "<$CUDA_VISIBLE_DEVICES>"; {WAIT}'
    jobs = {key: words.step(command, compute="azureml:gpu", environment_variables=gate) for key in ("a", "b", "c")}
    jobs["d"] = words.step('echo "<$CUDA_VISIBLE_DEVICES>"', compute="azureml:cpu")
    name = served.submit(jobs)
    with messages(served, name, words) as said:
        until(said, "b", "Running")
        (served.home / "gate").touch()
        assert list(said)[-1]["type"] == "end"
    logs = {one["key"]: one["text"].splitlines()[0] for one in served.follow(name) if one["type"] == "log"}

    assert {logs["a"], logs["b"]} == {"<3>", "<5>"}
    assert logs["c"] in ("<3>", "<5>")
    assert logs["d"] == "<>"
    assert served.get(f"{COMPUTES}/gpu")["slots"] == 2


@pytest.mark.parametrize("mode", ["eval_mount", "eval_download"])
def test_a_step_sees_the_files_that_a_table_names(running, words, mode):
    """In the place of the folder that an earlier step wrote, whatever that called it."""
    name = running.submit(
        {
            "a": words.step(TABLE, outputs={"o": {"type": "uri_folder"}}),
            "b": words.step(
                "cd ${{inputs.t}}; find . -type f | LC_ALL=C sort; cat 'sub dir/a.csv' b.csv",
                inputs={"t": {"type": "mltable", "path": "${{parent.jobs.a.outputs.o}}", "mode": mode}},
            ),
        }
    )
    said = running.follow(name)

    assert said[-1]["job"]["status"] == "Completed", said[-1]
    logs = "".join(one["text"] for one in said if one["type"] == "log" and one["key"] == "b")
    assert logs == "./b.csv\n./sub dir/a.csv\n1\n2\n"


def test_a_folder_that_is_no_table_fails_its_step(running, words):
    """With a sentence and a code; the command never runs."""
    name = running.submit(
        {
            "a": words.step("true", outputs={"o": {"type": "mltable"}}),
            "b": words.step(
                "true", inputs={"t": {"type": "mltable", "path": "${{parent.jobs.a.outputs.o}}", "mode": "eval_mount"}}
            ),
        }
    )
    end = running.follow(name)[-1]
    error = next(step["error"] for step in end["steps"] if step["key"] == "b")

    assert error["code"] == "not-an-mltable"
    assert error["message"].startswith("input `t`: there is no file `MLTable`")


def test_only_a_table_can_be_evaluated(running, words):
    """The refusal names the type and says why."""
    document = {
        "type": "pipeline",
        "jobs": {
            "a": words.step("true", outputs={"o": {"type": "uri_folder"}}),
            "b": words.step(
                "ls ${{inputs.t}}",
                inputs={"t": {"type": "uri_folder", "path": "${{parent.jobs.a.outputs.o}}", "mode": "eval_mount"}},
            ),
        },
    }
    status, body = running.ask("POST", words.jobs, {"document": document})
    (problem,) = [one for one in json.loads(body)["error"]["diagnostics"] if one["severity"] == "error"]

    assert (status, problem["code"], problem["found"]) == (422, "mode-mismatch", "`uri_folder`")
