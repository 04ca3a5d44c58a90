"""
Which trials a policy stops (section 13.4).

In:       what each trial logged of the primary metric so far, in order.
Out:      the trials to stop, each with the reason in words.
Not here: asking for metrics, stopping (`engine/conduct/sweep.py`).

One *interval* is one logging of the metric: interval 3 is the third value. A policy looks at
each running trial at the newest of its intervals that is a multiple of
`evaluation_interval` and not below `delay_evaluation`, and compares it with what every trial
that came so far had there. Of one that is ahead of all others, that is the newest that another one
came to: it may log so quickly that nobody looks while they are level. What is stopped once is not
looked at again.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping

from pipeyard.model.sweep import Bandit, Goal, MedianStopping, Policy, Truncation

# The values that each trial logged, by its index.
Histories = Mapping[int, tuple[float, ...]]


def to_stop(
    policy: Policy, goal: Goal, histories: Histories, running: Collection[int], finished: Collection[int] = ()
) -> dict[int, str]:
    """Return the running trials that a policy stops now, each with the reason."""
    stopped: dict[int, str] = {}
    for index in sorted(running):
        left_out = finished if isinstance(policy, Truncation) and policy.exclude_finished else ()
        interval = interval_of(policy, _shared(histories, index, left_out))
        if interval is None:
            continue
        others = {
            other: _comparable(goal, values[:interval])
            for other, values in histories.items()
            if len(values) >= interval and (other == index or other not in left_out)
        }
        reason = _VERDICTS[type(policy)](policy, goal, others, index)
        if reason:
            stopped[index] = f"{reason} at interval {interval}"
    return stopped


def _shared(histories: Histories, index: int, left_out: Collection[int]) -> int:
    """Return how many values a trial logged, as far as some other one came too."""
    others = (len(values) for other, values in histories.items() if other != index and other not in left_out)
    return min(len(histories.get(index, ())), max(others, default=0))


def _comparable(goal: Goal, values: tuple[float, ...]) -> tuple[float, ...]:
    """Return values that can be compared: what is not a number is worse than any."""
    worst = math.inf if goal is Goal.MINIMIZE else -math.inf
    return tuple(worst if math.isnan(value) else value for value in values)


def interval_of(policy: Policy, logged: int) -> int | None:
    """Return the newest interval at which a policy looks at a trial that logged so many values."""
    every = max(1, policy.evaluation_interval)
    newest = logged - logged % every
    return newest if newest > 0 and newest >= policy.delay_evaluation else None


def slack_limit(policy: Bandit, goal: Goal, best: float) -> float:
    """
    Return what a trial has to reach, when the best of all is *best*.

    A factor widens the distance to 0: by dividing a best that is to be maximized, by multiplying one
    that is to be minimized. On the other side of 0 it is the other way round, or the best would stop itself.
    """
    if policy.slack_amount is not None:
        return best - policy.slack_amount if goal is Goal.MAXIMIZE else best + policy.slack_amount
    factor = 1 + (policy.slack_factor or 0.0)
    return best / factor if (goal is Goal.MAXIMIZE) == (best > 0) else best * factor


def _bandit(policy: Bandit, goal: Goal, histories: Histories, index: int) -> str:
    own = goal.best(histories[index])
    best = goal.best(tuple(goal.best(values) for values in histories.values()))
    limit = slack_limit(policy, goal, best)
    if not goal.is_better(limit, own):
        return ""
    return f"its best, {own:g}, was {_behind(goal)} {limit:g}, the best of all ({best:g}) with the slack,"


def _median(_: MedianStopping, goal: Goal, histories: Histories, index: int) -> str:
    own = goal.best(histories[index])
    middle = median([sum(values) / len(values) for values in histories.values()])
    if not goal.is_better(middle, own):
        return ""
    return f"its best, {own:g}, was {_behind(goal)} {middle:g}, the median of the running averages,"


def _truncation(policy: Truncation, goal: Goal, histories: Histories, index: int) -> str:
    own = histories[index][-1]
    lowest = math.floor(len(histories) * policy.percentage / 100)
    # Equals go together: when too many are equally bad, none of them is among the worst.
    at_or_below = sum(not goal.is_better(values[-1], own) for values in histories.values())
    if at_or_below > lowest:
        return ""
    return f"its value, {own:g}, was among the worst {policy.percentage} % of {len(histories)} trials"


def median(values: list[float]) -> float:
    """Return the middle of some values; of an even number, the mean of the two in the middle."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def _behind(goal: Goal) -> str:
    return "below" if goal is Goal.MAXIMIZE else "above"


_VERDICTS: Mapping[type[Policy], Callable[..., str]] = {
    Bandit: _bandit,
    MedianStopping: _median,
    Truncation: _truncation,
}
