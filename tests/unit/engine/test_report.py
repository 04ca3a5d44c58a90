from __future__ import annotations

import pytest

from pipeyard.engine.report import AttemptKey, facts_of
from pipeyard.model.errors import Bug
from pipeyard.ports import AttemptReport
from pipeyard.scheduler import event as facts
from pipeyard.scheduler.state import NodeState

KEY = AttemptKey("job", "a", 2, "local", "step")
NAME = ("job", "a", 2)
NOW = 99


def said(state: str, node: NodeState = NodeState.RUNNING, **fields) -> list:
    report = AttemptReport(KEY.attempt_id, state, **fields)
    return list(facts_of(report, KEY, node, NOW))


def test_computes_know_an_attempt_by_the_steps_job_and_a_number():
    """The name is unique for ever."""
    assert KEY.attempt_id == "step.2"


def test_a_start_has_its_own_time_and_says_how_inputs_came():
    """The compute's clock counts, not ours."""
    assert said("running", NodeState.PREPARING, started_at_ms=5, ways={"x": "bind"}) == [
        facts.AttemptStarted(*NAME, 5, {"x": "bind"})
    ]


def test_a_running_step_that_is_known_to_run_is_no_news():
    """A heartbeat stores nothing."""
    assert said("starting", NodeState.PREPARING) == []
    assert said("running") == []


def test_a_silent_step_that_runs_is_back():
    """And one that should stop is reported, so that it is told again."""
    assert said("running", NodeState.SILENT) == [facts.HeartbeatBack(*NAME, NOW)]
    assert said("running", NodeState.CANCELING) == [facts.AttemptStarted(*NAME, NOW, {})]


def test_an_end_that_is_heard_of_first_brings_the_start_along():
    """So that the history of a very short step is whole."""
    fields = {"started_at_ms": 3, "ended_at_ms": 4, "exit_code": 0, "duration_seconds": 0.001}
    started, exited = said("exited", NodeState.PREPARING, **fields)

    assert started == facts.AttemptStarted(*NAME, 3, {})
    assert exited == facts.AttemptExited(*NAME, 4, 0, duration_seconds=0.001)


def test_a_reason_makes_a_clean_exit_a_failure():
    """Such as a read-only input that was changed; a time limit speaks for itself."""
    (exited,) = said("exited", exit_code=0, reason="`x` was changed", code="input-changed")
    assert exited.error == {"code": "input-changed", "message": "`x` was changed"}
    (late,) = said("exited", exit_code=None, signal="SIGTERM", timed_out=True, reason="time limit")
    assert late.error is None
    assert late.timed_out


def test_bad_ends_say_why():
    """Refused, lost, never heard of."""
    assert said("refused", reason="no bash", code="no-bash") == [
        facts.PreparationFailed(*NAME, NOW, {"code": "no-bash", "message": "no bash"})
    ]
    assert said("lost", reason="reboot") == [facts.AttemptLost(*NAME, NOW, "reboot")]
    assert said("unknown") == [facts.AttemptUnknown(*NAME, NOW)]


def test_a_word_that_nobody_knows_is_our_mistake():
    """A back end translates its states at its own edge."""
    with pytest.raises(Bug, match="reported as `dreaming`"):
        said("dreaming")
