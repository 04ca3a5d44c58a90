"""Records that the suites of the store begin with."""

from pipeyard.model.record import JobRecord
from pipeyard.model.status import JobStatus

NASTY = "a b'\"$HOME;--\n../ü漢\U0001f600%_\\"


def job(name, *, root=None, parent=None, position=0, at=1000, **rest):
    values = {
        "workspace": "default",
        "name": name,
        "root_name": root or name,
        "parent_name": parent,
        "kind": "command",
        "node_id": "" if root is None else name,
        "position": position,
        "display_name": name,
        "experiment_name": "experiment",
        "status": JobStatus.NOT_STARTED,
        "created_at_ms": at,
        "created_by": "ann",
    }
    return JobRecord(**{**values, **rest})


def names(jobs):
    return [job.name for job in jobs]
