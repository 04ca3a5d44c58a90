"""
What a sweep writes down: one line for each trial that begins or ends.

In:       lines.
Out:      the log of its job, and `azureml-logs/hyperdrive.txt`, where Azure's users look.
Not here: what trials write themselves.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from pipeyard.engine.conduct.conduct import Conduct
from pipeyard.engine.diary import dated
from pipeyard.model.record import artifact_root
from pipeyard.model.sweep import Bandit, MedianStopping, Policy, SweepSpec, Truncation

_log = logging.getLogger(__name__)

# As they are written in YAML.
_POLICIES: Mapping[type[Policy], str] = {
    Bandit: "bandit",
    MedianStopping: "median_stopping",
    Truncation: "truncation_selection",
}


class SweepLog:
    """The log of one sweep."""

    def __init__(self, conduct: Conduct) -> None:
        """Write for the job of a control node."""
        self._conduct = conduct
        uri = artifact_root(conduct.key.job_name).child("azureml-logs", "hyperdrive.txt")
        self._path = conduct.world.datastores.local_path(conduct.book.workspace, uri)

    def say(self, *lines: str) -> None:
        """Append lines. A failure is logged and spoils nothing."""
        self._conduct.say(*lines)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8", errors="replace") as file:
                file.writelines(f"{text}\n" for text in dated(self._conduct.world.clock.now_ms(), lines))
        except OSError as problem:
            _log.warning("cannot write %s: %s", self._path, problem)


def number(value: float | None) -> str:
    """Return a score as a person reads it."""
    return "-" if value is None else f"{value:.6g}"


def described(spec: SweepSpec) -> str:
    """Return what a sweep does, in words."""
    sampling = spec.sampling
    rule = f" ({sampling.rule.value})" if sampling.rule.value != "random" else ""
    seed = f", seed {sampling.seed}" if sampling.seed is not None else ""
    policy = f", {_POLICIES[type(spec.policy)]}" if spec.policy is not None else ""
    return (
        f"{sampling.algorithm.value}{rule} sampling{seed}, {spec.objective.goal.value} {spec.objective.metric}{policy}"
    )
