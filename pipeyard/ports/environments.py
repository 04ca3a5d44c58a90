"""Something to run a command in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any, Protocol

from pipeyard.launch.container import ContainerImage
from pipeyard.model.component import EnvironmentValue
from pipeyard.model.environment import BuildState, ImagePolicy
from pipeyard.model.record import DEFAULT_WORKSPACE
from pipeyard.model.reuse import EnvironmentIdentity
from pipeyard.model.value import dataclass


@dataclass(frozen=True, slots=True)
class EnvironmentRequest:
    """What somebody wants to run in."""

    # None: nothing was named.
    environment: EnvironmentValue | None = None
    policy: ImagePolicy = ImagePolicy.PREFER
    # Whose datastore has the folder of a build.
    workspace: str = DEFAULT_WORKSPACE
    # What `environment: local` is: absolute path of the interpreter of whoever submitted; None: the server's.
    python: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an environment cannot be had."""

    code: str
    message: str
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class EnvironmentPlan:
    """
    What an environment will be on this machine. Nothing is made to find it out.

    Equal digests: the same thing to run in, made once.
    """

    digest: str
    # One word: `python`, `uv`, `conda`, `conda-exe`, `pip-translate`, `container`; `refused`.
    strategy: str
    # What the digest was made from, as plain data: what reuse compares and explains.
    parts: Mapping[str, Any]
    # One plain sentence for the job, when it is less than what was asked for.
    warning: str | None = None
    # Why it cannot be had here, and what to do; None: it can, as far as can be told without trying.
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class PreparedEnvironment:
    """Something to run a command in."""

    # Folders that come first on PATH.
    path_prefix: tuple[str, ...] = ()
    # More variables that belong to it, such as `VIRTUAL_ENV`.
    variables: Mapping[str, str] = field(default_factory=dict)
    # One plain sentence for the job, when it is less than what was asked for.
    warning: str | None = None
    # None: the command is a process of this machine.
    container: ContainerImage | None = None
    # Of its plan; empty: nobody planned.
    digest: str = ""
    # What it was made by (`EnvironmentPlan.strategy`).
    strategy: str = ""
    # What was really installed, one a line; empty when nothing was.
    lock: str = ""
    # Names of packages that were taken for others, such as `pytorch -> torch`.
    substitutions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BuiltEnvironment:
    """An environment that was made, or is being made, on this machine."""

    digest: str
    state: BuildState
    strategy: str
    # What it was made for, in a few words: a name, an image, the packages.
    label: str
    started_at_ms: int | None = None
    ended_at_ms: int | None = None
    # When a step last asked for it.
    used_at_ms: int | None = None
    # Bytes that removing it gives back; hard links that others have too are not counted.
    size: int = 0
    # Why it failed: a code, a message, and what to do.
    error: Refusal | None = None
    lock: str = ""
    # The newest build's log; None: there was none.
    log: Path | None = None


@dataclass(frozen=True, slots=True)
class Waiter:
    """Somebody who waits for an environment, as a build sees them."""

    # Told once, with the log that grows, when there is a build to wait for.
    on_build: Callable[[Path], None] = lambda _log: None
    # Asked now and then; a build that nobody wants any more is stopped.
    is_wanted: Callable[[], bool] = lambda: True


class Environments(Protocol):
    """Turns environments into something to run in, once per content."""

    def plan(self, request: EnvironmentRequest) -> EnvironmentPlan:
        """Return what an environment will be; cheap, and the same for the same machine and settings."""

    def identity(self, request: EnvironmentRequest) -> EnvironmentIdentity:
        """
        Return what of an environment a step's results may depend on; cheap, nothing is made.

        Equal digests: an equal step has an equal result in it.
        """

    def find(self, request: EnvironmentRequest) -> PreparedEnvironment | None:
        """Return an environment that is ready, at once; None if it has to be made."""

    def prepare(self, request: EnvironmentRequest, waiter: Waiter = ...) -> PreparedEnvironment:
        """
        Return an environment, made first if need be; that may take minutes. Raises `EnvironmentFailed`.

        Called from several threads; the same environment is made once.
        """

    def begin(self, request: EnvironmentRequest) -> EnvironmentPlan:
        """Begin to make an environment unless it is there, and do not wait; it goes on whoever waits. As `plan`."""

    def curated_names(self) -> Sequence[Mapping[str, Any]]:
        """Return what curated names are here, a person's own entries first. Raises `UserError`."""

    def list_built(self) -> Sequence[BuiltEnvironment]:
        """Return everything that was made or is being made, the newest first."""

    def find_built(self, digest: str) -> BuiltEnvironment | None:
        """Return one of them."""

    def remove(self, digest: str) -> None:
        """Remove what was made; the next step that needs it has it made again. Raises `Conflict` while it is made."""
