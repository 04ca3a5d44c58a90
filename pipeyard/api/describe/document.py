"""
The OpenAPI document of all routes.

In:       the routes, and the types that `shape.py` gathers.
Out:      one JSON object; `scripts/openapi.py` keeps it in `docs/` and makes the Studio's types of it.
Not here: any request. A server makes it when it is asked for, once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints, is_typeddict

from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from pipeyard.api.describe import asset, draft, finding, job, many, place, shape

VERSION = "1"
_WORKSPACE = "/api/v1/workspaces/{workspace}"
_JOB = _WORKSPACE + "/jobs/{name}"
_KIND = _WORKSPACE + "/{kind}"
_VERSION = _KIND + "/{name}/versions/{version}"
_DRAFTS = _WORKSPACE + "/drafts"
_DRAFT = _DRAFTS + "/{id}"
_ANSWERS: Mapping[tuple[str, str], Any] = {
    ("get", _WORKSPACE + "/jobs"): job.JobPage,
    ("get", _JOB): job.Job,
    ("patch", _JOB): job.Job,
    ("post", _JOB + "/cancel"): job.Job,
    ("post", _JOB + "/archive"): job.Job,
    ("post", _JOB + "/restore"): job.Job,
    ("post", _JOB + "/resume"): job.Job,
    ("post", _JOB + "/rerun"): job.Job,
    ("post", _JOB + "/resubmit"): job.Job,
    ("get", _WORKSPACE + "/jobs:counts"): finding.JobCounts,
    ("get", _WORKSPACE + "/jobs:compare"): finding.Comparison,
    ("post", _WORKSPACE + "/jobs:act"): finding.JobsDone,
    ("get", _JOB + "/code"): finding.CodeFiles,
    ("get", _JOB + "/metrics"): finding.MetricList,
    ("get", _JOB + "/steps/metrics"): finding.StepMetricsList,
    ("get", _JOB + "/parallel"): many.Parallel,
    ("get", _JOB + "/trials"): many.Trials,
    ("get", _JOB + "/runs"): many.Runs,
    ("get", _JOB + "/graph"): job.JobGraph,
    ("get", _JOB + "/why"): job.Why,
    ("get", _JOB + "/files"): job.FileList,
    ("get", _JOB + "/outputs/{output}/files"): job.FileList,
    ("get", _JOB + "/events"): job.EventList,
    ("get", _JOB + "/log"): job.LogPage,
    ("get", _KIND): asset.AssetNamePage,
    ("get", _KIND + "/{name}/versions"): asset.AssetVersionPage,
    ("get", _KIND + "/{name}"): asset.AssetVersion,
    ("get", _VERSION): asset.AssetVersion,
    ("patch", _VERSION): asset.AssetVersion,
    ("post", _VERSION + "/archive"): asset.AssetVersion,
    ("post", _VERSION + "/restore"): asset.AssetVersion,
    ("get", _VERSION + "/jobs"): asset.Lineage,
    ("get", _VERSION + "/files"): asset.AssetFiles,
    ("get", _WORKSPACE + "/data/{name}/preview"): asset.Preview,
    ("get", _WORKSPACE + "/data/{name}/versions/{version}/preview"): asset.Preview,
    ("post", _WORKSPACE + "/environment-builds"): asset.EnvironmentState,
    ("get", "/api/v1/environment-builds/{digest}"): asset.EnvironmentBuild,
    ("get", _WORKSPACE + "/computes"): place.ComputeList,
    ("get", _WORKSPACE + "/computes/{name}"): place.Compute,
    ("put", _WORKSPACE + "/computes/{name}"): place.Compute,
    ("patch", _WORKSPACE + "/computes/{name}"): place.Compute,
    ("get", _WORKSPACE + "/computes/{name}/nodes"): place.NodeList,
    ("get", _WORKSPACE + "/computes/{name}/waiting"): place.WaitingList,
    ("get", _WORKSPACE + "/datastores"): place.DatastoreList,
    ("get", _WORKSPACE + "/datastores/{name}"): place.Datastore,
    ("get", _WORKSPACE + "/datastores/{name}/files"): place.Folder,
    ("post", _WORKSPACE + "/datastores/{name}/test"): place.Reached,
    ("get", _WORKSPACE + "/search"): place.HitList,
    ("get", _WORKSPACE + "/lineage"): asset.LineageGraph,
    ("get", "/api/v1/workspaces"): place.WorkspaceList,
    ("get", "/api/v1/registries"): place.WorkspaceList,
    ("get", _WORKSPACE): place.Workspace,
    ("get", _DRAFTS): draft.DraftPage,
    ("post", _DRAFTS): draft.Draft,
    ("post", _DRAFTS + ":import"): draft.Draft,
    ("post", _DRAFTS + ":validate"): draft.DraftCheck,
    ("get", _DRAFT): draft.Draft,
    ("put", _DRAFT): draft.Draft,
    ("post", _DRAFT + "/restore"): draft.Draft,
    ("post", _DRAFT + "/hold"): draft.Draft,
    ("post", _DRAFT + "/release"): draft.Draft,
    ("get", _DRAFT + "/revisions"): draft.DraftRevisionList,
    ("get", _DRAFT + "/revisions/{revision}"): draft.Draft,
    ("post", _DRAFT + "/revisions/{revision}/restore"): draft.Draft,
    ("post", _DRAFT + "/validate"): draft.DraftCheck,
    ("post", _DRAFT + "/plan"): draft.DraftPlan,
    ("post", _DRAFT + "/submit"): draft.DraftSubmitted,
    ("post", _DRAFT + "/components:register"): draft.DraftComponents,
    ("get", "/api/v1/templates"): draft.TemplateList,
    ("get", _WORKSPACE + "/palette"): draft.Palette,
    ("get", "/api/v1/schemas"): draft.SchemaList,
}
_PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean", NoneType: "null"}
_SHAPES = "#/components/schemas/"
_TAKES_BODY = {"post", "put", "patch"}


def describe_all() -> dict[str, Any]:
    """Return the document; the pages of the browser are no part of it."""
    # It imports the routes, one of which asks for this document.
    from pipeyard.api.app import PARTS  # noqa: PLC0415

    routes = [route for part in PARTS for route in part.router.routes]
    ours = [route for route in routes if isinstance(route, APIRoute) and route.path.startswith("/api/")]
    found = get_openapi(title="Pipeyard", version=VERSION, openapi_version="3.1.0", routes=ours)
    paths: dict[str, dict[str, Any]] = {}
    for path, methods in found["paths"].items():
        paths.setdefault(_plain_path(path), {}).update(methods)
    missing = [key for key in _ANSWERS if key[0] not in paths.get(key[1], {})]
    assert not missing, f"described, but not there: {missing}"
    return {
        "openapi": found["openapi"],
        "info": {
            **found["info"],
            "description": "Whatever is below `/api/v1/workspaces/{workspace}` and speaks of assets is also below "
            "`/api/v1/registries/{registry}`. `/versions/{version}` may be written `/labels/{label}`.",
        },
        "paths": {
            path: {method: _operation(path, method, said) for method, said in methods.items()}
            for path, methods in sorted(paths.items())
        },
        "components": {
            "schemas": dict(sorted(schemas().items())),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }


def schemas() -> dict[str, Any]:
    """Return the schema of every shape, by its name."""
    return {name: _object(name, value) for name, value in shape.shapes().items()}


def _plain_path(path: str) -> str:
    """Return a path without our own kinds of parts."""
    path = re.sub(r"^/api/v1/\{workspace\}", _WORKSPACE, path)
    return path.replace("{which}", "versions/{version}")


def _operation(path: str, method: str, said: dict[str, Any]) -> dict[str, Any]:
    """Return an operation with its parameters as they are written, and what it answers."""
    names = set(re.findall(r"\{(\w+)\}", path))
    own = [one for one in said.get("parameters", ()) if one["in"] != "path"]
    parts = [{"name": name, "in": "path", "required": True, "schema": _part(name)} for name in sorted(names)]
    answer = _ANSWERS.get((method, path))
    content = {"schema": {"$ref": _SHAPES + answer.__name__}} if answer is not None else {}
    described: dict[str, Any] = {
        "summary": said["summary"],
        "description": said.get("description", ""),
        "operationId": said["operationId"],
        "parameters": [*parts, *own],
        "responses": {
            "2XX": {"description": "It is done.", **({"content": {"application/json": content}} if content else {})},
            "default": {
                "description": "It went wrong.",
                "content": {"application/json": {"schema": {"$ref": _SHAPES + "ErrorAnswer"}}},
            },
        },
    }
    if method in _TAKES_BODY:
        described["requestBody"] = {"content": {"application/json": {"schema": {}}}}
    return described


def _part(name: str) -> dict[str, Any]:
    if name == "kind":
        return {"enum": ["components", "data", "environments", "models"]}
    return {"type": "integer" if name in {"index", "revision"} else "string"}


def _object(name: str, kind: Any) -> dict[str, Any]:
    fields = get_type_hints(kind)
    return {
        "type": "object",
        "description": (kind.__doc__ or "").strip(),
        "properties": {key: _schema(value) for key, value in fields.items()},
        "required": [key for key in fields if key in kind.__required_keys__],
        "additionalProperties": name in shape.MORE,
    }


def _schema(kind: Any) -> dict[str, Any]:
    if kind is Any:
        return {}
    if kind in _PLAIN:
        return {"type": _PLAIN[kind]}
    if is_typeddict(kind):
        return {"$ref": _SHAPES + kind.__name__}
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return {"anyOf": [_schema(one) for one in inner]}
    if origin is list:
        return {"type": "array", "items": _schema(inner[0])}
    assert origin is dict, kind
    return {"type": "object", "additionalProperties": _schema(inner[1])}
