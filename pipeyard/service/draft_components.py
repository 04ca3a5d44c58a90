"""
The component files of a draft, registered, and named by what they are registered as.

In:       a draft, and what somebody chose of its component files.
Out:      what each is or was registered as, or why not; the pipeline's text with references instead of paths.
Not here: reading the files (`designer/components.py`), registering (`assets.py`), JSON (`draft_components_view.py`).

Invariant: each component succeeds or fails by itself, and what was registered stays so whatever happens afterwards.
To ask again is safe: what is there with an equal body is not registered twice.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import field, replace
from enum import Enum

from pipeyard.model.asset_record import AssetVersion
from pipeyard.model.assets import AssetKind, AssetRef
from pipeyard.model.diagnostic import Diagnostic, YamlPath
from pipeyard.model.errors import NotFound, PipeyardError, SpecError, UserError
from pipeyard.model.value import dataclass
from pipeyard.ports import LocalComponent, PackedDraft
from pipeyard.registry.difference import differences
from pipeyard.registry.resolve import find
from pipeyard.service.asset_draft import Draft as AssetDraft
from pipeyard.service.asset_draft import draft_of
from pipeyard.service.asset_request import AssetRequest
from pipeyard.service.assets import create_asset
from pipeyard.service.draft_check import Subject, lent_components
from pipeyard.service.draft_request import Change, Registering
from pipeyard.service.draft_upload import store_tree
from pipeyard.service.drafts import Draft, refuse_change, save_draft
from pipeyard.service.unknown import refuse
from pipeyard.service.world import World
from pipeyard.spec.rewrite import rewritten

LATEST = "latest"
# The first number that a name without versions gets.
_FIRST = "1"


class Standing(str, Enum):
    """What registering a component would do, or did."""

    # There is nothing of that name and version.
    NEW = "new"
    # It is there with an equal body: nothing would change.
    SAME = "same"
    # Another body is there under that version.
    DIFFERS = "differs"
    # Its file has problems.
    WRONG = "wrong"
    REGISTERED = "registered"
    # It was tried, and the server refused.
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Part:
    """One component file of a draft."""

    local: LocalComponent
    standing: Standing
    # As a pipeline names it; before it is registered, what that would be if nobody is quicker.
    reference: str | None = None
    # The first that is free; None: the name is not known.
    next_version: str | None = None
    # In what the version that is there has another body.
    differs: Sequence[str] = ()
    problems: Sequence[Diagnostic] = ()
    # Of its code: files and bytes.
    code: tuple[int, int] = (0, 0)
    # Why the server refused it.
    error: PipeyardError | None = None
    remarks: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Parts:
    """All of them, and the pipeline with references to those that are registered."""

    parts: Sequence[Part]
    text: str
    # Files whose names could not be replaced in the text: those of an anchor's value, for one.
    kept: Sequence[str] = field(default_factory=tuple)


def list_components(world: World, draft: Draft, wanted: Registering, by: str) -> Parts:
    """Return what registering would do; nothing is written. `SpecError` when the pipeline cannot be read."""
    subject = Subject(draft.content, {})
    with lent_components(world, draft.record.workspace, subject, wanted.names) as found:
        chosen = _chosen(found, wanted.only)
        parts = [_standing(world, draft, one, wanted, by) for one in chosen]
    return Parts(parts, draft.content.text)


def register_components(world: World, draft: Draft, wanted: Registering, by: str) -> tuple[Parts, Draft]:
    """
    Register component files of a draft, and name them in its text by what they are registered as.

    Returns also the draft, saved if that was wished. Each failure stands with its component; `DraftConflict` when the
    draft is not as it was, before anything is registered.
    """
    change = Change(draft.record.revision if wanted.revision is None else wanted.revision, wanted.holder)
    if wanted.is_referring or wanted.revision is not None:
        refuse_change(world, draft, change)
    subject = Subject(draft.content, {})
    with lent_components(world, draft.record.workspace, subject, wanted.names) as found:
        parts = [_registered(world, draft, one, wanted, by) for one in _chosen(found, wanted.only)]
    text, kept = _referring(draft.content.text, parts)
    if wanted.is_referring and text != draft.content.text:
        draft = save_draft(world, draft.record.workspace, draft.record.id, replace(change, text=text), by)
    return Parts(parts, text, kept), draft


def _chosen(found: Sequence[LocalComponent], only: Collection[str] | None) -> Sequence[LocalComponent]:
    if only is None:
        return found
    known = {one.file: one for one in found}
    for file in only:
        if file not in known:
            named = ", ".join(f"`{one}`" for one in known) or "none"
            raise NotFound(
                f"the draft's pipeline names no component file `{file}`",
                code="missing-file",
                hint=f"it names {named}",
            )
    return [one for one in found if one.file in set(only)]


def _registered(world: World, draft: Draft, local: LocalComponent, wanted: Registering, by: str) -> Part:
    part = _standing(world, draft, local, wanted, by)
    if part.standing is not Standing.NEW:
        return part
    assert local.pack is not None
    workspace = draft.record.workspace
    try:
        packed = local.pack()
        for tree in packed.trees:
            store_tree(world, workspace, tree)
        request = _request(packed, is_next=local.file in wanted.next)
        asset, is_new, remarks = create_asset(world, workspace, AssetKind.COMPONENT, request, by)
    except PipeyardError as error:
        return replace(part, standing=Standing.FAILED, reference=None, error=error)
    standing = Standing.REGISTERED if is_new else Standing.SAME
    return replace(part, standing=standing, reference=_reference(asset), remarks=remarks)


def _standing(world: World, draft: Draft, local: LocalComponent, wanted: Registering, by: str) -> Part:
    """Return what registering a component would do."""
    workspace = draft.record.workspace
    part = Part(local, Standing.WRONG, problems=local.diagnostics)
    if local.pack is None:
        return replace(part, next_version=_next_of(world, workspace, str(local.head.get("name") or "")))
    try:
        packed = local.pack()
        entries = [entry for tree in packed.trees for entry in tree.manifest.entries]
        part = replace(part, code=(len(entries), sum(entry.size for entry in entries)))
        request = _request(packed, is_next=local.file in wanted.next)
        made, problems = draft_of(world, workspace, AssetKind.COMPONENT, request, by)
        refuse(problems)
    except SpecError as error:
        return replace(part, problems=(*local.diagnostics, *packed.locate(error.diagnostics)))
    except UserError as error:
        return replace(part, error=error)
    assert made is not None
    return _compared(world, workspace, part, made)


def _compared(world: World, workspace: str, part: Part, made: AssetDraft) -> Part:
    """Return how a component stands to what is registered."""
    asset = made.asset
    following = _next_of(world, workspace, asset.name)
    part = replace(part, next_version=following)
    named = AssetRef(AssetKind.COMPONENT, asset.name, asset.version or None, None if asset.version else LATEST)
    earlier = find(world.assets, workspace, named)
    if earlier is not None and earlier.digest == asset.digest:
        # Without a version, the newest is good enough when it is this very component.
        return replace(part, standing=Standing.SAME, reference=_reference(earlier))
    if earlier is not None and asset.version:
        paths = differences(earlier.body, asset.body)
        return replace(part, standing=Standing.DIFFERS, differs=paths, reference=None)
    version = asset.version or following
    return replace(part, standing=Standing.NEW, reference=str(AssetRef(AssetKind.COMPONENT, asset.name, version)))


def _next_of(world: World, workspace: str, name: str) -> str | None:
    if not name:
        return None
    container = world.assets.load_container(workspace, AssetKind.COMPONENT, name)
    return _FIRST if container is None else container.next_version


def _request(packed: PackedDraft, *, is_next: bool) -> AssetRequest:
    document = {key: value for key, value in packed.document.items() if not (is_next and key == "version")}
    return AssetRequest(document, packed.components)


def _reference(asset: AssetVersion) -> str:
    return str(AssetRef(AssetKind.COMPONENT, asset.name, asset.version))


def _referring(text: str, parts: Sequence[Part]) -> tuple[str, Sequence[str]]:
    """Return the text with references to what is registered, and the files whose names had to stay."""
    kept = []
    for part in parts:
        if part.standing in (Standing.SAME, Standing.REGISTERED) and part.reference is not None:
            wanted: Mapping[YamlPath, str] = dict.fromkeys(part.local.places, part.reference)
            after = rewritten(text, wanted)
            if after is None:
                kept.append(part.local.file)
            else:
                text = after
    return text, kept
