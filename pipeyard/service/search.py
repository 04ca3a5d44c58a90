"""
One search over everything that has a page: jobs, drafts, assets, computes, datastores.

In:       a workspace (or registry) and some words.
Out:      a few hits of each kind, those whose name begins with the words first.
Not here: lists of one kind in full (`jobs.py`, `assets.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from pipeyard.model.asset_record import AssetFilter, registry_of
from pipeyard.model.assets import AssetKind
from pipeyard.model.draft_record import DraftFilter, DraftRecord
from pipeyard.model.record import JobFilter
from pipeyard.ports import DraftStore
from pipeyard.service.computes import list_computes
from pipeyard.service.datastores import list_datastores
from pipeyard.service.view import job_label
from pipeyard.service.world import World

HITS_DEFAULT = 8
HITS_MAX = 50
# Drafts are looked into on each pause in typing: so many of them, changed last.
_DRAFTS_READ_MAX = 50
# What stands below `jobs:`, and the names in it that stand as far left as its first.
_JOBS = re.compile(r"^jobs:[ \t]*(?:#.*)?$\n((?:(?:[ \t#].*)?\n)*(?:[ \t#].*)?)", re.MULTILINE)
_KEY = re.compile(r"""^( +)(?:"([^"]+)"|'([^']+)'|([^\s#"'][^:\n]*?))[ \t]*:(?=\s|$)""", re.MULTILINE)
_ASSETS = (AssetKind.COMPONENT, AssetKind.DATA, AssetKind.ENVIRONMENT, AssetKind.MODEL)


def search(world: World, workspace: str, text: str, limit: int = HITS_DEFAULT) -> list[dict[str, Any]]:
    """Return what is found, at most *limit* of each kind; nothing for no words."""
    world.known_workspace(workspace)
    text = text.strip()
    if not text:
        return []
    limit = max(1, min(limit, HITS_MAX))
    kinds: list[Iterable[dict[str, Any]]] = [_assets(world, workspace, kind, text, limit) for kind in _ASSETS]
    if registry_of(workspace) is None:
        kinds = [
            _jobs(world, workspace, text, limit),
            () if world.drafts is None else _drafts(world.drafts, workspace, text, limit),
            *kinds,
            *_places(world, workspace, text),
        ]
    hits = [hit for found in kinds for hit in _first(found, limit)]
    # A stable order: kinds stay together within the two halves.
    return sorted(hits, key=lambda hit: not _begins(hit, text))


def _first(found: Iterable[dict[str, Any]], limit: int) -> list[dict[str, Any]]:
    return [hit for _, hit in zip(range(limit), found, strict=False)]


def _begins(hit: dict[str, Any], text: str) -> bool:
    names = (hit["name"], hit["display_name"] or "")
    return any(name.lower().startswith(text.lower()) for name in names)


def _jobs(world: World, workspace: str, text: str, limit: int) -> Iterator[dict[str, Any]]:
    exact = world.store.load_job(workspace, text)
    rows = world.store.list_jobs(workspace, JobFilter(text=text), limit=limit)
    for row in (*(() if exact is None else (exact,)), *(row for row in rows if row.name != text)):
        yield _hit("jobs", row.name, row.display_name, row.experiment_name) | {"label": job_label(row)}


def _drafts(store: DraftStore, workspace: str, text: str, limit: int) -> Iterator[dict[str, Any]]:
    """Yield drafts by their names, then those in which a step is called so."""
    named = store.list_drafts(workspace, DraftFilter(text=text), limit=limit)
    for row in named:
        yield _hit("drafts", row.id, row.name, f"revision {row.revision}")
    seen = {row.id for row in named}
    for row in store.list_drafts(workspace, DraftFilter(), limit=_DRAFTS_READ_MAX):
        if row.id not in seen and (step := _step_called(store, row, text)) is not None:
            yield _hit("drafts", row.id, row.name, f"step {step}")


def _step_called(store: DraftStore, draft: DraftRecord, text: str) -> str | None:
    content = store.load_content(draft.workspace, draft.id, draft.revision)
    names = () if content is None else step_names(content.text)
    return next((name for name in names if text.lower() in name.lower()), None)


def step_names(text: str) -> list[str]:
    """
    Return the names of the steps in a pipeline's text, as it is usually written.

    Of a text that is being typed, and without reading all of it as YAML: that takes a thousand times as long.
    """
    jobs = _JOBS.search(text)
    keys = [] if jobs is None else _KEY.findall(jobs[1])
    return [double or single or plain for indent, double, single, plain in keys if indent == keys[0][0]]


def _assets(world: World, workspace: str, kind: AssetKind, text: str, limit: int) -> Iterator[dict[str, Any]]:
    for row in world.assets.list_containers(workspace, kind, AssetFilter(text=text), limit=limit):
        if row.latest is not None:
            yield _hit(kind.plural, row.name, row.latest.display_name, f"version {row.latest.version}")


def _places(world: World, workspace: str, text: str) -> Iterator[list[dict[str, Any]]]:
    words = text.lower().split()
    for kind, rows in (
        ("computes", list_computes(world, workspace)),
        ("datastores", list_datastores(world, workspace)),
    ):
        yield [
            _hit(kind, row.name, None, row.type)
            for row in rows
            if all(word in f"{row.name} {row.type}".lower() for word in words)
        ]


def _hit(kind: str, name: str, display_name: str | None, detail: str | None) -> dict[str, Any]:
    return {"kind": kind, "name": name, "display_name": display_name, "detail": detail}
