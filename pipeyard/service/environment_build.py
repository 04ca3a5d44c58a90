"""
Environments as they are made on this machine: begin, look, run something in one.

In:       an environment as a file says it, or by name.
Out:      plans and builds as plain data.
Not here: making them (`environment/`), versions of assets (`assets.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeyard.model.asset_record import AssetVersion
from pipeyard.model.assets import AssetKind, AssetRef
from pipeyard.model.component import EnvironmentValue
from pipeyard.model.environment import BuildState, ImagePolicy
from pipeyard.model.errors import Conflict, NotFound, UserError
from pipeyard.ports import BuiltEnvironment, EnvironmentPlan, EnvironmentRequest, Environments, Refusal
from pipeyard.registry.missing import AZURE_REGISTRIES, AssetMissing
from pipeyard.service.pins import Pins
from pipeyard.service.unknown import refuse
from pipeyard.service.wire import time_text
from pipeyard.service.world import World
from pipeyard.spec.decode import decode_environment_asset
from pipeyard.spec.document import document_of
from pipeyard.spec.reference import parse_reference

# Of a log, in one answer.
LOG_BYTES_MAX = 1 << 20
NOT_BUILT = "not built"


def build_request(world: World, workspace: str, body: Any) -> EnvironmentRequest:
    """
    Return the environment that a request names, or has written out. Raises `UserError`.

    `{"body": {...}}` is a file; `{"name": ..., "version"?: ..., "label"?: ...}` one that is
    registered, a curated name, or a whole reference.
    """
    if not isinstance(body, Mapping):
        raise UserError("the request has to be a JSON object", code="bad-request")
    world.known_workspace(workspace)
    tree = body.get("body")
    value = _written(tree) if isinstance(tree, Mapping) else _named(world, workspace, body)
    return EnvironmentRequest(value, _policy(world, workspace), workspace)


def begin_build(world: World, request: EnvironmentRequest) -> dict[str, Any]:
    """Begin to make an environment and return how far it is. Raises `UserError` when it cannot be had."""
    plan = _environments(world).begin(request)
    if plan.refusal is not None:
        raise UserError(plan.refusal.message, code=plan.refusal.code, hint=plan.refusal.hint)
    return plan_json(world, plan)


def open_environment(world: World, request: EnvironmentRequest) -> dict[str, Any]:
    """Return what a shell in an environment needs; `Conflict` when it has to be made first."""
    environments = _environments(world)
    found = environments.find(request)
    if found is None:
        plan = environments.plan(request)
        if plan.refusal is not None:
            raise UserError(plan.refusal.message, code=plan.refusal.code, hint=plan.refusal.hint)
        raise Conflict("the environment is not built", code="not-built", hint="pipeyard environment build NAME")
    container = found.container
    return {
        "digest": found.digest,
        "resolved_by": found.strategy,
        "warning": found.warning,
        "path_prefix": list(found.path_prefix),
        "variables": dict(found.variables),
        "container": None
        if container is None
        else {
            "image": container.image,
            "program": container.program,
            "environment": dict(container.program_environment),
            "options": list(container.options),
        },
    }


def build_of_asset(world: World, asset: AssetVersion) -> dict[str, Any]:
    """Return how far a registered environment is on this machine; nothing of other assets."""
    if asset.kind is not AssetKind.ENVIRONMENT or world.environments is None:
        return {}
    tree = Pins(world.assets, asset.workspace).tree_of(asset)
    found, _ = decode_environment_asset(document_of(tree, source=""))
    if found is None:
        return {}
    request = EnvironmentRequest(found.environment, _policy(world, asset.workspace), asset.workspace)
    return {"build": plan_json(world, world.environments.plan(request))}


def plan_json(world: World, plan: EnvironmentPlan) -> dict[str, Any]:
    """Return what an environment will be, and how far it is."""
    shown: dict[str, Any] = {
        "digest": plan.digest,
        "resolved_by": plan.strategy,
        "warning": plan.warning,
        "state": NOT_BUILT,
    }
    if plan.refusal is not None:
        return {**shown, "error": _error_json(plan.refusal)}
    built = _environments(world).find_built(plan.digest)
    if built is not None:
        shown |= build_json(built)
    elif plan.strategy == "python":
        # Nothing has to be made.
        shown["state"] = BuildState.SUCCEEDED.value
    return shown


def find_build(world: World, digest: str) -> BuiltEnvironment:
    """Return a build by its digest, or the first letters of it; `NotFound`."""
    environments = _environments(world)
    found = environments.find_built(digest)
    if found is None:
        near = [one for one in environments.list_built() if one.digest.startswith(digest)] if digest else []
        if len(near) != 1:
            raise NotFound(f"no environment with the digest `{digest}` was built here")
        found = near[0]
    return found


def list_builds(world: World) -> Sequence[BuiltEnvironment]:
    """Return everything that was built here, the newest first."""
    return _environments(world).list_built()


def remove_build(world: World, digest: str) -> None:
    """Remove what was made; `Conflict` while it is being made."""
    _environments(world).remove(find_build(world, digest).digest)


def curated_names(world: World) -> Sequence[Mapping[str, Any]]:
    """Return what curated names are here."""
    return _environments(world).curated_names()


def build_json(built: BuiltEnvironment) -> dict[str, Any]:
    """Return a build as people see it."""
    return {
        "digest": built.digest,
        "state": built.state.value,
        "resolved_by": built.strategy,
        "label": built.label,
        "started_at": time_text(built.started_at_ms),
        "ended_at": time_text(built.ended_at_ms),
        "last_used_at": time_text(built.used_at_ms),
        "size": built.size,
        "error": None if built.error is None else _error_json(built.error),
        "lock": built.lock.splitlines(),
    }


def read_log(built: BuiltEnvironment, start: int) -> tuple[str, int]:
    """Return whole lines of a build's log from a byte on, and where the next ones begin."""
    return ("", start) if built.log is None else _lines(built.log, start, is_over=built.state.is_over)


def _lines(path: Path, start: int, *, is_over: bool) -> tuple[str, int]:
    try:
        with path.open("rb") as file:
            file.seek(max(0, start))
            data = file.read(LOG_BYTES_MAX)
    except OSError:
        return "", start
    if not is_over:
        data = data[: data.rfind(b"\n") + 1]
    return data.decode("utf-8", "replace"), start + len(data)


def _error_json(refusal: Refusal) -> dict[str, Any]:
    return {"code": refusal.code, "message": refusal.message, "hint": refusal.hint}


def _environments(world: World) -> Environments:
    if world.environments is None:
        raise UserError("this server makes no environments", code="bad-request")
    return world.environments


def _policy(world: World, workspace: str) -> ImagePolicy:
    known = world.assets.load_workspace(workspace)
    return ImagePolicy((known.image_policy if known is not None else None) or world.image_policy)


def _written(tree: Mapping[str, Any]) -> EnvironmentValue:
    # A name is what a version needs, not what is made of it.
    document = document_of({"name": "unnamed", **tree}, source="")
    found, problems = decode_environment_asset(document)
    refuse(problems)
    assert found is not None
    assert found.environment is not None
    return found.environment


def _named(world: World, workspace: str, body: Mapping[str, Any]) -> EnvironmentValue:
    name = body.get("name")
    if not isinstance(name, str) or not name:
        raise UserError("the request names no environment", code="bad-request")
    reference = AssetRef(AssetKind.ENVIRONMENT, name, body.get("version"), body.get("label"))
    if name.lower().startswith("azureml:"):
        parsed = parse_reference(name, AssetKind.ENVIRONMENT, "")
        if not isinstance(parsed, AssetRef):
            raise UserError(f"`{name}` is no reference to an environment", code="bad-request")
        reference = parsed
    try:
        tree = Pins(world.assets, workspace).tree(reference)
    except AssetMissing:
        if reference.registry in AZURE_REGISTRIES or _is_curated(world, reference):
            return reference
        raise
    found, problems = decode_environment_asset(document_of(tree, source=""))
    refuse(problems)
    assert found is not None
    assert found.environment is not None
    return found.environment


def _is_curated(world: World, reference: AssetRef) -> bool:
    """Return whether a table says what a plain name is."""
    request = EnvironmentRequest(AssetRef(AssetKind.ENVIRONMENT, reference.name))
    return reference.version is None and _environments(world).plan(request).strategy != "python"
