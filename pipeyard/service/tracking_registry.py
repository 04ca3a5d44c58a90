"""
MLflow's model registry over our registered models.

In:       a workspace, what a client asks.
Out:      names and versions as JSON; `NotFound`, `Conflict`, `UserError`.
Not here: the rules of versions (`registry/`, `assets.py`), which are the same for whoever makes one.

A version here is a version of `pipeyard model`, and the other way round. An alias is a label. MLflow's stages are
kept as the stage of a version. What is said of a name as a whole, which assets have not, is kept apart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import unquote, urlsplit

from pipeyard.model.asset_record import AssetFilter, AssetVersion
from pipeyard.model.assets import AssetKind
from pipeyard.model.errors import Conflict, NotFound, SpecError, UserError
from pipeyard.model.record import ARTIFACT_DATASTORE
from pipeyard.model.tracking import ModelName
from pipeyard.service import assets
from pipeyard.service.asset_request import AssetRequest
from pipeyard.service.assets import Wanted
from pipeyard.service.tracking_artifacts import VERSIONS_ROOT, spot_of
from pipeyard.service.tracking_models import show_model
from pipeyard.service.world import World
from pipeyard.tracking.filter import ATTRIBUTE, MODEL_VERSIONS, REGISTERED_MODELS, TAG, Subject, meets, parse_filter
from pipeyard.tracking.order import in_order, page_of, parse_orders
from pipeyard.tracking.run import ARTIFACTS, artifact_uri, model_uri, pairs

# Besides which tags a version has: where it came from, as the client said it.
_SOURCE, _RUN, _MODEL = "mlflow.source", "mlflow.runId", "mlflow.modelId"
_STAGES = ("None", "Staging", "Production", "Archived")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}\Z")
_PAGE = 1000

_ACTIVE = AssetFilter("all")


# --- names -------------------------------------------------------------------------------------


def create_name(world: World, workspace: str, name: str, description: str, tags: Mapping[str, str]) -> dict[str, Any]:
    """Create a registered model that has no version yet."""
    _check_name(name)
    if name in _names(world, workspace):
        raise Conflict(f"Registered Model (name={name}) already exists.", code="model-exists")
    now = world.clock.now_ms()
    world.tracking.save_model_name(ModelName(workspace, name, now, now, description, dict(tags)))
    return show_name(world, workspace, name)


def show_name(world: World, workspace: str, name: str) -> dict[str, Any]:
    """Return a registered model with the newest version of each stage."""
    known = _known(world, workspace, name)
    versions = _versions(world, workspace, name)
    labels = world.tracking.model_labels(workspace, [name]).get(name, {})
    return _name_json(known, versions, labels)


def change_name(
    world: World,
    workspace: str,
    name: str,
    *,
    description: str | None = None,
    tags: Mapping[str, str | None] | None = None,
) -> dict[str, Any]:
    """Change what is said of a registered model; a tag of None is taken away."""
    known = _known(world, workspace, name)
    changed = {key: value for key, value in {**known.tags, **(tags or {})}.items() if value is not None}
    text = known.description if description is None else description
    now = world.clock.now_ms()
    world.tracking.save_model_name(replace(known, description=text, tags=changed, changed_at_ms=now))
    return show_name(world, workspace, name)


def delete_name(world: World, workspace: str, name: str, by: str) -> None:
    """Forget a registered model and all its versions; `Conflict` while one of them is needed."""
    _known(world, workspace, name)
    for version in _versions(world, workspace, name):
        assets.delete_asset(world, workspace, Wanted(AssetKind.MODEL, name, version.version), by)
    world.tracking.delete_model_name(workspace, name)


def search_names(
    world: World, workspace: str, *, text: str | None, orders: Sequence[str], token: str | None, limit: int
) -> tuple[Sequence[dict[str, Any]], str | None]:
    """Return a page of the registered models that meet a filter, by name."""
    wanted, by = parse_filter(text, REGISTERED_MODELS), parse_orders(orders, REGISTERED_MODELS)
    found = [name for name in _names(world, workspace).values() if meets(_name_subject(name), wanted)]
    page, following = page_of(in_order(found, by, _name_subject), token, max(1, min(limit, _PAGE)))
    return [show_name(world, workspace, one.name) for one in page], following


# --- versions ----------------------------------------------------------------------------------


def create_version(
    world: World,
    workspace: str,
    name: str,
    *,
    source: str,
    run: str,
    model_id: str,
    description: str,
    tags: Mapping[str, str],
    by: str,
) -> dict[str, Any]:
    """Register files that MLflow knows as the next version of a model."""
    _known(world, workspace, name)
    path, is_mlflow = _place_of(world, workspace, source)
    properties = {_SOURCE: source, _RUN: run, _MODEL: model_id}
    document = {
        "name": name,
        "type": "mlflow_model" if is_mlflow else "custom_model",
        "path": path,
        "description": description or None,
        "tags": dict(tags),
        "properties": {key: value for key, value in properties.items() if value},
    }
    request = AssetRequest(document={key: value for key, value in document.items() if value is not None})
    try:
        made, _, _ = assets.create_asset(world, workspace, AssetKind.MODEL, request, by)
    except SpecError as error:
        said = "; ".join(problem.message for problem in error.diagnostics)
        raise UserError(f"`{source}` cannot be registered as a model: {said}", code="bad-model") from error
    return _version_json(made, {})


def show_version(world: World, workspace: str, name: str, version: str) -> dict[str, Any]:
    """Return one version."""
    labels = world.tracking.model_labels(workspace, [name]).get(name, {})
    return _version_json(_version(world, workspace, name, version), labels)


def change_version(
    world: World,
    workspace: str,
    name: str,
    version: str,
    *,
    by: str,
    description: str | None = None,
    tags: Mapping[str, str | None] | None = None,
) -> dict[str, Any]:
    """Change a version's description or tags; a tag of None is taken away."""
    asset = _version(world, workspace, name, version)
    values: dict[str, Any] = {} if description is None else {"description": description}
    if tags is not None:
        values["tags"] = {key: value for key, value in {**asset.tags, **tags}.items() if value is not None}
    assets.update_asset(world, workspace, Wanted(AssetKind.MODEL, name, version), values, by)
    return show_version(world, workspace, name, version)


def set_stage(
    world: World, workspace: str, name: str, version: str, *, stage: str, archives_others: bool, by: str
) -> dict[str, Any]:
    """Put a version into a stage; the others that are in it are archived if that is wished."""
    known = next((one for one in _STAGES if one.lower() == stage.lower()), None)
    if known is None:
        raise UserError(f"`{stage}` is no stage; there are {', '.join(_STAGES)}", code="bad-stage")
    _version(world, workspace, name, version)
    for other in _versions(world, workspace, name) if archives_others and known in _STAGES[1:3] else ():
        if other.version != version and other.stage == known:
            assets.update_asset(
                world, workspace, Wanted(AssetKind.MODEL, name, other.version), {"stage": "Archived"}, by
            )
    value = None if known == _STAGES[0] else known
    assets.update_asset(world, workspace, Wanted(AssetKind.MODEL, name, version), {"stage": value}, by)
    return show_version(world, workspace, name, version)


def delete_version(world: World, workspace: str, name: str, version: str, by: str) -> None:
    """Forget a version for good; its number is never used again."""
    _version(world, workspace, name, version)
    known = _known(world, workspace, name)
    assets.delete_asset(world, workspace, Wanted(AssetKind.MODEL, name, version), by)
    if name not in _names(world, workspace):
        # It was the last one; to MLflow the name stays.
        world.tracking.save_model_name(known)


def search_versions(
    world: World, workspace: str, *, text: str | None, orders: Sequence[str], token: str | None, limit: int
) -> tuple[Sequence[dict[str, Any]], str | None]:
    """Return a page of the versions that meet a filter, newest first."""
    wanted, by = parse_filter(text, MODEL_VERSIONS), parse_orders(orders, MODEL_VERSIONS)
    named = next((one.value for one in wanted if (one.key, one.comparator) == ("name", "=")), None)
    names = [named] if named is not None else list(_names(world, workspace))
    labels = world.tracking.model_labels(workspace, names)
    found = [
        _version_json(version, labels.get(name, {})) for name in names for version in _versions(world, workspace, name)
    ]
    found.sort(key=lambda one: (one["last_updated_timestamp"], one["name"], _number(one["version"])), reverse=True)
    found = [one for one in found if meets(_version_subject(one), wanted)]
    return page_of(in_order(found, by, _version_subject), token, max(1, min(limit, _PAGE * 100)))


def latest_versions(world: World, workspace: str, name: str, stages: Sequence[str]) -> Sequence[dict[str, Any]]:
    """Return the newest version of each stage."""
    found: list[dict[str, Any]] = show_name(world, workspace, name)["latest_versions"]
    wanted = {stage.lower() for stage in stages}
    return [one for one in found if not wanted or one["current_stage"].lower() in wanted]


def download_uri(world: World, workspace: str, name: str, version: str) -> str:
    """Return where a version's files are for MLflow's clients, whoever made it."""
    _version(world, workspace, name, version)
    return artifact_uri(VERSIONS_ROOT, f"{name}/{version}")


# --- aliases -----------------------------------------------------------------------------------


def set_alias(world: World, workspace: str, name: str, *, alias: str, version: str, by: str) -> None:
    """Let an alias, which is a label here, stand for a version."""
    _version(world, workspace, name, version)
    assets.label_asset(world, workspace, Wanted(AssetKind.MODEL, name, version), alias, by)


def delete_alias(world: World, workspace: str, name: str, alias: str) -> None:
    """Let an alias stand for nothing."""
    _known(world, workspace, name)
    world.tracking.delete_model_label(workspace, name, alias)


def version_by_alias(world: World, workspace: str, name: str, alias: str) -> dict[str, Any]:
    """Return the version that an alias stands for."""
    labels = world.tracking.model_labels(workspace, [name]).get(name, {})
    if alias not in labels:
        _known(world, workspace, name)
        # MLflow's own server says this and not that nothing was found; its clients look for it.
        raise UserError(f"Registered model alias {alias} not found.", code="no-alias")
    return show_version(world, workspace, name, labels[alias])


# --- inside ------------------------------------------------------------------------------------


def _place_of(world: World, workspace: str, source: str) -> tuple[str, bool]:
    """Return the path under which an asset is made of what a client calls a source, and whether it is MLflow's form."""
    parts = urlsplit(source)
    path = unquote(parts.path).strip("/")
    if parts.scheme == "models":
        path = _models_place(world, workspace, path)
        if path.startswith("azureml:"):
            return path, True
    elif parts.scheme not in ("mlflow-artifacts", "runs"):
        raise UserError(
            f"`{source}` is no place that this server can register",
            code="bad-source",
            hint="log the model to a run first (mlflow.<flavor>.log_model), or use `pipeyard model create --path`",
        )
    spot = spot_of(world, workspace, path)
    is_mlflow = (spot.folder / spot.path / "MLmodel").is_file()
    if spot.run is None:
        if path.startswith(VERSIONS_ROOT):
            _, name, version, *_ = path.split("/")
            return f"azureml:{name}:{version}", is_mlflow
        return f"azureml://datastores/{ARTIFACT_DATASTORE}/paths/LoggedModels/{spot.path}", is_mlflow
    return f"azureml://jobs/{spot.run}/outputs/artifacts/paths/{spot.path}", is_mlflow


def _models_place(world: World, workspace: str, path: str) -> str:
    name, _, version = path.partition("/")
    if version:
        asset = _version(world, workspace, name, version)
        return f"azureml:{asset.name}:{asset.version}"
    return model_uri(show_model(world, workspace, name)).removeprefix(ARTIFACTS)


def _check_name(name: str) -> None:
    if _NAME.match(name) is None:
        raise UserError(
            f"a model cannot be registered as `{name}`",
            code="bad-name",
            hint="use letters, digits, `.`, `_` and `-`: the name is used in `azureml:NAME:VERSION` too",
        )


def _names(world: World, workspace: str) -> dict[str, ModelName]:
    """Return every registered model by name: those about which something was said, and those that have versions."""
    said = {one.name: one for one in world.tracking.list_model_names(world.known_workspace(workspace))}
    after: str | None = None
    while True:
        found = world.assets.list_containers(workspace, AssetKind.MODEL, _ACTIVE, limit=_PAGE, after=after)
        for container in found:
            own = ModelName(workspace, container.name, container.created_at_ms, container.created_at_ms)
            said.setdefault(container.name, own)
        if len(found) < _PAGE:
            return dict(sorted(said.items()))
        after = found[-1].name


def _known(world: World, workspace: str, name: str) -> ModelName:
    found = _names(world, workspace).get(name)
    if found is None:
        raise NotFound(f"Registered Model with name={name} not found", code="no-model")
    return found


def _versions(world: World, workspace: str, name: str) -> Sequence[AssetVersion]:
    """Return all versions, created last first."""
    found: list[AssetVersion] = []
    before: int | None = None
    while True:
        page = world.assets.list_versions(workspace, AssetKind.MODEL, name, _ACTIVE, limit=_PAGE, before=before)
        found += page
        if len(page) < _PAGE:
            return found
        before = page[-1].serial


def _version(world: World, workspace: str, name: str, version: str) -> AssetVersion:
    try:
        return assets.show_asset(world, workspace, Wanted(AssetKind.MODEL, name, version))
    except NotFound as error:
        raise NotFound(f"Model Version (name={name}, version={version}) not found", code="no-model") from error


def _name_json(name: ModelName, versions: Sequence[AssetVersion], labels: Mapping[str, str]) -> dict[str, Any]:
    newest: dict[str, AssetVersion] = {}
    for version in versions:
        newest.setdefault(version.stage or _STAGES[0], version)
    changed = max([name.changed_at_ms, *(version.created_at_ms for version in versions)])
    return {
        "name": name.name,
        "creation_timestamp": name.created_at_ms,
        "last_updated_timestamp": changed,
        "description": name.description,
        "latest_versions": [_version_json(version, labels) for version in newest.values()],
        "tags": pairs(name.tags),
        "aliases": [{"alias": alias, "version": version} for alias, version in sorted(labels.items())],
    }


def _version_json(asset: AssetVersion, labels: Mapping[str, str]) -> dict[str, Any]:
    said = asset.properties
    return {
        "name": asset.name,
        "version": asset.version,
        "creation_timestamp": asset.created_at_ms,
        "last_updated_timestamp": asset.changed_at_ms or asset.created_at_ms,
        "user_id": asset.created_by,
        "current_stage": asset.stage or _STAGES[0],
        "description": asset.description or "",
        "source": said.get(_SOURCE) or artifact_uri(VERSIONS_ROOT, f"{asset.name}/{asset.version}"),
        "run_id": said.get(_RUN) or asset.produced_by or "",
        "model_id": said.get(_MODEL, ""),
        "status": "READY",
        "tags": pairs(asset.tags),
        "aliases": sorted(alias for alias, version in labels.items() if version == asset.version),
    }


def _name_subject(name: ModelName) -> Subject:
    own = {
        "name": name.name,
        "creation_timestamp": name.created_at_ms,
        "last_updated_timestamp": name.changed_at_ms,
    }
    return {ATTRIBUTE: own, TAG: name.tags}


def _version_subject(version: Mapping[str, Any]) -> Subject:
    own = {**version, "version_number": _number(version["version"]), "source_path": version["source"]}
    return {ATTRIBUTE: own, TAG: {one["key"]: one["value"] for one in version["tags"]}}


def _number(version: str) -> int:
    return int(version) if version.isascii() and version.isdigit() else 0
