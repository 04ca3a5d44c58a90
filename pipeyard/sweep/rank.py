"""
Which trial is the best (section 13.3).

In:       how each trial ended, and what it logged of the primary metric.
Out:      the trials that count, best first.
Not here: what becomes of the best one's outputs (`engine/conduct/sweep.py`).

A trial ranks by the best value that it ever logged. What a policy stopped ranks too; yet the
best is one that ran to its end, as long as there is one: a trial that was stopped has not
written its outputs to the end.
"""

from __future__ import annotations

import math
from collections.abc import Collection

from pipeyard.model.sweep import Goal
from pipeyard.sweep.stop import Histories


def score_of(goal: Goal, values: tuple[float, ...]) -> float | None:
    """Return what a trial ranks by; None when it logged nothing that can be compared."""
    real = tuple(value for value in values if not math.isnan(value))
    return goal.best(real) if real else None


def ranked(goal: Goal, histories: Histories, counting: Collection[int]) -> list[int]:
    """Return the indexes of the trials that count and logged the metric, best first, the earlier of equals first."""
    scores = {index: score_of(goal, histories.get(index, ())) for index in counting}
    sign = 1 if goal is Goal.MINIMIZE else -1
    return sorted(
        (index for index, score in scores.items() if score is not None),
        key=lambda index: (sign * (scores[index] or 0.0), index),
    )


def best_of(goal: Goal, histories: Histories, completed: Collection[int], stopped: Collection[int]) -> int | None:
    """Return the index of the best trial; None when none of them logged the metric."""
    for counting in (completed, stopped):
        order = ranked(goal, histories, counting)
        if order:
            return order[0]
    return None
