"""The whole application over a real database and real folders; only the engine is missing."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import httpx
import pytest
from anyio.from_thread import start_blocking_portal

from pipeyard.api.app import create_app
from pipeyard.api.desk import Desk
from pipeyard.api.gate import Gate
from pipeyard.datastore.local import LocalDatastores
from pipeyard.datastore.original import LocalOriginals
from pipeyard.datastore.receive import LocalUploads
from pipeyard.designer.compose import CommandLineComposer
from pipeyard.designer.folder import DraftFolders
from pipeyard.model.instance import PoolUse
from pipeyard.model.record import Batch, EventRecord, JobChange, user_log
from pipeyard.model.status import JobStatus
from pipeyard.service.tracking_log import TrackingLog
from pipeyard.service.world import World
from pipeyard.store.sql import open_store

EXAMPLES = Path(__file__).parents[3] / "examples"
PORT = 8123
TOKEN = "t" * 43
JOBS = "/api/v1/workspaces/default/jobs"


class InlinePool:
    """Worker processes that are no processes."""

    def run(self, function, *args, **kwargs):
        return function(*args, **kwargs)


@dataclass
class StoringRunner:
    """Accepts jobs as the engine does and runs nothing."""

    store: object
    canceled: list = field(default_factory=list)
    uses: dict = field(default_factory=dict)
    nodes: dict = field(default_factory=dict)

    def submit(self, job):
        event = EventRecord(job.records[0].name, 1, job.records[0].created_at_ms, "JobSubmitted", None, None)
        self.store.commit(
            Batch(
                submissions=(job.submission,),
                jobs=job.records,
                events=(event,),
                uses=job.uses,
                output_uses=job.output_uses,
                audit=job.audit,
            )
        )

    def cancel(self, workspace, root_name, by):
        self.canceled.append((root_name, by))

    def resize(self, compute, slots, instance=None):
        self.uses[compute] = PoolUse(slots, 0)

    def pool_use(self, compute):
        return self.uses.get(compute)

    def nodes_of(self, compute):
        return self.nodes.get(compute, ())


class SteppingClock:
    """A clock that goes on by a millisecond at each look."""

    def __init__(self):
        self.ms = 1_700_000_000_000

    def now_ms(self):
        self.ms += 1
        return self.ms

    def monotonic(self):
        self.ms += 1000
        return self.ms / 1000


class Caller:
    """A client of an application in this process, for tests that are plain functions."""

    def __init__(self, app, headers, portal):
        self._portal = portal
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app, raise_app_exceptions=False),
            base_url=f"http://127.0.0.1:{PORT}",
            headers=headers,
        )
        self.cookies = self._client.cookies

    def request(self, method, url, **more):
        return self._portal.call(partial(self._client.request, method, url, **more))

    def __getattr__(self, name):
        return partial(self.request, name.upper())


class Api:
    """A server in this process, and short words for asking it."""

    def __init__(self, home: Path, portal):
        self.home = home
        self._portal = portal
        self.store = open_store(home / "pipeyard.db")
        self.datastores = LocalDatastores(home, self.store.list_datastores)
        self.runner = StoringRunner(self.store)
        self.seconds = 1_700_000_000.0
        self.gate = Gate(TOKEN, PORT, now=lambda: self.seconds)
        self.stopped = []
        self.uploads = LocalUploads(home, self.store, self.datastores, InlinePool())
        self.tracking_log = TrackingLog(self.store.tracking)
        counter = iter(range(10**6))
        self.desk = Desk(
            world=World(
                store=self.store,
                assets=self.store.assets,
                tracking=self.store.tracking,
                lineage=self.store.lineage,
                uploads=self.uploads,
                datastores=self.datastores,
                runner=self.runner,
                web=None,
                clock=SteppingClock(),
                random_text=lambda length: f"{next(counter):0{length}d}",
                staging_of=lambda name: home / "attempts" / f"{name}.1" if (home / "attempts").exists() else None,
                endpoint=f"http://127.0.0.1:{PORT}",
                cpu_count=2,
                originals=LocalOriginals(home, self.datastores, InlinePool()),
                drafts=self.store.drafts,
                composer=CommandLineComposer(DraftFolders(home / "drafts")),
                templates=EXAMPLES,
            ),
            gate=self.gate,
            uploads=self.uploads,
            tracking_log=self.tracking_log,
            owner="ann",
            health=lambda: {"version": "x"},
            shut_down=lambda: self.stopped.append(True),
        )
        self.app = create_app(self.desk, port=PORT)
        self.client = self.caller({"authorization": f"Bearer {TOKEN}"})

    def caller(self, headers):
        """Return a client with other headers, and without our cookies."""
        return Caller(self.app, headers, self._portal)

    def browser(self):
        """Return a client that has come in by a one-time code."""
        found = self.caller({})
        code = self.client.post("/api/v1/login-codes").json()["code"]
        assert found.get("/login", params={"code": code}).status_code == 303
        return found

    def submit(self, jobs=None, **more):
        """Return the JSON of a new pipeline."""
        document = {"type": "pipeline", "jobs": jobs or {"a": step()}, **more}
        answer = self.client.post(JOBS, json={"document": document, "user": "ann"})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def steps(self, name):
        """Return the step jobs of a job, by key."""
        return {row.node_id: row for row in self.store.load_tree("default", name) if not row.is_root}

    def change(self, root_name, name, **values):
        """Change a record as the engine would: with a fact beside it."""
        seq = self.store.load_events("default", root_name)[-1].seq + 1
        event = EventRecord(root_name, seq, 1_700_000_000_000, "Something", None, None)
        self.store.commit(Batch(changes=(JobChange(name, values),), events=(event,)))

    def end(self, root_name, status=JobStatus.COMPLETED):
        """End a job and all its steps."""
        for row in self.store.load_tree("default", root_name):
            if not row.is_root:
                self.change(
                    root_name, row.name, status=status, started_at_ms=1_700_000_000_000, ended_at_ms=1_700_000_001_000
                )
        self.change(root_name, root_name, status=status, ended_at_ms=1_700_000_001_000)

    def log(self, name):
        """Return the path of a step's log, its folder made."""
        path = self.datastores.local_path("default", user_log(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def artifact(self, name, path, data):
        """Write an artifact of a job."""
        place = self.log(name).parent.parent / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        return place


def step(command="echo", **more):
    return {"type": "command", "command": command, "environment": {"image": "python"}, **more}


def lines_of(answer):
    """Return the messages of a stream."""
    return [json.loads(line) for line in answer.text.splitlines()]


@pytest.fixture(scope="session")
def portal():
    """One event loop in a thread for all applications."""
    with start_blocking_portal() as it:
        yield it


@pytest.fixture
def api(tmp_path, portal):
    """A server with an empty home."""
    it = Api(tmp_path, portal)
    yield it
    it.store.close()


@pytest.fixture
def words():
    """Short words for documents and answers."""

    class Words:
        pass

    found = Words()
    found.step, found.lines_of, found.jobs, found.token, found.port = step, lines_of, JOBS, TOKEN, PORT
    return found
