"""What becomes of each step, as people read it."""

from __future__ import annotations

from pipeyard.cli.reasons import count_of, lines_of, rows_of


def step(key, decision, *messages, hint=None, **more):
    """Return a step as the server tells of it."""
    reasons = [{"code": "c", "message": message, **({"hint": hint} if hint else {})} for message in messages]
    return {"step": key, "decision": decision, "reasons": reasons, "source": None, **more}


SOURCE = {"name": "1-2", "job": "happy_cat", "step": "prep", "ended_at": "2026-01-02T03:04:05.678Z"}


def drawn(*steps):
    """Return the lines of some steps."""
    return list(lines_of(steps, colour=False))


def test_each_decision_has_its_words():
    """One line for each step, names under one another."""
    assert drawn(
        step("prep", "reuse", source=SOURCE),
        step("train", "run", "input `rate`: 0.1 -> 0.2 since job `happy_cat`"),
        step("outer/eval", "depends", "it will run if output `m` of step `train` changes; else its result is reused"),
    ) == [
        "prep        will reuse job happy_cat",
        "train       will run because input `rate`: 0.1 -> 0.2 since job `happy_cat`",
        "outer/eval  will run if output `m` of step `train` changes; else its result is reused",
    ]


def test_what_was_decided_is_told_in_the_past():
    """A reused step says since when its result is there, and in what both are equal."""
    assert drawn(
        step("a", "reused", source=SOURCE, equal=["command", "code", "inputs `x`"]),
        step("b", "ran", "it was asked to run again"),
        step("c", "open", "not decided yet"),
        step("d", "never", "the job was canceled before it came to that"),
        step("e", "ran"),
    ) == [
        "a  reused job happy_cat, which ended 2026-01-02 03:04:05 UTC",
        "     the same command, code and inputs `x`",
        "b  ran because it was asked to run again",
        "c  not decided: not decided yet",
        "d  did not run: the job was canceled before it came to that",
        "e  ran",
    ]


def test_further_reasons_and_hints_have_lines_of_their_own():
    """The first reason stands beside the step."""
    assert drawn(step("a", "run", "one", "two", hint="do this")) == [
        "a  will run because one",
        "     and because two",
        "     hint: do this",
    ]


def test_a_long_name_does_not_push_the_others_away():
    """It has a line of its own; and what a name holds cannot move the cursor."""
    long = "outer/" + "x" * 40

    assert drawn(step(long, "run", "one"), step("a\x1b[2J", "run", "two")) == [
        long,
        "          will run because one",
        "a\\x1b[2J  will run because two",
    ]


def test_a_job_that_is_one_command_is_called_the_job():
    """It has no steps to name."""
    assert drawn(step("", "run", "a job that is no pipeline always runs")) == [
        "(the job)  will run because a job that is no pipeline always runs"
    ]


def test_steps_are_counted_in_one_sentence():
    """By what becomes of them."""
    assert (
        count_of([step("a", "run"), step("b", "run"), step("c", "reuse")]) == "3 steps: 2 will run, 1 will be reused."
    )
    assert count_of([step("a", "ran")]) == "1 step: 1 ran."
    assert count_of([]) == "There are no steps."


def test_a_table_has_one_row_for_each_step():
    """With the job whose result is taken, or the reasons."""
    rows = rows_of([step("a", "reuse", source=SOURCE), step("b", "run", "one", "two")])

    assert rows == [
        {"step": "a", "decision": "reuse", "job": "happy_cat", "why": None},
        {"step": "b", "decision": "run", "job": None, "why": "one; two"},
    ]
