"""
The bytes of data and models that are to be registered.

In:       the path in an asset's file, and the type that it claims.
Out:      where the bytes are and their digest, as far as they are known; or what is wrong.
Not here: paths of jobs (`resolve.py`), moving bytes (`datastore/`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pipeyard.model.assets import AssetRef, DatastoreUri, DataUri, JobOutputUri, LocalPath
from pipeyard.model.diagnostic import Diagnostic, Place, Severity
from pipeyard.model.digest import manifest_digest
from pipeyard.model.errors import NotFound, PipeyardError
from pipeyard.model.nearest import nearest
from pipeyard.model.record import DEFAULT_DATASTORE, artifact_root
from pipeyard.model.types import PortType
from pipeyard.registry.qualify import uri_in
from pipeyard.service.elsewhere import datastore_of, is_elsewhere, listing_content, look_elsewhere
from pipeyard.service.outputs import outputs_of
from pipeyard.service.shelf import found_version, local_path
from pipeyard.service.world import World
from pipeyard.spec.cloud import CloudUri, parse_cloud_uri
from pipeyard.spec.decode import decode_table
from pipeyard.spec.document import parse_document
from pipeyard.spec.reference import parse_datastore_uri, parse_job_output_uri

UPLOADS = "LocalUpload/"
TABLE_FILE = "MLTable"
_TABLE_BYTES_MAX = 1 << 20
_SEEN_BY_STEPS = ("http://", "https://")


@dataclass
class Bytes:
    """Where an asset's bytes are."""

    # As the version keeps it.
    path: str = ""
    # None: not in a datastore.
    uri: DatastoreUri | None = None
    content: str | None = None
    # The step that wrote them, and as which output.
    produced_by: str | None = None
    produced_output: str | None = None
    problems: list[Diagnostic] = field(default_factory=list)


def find_bytes(
    world: World, workspace: str, path: LocalPath | DataUri | AssetRef, type_: PortType, place: Place
) -> Bytes:
    """Return what a path means; problems when nothing is there, or something of another type."""
    looker = _Looker(world, workspace, type_, place)
    looker.look(path)
    return looker.found


def upload_digest(world: World, workspace: str, uri: DatastoreUri) -> str | None:
    """Return the digest of a whole upload; None for any other place."""
    if uri.datastore != DEFAULT_DATASTORE or not uri.path.startswith(UPLOADS):
        return None
    digest, _, rest = uri.path.removeprefix(UPLOADS).partition("/")
    name, _, inside = rest.partition("/")
    upload = world.store.find_upload(workspace, digest, name)
    return upload.digest if upload is not None and not inside.strip("/") else None


class _Looker:
    def __init__(self, world: World, workspace: str, type_: PortType, place: Place) -> None:
        self._world = world
        self._workspace = workspace
        self._type = type_
        self._place = place
        self.found = Bytes()

    def look(self, path: LocalPath | DataUri | AssetRef) -> None:
        if isinstance(path, LocalPath):
            self.found.problems.append(local_path(path.text, self._place))
        elif isinstance(path, AssetRef):
            self._look_at_asset(path)
        elif path.text.lower().startswith(_SEEN_BY_STEPS):
            # Fetched when a job reads it, as new as it is then.
            self.found.path = path.text
        elif (output := parse_job_output_uri(path.text)) is not None:
            self._look_at_output(output)
        elif (uri := parse_datastore_uri(path.text)) is not None:
            self._look_at_uri(uri, upload_digest(self._world, self._workspace, uri))
        elif (cloud := parse_cloud_uri(path.text)) is not None:
            self._look_at_cloud(cloud)
        else:
            self._problem(
                "unknown-scheme",
                f"this version cannot read `{path.text}`",
                "give a local path, an `http(s)` address, `azureml://datastores/...` or `azureml://jobs/...`",
            )

    def _look_at_asset(self, reference: AssetRef) -> None:
        try:
            version = found_version(self._world, self._workspace, reference)
        except NotFound as error:
            self._problem(error.code, error.message, error.hint)
            return
        uri = uri_in(self._workspace, version)
        if uri is None:
            self.found.path = str(version.body.get("path", ""))
        else:
            self._look_at_uri(uri, version.content)

    def _look_at_output(self, wanted: JobOutputUri) -> None:
        job = self._world.store.load_job(self._workspace, wanted.job)
        if job is None:
            self._problem("unknown-job", f"there is no job `{wanted.job}`", "see `pipeyard job list`")
            return
        if wanted.output == "artifacts":
            self.found.produced_by, self.found.produced_output = job.name, wanted.output
            self._look_at_uri(_below(artifact_root(job.writer), wanted.path), None)
            return
        outputs = {row.output: row for row in outputs_of(self._world.store, job)}
        row = outputs.get(wanted.output)
        if row is None:
            close = nearest(wanted.output, list(outputs))
            self._problem(
                "no-such-output",
                f"job `{wanted.job}` has no output `{wanted.output}`",
                f"did you mean `{close}`?" if close else "see `pipeyard job show`; outputs exist once a step has ended",
            )
        elif row.freed_at is not None:
            self._problem(
                "output-freed",
                f"output `{wanted.output}` of job `{wanted.job}` was freed by gc on {row.freed_at}",
                "run that job again: what it needs is made anew",
            )
        elif row.state != "complete":
            self._problem(
                "incomplete-output",
                f"output `{wanted.output}` is of a step that did not complete (`{wanted.job}`)",
                "name its files by their datastore path if you want them as they are",
            )
        else:
            self.found.produced_by, self.found.produced_output = row.job_name, row.output
            self._look_at_uri(_below(row.uri, wanted.path), None if wanted.path else row.digest)

    def _look_at_uri(self, uri: DatastoreUri, content: str | None) -> None:
        self.found.path, self.found.uri, self.found.content = str(uri), uri, content
        if is_elsewhere(self._world, self._workspace, uri):
            self._look_elsewhere(uri)
            return
        try:
            place = self._world.datastores.local_path(self._workspace, uri)
        except PipeyardError as error:
            self._problem("unknown-path", error.message, error.hint)
            return
        if not place.exists():
            self._problem(
                "unknown-path",
                f"nothing is at `{uri}`",
                "local data is sent by `pipeyard data create` and `model create`",
            )
            return
        problems = list(_misfits(place, self._type, self._place))
        self.found.problems += problems
        if self.found.content is None and not any(problem.is_error for problem in problems):
            self.found.content = self._read(uri)

    def _read(self, uri: DatastoreUri) -> str | None:
        """Return the digest of what is there now: it is what the version stands for from here on."""
        if self._world.originals is None:
            return None
        try:
            return manifest_digest(self._world.originals.take_in(self._workspace, uri))
        except PipeyardError as error:
            self._problem(error.code, error.message, error.hint)
            return None

    def _look_at_cloud(self, cloud: CloudUri) -> None:
        uri = datastore_of(self._world.store.list_datastores(self._workspace), cloud)
        if uri is None:
            self._problem(
                "unknown-datastore",
                f"no datastore here is {cloud.shown}",
                "register one with `pipeyard datastore create`, which also keeps what lets one in",
            )
        else:
            self._look_at_uri(uri, None)

    def _look_elsewhere(self, uri: DatastoreUri) -> None:
        try:
            there = look_elsewhere(self._world, self._workspace, uri)
        except PipeyardError as error:
            self._problem("cannot-fetch", f"`{uri}` cannot be read: {error.message}", error.hint)
            return
        if there is None:
            self._problem("unknown-path", f"nothing is at `{uri}`", None)
        else:
            self.found.problems += _misfits_kind(self._type, self._place, is_folder=not there.is_file)
            self.found.content = self.found.content or listing_content(there)

    def _problem(self, code: str, message: str, hint: str | None = None) -> None:
        self.found.problems.append(Diagnostic(code, message, self._place, hint=hint))


def _misfits(found: Path, type_: PortType, place: Place) -> Iterator[Diagnostic]:
    """Yield what speaks against reading what is there as *type_*."""
    problems = tuple(_misfits_kind(type_, place, is_folder=found.is_dir()))
    yield from problems
    if type_ is PortType.MLTABLE and not problems:
        yield from _table_problems(found / TABLE_FILE, place)


def _misfits_kind(type_: PortType, place: Place, *, is_folder: bool) -> Iterator[Diagnostic]:
    if type_ is PortType.URI_FILE and is_folder:
        yield _mismatch(type_, "a folder", PortType.URI_FOLDER, place)
    elif type_ in (PortType.URI_FOLDER, PortType.MLTABLE, PortType.MLFLOW_MODEL) and not is_folder:
        other = PortType.CUSTOM_MODEL if type_ is PortType.MLFLOW_MODEL else PortType.URI_FILE
        yield _mismatch(type_, "a file", other, place)


def _mismatch(type_: PortType, what: str, other: PortType, place: Place) -> Diagnostic:
    wanted = "a file" if type_ is PortType.URI_FILE else "a folder"
    return Diagnostic(
        "type-mismatch",
        f"`{type_.value}` is {wanted}, and there is {what}",
        place,
        expected=wanted,
        found=what,
        hint=f"write `type: {other.value}`",
    )


def _table_problems(file: Path, place: Place) -> Iterator[Diagnostic]:
    if not file.is_file():
        yield Diagnostic(
            "not-an-mltable",
            f"an `mltable` is a folder with a file `{TABLE_FILE}`, and there is none",
            place,
            hint=f"write that file, or `type: {PortType.URI_FOLDER.value}`",
        )
        return
    with file.open("rb") as opened:
        text = opened.read(_TABLE_BYTES_MAX).decode("utf-8", "replace")
    document, problems = parse_document(text, source=TABLE_FILE, file=TABLE_FILE)
    found = problems if document is None else (*problems, *decode_table(document)[1])
    for problem in found:
        if problem.severity is Severity.ERROR:
            line = f":{problem.span.line}" if problem.span is not None else ""
            # The file is among what was sent: of the document that the caller knows, the path is to blame.
            yield Diagnostic(problem.code, f"`{TABLE_FILE}`{line}: {problem.message}", place, hint=problem.hint)


def _below(root: DatastoreUri, path: str) -> DatastoreUri:
    return root.child(path) if path else root
