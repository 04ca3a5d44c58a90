"""
The files of an MLTable: its paths, globbed and listed.

In:       the folder that holds the file `MLTable`, on this machine.
Out:      its files, each with the path that a step sees and where it is.
Not here: reading rows (`table_read.py`), putting files in place (`launcher/`).

A path relative to the table keeps its place below the input. What a table names by URI
is seen below the name of its datastore or host, as Azure shows it, so that two files of
one name do not meet.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from random import Random
from typing import Any
from urllib.parse import urlsplit

from pipeyard.datastore.place import below, check_inside, split_path
from pipeyard.datastore.pool import WorkerPool
from pipeyard.datastore.table_recipe import recipe_of
from pipeyard.datastore.table_source import Source, no_delta_lake, read_head
from pipeyard.datastore.translate import disk_errors
from pipeyard.datastore.tree import walk
from pipeyard.model.assets import DatastoreUri
from pipeyard.model.errors import UserError
from pipeyard.model.table import (
    TABLE_BYTES_MAX,
    TABLE_FILE,
    MLTable,
    PathKind,
    ReadDelimited,
    ReadDeltaLake,
    ReadJsonLines,
    ReadParquet,
    ReadStep,
    RowStep,
    Skip,
    TablePath,
    Take,
    TakeSample,
)
from pipeyard.model.value import dataclass
from pipeyard.ports import Datastores, TableFile, Transfers, WebSource
from pipeyard.spec.decode import decode_table
from pipeyard.spec.document import parse_document
from pipeyard.spec.pattern import pattern_of, static_part
from pipeyard.spec.reference import parse_datastore_uri

# Each of them is named to the launcher in one message.
FILES_MAX = 100_000
# A filter that lets nothing through would read for hours.
HEAD_SECONDS_MAX = 20.0


class LocalTables:
    """Implements `ports.Tables` over folders, the cache of remote datastores, and the Web."""

    def __init__(
        self, datastores: Datastores, transfers: Transfers | None = None, web: WebSource | None = None
    ) -> None:
        """Take what turns URIs into places."""
        self._datastores = datastores
        self._transfers = transfers
        self._web = web
        # One head at a time: each may take hundreds of megabytes.
        self._reading = threading.Lock()

    def files_of(
        self, workspace: str, uri: DatastoreUri, folder: Path, *, holder: str | None = None
    ) -> Sequence[TableFile]:
        """Return the files of the table in *folder*, which is what is at *uri*; at least one."""
        with disk_errors(f"the table `{uri}`"):
            table = read_table_file(folder)
            if isinstance(table.read, ReadDeltaLake):
                # Which of its files belong to which moment stands in its own log.
                raise no_delta_lake()
            found = self.list_files(workspace, uri, folder, table, holder=holder)
        if not found:
            raise UserError(f"the table `{uri}` has no files", code="nothing-matches", hint=_shown_paths(table))
        return found

    def recipe_of(self, uri: DatastoreUri, folder: Path) -> Mapping[str, Any] | None:
        """Return how the rows of the table in *folder* are read; None for a list of files."""
        with disk_errors(f"the table `{uri}`"):
            return recipe_of(read_table_file(folder))

    def head(self, workspace: str, uri: DatastoreUri, place: Path, *, rows_max: int) -> Mapping[str, Any]:
        """Return the first rows of a table, or of a file that is one, as plain values."""
        with disk_errors(f"the table `{uri}`"):
            if place.is_dir():
                table = read_table_file(place)
                files = self.list_files(workspace, uri, place, table)
            else:
                table, files = _file_as_table(uri), [TableFile(place.name, place, str(uri))]
        sources = [Source(str(file.source), file.uri) for file in files]
        with self._reading:
            # A process of its own: what pandas took goes back to the machine, and nothing else waits for it.
            pool = WorkerPool(1)
            try:
                return pool.run(read_head, table, sources, rows_max, HEAD_SECONDS_MAX)
            finally:
                pool.close()

    def list_files(
        self, workspace: str, uri: DatastoreUri, folder: Path, table: MLTable, *, holder: str | None = None
    ) -> Sequence[TableFile]:
        """Return the files that a table's paths name, after the steps that choose among them."""
        lister = _Lister(workspace, uri, folder, holder, self._datastores, self._transfers, self._web)
        found: dict[str, TableFile] = {}
        for path in table.paths:
            for file in lister.files(path):
                known = found.setdefault(file.path, file)
                if known.source != file.source:
                    raise UserError(
                        f"the table `{uri}` has two files that a step would see as `{file.path}`", code="table-clash"
                    )
                if len(found) > FILES_MAX:
                    raise UserError(
                        f"the table `{uri}` has more than {FILES_MAX} files",
                        code="table-too-large",
                        hint="with the mode `ro_mount` a step gets the whole folder at once",
                    )
        return _chosen(list(found.values()), table.file_steps)


def _file_as_table(uri: DatastoreUri) -> MLTable:
    reads: dict[str, ReadStep] = {
        ".csv": ReadDelimited(),
        ".tsv": ReadDelimited("\t"),
        ".parquet": ReadParquet(),
        ".jsonl": ReadJsonLines(),
    }
    read = reads.get(PurePosixPath(uri.path).suffix.lower())
    if read is None:
        raise UserError(
            f"`{uri}` is no table",
            code="not-a-table",
            hint=f"a table is of type `mltable`, or a file that ends in {', '.join(f'`{suffix}`' for suffix in reads)}",
        )
    return MLTable((), read=read)


def read_table_file(folder: Path) -> MLTable:
    """Return what a folder's file `MLTable` says; `UserError` with the line when it cannot be understood."""
    place = folder / TABLE_FILE
    if not place.is_file():
        raise UserError(
            f"there is no file `{TABLE_FILE}`, so this is no table",
            code="not-an-mltable",
            hint="with the mode `ro_mount` or `download` a step gets the folder as it is",
        )
    if place.stat().st_size > TABLE_BYTES_MAX:
        raise UserError(f"the file `{TABLE_FILE}` is too large to be one that somebody wrote", code="not-an-mltable")
    try:
        text = place.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(f"the file `{TABLE_FILE}` is no UTF-8 text", code="not-utf-8") from error
    document, problems = parse_document(text, source="", file=TABLE_FILE)
    table = None
    if document is not None:
        table, found = decode_table(document)
        problems += found
    errors = [problem for problem in problems if problem.is_error]
    if table is None or errors:
        first = errors[0]
        line = f"{TABLE_FILE}:{first.span.line}: " if first.span is not None else f"{TABLE_FILE}: "
        raise UserError(line + first.message, code=first.code, hint=first.hint or first.expected)
    return table


@dataclass(frozen=True, slots=True)
class _Lister:
    """One table being listed."""

    workspace: str
    uri: DatastoreUri
    folder: Path
    holder: str | None
    datastores: Datastores
    transfers: Transfers | None
    web: WebSource | None

    def files(self, path: TablePath) -> Iterator[TableFile]:
        """Yield the files of one entry of `paths`, by path."""
        if not path.is_uri:
            yield from self._relative(path)
            return
        uri = parse_datastore_uri(path.text)
        if uri is not None:
            yield from self._at_datastore(path, uri)
        elif path.text.lower().startswith(("http://", "https://")):
            yield self._at_web(path)
        else:
            scheme = path.text.partition(":")[0]
            raise UserError(
                f"a table's file `{path.text}` cannot be read: this version has no way to `{scheme}:`",
                code="unknown-scheme",
                hint="create a datastore for it and write `azureml://datastores/<datastore>/paths/<path>`",
            )

    def _relative(self, path: TablePath) -> Iterator[TableFile]:
        text = "/".join(split_path(_tidy(path.text)))
        for name, place in _listed(self.folder, text, path.kind, path.text):
            if name != TABLE_FILE:
                yield TableFile(name, place, str(self.uri.child(name)))

    def _at_datastore(self, path: TablePath, uri: DatastoreUri) -> Iterator[TableFile]:
        text = "/".join(split_path(uri.path))
        root, rest = static_part(text) if path.kind is PathKind.PATTERN else (text, "")
        base = DatastoreUri(uri.datastore, root)
        place = self._place_of(base)
        if path.kind is not PathKind.PATTERN and place.is_file():
            yield TableFile(f"{uri.datastore}/{root}", place, str(base))
            return
        kind = path.kind if path.kind is PathKind.PATTERN else PathKind.FOLDER
        for name, found in _listed(place, rest, kind, path.text):
            full = f"{root}/{name}" if root else name
            yield TableFile(f"{uri.datastore}/{full}", found, str(DatastoreUri(uri.datastore, full)))

    def _place_of(self, uri: DatastoreUri) -> Path:
        if self.transfers is not None and self.transfers.is_remote(self.workspace, uri.datastore):
            return self.transfers.bring(self.workspace, uri, holder=self.holder).path
        return self.datastores.local_path(self.workspace, uri)

    def _at_web(self, path: TablePath) -> TableFile:
        if path.kind is not PathKind.FILE or self.web is None:
            raise UserError(
                f"`{path.text}` cannot be listed: a web server does not say what it has",
                code="unknown-scheme",
                hint="name each file with `file:`",
            )
        copy = self.web.fetch(self.workspace, path.text)
        address = urlsplit(path.text)
        names = [name for name in address.path.split("/") if name not in ("", ".", "..")]
        seen = "/".join([address.hostname or "web", *(names or ["data"])])
        return TableFile(seen, self.datastores.local_path(self.workspace, copy.uri), path.text)


def _tidy(text: str) -> str:
    """Return a relative path without `..`; decoding has seen to it that none leads out."""
    names: list[str] = []
    for name in text.split("/"):
        if name == "..":
            names.pop()
        elif name not in ("", "."):
            names.append(name)
    return "/".join(names)


def _listed(root: Path, text: str, kind: PathKind, written: str) -> Iterator[tuple[str, Path]]:
    """Yield relative path and place of everything that *text* names below *root*."""
    if kind is PathKind.PATTERN:
        fits = re.compile(pattern_of(text)).fullmatch
        for name in _names(root):
            if fits(name):
                yield name, root / name
        return
    place = below(root, text)
    if place.is_file():
        yield text, place
    elif place.is_dir():
        # `file: ./mnist` may be a folder: Azure reads it so.
        for name in _names(place):
            yield (f"{text}/{name}" if text else name), place / name
    else:
        raise UserError(
            f"the table names `{written}`, and nothing is there",
            code="missing-data",
            hint="to allow that there is nothing, write it as a `pattern:`",
        )


def _names(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    tree = walk(folder)
    linked = [name for name in tree.links if (folder / name).is_file()]
    for name in linked:
        check_inside(folder, folder / name)
    return sorted([*tree.files, *linked])


def _chosen(files: list[TableFile], steps: Sequence[RowStep]) -> Sequence[TableFile]:
    for step in steps:
        if isinstance(step, Take):
            files = files[: step.count]
        elif isinstance(step, Skip):
            files = files[step.count :]
        elif isinstance(step, TakeSample):
            # Not for secrets: the same seed has to give the same files.
            random = Random(step.seed)  # noqa: S311
            files = [file for file in files if random.random() < step.probability]
    return files


def _shown_paths(table: MLTable) -> str:
    return "it names " + ", ".join(f"`{path.text}`" for path in table.paths[:5])
