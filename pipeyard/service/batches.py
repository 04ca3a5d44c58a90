"""
What the driver of a parallel step last said of its mini-batches.

In:       a step's record.
Out:      its progress file, which the driver replaces as a whole now and then.
Not here: which step is meant (`parallel.py`), writing the file (`pipeyard/drivers/parallel_report.py`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeyard.launch.plan import WORKING_DIR
from pipeyard.model.record import JobRecord, artifact_root
from pipeyard.service.world import World

PROGRESS = "logs/parallel/progress.json"


def progress_of(world: World, job: JobRecord) -> Mapping[str, Any] | None:
    """Return what the driver of a step last said; None for a step that is no parallel one, or has not begun."""
    for place in _places(world, job):
        try:
            found = json.loads(place.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(found, dict):
            return found
    return None


def _places(world: World, job: JobRecord) -> Iterator[Path]:
    staging = world.staging_of(job.name)
    # What runs now comes before what an earlier try has left.
    if staging is not None:
        yield staging / WORKING_DIR / PROGRESS
    yield world.datastores.local_path(job.workspace, artifact_root(job.writer).child(*PROGRESS.split("/")))
