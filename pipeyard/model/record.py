"""
What is kept about jobs, as the store gives it back.

Not here: SQL (`store/`), the JSON that users see (`api/` and `client/`).

Invariant: places are datastore URIs, never absolute paths, so that a home can be
moved. Times are UTC milliseconds since 1970; durations are seconds from a
monotonic clock.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field, replace
from datetime import datetime, timezone
from typing import Any

from pipeyard.model.asset_record import AssetUse, AssetVersion, AuditEntry, OutputUse
from pipeyard.model.assets import DatastoreUri, Manifest

# Records name them on every side, so they are to be had here too.
from pipeyard.model.default import ARTIFACT_DATASTORE as ARTIFACT_DATASTORE  # noqa: PLC0414
from pipeyard.model.default import BUILT_IN_DATASTORES as BUILT_IN_DATASTORES  # noqa: PLC0414
from pipeyard.model.default import DEFAULT_DATASTORE as DEFAULT_DATASTORE  # noqa: PLC0414
from pipeyard.model.default import DEFAULT_WORKSPACE as DEFAULT_WORKSPACE  # noqa: PLC0414
from pipeyard.model.reuse import ResultEnd, ResultRecord
from pipeyard.model.status import JobStatus
from pipeyard.model.value import dataclass

# Where uploads are in a default datastore: `LocalUpload/<digest>/<name>`.
UPLOADS_FOLDER = "LocalUpload"
_UPLOAD_PARTS = 3
_DIGEST = re.compile("[0-9a-f]{64}")

JsonObject = Mapping[str, Any]


def artifact_root(job_name: str) -> DatastoreUri:
    """Return where a job's logs, `outputs/` and `logs/` are: Azure's place for them."""
    return DatastoreUri(ARTIFACT_DATASTORE, f"ExperimentRun/dcid.{job_name}")


def build_log(number: int = 0) -> tuple[str, str]:
    """Return where in a job's artifacts the log of an environment's build is; others of a pipeline count on from 1."""
    # Where Azure's client looks for it.
    name = f"20_image_build_log{f'_{number + 1}' if number else ''}.txt"
    return "azureml-logs", name


def user_log(job_name: str, attempt: int | None = None, rank: int | None = None) -> DatastoreUri:
    """
    Return where a step's own output goes; with *attempt*, where that of an earlier try is kept.

    Where several processes share its work, each *rank* has its own, named as in section 10.3.
    """
    process = "" if rank is None else f"_process_{rank}"
    kept = "" if attempt is None else f"_try_{attempt}"
    return artifact_root(job_name).child("user_logs", f"std_log{process}{kept}.txt")


def upload_root(uri: DatastoreUri) -> tuple[DatastoreUri, str] | None:
    """Return the whole upload that a URI is in, and its digest; None for any other place."""
    parts = uri.path.strip("/").split("/")
    if len(parts) < _UPLOAD_PARTS or parts[0] != UPLOADS_FOLDER or _DIGEST.fullmatch(parts[1]) is None:
        return None
    return replace(uri, path="/".join(parts[:_UPLOAD_PARTS])), parts[1]


def default_output_uri(datastore: str, job_name: str, output: str) -> DatastoreUri:
    """Return an output's place when none was written: `azureml/<step job name>/<output>/`."""
    return DatastoreUri(datastore, f"azureml/{job_name}/{output}/")


@dataclass(frozen=True, slots=True)
class JobRecord:
    """A root job, a pipeline inside it, or a step: each has a globally unique name."""

    workspace: str
    name: str
    # The submitted job that this belongs to; its own name for a root.
    root_name: str
    # The pipeline directly around it; None for a root.
    parent_name: str | None
    # `pipeline`, `command`, or the kind of a control node, such as `sweep`.
    kind: str
    # Place in the graph; "" for a root.
    node_id: str
    # Order among its siblings, as written.
    position: int
    display_name: str
    experiment_name: str
    status: JobStatus
    created_at_ms: int
    created_by: str
    description: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)
    compute: str | None = None
    started_at_ms: int | None = None
    ended_at_ms: int | None = None
    # Why it failed or was skipped: {code, message, exit_code?, signal?, last_lines?, ...}.
    error: JsonObject | None = None
    # What the views show and no query asks for: inputs, outputs, settings, component,
    # host, warnings, the way each input was delivered, phase times.
    detail: JsonObject = field(default_factory=dict)
    is_archived: bool = False

    @property
    def is_root(self) -> bool:
        """Return whether this is a job that somebody submitted."""
        return self.name == self.root_name

    @property
    def source_job(self) -> str | None:
        """Return the step whose earlier result stands for this one, None if it ran or may run."""
        found: str | None = (self.detail.get("reuse") or {}).get("source_job")
        return found

    @property
    def writer(self) -> str:
        """Return the job whose files and logs are this one's."""
        return self.source_job or self.name

    @property
    def process_count(self) -> int:
        """Return how many processes share its work, each with a log of its own if they are several."""
        return int(self.detail.get("process_count") or 1)

    def with_(self, **changes: Any) -> JobRecord:
        """Return the record with some fields changed."""
        return replace(self, **changes)


@dataclass(frozen=True, slots=True)
class JobChange:
    """New values for some columns of one job; keys are field names of `JobRecord`."""

    name: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One fact of a job's append-only history. `seq` counts from 1 within the root job."""

    root_name: str
    seq: int
    at_ms: int
    # The fact's class name, such as `AttemptExited`.
    kind: str
    # None when the fact is about the whole job.
    node_id: str | None
    attempt: int | None
    data: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OutputRecord:
    """An output of a step (or, by reference, of a pipeline) and what is in it."""

    job_name: str
    output: str
    uri: DatastoreUri
    type: str
    # `complete`: may be read by later steps. `kept`: of a failed step, to look at only.
    # `removed`: freed by `pipeyard gc`.
    state: str
    # SHA-256 over the manifest: equal digests mean equal bytes under equal names.
    digest: str
    size: int
    file_count: int
    is_file: bool = False
    # The step that wrote it, where that step's result was reused for this one; None: this step did.
    source_job: str | None = None
    # Since when its files are gone, UTC milliseconds.
    removed_at_ms: int | None = None
    # What was written, where the output is a number, a text or a truth value; None: it is data.
    value: str | int | float | bool | None = None

    @property
    def freed_at(self) -> str | None:
        """Return the day on which its files were freed; None: they were not."""
        if self.removed_at_ms is None:
            return None
        return datetime.fromtimestamp(self.removed_at_ms / 1000, timezone.utc).date().isoformat()

    @property
    def writer(self) -> str:
        """Return the job that wrote it."""
        return self.source_job or self.job_name

    @property
    def is_own_place(self) -> bool:
        """Return whether it lies where nobody but its writer writes: then its digest says what is there."""
        own = default_output_uri(self.uri.datastore, self.writer, self.output)
        return f"{self.uri.path.rstrip('/')}/".startswith(own.path)


@dataclass(frozen=True, slots=True)
class UploadRecord:
    """A folder or file that the command line sent, or that was fetched from the Web."""

    digest: str
    name: str
    uri: DatastoreUri
    size: int
    file_count: int
    is_file: bool


@dataclass(frozen=True, slots=True)
class ComputeRecord:
    """A compute that somebody created."""

    workspace: str
    name: str
    # `amlcompute` and so on.
    type: str
    min_instances: int
    max_instances: int
    created_at_ms: int
    # The other keys of section 7, kept and shown.
    spec: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DatastoreRecord:
    """A datastore. A local one's `path` is relative to the home unless absolute."""

    workspace: str
    name: str
    # `local`, for now.
    type: str
    spec: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WebCopy:
    """What an `http(s)` URL held when it was last fetched or found unchanged."""

    url: str
    etag: str | None
    last_modified: str | None
    uri: DatastoreUri
    digest: str
    size: int
    checked_at_ms: int


# By what lists of jobs are ordered.
JOB_ORDERS = ("created", "name", "experiment", "duration")


@dataclass(frozen=True, slots=True)
class JobFilter:
    """What `job list` asks for; None and empty mean "any"."""

    parent_name: str | None = None
    roots_only: bool = True
    status: tuple[JobStatus, ...] = ()
    experiment_name: str | None = None
    tags: Mapping[str, str | None] = field(default_factory=dict)
    since_ms: int | None = None
    # Created before then.
    until_ms: int | None = None
    text: str | None = None
    # `active`, `archived` or `all`.
    archived: str = "active"
    # One of `JOB_ORDERS`, with `-` in front for the largest first. Children are always in the order of their file.
    order: str = "-created"


@dataclass(frozen=True, slots=True)
class JobCounts:
    """How many root jobs there are, and of what kinds."""

    total: int
    by_status: Mapping[JobStatus, int]
    # The largest first, at most as many as were asked for.
    by_experiment: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Submission:
    """What was submitted, word for word: enough to build the graph again after a restart."""

    root_name: str
    # The job's document after local paths were replaced by references.
    document: JsonObject
    # Anonymous components by digest.
    components: Mapping[str, JsonObject]


@dataclass(frozen=True, slots=True)
class Batch:
    """What one turn of the engine wants stored, all of it or nothing."""

    submissions: tuple[Submission, ...] = ()
    jobs: tuple[JobRecord, ...] = ()
    changes: tuple[JobChange, ...] = ()
    events: tuple[EventRecord, ...] = ()
    outputs: tuple[tuple[OutputRecord, Manifest], ...] = ()
    # What reuse knows of steps about which it was decided, and of those that completed.
    results: tuple[ResultRecord, ...] = ()
    ended_results: tuple[ResultEnd, ...] = ()
    # Outputs of earlier jobs that were looked at: (job, output, the manifest with newer looks).
    manifests: tuple[tuple[str, str, Manifest], ...] = ()
    # Versions that completed steps wrote: a version "" gets the next number; one that exists
    # already stays as it is, and what was to replace it is left out.
    assets: tuple[AssetVersion, ...] = ()
    # Versions that a submitted job uses.
    uses: tuple[AssetUse, ...] = ()
    # What it reads that steps of other jobs wrote.
    output_uses: tuple[OutputUse, ...] = ()
    audit: tuple[AuditEntry, ...] = ()
