"""The API's description: up to date, and true."""

from __future__ import annotations

import json

import pytest

from pipeyard.api.describe.document import _ANSWERS, describe_all, schemas
from scripts.openapi import files
from tests.integration.api.conftest import step
from tests.integration.api.test_assets import TRAIN, create, send

HOME = "/api/v1/workspaces/default"
# What the driver of a parallel step writes (`pipeyard/drivers/parallel_report.py`).
PROGRESS = {
    "format": 1,
    "state": "running",
    "message": None,
    "started_at_ms": 1,
    "last_result_at_ms": None,
    "updated_at_ms": 2,
    "mini_batches": {"total": None, "done": 1, "failed": 1, "taken": 0, "retries": 1},
    "items": {"total": 4, "done": 2, "failed": 2},
    "items_per_second": 1.5,
    "seconds_left": None,
    "workers": 1,
    "crew": [],
    "failed": [{"index": 1, "items": 2, "files": ["a"], "partition": None, "tries": 2, "error": "no", "log": "l"}],
}
# They need environments that are made, and a reader of tables; the Studio's own tests ask for them.
ELSEWHERE = {"environment-builds", "preview"}


@pytest.mark.parametrize("path", files(), ids=lambda path: path.name)
def test_the_files_made_of_it_are_up_to_date(path):
    """`scripts/openapi.py` has nothing to change."""
    assert path.read_text("utf-8") == files()[path]


def test_the_server_describes_itself(api):
    """The same document as in `docs/`, from a running server."""
    found = api.client.get("/api/v1/openapi.json").json()

    assert found == describe_all()
    assert set(found["paths"][HOME.replace("default", "{workspace}") + "/jobs/{name}"]) == {"get", "patch"}


def test_answers_look_as_described(api):
    """Each answer of the table, to real requests, has the fields that are promised, and no others."""
    wanted = {path for method, path in _ANSWERS if method == "get" and not ELSEWHERE & set(path.split("/"))}
    found = {path: asked for path in wanted if (asked := _filled(api, path)) is not None}

    assert set(found) == wanted
    problems = {}
    for path, address in found.items():
        answer = api.client.get(address)
        assert answer.status_code == 200, (address, answer.text)
        told = list(differences(_ANSWERS["get", path].__name__, answer.json()))
        if told:
            problems[address] = told
    assert problems == {}


def test_errors_look_as_described(api):
    """The one envelope."""
    assert list(differences("ErrorAnswer", api.client.get(f"{HOME}/jobs/nobody").json())) == []


def test_differences_are_found():
    """The check itself: a missing field, one too many, one of another type."""
    assert list(differences("FileRow", {"path": 1, "more": 2})) == [
        "FileRow.size is missing",
        "FileRow.path: 1 is none of string",
        "FileRow.more is not described",
    ]


def _filled(api, path):
    """Return an address of real things for a described path."""
    names = _things(api)
    kind = "data" if path.endswith("/files") and "/computes" not in path else "components"
    if "/jobs/{name}" in path:
        special = path.rpartition("/")[2]
        name = names["step"] if special in {"log", "files", "code"} else names.get(special, names["job"])
    elif "/computes/" in path:
        name = "cpu"
    elif "/datastores/" in path:
        name = "workspaceblobstore"
    else:
        name = "rows" if kind == "data" else "train"
    if "{output}" in path:
        name = names["step"]
    more = {"version": "1", "output": "out", "id": names["draft"], "revision": 1}
    filled = path.format(workspace="default", kind=kind, name=name, **more)
    asked = {
        "search": "?text=r",
        "jobs:compare": f"?job={names['job']}&job={names['other']}",
        "lineage": f"?of=jobs/{names['job']}",
    }
    return filled + asked.get(path.rpartition("/")[2], "")


def _things(api):
    if getattr(api, "things", None) is None:
        uri = send(api, "rows", {"rows.csv": b"n\n1\n"})
        create(api, {"name": "rows", "type": "uri_folder", "path": uri}, kind="data")
        create(api, {**TRAIN, "tags": {"a": "b"}})
        api.client.put(f"{HOME}/computes/cpu", json={"type": "amlcompute", "max_instances": 1})
        made = {"out": {"type": "uri_folder"}}
        reads = {"data": "${{parent.jobs.a.outputs.out}}", "rate": 0.5}
        job = api.submit(
            {"a": step(outputs=made, compute="azureml:cpu", code=uri), "b": step("cat ${{inputs.data}}", inputs=reads)}
        )
        own = api.steps(job["name"])["a"].name
        api.change(job["name"], own, error={"code": "exit", "message": "it failed", "exit_code": 3})
        api.log(own).write_text("one\ntwo\n")
        (api.home / "attempts" / f"{own}.1" / "outputs" / "out").mkdir(parents=True)
        many = _many(api)
        files = {"pipeline.yml": {"text": "type: pipeline\njobs:\n"}, "a.py": {"text": ""}}
        draft = api.client.post(f"{HOME}/drafts", json={"files": files, "holder": "tab"}).json()["id"]
        api.things = {**many, "draft": draft, "job": job["name"], "step": own, "other": api.submit()["name"]}
    return api.things


def _many(api):
    """Return jobs with steps that do one thing many times, by what is asked of them."""
    body, of = step(inputs={"n": 1}), {"type": "parallel_for", "body": "${{parent.jobs.body}}"}
    repeats = api.submit({"body": body, "each": {**of, "items": [{"n": 1}, {"n": 2}]}})["name"]
    sweep = {
        "type": "sweep",
        "sampling_algorithm": "random",
        "search_space": {"n": {"type": "choice", "values": [1, 2]}},
        "objective": {"goal": "minimize", "primary_metric": "loss"},
        "limits": {"max_total_trials": 2},
        "trial": {"command": "echo ${{search_space.n}}", "environment": {"image": "python"}},
    }
    parallel = api.submit()["name"]
    own = api.steps(parallel)["a"].name
    place = api.home / "attempts" / f"{own}.1" / "wd" / "logs" / "parallel"
    place.mkdir(parents=True)
    (place / "progress.json").write_text(json.dumps(PROGRESS))
    alone = api.client.post(f"{HOME}/jobs", json={"document": sweep, "user": "ann"}).json()
    return {"runs": repeats, "trials": alone["name"], "parallel": parallel}


def differences(name, value, place=None):
    """Yield in what a value differs from a shape."""
    shape = schemas()[name]
    place = place or name
    if not isinstance(value, dict):
        yield f"{place}: {value!r} is no object"
        return
    for key in shape["required"]:
        if key not in value:
            yield f"{place}.{key} is missing"
    for key, inner in value.items():
        if key in shape["properties"]:
            yield from _differences(shape["properties"][key], inner, f"{place}.{key}")
        elif not shape["additionalProperties"]:
            yield f"{place}.{key} is not described"


def _differences(schema, value, place):
    if "$ref" in schema:
        yield from differences(schema["$ref"].rpartition("/")[2], value, place)
    elif "anyOf" in schema:
        tried = [list(_differences(one, value, place)) for one in schema["anyOf"]]
        if all(tried):
            yield from tried[0]
    elif schema:
        kinds = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "null": type(None)}
        kinds |= {"array": list, "object": dict}
        if not isinstance(value, kinds[schema["type"]]):
            yield f"{place}: {value!r} is none of {schema['type']}"
        elif schema["type"] == "array":
            for at, inner in enumerate(value):
                yield from _differences(schema["items"], inner, f"{place}[{at}]")
        elif schema["type"] == "object":
            for key, inner in value.items():
                yield from _differences(schema["additionalProperties"], inner, f"{place}.{key}")
