"""
What would become of a job's steps if it were submitted now: `job create --dry-run`.

In:       a request as submit takes it, with the files of trees that were not sent.
Out:      a forecast for each step, or everything that is wrong with the job.
Not here: deciding (`engine/foresee.py`, the same walk as for a job that runs).

Invariant: nothing is written but what is remembered of files and of data from the Web.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from pipeyard.graph.model import Graph
from pipeyard.model.assets import FileEntry, Manifest
from pipeyard.model.diagnostic import Diagnostic
from pipeyard.model.errors import Bug, UserError
from pipeyard.model.reuse import Forecast
from pipeyard.model.value import dataclass
from pipeyard.service.expected import longest_way, seconds_of
from pipeyard.service.request import JobRequest
from pipeyard.service.submit import examine, prepare_job
from pipeyard.service.unknown import refuse
from pipeyard.service.world import World


@dataclass(frozen=True, slots=True)
class Trees:
    """Folders and files that a job names and that nobody has sent yet."""

    # Where each would be.
    uris: frozenset[str] = frozenset()
    # By digest.
    manifests: Mapping[str, Manifest] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Foresight:
    """What is known of a job that was not submitted."""

    graph: Graph
    forecasts: Sequence[Forecast]
    warnings: tuple[Diagnostic, ...]
    # How long each step that may run took when it ran last.
    seconds: Mapping[str, float] = field(default_factory=dict)
    # Along the longest way through them; None: nothing is known of any.
    longest: float | None = None


def foresee_job(world: World, workspace: str, request: JobRequest, trees: Trees) -> Foresight:
    """Return what would become of each step. Raises what a submit would raise."""
    examined = examine(world, world.known_workspace(workspace), request)
    # Files that were not sent are not there, of course.
    problems = [problem for problem in examined.problems if not any(uri in problem.message for uri in trees.uris)]
    refuse(tuple(problems))
    if world.foreseer is None:
        raise Bug("a server without an engine was asked what would run")
    job = prepare_job(world, workspace, request, examined)
    forecasts = world.foreseer.foresee(job, trees.manifests)
    warnings = tuple(problem for problem in problems if not problem.is_error)
    seconds = seconds_of(world.store, job.records[0], forecasts)
    return Foresight(job.graph, forecasts, warnings, seconds, longest_way(job.graph, forecasts, seconds))


def trees_of(body: Any) -> Trees:
    """Return the trees in a request's body, or raise `UserError` naming the member that is wrong."""
    trees = body.get("trees") if isinstance(body, Mapping) else None
    if trees is None:
        return Trees()
    try:
        manifests = {tree["digest"]: _manifest(tree) for tree in trees if tree.get("files") is not None}
        return Trees(frozenset(str(tree["uri"]) for tree in trees), manifests)
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        wanted = "`trees` has to be a list of uploads with `uri`, `digest` and `files`"
        raise UserError(wanted, code="bad-request") from problem


def _manifest(tree: Mapping[str, Any]) -> Manifest:
    entries = tuple(FileEntry(str(one["path"]), int(one["size"]), str(one["sha256"])) for one in tree["files"])
    return Manifest(entries, bool(tree.get("is_file")))
