"""
What the engine and the service ask of the world.

Each protocol is filled in by one folder below the line (`store/`, `datastore/`,
`compute/*`) and held by one contract suite in `tests/contract/`.

All calls are plain and blocking. The engine makes them in a thread of its own,
so that the event loop never waits for a disk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from pipeyard.graph.model import Graph
from pipeyard.launch.plan import LaunchPlan, PlannedOutput
from pipeyard.model.asset_record import (
    AssetContainer,
    AssetFilter,
    AssetKey,
    AssetNeed,
    AssetUse,
    AssetVersion,
    AuditEntry,
    AuditFilter,
    WorkspaceRecord,
)
from pipeyard.model.assets import AssetKind, DatastoreUri, Manifest
from pipeyard.model.component import EnvironmentValue
from pipeyard.model.instance import UNMEASURED, Instance, NodeUse, PoolUse
from pipeyard.model.record import (
    DEFAULT_DATASTORE,
    Batch,
    ComputeRecord,
    DatastoreRecord,
    EventRecord,
    JobFilter,
    JobRecord,
    OutputRecord,
    Submission,
    UploadRecord,
    WebCopy,
)


class Clock(Protocol):
    """Time, so that tests can move it."""

    def now_ms(self) -> int:
        """Return UTC milliseconds since 1970."""

    def monotonic(self) -> float:
        """Return seconds that only grow."""


class Store(Protocol):
    """The database. One writer; readers never block it. Raises `StoreError`, `NotFound`, `Conflict`."""

    def commit(self, batch: Batch) -> None:
        """Store a whole batch durably, or raise and store nothing. `Conflict` if a job name is taken."""

    def load_job(self, workspace: str, name: str) -> JobRecord | None:
        """Return one job, root or child."""

    def list_jobs(
        self, workspace: str, which: JobFilter, *, limit: int, before: tuple[int, str] | None = None
    ) -> Sequence[JobRecord]:
        """Return jobs, newest first (children: by position); *before* is (created_at_ms, name) of the last one seen."""

    def load_tree(self, workspace: str, root_name: str) -> Sequence[JobRecord]:
        """Return a root job and everything below it, by position."""

    def load_events(self, workspace: str, root_name: str, *, after: int = 0) -> Sequence[EventRecord]:
        """Return the facts with `seq` above *after*, in order."""

    def load_submission(self, workspace: str, root_name: str) -> Submission | None:
        """Return what was submitted."""

    def unfinished(self) -> Sequence[JobRecord]:
        """Return root jobs of all workspaces that are not at their end, oldest first."""

    def load_outputs(self, workspace: str, job_name: str) -> Sequence[OutputRecord]:
        """Return what is known of a job's outputs."""

    def load_manifest(self, workspace: str, job_name: str, output: str) -> Manifest | None:
        """Return the files of one output."""

    def save_upload(self, workspace: str, upload: UploadRecord, manifest: Manifest) -> None:
        """Remember a complete upload; the same digest and name twice is no error."""

    def find_upload(self, workspace: str, digest: str, name: str) -> UploadRecord | None:
        """Return a complete upload by what is in it and what it is called."""

    def load_upload_manifest(self, workspace: str, digest: str) -> Manifest | None:
        """Return the files of an upload."""

    def find_files(self, workspace: str, sha256s: Sequence[str]) -> Mapping[str, DatastoreUri]:
        """Return a place for each of those file contents that an upload already holds."""

    def save_compute(self, compute: ComputeRecord, audit: AuditEntry | None = None) -> None:
        """Create a compute or change it."""

    def load_compute(self, workspace: str, name: str) -> ComputeRecord | None:
        """Return one compute."""

    def list_computes(self, workspace: str) -> Sequence[ComputeRecord]:
        """Return every compute, by name."""

    def delete_compute(self, workspace: str, name: str, audit: AuditEntry | None = None) -> None:
        """Forget a compute; `NotFound` if there is none."""

    def list_datastores(self, workspace: str) -> Sequence[DatastoreRecord]:
        """Return every datastore, built-in ones first."""

    def save_datastore(self, datastore: DatastoreRecord, audit: AuditEntry | None = None) -> None:
        """Create a datastore or change it."""

    def delete_datastore(self, workspace: str, name: str, audit: AuditEntry | None = None) -> None:
        """Forget a datastore; `NotFound` if there is none."""

    def save_web_copy(self, workspace: str, copy: WebCopy) -> None:
        """Remember what a URL held."""

    def load_web_copy(self, workspace: str, url: str) -> WebCopy | None:
        """Return what a URL held when last looked at."""


class AssetStore(Protocol):
    """
    Versions of assets, who uses them, workspaces, and the history of changes.

    Where an `AuditEntry` is taken, it is stored in the same transaction as the change it
    tells of. The rules (which change is allowed) are in `registry/`; what is held here is
    that numbers are given once, whoever asks at the same moment.
    """

    def create_asset(
        self,
        asset: AssetVersion,
        audit: AuditEntry,
        *,
        needs: Sequence[AssetNeed] = (),
        parts: Sequence[AssetVersion] = (),
    ) -> AssetVersion:
        """
        Store a version and return it with its number and serial.

        A version "" becomes the integer after the highest that the name ever had, deleted ones
        included; the entry gets that number too. `Conflict` with code `version-exists` or
        `version-deleted`, nothing stored. *parts* are anonymous components; one that is there is left alone.
        """

    def load_asset(self, key: AssetKey) -> AssetVersion | None:
        """Return one version, archived or not."""

    def was_deleted(self, key: AssetKey) -> bool:
        """Return whether a version was there and is gone, so that its number is never used again."""

    def load_labeled(self, workspace: str, kind: AssetKind, name: str, label: str) -> AssetVersion | None:
        """Return what a label stands for: `latest` is created last and not archived; so is `default` unless set."""

    def set_label(self, key: AssetKey, label: str, audit: AuditEntry) -> None:
        """Let a label stand for a version from now on; `NotFound` if there is no such version."""

    def load_container(self, workspace: str, kind: AssetKind, name: str) -> AssetContainer | None:
        """Return what is known of a name; None when it has no version."""

    def list_containers(
        self, workspace: str, kind: AssetKind, which: AssetFilter, *, limit: int, after: str | None = None
    ) -> Sequence[AssetContainer]:
        """Return names by name; *after* is the last one seen. Anonymous ones are left out."""

    def list_versions(
        self, workspace: str, kind: AssetKind, name: str, which: AssetFilter, *, limit: int, before: int | None = None
    ) -> Sequence[AssetVersion]:
        """Return the versions of a name, created last first, without bodies; *before* is the last serial seen."""

    def version_names(self, workspace: str, kind: AssetKind, name: str) -> Sequence[str]:
        """Return some hundred versions of a name, created last first: for saying what is near."""

    def asset_names(self, workspace: str, kind: AssetKind) -> Sequence[str]:
        """Return some thousand names: for saying what is near."""

    def change_asset(self, key: AssetKey, values: Mapping[str, Any], audit: AuditEntry) -> None:
        """Give fields of `MUTABLE`, or `is_archived`, new values; `NotFound` if there is no such version."""

    def archive_container(
        self, workspace: str, kind: AssetKind, name: str, audit: AuditEntry, *, is_archived: bool
    ) -> None:
        """Hide a name and all its versions, or show them again; `NotFound` if there is no such name."""

    def delete_asset(self, key: AssetKey, audit: AuditEntry) -> None:
        """Forget a version for good; `NotFound`, or `Conflict` (`asset-in-use`) for a job or version that needs it."""

    def users_of(self, key: AssetKey, *, limit: int, unfinished_only: bool = False) -> Sequence[AssetUse]:
        """Return the jobs that use a version, newest first, one use for each role of each record."""

    def uses_of(self, workspace: str, root_name: str) -> Sequence[AssetUse]:
        """Return what a root job and everything below it use."""

    def needed_by(self, key: AssetKey, *, limit: int) -> Sequence[AssetKey]:
        """Return the versions that need this one."""

    def needs_of(self, key: AssetKey) -> Sequence[AssetNeed]:
        """Return what a version needs."""

    def produced_by(self, workspace: str, root_name: str) -> Sequence[AssetVersion]:
        """Return the versions that the steps of a root job wrote, without bodies."""

    def list_audit(self, which: AuditFilter, *, limit: int, before: int | None = None) -> Sequence[AuditEntry]:
        """Return changes, newest first; *before* is the last `seq` seen."""

    def create_workspace(
        self, workspace: WorkspaceRecord, datastores: Sequence[DatastoreRecord], audit: AuditEntry
    ) -> None:
        """Store a workspace (or registry) and its datastores; `Conflict` with code `workspace-exists` if it is there."""

    def load_workspace(self, name: str) -> WorkspaceRecord | None:
        """Return one workspace."""

    def list_workspaces(self) -> Sequence[WorkspaceRecord]:
        """Return every workspace by name, registries included."""

    def change_workspace(self, name: str, values: Mapping[str, Any], audit: AuditEntry) -> None:
        """Give display name, description or tags new values; `NotFound` if there is no such workspace."""

    def delete_workspace(self, name: str, audit: AuditEntry) -> None:
        """Forget a workspace and all rows but its history; `NotFound`, or `Conflict` (`in-use`) for who needs it."""


class Datastores(Protocol):
    """Bytes by datastore URI. Everything here refuses a path that would leave its datastore."""

    def local_path(self, workspace: str, uri: DatastoreUri) -> Path:
        """Return where on this machine a URI's bytes are or would be."""

    def check_folder(self, record: DatastoreRecord) -> None:
        """Return if a folder of the user's can be used as a datastore; `OSError` if not."""

    def forget(self, workspace: str, datastore: str) -> None:
        """Forget what was known of a datastore: it was created, changed or removed."""


@dataclass(frozen=True, slots=True)
class RemoteLook:
    """What is at a place that is not on this machine, as its server lists it."""

    is_file: bool
    size: int
    file_count: int
    # Over paths, sizes and entity tags: equal ones mean equal bytes.
    listing_digest: str


@dataclass(frozen=True, slots=True)
class TableFile:
    """One file of an MLTable."""

    # Where a step sees it, below the input's folder.
    path: str
    # Where it is on this machine, not to be written to.
    source: Path
    # What it is called by: a short datastore URI, or an address in the Web.
    uri: str


@dataclass(frozen=True, slots=True)
class LocalCopy:
    """Bytes of a remote datastore that are on this machine, not to be written to; or the files of a table."""

    path: Path
    is_file: bool
    # Of its manifest, as for every tree.
    digest: str
    size: int
    file_count: int
    # What had to be fetched for it; the rest was here already.
    fetched_bytes: int = 0
    # Of an MLTable that is evaluated: the files that take the folder's place.
    table: tuple[TableFile, ...] = ()


class Transfers(Protocol):
    """
    Datastores that are not folders of this machine; worker processes move their bytes.

    Raises `StoreError` that names the datastore, `may_retry` when trying again may help.
    """

    def is_remote(self, workspace: str, datastore: str) -> bool:
        """Return whether a datastore's bytes have to be fetched; False for one that does not exist."""

    def probe(self, record: DatastoreRecord, credentials: Mapping[str, str]) -> None:
        """Return if the datastore can be reached and lets these credentials in."""

    def look(self, workspace: str, uri: DatastoreUri) -> RemoteLook | None:
        """Return what is at a URI, None if there is nothing."""

    def bring(
        self, workspace: str, uri: DatastoreUri, *, holder: str | None = None, digest: str | None = None
    ) -> LocalCopy:
        """
        Return a copy of what is at a URI, fetching what is not here yet.

        With a *holder* (an attempt) it stays until `release`, or until that attempt's
        folder is gone. *digest* is what must be there; `StoreError` if it is not.
        """

    def forget(self, workspace: str) -> None:
        """Forget which datastores a workspace has: one was created, changed or removed."""

    def release(self, holder: str) -> None:
        """Let what was brought for a holder be removed when space is needed."""


class Tables(Protocol):
    """MLTables: which files they stand for. Raises `UserError` for a table that cannot be understood."""

    def files_of(
        self, workspace: str, uri: DatastoreUri, folder: Path, *, holder: str | None = None
    ) -> Sequence[TableFile]:
        """
        Return the files of the table in *folder*, which is what is at *uri*; at least one.

        What is in remote datastores is brought, and with a *holder* stays as long as `Transfers` says.
        """

    def head(self, workspace: str, uri: DatastoreUri, place: Path, *, rows_max: int) -> Mapping[str, Any]:
        """
        Return the first rows of a table, or of a file that is one, as plain values.

        `{"columns": [{name, type}], "rows": [{name: value}], "is_complete", "is_cut", "file_count"}`.
        """


class CredentialStore(Protocol):
    """Secrets of datastores, apart from everything that is shown or logged."""

    def save(self, workspace: str, datastore: str, credentials: Mapping[str, str]) -> None:
        """Keep a datastore's credentials; empty ones remove what was kept."""

    def load(self, workspace: str, datastore: str) -> Mapping[str, str]:
        """Return a datastore's credentials; empty when it has none."""


@dataclass(frozen=True, slots=True)
class UploadTicket:
    """What a sender has to do about an upload."""

    # Where the upload is or will be.
    uri: DatastoreUri
    # None: everything is here already and nothing has to be sent.
    id: str | None
    # SHA-256 of the contents that the server lacks.
    missing: tuple[str, ...] = ()
    # A folder where a sender on this machine, as this user, may put files named by their SHA-256.
    drop: Path | None = None


class Originals(Protocol):
    """Bytes that must never change once they are stored: uploads, and versions of assets."""

    def vouch(self, workspace: str, uri: DatastoreUri, manifest: Manifest) -> None:
        """Remember how the files of a place look while they are known to be what the manifest says."""

    def changed(self, workspace: str, uri: DatastoreUri, digest: str) -> str | None:
        """
        Return what differs from what has this digest, in words that name a file; None when nothing does.

        Files that look as they did when they were right are not read again. None, too, when nothing is there.
        """


class Uploads(Protocol):
    """Folders and files on their way in. Raises `UserError` when what came is not what was announced."""

    def begin(self, workspace: str, name: str, manifest: Manifest, datastore: str = DEFAULT_DATASTORE) -> UploadTicket:
        """Announce an upload; one that is here already is done at once. Its digest is the manifest's."""

    def receive(self, upload_id: str, sha256: str, size: int, chunks: Iterable[bytes]) -> None:
        """Take one content, check its size and hash, and keep it until `complete`. `NotFound`: no such upload."""

    def complete(self, upload_id: str) -> UploadRecord:
        """Put the upload in its final place and remember it; `Conflict` names what is still missing."""


class WebSource(Protocol):
    """Data behind `http(s)` URLs, kept in the default datastore."""

    def fetch(self, workspace: str, url: str) -> WebCopy:
        """Return a copy that is as new as the URL is now; `OutsideError` if it cannot be had."""


# --- outputs ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ArtifactMove:
    """A folder below the staging root that becomes part of the job's artifacts; missing or empty: nothing to do."""

    # Relative to the root, such as `wd/outputs`.
    path: str
    # Where its contents go, such as `ExperimentRun/dcid.<job>/outputs`.
    uri: DatastoreUri


@dataclass(frozen=True, slots=True)
class WriteBack:
    """An `rw_mount` input of a remote datastore: the command changed a copy, which takes the original's place."""

    # The input's name.
    name: str
    # Where the copy is, relative to the root.
    path: str
    # Where it came from.
    uri: DatastoreUri


@dataclass(frozen=True, slots=True)
class StoreRequest:
    """One attempt that nothing writes to any more, and what of it is to be kept."""

    attempt_id: str
    workspace: str
    # The step's own job name: `OutputRecord.job_name`.
    job_name: str
    # Absolute path of the staging folder.
    root: str
    outputs: tuple[PlannedOutput, ...]
    artifacts: tuple[ArtifactMove, ...] = ()
    # Whether later steps may read the outputs (state `complete`); else they are `kept` to look at.
    is_complete: bool = True
    # Only of attempts that are complete.
    write_backs: tuple[WriteBack, ...] = ()


@dataclass(frozen=True, slots=True)
class StoreResult:
    """What became of one request: every output in its place, or why not."""

    attempt_id: str
    outputs: tuple[tuple[OutputRecord, Manifest], ...] = ()
    # {code, message}: disk full, a target that cannot be written, an output that is no file, ...
    error: Mapping[str, Any] | None = None


class OutputStore(Protocol):
    """Gives outputs their final names: fsync, rename, manifest; in worker processes."""

    def store(self, requests: Sequence[StoreRequest]) -> Sequence[StoreResult]:
        """
        Store what several attempts wrote; one result each, in order.

        The same request twice is no error: what is in its final place already is
        described as it is. A single request's failure is its `error`, never an exception.
        Raises `NoWorkers` when the server itself cannot store now; to be asked again.
        """


# --- environments ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PreparedEnvironment:
    """Something to run a command in."""

    # Folders that come first on PATH.
    path_prefix: tuple[str, ...] = ()
    # More variables that belong to it, such as `VIRTUAL_ENV`.
    variables: Mapping[str, str] = field(default_factory=dict)
    # One plain sentence for the job, when it is less than what was asked for.
    warning: str | None = None


class Environments(Protocol):
    """Turns environments into something to run in, once per content."""

    def prepare(self, environment: EnvironmentValue | None) -> PreparedEnvironment:
        """
        Return an environment, made first if need be; that may take minutes. Raises `ComputeError`.

        Called from several threads; the same environment is made once. None: none was named.
        """


# --- compute ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AttemptReport:
    """
    What a compute says of one attempt.

    `state` is one of `starting`, `running`, `exited`, `refused` (it never began),
    `lost` (nobody knows how it ended), `unknown` (never heard of it).
    """

    attempt_id: str
    state: str
    # UTC milliseconds.
    started_at_ms: int | None = None
    ended_at_ms: int | None = None
    # Monotonic seconds between the two.
    duration_seconds: float | None = None
    exit_code: int | None = None
    # Name of the signal that ended it, such as `SIGKILL`.
    signal: str | None = None
    timed_out: bool = False
    # Why it was refused or lost, or why a clean exit is a failure (a read-only input was changed).
    reason: str | None = None
    code: str | None = None
    # How each input was delivered: `bind`, `copy`, `reflink`, `permissions`, `original`, `uri`.
    ways: Mapping[str, str] = field(default_factory=dict)
    # Bytes dropped from the middle of the log: (from, to), or None.
    log_dropped: tuple[int, int] | None = None


class Compute(Protocol):
    """
    A back end: four verbs.

    `on_report` is called from any thread whenever an attempt changes state. A
    compute that cannot call may leave it to `look`.
    """

    on_report: Callable[[AttemptReport], None]

    def staging_root(self, attempt_id: str) -> str:
        """Return the absolute folder that an attempt will see as its own, before it is launched."""

    def launch(self, plan: LaunchPlan) -> None:
        """Start an attempt and return at once. The same attempt twice starts it once."""

    def look(self, attempt_ids: Sequence[str]) -> Mapping[str, AttemptReport]:
        """Return a report for each attempt asked about."""

    def stop(self, attempt_id: str) -> None:
        """Ask an attempt to end: SIGTERM, grace, SIGKILL. Its end is reported as usual."""

    def forget(self, attempt_id: str) -> None:
        """Remove an attempt's staging folder; its outputs have been stored."""

    def describe(self) -> Mapping[str, Any]:
        """Return what it can do, for `doctor` and the health page."""


# --- jobs ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AcceptedJob:
    """
    A job that was checked and resolved: nothing more has to be looked up to run it.

    Every `Data.path` in the graph is a `DataUri` in short datastore form; only a
    `direct` input may be an `http(s)` URL.
    """

    submission: Submission
    graph: Graph
    # The root first, then its groups and steps, parents before children. A record's
    # `node_id` ties it to the graph; a stand-alone command job is one record, whose node
    # is "". A step's `compute` is as written; `detail["pool"]` is where it runs.
    records: tuple[JobRecord, ...]
    # Stored in the same transaction as the job.
    uses: tuple[AssetUse, ...] = ()
    audit: tuple[AuditEntry, ...] = ()


class JobRunner(Protocol):
    """The engine as the service sees it. All calls may come from any thread but the loop's own."""

    def submit(self, job: AcceptedJob) -> None:
        """Return when the job is stored durably and will run. `Conflict` if its name is taken."""

    def cancel(self, workspace: str, root_name: str, by: str) -> None:
        """Return when the wish is stored; steps end in their own time."""

    def resize(self, compute: str, slots: int, instance: Instance = UNMEASURED) -> None:
        """Give a pool this many slots from now on, and say what each has; 0: nothing new starts in it."""

    def pool_use(self, compute: str) -> PoolUse | None:
        """Return how full a pool is, at once; None for one that nobody gave slots."""

    def nodes_of(self, compute: str) -> Sequence[NodeUse]:
        """Return the instances of a pool and who has each."""


class GraphSource(Protocol):
    """Builds the graph of a stored job again, for a restarted engine."""

    def graph_of(self, root: JobRecord, submission: Submission) -> Graph:
        """Return the same graph as was accepted, data resolved in the same way."""
