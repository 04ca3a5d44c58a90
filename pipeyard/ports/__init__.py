"""
What the engine and the service ask of the world.

One file for each neighbour. Each protocol is filled in by one folder below the line (`store/`, `datastore/`,
`compute/*`) and held by one contract suite in `tests/contract/`.

All calls are plain and blocking. The engine makes them in a thread of its own,
so that the event loop never waits for a disk.
"""

from pipeyard.ports.asset_store import AssetStore
from pipeyard.ports.clock import Clock
from pipeyard.ports.compute import AttemptReport, Compute
from pipeyard.ports.contents import Contents, NeedsTime, Verdict
from pipeyard.ports.data import (
    CredentialStore,
    Datastores,
    FolderEntry,
    FolderPage,
    LocalCopy,
    RemoteFile,
    RemoteLook,
    TableFile,
    Tables,
    Transfers,
)
from pipeyard.ports.drafts import (
    CheckedDraft,
    Composer,
    DraftStore,
    FindComponent,
    LocalComponent,
    PackedDraft,
    PackedTree,
    ReadContent,
)
from pipeyard.ports.environments import (
    BuiltEnvironment,
    EnvironmentPlan,
    EnvironmentRequest,
    Environments,
    PreparedEnvironment,
    Refusal,
    Waiter,
)
from pipeyard.ports.incoming import Originals, Uploads, UploadTicket, WebSource
from pipeyard.ports.jobs import AcceptedJob, ChildJobs, ChildOrder, Foreseer, GraphSource, JobRunner
from pipeyard.ports.lineage import LineageStore
from pipeyard.ports.outputs import ArtifactMove, OutputStore, StoreRequest, StoreResult, WriteBack
from pipeyard.ports.rehearsal import Rehearsal
from pipeyard.ports.store import Store
from pipeyard.ports.suggester import Suggester, Tried
from pipeyard.ports.tidy import EngineHold, TidyStore, Trash
from pipeyard.ports.tracking import TrackingStore

__all__ = [
    "AcceptedJob",
    "ArtifactMove",
    "AssetStore",
    "AttemptReport",
    "BuiltEnvironment",
    "CheckedDraft",
    "ChildJobs",
    "ChildOrder",
    "Clock",
    "Composer",
    "Compute",
    "Contents",
    "CredentialStore",
    "Datastores",
    "DraftStore",
    "EngineHold",
    "EnvironmentPlan",
    "EnvironmentRequest",
    "Environments",
    "FindComponent",
    "FolderEntry",
    "FolderPage",
    "Foreseer",
    "GraphSource",
    "JobRunner",
    "LineageStore",
    "LocalComponent",
    "LocalCopy",
    "NeedsTime",
    "Originals",
    "OutputStore",
    "PackedDraft",
    "PackedTree",
    "PreparedEnvironment",
    "ReadContent",
    "Refusal",
    "Rehearsal",
    "RemoteFile",
    "RemoteLook",
    "Store",
    "StoreRequest",
    "StoreResult",
    "Suggester",
    "TableFile",
    "Tables",
    "TidyStore",
    "TrackingStore",
    "Transfers",
    "Trash",
    "Tried",
    "UploadTicket",
    "Uploads",
    "Verdict",
    "Waiter",
    "WebSource",
    "WriteBack",
]
