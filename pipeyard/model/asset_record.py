"""
What is kept about versioned assets, workspaces, and who changed what.

Not here: SQL (`store/`), the rules of publishing (`registry/`), JSON for users (`service/asset_view.py`).

Invariant: of a version, only what `MUTABLE` names may change. A registry is kept as a
workspace under a name of its own (`registry_workspace`): whatever holds for assets of
a workspace holds for those of a registry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any

from pipeyard.model.assets import ANONYMOUS, AssetKind, AssetRef, DatastoreUri
from pipeyard.model.types import PortType
from pipeyard.model.value import dataclass

# As in `model/record.py`, which imports this file.
JsonObject = Mapping[str, Any]

LATEST = "latest"
DEFAULT = "default"

# Of a version, what may change after it was created; the rest is its body.
MUTABLE = ("display_name", "description", "tags", "properties", "stage")
# Besides these, what a file says that is no part of the body.
IDENTITY = ("name", "version", "$schema")

_REGISTRY_PREFIX = "registry:"
_MODEL_TYPES = frozenset({PortType.CUSTOM_MODEL, PortType.MLFLOW_MODEL, PortType.TRITON_MODEL})


def registry_workspace(registry: str) -> str:
    """Return the name under which a registry's rows and datastores are kept."""
    return _REGISTRY_PREFIX + registry


def registry_of(workspace: str) -> str | None:
    """Return the registry that is kept under this name; None for an ordinary workspace."""
    return workspace[len(_REGISTRY_PREFIX) :] if workspace.startswith(_REGISTRY_PREFIX) else None


def shared_datastore(registry: str) -> str:
    """
    Return the name by which every workspace reaches a registry's default datastore.

    No datastore can be created under such a name, since it holds a colon.
    """
    return registry_workspace(registry)


def kind_of_output(type_: PortType) -> AssetKind:
    """Return what an output of a step becomes when it is registered."""
    return AssetKind.MODEL if type_ in _MODEL_TYPES else AssetKind.DATA


def home_of(reference: AssetRef, workspace: str) -> str:
    """Return the workspace (or registry) that a reference written in *workspace* looks in."""
    return workspace if reference.registry is None else registry_workspace(reference.registry)


@dataclass(frozen=True, slots=True)
class AssetKey:
    """Which version, exactly."""

    # A workspace's name, or `registry_workspace(...)`.
    workspace: str
    kind: AssetKind
    name: str
    version: str

    def reference(self, workspace: str | None = None) -> AssetRef:
        """Return the pinned reference, as it is written in *workspace* (default: the asset's own)."""
        registry = registry_of(self.workspace) if self.workspace != workspace else None
        return AssetRef(self.kind, self.name, self.version, None, registry)


@dataclass(frozen=True, slots=True)
class AssetVersion:
    """One version of a component, environment, data asset or model."""

    workspace: str
    kind: AssetKind
    name: str
    # In one that is yet to be stored, "" asks for the next number.
    version: str
    # Component: `command`, `pipeline`, ...; data: `uri_folder`, ...; model: `custom_model`, ...; else `environment`.
    type: str
    created_at_ms: int
    created_by: str
    # The spec as a plain tree without what `MUTABLE` and `IDENTITY` name; local files are datastore URIs, and
    # references are pinned. An anonymous component's is the whole tree, whose digest is its version.
    # Empty in what lists return.
    body: JsonObject
    # `spec.render.tree_digest` of the body: equal digests mean that nothing which may not change differs.
    digest: str
    # Where the bytes of data and models are: in a datastore of `workspace`; None: elsewhere (`body["path"]`).
    uri: DatastoreUri | None = None
    # Digest of those bytes (`model.digest.manifest_digest`) when they are known: a later change shows.
    content: str | None = None
    display_name: str | None = None
    description: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)
    # Of a model: `Development`, `Production`, or any other word.
    stage: str | None = None
    is_archived: bool = False
    # Last change of what may change; None: never.
    changed_at_ms: int | None = None
    changed_by: str | None = None
    # The step (its job name) that wrote it, and as which output.
    produced_by: str | None = None
    produced_output: str | None = None
    # The order of creation within its container, from 1; given when it is stored.
    serial: int = 0

    @property
    def key(self) -> AssetKey:
        """Return which version this is."""
        return AssetKey(self.workspace, self.kind, self.name, self.version)

    @property
    def is_anonymous(self) -> bool:
        """Return whether this is a component that a file used without registering it."""
        return self.name == ANONYMOUS

    @property
    def document(self) -> dict[str, Any]:
        """Return the whole spec as a plain tree: what `spec.decode_*` reads and `component show` prints."""
        if self.is_anonymous:
            return dict(self.body)
        head: dict[str, Any] = {"name": self.name, "version": self.version}
        for key in MUTABLE:
            value = getattr(self, key)
            if value:
                head[key] = dict(value) if isinstance(value, Mapping) else value
        return {**head, **self.body}

    def with_(self, **changes: Any) -> AssetVersion:
        """Return the version with some fields changed."""
        return replace(self, **changes)


@dataclass(frozen=True, slots=True)
class AssetContainer:
    """All versions of one name."""

    workspace: str
    kind: AssetKind
    name: str
    created_at_ms: int
    created_by: str
    # The number that a version without one would get.
    next_version: str
    # The version created last that is not archived, its body left out; None: all are archived.
    latest: AssetVersion | None
    # Hides every version from lists; they still run.
    is_archived: bool = False


@dataclass(frozen=True, slots=True)
class AssetFilter:
    """What a list of assets asks for; None means "any"."""

    # `active`, `archived` or `all`.
    archived: str = "active"
    type: str | None = None
    stage: str | None = None
    # Words, of names only: each has to be in the name, the display name, the type or a tag (`key`, `value`,
    # `key:value` or `key=value`) of the newest version.
    text: str | None = None


@dataclass(frozen=True, slots=True)
class AssetUse:
    """A job that uses a version; written when the job is submitted, in the same transaction."""

    # Of the job.
    workspace: str
    # The record that uses it: a step, a pipeline inside, or the root.
    job_name: str
    root_name: str
    asset: AssetKey
    # `component`, `environment`, `inputs.<name>`.
    role: str


@dataclass(frozen=True, slots=True)
class OutputUse:
    """A job that reads what a step of another job wrote; written when the job is submitted, in the same transaction."""

    # Of the job.
    workspace: str
    # The record that reads it.
    job_name: str
    root_name: str
    # `inputs.<name>`.
    role: str
    # The step (its job name) that wrote it, the submitted job which that belongs to, and as which output.
    maker: str
    maker_root: str
    output: str


@dataclass(frozen=True, slots=True)
class Period:
    """When something happened, both ends included; None: no end on that side."""

    since_ms: int | None = None
    until_ms: int | None = None

    def holds(self, at_ms: int) -> bool:
        """Return whether a moment is in it."""
        return (self.since_ms is None or self.since_ms <= at_ms) and (self.until_ms is None or at_ms <= self.until_ms)


@dataclass(frozen=True, slots=True)
class AssetNeed:
    """A version that another version needs: a component inside a pipeline component, its environment."""

    needed: AssetKey
    # Path in the needing one's body, such as `jobs.train.component`.
    role: str


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change that somebody made: append-only."""

    workspace: str
    at_ms: int
    by: str
    # `create`, `update`, `archive`, `restore`, `share`, `delete`.
    action: str
    # An `AssetKind`'s word, or `compute`, `datastore`, `workspace`, `registry`, `job`.
    kind: str
    name: str
    # None: about the whole name.
    version: str | None = None
    # For an update the changed fields: {field: {"before": ..., "after": ...}}. Never a credential.
    detail: JsonObject = field(default_factory=dict)
    # Counts from 1 over everything; given when it is stored.
    seq: int = 0


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What a look at the history asks for; None means "any"."""

    workspace: str | None = None
    kind: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class WorkspaceRecord:
    """A workspace, or a registry under the name that `registry_workspace` gives it."""

    name: str
    created_at_ms: int
    created_by: str
    display_name: str | None = None
    description: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    # What becomes of images that steps name (`model/environment.py`); None: it says nothing.
    image_policy: str | None = None
