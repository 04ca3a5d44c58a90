"""
Everything the engine works with, chosen by `app.py` (and by tests).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field

from pipeyard.model.instance import Machine
from pipeyard.model.value import dataclass
from pipeyard.ports import (
    AssetStore,
    Clock,
    Compute,
    Contents,
    Datastores,
    Environments,
    Originals,
    OutputStore,
    Store,
    Suggester,
    Tables,
    TrackingStore,
    Transfers,
)


@dataclass(frozen=True, slots=True)
class Pace:
    """How long the engine waits for what. Seconds."""

    # Between two looks at everything that runs.
    look_seconds: float = 10.0
    # Of an attempt that nobody can say anything about, until it counts as silent.
    silence_seconds: float = 60.0
    # First and longest wait before a batch that could not be stored is tried again.
    retry_seconds: float = 0.1
    retry_seconds_max: float = 5.0
    # Of short steps so many are ordered for each slot before it is free. Only where computes hold them until then.
    ahead_per_slot: int = 0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The world as the engine sees it."""

    store: Store
    datastores: Datastores
    # By pool name; a pool without a compute of its own is a share of `local`.
    computes: Mapping[str, Compute]
    outputs: OutputStore
    environments: Environments
    clock: Clock
    # Versions that are there already; None: nobody keeps any.
    assets: AssetStore | None = None
    # Says what bytes are where; None: nobody does, and every step runs.
    contents: Contents | None = None
    # Notices changed bytes; None: nobody looks.
    originals: Originals | None = None
    # What steps log; None: nobody keeps it.
    tracking: TrackingStore | None = None
    # Chooses values from what earlier trials reached; None: nobody can.
    suggester: Suggester | None = None
    machine: Machine = field(default_factory=Machine)
    # Gives memory back that large jobs needed; told whether no job is under way.
    give_back_memory: Callable[[bool], None] = lambda _is_idle: None
    # None: every datastore is a folder of this machine.
    transfers: Transfers | None = None
    # None: no input is an MLTable to be evaluated.
    tables: Tables | None = None
    # What a step's process inherits: the server's environment, as far as it is passed on.
    base_environment: Mapping[str, str] = field(default_factory=dict)
    # `http://127.0.0.1:<port>`; None: nothing answers.
    endpoint: str | None = None
    # Somebody else's MLflow server, to which steps log instead of to ours.
    tracking_uri: str | None = None
    # A token for a step's own job, valid until that ends.
    job_token: Callable[[str], str | None] = lambda _job_name: None
    pace: Pace = field(default_factory=Pace)
    # Check the scheduler's invariants after every turn: slow for large jobs, on in tests.
    checks_invariants: bool = False
