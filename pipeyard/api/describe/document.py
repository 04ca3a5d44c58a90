"""
The OpenAPI document of all routes.

In:       the application's routes, and `shape.py`.
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

from pipeyard.api.describe import shape

VERSION = "1"
_WORKSPACE = "/api/v1/workspaces/{workspace}"
_JOB = _WORKSPACE + "/jobs/{name}"
_KIND = _WORKSPACE + "/{kind}"
_VERSION = _KIND + "/{name}/versions/{version}"
_ANSWERS: Mapping[tuple[str, str], Any] = {
    ("get", _WORKSPACE + "/jobs"): shape.JobPage,
    ("get", _JOB): shape.Job,
    ("patch", _JOB): shape.Job,
    ("post", _JOB + "/cancel"): shape.Job,
    ("post", _JOB + "/archive"): shape.Job,
    ("post", _JOB + "/restore"): shape.Job,
    ("post", _JOB + "/resume"): shape.Job,
    ("post", _JOB + "/rerun"): shape.Job,
    ("post", _JOB + "/resubmit"): shape.Job,
    ("get", _WORKSPACE + "/jobs:counts"): shape.JobCounts,
    ("get", _WORKSPACE + "/jobs:compare"): shape.Comparison,
    ("post", _WORKSPACE + "/jobs:act"): shape.JobsDone,
    ("get", _JOB + "/code"): shape.CodeFiles,
    ("get", _JOB + "/metrics"): shape.MetricList,
    ("get", _JOB + "/steps/metrics"): shape.StepMetricsList,
    ("get", _JOB + "/graph"): shape.JobGraph,
    ("get", _JOB + "/files"): shape.FileList,
    ("get", _JOB + "/outputs/{output}/files"): shape.FileList,
    ("get", _JOB + "/events"): shape.EventList,
    ("get", _JOB + "/log"): shape.LogPage,
    ("get", _KIND): shape.AssetNamePage,
    ("get", _KIND + "/{name}/versions"): shape.AssetVersionPage,
    ("get", _KIND + "/{name}"): shape.AssetVersion,
    ("get", _VERSION): shape.AssetVersion,
    ("patch", _VERSION): shape.AssetVersion,
    ("post", _VERSION + "/archive"): shape.AssetVersion,
    ("post", _VERSION + "/restore"): shape.AssetVersion,
    ("get", _VERSION + "/jobs"): shape.Lineage,
    ("get", _VERSION + "/files"): shape.AssetFiles,
    ("get", _WORKSPACE + "/data/{name}/preview"): shape.Preview,
    ("get", _WORKSPACE + "/data/{name}/versions/{version}/preview"): shape.Preview,
    ("post", _WORKSPACE + "/environment-builds"): shape.EnvironmentState,
    ("get", "/api/v1/environment-builds/{digest}"): shape.EnvironmentBuild,
    ("get", _WORKSPACE + "/computes"): shape.ComputeList,
    ("get", _WORKSPACE + "/computes/{name}"): shape.Compute,
    ("put", _WORKSPACE + "/computes/{name}"): shape.Compute,
    ("patch", _WORKSPACE + "/computes/{name}"): shape.Compute,
    ("get", _WORKSPACE + "/computes/{name}/nodes"): shape.NodeList,
    ("get", _WORKSPACE + "/computes/{name}/waiting"): shape.WaitingList,
    ("get", _WORKSPACE + "/datastores"): shape.DatastoreList,
    ("get", _WORKSPACE + "/datastores/{name}"): shape.Datastore,
    ("get", _WORKSPACE + "/datastores/{name}/files"): shape.Folder,
    ("get", _WORKSPACE + "/search"): shape.HitList,
    ("get", "/api/v1/workspaces"): shape.WorkspaceList,
    ("get", "/api/v1/registries"): shape.WorkspaceList,
    ("get", _WORKSPACE): shape.Workspace,
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
    found = {name: value for name, value in vars(shape).items() if is_typeddict(value) and not name.startswith("_")}
    return {name: _object(name, value) for name, value in found.items()}


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
    return {"type": "integer" if name == "index" else "string"}


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
