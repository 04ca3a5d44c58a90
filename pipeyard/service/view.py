"""
Jobs, events, outputs and computes as the JSON that users see.

In:       records.
Out:      plain mappings in Azure's words (section 11.2), with our additions under names that Azure lacks.
Not here: sorting keys and choosing a format (the command line does), HTML (`api/page.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from pipeyard.model.asset_record import AssetVersion
from pipeyard.model.assets import ANONYMOUS, AssetKind, AssetRef, Manifest
from pipeyard.model.record import (
    ComputeRecord,
    DatastoreRecord,
    EventRecord,
    JobRecord,
    OutputRecord,
    Submission,
)
from pipeyard.model.status import JobStatus
from pipeyard.service.pins import pin_key, pinned_tree
from pipeyard.service.records import PIPELINE
from pipeyard.service.wire import plain, time_text
from pipeyard.spec.reference import parse_reference

SKIPPED = "skipped"
BYPASSED = "bypassed"
# Of steps that never started: what their error codes are called.
_NEVER_BEGAN = {SKIPPED: "Skipped", BYPASSED: "Bypassed"}
REUSED = "Completed (reused)"
NOTHING: Mapping[str, AssetVersion] = MappingProxyType({})
# Where a resource would live in Azure; scripts cut names out of such ids.
_SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
GROUP = "pipeyard"


def job_label(job: JobRecord) -> str:
    """Return the word for people: the status, with what it leaves out: skipped, bypassed, or reused."""
    if job.status is JobStatus.CANCELED and (job.error or {}).get("code") in _NEVER_BEGAN:
        return _NEVER_BEGAN[(job.error or {})["code"]]
    if job.status is JobStatus.COMPLETED and job.source_job is not None:
        return REUSED
    return job.status.value


def problem_text(job: JobRecord) -> str | None:
    """Return in a sentence why a job failed, or of a step that is tried again what comes next."""
    error = job.error or {}
    text: str | None = error.get("next_try") or error.get("message")
    return text


def duration_seconds(job: JobRecord, now_ms: int | None = None) -> float | None:
    """Return how long a job ran, or has been running at *now_ms*."""
    measured = job.detail.get("duration_seconds")
    if measured is not None:
        return float(measured)
    end = job.ended_at_ms if job.ended_at_ms is not None else now_ms
    if job.started_at_ms is None or end is None:
        return None
    return max(0, end - job.started_at_ms) / 1000


def resource_id(workspace: str, kind: str, name: str) -> str:
    """Return an id in Azure's form."""
    return (
        f"/subscriptions/{_SUBSCRIPTION}/resourceGroups/{GROUP}/providers/"
        f"Microsoft.MachineLearningServices/workspaces/{workspace}/{kind}/{name}"
    )


def page_address(endpoint: str, name: str) -> str:
    """Return the address of a job's page."""
    return f"{endpoint}/jobs/{quote(name, safe='')}"


def job_json(
    job: JobRecord,
    endpoint: str,
    submission: Submission | None = None,
    outputs: Sequence[OutputRecord] = (),
    registered: Mapping[str, AssetVersion] = NOTHING,
) -> dict[str, Any]:
    """
    Return a job as `job show` prints it.

    With its submission, a pipeline carries `jobs`; with its outputs, each says where it
    is; and with what was *registered*, by output, which version it became.
    """
    detail = dict(job.detail)
    # Hundreds of lines of which most readers want none (`environments_json`).
    detail.pop("environments", None)
    shown: dict[str, Any] = {
        "id": "azureml:" + resource_id(job.workspace, "jobs", job.name),
        "name": job.name,
        "display_name": job.display_name,
        "experiment_name": job.experiment_name,
        "description": job.description,
        "type": job.kind,
        "status": job.status.value,
        "tags": dict(job.tags),
        "properties": dict(job.properties),
        "creation_context": {
            "created_at": time_text(job.created_at_ms),
            "created_by": job.created_by,
            "created_by_type": "User",
        },
        "services": {"Studio": {"endpoint": page_address(endpoint, job.root_name), "type": "Studio"}},
        "resourceGroup": GROUP,
        "inputs": _ports(detail.pop("inputs", None)),
        "outputs": _outputs(detail.pop("outputs", None), outputs, registered),
        "compute": None if job.compute is None else f"azureml:{job.compute}",
        # Not Azure's:
        "label": job_label(job),
        "start_time": time_text(job.started_at_ms),
        "end_time": time_text(job.ended_at_ms),
        "duration_seconds": duration_seconds(job),
        "error": None if job.error is None else plain(job.error),
        "archived": job.is_archived,
        "parent_job_name": job.parent_name,
        "root_job_name": job.root_name,
        "step": job.node_id or None,
    }
    # The rest of the detail keeps its names; what the columns say wins.
    shown = {**plain(detail), **shown}
    best = detail.get("best_trial")
    if best is not None:
        shown["properties"] |= {"best_child_run_id": best["name"], "score": str(best["score"])}
    if job.kind == PIPELINE and submission is not None:
        shown["jobs"] = steps_json(job, submission)
    return shown


def environments_json(job: JobRecord, root: JobRecord) -> dict[str, Any]:
    """Return what was really installed for a job: by digest for a whole one, its own for a step."""
    kept: Mapping[str, Any] = root.detail.get("environments") or {}
    own = job.detail.get("environment_digest")
    found = {digest: plain(value) for digest, value in kept.items() if job.is_root or digest == own}
    return {"environments": found} if found else {}


def steps_json(job: JobRecord, submission: Submission) -> dict[str, Any]:
    """Return a pipeline's steps as written, in Azure's form: component as an id, bindings as expressions."""
    body = _body_of(job, submission)
    steps = body.get("jobs") if body is not None else None
    if not isinstance(steps, Mapping):
        return {}
    return {str(key): _step_json(step, submission) for key, step in steps.items() if isinstance(step, Mapping)}


def step_line(job: JobRecord) -> dict[str, Any]:
    """Return what a follower learns of a step when it changes."""
    return {
        "name": job.name,
        "key": job.node_id,
        "kind": job.kind,
        "display_name": job.display_name,
        "status": job.status.value,
        "label": job_label(job),
        "started_at": time_text(job.started_at_ms),
        "ended_at": time_text(job.ended_at_ms),
        "duration_seconds": duration_seconds(job),
        "error": None if job.error is None else plain(job.error),
    }


def event_json(event: EventRecord) -> dict[str, Any]:
    """Return one fact of a job's history."""
    return {
        "seq": event.seq,
        "at": time_text(event.at_ms),
        "kind": event.kind,
        "step": event.node_id,
        "attempt": event.attempt,
        "data": plain(event.data),
    }


def output_json(output: OutputRecord) -> dict[str, Any]:
    """Return one output: where it is and what it weighs."""
    return {
        "name": output.output,
        "job": output.job_name,
        "path": str(output.uri),
        "type": output.type,
        "state": output.state,
        "digest": output.digest,
        "size": output.size,
        "file_count": output.file_count,
        "is_file": output.is_file,
        **_value(output),
        **_freed(output),
    }


def _value(output: OutputRecord) -> dict[str, Any]:
    return {} if output.value is None else {"value": output.value}


def _freed(output: OutputRecord) -> dict[str, Any]:
    return {} if output.removed_at_ms is None else {"freed_at": time_text(output.removed_at_ms)}


def files_json(manifest: Manifest) -> list[dict[str, Any]]:
    """Return the files of a manifest."""
    return [{"path": entry.path, "size": entry.size, "sha256": entry.sha256} for entry in manifest.entries]


def compute_json(compute: ComputeRecord) -> dict[str, Any]:
    """Return a compute as `compute show` prints it."""
    return {
        **plain(compute.spec),
        "id": resource_id(compute.workspace, "computes", compute.name),
        "name": compute.name,
        "type": compute.type,
        "min_instances": compute.min_instances,
        "max_instances": compute.max_instances,
        "provisioning_state": "Succeeded",
        "created_on": time_text(compute.created_at_ms or None),
    }


def datastore_json(datastore: DatastoreRecord, *, is_default: bool, credentials: str | None = None) -> dict[str, Any]:
    """Return a datastore; never what lets one in, and of a built-in one never where it is on this machine."""
    spec = plain(datastore.spec)
    if not str(spec.get("path", "/")).startswith("/"):
        del spec["path"]
    return {
        **spec,
        "id": resource_id(datastore.workspace, "datastores", datastore.name),
        "name": datastore.name,
        "type": datastore.type,
        "is_default": is_default,
        # The kind of credential that is kept, as Azure names it.
        "credentials_type": credentials,
    }


def _ports(ports: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: _port(value) for name, value in (ports or {}).items()}


def _outputs(
    declared: Mapping[str, Any] | None, made: Sequence[OutputRecord], registered: Mapping[str, AssetVersion]
) -> dict[str, Any]:
    shown = _ports(declared)
    for row in made:
        shown[row.output] = {
            **shown.get(row.output, {}),
            "path": _as_asset(str(row.uri)),
            "type": row.type,
            "state": row.state,
            "digest": row.digest,
            **_value(row),
            **_freed(row),
        }
    for output, asset in registered.items():
        # The version it became, whatever was asked for.
        made_as = {"name": asset.name, "version": asset.version, "asset": str(asset.key.reference(asset.workspace))}
        shown[output] = {**shown.get(output, {}), **made_as}
    return shown


def _port(value: Mapping[str, Any]) -> Any:
    if "value" in value and "from" not in value:
        # A literal is shown as Azure's client does: by itself, as text.
        return str(value["value"])
    shown = plain(value)
    source = shown.pop("from", None)
    if source is not None:
        shown["source"] = source
    if source is not None and "mode" in shown:
        shown.setdefault("path", f"azureml://jobs/{source['job']}/outputs/{source['output']}")
    if "path" in shown:
        shown["path"] = _as_asset(str(shown["path"]))
    return shown


def _as_asset(path: str) -> str:
    return path if path.startswith("azureml:") and not path.startswith("azureml://") else f"azureml:{path}"


def _body_of(job: JobRecord, submission: Submission) -> Mapping[str, Any] | None:
    if job.is_root:
        document = submission.document
        return document if isinstance(document.get("jobs"), Mapping) else _component_of(document, submission)
    around: Mapping[str, Any] | None = submission.document
    for key in job.node_id.split("/"):
        if around is not None and not isinstance(around.get("jobs"), Mapping):
            around = _component_of(around, submission)
        step = (around or {}).get("jobs", {}).get(key)
        around = step if isinstance(step, Mapping) else None
    if around is None or isinstance(around.get("jobs"), Mapping):
        return around
    return _component_of(around, submission)


def _component_of(step: Mapping[str, Any], submission: Submission) -> Mapping[str, Any] | None:
    component = step.get("component")
    if isinstance(component, Mapping):
        return component
    reference = _component_reference(component) if isinstance(component, str) else None
    if reference is None:
        return None
    sent = submission.components.get(reference.version or "") if reference.name == ANONYMOUS else None
    return sent if sent is not None else submission.components.get(pin_key(reference))


# A job of a thousand steps names the same few components again and again.
@lru_cache(maxsize=1024)
def _component_reference(text: str) -> AssetRef | None:
    found = parse_reference(text, AssetKind.COMPONENT, "")
    return found if isinstance(found, AssetRef) else None


def _step_json(step: Mapping[str, Any], submission: Submission) -> dict[str, Any]:
    component = _component_of(step, submission)
    kind = step.get("type") or (component or {}).get("type") or "command"
    shown = plain(pinned_tree(step, submission.components))
    return {"inputs": {}, "outputs": {}, **shown, "$schema": "{}", "type": kind}
