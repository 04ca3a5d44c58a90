"""A world of plain dictionaries: the use cases run in it without a file, a thread or a clock."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from pipeyard.model.assets import DatastoreUri, Manifest
from pipeyard.model.errors import Conflict, NotFound, OutsideError
from pipeyard.model.record import (
    BUILT_IN_DATASTORES,
    Batch,
    ComputeRecord,
    DatastoreRecord,
    JobFilter,
    JobRecord,
    OutputRecord,
    UploadRecord,
    WebCopy,
)
from pipeyard.model.status import JobStatus
from pipeyard.service.request import JobRequest
from pipeyard.service.world import World
from tests.unit.service.memory_assets import MemoryAssets

ENVIRONMENT = {"image": "python"}


class MemoryStore:
    """As much of a store as the use cases need."""

    def __init__(self):
        self.jobs, self.submissions, self.outputs, self.events = {}, {}, [], []
        self.uploads, self.computes, self.uses, self.audit = {}, {}, [], []

    def commit(self, batch: Batch):
        if any(job.name in self.jobs for job in batch.jobs):
            raise Conflict("taken")
        self.jobs.update({job.name: job for job in batch.jobs})
        self.submissions.update({one.root_name: one for one in batch.submissions})
        for change in batch.changes:
            self.jobs[change.name] = self.jobs[change.name].with_(**change.values)
        self.events += batch.events
        self.outputs += [record for record, _ in batch.outputs]
        self.uses += batch.uses

    def load_job(self, workspace, name):
        return self.jobs.get(name)

    def list_jobs(self, workspace, which: JobFilter, *, limit, before=None):
        found = [job for job in self.jobs.values() if job.is_root or not which.roots_only]
        return sorted(found, key=lambda job: (-job.created_at_ms, job.name))[:limit]

    def load_tree(self, workspace, root_name):
        return [job for job in self.jobs.values() if job.root_name == root_name]

    def load_events(self, workspace, root_name, *, after=0):
        return [event for event in self.events if event.root_name == root_name and event.seq > after]

    def load_submission(self, workspace, root_name):
        return self.submissions.get(root_name)

    def unfinished(self):
        return [job for job in self.jobs.values() if job.is_root and not job.status.is_terminal]

    def load_outputs(self, workspace, job_name):
        return [row for row in self.outputs if row.job_name == job_name]

    def newest_results(self, workspace, steps):
        return {}

    def load_manifest(self, workspace, job_name, output):
        return Manifest(())

    def find_upload(self, workspace, digest, name):
        return self.uploads.get((digest, name))

    def save_compute(self, compute, audit=None):
        self.audit.append(audit)
        self.computes[compute.name] = compute

    def load_compute(self, workspace, name):
        return self.computes.get(name)

    def list_computes(self, workspace):
        return sorted(self.computes.values(), key=lambda compute: compute.name)

    def delete_compute(self, workspace, name, audit=None):
        self.audit.append(audit)
        if name not in self.computes:
            raise NotFound(name)
        del self.computes[name]

    def list_datastores(self, workspace):
        return [DatastoreRecord(workspace, name, "local") for name in BUILT_IN_DATASTORES]


@dataclass
class MemoryPlace:
    is_there: bool

    def exists(self):
        return self.is_there


@dataclass
class MemoryDatastores:
    there: set[str] = field(default_factory=set)

    def local_path(self, workspace, uri: DatastoreUri):
        return MemoryPlace(str(uri) in self.there)


@dataclass
class MemoryRunner:
    """Accepts jobs as the engine does: stored when the call returns."""

    store: MemoryStore
    accepted: list = field(default_factory=list)
    canceled: list = field(default_factory=list)
    sizes: dict = field(default_factory=dict)
    uses: dict = field(default_factory=dict)
    nodes: dict = field(default_factory=dict)

    def submit(self, job):
        self.store.commit(Batch(submissions=(job.submission,), jobs=job.records))
        self.accepted.append(job)

    def cancel(self, workspace, root_name, by):
        self.canceled.append((root_name, by))

    def resize(self, compute, slots, instance=None):
        self.sizes[compute] = slots

    def pool_use(self, compute):
        return self.uses.get(compute)

    def nodes_of(self, compute):
        return self.nodes.get(compute, ())


@dataclass
class MemoryWeb:
    copies: dict[str, WebCopy] = field(default_factory=dict)

    def fetch(self, workspace, url):
        if url not in self.copies:
            raise OutsideError("the server answered 404", hint="look at it in a browser")
        return self.copies[url]


class StillClock:
    def __init__(self):
        self.ms = 1_700_000_000_123

    def now_ms(self):
        return self.ms

    def monotonic(self):
        return self.ms / 1000


class Yard:
    """The world, and short words for what tests do in it."""

    def __init__(self):
        self.store = MemoryStore()
        self.assets = MemoryAssets()
        self.datastores = MemoryDatastores()
        self.runner = MemoryRunner(self.store)
        self.web = MemoryWeb()
        self.clock = StillClock()
        counter = iter(range(10**6))
        self.world = World(
            store=self.store,
            assets=self.assets,
            tracking=None,
            uploads=None,
            datastores=self.datastores,
            runner=self.runner,
            web=self.web,
            clock=self.clock,
            random_text=lambda length: f"{next(counter):0{length}d}",
            staging_of=lambda name: None,
            endpoint="http://127.0.0.1:1",
            cpu_count=2,
        )

    def request(self, document, **more):
        return JobRequest(document=document, **{"user": "ann", "experiment_name": "folder", **more})

    def upload(self, digest, name, *, is_file=True):
        uri = DatastoreUri("workspaceblobstore", f"LocalUpload/{digest}/{name}")
        self.store.uploads[digest, name] = UploadRecord(digest, name, uri, 3, 1, is_file)
        self.datastores.there.add(str(uri))
        return str(uri)

    def compute(self, name, max_instances=2):
        self.store.computes[name] = ComputeRecord("default", name, "amlcompute", 0, max_instances, 1)

    def job(self, name="old_job", status=JobStatus.COMPLETED, **more):
        job = JobRecord("default", name, name, None, "pipeline", "", 0, name, "e", status, 5, "ann", **more)
        self.store.jobs[name] = job
        return job

    def output(self, job_name, output, state="complete"):
        uri = DatastoreUri("workspaceblobstore", f"azureml/{job_name}/{output}/")
        self.store.outputs.append(OutputRecord(job_name, output, uri, "uri_folder", state, "d" * 64, 3, 1))
        self.datastores.there.add(str(uri))
        return uri

    def end(self, name, status=JobStatus.COMPLETED):
        self.store.jobs[name] = replace(self.store.jobs[name], status=status)


def command(text="echo", **more):
    return {"type": "command", "command": text, "environment": ENVIRONMENT, **more}


def pipeline(jobs=None, **more):
    return {"type": "pipeline", "jobs": jobs or {"a": command()}, **more}


@pytest.fixture
def yard():
    """A world without anything in it."""
    return Yard()


@pytest.fixture
def words():
    """Short words for documents."""

    class Words:
        pass

    found = Words()
    found.command, found.pipeline = command, pipeline
    return found
