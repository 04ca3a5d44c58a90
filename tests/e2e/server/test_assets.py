"""Pipelines made of registered components and data, over HTTP and through the death of a server."""

from __future__ import annotations

import json
import signal

ASSETS = "/api/v1/workspaces/default"
MAKE = {
    "name": "make",
    "type": "command",
    "environment": "local",
    "command": "echo one,two > ${{outputs.table}}",
    "outputs": {"table": {"type": "uri_file"}},
}
TRAIN = {
    "name": "train",
    "type": "command",
    "environment": "local",
    "command": "while [ ! -e $GATE ]; do sleep 0.05; done; wc -w < ${{inputs.table}} > ${{outputs.model}}/words",
    "inputs": {"table": {"type": "uri_file"}},
    "outputs": {"model": {"type": "custom_model"}},
}
SCORE = {
    "name": "score",
    "type": "command",
    "environment": "local",
    "command": "cat ${{inputs.model}}/words",
    "inputs": {"model": {"type": "custom_model"}},
}


def register(served, body, kind="components"):
    status, answer = served.ask("POST", f"{ASSETS}/{kind}", {"body": body, "user": "ann"})
    assert status == 201, answer
    return json.loads(answer)


def submitted(served, document, status=201):
    """Return the answer to a submit."""
    found, answer = served.ask("POST", f"{ASSETS}/jobs", {"document": document, "user": "ann"})
    assert found == status, answer
    return json.loads(answer)


def ended(served, name, status="Completed"):
    """Return a job's JSON after its end, and what its steps printed."""
    messages = served.follow(name)
    assert messages[-1]["job"]["status"] == status, messages[-1]
    return served.get(f"{ASSETS}/jobs/{name}"), "".join(one["text"] for one in messages if one["type"] == "log")


def making(served):
    """Return the job that registered the data asset `sample`."""
    outputs = {"sample": {"type": "uri_file", "name": "sample"}}
    jobs = {"make": {"component": "azureml:make@latest", "outputs": {"table": "${{parent.outputs.sample}}"}}}
    return ended(served, submitted(served, {"type": "pipeline", "jobs": jobs, "outputs": outputs})["name"])[0]


def training(gate):
    return {
        "type": "pipeline",
        "inputs": {"table": {"type": "uri_file", "path": "azureml:sample@latest"}},
        "outputs": {"best": {"type": "custom_model", "name": "my_model"}},
        "jobs": {
            "train": {
                "component": "azureml:train@latest",
                "inputs": {"table": "${{parent.inputs.table}}"},
                "outputs": {"model": "${{parent.outputs.best}}"},
                "environment_variables": {"GATE": str(gate)},
            }
        },
    }


def scoring(reference="azureml:my_model@latest"):
    model = {"type": "custom_model", "path": reference}
    return {"type": "pipeline", "jobs": {"score": {"component": "azureml:score@latest", "inputs": {"model": model}}}}


def test_a_chain_of_pipelines_survives_the_death_of_the_server(served, tmp_path):
    """What one registers the next one uses; a version that is made meanwhile changes nothing for a job."""
    assert served.start() == {"ready": True}
    for body in (MAKE, TRAIN, SCORE):
        register(served, body)
    made = making(served)
    assert made["outputs"]["sample"]["asset"] == "azureml:sample:1"

    gate = tmp_path / "gate"
    job = submitted(served, training(gate))
    assert job["jobs"]["train"]["component"] == "azureml:train:1"
    assert job["inputs"]["table"]["path"] == "azureml:sample:1"
    served.end(signal.SIGKILL)
    assert served.start() == {"ready": True}
    register(served, {**TRAIN, "command": "false ${{inputs.table}} ${{outputs.model}}"})
    gate.touch()
    trained, _ = ended(served, job["name"])
    assert trained["outputs"]["best"]["asset"] == "azureml:my_model:1"
    assert trained["jobs"]["train"]["component"] == "azureml:train:1"

    scored, printed = ended(served, submitted(served, scoring())["name"])
    assert printed.strip() == "1"
    assert scored["jobs"]["score"]["inputs"]["model"]["path"] == "azureml:my_model:1"

    model = served.get(f"{ASSETS}/models/my_model/versions/1/jobs")
    assert model["produced_by"]["root_job"] == job["name"]
    assert [use["root_job"] for use in model["used_by"]] == [scored["name"]]
    assert {use["role"] for use in served.get(f"{ASSETS}/jobs/{scored['name']}/assets")["uses"]} == {
        "component",
        "inputs.model",
    }


def test_changed_bytes_of_a_version_are_noticed(served):
    """Before anything reads them; put back, they are read again."""
    served.start()
    register(served, MAKE)
    making(served)
    version = served.get(f"{ASSETS}/data/sample/versions/1")
    place = (
        served.home
        / "workspaces"
        / "default"
        / version["path"].removeprefix("azureml://datastores/").replace("/paths/", "/", 1)
    )
    (file,) = [place] if place.is_file() else place.iterdir()
    before = file.read_bytes()
    file.chmod(0o600)
    file.write_bytes(b"one,2two\n"[: len(before)])
    data = {"type": "uri_file", "path": "azureml:sample:1"}
    step = {"type": "command", "command": "cat ${{inputs.d}}", "environment": "local", "inputs": {"d": data}}
    document = {"type": "pipeline", "jobs": {"a": step}}
    failed, _ = ended(served, submitted(served, document)["name"], "Failed")
    (child,) = served.get(f"{ASSETS}/jobs/{failed['name']}/children")["value"]

    assert child["error"]["code"] == "asset-changed"
    assert f"`{file.name}` was changed" in child["error"]["message"]
    file.write_bytes(before)
    assert ended(served, submitted(served, document)["name"])[1] == "one,two\n"


def test_a_version_that_is_taken_is_refused_before_anything_runs(served):
    """The next number is offered."""
    served.start()
    register(served, MAKE)
    making(served)
    outputs = {"sample": {"type": "uri_file", "name": "sample", "version": "1"}}
    jobs = {"make": {"component": "azureml:make", "outputs": {"table": "${{parent.outputs.sample}}"}}}
    answer = submitted(served, {"type": "pipeline", "jobs": jobs, "outputs": outputs}, status=422)

    (problem,) = answer["error"]["diagnostics"]
    assert problem["code"] == "version-exists"
    assert "version 2" in problem["hint"]
