"""The answer of `job run-step`: an order, and a token that holds as long as somebody listens."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeyard.api.app import create_app
from pipeyard.model.errors import ComputeError
from tests.integration.api.conftest import JOBS, PORT, TOKEN, Api, lines_of, step

PIPELINE = {"type": "pipeline", "jobs": {"in": step(), "second": step(depends_on="in")}}


class Scratch:
    """A `ports.Rehearsal` that remembers, and lets a test act while the token holds."""

    folder = Path("/scratch/rehearsals")

    def __init__(self):
        self.asked = []
        self.released = []
        self.problem = None
        self.meanwhile = lambda _token: None

    def order(self, records, node, root, token):
        self.asked.append((records[0].name, node, root))
        self.token = token
        self.meanwhile(token)
        if self.problem is not None:
            raise self.problem
        return {"command": "echo", "inputs": []}

    def release(self, records, node):
        self.released.append(node)


@pytest.fixture
def scratch(tmp_path, portal):
    """A server that is asked for one order and then let go of."""
    it = Api(tmp_path, portal)
    it.scratch = Scratch()
    world = replace(it.desk.world, rehearsal=it.scratch)
    # What follows the order are beats until somebody hangs up; here the server does.
    it.app = create_app(replace(it.desk, world=world, is_stopping=lambda: True), port=PORT)
    it.client = it.caller({"authorization": f"Bearer {TOKEN}"})
    yield it
    it.store.close()


def rehearse(api, name, step):
    return api.client.post(f"{JOBS}/{name}/rehearsal", json={"step": step})


def test_a_step_is_answered_with_an_order_for_a_folder_of_its_own(scratch):
    """The order names the folder, and the job goes on as if nothing was."""
    job = scratch.submit(PIPELINE["jobs"])["name"]
    before = scratch.client.get(f"{JOBS}/{job}").json()
    (message,) = [line for line in lines_of(rehearse(scratch, job, "second")) if line["type"] == "order"]

    assert message["step"] == "second"
    assert message["root"].startswith("/scratch/rehearsals/")
    assert scratch.scratch.asked == [(job, "second", message["root"])]
    assert scratch.scratch.released == ["second"]
    assert scratch.client.get(f"{JOBS}/{job}").json() == before


def test_the_token_reads_the_jobs_record_after_its_end_and_changes_nothing(scratch):
    """A script that sets tags of its own job leaves no trace when it is only tried out."""
    job = scratch.submit(PIPELINE["jobs"])["name"]
    own = scratch.steps(job)["second"].name
    other = scratch.steps(job)["in"].name
    scratch.end(job)
    seen = {}

    def ask(token):
        caller = scratch.caller({"authorization": f"Bearer {token}"})
        seen["own"] = caller.get(f"{JOBS}/{own}").status_code
        seen["other"] = caller.get(f"{JOBS}/{other}").status_code
        seen["change"] = caller.patch(f"{JOBS}/{own}", json={"tags": {"a": "b"}}).json()["error"]["code"]

    scratch.scratch.meanwhile = ask
    rehearse(scratch, job, "second")

    assert seen == {"own": 200, "other": 403, "change": "reads-only"}


def test_the_token_ends_with_the_answer(scratch):
    """Nobody has to remember to end it."""
    job = scratch.submit(PIPELINE["jobs"])["name"]
    rehearse(scratch, job, "second")
    caller = scratch.caller({"authorization": f"Bearer {scratch.scratch.token}"})

    assert caller.get(f"{JOBS}/{job}").status_code == 401


def test_what_is_not_there_is_said_in_the_answer(scratch):
    """It may take minutes to find out; then the answer has begun."""
    job = scratch.submit(PIPELINE["jobs"])["name"]
    scratch.scratch.problem = ComputeError("input `d`: step `in` left no output `o`", code="missing-output")
    (message,) = [line for line in lines_of(rehearse(scratch, job, "second")) if line["type"] == "error"]

    assert message["error"]["code"] == "inputs-not-there"
    assert f"pipeyard job resume {job}" in message["error"]["hint"]


@pytest.mark.parametrize(
    ("wanted", "status", "code"),
    [("secnd", 404, "unknown-step"), ("", 404, "unknown-step"), (1, 400, "bad-request"), (None, 400, "bad-request")],
)
def test_a_step_that_is_none_is_refused_before_anything_is_made_ready(scratch, wanted, status, code):
    """With the usual envelope and the nearest name."""
    job = scratch.submit(PIPELINE["jobs"])["name"]
    answer = rehearse(scratch, job, wanted)

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_a_step_may_be_named_by_its_own_jobs_name(scratch):
    """As `job list -p` shows it; the job before it may be the step itself."""
    job = scratch.submit(PIPELINE["jobs"])["name"]
    own = scratch.steps(job)["second"].name
    rehearse(scratch, job, own)
    rehearse(scratch, own, "")

    assert [node for _, node, _ in scratch.scratch.asked] == ["second", "second"]


def test_a_pipeline_has_no_command(scratch):
    """The error names the steps in it."""
    inner = {"type": "pipeline", "jobs": {"deep": step()}}
    job = scratch.submit({"outer": {"type": "pipeline", "component": inner}})["name"]
    answer = rehearse(scratch, job, "outer").json()["error"]

    assert (answer["code"], answer["hint"]) == ("not-a-command", "in it are `outer/deep`")


def test_a_job_is_resumed_and_rerun_over_http(scratch):
    """201 with the new job; 200 with the old one when nothing is left to do."""
    job = scratch.submit(PIPELINE["jobs"])["name"]
    assert scratch.client.post(f"{JOBS}/{job}/resume", json={}).json()["error"]["code"] == "not-ended"
    scratch.end(job)
    again = scratch.client.post(f"{JOBS}/{job}/resume", json={})
    rerun = scratch.client.post(f"{JOBS}/{job}/rerun", json={"steps": ["in"], "user": "ben"})

    assert (again.status_code, again.json()["name"]) == (200, job)
    assert rerun.status_code == 201
    assert rerun.json()["reuse_plan"] == {"source": job, "rerun": ["in", "second"]}
    assert rerun.json()["properties"]["pipeyard.rerun_of"] == job
