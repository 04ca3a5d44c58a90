"""Something to run a command in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from pipeyard.model.component import EnvironmentValue


@dataclass(frozen=True, slots=True)
class PreparedEnvironment:
    """Something to run a command in."""

    # Folders that come first on PATH.
    path_prefix: tuple[str, ...] = ()
    # More variables that belong to it, such as `VIRTUAL_ENV`.
    variables: Mapping[str, str] = field(default_factory=dict)
    # One plain sentence for the job, when it is less than what was asked for.
    warning: str | None = None


class Environments(Protocol):
    """Turns environments into something to run in, once per content."""

    def prepare(self, environment: EnvironmentValue | None) -> PreparedEnvironment:
        """
        Return an environment, made first if need be; that may take minutes. Raises `ComputeError`.

        Called from several threads; the same environment is made once. None: none was named.
        """
