"""
Job statuses with Azure's exact spelling, and which of them are the end.
"""

from __future__ import annotations

from enum import Enum


class JobStatus(str, Enum):
    """What `job show --query status` prints. Scripts compare with these words."""

    NOT_STARTED = "NotStarted"
    QUEUED = "Queued"
    PREPARING = "Preparing"
    STARTING = "Starting"
    RUNNING = "Running"
    NOT_RESPONDING = "NotResponding"
    FINALIZING = "Finalizing"
    CANCEL_REQUESTED = "CancelRequested"
    COMPLETED = "Completed"
    FAILED = "Failed"
    CANCELED = "Canceled"

    @property
    def is_terminal(self) -> bool:
        """
        Return whether nothing more will happen.

        Azure's client stops polling at NotResponding too; here a silent step may come back.
        """
        return self in _TERMINAL


_TERMINAL = frozenset({JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELED})
