"""
Everything a compute needs to know to start one attempt.

In:       a bound node, the names of its jobs, where its inputs are.
Out:      a `LaunchPlan`, which is plain data: it can be sent to another host.
Not here: turning URIs into paths of a machine (`compute/*`), starting anything.

Invariant: files are named relative to `root`, the attempt's staging folder, and data by
URI. Only `command` and `environment` hold absolute paths, all below `root`, and an input
whose datastore is elsewhere names the copy that was brought here for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from pipeyard.launch.container import PlannedContainer
from pipeyard.model.record import DEFAULT_WORKSPACE
from pipeyard.model.value import dataclass

# Folders below the staging root.
WORKING_DIR = "wd"
INPUTS_DIR = "inputs"
OUTPUTS_DIR = "outputs"


@dataclass(frozen=True, slots=True)
class Line:
    """Where an attempt stands until there is room: no more of a pool run at once than it has slots."""

    pool: str
    slots: int
    # Slots that the attempt takes.
    instances: int = 1


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A file of a table: where the command sees it below the input's folder, and where it is."""

    path: str
    # Absolute: listing a table's files has found them on this machine already.
    source: str
    # What it is called by: a datastore URI, or an address in the Web.
    uri: str = ""


@dataclass(frozen=True, slots=True)
class PlannedInput:
    """A data input to be put in place before the command starts."""

    name: str
    # A short datastore URI, or an `http(s)` URL when mode is `direct`.
    uri: str
    # `ro_mount`, `rw_mount`, `download`, `eval_mount` or `eval_download`; a `direct` input
    # needs nothing and is not listed.
    mode: str
    # Where the command sees it, relative to the root.
    path: str
    # Absolute path of a copy that was brought to the compute before; None: the datastore is a folder there.
    source: str | None = None
    # With `eval_*`: the files that are put there in place of what is at the URI.
    files: tuple[PlannedFile, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedOutput:
    """An output that the command writes below the staging root, and where it goes afterwards."""

    name: str
    type: str
    # Where the command writes, relative to the root: a folder, or the file itself for `uri_file`.
    path: str
    is_file: bool
    # The short datastore URI of its final place.
    uri: str
    # A `direct` output is written by the command itself; nothing is moved.
    is_direct: bool = False


@dataclass(frozen=True, slots=True)
class PlannedRank:
    """One of several processes that run a step's command together."""

    # What people call it: `rank 0`, `rank 2 (parameter server 0)`.
    name: str
    # The short datastore URI of its own log.
    log_uri: str
    # On top of the gang's.
    environment: Mapping[str, str]
    # CPUs of its instance; empty: those of the attempt.
    cpus: tuple[int, ...] = ()
    # Whether it serves the others for as long as they run: it is ended with the last of them.
    is_server: bool = False


@dataclass(frozen=True, slots=True)
class PlannedGang:
    """All processes of a step; they start together, and the first that fails ends the others."""

    ranks: tuple[PlannedRank, ...]
    # What all of them find on top of the plan's. Here and in a rank's, `port_text(n)` stands for a free
    # port, which the compute chooses at the start.
    environment: Mapping[str, str] = field(default_factory=dict)
    port_count: int = 0
    # Whether `mpirun` starts them, and so says which process is which rank.
    is_mpi: bool = False


def port_text(number: int) -> str:
    """Return what stands for the gang's port of that number."""
    return f"@port {number}@"


@dataclass(frozen=True, slots=True)
class LaunchPlan:
    """One attempt, ready to be started."""

    # `<step job name>.<attempt number>`; unique for ever, fit for a file name.
    attempt_id: str
    # The step's own job name.
    job_name: str
    # Absolute path of the staging folder as the command sees it.
    root: str
    # Run by `/bin/bash -c`.
    command: str
    environment: Mapping[str, str]
    # The short datastore URI of the code snapshot to copy into the working folder; None: empty.
    code_uri: str | None
    inputs: tuple[PlannedInput, ...]
    outputs: tuple[PlannedOutput, ...]
    # The short datastore URI of the log that the process writes itself; of a gang that of rank 0.
    log_uri: str
    # None: no limit.
    timeout_seconds: float | None = None
    # Between SIGTERM and SIGKILL.
    grace_seconds: float = 10.0
    # The middle of a longer log is dropped.
    log_bytes_max: int = 1 << 30
    # First entries of PATH: the environment's own programs.
    path_prefix: tuple[str, ...] = field(default=())
    # Whose datastores the URIs are in.
    workspace: str = DEFAULT_WORKSPACE
    # None: it begins at once.
    line: Line | None = None
    # CPUs that the command is bound to where the system can do that; empty: to none.
    cpus: tuple[int, ...] = ()
    # None: a process of the machine itself.
    container: PlannedContainer | None = None
    # None: one process runs the command. In a container, all of them are in the same one.
    gang: PlannedGang | None = None
    # Texts that are written below the root before the command begins, by their path there.
    files: Mapping[str, str] = field(default_factory=dict)
    # Whether a process may write to nothing but `root` and `writable`; a container never can.
    is_sandboxed: bool = False
    # Absolute folders outside `root` that belong to the attempt too.
    writable: tuple[str, ...] = ()
