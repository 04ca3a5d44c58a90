"""
What a policy says of trials that are looked at now and then: the same as if each value was looked at as it came.

In:       what each trial logged so far, with when, and when it ended.
Out:      the trials to stop, each with the reason in words.
Not here: the rules (`stop.py`), reading what was logged and stopping (`engine/conduct/sweep.py`).

Between two looks a quick trial may pass many intervals. So what came since the last look is gone
through value by value, in the order of time, over all trials. What a trial logged after it was to be
stopped does not count for the others: with a look at each value it would not have been logged.
A second watch that is shown the same trials says the same, so that nothing has to be stored.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from pipeyard.model.sweep import Goal, Policy
from pipeyard.model.value import dataclass
from pipeyard.sweep.stop import Track, interval_of, to_stop


@dataclass(frozen=True, slots=True)
class Watched:
    """One trial, as it is known at a look."""

    # Each value of the metric, and when it was logged (UTC milliseconds), in the order in which they came.
    points: Sequence[tuple[int, float]]
    # None: it goes on.
    ended_at_ms: int | None = None
    # Whether it can be stopped, or ended because it was.
    is_judged: bool = True


class Watch:
    """Looks at the trials of one sweep."""

    def __init__(self, policy: Policy, goal: Goal) -> None:
        """Begin with nothing seen."""
        self._policy = policy
        self._goal = goal
        self._tracks: dict[int, Track] = {}
        self._stopped: set[int] = set()
        self._looked_at_ms = 0

    def look(self, trials: Mapping[int, Watched], now_ms: int) -> dict[int, str]:
        """Return whom the policy stops for what came since the last look, each with the reason."""
        verdicts: dict[int, str] = {}
        for time_ms, number, index in sorted(self._news(trials, now_ms)):
            if index in self._stopped:
                continue
            track = self._tracks.setdefault(index, Track(self._goal))
            track.add(trials[index].points[number - 1][1])
            if interval_of(self._policy, number) == number:
                found = self._judge(trials, number, time_ms)
                verdicts |= found
                self._stopped |= found.keys()
        self._looked_at_ms = now_ms
        return verdicts

    def _news(self, trials: Mapping[int, Watched], now_ms: int) -> Iterator[tuple[int, int, int]]:
        """Yield when it came, which interval it is and of which trial, for every value that was not seen before."""
        for index, trial in trials.items():
            # Clocks are the loggers' own: what is new came since the last look, and one after the other.
            time_ms = self._looked_at_ms
            for number in range(len(self._tracks.get(index, ())) + 1, len(trial.points) + 1):
                time_ms = max(time_ms, min(now_ms, trial.points[number - 1][0]))
                yield time_ms, number, index

    def _judge(self, trials: Mapping[int, Watched], interval: int, time_ms: int) -> dict[int, str]:
        """Return the verdicts that a trial's coming to an interval changes: its own, and of who is looked at there."""
        running = [index for index in self._tracks if trials[index].is_judged and index not in self._stopped]
        return to_stop(self._policy, self._goal, self._tracks, running, _ended(trials, time_ms), at=interval)


def _ended(trials: Mapping[int, Watched], time_ms: int) -> Collection[int]:
    return {index for index, trial in trials.items() if trial.ended_at_ms is not None and trial.ended_at_ms <= time_ms}
