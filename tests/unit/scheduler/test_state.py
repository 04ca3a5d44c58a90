from __future__ import annotations

from dataclasses import replace

import pytest

from pipeyard.model.errors import Bug
from pipeyard.model.status import JobStatus
from pipeyard.scheduler import event as facts
from pipeyard.scheduler.invariants import check_invariants
from pipeyard.scheduler.state import ALLOWED, NOT_BEGUN, TERMINAL, UNDER_WAY, NodeState, group_status, public_status


def test_every_state_has_its_moves_and_its_public_word():
    """No state is forgotten in the tables; only ends have no way out."""
    assert set(ALLOWED) == set(NodeState)
    assert {state for state, after in ALLOWED.items() if not after} == TERMINAL
    assert [public_status(state).is_terminal for state in NodeState] == [state in TERMINAL for state in NodeState]
    assert set(NodeState) == {*UNDER_WAY, *NOT_BEGUN, *TERMINAL}


def test_public_words_are_azures():
    """Scripts compare with these words."""
    assert [public_status(state).value for state in NodeState] == [
        "NotStarted",
        "NotStarted",
        "Queued",
        "Preparing",
        "Running",
        "NotResponding",
        "Finalizing",
        "CancelRequested",
        "Completed",
        "Failed",
        "Canceled",
        "Canceled",
        "Canceled",
    ]


@pytest.mark.parametrize(
    ("states", "status"),
    [
        ("", "Completed"),
        ("waiting checking", "NotStarted"),
        ("waiting queued", "Running"),
        ("completed waiting", "Running"),
        ("running failed", "Running"),
        ("completed completed", "Completed"),
        ("completed failed skipped", "Failed"),
        ("completed skipped", "Canceled"),
        ("skipped", "Canceled"),
        ("completed bypassed", "Completed"),
        ("bypassed", "Canceled"),
        ("completed bypassed skipped", "Canceled"),
        ("canceling completed", "CancelRequested"),
        ("canceled finalizing", "CancelRequested"),
        ("canceled completed", "Canceled"),
    ],
)
def test_a_group_is_what_its_nodes_are(states, status):
    """A pipeline inside a pipeline has no state of its own."""
    counts = {NodeState(state): 1 for state in states.split()}

    assert group_status({**dict.fromkeys(NodeState, 0), **counts}) is JobStatus(status)


def _break_used(walk):
    walk.state.pools["cpu"].used += 1


def _break_ceiling(walk):
    walk.state.pools["cpu"].ceiling = 0


def _break_open(walk):
    walk.state.jobs["job"].open_count += 1


def _break_ordinary(walk):
    walk.state.jobs["job"].ordinary_count += 1


def _break_final(walk):
    walk.node("a").order = replace(walk.node("a").order, is_final=True)
    walk.state.jobs["job"].ordinary_count -= 1


def _break_failed(walk):
    walk.state.jobs["job"].failed_count += 1


def _break_status(walk):
    walk.state.jobs["job"].status = JobStatus.COMPLETED


def _break_count(walk):
    walk.node("c").waits_for = 7


def _break_inputs(walk):
    walk.node("c").state = NodeState.CHECKING


def _break_outcome(walk):
    walk.node("a").outcome = NodeState.FAILED


def _break_attempt(walk):
    walk.node("a").attempt = 2


def _break_line(walk):
    walk.state.pools["cpu"].waiting.clear()


def _break_waking(walk):
    walk.state.pools["cpu"].slots = 2


def _break_cancel(walk):
    walk.state.jobs["job"].canceled_by = "ann"
    walk.state.jobs["job"].status = JobStatus.CANCEL_REQUESTED


def _break_skip(walk):
    walk.node("b").state = NodeState.SKIPPED
    walk.node("b").attempt = 1
    walk.state.jobs["job"].open_count -= 1
    walk.state.jobs["job"].ordinary_count -= 1


def _break_wait(walk):
    walk.node("b").state = NodeState.WAITING


def _break_hope(walk):
    walk.node("a").state = NodeState.FAILED
    walk.state.jobs["job"].failed_count = 1
    walk.state.jobs["job"].open_count -= 1
    walk.state.jobs["job"].ordinary_count -= 1


@pytest.mark.parametrize(
    ("breakage", "words"),
    [
        (_break_used, "slots are said to be used"),
        (_break_ceiling, "slots are used, 0 may be"),
        (_break_open, "said to be open"),
        (_break_ordinary, "that are not final are said to be open"),
        (_break_final, "while 2 nodes that are not final are open"),
        (_break_failed, "said to have failed"),
        (_break_status, "shown as Completed"),
        (_break_count, "counts 7 missing inputs"),
        (_break_inputs, "before its inputs"),
        (_break_outcome, "with the outcome"),
        (_break_attempt, "in attempt 2 of 1"),
        (_break_line, "are in line"),
        (_break_waking, "waits though it fits"),
        (_break_cancel, "ends early"),
        (_break_skip, "after it was started"),
        (_break_wait, "for nothing"),
        (_break_hope, "never come"),
    ],
)
def test_a_broken_invariant_is_noticed(breakage, words, new_walk):
    """Each rule would catch the mistake it is there for."""
    walk = new_walk()
    walk.size(1)
    walk.submit("a", "b", "c < a")
    walk.ready("a", "b")
    walk.tell(facts.AttemptStarted, "a")
    check_invariants(walk.state)

    breakage(walk)

    with pytest.raises(Bug, match=words):
        check_invariants(walk.state)
