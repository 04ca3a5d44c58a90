"""
Take a job in, or say everything that is wrong with it.

In:       a request as `pipeyard job create` sends it.
Out:      the stored root record, with the job on its way; or `SpecError`, `Conflict`, `AssetNotFound`.
Not here: running it (`engine/`), receiving its files (`api/uploads.py`).

Invariant: nothing is written when anything is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from typing import Any

from pipeyard.graph.slim import slim
from pipeyard.model.diagnostic import Diagnostic
from pipeyard.model.errors import Conflict, UserError
from pipeyard.model.record import JobRecord, JsonObject, Submission
from pipeyard.model.reuse import ReusePlan
from pipeyard.model.value import dataclass
from pipeyard.ports import AcceptedJob
from pipeyard.service.bayesian import bayesian_problems
from pipeyard.service.draft import Draft, draft_of
from pipeyard.service.jobs import change_job, job_entry
from pipeyard.service.lineage import output_uses_of, uses_of
from pipeyard.service.naming import is_job_name, job_name, step_names
from pipeyard.service.pins import Pins, is_pin_key
from pipeyard.service.placing import Placing, place_nodes
from pipeyard.service.records import Birth, records_of, with_warnings
from pipeyard.service.request import JobRequest
from pipeyard.service.resolve import Resolution, resolve, substitute
from pipeyard.service.spark import spark_problems
from pipeyard.service.taken import taken_versions
from pipeyard.service.unknown import refuse
from pipeyard.service.wire import plain
from pipeyard.service.world import World

DEFAULT_EXPERIMENT = "Default"
# Keys of a document that may differ when a name is used again (section 2, `name`).
CHANGEABLE = ("description", "display_name", "tags")


@dataclass(frozen=True, slots=True)
class Examined:
    """A job that was looked at from all sides."""

    draft: Draft | None
    resolution: Resolution
    placing: Placing
    problems: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a job comes from that was made from an earlier one."""

    properties: Mapping[str, str] = field(default_factory=dict)
    plan: ReusePlan | None = None
    # What its record keeps of it besides.
    detail: Mapping[str, Any] = field(default_factory=dict)


NEW = Origin()


def check_job(world: World, workspace: str, request: JobRequest) -> tuple[Diagnostic, ...]:
    """Return every problem that a submit of this would meet; nothing is written."""
    return examine(world, world.known_workspace(workspace), request).problems


def submit_job(world: World, workspace: str, request: JobRequest) -> tuple[JobRecord, bool]:
    """
    Return the job's root record and whether it is new.

    A name that is in use is no error when only description, display name or tags
    differ: these are then changed, as Azure does.
    """
    world.known_workspace(workspace)
    name = _wanted_name(request)
    earlier = world.store.load_job(workspace, name) if name is not None else None
    if earlier is not None:
        return _change_earlier(world, earlier, request), False
    return accept_job(world, workspace, request, examine(world, workspace, request), name=name), True


def accept_job(
    world: World,
    workspace: str,
    request: JobRequest,
    examined: Examined,
    origin: Origin = NEW,
    *,
    name: str | None = None,
) -> JobRecord:
    """Return the root record of a job that runs from now on; raise if something is wrong with it."""
    refuse(examined.problems)
    accepted = prepare_job(world, workspace, request, examined, origin, name=name)
    accepted = replace(accepted, graph=slim(accepted.graph))
    # Of a large job it is more than all that is kept of it, and nobody needs it while the job is stored.
    del examined
    world.runner.submit(accepted)
    return accepted.records[0]


def prepare_job(
    world: World,
    workspace: str,
    request: JobRequest,
    examined: Examined,
    origin: Origin = NEW,
    *,
    name: str | None = None,
) -> AcceptedJob:
    """Return a job that was found sound, ready for the engine."""
    assert examined.draft is not None
    birth = _birth(world, workspace, request, examined.draft, name)
    return _accepted(request, examined, birth, origin)


def examine(world: World, workspace: str, request: JobRequest, *, runs_all: bool = True) -> Examined:
    """
    Return what a request means, and every problem of it; nothing is written.

    Without *runs_all*, versions that outputs shall become are left to the caller, who knows which steps run.
    """
    pins = Pins(world.assets, workspace)
    draft, problems = draft_of(request.document, request.components, pins)
    if draft is None:
        return Examined(None, Resolution(pins), Placing(), problems)
    return examine_draft(world, workspace, request, (draft, pins), problems, runs_all=runs_all)


def examine_draft(
    world: World,
    workspace: str,
    request: JobRequest,
    found: tuple[Draft, Pins],
    problems: Sequence[Diagnostic] = (),
    *,
    runs_all: bool = True,
) -> Examined:
    """Return what only a server knows of a job that makes sense by itself, after the *problems* that it has."""
    draft, pins = found
    # What has to be looked up is looked up even when something is wrong already, so
    # that all problems come at once; data from the Web is left alone until the end.
    placing = place_nodes(world, workspace, draft.graph, strict=request.strict)
    resolution = resolve(world, workspace, draft.graph, pins)
    taken = taken_versions(world.assets, workspace, draft.graph) if runs_all else ()
    lacking = (*spark_problems(draft.graph, request.python), *bayesian_problems(draft.graph))
    return Examined(draft, resolution, placing, (*problems, *placing.problems, *resolution.problems, *taken, *lacking))


def _wanted_name(request: JobRequest) -> str | None:
    name = request.name if request.name is not None else request.document.get("name")
    if name is None:
        return None
    if not isinstance(name, str) or not is_job_name(name):
        raise UserError(
            f"a job cannot be called `{name}`",
            code="bad-name",
            hint="use letters, digits, `_` and `-`, starting with a letter or digit, at most 255",
        )
    return name


def _birth(world: World, workspace: str, request: JobRequest, draft: Draft, name: str | None) -> Birth:
    graph = draft.graph
    chosen = name if name is not None else job_name(world.random_text)
    at_ms = world.clock.now_ms()
    names = step_names((*graph.groups, *graph.nodes), at_ms)
    if not graph.is_pipeline:
        # A stand-alone command is its own only step.
        names = dict.fromkeys(names, chosen)
    return Birth(
        workspace=workspace,
        name=chosen,
        experiment_name=draft.spec.head.experiment_name or request.experiment_name or DEFAULT_EXPERIMENT,
        user=request.user,
        at_ms=at_ms,
        names=names,
    )


def _accepted(request: JobRequest, examined: Examined, birth: Birth, origin: Origin) -> AcceptedJob:
    assert examined.draft is not None
    draft, resolution = examined.draft, examined.resolution
    root, *others = records_of(draft, birth, request, resolution, examined.placing)
    warnings = tuple(problem for problem in examined.problems if not problem.is_error)
    root = _with_origin(with_warnings(root, warnings, resolution), origin)
    components = {**_sent(request.components), **resolution.pins.kept()}
    return AcceptedJob(
        submission=Submission(birth.name, request.document, components),
        graph=substitute(draft.graph, resolution.renamed, resolution.contents),
        records=(root, *others),
        uses=uses_of(draft, birth, resolution.pins),
        output_uses=output_uses_of(draft, birth, resolution),
        audit=(job_entry(root, "create", birth.user, birth.at_ms, dict(origin.properties)),),
        reuse_plan=origin.plan,
    )


def _with_origin(root: JobRecord, origin: Origin) -> JobRecord:
    if origin.plan is None:
        return replace(root, properties={**root.properties, **origin.properties})
    plan = {"source": origin.plan.source_root, "rerun": sorted(origin.plan.rerun)}
    return replace(
        root,
        properties={**root.properties, **origin.properties},
        detail={**root.detail, "reuse_plan": plan, **origin.detail},
    )


def _change_earlier(world: World, earlier: JobRecord, request: JobRequest) -> JobRecord:
    before = world.store.load_submission(earlier.workspace, earlier.name)
    if before is None or not _is_same_work(before, request):
        raise Conflict(
            f"a job called `{earlier.name}` exists already",
            code="name-taken",
            hint="choose another name, or leave the name out to get a new one; "
            "under the same name only description, display_name and tags may change",
        )
    changes: dict[str, Any] = {
        key: request.document[key] for key in CHANGEABLE if request.document.get(key) is not None
    }
    if "tags" in changes:
        changes["tags"] = {str(key): str(value) for key, value in changes["tags"].items()}
    return change_job(world, earlier, changes, request.user)


def _is_same_work(before: Submission, request: JobRequest) -> bool:
    return _work(before.document) == _work(request.document) and plain(_sent(before.components)) == plain(
        _sent(request.components)
    )


def _sent(components: Mapping[str, JsonObject]) -> dict[str, JsonObject]:
    """Return the components that came with the job, without what was found for its references."""
    return {key: tree for key, tree in components.items() if not is_pin_key(key)}


def _work(document: JsonObject) -> Mapping[str, Any]:
    return {key: plain(value) for key, value in document.items() if key not in {*CHANGEABLE, "name", "$schema"}}
