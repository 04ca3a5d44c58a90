"""
The parts of the outside that use cases work with, in one value.

In:       made once by `app.py`; tests make their own from fakes.
Not here: any use case; choosing concrete classes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from pathlib import Path
from shlex import quote

from pipeyard.model.asset_record import registry_of
from pipeyard.model.environment import ImagePolicy
from pipeyard.model.errors import NotFound
from pipeyard.model.instance import Machine
from pipeyard.model.nearest import nearest
from pipeyard.model.value import dataclass
from pipeyard.ports import (
    AssetStore,
    Clock,
    Composer,
    CredentialStore,
    Datastores,
    DraftStore,
    Environments,
    Foreseer,
    JobRunner,
    LineageStore,
    Originals,
    Rehearsal,
    Store,
    Tables,
    TrackingStore,
    Transfers,
    Uploads,
    WebSource,
)
from pipeyard.registry.missing import missing_registry

# More names than anybody reads.
_LISTED_MAX = 10


@dataclass(frozen=True, slots=True)
class World:
    """What a use case may touch."""

    store: Store
    assets: AssetStore
    tracking: TrackingStore
    uploads: Uploads
    datastores: Datastores
    runner: JobRunner
    web: WebSource
    clock: Clock
    # Random bits for names: a text of that many characters from 0-9a-z.
    random_text: Callable[[int], str]
    # The staging folder of a job's newest attempt, while it exists.
    staging_of: Callable[[str], Path | None]
    # `http://127.0.0.1:<port>`, for the addresses inside job JSON.
    endpoint: str
    # Slots of the compute that always exists.
    cpu_count: int
    # None: every datastore is a folder of this machine.
    transfers: Transfers | None = None
    credentials: CredentialStore | None = None
    # None: what has no digest by itself gets none.
    originals: Originals | None = None
    # None: no table is read.
    tables: Tables | None = None
    # None: nobody can say what an environment will be.
    environments: Environments | None = None
    # Of computes and workspaces that say nothing.
    image_policy: ImagePolicy = ImagePolicy.PREFER
    # None: no step can be run apart from its job.
    rehearsal: Rehearsal | None = None
    # None: nobody can say what would run.
    foreseer: Foreseer | None = None
    # None: nobody can say what came of what.
    lineage: LineageStore | None = None
    # None: no drafts are kept.
    drafts: DraftStore | None = None
    # None: nobody can say what a draft means.
    composer: Composer | None = None
    # A folder of examples that drafts can begin with.
    templates: Path | None = None
    # What the server may use of it.
    machine: Machine = field(default_factory=Machine)

    def known_workspace(self, workspace: str) -> str:
        """Return the workspace's (or registry's) name, or raise `NotFound`."""
        if self.assets.load_workspace(workspace) is not None:
            return workspace
        registry = registry_of(workspace)
        if registry is not None:
            raise missing_registry(registry)
        known = [row.name for row in self.assets.list_workspaces() if registry_of(row.name) is None]
        close = nearest(workspace, known)
        listed = ", ".join(f"`{name}`" for name in known[:_LISTED_MAX])
        near = f"did you mean `{close}`?" if close else f"there are {listed};"
        raise NotFound(
            f"there is no workspace `{workspace}`",
            hint=f"{near} to create it: pipeyard workspace create -n {quote(workspace)}",
        )
