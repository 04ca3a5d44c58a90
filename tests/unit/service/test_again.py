"""A job run again: what it means, what it takes over, when there is nothing to do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeyard.model.asset_record import AssetVersion
from pipeyard.model.assets import AssetKind, DatastoreUri, DataUri
from pipeyard.model.errors import Conflict, NotFound, SpecError, UserError
from pipeyard.model.reuse import ReusePlan
from pipeyard.model.status import JobStatus
from pipeyard.service.again import AgainRequest, again_request, rerun_job, resume_job
from pipeyard.service.submit import submit_job

OUT = {"o": {"type": "uri_folder"}}
INNER = {
    "type": "pipeline",
    "jobs": {
        "split": {"type": "command", "command": "echo", "environment": {"image": "i"}},
        "join": {"type": "command", "command": "echo", "environment": {"image": "i"}, "depends_on": ["split"]},
    },
}


@pytest.fixture
def chain(words):
    """Four steps: `b` waits for `a`, `c` for `b`; `apart` for nobody."""
    return words.pipeline(
        {
            "a": words.command(),
            "b": words.command(depends_on="a"),
            "c": words.command(depends_on=["b"]),
            "apart": words.command(),
        }
    )


def run(yard, document, *, failed=(), status=JobStatus.FAILED, name="old", **more):
    """Submit a job and let it end; *failed* are steps that did not complete."""
    submit_job(yard.world, "default", yard.request(document, name=name, **more))
    for record in list(yard.store.jobs.values()):
        if record.root_name == name:
            own = status if record.is_root or record.node_id in failed else JobStatus.COMPLETED
            yard.end(record.name, own)
    return name


def test_a_resumed_job_is_a_new_one_with_the_same_work_and_a_plan(yard, chain):
    """It has its own name, says where it comes from, and leaves to the engine what is taken over."""
    run(yard, {**chain, "name": "old", "experiment_name": "e1"}, failed=["b", "c"])
    job, is_new = resume_job(yard.world, "default", "old", AgainRequest(user="ben"))
    accepted = yard.runner.accepted[-1]

    assert is_new
    assert job.name != "old"
    assert (job.experiment_name, job.created_by) == ("e1", "ben")
    assert job.properties["pipeyard.resumed_from"] == "old"
    assert accepted.reuse_plan == ReusePlan("old")
    assert job.detail["reuse_plan"] == {"source": "old", "rerun": []}
    assert accepted.graph == yard.runner.accepted[0].graph
    assert [record.node_id for record in accepted.records] == ["", "a", "b", "c", "apart"]


def test_of_a_completed_job_nothing_is_left_to_do(yard, chain):
    """Resuming it creates nothing; with `latest` what it names may have changed, so that a new one is made."""
    run(yard, chain, status=JobStatus.COMPLETED)

    assert resume_job(yard.world, "default", "old", AgainRequest())[0].name == "old"
    assert len(yard.runner.accepted) == 1
    assert resume_job(yard.world, "default", "old", AgainRequest(latest=True))[1]


@pytest.mark.parametrize("status", [JobStatus.RUNNING, JobStatus.PREPARING, JobStatus.CANCEL_REQUESTED])
@pytest.mark.parametrize("verb", [resume_job, rerun_job])
def test_a_job_that_has_not_ended_is_not_run_again(yard, chain, status, verb):
    """Its steps might still complete; the error says how to wait or to cancel."""
    run(yard, chain, status=status)
    with pytest.raises(Conflict) as caught:
        verb(yard.world, "default", "old", AgainRequest(steps=("a",)))

    assert caught.value.code == "not-ended"
    assert "job cancel -n old" in caught.value.hint


def test_a_step_is_not_resumed_alone(yard, chain):
    """The error names the command that does what was probably meant."""
    run(yard, chain)
    step = next(name for name, job in yard.store.jobs.items() if job.node_id == "b")
    with pytest.raises(Conflict) as caught:
        resume_job(yard.world, "default", step, AgainRequest())

    assert "pipeyard job rerun old --step b" in caught.value.hint


def test_a_rerun_names_the_steps_that_run_in_any_case(yard, chain):
    """Those that were asked for, and everything that depends on them, if only by order."""
    run(yard, chain, status=JobStatus.COMPLETED)
    job = rerun_job(yard.world, "default", "old", AgainRequest(steps=("b", "apart")))

    assert yard.runner.accepted[-1].reuse_plan == ReusePlan("old", frozenset({"b", "c", "apart"}))
    assert job.properties["pipeyard.rerun_of"] == "old"
    assert job.properties["pipeyard.rerun_steps"] == "b, apart"


def test_a_pipeline_inside_the_job_stands_for_all_its_steps(yard, words):
    """Inner steps are named by their path, and a group by its own name."""
    jobs = {"prepare": {"type": "pipeline", "component": INNER}, "train": words.command()}
    run(yard, words.pipeline(jobs))
    rerun_job(yard.world, "default", "old", AgainRequest(steps=("prepare",)))
    rerun_job(yard.world, "default", "old", AgainRequest(steps=("prepare/join",)))

    plans = [job.reuse_plan.rerun for job in yard.runner.accepted[1:]]
    assert plans == [{"prepare/split", "prepare/join"}, {"prepare/join"}]


@pytest.mark.parametrize(
    ("step", "hint"),
    [
        ("tran", "did you mean `train`?"),
        ("join", "did you mean `prepare/join`?"),
        ("prepare/joint", "did you mean `prepare/join`?"),
        ("nothing like it", "its steps are `prepare/split`, `prepare/join`, `train`, `prepare`"),
        ("", "its steps are"),
    ],
)
def test_an_unknown_step_is_answered_with_the_nearest(yard, words, step, hint):
    """Whoever leaves out the pipelines around a step is shown the whole path."""
    jobs = {"prepare": {"type": "pipeline", "component": INNER}, "train": words.command()}
    run(yard, words.pipeline(jobs))
    with pytest.raises(NotFound) as caught:
        rerun_job(yard.world, "default", "old", AgainRequest(steps=(step,)))

    assert caught.value.code == "unknown-step"
    assert hint in caught.value.hint


def test_a_single_command_has_no_steps_and_can_be_resumed(yard, words):
    """A stand-alone job is its own only step."""
    run(yard, words.command())
    with pytest.raises(NotFound, match="is one command"):
        rerun_job(yard.world, "default", "old", AgainRequest(steps=("a",)))

    assert resume_job(yard.world, "default", "old", AgainRequest())[1]


@pytest.fixture
def moving(yard):
    """A component `work@latest` that can move on, and a data asset."""

    def put(version, text):
        body = {"type": "command", "command": text, "environment": {"image": "i"}}
        asset = AssetVersion(
            "default",
            AssetKind.COMPONENT,
            "work",
            version,
            "command",
            1,
            "ann",
            body,
            f"d{version}",
            serial=int(version),
        )
        yard.assets.versions[asset.key] = asset
        return asset

    return put


def test_a_resumed_job_runs_the_versions_that_the_first_one_ran(yard, words, moving):
    """`@latest` means what it meant then, also when that version is gone; `latest` looks anew."""
    first = moving("1", "echo one")
    run(yard, words.pipeline({"a": {"component": "azureml:work@latest"}}))
    moving("2", "echo two")
    del yard.assets.versions[first.key]

    resume_job(yard.world, "default", "old", AgainRequest())
    pinned = yard.runner.accepted[-1]
    resume_job(yard.world, "default", "old", AgainRequest(latest=True))
    latest = yard.runner.accepted[-1]

    assert pinned.graph.nodes["a"].component.command.text == "echo one"
    assert latest.graph.nodes["a"].component.command.text == "echo two"
    assert pinned.records[0].detail["pinned"] == yard.runner.accepted[0].records[0].detail["pinned"]
    assert pinned.submission.components == yard.runner.accepted[0].submission.components


def test_a_resumed_job_can_be_resumed_again(yard, words, moving):
    """What was pinned goes with it from job to job."""
    moving("1", "echo one")
    run(yard, words.pipeline({"a": {"component": "azureml:work@latest"}}))
    second, _ = resume_job(yard.world, "default", "old", AgainRequest())
    moving("2", "echo two")
    yard.end(second.name, JobStatus.CANCELED)
    resume_job(yard.world, "default", second.name, AgainRequest())

    assert yard.runner.accepted[-1].graph.nodes["a"].component.command.text == "echo one"
    assert yard.runner.accepted[-1].reuse_plan == ReusePlan(second.name)


def test_data_is_the_same_bytes_and_missing_data_is_said_before_anything_runs(yard, words):
    """A registered version's place and content are taken over from the first job; it must still be there."""
    uri = DatastoreUri("workspaceblobstore", "data/d/1")
    asset = AssetVersion(
        "default",
        AssetKind.DATA,
        "d",
        "1",
        "uri_folder",
        1,
        "ann",
        {"path": str(uri)},
        "x",
        serial=1,
        uri=uri,
        content="c1",
    )
    yard.assets.versions[asset.key] = asset
    yard.datastores.there.add(str(uri))
    step = words.command("ls ${{inputs.d}}", inputs={"d": {"type": "uri_folder", "path": "azureml:d@latest"}})
    run(yard, words.pipeline({"a": step}))
    yard.assets.versions.clear()
    resume_job(yard.world, "default", "old", AgainRequest())
    first, second = yard.runner.accepted

    assert second.graph.nodes["a"].inputs["d"].path == DataUri(str(uri))
    assert second.graph == first.graph
    assert second.records[1].detail["inputs"] == first.records[1].detail["inputs"]

    yard.datastores.there.clear()
    with pytest.raises(SpecError):
        resume_job(yard.world, "default", "old", AgainRequest())


def test_a_version_that_a_step_would_make_twice_is_refused_before_it_runs(yard, words):
    """What completed is taken over with its version; a step that runs again could not store its output."""
    step = words.command("ls ${{outputs.o}}", outputs={"o": {"type": "uri_folder", "name": "made", "version": "7"}})
    run(yard, words.pipeline({"a": step, "b": words.command(depends_on="a")}), failed=["b"])
    made = AssetVersion("default", AssetKind.DATA, "made", "7", "uri_folder", 1, "ann", {}, "x", serial=1)
    yard.assets.versions[made.key] = made

    assert resume_job(yard.world, "default", "old", AgainRequest())[1]
    with pytest.raises(SpecError) as caught:
        rerun_job(yard.world, "default", "old", AgainRequest(steps=("a",)))
    assert [problem.code for problem in caught.value.diagnostics] == ["version-exists"]


def test_the_history_says_which_job_it_came_from(yard, chain):
    """Who asked, and of which job."""
    run(yard, chain)
    resume_job(yard.world, "default", "old", AgainRequest(user="ben"))
    (entry,) = yard.runner.accepted[-1].audit

    assert (entry.by, dict(entry.detail)) == ("ben", {"pipeyard.resumed_from": "old"})


@pytest.mark.parametrize("body", [None, [], {"steps": "a"}, {"steps": [1]}, {"latest": "yes"}, {"user": 1}])
def test_a_request_of_a_wrong_shape_is_refused(body):
    """It is the caller's mistake, and said so."""
    with pytest.raises(UserError) as caught:
        again_request(body)

    assert caught.value.code == "bad-request"


def test_a_job_whose_submission_is_gone_cannot_be_run_again(yard, chain):
    """There is nothing to make the new one from."""
    run(yard, chain)
    yard.store.submissions.clear()
    with pytest.raises(Conflict) as caught:
        resume_job(yard.world, "default", "old", AgainRequest())

    assert caught.value.code == "not-kept"


def test_rerun_without_steps_is_refused(yard, chain):
    """Nothing named means nothing meant."""
    run(yard, chain)
    with pytest.raises(UserError):
        rerun_job(yard.world, "default", "old", AgainRequest())


def test_facts_of_the_checkout_go_with_the_work(yard, chain):
    """The code is still that of the commit that the first job was made from."""
    run(yard, chain, git={"azureml.git.dirty": "False", "mlflow.source.git.commit": "abc"})
    yard.store.jobs["old"] = replace(yard.store.jobs["old"], tags={"later": "tag"})
    job, _ = resume_job(yard.world, "default", "old", AgainRequest())

    assert job.properties["mlflow.source.git.commit"] == "abc"
    assert "later" not in job.tags


def test_what_pipeyards_own_keys_say_is_shown_of_each_step_that_has_them(yard, words):
    """Other steps say nothing of them."""
    retry = {"max": 2, "backoff_seconds": 1, "when": ["lost", 137]}
    jobs = {"a": words.command(), "b": words.command(depends_on=["a"], retry=retry, reuse=False)}
    run(yard, words.pipeline(jobs))
    details = {record.node_id: record.detail for record in yard.runner.accepted[0].records}

    assert {"depends_on", "retry", "may_reuse"}.isdisjoint(details["a"])
    assert details["b"]["depends_on"] == ["a"]
    assert details["b"]["retry"] == {"max": 2, "backoff_seconds": 1.0, "when": ["lost", 137]}
    assert details["b"]["may_reuse"] is False


def test_the_interpreter_of_whoever_submitted_first_stays(yard, chain):
    """`environment: local` means the same Python in the job that goes on."""
    run(yard, chain, python="/opt/python3")
    job, _ = resume_job(yard.world, "default", "old", AgainRequest())

    assert job.detail["python"] == "/opt/python3"
