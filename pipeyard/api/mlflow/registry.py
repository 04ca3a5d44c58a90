"""
`mlflow/registered-models/...`, `mlflow/model-versions/...`: the registry, which is `pipeyard model`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeyard.api.mlflow.ask import Ask
from pipeyard.api.mlflow.experiments import Handler, next_page
from pipeyard.model.errors import UserError
from pipeyard.service import tracking_registry as service
from pipeyard.tracking.run import mapping

_PAGE = 100
_PAGE_OF_VERSIONS = 10_000


def _create(ask: Ask) -> Mapping[str, Any]:
    tags = mapping(ask.entries("tags"))
    made = service.create_name(ask.world, ask.workspace, ask.text("name"), ask.text("description", ""), tags)
    return {"registered_model": made}


def _get(ask: Ask) -> Mapping[str, Any]:
    return {"registered_model": service.show_name(ask.world, ask.workspace, ask.text("name"))}


def _update(ask: Ask) -> Mapping[str, Any]:
    changed = service.change_name(ask.world, ask.workspace, ask.text("name"), description=ask.text("description", ""))
    return {"registered_model": changed}


def _rename(ask: Ask) -> Mapping[str, Any]:
    raise UserError(
        f"model `{ask.text('name')}` cannot be renamed: its versions were registered under this name",
        code="not-changeable",
    )


def _delete(ask: Ask) -> Mapping[str, Any]:
    service.delete_name(ask.world, ask.workspace, ask.text("name"), ask.by)
    return {}


def _search(ask: Ask) -> Mapping[str, Any]:
    found, following = service.search_names(
        ask.world,
        ask.workspace,
        text=ask.text("filter", ""),
        orders=ask.texts("order_by"),
        token=ask.text("page_token", ""),
        limit=ask.number("max_results", _PAGE),
    )
    return {"registered_models": list(found), **next_page(following)}


def _latest(ask: Ask) -> Mapping[str, Any]:
    found = service.latest_versions(ask.world, ask.workspace, ask.text("name"), ask.texts("stages"))
    return {"model_versions": list(found)}


def _set_tag(ask: Ask) -> Mapping[str, Any]:
    service.change_name(ask.world, ask.workspace, ask.text("name"), tags={ask.text("key"): ask.text("value", "")})
    return {}


def _delete_tag(ask: Ask) -> Mapping[str, Any]:
    service.change_name(ask.world, ask.workspace, ask.text("name"), tags={ask.text("key"): None})
    return {}


def _set_alias(ask: Ask) -> Mapping[str, Any]:
    name, alias = ask.text("name"), ask.text("alias")
    service.set_alias(ask.world, ask.workspace, name, alias=alias, version=ask.text("version"), by=ask.by)
    return {}


def _delete_alias(ask: Ask) -> Mapping[str, Any]:
    service.delete_alias(ask.world, ask.workspace, ask.text("name"), ask.text("alias"))
    return {}


def _by_alias(ask: Ask) -> Mapping[str, Any]:
    found = service.version_by_alias(ask.world, ask.workspace, ask.text("name"), ask.text("alias"))
    return {"model_version": found}


def _create_version(ask: Ask) -> Mapping[str, Any]:
    made = service.create_version(
        ask.world,
        ask.workspace,
        ask.text("name"),
        source=ask.text("source"),
        run=ask.text("run_id", ""),
        model_id=ask.text("model_id", ""),
        description=ask.text("description", ""),
        tags=mapping(ask.entries("tags")),
        by=ask.by,
    )
    return {"model_version": made}


def _get_version(ask: Ask) -> Mapping[str, Any]:
    return {"model_version": service.show_version(ask.world, ask.workspace, ask.text("name"), ask.text("version"))}


def _update_version(ask: Ask) -> Mapping[str, Any]:
    name, version = ask.text("name"), ask.text("version")
    text = ask.text("description", "")
    return {
        "model_version": service.change_version(ask.world, ask.workspace, name, version, by=ask.by, description=text)
    }


def _set_version_tag(ask: Ask) -> Mapping[str, Any]:
    name, version, tags = ask.text("name"), ask.text("version"), {ask.text("key"): ask.text("value", "")}
    service.change_version(ask.world, ask.workspace, name, version, by=ask.by, tags=tags)
    return {}


def _delete_version_tag(ask: Ask) -> Mapping[str, Any]:
    name, version, tags = ask.text("name"), ask.text("version"), {ask.text("key"): None}
    service.change_version(ask.world, ask.workspace, name, version, by=ask.by, tags=tags)
    return {}


def _set_stage(ask: Ask) -> Mapping[str, Any]:
    changed = service.set_stage(
        ask.world,
        ask.workspace,
        ask.text("name"),
        ask.text("version"),
        stage=ask.text("stage"),
        archives_others=ask.is_true("archive_existing_versions"),
        by=ask.by,
    )
    return {"model_version": changed}


def _delete_version(ask: Ask) -> Mapping[str, Any]:
    service.delete_version(ask.world, ask.workspace, ask.text("name"), ask.text("version"), ask.by)
    return {}


def _search_versions(ask: Ask) -> Mapping[str, Any]:
    found, following = service.search_versions(
        ask.world,
        ask.workspace,
        text=ask.text("filter", ""),
        orders=ask.texts("order_by"),
        token=ask.text("page_token", ""),
        limit=ask.number("max_results", _PAGE_OF_VERSIONS),
    )
    return {"model_versions": list(found), **next_page(following)}


def _download_uri(ask: Ask) -> Mapping[str, Any]:
    found = service.download_uri(ask.world, ask.workspace, ask.text("name"), ask.text("version"))
    return {"artifact_uri": found}


ROUTES: Mapping[tuple[str, str], Handler] = {
    ("POST", "registered-models/create"): _create,
    ("GET", "registered-models/get"): _get,
    ("PATCH", "registered-models/update"): _update,
    ("POST", "registered-models/rename"): _rename,
    ("DELETE", "registered-models/delete"): _delete,
    ("GET", "registered-models/search"): _search,
    ("GET", "registered-models/get-latest-versions"): _latest,
    ("POST", "registered-models/get-latest-versions"): _latest,
    ("POST", "registered-models/set-tag"): _set_tag,
    ("DELETE", "registered-models/delete-tag"): _delete_tag,
    ("POST", "registered-models/alias"): _set_alias,
    ("DELETE", "registered-models/alias"): _delete_alias,
    ("GET", "registered-models/alias"): _by_alias,
    ("POST", "model-versions/create"): _create_version,
    ("GET", "model-versions/get"): _get_version,
    ("PATCH", "model-versions/update"): _update_version,
    ("POST", "model-versions/set-tag"): _set_version_tag,
    ("DELETE", "model-versions/delete-tag"): _delete_version_tag,
    ("POST", "model-versions/transition-stage"): _set_stage,
    ("DELETE", "model-versions/delete"): _delete_version,
    ("GET", "model-versions/search"): _search_versions,
    ("GET", "model-versions/get-download-uri"): _download_uri,
}
# Only the user's: a step registers models, and takes none away.
OF_USERS = frozenset({"registered-models/delete", "model-versions/delete"})
