"""Which step's progress is meant, and what a rerun of its failed mini-batches takes over."""

from __future__ import annotations

import json

import pytest

from pipeyard.model.driver import BATCHES_FROM
from pipeyard.model.errors import Conflict, NotFound, UserError
from pipeyard.model.status import JobStatus
from pipeyard.service.again import AgainRequest, again_request, rerun_job, resume_job
from pipeyard.service.parallel import show_parallel
from pipeyard.service.submit import submit_job

TASK = {
    "type": "parallel",
    "inputs": {"d": {"path": "azureml://datastores/workspaceblobstore/paths/there"}},
    "input_data": "${{inputs.d}}",
    "task": {
        "code": "azureml://datastores/workspaceblobstore/paths/there",
        "entry_script": "a.py",
        "environment": "local",
    },
}


@pytest.fixture
def old(yard, words, tmp_path, monkeypatch):
    """An ended job: `a` and `b` are parallel steps, `c` is none. Returns a function that says how far a step came."""
    monkeypatch.setattr(
        type(yard.datastores), "local_path", lambda _self, _ws, uri: tmp_path / str(uri).partition("/paths/")[2]
    )
    (tmp_path / "there").mkdir()
    document = words.pipeline({"a": TASK, "b": {**TASK, "inputs": {"d": TASK["inputs"]["d"]}}, "c": words.command()})
    submit_job(yard.world, "default", yard.request(document, name="old"))
    steps = {record.node_id: record.name for record in yard.store.jobs.values() if record.root_name == "old"}
    for node, name in steps.items():
        yard.end(name, JobStatus.FAILED if node in ("", "a") else JobStatus.COMPLETED)

    def came(step, done, total, **more):
        place = tmp_path / "ExperimentRun" / f"dcid.{steps[step]}" / "logs" / "parallel"
        place.mkdir(parents=True)
        counts = {"total": total, "done": done, "failed": total - done}
        (place / "progress.json").write_text(json.dumps({"mini_batches": counts, "failed": [], **more}))
        return steps[step]

    return came


def test_the_only_parallel_step_needs_no_name(yard, old):
    """With several, one has to be named; what is none says so."""
    name = old("a", 3, 4)
    assert show_parallel(yard.world, "default", name)["mini_batches"]["done"] == 3
    old("b", 4, 4)
    with pytest.raises(Conflict, match="several parallel steps: `a`, `b`"):
        show_parallel(yard.world, "default", "old")
    assert show_parallel(yard.world, "default", "old", "b")["mini_batches"]["done"] == 4
    with pytest.raises(NotFound, match="step `c` has no progress"):
        show_parallel(yard.world, "default", "old", "c")


def test_a_parallel_step_that_has_not_begun_says_so(yard, old, words):
    """Nothing is known of its mini-batches yet. A job without such a step has none."""
    found = show_parallel(yard.world, "default", "old", "a")
    assert (found["state"], found["mini_batches"]["total"], found["crew"]) == ("waiting", None, [])

    submit_job(yard.world, "default", yard.request(words.pipeline({"c": words.command()}), name="none"))
    with pytest.raises(NotFound, match="job `none` has no progress of a parallel step"):
        show_parallel(yard.world, "default", "none")


def test_a_rerun_of_failed_mini_batches_says_who_has_the_others(yard, old):
    """Only of parallel steps, and only where something is left to run."""
    earlier = old("a", 3, 4)
    old("b", 4, 4)

    def rerun(step):
        return rerun_job(yard.world, "default", "old", AgainRequest(steps=(step,), failed_batches=True))

    assert rerun("a").detail[BATCHES_FROM] == {"a": earlier}
    with pytest.raises(Conflict, match="every mini-batch of step `b` completed"):
        rerun("b")
    with pytest.raises(UserError, match="`c` is no parallel step"):
        rerun("c")
    with pytest.raises(UserError, match="`failed_batches` has to be true or false"):
        again_request({"failed_batches": "yes"})


def test_one_parallel_step_need_not_be_named_to_run_its_failed_mini_batches(yard, old, words):
    """One that is a whole job has no name; of several, one has to be named."""
    old("a", 3, 4)
    with pytest.raises(Conflict, match="several parallel steps: `a`, `b`"):
        rerun_job(yard.world, "default", "old", AgainRequest(failed_batches=True))

    submit_job(yard.world, "default", yard.request({**TASK, "name": "alone"}, name="alone"))
    yard.end("alone", JobStatus.FAILED)
    again = rerun_job(yard.world, "default", "alone", AgainRequest(failed_batches=True))
    assert again.detail[BATCHES_FROM] == {"": "alone"}
    assert "pipeyard.rerun_steps" not in again.properties

    submit_job(yard.world, "default", yard.request(words.pipeline({"c": words.command()}), name="none"))
    yard.end("none", JobStatus.FAILED)
    with pytest.raises(UserError, match="job `none` has no parallel step"):
        rerun_job(yard.world, "default", "none", AgainRequest(failed_batches=True))


def test_what_a_killed_driver_last_said_is_not_taken_for_work(yard, old):
    """Its workers have ended, and no time is left."""
    old("a", 3, 4, state="running", seconds_left=9.0, crew=[{"worker": 0, "state": "working", "mini_batch": 3}])
    found = show_parallel(yard.world, "default", "old", "a")

    assert (found["state"], found["seconds_left"]) == ("interrupted", None)
    assert (found["crew"][0]["state"], found["crew"][0]["mini_batch"]) == ("ended", None)


def test_a_resumed_job_takes_finished_mini_batches_over(yard, old):
    """Those of the steps that did not complete; not with newer versions, which may mean other work."""
    earlier = old("a", 3, 4)

    assert resume_job(yard.world, "default", "old", AgainRequest())[0].detail[BATCHES_FROM] == {"a": earlier}
    assert BATCHES_FROM not in resume_job(yard.world, "default", "old", AgainRequest(latest=True))[0].detail
