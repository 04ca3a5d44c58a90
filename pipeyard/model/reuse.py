"""
Values about reuse: what is known of earlier results, and why a step runs.

Not here: making keys and reasons (`pipeyard/reuse/`), keeping results (`store/`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from pipeyard.model.value import dataclass

JsonObject = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ResultRecord:
    """A step as reuse knows it."""

    workspace: str
    # SHA-256 over the parts, in hex: equal keys mean equal work.
    key: str
    # The step's own job, the submitted job that it belongs to, and its place in it.
    job_name: str
    root_name: str
    node_id: str
    # What "the same step, earlier" is found by.
    step: str
    # None: it has not completed, and perhaps never will.
    ended_at_ms: int | None
    # What the key was made of.
    parts: JsonObject = field(default_factory=dict)
    # False: only `job resume` and `job rerun` may take it, which ask for this very run.
    is_reusable: bool = True
    # The step whose result was taken for this one; None: it ran itself.
    source_job: str | None = None


@dataclass(frozen=True, slots=True)
class ResultEnd:
    """A step completed."""

    job_name: str
    ended_at_ms: int
    is_reusable: bool


@dataclass(frozen=True, slots=True)
class EnvironmentIdentity:
    """What an environment will be, without building it."""

    digest: str
    parts: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReusePlan:
    """What `job resume` and `job rerun` ask for."""

    # The job whose results are preferred, step by step.
    source_root: str
    # Steps that run, and with them all that depends on them.
    rerun: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a step runs: one difference from an earlier result, or one rule."""

    code: str
    message: str
    hint: str | None = None
