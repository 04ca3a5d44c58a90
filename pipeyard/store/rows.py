"""
Model values to rows and back, by hand.

In:       records of `model/record.py`; rows as a query returned them.
Out:      parameters by column name; records.
Not here: statements (`statement.py`, `query.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Row

from pipeyard.model.assets import DatastoreUri, Manifest
from pipeyard.model.record import (
    ComputeRecord,
    DatastoreRecord,
    EventRecord,
    JobRecord,
    OutputRecord,
    Submission,
    UploadRecord,
    WebCopy,
)
from pipeyard.model.status import JobStatus
from pipeyard.store.packing import (
    Unread,
    pack_json,
    pack_manifest,
    pack_tree,
    storable,
    unpack_json,
    unpack_tree,
)

Params = dict[str, Any]

# A longer tag is looked up by its digest: PostgreSQL indexes no text of several kilobytes.
_TAG_VALUE_MAX = 500


def _as_is(value: Any) -> Any:
    return value


def _text(value: str | None) -> str | None:
    return None if value is None else storable(value)


def _json_or_none(value: Any) -> str | None:
    return None if value is None else pack_json(value)


def _status(value: JobStatus | str) -> str:
    return value.value if isinstance(value, JobStatus) else JobStatus(value).value


# How each field of a `JobRecord` becomes its column; the same for a whole record and for a change.
_JOB_COLUMNS: Mapping[str, Callable[[Any], Any]] = {
    "name": _as_is,
    "workspace": _as_is,
    "root_name": _as_is,
    "parent_name": _as_is,
    "kind": _as_is,
    "node_id": _as_is,
    "position": _as_is,
    "display_name": _text,
    "experiment_name": _text,
    "status": _status,
    "created_at_ms": _as_is,
    "created_by": _text,
    "started_at_ms": _as_is,
    "ended_at_ms": _as_is,
    "is_archived": bool,
    "compute": _text,
    "description": _text,
    "tags": pack_json,
    "properties": pack_json,
    "error": _json_or_none,
    "detail": pack_json,
}
JOB_COLUMNS = tuple(_JOB_COLUMNS)


def job_params(job: JobRecord) -> Params:
    """Return a job's columns."""
    return {name: convert(getattr(job, name)) for name, convert in _JOB_COLUMNS.items()}


def change_params(name: str, values: Mapping[str, Any]) -> Params:
    """Return the changed columns, and the job's name as `job_name`. KeyError for what is no field."""
    params = {column: _JOB_COLUMNS[column](value) for column, value in values.items()}
    params["job_name"] = name
    return params


def job_of(row: Row[Any]) -> JobRecord:
    """Return the job in a row that has all `JOB_COLUMNS`, and perhaps what it was ordered by."""
    # In this order they are selected; by name, ten thousand rows would take twice the time.
    values = dict(zip(JOB_COLUMNS, row, strict=False))
    values["status"] = JobStatus(values["status"])
    for name in ("tags", "properties", "error"):
        values[name] = unpack_json(values[name])
    values["detail"] = Unread(values["detail"])
    return JobRecord(**values)


def tag_value(value: str) -> str:
    """Return a tag's value as `job_tags` keeps it, for looking up."""
    if len(value) <= _TAG_VALUE_MAX:
        return storable(value)
    return "sha256:" + hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()


def tag_params(job_name: str, tags: Mapping[str, Any]) -> list[Params]:
    """Return one row for each tag."""
    return [{"job_name": job_name, "key": tag_value(key), "value": tag_value(str(tags[key]))} for key in tags]


def event_params(event: EventRecord) -> Params:
    """Return a fact's columns but for the workspace, which is its job's."""
    return {
        "root_name": event.root_name,
        "seq": event.seq,
        "at_ms": event.at_ms,
        "kind": event.kind,
        "node_id": event.node_id,
        "attempt": event.attempt,
        "data": pack_json(event.data),
    }


def event_of(row: Row[Any]) -> EventRecord:
    """Return the fact in a row."""
    return EventRecord(row.root_name, row.seq, row.at_ms, row.kind, row.node_id, row.attempt, unpack_json(row.data))


def submission_params(submission: Submission) -> Params:
    """Return a submission's columns but for the workspace."""
    body = pack_tree([submission.document, submission.components])
    return {"root_name": submission.root_name, "body": body}


def submission_of(row: Row[Any]) -> Submission:
    """Return the submission in a row."""
    document, components = unpack_tree(row.body)
    return Submission(row.root_name, document, components)


def output_params(output: OutputRecord, manifest: Manifest) -> Params:
    """Return an output's columns but for the workspace."""
    return {
        "job_name": output.job_name,
        "output": output.output,
        "datastore": output.uri.datastore,
        "path": output.uri.path,
        "type": output.type,
        "state": output.state,
        "digest": output.digest,
        "size": output.size,
        "file_count": output.file_count,
        "is_file": output.is_file,
        # An output that is another step's shares that one's manifest, however many files it has.
        "manifest": b"" if output.source_job is not None else pack_manifest(manifest),
        "source_job": output.source_job,
        "removed_at_ms": output.removed_at_ms,
        "value": None if output.value is None else pack_json(output.value),
    }


def output_of(row: Row[Any]) -> OutputRecord:
    """Return the output in a row."""
    return OutputRecord(
        job_name=row.job_name,
        output=row.output,
        uri=DatastoreUri(row.datastore, row.path),
        type=row.type,
        state=row.state,
        digest=row.digest,
        size=row.size,
        file_count=row.file_count,
        is_file=row.is_file,
        source_job=row.source_job,
        removed_at_ms=row.removed_at_ms,
        value=None if row.value is None else unpack_json(row.value),
    )


def upload_params(workspace: str, upload: UploadRecord, manifest: Manifest) -> Params:
    """Return an upload's columns."""
    return {
        "workspace": workspace,
        "digest": upload.digest,
        "name": upload.name,
        "datastore": upload.uri.datastore,
        "path": upload.uri.path,
        "size": upload.size,
        "file_count": upload.file_count,
        "is_file": upload.is_file,
        "manifest": pack_manifest(manifest),
    }


def upload_of(row: Row[Any]) -> UploadRecord:
    """Return the upload in a row."""
    uri = DatastoreUri(row.datastore, row.path)
    return UploadRecord(row.digest, row.name, uri, row.size, row.file_count, row.is_file)


def upload_file_params(workspace: str, upload: UploadRecord, manifest: Manifest) -> list[Params]:
    """Return a place for each content; a file whose name no database takes is left out and will be sent again."""
    found = {}
    for entry in manifest.entries:
        place = upload.uri if manifest.is_file else upload.uri.child(entry.path)
        if storable(place.path) == place.path:
            found[entry.sha256] = {
                "workspace": workspace,
                "sha256": bytes.fromhex(entry.sha256),
                "datastore": place.datastore,
                "path": place.path,
            }
    # In one order for all writers, so that two transactions never wait for each other in a ring.
    return [found[sha256] for sha256 in sorted(found)]


def compute_params(compute: ComputeRecord) -> Params:
    """Return a compute's columns."""
    return {
        "workspace": compute.workspace,
        "name": compute.name,
        "type": compute.type,
        "min_instances": compute.min_instances,
        "max_instances": compute.max_instances,
        "created_at_ms": compute.created_at_ms,
        "spec": pack_json(compute.spec),
    }


def compute_of(row: Row[Any]) -> ComputeRecord:
    """Return the compute in a row."""
    return ComputeRecord(
        workspace=row.workspace,
        name=row.name,
        type=row.type,
        min_instances=row.min_instances,
        max_instances=row.max_instances,
        created_at_ms=row.created_at_ms,
        spec=unpack_json(row.spec),
    )


def datastore_params(datastore: DatastoreRecord) -> Params:
    """Return a datastore's columns."""
    return {
        "workspace": datastore.workspace,
        "name": datastore.name,
        "type": datastore.type,
        "spec": pack_json(datastore.spec),
    }


def datastore_of(row: Row[Any]) -> DatastoreRecord:
    """Return the datastore in a row."""
    return DatastoreRecord(row.workspace, row.name, row.type, unpack_json(row.spec))


def url_key(url: str) -> bytes:
    """Return what a URL is looked up by."""
    return hashlib.sha256(url.encode("utf-8", "surrogatepass")).digest()


def web_copy_params(workspace: str, copy: WebCopy) -> Params:
    """Return a Web copy's columns."""
    return {
        "workspace": workspace,
        "url_sha256": url_key(copy.url),
        "url": storable(copy.url),
        "etag": _text(copy.etag),
        "last_modified": _text(copy.last_modified),
        "datastore": copy.uri.datastore,
        "path": copy.uri.path,
        "digest": copy.digest,
        "size": copy.size,
        "checked_at_ms": copy.checked_at_ms,
    }


def web_copy_of(row: Row[Any]) -> WebCopy:
    """Return the Web copy in a row."""
    return WebCopy(
        url=row.url,
        etag=row.etag,
        last_modified=row.last_modified,
        uri=DatastoreUri(row.datastore, row.path),
        digest=row.digest,
        size=row.size,
        checked_at_ms=row.checked_at_ms,
    )
