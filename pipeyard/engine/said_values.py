"""
Values that a step said of its run instead of writing them: Azure's older contract for control outputs.

In:       the outputs of an attempt that completed; what its job was tagged with.
Out:      the file of each value that was said and not written.
Not here: reading those files (`datastore/output.py`), hearing what is said (`api/mlflow/`).

There a step gives its values by the property `azureml.pipeline.control` of its run, JSON by the
outputs' names, and its command does not name the outputs at all (section 3.9). A file that the step
wrote wins. Runs in a thread.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeyard.engine.surroundings import Surroundings
from pipeyard.launch.plan import PlannedOutput
from pipeyard.model.types import PortType

CONTROL_TAG = "azureml.pipeline.control"


def write_said(world: Surroundings, workspace: str, job: str, root: str, outputs: Sequence[PlannedOutput]) -> None:
    """Write what was said and not written; what was said and is not JSON, or of no output, is passed over."""
    places = {output.name: Path(root) / output.path for output in outputs if PortType(output.type).is_literal}
    missing = {name: place for name, place in places.items() if not place.exists()}
    if not missing or not Path(root).is_dir():
        return
    said = _said(world, workspace, job)
    for name, place in missing.items():
        if name in said:
            place.parent.mkdir(parents=True, exist_ok=True)
            value = said[name]
            place.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")


def _said(world: Surroundings, workspace: str, job: str) -> Mapping[str, Any]:
    record = world.store.load_job(workspace, job)
    text = record.tags.get(CONTROL_TAG) if record is not None else None
    try:
        said = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, Mapping) else {}
