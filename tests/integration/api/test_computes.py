"""Computes over HTTP."""

from __future__ import annotations

from pipeyard.model.instance import NodeUse, PoolUse
from pipeyard.model.status import JobStatus
from tests.integration.api.conftest import JOBS, lines_of, step

COMPUTES = "/api/v1/workspaces/default/computes"


def put(api, name="cpu-cluster", **body):
    return api.client.put(f"{COMPUTES}/{name}", json={"type": "amlcompute", **body})


def test_a_compute_says_what_its_instances_have(api):
    """The size's CPUs and memory, and how many are in use."""
    made = put(api, max_instances=10, size="STANDARD_DS3_V2").json()
    shown = api.client.get(f"{COMPUTES}/cpu-cluster").json()

    assert made["warnings"] == [
        "10 instances with 4 CPUs each make 40 CPUs, this machine has 2 CPUs: steps at once will share them"
    ]
    assert shown["instance"] == {"cpus": 4, "memory_gib": 14.0, "gpus": 0}
    assert (shown["size"], shown["max_instances"], shown["slots"], shown["slots_in_use"]) == (
        "STANDARD_DS3_V2",
        10,
        10,
        0,
    )
    assert [row["name"] for row in api.client.get(COMPUTES).json()["value"]] == ["local", "cpu-cluster"]


def test_a_compute_is_changed_and_forgotten(api):
    """A change of one that is not there is a 404, of its type a 409."""
    put(api)
    changed = api.client.patch(f"{COMPUTES}/cpu-cluster", json={"max_instances": 2, "description": "two"}).json()

    assert (changed["max_instances"], changed["description"]) == (2, "two")
    assert api.client.patch(f"{COMPUTES}/gone", json={"max_instances": 2}).status_code == 404
    assert api.client.patch(f"{COMPUTES}/cpu-cluster", json={"type": "kubernetes"}).status_code == 409
    assert api.client.patch(f"{COMPUTES}/cpu-cluster", json=[]).status_code == 400
    assert api.client.patch(f"{COMPUTES}/local", json={"max_instances": 2}).status_code == 409
    assert api.client.delete(f"{COMPUTES}/cpu-cluster").status_code == 204
    assert api.client.get(f"{COMPUTES}/cpu-cluster/nodes").status_code == 404


def test_the_history_of_a_compute_is_kept(api):
    """Who created, changed and deleted it."""
    put(api)
    put(api, max_instances=2)
    api.client.delete(f"{COMPUTES}/cpu-cluster")

    entries = api.desk.world.assets.list_audit(_about("cpu-cluster"), limit=9)
    assert [(entry.action, entry.by) for entry in entries] == [("delete", "ann"), ("update", "ann"), ("create", "ann")]


def _about(name):
    from pipeyard.model.asset_record import AuditFilter

    return AuditFilter("default", "compute", name)


def test_the_instances_of_a_compute_are_listed(api):
    """Each with the job that has it."""
    put(api, max_instances=2)
    api.runner.nodes["cpu-cluster"] = [NodeUse("cpu-cluster-0"), NodeUse("cpu-cluster-1")]

    listed = api.client.get(f"{COMPUTES}/cpu-cluster/nodes").json()["value"]
    assert [(node["node_id"], node["node_state"]) for node in listed] == [
        ("cpu-cluster-0", "idle"),
        ("cpu-cluster-1", "idle"),
    ]


def test_more_instances_than_there_are_is_an_error_at_submit(api):
    """With both numbers."""
    put(api, max_instances=2)
    document = {"type": "pipeline", "jobs": {"a": step(compute="azureml:cpu-cluster", resources={"instance_count": 3})}}
    (problem,) = [
        found
        for found in api.client.post(JOBS, json={"document": document}).json()["error"]["diagnostics"]
        if found["code"] == "too-many-instances"
    ]

    assert problem["message"] == "the step takes 3 instances at once, `cpu-cluster` has 2"


def test_a_step_says_what_it_waits_for(api):
    """In its JSON, in the list, in the stream and on the page."""
    put(api, max_instances=1)
    job = api.submit({"a": step(compute="azureml:cpu-cluster")})
    name = api.steps(job["name"])["a"].name
    api.runner.uses["cpu-cluster"] = PoolUse(10, 10)
    api.change(job["name"], name, status=JobStatus.QUEUED)
    text = "waiting for a slot on `cpu-cluster`: 10 of 10 in use"

    assert api.client.get(f"{JOBS}/{name}").json()["waiting_for"] == text
    assert api.client.get(f"{JOBS}/{job['name']}/children").json()["value"][0]["waiting_for"] == text
    page = api.browser().get(f"/jobs/{job['name']}").text
    assert "waiting for a slot on <code>cpu-cluster</code>: 10 of 10 in use" in page

    api.end(job["name"], JobStatus.CANCELED)
    assert api.client.get(f"{JOBS}/{name}").json()["waiting_for"] is None
    steps = [line for line in lines_of(api.client.get(f"{JOBS}/{job['name']}/stream")) if line["type"] == "step"]
    assert steps[-1]["waiting_for"] is None


def test_a_compute_that_a_job_needs_stays(api):
    """Until the job has ended."""
    put(api)
    job = api.submit({"a": step(compute="azureml:cpu-cluster")})

    refused = api.client.delete(f"{COMPUTES}/cpu-cluster")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "in-use")
    api.end(job["name"])
    assert api.client.delete(f"{COMPUTES}/cpu-cluster").status_code == 204


def test_steps_that_wait_for_a_compute_are_listed(api):
    """Those of other computes, and those that do not wait, are not among them."""
    put(api, max_instances=1)
    job = api.submit({"a": step(compute="azureml:cpu-cluster"), "b": step(compute="azureml:cpu-cluster"), "c": step()})
    rows = api.steps(job["name"])
    for key in ("a", "c"):
        api.change(job["name"], rows[key].name, status=JobStatus.QUEUED)
    api.runner.uses["cpu-cluster"] = PoolUse(1, 1)

    assert api.client.get(f"{COMPUTES}/cpu-cluster/waiting").json()["value"] == [
        {
            "job": rows["a"].name,
            "root_job": job["name"],
            "step": "a",
            "waits_for": "waiting for a slot on `cpu-cluster`: 1 of 1 in use",
        }
    ]
