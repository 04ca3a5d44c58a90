"""
Logged models, as MLflow 3 has them: a record, and files among those of a run.

In:       a workspace, what a client asks.
Out:      records; `NotFound`, `UserError`.
Not here: registered models (`tracking_registry.py`), the files (`tracking_artifacts.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from pipeyard.model.errors import NotFound, UserError
from pipeyard.model.record import JobRecord
from pipeyard.model.tracking import Experiment, LoggedModel, ModelMetric
from pipeyard.service.naming import job_name
from pipeyard.service.tracking_runs import list_experiments
from pipeyard.service.world import World
from pipeyard.tracking.filter import LOGGED_MODELS, METRIC, key_of, meets, parse_filter
from pipeyard.tracking.order import Order, in_order, page_of
from pipeyard.tracking.run import model_subject

PENDING = "LOGGED_MODEL_PENDING"
_STATUSES = (PENDING, "LOGGED_MODEL_READY", "LOGGED_MODEL_UPLOAD_FAILED")
MODELS_MAX = 1000
_ID_LENGTH = 32
# As MLflow's client: what would part paths and addresses.
_NAME = re.compile(r"""[^/:.%"'\x00]{1,500}\Z""")


def show_model(world: World, workspace: str, model_id: str) -> LoggedModel:
    """Return a logged model."""
    found = world.tracking.list_models(workspace, model_ids=[model_id])
    if not found:
        raise NotFound(f"Logged model with ID '{model_id}' not found.", code="no-model")
    return found[0]


def create_model(
    world: World,
    experiment: Experiment,
    run: JobRecord | None,
    *,
    name: str,
    model_type: str,
    tags: Mapping[str, str],
    params: Mapping[str, str],
) -> LoggedModel:
    """Begin a logged model; its files come afterwards."""
    workspace = experiment.workspace
    name = name or job_name(world.random_text)
    if _NAME.match(name) is None:
        raise UserError(f"a model cannot be called `{name}`: `/ : . %` and quotes part addresses", code="bad-name")
    model_id = f"m-{world.random_text(_ID_LENGTH)}"
    now = world.clock.now_ms()
    made = LoggedModel(
        workspace=workspace,
        model_id=model_id,
        experiment_name=experiment.name,
        name=name,
        created_at_ms=now,
        changed_at_ms=now,
        status=PENDING,
        path=model_id if run is None else _free_path(world, workspace, run, name, model_id),
        source_run="" if run is None else run.name,
        model_type=model_type,
        tags=dict(tags),
        params=dict(params),
    )
    world.tracking.save_model(made)
    return made


def finish_model(world: World, model: LoggedModel, status: str) -> LoggedModel:
    """Say that a model's files are there, or that they will not come."""
    if status not in _STATUSES:
        raise UserError(f"`{status}` is no status of a logged model", code="bad-request")
    return _saved(world, replace(model, status=status))


def tag_model(world: World, model: LoggedModel, tags: Mapping[str, str | None]) -> LoggedModel:
    """Change a model's tags; one of None is taken away, and has to be there."""
    for key, value in tags.items():
        if value is None and key not in model.tags:
            raise NotFound(f"No tag with key '{key}' found for model with ID '{model.model_id}'.", code="no-tag")
    changed = {key: value for key, value in {**model.tags, **tags}.items() if value is not None}
    return _saved(world, replace(model, tags=changed))


def add_params(world: World, model: LoggedModel, params: Mapping[str, str]) -> LoggedModel:
    """Say more params of a model."""
    return _saved(world, replace(model, params={**model.params, **params}))


def search_models(
    world: World,
    workspace: str,
    *,
    experiments: Sequence[str],
    text: str | None,
    datasets: Sequence[Mapping[str, str]],
    orders: Sequence[Mapping[str, object]],
    token: str | None,
    limit: int,
) -> tuple[Sequence[tuple[LoggedModel, Sequence[ModelMetric]]], str | None]:
    """Return a page of the logged models of experiments (by number) that meet a filter, newest first."""
    wanted = parse_filter(text, LOGGED_MODELS)
    by = [(_order(order), order) for order in orders]
    named = {one.id: one.name for one in list_experiments(world, workspace)}
    names = [named[number] for number in experiments if number in named]
    models = world.tracking.list_models(workspace, experiments=names)
    metrics = world.tracking.model_metrics([model.model_id for model in models])
    found = []
    for model in models:
        about = [one for one in metrics.get(model.model_id, ()) if not datasets or _is_about(one, datasets)]
        is_left_out = datasets and not about and not any(one.entity == METRIC for one in wanted)
        if not is_left_out and meets(model_subject(model, about), wanted):
            found.append(model)
    ordered: Sequence[LoggedModel] = found
    for order, said in reversed(by):
        data = {key: str(said.get(f"dataset_{key}") or "") for key in ("name", "digest")}
        ordered = in_order(ordered, [order], lambda model, data=data: _subject(model, metrics, data))  # type: ignore[misc]
    page, following = page_of(ordered, token, max(1, min(limit, MODELS_MAX)))
    return [(model, metrics.get(model.model_id, ())) for model in page], following


def _subject(
    model: LoggedModel, metrics: Mapping[str, Sequence[ModelMetric]], data: Mapping[str, str]
) -> Mapping[str, Mapping[str, object]]:
    about = [{"dataset_name": data["name"], "dataset_digest": data["digest"]}] if data["name"] else []
    own = [one for one in metrics.get(model.model_id, ()) if not about or _is_about(one, about)]
    return model_subject(model, own)


def _order(said: Mapping[str, object]) -> Order:
    text = str(said.get("field_name") or "")
    if not text:
        raise UserError("`order_by` of logged models says a `field_name`", code="bad-filter")
    entity, key = key_of(text, LOGGED_MODELS, text)
    return Order(entity, key, said.get("ascending") is not False)


def _is_about(metric: ModelMetric, datasets: Sequence[Mapping[str, str]]) -> bool:
    return any(
        metric.dataset_name == one.get("dataset_name")
        and (not one.get("dataset_digest") or metric.dataset_digest == one["dataset_digest"])
        for one in datasets
    )


def _free_path(world: World, workspace: str, run: JobRecord, name: str, model_id: str) -> str:
    """Return the model's own name, under which Azure keeps it too, unless the run has a model of that name."""
    taken = {
        one.path
        for one in world.tracking.list_models(workspace, experiments=[run.experiment_name])
        if one.source_run == run.name
    }
    return f"models/{model_id}" if name in taken or name in _OURS else name


# Folders of a job's artifacts that mean something else.
_OURS = frozenset({"user_logs", "system_logs", "azureml-logs", "models"})


def _saved(world: World, model: LoggedModel) -> LoggedModel:
    saved = replace(model, changed_at_ms=world.clock.now_ms())
    world.tracking.save_model(saved)
    return saved
