"""The database, as far as jobs, uploads, computes and datastores go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from pipeyard.model.asset_record import (
    AuditEntry,
)
from pipeyard.model.assets import DatastoreUri, Manifest
from pipeyard.model.record import (
    Batch,
    ComputeRecord,
    DatastoreRecord,
    EventRecord,
    JobCounts,
    JobFilter,
    JobRecord,
    OutputRecord,
    Submission,
    UploadRecord,
    WebCopy,
)
from pipeyard.model.reuse import ResultRecord


class Store(Protocol):
    """The database. One writer; readers never block it. Raises `StoreError`, `NotFound`, `Conflict`."""

    def commit(self, batch: Batch) -> None:
        """Store a whole batch durably, or raise and store nothing. `Conflict` if a job name is taken."""

    def load_job(self, workspace: str, name: str) -> JobRecord | None:
        """Return one job, root or child."""

    def list_jobs(
        self, workspace: str, which: JobFilter, *, limit: int, before: tuple[int, str] | None = None
    ) -> Sequence[JobRecord]:
        """Return jobs in `which.order` (children: by position); *before* is (created_at_ms, name) of the last one seen."""

    def count_jobs(self, workspace: str, which: JobFilter, *, experiments: int) -> JobCounts:
        """Return how many root jobs there are; of the filter only archive state and experiment count."""

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
        """Return the files of one output, whoever wrote it."""

    def find_results(self, workspace: str, keys: Sequence[str]) -> Mapping[str, Sequence[ResultRecord]]:
        """Return for each key the results that may be reused, newest first; without their parts."""

    def nearest_results(self, workspace: str, step: str, limit: int) -> Sequence[ResultRecord]:
        """Return the completed results of a step, newest first."""

    def newest_results(self, workspace: str, steps: Sequence[str]) -> Mapping[str, ResultRecord]:
        """Return the newest completed result of each of many steps."""

    def result_of(self, workspace: str, job_name: str) -> ResultRecord | None:
        """Return what is known of one step, whether it has completed or not."""

    def results_of_root(self, workspace: str, root_name: str) -> Sequence[ResultRecord]:
        """Return what is known of every step of a job about which it was decided, by node."""

    def load_made(
        self, workspace: str, job_names: Sequence[str]
    ) -> Mapping[str, Sequence[tuple[OutputRecord, Manifest]]]:
        """Return the outputs that jobs wrote themselves, with their files."""

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
