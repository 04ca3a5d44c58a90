"""Which trials are stopped early, and which is the best."""

from __future__ import annotations

from math import nan

import pytest

from pipeyard.model.sweep import Bandit, Goal, MedianStopping, Policy, Truncation
from pipeyard.sweep.rank import best_of, ranked
from pipeyard.sweep.stop import Track, interval_of, slack_limit
from pipeyard.sweep.stop import to_stop as stop_tracks

UP, DOWN = Goal.MAXIMIZE, Goal.MINIMIZE


def to_stop(policy, goal, histories, running, finished=()):
    tracks = {index: Track(goal, values) for index, values in histories.items()}
    return stop_tracks(policy, goal, tracks, running, finished)


@pytest.mark.parametrize(
    ("policy", "logged", "interval"),
    [
        (Bandit(slack_amount=1), 0, None),
        (Bandit(slack_amount=1), 3, 3),
        (Bandit(slack_amount=1, evaluation_interval=2), 3, 2),
        (Bandit(slack_amount=1, evaluation_interval=0), 3, 3),
        (MedianStopping(delay_evaluation=5), 4, None),
        (MedianStopping(delay_evaluation=5), 5, 5),
        (Truncation(20, evaluation_interval=2, delay_evaluation=5), 5, None),
        (Truncation(20, evaluation_interval=2, delay_evaluation=5), 7, 6),
    ],
    ids=str,
)
def test_a_policy_looks_at_multiples_of_its_interval_from_its_delay_on(policy: Policy, logged: int, interval: int):
    """A policy looks at every multiple of `evaluation_interval` that is not below `delay_evaluation`."""
    assert interval_of(policy, logged) == interval


@pytest.mark.parametrize(
    ("policy", "goal", "best", "limit"),
    [
        (Bandit(slack_factor=0.2), UP, 0.8, 0.8 / 1.2),
        (Bandit(slack_factor=0.2), DOWN, 0.5, 0.6),
        (Bandit(slack_amount=0.2), UP, 0.8, 0.6),
        (Bandit(slack_amount=0.2), DOWN, 0.5, 0.7),
        (Bandit(slack_factor=0.25), UP, -1.0, -1.25),
        (Bandit(slack_factor=0.25), DOWN, -1.0, -0.8),
    ],
    ids=str,
)
def test_the_slack_of_a_bandit_is_measured_from_the_best(policy: Bandit, goal: Goal, best: float, limit: float):
    """A best of 0.8 with a factor of 0.2 stops what is below 0.66; the best itself is never beyond its own limit."""
    assert slack_limit(policy, goal, best) == pytest.approx(limit)
    assert not goal.is_better(limit, best)


MANY = {0: (0.1, 0.5, 0.9), 1: (0.2, 0.4), 2: (0.1, 0.1), 3: (0.3,), 4: (0.1, 0.2, nan)}


@pytest.mark.parametrize(
    ("policy", "goal", "stopped"),
    [
        # At interval 2 the best is 0.5: below 0.25 are trials 2 and 4, but 4 has come to interval 3 already.
        (Bandit(slack_factor=1), UP, [2, 4]),
        (Bandit(slack_amount=0.1), UP, [2, 4]),
        (Bandit(slack_amount=0.1, delay_evaluation=3), UP, [4]),
        (Bandit(slack_amount=0.05, evaluation_interval=2), UP, [1, 2, 4]),
        # To be minimized the best of each is its lowest, which most of them had at interval 1.
        (Bandit(slack_amount=0.05), DOWN, [1, 3]),
        # Averages at interval 2: 0.3, 0.3, 0.1, and 0.15 of trial 4: their median is 0.225.
        (MedianStopping(evaluation_interval=2), UP, [2, 4]),
        (MedianStopping(), UP, [2]),
        # Two trials came to interval 3, four to interval 2: half of them are one and two.
        (Truncation(50), UP, [2, 4]),
        (Truncation(49), UP, [2]),
        (Truncation(20), UP, []),
        (Truncation(25, evaluation_interval=2), DOWN, [0]),
    ],
    ids=str,
)
def test_a_policy_stops_who_falls_behind(policy: Policy, goal: Goal, stopped: list[int]):
    """Each trial is compared with all that came to the same interval, running or not."""
    assert list(to_stop(policy, goal, MANY, running=MANY)) == stopped


def test_only_what_runs_is_stopped_and_the_reason_is_told():
    """A trial that has ended is compared with, and never stopped."""
    assert to_stop(Bandit(slack_amount=0.1), UP, MANY, running=[0, 2]) == {
        2: "its best, 0.1, was below 0.4, the best of all (0.5) with the slack, at interval 2"
    }


def test_a_trial_that_is_ahead_of_all_others_is_judged_where_another_one_came_to():
    """It may log so quickly that at no look they are level, or go on when the best of all has ended."""
    histories = {0: (1.0,) * 100, 1: (5.0,) * 101, 2: (1.2,) * 300}

    assert list(to_stop(Bandit(slack_factor=0.5), DOWN, histories, [1, 2], [0])) == [1]
    assert to_stop(Bandit(slack_factor=0.5), DOWN, {1: (5.0,) * 9}, [1]) == {}


def test_finished_trials_may_be_left_out_of_a_truncation():
    """With `exclude_finished_jobs` the worst of those that run are stopped, whatever ended before."""
    values = {0: (0.1,), 1: (0.2,), 2: (0.3,)}

    kept = to_stop(Truncation(50), UP, values, running=[1, 2], finished=[0])
    left_out = to_stop(Truncation(50, exclude_finished=True), UP, values, running=[1, 2], finished=[0])

    assert (list(kept), list(left_out)) == ([], [1])


def test_equally_bad_trials_are_kept_together():
    """When all trials have the same value, none is among the worst."""
    assert to_stop(Truncation(50), UP, {0: (1.0,), 1: (1.0,)}, running=[0, 1]) == {}


def test_trials_rank_by_the_best_they_ever_logged():
    """The earlier of equals goes first; what logged nothing, or nothing that is a number, has no rank."""
    histories = {0: (0.5, 0.1), 1: (0.9, 0.2), 2: (), 3: (nan,), 4: (0.2, 0.9)}

    assert ranked(UP, histories, range(5)) == [1, 4, 0]
    assert ranked(DOWN, histories, range(5)) == [0, 1, 4]


def test_the_best_trial_is_one_that_ran_to_its_end():
    """What a policy stopped is the best only when nothing else logged the metric."""
    histories = {0: (0.5,), 1: (0.9,)}

    assert best_of(UP, histories, completed=[0], stopped=[1]) == 0
    assert best_of(UP, histories, completed=[], stopped=[0, 1]) == 1
    assert best_of(UP, {}, completed=[0], stopped=[]) is None
