"""
What a job's book knows of one of its steps.

In:       values, as facts and moves bring them.
Out:      the same values.
Not here: when they change, and what of them goes into records (`book.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from pipeyard.graph.model import NodeId
from pipeyard.model.assets import Manifest
from pipeyard.model.component import NOTHING
from pipeyard.model.environment import ImagePolicy
from pipeyard.model.instance import Share
from pipeyard.model.record import OutputRecord
from pipeyard.model.value import dataclass
from pipeyard.scheduler import event as facts


@dataclass(slots=True)
class NodePage:
    """What is known of one step beyond its record."""

    job_name: str
    pool: str
    # Pipelines around it, innermost first.
    groups: tuple[NodeId, ...]
    # When it came into each state last, in UTC milliseconds.
    phases: dict[str, int] = field(default_factory=dict)
    attempt: int = 0
    # The newest attempt whose command ran: the log is of that one. 0: none.
    ran: int = 0
    ways: Mapping[str, str] = NOTHING
    exited: facts.AttemptExited | None = None
    # More about why it failed: the log's last lines and where it is.
    failure: Mapping[str, Any] = NOTHING
    warnings: tuple[str, ...] = ()
    # What becomes of an image that its environment names.
    image_policy: str = ImagePolicy.PREFER.value
    # What the newest attempt has, or had, of its compute.
    share: Share = field(default_factory=Share)
    outputs: dict[str, OutputRecord] = field(default_factory=dict)
    # Their files, until the store has them.
    fresh: dict[str, Manifest] = field(default_factory=dict)
    # The step whose result stands for it; None: it runs, or nobody knows yet.
    source_job: str | None = None
    # What was found out about reuse, for its record.
    reuse: Mapping[str, Any] | None = None
    # What it reads, by content, if somebody could change that while it runs.
    read: Mapping[str, str] = NOTHING
    # Whether its result may stand for others when it has completed; None: it has no key.
    may_give: bool | None = None

    @property
    def writer(self) -> str:
        """Return the job that wrote what counts as this step's."""
        return self.source_job or self.job_name
