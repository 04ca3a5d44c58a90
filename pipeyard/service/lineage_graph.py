"""
What came of what: versions and jobs, each with what it was made of and what was made of it.

In:       a version or a job, how far to go and in which direction, what to leave out.
Out:      nodes and edges, as plain data.
Not here: storing who uses what (`lineage.py`, when a job is submitted), the nearest of a version only (`assets.py`).

Versions and jobs alternate. A job is a submitted one; by which inputs and outputs of its steps is said on the edge.
What a step wrote and another job reads by its place, registered or not, is a node of its own: an output.

Invariant: an answer has at most `NODES_MAX` nodes and reads a bounded stretch of an index for each of them. Where
something was left out for that, it says so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from pipeyard.model.asset_record import AssetKey, AssetVersion, Period, registry_of, registry_workspace
from pipeyard.model.assets import AssetKind, AssetRef
from pipeyard.model.errors import Bug, UserError
from pipeyard.model.record import JobRecord
from pipeyard.model.value import dataclass as frozen
from pipeyard.ports import LineageStore
from pipeyard.registry.resolve import resolve
from pipeyard.service.jobs import show_job, workspace_of
from pipeyard.service.view import job_label
from pipeyard.service.wire import time_text
from pipeyard.service.world import World

NODES_MAX = 500
DEPTH_MAX = 20
# What one look at the neighbours of a node reads: a job of thousands of steps may use one version in each of them.
_ROWS_MAX = 2000
# As many neighbours are looked at to know whether there is more behind a node.
_PEEKED_MAX = 50
# Edges name no more steps than anybody reads.
_ROLES_MAX = 5
_ANCESTORS_MAX = 20

JOBS, OUTPUTS = "jobs", "outputs"
KINDS = {kind.plural: kind for kind in AssetKind}
# Of every job the same few environments are used: they would hide what is asked for.
KINDS_DEFAULT = ("data", "models", OUTPUTS)
WAYS = ("up", "down", "both")


@frozen(frozen=True, slots=True)
class NodeId:
    """A version, a job or an output of a step."""

    # Of the asset or the job.
    workspace: str
    # `jobs`, `outputs`, or the plural of an `AssetKind`.
    kind: str
    # Of an output: the step (its job name) that wrote it.
    name: str
    # Of an output: what it is called; of a job nothing.
    version: str = ""

    @property
    def key(self) -> AssetKey:
        """Return which version it is."""
        return AssetKey(self.workspace, KINDS[self.kind], self.name, self.version)

    def text(self, home: str) -> str:
        """Return it as it is written in *home*: `models/net/3`, `jobs/calm_fox`."""
        place = "/".join(part for part in (self.kind, self.name, self.version) if part)
        # Names of jobs are unique among all workspaces.
        if self.workspace == home or self.kind not in KINDS:
            return place
        registry = registry_of(self.workspace)
        return f"registries/{registry}/{place}" if registry is not None else f"workspaces/{self.workspace}/{place}"


@frozen(frozen=True, slots=True)
class LineageRequest:
    """Where to begin, and how far to go."""

    of: NodeId
    depth: int = 2
    # `up`: what it was made of; `down`: what was made of it.
    way: str = "both"
    kinds: frozenset[str] = frozenset(KINDS_DEFAULT)
    # When jobs were created; others are left out, and so is what is behind them only.
    period: Period = Period()


def parse_node(text: str, home: str) -> NodeId:
    """Return the node that a text names; `UserError` for anything else."""
    parts = text.split("/")
    workspace = home
    if len(parts) > 2 and parts[0] in ("registries", "workspaces"):  # noqa: PLR2004 - the word and its name.
        workspace = registry_workspace(parts[1]) if parts[0] == "registries" else parts[1]
        parts = parts[2:]
    wanted = {JOBS: 2, OUTPUTS: 3, **dict.fromkeys(KINDS, 3)}.get(parts[0])
    if wanted != len(parts) or not all(parts):
        raise UserError(
            f"`{text}` names nothing that has a lineage",
            code="bad-request",
            hint="such as `data/titanic/1`, `models/net/3`, `registries/team/models/net/3`, `jobs/calm_fox`",
        )
    return NodeId(workspace, *parts)


def lineage_graph(world: World, home: str, request: LineageRequest) -> dict[str, Any]:
    """Return what came of what around one node; `NotFound` if that is not there."""
    if request.way not in WAYS:
        raise UserError(f"`{request.way}` is no direction", code="bad-request", hint=f"one of {', '.join(WAYS)}")
    unknown = sorted(request.kinds - {*KINDS, OUTPUTS})
    if unknown:
        raise UserError(
            f"`{unknown[0]}` is no kind of asset", code="bad-request", hint=f"some of {', '.join((*KINDS, OUTPUTS))}"
        )
    if not 0 <= request.depth <= DEPTH_MAX:
        raise UserError(f"the depth has to be 0 to {DEPTH_MAX}, not {request.depth}", code="bad-request")
    walk = _Walk(world, request)
    start = walk.begin(request.of)
    if request.way != "down":
        walk.go(start, is_up=True)
    if request.way != "up":
        walk.go(start, is_up=False)
    return {
        "of": start.text(home),
        "depth": request.depth,
        "nodes": [walk.node_json(node, home) for node in walk.levels],
        "edges": [
            {"from": upper.text(home), "to": lower.text(home), "names": list(names)}
            for (upper, lower), names in walk.edges.items()
        ],
        "limit": NODES_MAX,
        "truncated": walk.is_truncated,
    }


# A neighbour, and what the edge to it says.
_Neighbour = tuple[NodeId, str]


@dataclass
class _Walk:
    """One answer while it grows. Everything is looked up once."""

    world: World
    request: LineageRequest
    # How many steps from the start: less than 0 above it, more below.
    levels: dict[NodeId, int] = field(default_factory=dict)
    edges: dict[tuple[NodeId, NodeId], dict[str, None]] = field(default_factory=dict)
    is_truncated: bool = False
    jobs: dict[str, JobRecord | None] = field(default_factory=dict)
    assets: dict[NodeId, AssetVersion | None] = field(default_factory=dict)
    # Nodes with all their neighbours, and the way in which these were looked up.
    whole: set[tuple[NodeId, bool]] = field(default_factory=set)

    def begin(self, of: NodeId) -> NodeId:
        """Return the node to start from, which has to be there: of a step its submitted job."""
        if of.kind == JOBS:
            start = self._submitted(show_job(self.world, of.workspace, of.name))
        elif of.kind == OUTPUTS:
            start = NodeId(of.workspace, OUTPUTS, show_job(self.world, of.workspace, of.name).name, of.version)
        else:
            reference = AssetRef(KINDS[of.kind], of.name, of.version)
            asset = resolve(self.world.assets, self.world.known_workspace(of.workspace), reference)
            start = _node_of(asset.key)
            self.assets[start] = asset
        self.levels[start] = 0
        return start

    def go(self, start: NodeId, *, is_up: bool) -> None:
        """Add what is above a node, or below it, level by level."""
        layer = [start]
        for level in range(1, self.request.depth + 1):
            following: list[NodeId] = []
            for node in layer:
                following += self._widen(node, -level if is_up else level, is_up=is_up)
            layer = following

    def node_json(self, node: NodeId, home: str) -> dict[str, Any]:
        """Return a node as users see it."""
        shown: dict[str, Any] = {
            "id": node.text(home),
            "kind": node.kind,
            "name": node.name,
            "version": node.version or None,
            "workspace": None if registry_of(node.workspace) is not None else node.workspace,
            "registry": registry_of(node.workspace),
            "level": self.levels[node],
            "display_name": None,
            "type": None,
            "label": None,
            "created_at": None,
            "is_gone": False,
            "has_more_above": self._has_more(node, is_up=True),
            "has_more_below": self._has_more(node, is_up=False),
        }
        if node.kind in KINDS:
            return shown | self._asset_json(node)
        job = self._job(node.workspace, node.name)
        if job is None:
            return {**shown, "is_gone": True}
        if node.kind == OUTPUTS:
            return {**shown, "display_name": node.version, "created_at": time_text(job.ended_at_ms)}
        return {
            **shown,
            "display_name": job.display_name,
            "type": job.kind,
            "label": job_label(job),
            "created_at": time_text(job.created_at_ms),
        }

    def _asset_json(self, node: NodeId) -> dict[str, Any]:
        asset = self._asset(node)
        if asset is None:
            return {"is_gone": True}
        return {"display_name": asset.display_name, "type": asset.type, "created_at": time_text(asset.created_at_ms)}

    def _widen(self, node: NodeId, level: int, *, is_up: bool) -> list[NodeId]:
        """Add the neighbours of a node on one side; return those that are new."""
        found: list[NodeId] = []
        left_out = False
        for neighbour, name in self._neighbours(node, _ROWS_MAX, is_up=is_up):
            if neighbour not in self.levels:
                if len(self.levels) >= NODES_MAX:
                    left_out = True
                    continue
                self.levels[neighbour] = level
                found.append(neighbour)
            names = self.edges.setdefault((neighbour, node) if is_up else (node, neighbour), {})
            if len(names) < _ROLES_MAX:
                names[name] = None
        if left_out:
            self.is_truncated = True
        else:
            self.whole.add((node, is_up))
        return found

    def _has_more(self, node: NodeId, *, is_up: bool) -> bool:
        """Return whether there is something next to a node that is not in the answer."""
        if (node, is_up) in self.whole:
            return False
        near = [neighbour for neighbour, _ in self._neighbours(node, _PEEKED_MAX, is_up=is_up)]
        # Where not all were looked at, whoever widens it sees.
        return len(near) >= _PEEKED_MAX or any(
            ((neighbour, node) if is_up else (node, neighbour)) not in self.edges for neighbour in near
        )

    def _neighbours(self, node: NodeId, limit: int, *, is_up: bool) -> Iterator[_Neighbour]:
        """Yield what is next to a node on one side, as far as it is asked for."""
        if node.kind == JOBS:
            job = self._job(node.workspace, node.name)
            found = () if job is None else self._read_by(job, limit) if is_up else self._made_by(job, limit)
        else:
            found = self._makers_of(node) if is_up else self._readers_of(node, limit)
        rows = 0
        for neighbour, name in found:
            rows += 1
            if self._is_wanted(neighbour):
                yield neighbour, name
        if rows >= limit and limit == _ROWS_MAX:
            self.is_truncated = True

    def _is_wanted(self, node: NodeId) -> bool:
        if node.kind != JOBS:
            return node.kind in self.request.kinds
        job = self._job(node.workspace, node.name)
        return job is None or self.request.period.holds(job.created_at_ms)

    def _read_by(self, job: JobRecord, limit: int) -> Iterator[_Neighbour]:
        for use in self._lineage.assets_read(job.root_name, self._kinds, limit=limit):
            yield _node_of(use.asset), use.role
        if OUTPUTS in self.request.kinds:
            for read in self._lineage.outputs_read(job.root_name, limit=limit):
                yield NodeId(read.workspace, OUTPUTS, read.maker, read.output), read.role

    def _made_by(self, job: JobRecord, limit: int) -> Iterator[_Neighbour]:
        for asset in self._lineage.assets_made(job.root_name, self._kinds, limit=limit):
            node = _node_of(asset.key)
            self.assets.setdefault(node, asset)
            yield node, f"outputs.{asset.produced_output}"
        if OUTPUTS in self.request.kinds:
            for read in self._lineage.outputs_read_elsewhere(job.root_name, self.request.period, limit=limit):
                yield NodeId(read.workspace, OUTPUTS, read.maker, read.output), f"outputs.{read.output}"

    def _makers_of(self, node: NodeId) -> Iterator[_Neighbour]:
        if node.kind == OUTPUTS:
            maker, output = node.name, node.version
        else:
            asset = self._asset(node)
            if asset is None or asset.produced_by is None:
                return
            maker, output = asset.produced_by, asset.produced_output or ""
        # What was put into a registry was made in some workspace.
        home = node.workspace if registry_of(node.workspace) is None else workspace_of(self.world, maker)
        job = self._job(home, maker)
        if job is not None:
            yield self._submitted(job), f"outputs.{output}"

    def _readers_of(self, node: NodeId, limit: int) -> Iterator[_Neighbour]:
        period = self.request.period
        if node.kind == OUTPUTS:
            for read in self._lineage.readers_of_output(node.name, node.version, period, limit=limit):
                yield NodeId(read.workspace, JOBS, read.root_name), read.role
            return
        for use in self._lineage.readers_of(node.key, period, limit=limit):
            yield NodeId(use.workspace, JOBS, use.root_name), use.role

    @property
    def _lineage(self) -> LineageStore:
        if self.world.lineage is None:
            raise Bug("the lineage was asked for where none is kept")
        return self.world.lineage

    @property
    def _kinds(self) -> Collection[AssetKind]:
        return [KINDS[kind] for kind in sorted(self.request.kinds) if kind in KINDS]

    def _submitted(self, job: JobRecord) -> NodeId:
        """Return the job that somebody submitted, of a step or of what a step started."""
        for _ in range(_ANCESTORS_MAX):
            above = job.parent_name if job.is_root else job.root_name
            parent = None if above is None else self._job(job.workspace, above)
            if parent is None:
                break
            job = parent
        return NodeId(job.workspace, JOBS, job.name)

    def _job(self, workspace: str, name: str) -> JobRecord | None:
        if name not in self.jobs:
            self.jobs[name] = self.world.store.load_job(workspace, name)
        return self.jobs[name]

    def _asset(self, node: NodeId) -> AssetVersion | None:
        if node not in self.assets:
            self.assets[node] = self.world.assets.load_asset(node.key)
        return self.assets[node]


def _node_of(key: AssetKey) -> NodeId:
    return NodeId(key.workspace, key.kind.plural, key.name, key.version)
