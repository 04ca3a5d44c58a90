"""
What a job's token may do in MLflow's protocol.

In:       who asks, and about which run.
Out:      the job that asks; `NotAllowed`.

A job reads what its workspace has logged, and begins runs below itself. It writes to itself, to what is in the same
submitted job (a step logs to its pipeline, as in Azure), and to the jobs around it; never to anybody else's. All of
it until it ends.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from pipeyard.api.gate import Caller, check_own
from pipeyard.model.errors import NotAllowed, NotFound
from pipeyard.model.record import DEFAULT_WORKSPACE, JobRecord
from pipeyard.service.jobs import workspace_of
from pipeyard.service.tracking_runs import show_run
from pipeyard.service.world import World

_KNOWN_MAX = 4096


class Permits:
    """Answers and remembers: who is below whom never changes."""

    def __init__(self, world: World) -> None:
        """Take the world whose jobs ask."""
        self._world = world
        self._may_write: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._lock = Lock()

    def workspace(self, caller: Caller, named: str | None) -> str:
        """Return the workspace that is meant; a job has its own only, and asks before its end."""
        if caller.job is None:
            return named or DEFAULT_WORKSPACE
        job = self._job(caller.job, named)
        check_own(caller, job)
        return job.workspace

    def known_workspace(self, caller: Caller, named: str | None, run: str) -> str | None:
        """Return the workspace for a write to a run that was allowed before; its end is looked at with the write."""
        if caller.job is None:
            return named or DEFAULT_WORKSPACE
        found = self._may_write.get((caller.job, run))
        return found if found is not None and named in (None, found) else None

    def check_write(self, caller: Caller, workspace: str, run: str) -> None:
        """Raise unless the caller may write to a run."""
        if caller.job is None or (caller.job, run) in self._may_write:
            return
        job = self._job(caller.job, workspace)
        if run != job.name and not self._is_near(job, show_run(self._world, workspace, run)):
            raise NotAllowed(f"the token of job `{job.name}` writes to its own job's runs only", code="other-job")
        with self._lock:
            self._may_write[caller.job, run] = workspace
            while len(self._may_write) > _KNOWN_MAX:
                self._may_write.popitem(last=False)

    def _is_near(self, job: JobRecord, run: JobRecord) -> bool:
        around: JobRecord | None = job
        while around is not None:
            if run.root_name == around.root_name or run.name == around.name:
                return True
            parent = around.parent_name
            around = None if parent is None else self._world.store.load_job(around.workspace, parent)
        return False

    def _job(self, name: str, workspace: str | None) -> JobRecord:
        own = workspace_of(self._world, name)
        if workspace is not None and workspace != own:
            raise NotAllowed(f"the token of job `{name}` opens its own workspace only", code="other-workspace")
        job = self._world.store.load_job(own, name)
        if job is None:
            raise NotFound(f"there is no job `{name}`", code="no-run")
        return job
