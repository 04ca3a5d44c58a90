"""
Run a job again, as far as it has to be: `job resume` and `job rerun`.

In:       a job that ended; for a rerun, steps of it.
Out:      a new job from the same submission, with a plan of what is taken over from the old one.
Not here: taking results over (`engine/`, which compares keys and looks at the outputs first).

The new job means what the old one meant: the versions that it was accepted with, the same
uploads, the same copies from the Web. Only *latest* looks everything up anew. Where steps run
is looked up in any case: computes belong to the machine, not to the job.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pipeyard.graph.model import Graph, NodeId
from pipeyard.graph.order import downstream_of
from pipeyard.model.assets import AssetRef
from pipeyard.model.driver import BATCHES_FROM, ParallelTask
from pipeyard.model.errors import Conflict, NotFound, SpecError, UserError
from pipeyard.model.nearest import nearest
from pipeyard.model.record import JobRecord, JsonObject, Submission
from pipeyard.model.reuse import ReusePlan
from pipeyard.model.status import JobStatus
from pipeyard.model.value import dataclass
from pipeyard.service.batches import progress_of
from pipeyard.service.draft import draft_of
from pipeyard.service.jobs import show_job
from pipeyard.service.kept_pins import KeptPins
from pipeyard.service.pins import is_pin_key
from pipeyard.service.placing import place_nodes
from pipeyard.service.request import JobRequest
from pipeyard.service.resolve import Found, Resolution, data_of, path_key, resolve, substitute
from pipeyard.service.submit import Examined, Origin, accept_job, examine
from pipeyard.service.taken import taken_versions
from pipeyard.service.unknown import refuse
from pipeyard.service.wire import plain
from pipeyard.service.world import World

RESUMED_FROM = "pipeyard.resumed_from"
RERUN_OF = "pipeyard.rerun_of"
RERUN_STEPS = "pipeyard.rerun_steps"
# Facts about a checkout, as they stand among the properties of a job.
_OF_GIT = ("mlflow.source.git.", "azureml.git.")
_NAMES_SHOWN = 8


@dataclass(frozen=True, slots=True)
class AgainRequest:
    """What a caller wants of a job that ended."""

    user: str = ""
    host: str = ""
    # Look up labels and data from the Web anew.
    latest: bool = False
    # Of a rerun: steps as `job show` names them; a pipeline stands for all steps in it.
    steps: tuple[str, ...] = ()
    # Of a rerun of parallel steps: only those of their mini-batches run that failed or were not reached.
    failed_batches: bool = False


def again_request(body: Any) -> AgainRequest:
    """Return the request in *body*, or raise `UserError` naming the member that is wrong."""
    if not isinstance(body, Mapping):
        raise UserError("the request has to be a JSON object", code="bad-request")
    steps, latest = body.get("steps") or [], body.get("latest", False)
    if not isinstance(steps, list) or not all(isinstance(step, str) for step in steps):
        raise UserError("`steps` has to be a list of texts", code="bad-request")
    if not isinstance(latest, bool):
        raise UserError("`latest` has to be true or false", code="bad-request")
    failed_batches = body.get("failed_batches", False)
    if not isinstance(failed_batches, bool):
        raise UserError("`failed_batches` has to be true or false", code="bad-request")
    for name in ("user", "host"):
        if not isinstance(body.get(name) or "", str):
            raise UserError(f"`{name}` has to be text or null", code="bad-request")
    return AgainRequest(
        body.get("user") or "", body.get("host") or "", latest, tuple(dict.fromkeys(steps)), failed_batches
    )


def resume_job(world: World, workspace: str, name: str, request: AgainRequest) -> tuple[JobRecord, bool]:
    """
    Return a new job that goes on where one ended, and True.

    Of a completed job nothing is left to do: it is returned itself, and False. With
    `latest` there may be, so that a new one is made.
    """
    root, submission = _ended(world, workspace, name, "resumed")
    if root.status is JobStatus.COMPLETED and not request.latest:
        return root, False
    examined, sent = _examined(world, root, submission, request)
    done = {row.node_id for row in world.store.load_tree(workspace, root.name) if row.status is JobStatus.COMPLETED}
    _refuse_taken(world, root, examined, [node for node in _graph(examined).nodes if node not in done])
    batches = {} if request.latest else _kept_batches(world, root, _graph(examined))
    origin = Origin({RESUMED_FROM: root.name}, ReusePlan(root.name), {BATCHES_FROM: batches} if batches else {})
    return accept_job(world, workspace, sent, examined, origin), True


def rerun_job(world: World, workspace: str, name: str, request: AgainRequest) -> JobRecord:
    """Return a new job in which some steps of an earlier one run, and what depends on them."""
    root, submission = _ended(world, workspace, name, "rerun")
    if not request.steps and not request.failed_batches:
        raise UserError("no step is named", code="bad-request", hint="name at least one")
    examined, sent = _examined(world, root, submission, request)
    graph = _graph(examined)
    named = nodes_named(graph, root, request.steps) if request.steps else [_only_parallel(graph, root)]
    runs = below(graph, named)
    _refuse_taken(world, root, examined, runs)
    # A stand-alone step has no name.
    steps = {RERUN_STEPS: ", ".join(request.steps or named)} if graph.is_pipeline else {}
    properties = {RERUN_OF: root.name, **steps}
    detail = {BATCHES_FROM: _earlier_batches(world, root, graph, named)} if request.failed_batches else {}
    origin = Origin(properties, ReusePlan(root.name, frozenset(runs)), detail)
    return accept_job(world, workspace, sent, examined, origin)


def _kept_batches(world: World, root: JobRecord, graph: Graph) -> dict[str, str]:
    """Return for each parallel step that began and did not complete the job that holds its finished mini-batches."""
    rows = world.store.load_tree(root.workspace, root.name)
    return {
        row.node_id: row.writer
        for row in rows
        if row.status is not JobStatus.COMPLETED
        and row.node_id in graph.nodes
        and isinstance(graph.nodes[row.node_id].driver, ParallelTask)
        and progress_of(world, row) is not None
    }


def _earlier_batches(world: World, root: JobRecord, graph: Graph, nodes: Iterable[NodeId]) -> dict[str, str]:
    """Return for each parallel step the job that holds what its mini-batches returned; refuse one that has nothing."""
    rows = {row.node_id: row for row in world.store.load_tree(root.workspace, root.name)}
    found = {}
    for node in nodes:
        if not isinstance(graph.nodes[node].driver, ParallelTask):
            raise UserError(
                f"step `{node}` is no parallel step and has no mini-batches",
                code="not-parallel",
                hint="without --failed-batches the whole step runs again",
            )
        progress = progress_of(world, rows[node])
        batches = {} if progress is None else progress.get("mini_batches") or {}
        if progress is not None and batches.get("total") is not None and batches["done"] == batches["total"]:
            raise Conflict(
                f"every mini-batch of {f'step `{node}`' if node else f'job `{root.name}`'} completed",
                code="nothing-failed",
                hint="nothing is left to run",
            )
        found[node] = rows[node].writer
    return found


def _only_parallel(graph: Graph, root: JobRecord) -> NodeId:
    """Return the step whose mini-batches are meant where none is named."""
    found = [node.id for node in graph.nodes.values() if isinstance(node.driver, ParallelTask)]
    if not found:
        raise UserError(f"job `{root.name}` has no parallel step, and so no mini-batches", code="not-parallel")
    if len(found) > 1:
        names = ", ".join(f"`{node}`" for node in found)
        raise Conflict(
            f"job `{root.name}` has several parallel steps: {names}", code="which-step", hint="name one with --step"
        )
    return found[0]


def nodes_named(graph: Graph, root: JobRecord, steps: Iterable[str]) -> list[NodeId]:
    """Return the nodes that steps stand for; `NotFound` with the nearest name for one that is none."""
    nodes: dict[NodeId, None] = {}
    for step in steps:
        wanted = step.strip("/")
        if wanted in graph.groups:
            nodes |= dict.fromkeys(node for node in graph.nodes if node.startswith(f"{wanted}/"))
        elif wanted in graph.nodes and wanted:
            nodes[wanted] = None
        else:
            raise unknown_step(root, step, [*graph.nodes, *graph.groups])
    return list(nodes)


def unknown_step(root: JobRecord, step: str, known: Sequence[NodeId]) -> NotFound:
    """Return the error for a name that is no step of a job."""
    names = [name for name in known if name]
    if not names:
        message, hint = f"job `{root.name}` is one command and has no steps", None
        return NotFound(message, code="unknown-step", hint=hint)
    # Whoever leaves out the pipelines around a step means that step.
    inner = [name for name in names if name.rpartition("/")[2] == step]
    close = inner[0] if len(inner) == 1 else nearest(step, names)
    shown = ", ".join(f"`{name}`" for name in names[:_NAMES_SHOWN])
    more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    hint = f"did you mean `{close}`?" if close else f"its steps are {shown}{more}"
    return NotFound(f"job `{root.name}` has no step `{step}`", code="unknown-step", hint=hint)


def below(graph: Graph, nodes: Iterable[NodeId]) -> list[NodeId]:
    """Return nodes and everything that waits for them, in the graph's order."""
    readers = downstream_of({node.id: node.upstream for node in graph.nodes.values()})
    found, waiting = set(nodes), list(nodes)
    while waiting:
        for reader in readers.get(waiting.pop(), ()):
            if reader not in found:
                found.add(reader)
                waiting.append(reader)
    return [node for node in graph.nodes if node in found]


def _ended(world: World, workspace: str, name: str, verb: str) -> tuple[JobRecord, Submission]:
    job, submission = submitted(world, workspace, name, verb)
    if not job.status.is_terminal:
        raise Conflict(
            f"job `{name}` has not ended: {job.status.value}",
            code="not-ended",
            hint=f"wait for it (pipeyard job stream -n {name}) or cancel it (pipeyard job cancel -n {name})",
        )
    return job, submission


def submitted(world: World, workspace: str, name: str, verb: str) -> tuple[JobRecord, Submission]:
    """Return a root job and what was submitted; `Conflict` for a step, which cannot be *verb* alone."""
    job = show_job(world, workspace, name)
    child = job.detail.get("child")
    if child is not None:
        root, node = child["of_root"], child["of_node"]
        raise Conflict(
            f"`{name}` was started by {f'step `{node}` of ' if node else ''}`{root}` and cannot be {verb} alone",
            code="not-a-root",
            hint=f"to run that step again: pipeyard job rerun {root} --step {node}"
            if node
            else f"to run it once more in this terminal: pipeyard job run-step {name}",
        )
    if not job.is_root:
        raise Conflict(
            f"`{name}` is a step of `{job.root_name}` and cannot be {verb} alone",
            code="not-a-root",
            hint=f"to run it and what depends on it again: pipeyard job rerun {job.root_name} --step {job.node_id}",
        )
    submission = world.store.load_submission(workspace, job.name)
    if submission is None:
        raise Conflict(f"of job `{name}` the submission was not kept", code="not-kept")
    return job, submission


def _examined(
    world: World, root: JobRecord, submission: Submission, request: AgainRequest
) -> tuple[Examined, JobRequest]:
    """Return the same job once more, looked at again, and the request that it is now."""
    sent = sent_again(root, submission, user=request.user, host=request.host)
    examined = (
        examine(world, root.workspace, sent, runs_all=False)
        if request.latest
        else as_accepted(world, root, submission, sent.document)
    )
    refuse(examined.problems)
    return examined, sent


def sent_again(root: JobRecord, submission: Submission, *, user: str, host: str) -> JobRequest:
    """Return a stored job as the request that it would be now, under a name still to be given."""
    return JobRequest(
        {key: value for key, value in plain(submission.document).items() if key != "name"},
        {key: tree for key, tree in submission.components.items() if not is_pin_key(key)},
        file=str(root.detail.get("file") or ""),
        experiment_name=root.experiment_name,
        user=user or root.created_by,
        host=host or str(root.detail.get("host") or ""),
        python=root.detail.get("python"),
        git={key: value for key, value in root.properties.items() if key.startswith(_OF_GIT)},
    )


def as_accepted(world: World, root: JobRecord, submission: Submission, document: JsonObject) -> Examined:
    """
    Return a stored job as it was accepted; what lies elsewhere is only looked at.

    *document* may give its inputs other values than the stored one: only those are looked up.
    """
    pins = KeptPins(world.assets, root, submission)
    draft, problems = draft_of(document, submission.components, None)
    if draft is None:
        raise SpecError(problems, "a job that was accepted earlier is not understood as it is now")
    pins.keep_data({path_key(data.path) for data in data_of(draft.graph)})
    renamed, contents = root.detail.get("resolved") or {}, root.detail.get("contents") or {}
    placing = place_nodes(world, root.workspace, draft.graph, strict=False)
    # References to data were replaced by places: only these are asked for.
    there = resolve(world, root.workspace, replace(substitute(draft.graph, renamed, contents), inputs={}), pins)
    resolution = Resolution(pins, dict(there.found))
    for data in data_of(draft.graph):
        key = path_key(data.path)
        uri = renamed.get(key)
        seen = there.found.get(getattr(data.path, "text", key) if uri is None else uri)
        if uri is None:
            # It meant what it says, or it is new.
            uri = getattr(data.path, "text", key) if seen is None else seen.uri
        digest = contents.get(key) or (None if seen is None else seen.digest)
        exact = pins.exact(data.path) if isinstance(data.path, AssetRef) else None
        resolution.found[key] = Found(uri, digest, exact)
    return Examined(draft, resolution, placing, (*problems, *placing.problems, *there.problems))


def _refuse_taken(world: World, root: JobRecord, examined: Examined, runs: Iterable[NodeId]) -> None:
    """Refuse a job one of whose steps would run for nothing: its output is to become a version that exists."""
    graph = _graph(examined)
    nodes = {node: graph.nodes[node] for node in runs}
    refuse(tuple(taken_versions(world.assets, root.workspace, replace(graph, nodes=nodes))))


def _graph(examined: Examined) -> Graph:
    assert examined.draft is not None  # Otherwise it was refused.
    return examined.draft.graph
