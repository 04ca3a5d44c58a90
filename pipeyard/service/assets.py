"""
Versioned assets: publish, look at, list, change, hide, forget.

In:       a workspace (or registry) and what somebody asked.
Out:      versions and names; `NotFound`, `Conflict`, or `SpecError` with everything that is wrong.
Not here: JSON (`asset_view.py`), their files (`asset_files.py`), sharing (`asset_share.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeyard.model.asset_record import (
    AssetContainer,
    AssetFilter,
    AssetKey,
    AssetNeed,
    AssetUse,
    AssetVersion,
    AuditEntry,
    AuditFilter,
)
from pipeyard.model.assets import AssetKind, AssetRef
from pipeyard.model.diagnostic import Diagnostic
from pipeyard.model.value import dataclass
from pipeyard.registry.archive import archive_name, archive_version, restore_name, restore_version
from pipeyard.registry.entry import Who, asset_entry
from pipeyard.registry.label import set_label
from pipeyard.registry.missing import NOUNS, missing
from pipeyard.registry.publish import change, publish
from pipeyard.registry.resolve import resolve
from pipeyard.service.asset_draft import draft_of
from pipeyard.service.asset_request import AssetRequest
from pipeyard.service.jobs import show_job
from pipeyard.service.unknown import refuse
from pipeyard.service.world import World

PAGE_MAX = 1000
# Jobs and versions that a look at a version's lineage names.
LINEAGE_MAX = 1000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which version somebody means: by number, by label, or (neither) the default one."""

    kind: AssetKind
    name: str
    version: str | None = None
    label: str | None = None

    @property
    def reference(self) -> AssetRef:
        """Return it as a reference."""
        return AssetRef(self.kind, self.name, self.version, self.label)


@dataclass(frozen=True, slots=True)
class Lineage:
    """What a version has to do with jobs and other versions."""

    asset: AssetVersion
    # The root job of the step that wrote it.
    produced_in: str | None
    used_by: Sequence[AssetUse]
    needed_by: Sequence[AssetKey]
    needs: Sequence[AssetNeed]


def create_asset(
    world: World, workspace: str, kind: AssetKind, request: AssetRequest, by: str
) -> tuple[AssetVersion, bool, tuple[str, ...]]:
    """
    Return the version, whether it is new, and what is worth saying about it.

    One that is there with an equal body is no error; what may change takes the new values.
    """
    world.known_workspace(workspace)
    draft, problems = draft_of(world, workspace, kind, request, request.user or by)
    refuse(problems)
    assert draft is not None
    asset, is_new = publish(world.assets, draft.asset, needs=draft.needs, parts=draft.parts)
    return asset, is_new, (*_warnings(problems), *_remarks(world, asset))


def check_asset(
    world: World, workspace: str, kind: AssetKind, request: AssetRequest, by: str
) -> tuple[Diagnostic, ...]:
    """Return every problem that a create of this would meet; nothing is written."""
    return draft_of(world, world.known_workspace(workspace), kind, request, by)[1]


def show_asset(world: World, workspace: str, wanted: Wanted) -> AssetVersion:
    """Return one version, archived or not; `AssetMissing` names what is near."""
    return resolve(world.assets, world.known_workspace(workspace), wanted.reference)


def list_names(
    world: World, workspace: str, kind: AssetKind, which: AssetFilter, *, limit: int, after: str | None = None
) -> tuple[Sequence[AssetContainer], str | None]:
    """Return a page of names, and where the next page begins."""
    limit = max(1, min(limit, PAGE_MAX))
    world.known_workspace(workspace)
    found = world.assets.list_containers(workspace, kind, which, limit=limit + 1, after=after)
    return (found, None) if len(found) <= limit else (found[:limit], found[limit - 1].name)


def list_versions(
    world: World,
    workspace: str,
    kind: AssetKind,
    name: str,
    *,
    which: AssetFilter,
    limit: int,
    before: int | None = None,
) -> tuple[Sequence[AssetVersion], int | None]:
    """Return a page of a name's versions, created last first, and where the next page begins."""
    limit = max(1, min(limit, PAGE_MAX))
    world.known_workspace(workspace)
    container = world.assets.load_container(workspace, kind, name)
    if container is None:
        raise missing(world.assets, workspace, AssetRef(kind, name))
    if _is_hidden(container, which):
        return (), None
    # Whatever was done with the versions one by one: the name is archived with all of them.
    which = AssetFilter("all", which.type, which.stage) if container.is_archived else which
    found = world.assets.list_versions(workspace, kind, name, which, limit=limit + 1, before=before)
    return (found, None) if len(found) <= limit else (found[:limit], found[limit - 1].serial)


def update_asset(world: World, workspace: str, wanted: Wanted, values: dict[str, Any], by: str) -> AssetVersion:
    """Return a version after what may change was changed."""
    asset = show_asset(world, workspace, wanted)
    return change(world.assets, asset, values, _who(world, by))


def label_asset(world: World, workspace: str, wanted: Wanted, label: str, by: str) -> AssetVersion:
    """Let a label stand for a version."""
    return set_label(world.assets, show_asset(world, workspace, wanted), label, _who(world, by))


def archive_asset(world: World, workspace: str, wanted: Wanted, by: str) -> AssetVersion:
    """Hide one version from lists; it still runs."""
    return archive_version(world.assets, show_asset(world, workspace, wanted), _who(world, by))


def restore_asset(world: World, workspace: str, wanted: Wanted, by: str) -> AssetVersion:
    """Show one version in lists again."""
    return restore_version(world.assets, show_asset(world, workspace, wanted), _who(world, by))


def archive_all(world: World, workspace: str, kind: AssetKind, name: str, by: str) -> AssetContainer:
    """Hide a name and all its versions."""
    return archive_name(world.assets, world.known_workspace(workspace), kind, name, _who(world, by))


def restore_all(world: World, workspace: str, kind: AssetKind, name: str, by: str) -> AssetContainer:
    """Show a name again."""
    return restore_name(world.assets, world.known_workspace(workspace), kind, name, _who(world, by))


def delete_asset(world: World, workspace: str, wanted: Wanted, by: str) -> None:
    """Forget a version for good; `Conflict` while an unfinished job uses it or another version needs it."""
    asset = show_asset(world, workspace, wanted)
    world.assets.delete_asset(asset.key, asset_entry(asset, "delete", _who(world, by)))


def lineage_of(world: World, workspace: str, wanted: Wanted) -> Lineage:
    """Return which job made a version, and what uses it."""
    asset = show_asset(world, workspace, wanted)
    producer = None if asset.produced_by is None else world.store.load_job(workspace, asset.produced_by)
    return Lineage(
        asset,
        None if producer is None else producer.root_name,
        world.assets.users_of(asset.key, limit=LINEAGE_MAX),
        world.assets.needed_by(asset.key, limit=LINEAGE_MAX),
        world.assets.needs_of(asset.key),
    )


def assets_of_job(world: World, workspace: str, name: str) -> tuple[Sequence[AssetUse], Sequence[AssetVersion]]:
    """Return what a job and everything below it uses, and the versions that its steps wrote."""
    job = show_job(world, workspace, name)
    uses = world.assets.uses_of(workspace, job.root_name)
    made = world.assets.produced_by(workspace, job.root_name)
    if job.is_root:
        return uses, made
    inside = {
        row.name for row in world.store.load_tree(workspace, job.root_name) if _is_below(row.node_id, job.node_id)
    }
    return (
        [use for use in uses if use.job_name in inside],
        [asset for asset in made if asset.produced_by in inside],
    )


def history(
    world: World, which: AuditFilter, *, limit: int, before: int | None = None
) -> tuple[Sequence[AuditEntry], int | None]:
    """Return a page of what was changed, newest first, and where the next page begins."""
    limit = max(1, min(limit, PAGE_MAX))
    found = world.assets.list_audit(which, limit=limit + 1, before=before)
    return (found, None) if len(found) <= limit else (found[:limit], found[limit - 1].seq)


def _is_hidden(container: AssetContainer, which: AssetFilter) -> bool:
    return container.is_archived and which.archived == "active"


def _is_below(node_id: str, around: str) -> bool:
    return node_id == around or node_id.startswith(f"{around}/")


def _who(world: World, by: str) -> Who:
    return Who(by, world.clock.now_ms())


def _warnings(problems: Sequence[Diagnostic]) -> list[str]:
    """Return what the caller, who decoded the same file, cannot know."""
    return [problem.message for problem in problems if problem.code == "asset-not-found"]


def _remarks(world: World, asset: AssetVersion) -> list[str]:
    noun = NOUNS[asset.kind]
    container = world.assets.load_container(asset.workspace, asset.kind, asset.name)
    if container is not None and container.is_archived:
        return [f"{noun} `{asset.name}` is archived, and so this version is hidden; restore it to see it in lists"]
    if asset.is_archived:
        return [f"version {asset.version} of {noun} `{asset.name}` is archived"]
    return []
