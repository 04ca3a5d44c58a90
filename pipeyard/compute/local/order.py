"""
A launch plan as the launcher understands it: URIs become folders of this machine.

In:       a `LaunchPlan`; the datastores, which know where their bytes are.
Out:      the `order` of a `launch` message (`pipeyard/launcher/order.py`).
Not here: sending it (`compute.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from pipeyard.compute.local.container import container_order
from pipeyard.compute.local.gang import gang_command, gang_order
from pipeyard.compute.local.sandbox import sandbox_order
from pipeyard.launch.plan import WORKING_DIR, LaunchPlan, Line, PlannedInput, PlannedOutput
from pipeyard.model.assets import DatastoreUri
from pipeyard.model.errors import ComputeError
from pipeyard.ports import Datastores

_START = "azureml://datastores/"
_MIDDLE = "/paths/"
# Section 10.3: what a command leaves in these two is kept with its job.
_KEPT_FOLDERS = (f"{WORKING_DIR}/outputs", f"{WORKING_DIR}/logs")


def order_of(plan: LaunchPlan, datastores: Datastores, *, has_logs: bool = True) -> dict[str, Any]:
    """
    Return the order for a plan. Raises `ComputeError` when it asks for a sandbox and there can be none.

    Without logs, the processes of a gang write to where its script writes.
    """

    def place(uri: str) -> str:
        return str(datastores.local_path(plan.workspace, _datastore_uri(uri)))

    gang = None
    if plan.gang is not None:
        gang = gang_order(plan, plan.gang, place if has_logs else None)
        # Each of its processes opens its own log.
        logs = (str(PurePosixPath(place(plan.log_uri)).parent),) if has_logs else ()
        plan = replace(plan, command=gang_command(plan), writable=(*plan.writable, *logs))
    return {
        "attempt_id": plan.attempt_id,
        "command": plan.command,
        "environment": _environment(plan),
        "code": None if plan.code_uri is None else place(plan.code_uri),
        "code_label": plan.code_uri,
        "folders": [*_KEPT_FOLDERS, *(_folder(output) for output in plan.outputs if not output.is_direct)],
        "files": dict(plan.files),
        "inputs": [_input(item, item.source or place(item.uri)) for item in plan.inputs],
        "log": place(plan.log_uri),
        "timeout_seconds": plan.timeout_seconds,
        "grace_seconds": plan.grace_seconds,
        "log_bytes_max": plan.log_bytes_max,
        "cpus": list(plan.cpus),
        "gang": gang,
        "sandbox": sandbox_order(plan) if plan.is_sandboxed else None,
        "line": None if plan.line is None else _line(plan.line),
        "container": None if plan.container is None else container_order(plan, plan.container, plan.environment),
    }


def check_root(plan: LaunchPlan, root: Path) -> None:
    """Raise if a plan was made for another folder than the one that its attempt gets."""
    if PurePosixPath(plan.root) != PurePosixPath(root):
        raise ComputeError(
            f"attempt `{plan.attempt_id}` was planned for `{plan.root}`, but its folder is `{root}`", code="bad-plan"
        )


def _environment(plan: LaunchPlan) -> Mapping[str, str]:
    if not plan.path_prefix:
        return plan.environment
    path = [*plan.path_prefix, *filter(None, [plan.environment.get("PATH")])]
    return {**plan.environment, "PATH": ":".join(path)}


def _line(line: Line) -> Mapping[str, object]:
    return {"pool": line.pool, "slots": line.slots, "instances": line.instances}


def _folder(output: PlannedOutput) -> str:
    return str(PurePosixPath(output.path).parent) if output.is_file else output.path


def _input(item: PlannedInput, source: str) -> dict[str, object]:
    return {
        "name": item.name,
        "source": source,
        "label": item.uri,
        "mode": item.mode,
        "path": item.path,
        "files": [{"path": file.path, "source": file.source} for file in item.files],
    }


def _datastore_uri(text: str) -> DatastoreUri:
    # Plans hold the one short form that `DatastoreUri` writes; the other spellings were read long before.
    datastore, middle, path = text.removeprefix(_START).partition(_MIDDLE)
    if not text.startswith(_START) or not middle or not datastore:
        raise ComputeError(f"`{text}` is no datastore URI that this compute can read", code="bad-plan")
    return DatastoreUri(datastore, path)
