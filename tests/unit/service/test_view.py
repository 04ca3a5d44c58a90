from __future__ import annotations

from dataclasses import replace

import pytest

from pipeyard.model.status import JobStatus
from pipeyard.service.submit import submit_job
from pipeyard.service.view import job_json, job_label
from pipeyard.service.wire import time_text
from pipeyard.spec.render import tree_digest

ENDPOINT = "http://127.0.0.1:1"


def shown(yard, document, **more):
    job, _ = submit_job(yard.world, "default", yard.request(document, **more))
    return job_json(job, ENDPOINT, yard.store.submissions[job.name])


def test_what_the_article_reads_is_there(yard, words):
    """Name, experiment, status and the page's address, in Azure's places."""
    found = shown(yard, words.pipeline(name="mine"))

    assert (found["name"], found["experiment_name"], found["status"]) == ("mine", "folder", "Preparing")
    assert found["services"]["Studio"]["endpoint"] == f"{ENDPOINT}/jobs/mine"
    assert found["id"].endswith("/workspaces/default/jobs/mine")
    assert found["creation_context"]["created_at"] == "2023-11-14T22:13:20.123Z"


def test_the_effective_failure_setting_is_shown(yard, words):
    """Also when it was not written."""
    assert shown(yard, words.pipeline())["settings"]["continue_on_step_failure"] is True


def test_steps_keep_their_expressions(yard, words):
    """`jobs` is what was written, with the component as an id."""
    component = {**words.command("cat ${{inputs.i}}"), "inputs": {"i": {"type": "string"}}}
    digest = tree_digest(component)
    reference = f"azureml:azureml_anonymous:{digest}"
    step = {"component": reference, "inputs": {"i": "${{parent.inputs.n}}"}}
    found = shown(yard, words.pipeline({"a": step}, inputs={"n": "x"}), components={digest: component})

    assert found["jobs"]["a"] == {
        "$schema": "{}",
        "type": "command",
        "component": reference,
        "inputs": {"i": "${{parent.inputs.n}}"},
        "outputs": {},
    }
    assert found["inputs"] == {"n": "x"}


def test_a_data_input_is_shown_as_azure_does(yard, words):
    """The path behind `azureml:`, with type and mode."""
    uri = yard.upload("d1", "x.csv")
    jobs = {"a": words.command("cat ${{inputs.d}}", inputs={"d": "${{parent.inputs.d}}"})}
    found = shown(yard, words.pipeline(jobs, inputs={"d": {"type": "uri_file", "path": uri}}))

    assert found["inputs"]["d"] == {"type": "uri_file", "mode": "ro_mount", "path": f"azureml:{uri}", "digest": "d1"}


def test_the_inside_of_a_group_is_shown_from_its_component(yard, words):
    """A pipeline inside a pipeline carries its own steps."""
    inner = {"type": "pipeline", "jobs": {"deep": words.command("echo deep")}}
    digest = tree_digest(inner)
    document = words.pipeline({"sub": {"type": "pipeline", "component": f"azureml:azureml_anonymous:{digest}"}})
    root, _ = submit_job(yard.world, "default", yard.request(document, components={digest: inner}))
    (group,) = [job for job in yard.store.jobs.values() if job.node_id == "sub"]

    assert job_json(group, ENDPOINT, yard.store.submissions[root.name])["jobs"]["deep"]["command"] == "echo deep"


def test_a_skipped_step_is_canceled_for_programs_and_skipped_for_people(yard):
    """The status stays one of Azure's words."""
    job = yard.job(status=JobStatus.CANCELED, error={"code": "skipped", "message": "not started: step `a` failed"})

    assert (job.status.value, job_label(job)) == ("Canceled", "Skipped")
    assert job_label(replace(job, error={"code": "canceled"})) == "Canceled"


@pytest.mark.parametrize(
    ("ms", "text"), [(0, "1970-01-01T00:00:00.000Z"), (1_700_000_000_007, "2023-11-14T22:13:20.007Z")]
)
def test_times_are_utc_with_milliseconds(ms, text):
    """And end in `Z`."""
    assert time_text(ms) == text
