"""
`mlflow/logged-models...`: MLflow 3's logged models.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeyard.api.mlflow.ask import Ask
from pipeyard.api.mlflow.experiments import Handler, named, next_page
from pipeyard.api.mlflow.permit import Permits
from pipeyard.model.errors import NotAllowed
from pipeyard.model.tracking import LoggedModel
from pipeyard.service import tracking_models as service
from pipeyard.service.tracking_artifacts import list_files, spot_of
from pipeyard.service.tracking_runs import show_run
from pipeyard.tracking.run import ARTIFACTS, mapping, model_json, model_uri

_PAGE = 100


def routes(permits: Permits) -> Mapping[tuple[str, str], Handler]:
    """Return what each address does; `*` stands for one part of it."""

    def own(ask: Ask) -> LoggedModel:
        return _own(permits, ask)

    def create(ask: Ask) -> Mapping[str, Any]:
        # A model that a step logs is that step's, also when its client does not say so.
        source = ask.text("source_run_id", ask.caller.job or "")
        run = show_run(ask.world, ask.workspace, source) if source else None
        if run is not None:
            permits.check_write(ask.caller, ask.workspace, run.name)
        made = service.create_model(
            ask.world,
            named(ask),
            run,
            name=ask.text("name", ""),
            model_type=ask.text("model_type", ""),
            tags=mapping(ask.entries("tags")),
            params=mapping(ask.entries("params")),
        )
        return _shown(ask, made)

    def finish(ask: Ask) -> Mapping[str, Any]:
        return _shown(ask, service.finish_model(ask.world, own(ask), ask.text("status")))

    def set_tags(ask: Ask) -> Mapping[str, Any]:
        return _shown(ask, service.tag_model(ask.world, own(ask), mapping(ask.entries("tags"))))

    def delete_tag(ask: Ask) -> Mapping[str, Any]:
        service.tag_model(ask.world, own(ask), {ask.parts[1]: None})
        return {}

    def add_params(ask: Ask) -> Mapping[str, Any]:
        service.add_params(ask.world, own(ask), mapping(ask.entries("params")))
        return {}

    def delete(ask: Ask) -> Mapping[str, Any]:
        ask.world.tracking.delete_model(ask.workspace, own(ask).model_id)
        return {}

    return {
        ("POST", "logged-models"): create,
        ("POST", "logged-models/search"): _search,
        ("GET", "logged-models/*"): _get,
        ("PATCH", "logged-models/*"): finish,
        ("DELETE", "logged-models/*"): delete,
        ("PATCH", "logged-models/*/tags"): set_tags,
        ("DELETE", "logged-models/*/tags/*"): delete_tag,
        ("POST", "logged-models/*/params"): add_params,
        ("GET", "logged-models/*/artifacts/directories"): _artifacts,
    }


def _own(permits: Permits, ask: Ask) -> LoggedModel:
    model = service.show_model(ask.world, ask.workspace, ask.parts[0])
    if ask.caller.job is not None and not model.source_run:
        raise NotAllowed("a model that no run has logged is changed by its user only", code="other-job")
    if model.source_run:
        permits.check_write(ask.caller, ask.workspace, model.source_run)
    return model


def _get(ask: Ask) -> Mapping[str, Any]:
    return _shown(ask, service.show_model(ask.world, ask.workspace, ask.parts[0]))


def _search(ask: Ask) -> Mapping[str, Any]:
    found, following = service.search_models(
        ask.world,
        ask.workspace,
        experiments=ask.texts("experiment_ids"),
        text=ask.text("filter", ""),
        datasets=[{key: str(value) for key, value in one.items()} for one in ask.entries("datasets")],
        orders=ask.entries("order_by"),
        token=ask.text("page_token", ""),
        limit=ask.number("max_results", _PAGE),
    )
    return {"models": [model_json(model, metrics) for model, metrics in found], **next_page(following)}


def _artifacts(ask: Ask) -> Mapping[str, Any]:
    model = service.show_model(ask.world, ask.workspace, ask.parts[0])
    path = ask.text("artifact_directory_path", "").strip("/")
    root = model_uri(model).removeprefix(ARTIFACTS)
    head = f"{path}/" if path else ""
    files = list_files(spot_of(ask.world, ask.workspace, f"{root}/{path}" if path else root))
    return {
        "root_uri": model_uri(model),
        "files": [
            {"path": f"{head}{one.name}", "is_dir": one.is_folder, **({} if one.is_folder else {"file_size": one.size})}
            for one in files
        ],
    }


def _shown(ask: Ask, model: LoggedModel) -> Mapping[str, Any]:
    metrics = ask.world.tracking.model_metrics([model.model_id]).get(model.model_id, ())
    return {"model": model_json(model, metrics)}
