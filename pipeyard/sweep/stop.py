"""
Which trials a policy stops (section 13.4).

In:       what each trial logged of the primary metric so far, in order.
Out:      the trials to stop, each with the reason in words.
Not here: in which order what was logged is looked at (`watch.py`), stopping (`engine/conduct/sweep.py`).

One *interval* is one logging of the metric: interval 3 is the third value. A policy looks at
each running trial at the newest of its intervals that is a multiple of
`evaluation_interval` and not below `delay_evaluation`, and compares it with what every trial
that came so far had there. Of one that is ahead of all others, that is the newest that another one
came to: otherwise the first to come anywhere would never be compared.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from heapq import nlargest

from pipeyard.model.sweep import Bandit, Goal, MedianStopping, Policy, Truncation

# The values that each trial logged, by its index.
Histories = Mapping[int, tuple[float, ...]]


class Track:
    """What one trial logged, with what is compared: the best and the average up to each interval."""

    __slots__ = ("_bests", "_goal", "_sums", "_values")

    def __init__(self, goal: Goal, values: Iterable[float] = ()) -> None:
        """Begin with some values."""
        self._goal = goal
        self._values: list[float] = []
        self._bests: list[float] = []
        self._sums: list[float] = []
        for value in values:
            self.add(value)

    def __len__(self) -> int:
        """Return the interval that the trial has come to."""
        return len(self._values)

    def add(self, value: float) -> None:
        """Take one more value; one that is no number is worse than any."""
        if math.isnan(value):
            value = math.inf if self._goal is Goal.MINIMIZE else -math.inf
        self._bests.append(self._goal.best((value, self._bests[-1])) if self._bests else value)
        self._sums.append(value + self._sums[-1] if self._sums else value)
        self._values.append(value)

    def at(self, interval: int) -> float:
        """Return the value at an interval."""
        return self._values[interval - 1]

    def best_at(self, interval: int) -> float:
        """Return the best value up to an interval."""
        return self._bests[interval - 1]

    def mean_at(self, interval: int) -> float:
        """Return the average of the values up to an interval."""
        return self._sums[interval - 1] / interval


# By the trial's index.
Tracks = Mapping[int, Track]


def to_stop(
    policy: Policy,
    goal: Goal,
    tracks: Tracks,
    running: Collection[int],
    finished: Collection[int] = (),
    *,
    at: int | None = None,
) -> dict[int, str]:
    """Return the running trials that a policy stops now, each with the reason; with *at* only those that it looks at there."""
    left_out = finished if isinstance(policy, Truncation) and policy.exclude_finished else ()
    counted = {index: track for index, track in tracks.items() if index not in left_out}
    longest = nlargest(2, ((len(track), index) for index, track in counted.items()))
    stopped: dict[int, str] = {}
    for index in sorted(running):
        # As far as some other one came too.
        others = max((length for length, other in longest if other != index), default=0)
        interval = interval_of(policy, min(len(tracks.get(index, ())), others))
        if interval is None or at not in (None, interval):
            continue
        there = {other: track for other, track in counted.items() if len(track) >= interval} | {index: tracks[index]}
        reason = _VERDICTS[type(policy)](policy, goal, there, index, interval)
        if reason:
            stopped[index] = f"{reason} at interval {interval}"
    return stopped


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


def _bandit(policy: Bandit, goal: Goal, tracks: Tracks, index: int, interval: int) -> str:
    own = tracks[index].best_at(interval)
    best = goal.best(tuple(track.best_at(interval) for track in tracks.values()))
    limit = slack_limit(policy, goal, best)
    if not goal.is_better(limit, own):
        return ""
    return f"its best, {own:g}, was {_behind(goal)} {limit:g}, the best of all ({best:g}) with the slack,"


def _median(_: MedianStopping, goal: Goal, tracks: Tracks, index: int, interval: int) -> str:
    own = tracks[index].best_at(interval)
    middle = median([track.mean_at(interval) for track in tracks.values()])
    if not goal.is_better(middle, own):
        return ""
    return f"its best, {own:g}, was {_behind(goal)} {middle:g}, the median of the running averages,"


def _truncation(policy: Truncation, goal: Goal, tracks: Tracks, index: int, interval: int) -> str:
    own = tracks[index].at(interval)
    lowest = math.floor(len(tracks) * policy.percentage / 100)
    # Equals go together: when too many are equally bad, none of them is among the worst.
    at_or_below = sum(not goal.is_better(track.at(interval), own) for track in tracks.values())
    if at_or_below > lowest:
        return ""
    return f"its value, {own:g}, was among the worst {policy.percentage} % of {len(tracks)} trials"


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
