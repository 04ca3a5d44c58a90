"""Whether an earlier result stands for a step."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeyard.graph.flow import Choice
from pipeyard.model.reuse import ReusePlan
from pipeyard.model.types import InputMode
from pipeyard.reuse.choice import Reuse, Run, candidates_of, choose, may_be_reused, policy_of
from pipeyard.reuse.step import step_of
from tests.unit.reuse.build import graph_of, parts_of, result

GRAPH = graph_of()
NODE = GRAPH.nodes["train"]
FOUND = result(parts_of(NODE))
KEY = FOUND.key


def sound(_result):
    """Say that outputs are as they were."""


def rw(node):
    """Return a node that may write to what it reads."""
    return replace(node, inputs={**node.inputs, "raw": replace(node.inputs["raw"], mode=InputMode.RW_MOUNT)})


def test_the_newest_result_stands_for_a_step():
    """Nothing forbids it, and its outputs are there."""
    older = result(parts_of(NODE), job_name="step-0")
    candidates = candidates_of(policy_of(NODE, GRAPH), KEY, [FOUND, older])

    assert choose(policy_of(NODE, GRAPH), candidates, sound) == Reuse(FOUND)


def test_an_older_result_is_taken_when_the_newest_is_spoilt():
    """Any equal result will do."""
    older = result(parts_of(NODE), job_name="step-0", root_name="sad_dog")

    choice = choose(policy_of(NODE, GRAPH), [FOUND, older], lambda one: "gone" if one is FOUND else None)

    assert choice == Reuse(older)


def test_a_step_whose_results_are_all_spoilt_runs_and_says_so():
    """The newest one is named, with what is wrong with it."""
    choice = choose(policy_of(NODE, GRAPH), [FOUND], lambda _: "output `out`: `a.bin` was changed")

    assert isinstance(choice, Run)
    assert [(reason.code, reason.message) for reason in choice.reasons] == [
        ("result-spoilt", "the result of job `happy_cat` cannot be used: output `out`: `a.bin` was changed")
    ]


@pytest.mark.parametrize(
    ("node", "graph", "code"),
    [
        (NODE, replace(GRAPH, force_rerun=True), "force-rerun"),
        (NODE, replace(GRAPH, is_pipeline=False), "stand-alone"),
        (NODE, replace(GRAPH, is_child=True, is_rerun=True), "rerun-asked"),
        (replace(NODE, reuse=False), GRAPH, "reuse-off"),
        (replace(NODE, is_edge=True), GRAPH, "first-or-last"),
        (replace(NODE, control=Choice((), ())), GRAPH, "decides"),
        (replace(NODE, is_deterministic=False), GRAPH, "not-deterministic"),
        (rw(NODE), GRAPH, "input-written"),
    ],
)
def test_a_rule_keeps_a_step_from_being_reused(node, graph, code):
    """Whatever there is, the step runs, and the rule is its reason."""
    policy = policy_of(node, graph)
    candidates = candidates_of(policy, KEY, [FOUND])
    choice = choose(policy, candidates, sound)

    assert candidates == ()
    assert isinstance(choice, Run)
    assert [reason.code for reason in choice.reasons] == [code]


@pytest.mark.parametrize("node", [replace(NODE, reuse=False), replace(NODE, is_deterministic=False), rw(NODE)])
def test_a_resumed_job_takes_over_what_no_other_would(node):
    """A step that completed is not run again only because it is not deterministic, if what it reads is the same."""
    policy = policy_of(node, GRAPH, ReusePlan("sad_dog"))
    planned = replace(FOUND, is_reusable=False, root_name="sad_dog")

    assert candidates_of(policy, KEY, [], planned) == (planned,)
    assert candidates_of(policy, "0" * 64, [], planned) == ()
    assert candidates_of(policy, KEY, [], replace(planned, ended_at_ms=None)) == ()


def test_a_resumed_job_has_a_beginning_and_an_end_of_its_own():
    """What ran before all others, or after them, runs again."""
    policy = policy_of(replace(NODE, is_edge=True), GRAPH, ReusePlan("sad_dog"))

    assert candidates_of(policy, KEY, [FOUND], replace(FOUND, root_name="sad_dog")) == ()


def test_a_step_that_was_asked_to_run_again_runs():
    """Neither its own earlier result nor anybody's stands for it."""
    policy = policy_of(NODE, GRAPH, ReusePlan("sad_dog", frozenset({"train"})))

    assert candidates_of(policy, KEY, [FOUND], FOUND) == ()
    assert policy.reason is not None
    assert policy.reason.code == "rerun-asked"


def test_what_is_taken_over_comes_before_newer_results():
    """A resumed job is made of the results of the job that it resumes, as far as they go."""
    planned = replace(FOUND, job_name="step-9", root_name="sad_dog")

    assert candidates_of(policy_of(NODE, GRAPH, ReusePlan("sad_dog")), KEY, [FOUND], planned) == (planned, FOUND)


def test_one_result_is_looked_at_once():
    """A step that was itself reused stands for the one that really ran."""
    again = replace(FOUND, job_name="step-2", source_job="step-1")

    assert candidates_of(policy_of(NODE, GRAPH), KEY, [again, FOUND]) == (again,)


@pytest.mark.parametrize("changes", [{"is_reusable": False}, {"ended_at_ms": None}, {"key": "0" * 64}])
def test_results_that_are_none_are_left_out(changes):
    """Of a step that did not complete, or that is not deterministic, nothing is taken."""
    assert candidates_of(policy_of(NODE, GRAPH), KEY, [replace(FOUND, **changes)]) == ()


def test_only_what_is_deterministic_is_given_to_others():
    """The same rule is asked when a step completes."""
    assert may_be_reused(NODE)
    assert not may_be_reused(rw(NODE))
    assert not may_be_reused(replace(NODE, is_deterministic=False))


def test_a_step_is_known_by_experiment_file_and_place():
    """Where the person stood when submitting does not matter."""
    assert step_of("e", "a/p.yml", "train") == step_of("e", "p.yml", "train")
    assert len({step_of("e", "p.yml", "a"), step_of("e", "p.yml", "b"), step_of("f", "p.yml", "a")}) == 3
    assert step_of("e", None, "") == step_of("e", "", "")
