from __future__ import annotations

import json
from dataclasses import replace
from typing import get_args

import pytest

from pipeyard.engine.history import fact_of, record_of
from pipeyard.model.errors import Bug
from pipeyard.model.record import EventRecord
from pipeyard.scheduler import event as facts

NODES = (facts.NodeOrder("a", (), "cpu"),)
NAME = ("job", "a/b", 2, 1_700_000_000_000)

FACTS = [
    facts.JobSubmitted("job", 5, NODES),
    facts.JobSubmitted("job", 5, NODES, continue_on_step_failure=False, priority=3),
    facts.CancelAsked("job", 5, "änn"),
    facts.ReuseFound("job", "a", 5, "earlier"),
    facts.ReuseMissed("job", "a", 5),
    facts.ReuseMissed("job", "a", 5, ("inputs.x: 1 -> 2",)),
    facts.BranchChosen("job", "a", 5, takes=True),
    facts.BranchChosen("job", "a", 5, takes=False, bypassed=("b", "c/d")),
    facts.SlotsTaken(*NAME),
    facts.AttemptStarted(*NAME),
    facts.AttemptStarted(*NAME, {"data": "bind"}),
    facts.PreparationFailed(*NAME, {"code": "x", "message": 'it\'s\n"odd"'}),
    facts.AttemptExited(*NAME, 0),
    facts.AttemptExited(
        *NAME, None, "SIGKILL", timed_out=True, duration_seconds=1.5, error={"code": "c"}, log_dropped=(10, 20)
    ),
    facts.HeartbeatLate(*NAME),
    facts.HeartbeatBack(*NAME),
    facts.AttemptLost(*NAME, "gone"),
    facts.AttemptUnknown(*NAME),
    facts.OutputsStored(*NAME),
    facts.OutputsNotStored(*NAME, {"code": "store", "message": "full"}),
    facts.RetryDue(*NAME),
]


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: type(fact).__name__)
def test_a_fact_comes_back_from_its_row(fact):
    """What a restarted engine reads is what the last one knew, also after a trip through JSON."""
    record = record_of(fact, 7)
    stored = replace(record, data=json.loads(json.dumps(record.data)))

    assert fact_of(stored, NODES) == fact
    assert (record.seq, record.kind, record.root_name) == (7, type(fact).__name__, "job")


def test_every_kind_of_fact_about_a_job_is_covered_here():
    """A new fact must not be forgotten in the history."""
    kinds = {facts.JobSubmitted, facts.CancelAsked, *get_args(facts.NodeEvent)}

    assert {type(fact) for fact in FACTS} == kinds


def test_what_says_nothing_is_not_stored():
    """Rows stay small: a plain start has no data."""
    assert record_of(facts.AttemptStarted(*NAME), 1).data == {}
    assert record_of(facts.AttemptExited(*NAME, 0), 1).data == {"exit_code": 0}


def test_a_fact_of_a_newer_version_is_our_mistake():
    """A newer home is refused before; to skip a fact would lead to another state."""
    with pytest.raises(Bug, match="event 3 is of the unknown kind Dreamt"):
        fact_of(EventRecord("job", 3, 5, "Dreamt", None, None))
