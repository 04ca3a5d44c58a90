"""How long what will run took before."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from pipeyard.model.reuse import Decision, Forecast, ResultRecord
from pipeyard.service.expected import longest_way, seconds_of

RUN, REUSE, DEPENDS = Decision.RUN, Decision.REUSE, Decision.DEPENDS


def graph(**upstream):
    """Return a graph as far as it is asked: each node with those that it waits for."""
    nodes = {id_: SimpleNamespace(id=id_, upstream=frozenset(before)) for id_, before in upstream.items()}
    return SimpleNamespace(nodes=nodes)


@pytest.mark.parametrize(
    ("decisions", "seconds", "expected"),
    [
        ({"a": RUN, "b": RUN, "c": RUN}, {"a": 1, "b": 5, "c": 2}, 7),
        ({"a": RUN, "b": REUSE, "c": DEPENDS}, {"a": 1, "b": 5, "c": 2}, 3),
        ({"a": RUN, "b": RUN, "c": RUN}, {"c": 2}, 2),
        ({"a": RUN, "b": RUN, "c": RUN}, {}, None),
        ({"a": REUSE, "b": REUSE, "c": REUSE}, {}, 0),
    ],
)
def test_steps_side_by_side_take_no_longer_than_the_longest(decisions, seconds, expected):
    """Reused ones take nothing; those that never ran are left out, and of none known nothing is said."""
    forecasts = [Forecast(id_, decision) for id_, decision in decisions.items()]

    assert longest_way(graph(a=(), b=(), c=("a", "b")), forecasts, seconds) == expected


def test_of_a_step_that_was_reused_the_one_that_ran_counts():
    """Being reused takes no time, and says nothing of how long it would run."""
    asked = []

    class Store:
        def newest_results(self, workspace, steps):
            asked.extend(steps)
            return {steps[0]: ResultRecord(workspace, "00", "again", "r", "a", steps[0], 9000, source_job="first")}

        def load_job(self, workspace, name):
            return {"first": SimpleNamespace(started_at_ms=1000, ended_at_ms=3500)}.get(name)

    root = SimpleNamespace(workspace="default", experiment_name="e", detail={"file": "p.yml"})

    assert seconds_of(Store(), root, [Forecast("a", RUN), Forecast("b", REUSE)]) == {"a": 2.5}
    assert asked == ['["e", "p.yml", "a"]']
