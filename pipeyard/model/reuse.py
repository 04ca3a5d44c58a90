"""
What is known of earlier results, and what is said about using them again.

In:       nothing; these are values.
Out:      made and read by `reuse/` (deciding, explaining), the engine (asking) and the store (keeping).
Not here: any decision (`reuse/`).

Invariant: two results with the same key came from the same command on the same bytes in the
same environment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import Enum
from typing import Any

from pipeyard.model.value import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a step runs, or why an earlier result stands for it, in one sentence."""

    # A word for programs, such as `code-changed`.
    code: str
    message: str
    # What to do if that was not wanted.
    hint: str | None = None

    def json(self) -> dict[str, str]:
        """Return it as plain data, as job records keep it."""
        shown = {"code": self.code, "message": self.message}
        return shown if self.hint is None else {**shown, "hint": self.hint}


@dataclass(frozen=True, slots=True)
class EnvironmentIdentity:
    """
    What a step will really run in, as far as its results may depend on it.

    Equal digests: the same. The parts are plain data, to find out what differs.
    """

    digest: str
    parts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReusePlan:
    """What a job that resumes or repeats another one takes from it."""

    # The other job.
    source_root: str
    # Ids of nodes that run whatever there is.
    rerun: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ResultRecord:
    """A step as reuse knows it: from the moment at which it was decided that it runs, or that it need not."""

    workspace: str
    # SHA-256 of the parts, in hex.
    key: str
    job_name: str
    root_name: str
    node_id: str
    # Who counts as the same step, earlier (`reuse/step.py`).
    step: str
    # None: it has not completed, and perhaps never will.
    ended_at_ms: int | None
    # What the key was made of (`reuse/parts.py`); left out where nobody asked for it.
    parts: Mapping[str, Any] = field(default_factory=dict)
    # Whether it may stand for steps of other jobs; one that is not deterministic is kept for `job resume` only.
    is_reusable: bool = True
    # The step whose result stands for this one; None: it ran.
    source_job: str | None = None

    @property
    def is_complete(self) -> bool:
        """Return whether there is a result."""
        return self.ended_at_ms is not None

    @property
    def writer(self) -> str:
        """Return the job that really ran."""
        return self.source_job or self.job_name


@dataclass(frozen=True, slots=True)
class ResultEnd:
    """A step that ran has completed: from now on it may stand for others."""

    job_name: str
    ended_at_ms: int
    # False, too, when what it read was changed while it ran.
    is_reusable: bool


class Decision(str, Enum):
    """What becomes of a step."""

    RUN = "run"
    REUSE = "reuse"
    # Not known before steps that it reads from have run.
    DEPENDS = "depends"
    # It is in the block that a choice does not take, or reads from there.
    BYPASS = "bypass"


@dataclass(frozen=True, slots=True)
class Forecast:
    """What would become of a step if its job were submitted now."""

    node: str
    decision: Decision
    # Why it runs, or what its reuse depends on.
    reasons: tuple[Reason, ...] = ()
    # The result that would stand for it.
    source: ResultRecord | None = None
