"""A job run again with other inputs: what changes, what stays, what is refused."""

from __future__ import annotations

import pytest

from pipeyard.model.asset_record import AssetVersion
from pipeyard.model.assets import AssetKind, DatastoreUri, DataUri
from pipeyard.model.errors import NotFound, SpecError, UserError
from pipeyard.model.status import JobStatus
from pipeyard.service.resubmit import ResubmitRequest, resubmit_job, resubmit_request
from pipeyard.service.submit import submit_job


@pytest.fixture
def old(yard, words):
    """A job that still runs, with a number and a text as inputs."""
    document = words.pipeline(
        {"a": words.command(command="echo ${{inputs.n}}", inputs={"n": "${{parent.inputs.rate}}"})}
    )
    submit_job(yard.world, "default", yard.request({**document, "inputs": {"rate": 0.1, "word": "hi"}}, name="old"))
    return "old"


def test_a_new_value_takes_the_place_of_the_old_one(yard, old):
    """The rest is as it was, the job need not have ended, and the new one says where it comes from."""
    job = resubmit_job(yard.world, "default", old, ResubmitRequest(inputs={"rate": 0.5}, display_name="faster"))

    assert job.detail["inputs"] == {"rate": {"value": 0.5}, "word": {"value": "hi"}}
    assert (job.display_name, job.status) == ("faster", JobStatus.PREPARING)
    assert job.properties["pipeyard.resubmitted_from"] == "old"
    assert yard.store.submissions[job.name].document["inputs"] == {"rate": 0.5, "word": "hi"}


def test_an_input_that_the_job_does_not_have_is_answered_with_the_nearest(yard, old):
    """Nothing is submitted."""
    with pytest.raises(NotFound) as caught:
        resubmit_job(yard.world, "default", old, ResubmitRequest(inputs={"rat": 1}))

    assert (caught.value.code, caught.value.hint) == ("unknown-input", "did you mean `rate`?")
    assert len(yard.runner.accepted) == 1


def test_a_value_that_does_not_fit_is_refused_as_in_a_file(yard, old):
    """With the place of the input."""
    with pytest.raises(SpecError) as caught:
        resubmit_job(yard.world, "default", old, ResubmitRequest(inputs={"word": ["no"]}))

    assert caught.value.diagnostics[0].place.path == ("inputs", "word")


def test_only_what_is_new_is_looked_up(yard, words):
    """Other data is found now, and pinned; what stays means what it meant, though its version is gone."""

    def put(name, version):
        uri = DatastoreUri("workspaceblobstore", f"data/{name}/{version}")
        body = {"path": str(uri)}
        asset = AssetVersion(
            "default", AssetKind.DATA, name, version, "uri_folder", 1, "ann", body, "x", serial=int(version), uri=uri
        )
        yard.assets.versions[asset.key] = asset
        yard.datastores.there.add(str(uri))
        return asset.key

    first = [put("a", "1"), put("b", "1")]
    step = words.command(
        "ls ${{inputs.a}} ${{inputs.b}}", inputs={"a": "${{parent.inputs.a}}", "b": "${{parent.inputs.b}}"}
    )
    inputs = {name: {"type": "uri_folder", "path": f"azureml:{name}@latest"} for name in "ab"}
    submit_job(yard.world, "default", yard.request({**words.pipeline({"s": step}), "inputs": inputs}, name="old"))
    for key in first:
        del yard.assets.versions[key]
    put("a", "2")
    job = resubmit_job(yard.world, "default", "old", ResubmitRequest(inputs={"a": "azureml:a:2"}))

    graph = yard.runner.accepted[-1].graph
    assert graph.nodes["s"].inputs["a"].path == DataUri("azureml://datastores/workspaceblobstore/paths/data/a/2")
    assert graph.nodes["s"].inputs["b"].path == DataUri("azureml://datastores/workspaceblobstore/paths/data/b/1")
    assert sorted(job.detail["pinned"].values()) == ["azureml:a:2", "azureml:b:1"]


def test_every_step_can_be_asked_to_run(yard, old):
    """Then no result from earlier stands for any."""
    job = resubmit_job(yard.world, "default", old, ResubmitRequest(force_rerun=True))

    assert yard.runner.accepted[-1].reuse_plan.rerun == {"a"}
    assert job.detail["reuse_plan"]["rerun"] == ["a"]


@pytest.mark.parametrize("body", [[], {"inputs": []}, {"latest": 1}, {"display_name": 3}, {"force_rerun": "yes"}])
def test_a_request_of_a_wrong_shape_is_refused(body):
    """Naming the member that is wrong."""
    with pytest.raises(UserError, match="has to be"):
        resubmit_request(body)
