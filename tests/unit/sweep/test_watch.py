"""That it makes no difference when somebody looks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeyard.model.sweep import Bandit, Goal, MedianStopping, Truncation
from pipeyard.sweep.watch import Watch, Watched

POLICIES = [
    Bandit(slack_factor=0.5, delay_evaluation=2),
    Bandit(slack_amount=2, evaluation_interval=2),
    MedianStopping(),
    Truncation(40, evaluation_interval=2),
    Truncation(50, exclude_finished=True),
]
# Which trial logs what, one after the other.
LOGGED = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 9)), max_size=16)


def shown(logged, until, ended):
    """Return the trials as they are known at a time; value number n was logged at n * 10."""
    trials = {}
    for index in range(4):
        came = [((n + 1) * 10, float(value)) for n, (who, value) in enumerate(logged) if who == index]
        points = tuple(point for point in came if point[0] <= until)
        is_over = index in ended and bool(came) and until > came[-1][0]
        trials[index] = Watched(points, came[-1][0] + 1 if is_over else None, is_judged=index not in ended)
    return trials


def looked(policy, logged, times, ended=()):
    """Return every verdict of a watch that looks at these times."""
    watch, verdicts = Watch(policy, Goal.MINIMIZE), {}
    for time in times:
        found = watch.look(shown(logged, time, ended), time)
        assert not found.keys() & verdicts.keys()
        verdicts |= found
    return verdicts


@given(
    policy=st.sampled_from(POLICIES), logged=LOGGED, some=st.sets(st.integers(0, 17)), ended=st.sets(st.integers(0, 3))
)
def test_one_look_says_what_a_look_at_each_value_says(policy, logged, some, ended):
    """Who is stopped, and for what, follows from what was logged and when; looking seldom changes nothing."""
    end = len(logged) * 10 + 5
    each = looked(policy, logged, [*range(15, end, 10), end], ended)

    assert looked(policy, logged, [end], ended) == each
    assert looked(policy, logged, [*sorted(n * 10 + 5 for n in some if n * 10 + 5 < end), end], ended) == each


def test_every_interval_between_two_looks_is_judged_in_order():
    """The trial was bad at interval 2 and good again at 4: it would have been stopped at 2."""
    better = tuple((at, 1.0) for at in (1, 11, 21, 31))
    for_a_while = ((2, 1.0), (12, 9.0), (22, 9.0), (32, 0.5))
    watch = Watch(Truncation(50, evaluation_interval=2), Goal.MINIMIZE)

    verdicts = watch.look({0: Watched(better), 1: Watched(for_a_while)}, 1000)

    assert verdicts == {1: "its value, 9, was among the worst 50 % of 2 trials at interval 2"}


def test_what_a_stopped_trial_logs_afterwards_counts_for_nobody():
    """With a look at each value it would not have been logged."""
    stopped = ((2, 9.0), (3, 0.1))
    other = ((1, 1.0), (4, 1.0))
    watch = Watch(Bandit(slack_amount=1), Goal.MINIMIZE)

    assert list(watch.look({0: Watched(stopped), 1: Watched(other)}, 10)) == [0]
    assert watch.look({0: Watched((*stopped, (11, 0.01))), 1: Watched((*other, (12, 1.0)))}, 20) == {}


def test_times_that_somebody_made_up_do_no_harm():
    """What is new came since the last look; of equal times the lower interval goes first."""
    watch = Watch(Bandit(slack_amount=1), Goal.MINIMIZE)

    assert watch.look({0: Watched(((1, 1.0), (1, 1.0))), 1: Watched(((10**15, 2.0),))}, 50) == {}
    assert list(watch.look({0: Watched(((1, 1.0),) * 2), 1: Watched(((10**15, 2.0), (1, 2.5)))}, 60)) == []
    assert list(watch.look({0: Watched(((1, 0.5),) * 3), 1: Watched(((10**15, 2.0), (1, 2.5), (1, 3.0)))}, 70)) == [1]
