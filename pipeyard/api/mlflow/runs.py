"""
`mlflow/runs/...`, `mlflow/metrics/...`, `mlflow/artifacts/list`: runs, but for what is logged to them (`logs.py`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pipeyard.api.mlflow.ask import Ask
from pipeyard.api.mlflow.experiments import Handler, named, next_page
from pipeyard.api.mlflow.logs import run_of
from pipeyard.api.mlflow.permit import Permits
from pipeyard.model.errors import UserError
from pipeyard.model.record import JobRecord
from pipeyard.model.tracking import RunLog
from pipeyard.service import tracking_runs as service
from pipeyard.service.tracking_artifacts import list_files, spot_of
from pipeyard.tracking.order import page_of
from pipeyard.tracking.run import PARENT_RUN, RunData, artifact_uri, history_json, info_json, mapping, run_json

_PAGE = 1000
_BULK_MAX = 25_000
_MODEL_HISTORY = "mlflow.log-model.history"


def routes(permits: Permits) -> Mapping[tuple[str, str], Handler]:
    """Return what each address does."""

    def create(ask: Ask) -> Mapping[str, Any]:
        tags = mapping(ask.entries("tags"))
        run = service.create_run(
            ask.world,
            ask.workspace,
            named(ask),
            by=ask.desk.owner,
            name=ask.text("run_name", "") or None,
            started_at_ms=ask.number("start_time", 0) or None,
            tags=tags,
            below=_around(permits, ask, tags.get(PARENT_RUN)),
        )
        return {"run": run_json(run, RunData())}

    def update(ask: Ask) -> Mapping[str, Any]:
        run = service.update_run(
            ask.world,
            _own(permits, ask),
            status=ask.text("status", "") or None,
            ended_at_ms=ask.number("end_time", 0) or None,
            name=ask.text("run_name", "") or None,
        )
        return {"run_info": info_json(run)}

    def delete(ask: Ask) -> Mapping[str, Any]:
        service.set_run_deleted(ask.world, _own(permits, ask), is_deleted=True)
        return {}

    def restore(ask: Ask) -> Mapping[str, Any]:
        service.set_run_deleted(ask.world, _own(permits, ask), is_deleted=False)
        return {}

    def log_model(ask: Ask) -> Mapping[str, Any]:
        run = _own(permits, ask)
        _remember_model(ask, run)
        return {}

    return {
        ("POST", "runs/create"): create,
        ("POST", "runs/update"): update,
        ("POST", "runs/delete"): delete,
        ("POST", "runs/restore"): restore,
        ("POST", "runs/log-model"): log_model,
        ("GET", "runs/get"): _get,
        ("POST", "runs/search"): _search,
        ("GET", "metrics/get-history"): _history,
        ("GET", "metrics/get-history-bulk-interval"): _bulk,
        ("GET", "artifacts/list"): _artifacts,
    }


def _own(permits: Permits, ask: Ask) -> JobRecord:
    run = service.show_run(ask.world, ask.workspace, run_of(ask))
    permits.check_write(ask.caller, ask.workspace, run.name)
    return run


def _around(permits: Permits, ask: Ask, parent: str | None) -> JobRecord | None:
    """Return the job below which a run begins: the one that is named, else the one that asks; None for neither."""
    wanted = parent or ask.caller.job
    if wanted is None:
        return None
    permits.check_write(ask.caller, ask.workspace, wanted)
    return service.show_run(ask.world, ask.workspace, wanted)


def _get(ask: Ask) -> Mapping[str, Any]:
    run = service.show_run(ask.world, ask.workspace, run_of(ask))
    return {"run": run_json(run, service.data_of(ask.world, [run])[run.name])}


def _search(ask: Ask) -> Mapping[str, Any]:
    found, following = service.search_runs(
        ask.world,
        ask.workspace,
        experiments=ask.texts("experiment_ids"),
        text=ask.text("filter", ""),
        orders=ask.texts("order_by"),
        view=ask.text("run_view_type", "ACTIVE_ONLY"),
        token=ask.text("page_token", ""),
        limit=ask.number("max_results", _PAGE),
    )
    return {"runs": [run_json(job, data) for job, data in found], **next_page(following)}


def _history(ask: Ask) -> Mapping[str, Any]:
    run, key = service.show_run(ask.world, ask.workspace, run_of(ask)), ask.text("metric_key")
    limit = ask.number("max_results", 0)
    points = ask.world.tracking.metric_history([run.writer], key).get(run.writer, ())
    page, following = page_of(points, ask.text("page_token", ""), limit) if limit else (points, None)
    return {"metrics": [history_json(key, point) for point in page], **next_page(following)}


def _bulk(ask: Ask) -> Mapping[str, Any]:
    key, limit = ask.text("metric_key"), min(max(1, ask.number("max_results", _BULK_MAX)), _BULK_MAX)
    start, end = ask.number("start_step", 0), ask.members.get("end_step")
    runs = [service.show_run(ask.world, ask.workspace, name) for name in ask.texts("run_ids")]
    histories = ask.world.tracking.metric_history([run.writer for run in runs], key)
    found = []
    for run in runs:
        inside = [
            point
            for point in histories.get(run.writer, ())
            if point.step >= start and (end is None or point.step <= int(end))
        ]
        stride = -(-len(inside) // limit) or 1
        kept = inside[::stride] if not inside or inside[-1] in inside[::stride] else [*inside[::stride], inside[-1]]
        found += [{**history_json(key, point), "run_id": run.name} for point in kept]
    return {"metrics": found}


def _artifacts(ask: Ask) -> Mapping[str, Any]:
    run, path = service.show_run(ask.world, ask.workspace, run_of(ask)), ask.text("path", "").strip("/")
    files = list_files(spot_of(ask.world, ask.workspace, f"{run.name}/{path}" if path else run.name))
    head = f"{path}/" if path else ""
    return {
        "root_uri": artifact_uri(run.name),
        "files": [
            {"path": f"{head}{one.name}", "is_dir": one.is_folder, **({} if one.is_folder else {"file_size": one.size})}
            for one in files
        ],
    }


def _remember_model(ask: Ask, run: JobRecord) -> None:
    """Add a model to the run's history of models, which MLflow before 3 keeps in a tag."""
    text = ask.text("model_json")
    try:
        model = json.loads(text)
        history = json.loads(run.properties.get(_MODEL_HISTORY, "[]"))
    except (ValueError, RecursionError) as error:
        raise UserError("Malformed model info: it has to be JSON.", code="bad-request") from error
    if not isinstance(model, Mapping) or not isinstance(history, list):
        raise UserError("Malformed model info: it has to be a JSON object.", code="bad-request")
    tags = {_MODEL_HISTORY: json.dumps([*history, model])}
    ask.desk.tracking_log.log(RunLog(ask.workspace, run.name, tags=tags, asked_by=ask.caller.job))
