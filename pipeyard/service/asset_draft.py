"""
A submitted asset, decoded, checked and pinned on this side: what is to be stored.

In:       a request, and the kind of asset.
Out:      a `Draft`: the version without its number, what it needs, what is in it; and every problem.
Not here: storing it (`assets.py`), the rule that a version is written once (`registry/publish.py`).

Invariant: nothing is written here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeyard.graph.alone import check_alone
from pipeyard.model.asset_record import IDENTITY, MUTABLE, AssetNeed, AssetVersion
from pipeyard.model.asset_spec import AssetHead, DataSpec, ModelSpec
from pipeyard.model.assets import ANONYMOUS, AssetKind, DataUri, LocalPath
from pipeyard.model.component import CommandComponent, Component, ComponentHead
from pipeyard.model.diagnostic import Diagnostic
from pipeyard.model.types import PortType
from pipeyard.service.asset_bytes import Bytes, find_bytes
from pipeyard.service.asset_request import AssetRequest
from pipeyard.service.pinning import Pinned, pin
from pipeyard.service.shelf import Shelf, finder, local_path
from pipeyard.service.wire import plain
from pipeyard.service.world import World
from pipeyard.spec.decode import decode_component_asset, decode_data, decode_environment_asset, decode_model
from pipeyard.spec.document import document_of
from pipeyard.spec.render import tree_digest
from pipeyard.spec.schema import READ_ONLY

ENVIRONMENT = "environment"
# What `show` prints of a version besides its file: a file made from that can be published again.
_SHOWN = frozenset({"archived", "digest", "content_digest", "produced_by", "warnings"})
_LEFT_OUT = frozenset({*IDENTITY, *MUTABLE, *READ_ONLY, *_SHOWN, "additional_includes", "datastore"})


@dataclass(frozen=True, slots=True)
class Draft:
    """A version that makes sense, to be stored."""

    asset: AssetVersion
    needs: tuple[AssetNeed, ...] = ()
    # The anonymous components in it.
    parts: tuple[AssetVersion, ...] = ()


@dataclass
class _Made:
    """What one kind's decoder and checks come to."""

    type: str = ""
    head: ComponentHead | AssetHead | None = None
    # Besides what it says of itself.
    body: Mapping[str, Any] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)
    stage: str | None = None
    bytes: Bytes = field(default_factory=Bytes)
    pinned: Pinned = field(default_factory=Pinned)
    problems: list[Diagnostic] = field(default_factory=list)


def draft_of(
    world: World, workspace: str, kind: AssetKind, request: AssetRequest, by: str
) -> tuple[Draft | None, tuple[Diagnostic, ...]]:
    """Return the draft, or None when there are errors among the problems."""
    made = _MAKERS[kind](world, workspace, request)
    _check_identity(made)
    if made.head is None or any(problem.is_error for problem in made.problems):
        return None, tuple(made.problems)
    birth = _Birth(world.clock.now_ms(), by)
    parts = tuple(_part(workspace, digest, tree, birth) for digest, tree in sorted(made.pinned.components.items()))
    return Draft(_asset(workspace, kind, made, birth), tuple(made.pinned.needs), parts), tuple(made.problems)


@dataclass(frozen=True, slots=True)
class _Birth:
    at_ms: int
    by: str


def _make_component(world: World, workspace: str, request: AssetRequest) -> _Made:
    made = _Made()
    component, problems = decode_component_asset(document_of(request.document, source=""))
    made.problems += problems
    if component is None:
        return made
    made.head, made.type = component.head, component.kind.value
    shelf = Shelf(request.components, finder(world, workspace))
    _check_in_rounds(component, shelf, made.problems)
    made.problems += _bare_paths(component)
    made.pinned = pin(world, workspace, request.document, request.components)
    # A component that is missing was found so above, with what follows from it.
    told = {(problem.place, problem.code) for problem in made.problems}
    made.problems += [problem for problem in made.pinned.problems if (problem.place, problem.code) not in told]
    made.body = {**_without(made.pinned.tree), "type": made.type}
    made.properties = _texts(request.document.get("properties"))
    return made


def _check_in_rounds(component: Component, shelf: Shelf, problems: list[Diagnostic]) -> None:
    while True:
        needed, found = check_alone(component, shelf.taken, problems)
        if needed is None:
            problems += found
            return
        is_lacking = shelf.take(needed.wanted, needed.places)
        problems += shelf.drain()
        if is_lacking:
            problems += found
            return


def _bare_paths(component: Component) -> list[Diagnostic]:
    """Return a problem for code that never came along."""
    if isinstance(component, CommandComponent) and isinstance(component.code, LocalPath):
        return [local_path(component.code.text, component.head.place.child("code"))]
    return []


def _make_data(world: World, workspace: str, request: AssetRequest) -> _Made:
    return _make_of_bytes(world, workspace, decode_data(document_of(request.document, source="")), request)


def _make_model(world: World, workspace: str, request: AssetRequest) -> _Made:
    return _make_of_bytes(world, workspace, decode_model(document_of(request.document, source="")), request)


def _make_of_bytes(
    world: World,
    workspace: str,
    decoded: tuple[DataSpec | ModelSpec | None, tuple[Diagnostic, ...]],
    request: AssetRequest,
) -> _Made:
    spec, problems = decoded
    made = _Made(problems=list(problems))
    if spec is None:
        return made
    made.head, made.type, made.properties = spec.head, spec.type.value, spec.head.properties
    if spec.path is not None:
        made.bytes = find_bytes(world, workspace, spec.path, spec.type, spec.head.place.child("path"))
        made.problems += made.bytes.problems
    if isinstance(spec, ModelSpec):
        made.stage = spec.stage
    made.body = {**_without(request.document), "type": made.type, "path": made.bytes.path}
    return made


def _make_environment(world: World, workspace: str, request: AssetRequest) -> _Made:
    spec, problems = decode_environment_asset(document_of(request.document, source=""))
    made = _Made(type=ENVIRONMENT, problems=list(problems))
    if spec is None or spec.environment is None:
        return made
    made.head, made.properties = spec.head, spec.head.properties
    environment = spec.environment
    for path, role in (
        (environment.conda_file, ("conda_file",)),
        (environment.file, ()),
        (environment.build, ("build", "path")),
    ):
        place = environment.place.child(*role)
        if isinstance(path, LocalPath):
            made.problems.append(local_path(path.text, place))
        elif isinstance(path, DataUri):
            made.problems += find_bytes(world, workspace, path, PortType.URI_FOLDER, place).problems
    made.body = _without(request.document)
    return made


def _check_identity(made: _Made) -> None:
    head = made.head
    if head is None:
        return
    if head.name == ANONYMOUS:
        made.problems.append(
            Diagnostic("reserved-name", f"nothing can be registered as `{ANONYMOUS}`", head.place.child("name"))
        )
    if head.version is not None and not head.version.strip("."):
        # It becomes a part of addresses, where it would mean another folder.
        made.problems.append(
            Diagnostic(
                "bad-version",
                f"`{head.version}` cannot be a version",
                head.place.child("version"),
                expected="letters, digits, `.`, `_` and `-`",
            )
        )


def _asset(workspace: str, kind: AssetKind, made: _Made, birth: _Birth) -> AssetVersion:
    head = made.head
    assert head is not None
    assert head.name is not None
    body = plain(made.body)
    return AssetVersion(
        workspace=workspace,
        kind=kind,
        name=head.name,
        version=head.version or "",
        type=made.type,
        created_at_ms=birth.at_ms,
        created_by=birth.by,
        body=body,
        digest=tree_digest(body),
        uri=made.bytes.uri,
        content=made.bytes.content,
        display_name=head.display_name,
        description=head.description,
        tags=dict(head.tags),
        properties=dict(made.properties),
        stage=made.stage,
        produced_by=made.bytes.produced_by,
        produced_output=made.bytes.produced_output,
    )


def _part(workspace: str, digest: str, tree: Mapping[str, Any], birth: _Birth) -> AssetVersion:
    body = plain(tree)
    return AssetVersion(
        workspace=workspace,
        kind=AssetKind.COMPONENT,
        name=ANONYMOUS,
        version=digest,
        type=str(body.get("type") or ("pipeline" if "jobs" in body else "command")),
        created_at_ms=birth.at_ms,
        created_by=birth.by,
        body=body,
        digest=digest,
    )


def _without(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a file may not change, and nothing that is not said."""
    return {key: value for key, value in document.items() if key not in _LEFT_OUT and value is not None}


def _texts(value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        return {}
    return {str(key): "" if item is None else str(item) for key, item in value.items()}


_MAKERS: Mapping[AssetKind, Callable[[World, str, AssetRequest], _Made]] = {
    AssetKind.COMPONENT: _make_component,
    AssetKind.DATA: _make_data,
    AssetKind.MODEL: _make_model,
    AssetKind.ENVIRONMENT: _make_environment,
}
