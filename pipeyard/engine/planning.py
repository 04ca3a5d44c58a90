"""
What only the engine knows of an attempt: names, folders, where its inputs are.

In:       a job's book and one of its attempts.
Out:      `LaunchPlan` and the planned outputs, by `launch/`.
Not here: command lines, variables, layouts (`launch/`).

Runs in threads; reads books, changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType

from pipeyard.engine.book import JobBook
from pipeyard.engine.earlier import earlier_inputs
from pipeyard.engine.made import made_in, values_of
from pipeyard.engine.report import AttemptKey
from pipeyard.engine.surroundings import Surroundings
from pipeyard.graph.model import Data, Node, NodeOutput
from pipeyard.launch.output_path import plan_outputs
from pipeyard.launch.own_python import installs
from pipeyard.launch.plan import LaunchPlan, Line, PlannedFile, PlannedOutput
from pipeyard.launch.prepare import LaunchFacts, PlacedData, plan_launch
from pipeyard.model.assets import DatastoreUri, DataUri
from pipeyard.model.errors import Bug, ComputeError
from pipeyard.model.record import artifact_root, upload_root
from pipeyard.model.tracking import experiment_id, tracking_uri
from pipeyard.model.types import InputMode
from pipeyard.ports import LocalCopy, PreparedEnvironment
from pipeyard.spec.reference import parse_datastore_uri

# Beside this package; they are read once, as texts.
_DRIVERS = Path(__file__).resolve().parents[1] / "drivers"
# The output that every job has: its whole artifact root.
ARTIFACTS = "artifacts"


class Planner:
    """Plans attempts of the books it is shown."""

    def __init__(self, world: Surroundings, slots_of: Callable[[str], int | None] = lambda _pool: None) -> None:
        """Plan for one world; *slots_of* says how many attempts of a pool may run at once."""
        self._world = world
        self._slots_of = slots_of

    def plan(
        self,
        book: JobBook,
        key: AttemptKey,
        prepared: PreparedEnvironment,
        root: str,
        copies: Mapping[str, LocalCopy] = MappingProxyType({}),
    ) -> LaunchPlan:
        """
        Return how to start an attempt in the staging folder *root*. Raises `ComputeError` when an input is gone.

        *copies* are those inputs whose datastores are elsewhere, as they were brought here (`bringing.py`).
        """
        node = book.graph.nodes[key.node]
        ours = tracking_uri(self._world.endpoint, book.workspace)
        is_ours = self._world.tracking_uri is None and ours is not None
        launch_facts = LaunchFacts(
            job_name=key.job_name,
            root_name=book.name,
            attempt=key.attempt,
            root=root,
            experiment_name=book.root.experiment_name,
            inputs=self._placed(book, node, copies),
            values=values_of(node, made_in(book)),
            workspace=book.workspace,
            default_datastore=book.graph.default_datastore,
            code_uri=_code_uri(node),
            service_endpoint=self._world.endpoint,
            token=self._world.job_token(key.job_name),
            tracking_uri=ours if is_ours else self._world.tracking_uri,
            experiment_id=experiment_id(book.workspace, book.root.experiment_name) if is_ours else None,
            base_environment=self._world.base_environment,
            path_prefix=prepared.path_prefix,
            environment=prepared.variables,
            container=prepared.container,
            share=book.pages[key.node].share,
            gpus=self._world.machine.gpus,
            programs=driver_programs() if node.driver is not None or installs(node.component.command.text) else {},
            earlier=earlier_inputs(self._world, book, node),
        )
        return replace(plan_launch(node, launch_facts), line=self._line(node, key.pool))

    def _line(self, node: Node, pool: str) -> Line | None:
        slots = self._slots_of(pool)
        # One that asks for more than there is takes all.
        return Line(pool, slots, max(1, min(node.instance_count, slots))) if slots else None

    def outputs_of(self, book: JobBook, key: AttemptKey) -> tuple[PlannedOutput, ...]:
        """Return where an attempt wrote its outputs and where they go; the same for every attempt."""
        return plan_outputs(book.graph.nodes[key.node], key.job_name, book.graph.default_datastore)

    def _placed(self, book: JobBook, node: Node, copies: Mapping[str, LocalCopy]) -> dict[str, PlacedData]:
        placed = {}
        for name, bound in node.inputs.items():
            if isinstance(bound, Data):
                placed[name] = self._placed_data(book, bound, name, copies.get(name))
            elif isinstance(bound, NodeOutput) and bound.type.is_data:
                placed[name] = _placed_output(book, bound, name, copies.get(name))
        return placed

    def _placed_data(self, book: JobBook, data: Data, name: str, copy: LocalCopy | None) -> PlacedData:
        if not isinstance(data.path, DataUri):
            raise Bug(f"input `{name}` was accepted as {data.path}, which nobody resolved")
        uri = parse_datastore_uri(data.path.text)
        if uri is None:
            return PlacedData(data.path.text)
        if copy is not None:
            return _placed_copy(uri, copy)
        if data.mode is InputMode.DIRECT and is_elsewhere(self._world, book, uri):
            # The command speaks to the store itself.
            return PlacedData(str(uri))
        # What is there decides, not the declared type: a file may feed a folder's port (section 1.7).
        path = self._world.datastores.local_path(book.workspace, uri)
        if not path.exists():
            raise ComputeError(f"input `{name}`: there is nothing at {uri}", code="missing-data")
        is_original = data.content is not None or upload_root(uri) is not None
        return PlacedData(str(uri), path.is_file(), is_original=is_original)


@cache
def driver_programs() -> Mapping[str, str]:
    """Return the texts of our own programs that run in steps, by file name."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(_DRIVERS.glob("*.py"))}


def is_elsewhere(world: Surroundings, book: JobBook, uri: DatastoreUri) -> bool:
    """Return whether a URI's bytes have to be fetched."""
    return world.transfers is not None and world.transfers.is_remote(book.workspace, uri.datastore)


def _placed_output(book: JobBook, bound: NodeOutput, name: str, copy: LocalCopy | None) -> PlacedData:
    page = book.pages[bound.node]
    # A component may declare an output of that very name; then it is the one that is meant.
    if bound.output == ARTIFACTS and bound.output not in book.graph.nodes[bound.node].outputs:
        return PlacedData(str(artifact_root(page.writer)))
    made = page.outputs.get(bound.output)
    if made is None:
        raise ComputeError(
            f"input `{name}`: step `{bound.node}` left no output `{bound.output}`", code="missing-output"
        )
    return PlacedData(str(made.uri), made.is_file) if copy is None else _placed_copy(made.uri, copy)


def _placed_copy(uri: DatastoreUri, copy: LocalCopy) -> PlacedData:
    files = tuple(PlannedFile(file.path, str(file.source), file.uri) for file in copy.table)
    is_file = copy.is_file and not files
    return PlacedData(str(uri), is_file, copy=str(copy.path), files=files, recipe=copy.recipe)


def _code_uri(node: Node) -> str | None:
    code = node.component.code
    if code is None:
        return None
    if not isinstance(code, DataUri):
        raise Bug(f"the code of `{node.id}` was accepted as {code}, which nobody resolved")
    uri: DatastoreUri | None = parse_datastore_uri(code.text)
    return code.text if uri is None else str(uri)
