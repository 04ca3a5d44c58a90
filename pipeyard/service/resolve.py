"""
Every URI and data reference in a graph, traced to bytes that exist here.

In:       a checked graph.
Out:      for each data path the datastore URI that it means, and a digest where one is known; or problems.
Not here: files of the submitter (the client sent them before), where a step runs (`placing.py`).

Invariant: after `substitute` the engine has nothing left to look up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from pipeyard.graph.control import every_node
from pipeyard.graph.derive import with_nodes
from pipeyard.graph.model import BoundInput, Data, Graph, Node
from pipeyard.model.asset_record import registry_of
from pipeyard.model.assets import ENTITY_TAG, AssetRef, DatastoreUri, DataUri, JobOutputUri, LocalPath
from pipeyard.model.component import InlineEnvironment
from pipeyard.model.diagnostic import Diagnostic, Place
from pipeyard.model.errors import PipeyardError
from pipeyard.model.expression import Template
from pipeyard.model.nearest import nearest
from pipeyard.model.record import DEFAULT_DATASTORE, artifact_root
from pipeyard.model.types import InputMode
from pipeyard.registry.missing import AssetMissing
from pipeyard.service.asset_fit import misfits
from pipeyard.service.elsewhere import datastore_of, is_elsewhere, listing_content, look_elsewhere
from pipeyard.service.outputs import outputs_of
from pipeyard.service.pins import Pins, pin_key
from pipeyard.service.world import World
from pipeyard.spec.cloud import CloudUri, parse_cloud_uri
from pipeyard.spec.reference import parse_datastore_uri, parse_job_output_uri

UPLOADS = "LocalUpload/"
# `azureml/<job>/<output>`
_OUTPUT_PARTS = 3


@dataclass(frozen=True, slots=True)
class Maker:
    """The step that wrote what a path means."""

    job: str
    # The submitted job that it belongs to.
    root: str
    output: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a data path means."""

    uri: str
    # Over the bytes as they are now; None: not known without reading them.
    digest: str | None = None
    # The exact reference, for a path that names an asset.
    pinned: AssetRef | None = None
    # None: no step wrote it, as far as its path says.
    maker: Maker | None = None


@dataclass
class Resolution:
    """What was found for the paths of a graph, by `path_key`."""

    pins: Pins
    found: dict[str, Found] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)

    @property
    def renamed(self) -> Mapping[str, str]:
        """Return the texts that mean another URI than they say; kept with the job for a restart."""
        return {text: found.uri for text, found in self.found.items() if found.uri != text}

    @property
    def contents(self) -> Mapping[str, str]:
        """Return the digests of the bytes that registered versions stand for."""
        return {
            key: found.digest
            for key, found in self.found.items()
            if found.pinned is not None and found.digest is not None
        }


def path_key(path: DataUri | AssetRef | LocalPath) -> str:
    """Return the name of a path among what was found: a data asset and a model may be called alike."""
    return pin_key(path) if isinstance(path, AssetRef) else path.text


def resolve(world: World, workspace: str, graph: Graph, pins: Pins) -> Resolution:
    """Return what every path of *graph* means, with all problems at once."""
    finder = _Finder(world, workspace, pins)
    for data in data_of(graph):
        finder.look(data.path, data.place, mode=data.mode)
    finder.resolution.problems += misfits(graph, pins)
    for node in every_node(graph):
        finder.look_at_settings(node)
    finder.look_at_datastore(graph.default_datastore, Place().child("settings", "default_datastore"))
    for setting in graph.output_settings.values():
        finder.look_at_output(setting.path, setting.place)
    return finder.resolution


def substitute(graph: Graph, renamed: Mapping[str, str], contents: Mapping[str, str]) -> Graph:
    """Return the graph with every data path replaced by what it means, and what is known of the bytes there."""
    if not renamed:
        return graph

    def substituted(node: Node) -> Node:
        inputs = {key: _substituted(value, renamed, contents) for key, value in node.inputs.items()}
        return replace(node, inputs=inputs)

    return with_nodes(graph, substituted)


def data_of(graph: Graph) -> Iterator[Data]:
    """Yield the data inputs of all nodes, and those of the job that no node reads."""
    for node in every_node(graph):
        yield from (value for value in node.inputs.values() if isinstance(value, Data))
    yield from (value for value in graph.inputs.values() if isinstance(value, Data))


def _substituted(value: BoundInput, renamed: Mapping[str, str], contents: Mapping[str, str]) -> BoundInput:
    if not isinstance(value, Data):
        return value
    key = path_key(value.path)
    uri = renamed.get(key)
    return value if uri is None else replace(value, path=DataUri(uri), content=contents.get(key))


class _Finder:
    """Looks at texts one by one, each once: the same folder feeds many steps."""

    def __init__(self, world: World, workspace: str, pins: Pins) -> None:
        self._world = world
        self._pins = pins
        self._workspace = workspace
        self._records = world.store.list_datastores(workspace)
        self._datastores = [row.name for row in self._records]
        self._seen: set[tuple[str, bool]] = set()
        self.resolution = Resolution(pins)

    def look(self, path: DataUri | AssetRef | LocalPath, place: Place, mode: InputMode | None = None) -> None:
        """Find out what *path* means."""
        is_direct = mode is InputMode.DIRECT
        if self._is_new(path_key(path), is_direct=is_direct):
            self._look(path, place, is_direct=is_direct)

    def look_at_settings(self, node: Node) -> None:
        """Find what a node needs besides its inputs."""
        component, environment = node.component, node.environment
        if component.code is not None:
            self.look(component.code, component.head.place.child("code"))
        if isinstance(environment, InlineEnvironment):
            for path in (environment.build, environment.file, environment.conda_file):
                if path is not None:
                    self.look(path, environment.place)
        for output in node.outputs.values():
            self.look_at_output(output.path, node.step.place)

    def look_at_output(self, path: Template | None, place: Place) -> None:
        """Check that a written output path starts in a datastore that exists."""
        uri = None if path is None else parse_datastore_uri(str(path))
        if uri is not None and "${{" not in uri.datastore:
            self.look_at_datastore(uri.datastore, place)

    def look_at_datastore(self, name: str, place: Place) -> None:
        """Check that a datastore exists."""
        if name in self._datastores or not self._is_new(f"datastore {name}"):
            return
        close = nearest(name, self._datastores)
        listed = ", ".join(f"`{known}`" for known in self._datastores)
        self._problem(
            "unknown-datastore",
            f"there is no datastore `{name}`",
            place,
            f"did you mean `{close}`?" if close else f"there are {listed}",
        )

    def _look(self, path: DataUri | AssetRef | LocalPath, place: Place, *, is_direct: bool) -> None:
        if isinstance(path, AssetRef):
            self._look_at_asset(path, place, is_direct=is_direct)
        elif isinstance(path, LocalPath):
            self._problem(
                "local-path",
                f"the server cannot read `{path.text}`",
                place,
                "submit with `pipeyard job create`, which sends what a file refers to",
            )
        elif path.text.lower().startswith(("http://", "https://")):
            self._look_at_web(path.text, place, is_direct=is_direct)
        elif (job_output := parse_job_output_uri(path.text)) is not None:
            self._look_at_job_output(path.text, job_output, place)
        elif (uri := parse_datastore_uri(path.text)) is not None:
            self._look_at_bytes(path.text, uri, place, is_direct=is_direct)
            self._note_maker(path.text, self._maker_of(uri))
        elif (cloud := parse_cloud_uri(path.text)) is not None:
            self._look_at_cloud(path.text, cloud, place, is_direct=is_direct)
        else:
            self._problem(
                "unknown-scheme",
                f"this version cannot read `{path.text}`",
                place,
                "give a local path, an `http(s)` address, `azureml://datastores/...` or `azureml://jobs/...`",
            )

    def _look_at_asset(self, reference: AssetRef, place: Place, *, is_direct: bool) -> None:
        try:
            asset = self._pins.find(reference)
        except AssetMissing as problem:
            self._problem(problem.code, problem.message, place, problem.hint)
            return
        # Where its bytes are is a path as any other, which may have gone since.
        path = DataUri(self._pins.path_of(asset))
        self.look(path, place, InputMode.DIRECT if is_direct else None)
        found = self.resolution.found.get(path.text)
        if found is not None:
            pinned = self._pins.exact(reference)
            self.resolution.found[path_key(reference)] = Found(found.uri, asset.content or found.digest, pinned)
            if _is_changed(asset.content, found.digest):
                self._problem(
                    "asset-changed",
                    f"the files of {pinned} were changed since it was registered ({found.uri})",
                    place,
                    "versions never change: register what is there now as a new version",
                )

    def _look_at_web(self, url: str, place: Place, *, is_direct: bool) -> None:
        if is_direct:
            # The command fetches it itself.
            self.resolution.found.setdefault(url, Found(url))
            return
        try:
            copy = self._world.web.fetch(self._workspace, url)
        except PipeyardError as error:
            self._problem("cannot-fetch", f"`{url}` cannot be read: {error.message}", place, error.hint)
        else:
            self.resolution.found[url] = Found(str(copy.uri), copy.digest)

    def _look_at_job_output(self, text: str, wanted: JobOutputUri, place: Place) -> None:
        job = self._world.store.load_job(self._workspace, wanted.job)
        if job is None:
            self._problem("unknown-job", f"there is no job `{wanted.job}`", place, "see `pipeyard job list`")
            return
        if wanted.output == "artifacts":
            self._look_at_bytes(text, _below(artifact_root(job.writer), wanted.path), place)
            self._note_maker(text, Maker(job.name, job.root_name, wanted.output))
            return
        outputs = {row.output: row for row in outputs_of(self._world.store, job)}
        row = outputs.get(wanted.output)
        if row is None:
            close = nearest(wanted.output, list(outputs))
            self._problem(
                "no-such-output",
                f"job `{wanted.job}` has no output `{wanted.output}`",
                place,
                f"did you mean `{close}`?" if close else "see `pipeyard job show`; outputs exist once a step has ended",
            )
        elif row.freed_at is not None:
            self._problem(
                "output-freed",
                f"output `{wanted.output}` of job `{wanted.job}` was freed by gc on {row.freed_at}",
                place,
                "run that job again: what it needs is made anew",
            )
        elif row.state != "complete":
            self._problem(
                "incomplete-output",
                f"output `{wanted.output}` is of a step that did not complete (`{wanted.job}`)",
                place,
                "name its files by their datastore path if you want them as they are",
            )
        else:
            self._look_at_bytes(text, _below(row.uri, wanted.path), place, None if wanted.path else row.digest)
            self._note_maker(text, Maker(row.job_name, job.root_name, row.output))

    def _note_maker(self, text: str, maker: Maker | None) -> None:
        found = self.resolution.found.get(text)
        if found is not None and maker is not None:
            self.resolution.found[text] = replace(found, maker=maker)

    def _maker_of(self, uri: DatastoreUri) -> Maker | None:
        """Return who wrote what is at the place that an output has when nobody chose one."""
        parts = uri.path.split("/")
        if len(parts) < _OUTPUT_PARTS or parts[0] != "azureml":
            return None
        job = self._world.store.load_job(self._workspace, parts[1])
        return None if job is None else Maker(job.name, job.root_name, parts[2])

    def _look_at_cloud(self, text: str, cloud: CloudUri, place: Place, *, is_direct: bool) -> None:
        if is_direct:
            # The command speaks to the cloud itself, with whatever lets it in there.
            self.resolution.found.setdefault(text, Found(text))
            return
        uri = datastore_of(self._records, cloud)
        if uri is None:
            self._problem(
                "unknown-datastore",
                f"no datastore here is {cloud.shown}",
                place,
                "register one with `pipeyard datastore create`, which also keeps what lets one in",
            )
        else:
            self._look_at_bytes(text, uri, place)

    def _look_elsewhere(self, text: str, uri: DatastoreUri, place: Place, digest: str | None) -> None:
        try:
            there = look_elsewhere(self._world, self._workspace, uri)
        except PipeyardError as error:
            self._problem("cannot-fetch", f"`{text}` cannot be read: {error.message}", place, error.hint)
            return
        if there is None:
            self._problem("unknown-path", f"nothing is at `{text}`", place)
        else:
            self.resolution.found[text] = Found(str(uri), digest or listing_content(there))

    def _look_at_bytes(
        self, text: str, uri: DatastoreUri, place: Place, digest: str | None = None, *, is_direct: bool = False
    ) -> None:
        # A registry's own files are read, and nothing is ever written there (`look_at_datastore`).
        if uri.datastore not in self._datastores and registry_of(uri.datastore) is None:
            self.look_at_datastore(uri.datastore, place)
            return
        if is_elsewhere(self._world, self._workspace, uri):
            if is_direct:
                # The command looks for itself.
                self.resolution.found.setdefault(text, Found(str(uri)))
            else:
                self._look_elsewhere(text, uri, place, digest)
            return
        if uri.datastore == DEFAULT_DATASTORE and uri.path.startswith(UPLOADS):
            digest = self._upload_digest(uri) or digest
        try:
            exists = self._world.datastores.local_path(self._workspace, uri).exists()
        except PipeyardError as error:
            self._problem("unknown-path", error.message, place, error.hint)
            return
        if exists:
            self.resolution.found[text] = Found(str(uri), digest)
        else:
            self._problem(
                "unknown-path",
                f"nothing is at `{text}`",
                place,
                "submit with `pipeyard job create`, which sends local data first" if digest else None,
            )

    def _upload_digest(self, uri: DatastoreUri) -> str | None:
        digest, _, rest = uri.path.removeprefix(UPLOADS).partition("/")
        name, _, inside = rest.partition("/")
        upload = self._world.store.find_upload(self._workspace, digest, name)
        return upload.digest if upload is not None and not inside.strip("/") else None

    def _is_new(self, text: str, *, is_direct: bool = False) -> bool:
        key = (text, is_direct)
        if key in self._seen:
            return False
        self._seen.add(key)
        return True

    def _problem(self, code: str, message: str, place: Place, hint: str | None = None) -> None:
        self.resolution.problems.append(Diagnostic(code, message, place, hint=hint))


def _below(root: DatastoreUri, path: str) -> DatastoreUri:
    return root.child(path) if path else root


def _is_changed(registered: str | None, now: str | None) -> bool:
    """Return whether what a store lists now is not what it listed when a version was made of it."""
    return registered is not None and now is not None and registered.startswith(ENTITY_TAG) and registered != now
