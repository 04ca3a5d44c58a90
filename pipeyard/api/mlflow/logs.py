"""
What clients log, again and again: these requests are answered from the event loop.

In:       a request.
Out:      a `RunLog`: what is to be stored for it.
Not here: storing it (`service/tracking_log.py`), MLflow's other requests about runs (`runs.py`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pipeyard.api.mlflow.ask import Ask, whole_number
from pipeyard.model.errors import UserError
from pipeyard.model.tracking import MetricPoint, ModelMetric, RunLink, RunLog
from pipeyard.tracking.run import DATASET_LINK, MODEL_INPUT, MODEL_OUTPUT

_KEY_MAX = 250
_PARAM_MAX = 6000
_TAG_MAX = 8000
PROPERTIES = "runs/set-properties"
# As many as MLflow's own server takes at once, and ten times more: what is too much shows in the size of the body.
_METRICS_MAX = 10_000


def run_of(ask: Ask) -> str:
    """Return the run that is meant; old clients say it under another name."""
    return ask.text("run_id", ask.text("run_uuid", "")) or ask.text("run_id")


def _metric(ask: Ask) -> RunLog:
    return _log(ask, metrics=[ask.members])


def _param(ask: Ask) -> RunLog:
    return _log(ask, params=[ask.members])


def _tag(ask: Ask) -> RunLog:
    return _log(ask, tags=[ask.members])


def _properties(ask: Ask) -> RunLog:
    said = ask.members.get("properties") or {}
    if not isinstance(said, Mapping):
        raise UserError("`properties` has to be a JSON object", code="bad-request")
    texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in said.items()}
    return _log(ask, tags=[{"key": key, "value": text} for key, text in texts.items()])


def _delete_tag(ask: Ask) -> RunLog:
    return _empty(ask, removed_tags=(ask.text("key"),))


def _batch(ask: Ask) -> RunLog:
    return _log(ask, ask.entries("metrics"), ask.entries("params"), ask.entries("tags"))


def _inputs(ask: Ask) -> RunLog:
    links = [RunLink(DATASET_LINK, _dataset_key(one), dict(one)) for one in ask.entries("datasets")]
    links += [_model_link(MODEL_INPUT, one) for one in ask.entries("models")]
    return _empty(ask, links=tuple(links))


def _outputs(ask: Ask) -> RunLog:
    return _empty(ask, links=tuple(_model_link(MODEL_OUTPUT, one) for one in ask.entries("models")))


LOGS: Mapping[str, Callable[[Ask], RunLog]] = {
    "runs/log-metric": _metric,
    "runs/log-parameter": _param,
    "runs/log-batch": _batch,
    "runs/set-tag": _tag,
    # Azure's clients say it to another address.
    PROPERTIES: _properties,
    "runs/delete-tag": _delete_tag,
    "runs/log-inputs": _inputs,
    "runs/outputs": _outputs,
}


def _log(
    ask: Ask,
    metrics: Sequence[Mapping[str, Any]] = (),
    params: Sequence[Mapping[str, Any]] = (),
    tags: Sequence[Mapping[str, Any]] = (),
) -> RunLog:
    run = run_of(ask)
    points: dict[str, list[MetricPoint]] = {}
    of_models: list[ModelMetric] = []
    if len(metrics) > _METRICS_MAX:
        raise UserError(f"a batch holds at most {_METRICS_MAX} metrics, and this {len(metrics)}", code="bad-request")
    for entry in metrics:
        key = _key(entry, "metric")
        point = MetricPoint(
            _value(entry),
            whole_number(entry.get("step") or 0, "step"),
            whole_number(entry.get("timestamp") or 0, "timestamp"),
        )
        points.setdefault(key, []).append(point)
        if entry.get("model_id"):
            name, digest = str(entry.get("dataset_name") or ""), str(entry.get("dataset_digest") or "")
            of_models.append(ModelMetric(str(entry["model_id"]), key, point, run, name, digest))
    said: dict[str, str] = {}
    for entry in params:
        key, value = _key(entry, "param"), _text(entry, _PARAM_MAX, "param")
        if said.setdefault(key, value) != value:
            raise UserError(f"Duplicate parameter keys have been submitted: ['{key}']", code="param-changed")
    return _empty(
        ask,
        metrics={key: tuple(found) for key, found in points.items()},
        model_metrics=tuple(of_models),
        params=said,
        tags={_key(entry, "tag"): _text(entry, _TAG_MAX, "tag") for entry in tags},
    )


def _empty(ask: Ask, **what: Any) -> RunLog:
    return RunLog(workspace=ask.workspace, run=run_of(ask), asked_by=ask.caller.job, **what)


def _key(entry: Mapping[str, Any], what: str) -> str:
    key = entry.get("key")
    if not isinstance(key, str) or not key:
        raise UserError("Missing value for required parameter 'key'.", code="bad-request")
    if len(key) > _KEY_MAX:
        raise UserError(
            f"the name of a {what} has at most {_KEY_MAX} characters, and `{key[:50]}...` has {len(key)}",
            code="bad-request",
        )
    return key


def _value(entry: Mapping[str, Any]) -> float:
    value = entry.get("value")
    # JSON has no NaN and no infinity; clients write them as texts.
    if isinstance(value, (int, float, str)) and not isinstance(value, bool):
        try:
            return float(value)
        except (ValueError, OverflowError):
            pass
    raise UserError(
        f"Invalid value {value!r} for parameter 'value' of metric '{entry.get('key')}'.", code="bad-request"
    )


def _text(entry: Mapping[str, Any], most: int, what: str) -> str:
    value = entry.get("value")
    text = "" if value is None else str(value)
    if len(text) > most:
        raise UserError(
            f"the value of {what} '{entry.get('key')}' has {len(text)} characters, and at most {most} are kept",
            code="bad-request",
        )
    return text


def _dataset_key(entry: Mapping[str, Any]) -> str:
    dataset = entry.get("dataset")
    if not isinstance(dataset, Mapping):
        raise UserError("Missing value for required parameter 'dataset'.", code="bad-request")
    # The same data may be said to be for training and for validation.
    return json.dumps([dataset.get("name"), dataset.get("digest"), entry.get("tags")], sort_keys=True)


def _model_link(kind: str, entry: Mapping[str, Any]) -> RunLink:
    model = entry.get("model_id")
    if not isinstance(model, str) or not model:
        raise UserError("Missing value for required parameter 'model_id'.", code="bad-request")
    return RunLink(
        kind, model, {"model_id": model, **({"step": entry["step"]} if entry.get("step") is not None else {})}
    )
