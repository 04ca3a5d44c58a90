"""
The composition root: the only file that picks concrete classes.

In:       a home.
Out:      a server that runs until it is asked to stop.
Not here: any behaviour of the parts; the process's own belongings (`server/`).
"""

from __future__ import annotations

import asyncio
import gc
import getpass
import hashlib
import logging
import os
import secrets
import signal
import socket
import string
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pipeyard
from pipeyard import API_VERSION, __version__
from pipeyard.api.app import create_app
from pipeyard.api.desk import Desk
from pipeyard.api.gate import Gate
from pipeyard.api.studio import built_studio
from pipeyard.compute.local.compute import LocalCompute
from pipeyard.compute.local.leftover import LocalLeftovers
from pipeyard.compute.local.rehearse import LocalRehearsal
from pipeyard.datastore.contents import LocalContents
from pipeyard.datastore.credential import CredentialFiles
from pipeyard.datastore.local import LocalDatastores
from pipeyard.datastore.original import LocalOriginals
from pipeyard.datastore.output import LocalOutputStore
from pipeyard.datastore.pool import WorkerPool
from pipeyard.datastore.receive import LocalUploads
from pipeyard.datastore.table_files import LocalTables
from pipeyard.datastore.transfer import CACHE_BYTES_MAX, RemoteTransfers
from pipeyard.datastore.trash import LocalTrash
from pipeyard.datastore.web import LocalWebSource
from pipeyard.designer.compose import CommandLineComposer
from pipeyard.designer.folder import DraftFolders
from pipeyard.engine.foresee import StepForeseer
from pipeyard.engine.loop import Engine
from pipeyard.engine.rehearse import Rehearser
from pipeyard.engine.runner import ThreadedRunner
from pipeyard.engine.surroundings import Pace, Surroundings
from pipeyard.environment.container import Containers
from pipeyard.environment.local import LocalEnvironments
from pipeyard.environment.setting import settings_of
from pipeyard.model.errors import Bug, NotAllowed, PipeyardError
from pipeyard.server.clock import SystemClock
from pipeyard.server.fault import in_words
from pipeyard.server.home import prepare_home
from pipeyard.server.inherit import passed_on
from pipeyard.server.journal import close_journal, open_journal
from pipeyard.server.lock import HomeLock
from pipeyard.server.machine import look_at_machine
from pipeyard.server.memory import give_back, share_memory
from pipeyard.server.note import remove_note, write_note
from pipeyard.server.port import ADDRESS, open_port, port_of
from pipeyard.server.readiness import Readiness
from pipeyard.server.setting import cache_bytes, config_of, mlflow_uri
from pipeyard.server.token import load_token
from pipeyard.server.uvicorn_server import UvicornServer, uvicorn_settings
from pipeyard.service.children import Children
from pipeyard.service.computes import pool_settings
from pipeyard.service.placing import LOCAL
from pipeyard.service.stored_graph import StoredGraphs
from pipeyard.service.tidy import Tidier, TidyWorld
from pipeyard.service.tracking_log import TrackingLog
from pipeyard.service.wire import time_text
from pipeyard.service.world import World
from pipeyard.store.filesystem import network_file_system
from pipeyard.store.sql import SqlStore, open_store
from pipeyard.suggest.bayesian import OptunaSuggester

_log = logging.getLogger("pipeyard.server")
# A job of a thousand steps is made of a hundred thousand objects, hardly any of them in rings, and each
# collection looks at all young ones.
_OBJECTS_PER_COLLECTION = 200_000
# Enough for a transaction to be over before the last of them has begun. The launcher holds them.
_AHEAD_PER_SLOT = 8
_NAME_LETTERS = string.ascii_lowercase + string.digits


def run_server(
    home: Path,
    *,
    port: int | None = None,
    ready_fd: int | None = None,
    on_ready: Callable[[], None] = lambda: None,
) -> int:
    """
    Serve a home until SIGTERM, SIGINT, SIGHUP or a request to stop; return the exit code.

    What keeps it from starting is raised, and told on *ready_fd* first. Steps that run
    are left alone: the next server finds them again.
    """
    share_memory()
    readiness = Readiness(ready_fd)

    def tell_ready() -> None:
        readiness.tell_ready()
        on_ready()

    try:
        with _served(home, port) as server:
            server.run(tell_ready)
    except PipeyardError as error:
        readiness.tell_failure(error)
        raise
    except OSError as problem:
        failure = in_words(problem, f"the home `{home}` cannot be used")
        readiness.tell_failure(failure)
        raise failure from problem
    except Exception as bug:
        # The edge of the process: whoever waits for the server has to learn that it will not come.
        readiness.tell_failure(Bug(f"the server met an error of its own: {type(bug).__name__}: {bug}"))
        raise
    return 0


@contextmanager
def _served(home: Path, port: int | None) -> Iterator[Server]:
    """Yield a server that owns its home; give everything back in the end."""
    _refuse_network(home)
    home = prepare_home(home)
    lock = HomeLock(home)
    try:
        token = load_token(home)
        open_journal(home, secrets=(token,))
        try:
            with _open(home) as store:
                listener = open_port(home, port, is_idle=lambda: not store.unfinished(), notice=_log.warning)
                with listener:
                    yield Server(home, token, store, listener)
        finally:
            close_journal()
    finally:
        lock.close()


@contextmanager
def _open(home: Path) -> Iterator[SqlStore]:
    store = open_store(home / "pipeyard.db")
    try:
        yield store
    finally:
        store.close()


def _refuse_network(home: Path) -> None:
    kind = network_file_system(home)
    if kind is not None:
        raise NotAllowed(
            f"the home `{home}` is on a network file system ({kind}), where two servers cannot tell each other apart",
            code="network-home",
            hint="set PIPEYARD_HOME to a folder on a local disk",
        )


class Server:
    """All parts of one server, put together and run."""

    def __init__(self, home: Path, token: str, store: SqlStore, listener: socket.socket) -> None:
        """Put the parts together; nothing runs yet."""
        self._home = home
        self._store = store
        self._listener = listener
        self._port = port_of(listener)
        self._clock = SystemClock()
        self._started_at = time_text(self._clock.now_ms()) or ""
        self._endpoint = f"http://{ADDRESS}:{self._port}"
        self._home_id = hashlib.sha256(f"home\0{token}".encode()).hexdigest()[:16]
        self._gate = Gate(token, self._port, now=time.time)
        self._pool = WorkerPool()
        self._datastores = LocalDatastores(home, store.list_datastores)
        self._credentials = CredentialFiles(home)
        # A pool of its own: a long transfer must not hold up outputs that stay here.
        self._transfer_pool = WorkerPool()
        self._transfers = RemoteTransfers(
            home,
            store.list_datastores,
            self._credentials,
            self._transfer_pool,
            bytes_max=cache_bytes(os.environ, CACHE_BYTES_MAX),
        )
        self._originals = LocalOriginals(home, self._datastores, self._pool, store.load_upload_manifest)
        self._uploads = LocalUploads(
            home, store, self._datastores, self._pool, transfers=self._transfers, originals=self._originals
        )
        self._compute = LocalCompute(home, self._datastores)
        self._cpu_count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        self._web = LocalWebSource(home, store, self._datastores, self._clock)
        self._tables = LocalTables(self._datastores, self._transfers, self._web)
        config = config_of(home)
        self._environment_settings = settings_of(config.get("environments", {}))
        self._mlflow_uri = mlflow_uri(config.get("mlflow", {}))
        self._machine = replace(look_at_machine(os.environ), is_sandboxed=self._environment_settings.sandbox)
        self._containers = Containers(self._environment_settings, os.environ, self._datastores.local_path)
        self._environments = LocalEnvironments(
            home,
            sys.executable,
            settings=self._environment_settings,
            environment=os.environ,
            containers=self._containers,
        )
        self._suggester = OptunaSuggester()
        self._draft_folders = DraftFolders(home / "drafts")
        # Before anybody asks: what lies there may belong to somebody's check from then on.
        self._draft_folders.clean_up()
        self._surroundings = Surroundings(
            pace=Pace(ahead_per_slot=_AHEAD_PER_SLOT),
            store=store,
            datastores=self._datastores,
            computes={LOCAL: self._compute},
            outputs=LocalOutputStore(self._datastores, self._pool, self._transfers),
            transfers=self._transfers,
            tables=self._tables,
            environments=self._environments,
            clock=self._clock,
            assets=store.assets,
            tracking=store.tracking,
            suggester=self._suggester,
            originals=self._originals,
            contents=LocalContents(home, self._datastores, self._pool, self._transfers),
            machine=self._machine,
            give_back_memory=lambda is_idle: give_back(is_idle=is_idle),
            base_environment=passed_on(os.environ),
            endpoint=self._endpoint,
            job_token=self._gate.job_token,
            tracking_uri=self._mlflow_uri,
        )
        self._engine = Engine(self._surroundings)
        self._tracking_log = TrackingLog(store.tracking)
        self._uvicorn: UvicornServer
        self._tidier: Tidier

    def run(self, tell_ready: Callable[[], None]) -> None:
        """Serve until somebody asks for the end."""
        asyncio.run(self._serve(tell_ready))

    async def _serve(self, tell_ready: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()
        runner = ThreadedRunner(self._engine, loop)
        self._engine.resize(LOCAL, self._cpu_count)
        for workspace in self._store.assets.list_workspaces():
            for compute in self._store.list_computes(workspace.name):
                self._engine.resize(*pool_settings(compute, self._machine))
        self._tidier = self._make_tidier(runner)
        desk = self._desk(runner, loop)
        app = create_app(desk, port=self._port)
        self._uvicorn = UvicornServer(uvicorn_settings(app))
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, self._uvicorn.begin_stop)
        await self._engine.start(StoredGraphs(self._store), Children(desk.world))
        try:
            # The port listens already: who asks from now on is answered a moment later.
            write_note(self._home, port=self._port, started_at=self._started_at)
            _log.info("version %s serves %s on port %d", __version__, self._home, self._port)
            tell_ready()
            # What is loaded stays; the collector need not look at it again and again.
            gc.collect()
            gc.freeze()
            gc.set_threshold(_OBJECTS_PER_COLLECTION, 10, 10)
            # The first worker takes half a second to start: not while a first job waits for it.
            warming = loop.run_in_executor(None, self._pool.run, os.getpid)
            sweeping = loop.run_in_executor(None, self._clean_up)
            await self._uvicorn.serve(sockets=[self._listener])
            await asyncio.gather(warming, sweeping, return_exceptions=True)
        finally:
            remove_note(self._home)
            await self._close()
            _log.info("stopped; running steps go on")

    def _clean_up(self) -> None:
        # It takes a moment to answer the first time.
        self._containers.runtime()
        self._uploads.clean_up()
        self._transfers.clean_up()
        self._environments.clean_up()
        self._compute.clean_up()
        # What an earlier server was killed over: folders of attempts that are stored, bytes that are freed.
        self._tidier.sweep_attempts()
        self._tidier.finish_earlier()

    async def _close(self) -> None:
        stopping = asyncio.ensure_future(self._engine.stop())
        # Nothing is taken in from here on. Transfers go on where they were with the next server.
        await asyncio.sleep(0)
        await asyncio.to_thread(self._transfer_pool.abandon)
        await asyncio.to_thread(self._environments.close)
        await stopping
        self._compute.close()
        await asyncio.to_thread(self._suggester.close)
        await asyncio.to_thread(self._tracking_log.close)
        await asyncio.to_thread(self._pool.close)

    def _desk(self, runner: ThreadedRunner, loop: asyncio.AbstractEventLoop) -> Desk:
        world = World(
            store=self._store,
            assets=self._store.assets,
            tracking=self._store.tracking,
            lineage=self._store.lineage,
            uploads=self._uploads,
            datastores=self._datastores,
            runner=runner,
            web=self._web,
            clock=self._clock,
            random_text=_random_text,
            staging_of=runner.staging_of,
            endpoint=self._endpoint,
            cpu_count=self._cpu_count,
            originals=self._originals,
            machine=self._machine,
            environments=self._environments,
            image_policy=self._environment_settings.image_policy,
            tables=self._tables,
            transfers=self._transfers,
            credentials=self._credentials,
            foreseer=StepForeseer(self._surroundings),
            drafts=self._store.drafts,
            composer=CommandLineComposer(self._draft_folders),
            templates=_templates(),
            rehearsal=LocalRehearsal(
                self._home, self._datastores, Rehearser(self._surroundings, StoredGraphs(self._store))
            ),
        )

        def shut_down() -> None:
            loop.call_soon_threadsafe(self._uvicorn.begin_stop)

        return Desk(
            world=world,
            gate=self._gate,
            uploads=self._uploads,
            tracking_log=self._tracking_log,
            owner=_user_name(),
            health=self._health,
            shut_down=shut_down,
            is_stopping=lambda: self._uvicorn.should_exit,
            problem=self._engine.problem,
            watch=self._engine.subscribe,
            mark_of=self._engine.mark_of,
            studio=built_studio(),
            tidier=self._tidier,
        )

    def _make_tidier(self, runner: ThreadedRunner) -> Tidier:
        return Tidier(
            TidyWorld(
                store=self._store.tidy,
                trash=LocalTrash(self._datastores, lambda: self._folders(is_here=True)),
                engine=runner,
                datastores=self._datastores,
                clock=self._clock,
                attempts=self._compute,
                environments=self._environments,
                elsewhere=lambda: frozenset(self._folders(is_here=False)),
                copies=self._transfers,
                rehearsals=LocalLeftovers(self._home),
            )
        )

    def _folders(self, *, is_here: bool) -> list[tuple[str, str]]:
        return [
            (workspace.name, datastore.name)
            for workspace in self._store.assets.list_workspaces()
            for datastore in self._store.list_datastores(workspace.name)
            if (datastore.type == "local") is is_here
        ]

    def _health(self) -> Mapping[str, Any]:
        compute = dict(self._compute.describe())
        return {
            "version": __version__,
            "api_version": API_VERSION,
            "pid": os.getpid(),
            "home_id": self._home_id,
            "started_at": self._started_at,
            "endpoint": self._endpoint,
            "cpu_count": self._cpu_count,
            **self._engine.health(),
            "launcher": compute.get("launcher"),
            "launcher_error": compute.get("error"),
            "mounts": compute.get("mounts"),
            "containers": self._containers.describe(),
        }


def _templates() -> Path:
    """Return the examples: beside the code where it is worked on, else where the wheel puts them."""
    package = Path(pipeyard.__file__).parent
    packed = package / "examples"
    return packed if packed.is_dir() else package.parent / "examples"


def _random_text(length: int) -> str:
    return "".join(secrets.choice(_NAME_LETTERS) for _ in range(length))


def _user_name() -> str:
    with suppress(KeyError, OSError):
        return getpass.getuser()
    return str(os.getuid())
