"""
An engine in a world of fakes: a compute that runs nothing, an output store that moves nothing.

The database is a real one.
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipeyard.compute.fake import Answer, FakeClock, FakeCompute
from pipeyard.engine.loop import Engine
from pipeyard.engine.surroundings import Pace, Surroundings
from pipeyard.graph.expand import expand
from pipeyard.graph.model import Graph, NeedAssets
from pipeyard.model.assets import DatastoreUri, FileEntry, Manifest
from pipeyard.model.errors import EnvironmentFailed
from pipeyard.model.record import Batch, JobRecord, OutputRecord, Submission
from pipeyard.model.reuse import EnvironmentIdentity
from pipeyard.model.status import JobStatus
from pipeyard.ports import AcceptedJob, PreparedEnvironment, StoreRequest, StoreResult
from pipeyard.spec.decode import decode_component, decode_job
from pipeyard.spec.document import document_of, parse_document
from pipeyard.store.sql import SqlStore, open_store

WORKSPACE = "default"


class PlainDatastores:
    """Datastores as folders below one root."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def local_path(self, workspace: str, uri: DatastoreUri) -> Path:
        return self.root / workspace / uri.datastore / uri.path


@dataclass
class FakeOutputStore:
    """Says of every output that it is in its place."""

    calls: list[list[str]] = field(default_factory=list)
    requests: list[StoreRequest] = field(default_factory=list)
    # By job name.
    errors: dict[str, dict[str, str]] = field(default_factory=dict)
    crash: Exception | None = None

    def store(self, requests: Sequence[StoreRequest]) -> Sequence[StoreResult]:
        self.calls.append([request.attempt_id for request in requests])
        self.requests += requests
        if self.crash is not None:
            raise self.crash
        return [self._result(request) for request in requests]

    def _result(self, request: StoreRequest) -> StoreResult:
        error = self.errors.get(request.job_name)
        outputs = () if error else tuple(_stored(request, output) for output in request.outputs)
        return StoreResult(request.attempt_id, outputs, error)


def _stored(request, output):
    digest = hashlib.sha256(output.name.encode()).hexdigest()
    manifest = Manifest((FileEntry(output.name, 3, digest),), output.is_file)
    datastore, _, path = output.uri.removeprefix("azureml://datastores/").partition("/paths/")
    record = OutputRecord(
        job_name=request.job_name,
        output=output.name,
        uri=DatastoreUri(datastore, path),
        type=output.type,
        state="complete" if request.is_complete else "kept",
        digest=digest,
        size=3,
        file_count=1,
        is_file=output.is_file,
    )
    return record, manifest


@dataclass
class FakeOriginals:
    """Says what a test says of each place."""

    # By URI.
    differences: dict[str, str] = field(default_factory=dict)
    looks: list[str] = field(default_factory=list)
    vouched: list[str] = field(default_factory=list)

    def vouch(self, workspace, uri, manifest) -> None:
        self.vouched.append(str(uri))

    def changed(self, workspace, uri, digest) -> str | None:
        self.looks.append(f"{uri} {digest}")
        return self.differences.get(str(uri))


@dataclass
class FakeEnvironments:
    """Prepares nothing, at once, unless a test holds it up."""

    prepared: PreparedEnvironment = field(default_factory=PreparedEnvironment)
    problem: Exception | None = None
    # By image.
    problems: dict[str, Exception] = field(default_factory=dict)
    gate: threading.Event | None = None
    # What a build writes; None: nothing has to be built.
    log: Path | None = None
    asked: int = 0

    def identity(self, request) -> EnvironmentIdentity:
        return EnvironmentIdentity(f"environment of {getattr(request.environment, 'image', None)}")

    def prepare(self, request, waiter=None) -> PreparedEnvironment:
        self.asked += 1
        if self.log is not None:
            waiter.on_build(self.log)
        if self.gate is not None:
            deadline = time.monotonic() + 60
            while not self.gate.wait(0.005):
                if waiter is not None and not waiter.is_wanted():
                    raise EnvironmentFailed("nobody waits for it any more", code="canceled")
                assert time.monotonic() < deadline
        problem = self.problems.get(getattr(request.environment, "image", None) or "", self.problem)
        if problem is not None:
            raise problem
        return self.prepared


@dataclass
class WatchedStore:
    """A store that can be told to fail, and that tells of every commit."""

    store: SqlStore
    # Raised by the next commits, one each.
    failures: list[Exception] = field(default_factory=list)
    commits: int = 0
    # Called after each commit.
    after_commit: list = field(default_factory=list)

    def commit(self, batch: Batch) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.store.commit(batch)
        self.commits += 1
        for call in self.after_commit:
            call(batch)

    def __getattr__(self, name):
        return getattr(self.store, name)


def tree_of(text: str) -> dict:
    document, problems = parse_document(text, source="", file="pipeline.yml")
    assert document is not None, problems
    return document.value


def graph_of_tree(tree: dict, components: dict[str, dict]) -> Graph:
    """Return the graph of a job; *components* are plain trees by the path that names them."""
    spec, problems = decode_job(document_of(tree, source=""))
    assert spec is not None, problems
    found: dict = {}
    graph, problems = expand(spec, found)
    while isinstance(graph, NeedAssets):
        for wanted in graph.wanted:
            found[wanted], problems = decode_component(document_of(components[wanted.text], source=wanted.text))
        graph, problems = expand(spec, found)
    assert isinstance(graph, Graph), problems
    assert [problem for problem in problems if problem.is_error] == []
    return graph


def records_of(graph: Graph, root_name: str, at_ms: int) -> tuple[JobRecord, ...]:
    """Return the records that a service would make; a step's job is called `<root>-<node>`."""
    root = JobRecord(
        workspace=WORKSPACE,
        name=root_name,
        root_name=root_name,
        parent_name=None,
        kind="pipeline" if graph.is_pipeline else "command",
        node_id="",
        position=0,
        display_name=root_name,
        experiment_name="tests",
        status=JobStatus.PREPARING,
        created_at_ms=at_ms,
        created_by="ann",
    )
    if not graph.is_pipeline:
        return (replace(root, detail={"pool": "local"}),)
    outputs = {
        name: {"type": output.type.value, "from": {"job": f"{root_name}-{output.node}", **_source(output)}}
        for name, output in graph.outputs.items()
    }
    found = [replace(root, detail={"outputs": outputs})]
    _add_children(graph, found[0], graph.children, found)
    return tuple(found)


def _source(output):
    return {"node": output.node, "output": output.output}


def _add_children(graph, parent, children, found):
    for position, node in enumerate(children):
        group = graph.groups.get(node)
        record = replace(
            parent,
            name=job_name(parent.root_name, node),
            parent_name=parent.name,
            kind="pipeline" if group else "command",
            node_id=node,
            position=position,
            display_name=node,
            status=JobStatus.NOT_STARTED,
            detail={} if group else {"pool": graph.nodes[node].compute or "local"},
        )
        found.append(record)
        if group:
            _add_children(graph, record, group.children, found)


def job_name(root_name: str, node: str) -> str:
    return f"{root_name}-{node.replace('/', '.')}"


class Graphs:
    """Makes graphs again from what was submitted; a `GraphSource`."""

    def graph_of(self, root: JobRecord, submission: Submission) -> Graph:
        return graph_of_tree(submission.document, submission.components)


class World:
    """Everything around an engine, and short words for tests."""

    def __init__(self, folder: Path, *, slots: int = 4, pace: Pace | None = None) -> None:
        self.clock = FakeClock()
        self.compute = FakeCompute(self.clock, str(folder / "attempts"))
        self.store = WatchedStore(open_store(folder / "pipeyard.db"))
        self.datastores = PlainDatastores(folder / "data")
        self.outputs = FakeOutputStore()
        self.environments = FakeEnvironments()
        self.originals = FakeOriginals()
        self.slots = slots
        self.surroundings = Surroundings(
            store=self.store,
            datastores=self.datastores,
            computes={"local": self.compute},
            outputs=self.outputs,
            environments=self.environments,
            clock=self.clock,
            assets=self.store.assets,
            originals=self.originals,
            base_environment={"PATH": "/bin"},
            job_token=lambda job_name: f"token of {job_name}",
            # Nothing is looked at by itself: tests look.
            checks_invariants=True,
            pace=pace or Pace(look_seconds=3600, silence_seconds=30, retry_seconds=0.001),
        )
        self.engine = Engine(self.surroundings)

    async def start(self) -> None:
        self.engine.resize("local", self.slots)
        await self.engine.start(Graphs())

    async def restart(self) -> None:
        """End the engine without a word to anybody and let a new one take over."""
        await self.engine.stop()
        self.engine = Engine(self.surroundings)
        await self.start()

    async def submit(self, text: str, name: str = "job", **components: str) -> None:
        """Submit a pipeline; `component: outer` means the text given as *outer*."""
        tree = tree_of(text)
        trees = {f"./{key}.yml": tree_of(value) for key, value in components.items()}
        graph = graph_of_tree(tree, trees)
        records = records_of(graph, name, self.clock.now_ms())
        await self.engine.submit(AcceptedJob(Submission(name, tree, trees), graph, records))

    async def run_to_end(self, name: str = "job") -> None:
        """Move the clock until a job has ended."""
        await self.until(asyncio.ensure_future(self.engine.wait_for_end(name)).done)

    async def until(self, is_so, seconds: float = 60.0) -> None:
        """Move the clock until something is so."""
        deadline = asyncio.get_running_loop().time() + seconds
        while not is_so():
            assert asyncio.get_running_loop().time() < deadline, "it never happened"
            self.clock.move(0.5)
            await asyncio.sleep(0.0005)

    def job(self, node: str | None = None, name: str = "job") -> JobRecord:
        found = self.store.load_job(WORKSPACE, name if node is None else job_name(name, node))
        assert found is not None
        return found

    def status(self, node: str | None = None, name: str = "job") -> str:
        return self.job(node, name).status.value

    def statuses(self, name: str = "job") -> dict[str, str]:
        return {record.node_id: record.status.value for record in self.store.load_tree(WORKSPACE, name)}

    def kinds(self, node: str | None = None, name: str = "job") -> list[str]:
        events = self.store.load_events(WORKSPACE, name)
        return [event.kind for event in events if node is None or event.node_id == node]

    def launched(self) -> list[str]:
        return [plan.attempt_id for plan in self.compute.launched]

    def answer(self, node: str, answer: Answer, name: str = "job") -> None:
        self.compute.answers[job_name(name, node)] = answer

    async def close(self) -> None:
        await self.engine.stop()
        self.store.store.close()
