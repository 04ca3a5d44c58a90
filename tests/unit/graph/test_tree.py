from __future__ import annotations

import pytest

from pipeyard.graph import open as opening

LEAF = "command: echo\nenvironment: azureml:shell:1"


def pipe(*components):
    steps = "\n".join(f"  s{number}: {{component: ./{name}.yml}}" for number, name in enumerate(components))
    return f"type: pipeline\njobs:\n{steps}"


def test_a_job_that_multiplies_without_end_is_refused(check, monkeypatch):
    """Pipelines inside pipelines may make a few lines into more steps than anybody can run."""
    monkeypatch.setattr(opening, "STEPS_MAX", 20)

    job = check(pipe("a", "a", "a"), a=pipe("b", "b", "b"), b=pipe("leaf", "leaf", "leaf"), leaf=LEAF)

    assert job.codes == ["too-many-steps"]


def test_nesting_has_a_limit(check, monkeypatch):
    """A chain of different files that use each other ends in an error, not in a crash."""
    monkeypatch.setattr(opening, "DEPTH_MAX", 2)

    assert check(pipe("a"), a=pipe("b"), b=LEAF).codes == []
    assert check(pipe("a"), a=pipe("b"), b=pipe("c"), c=LEAF).codes == ["too-deep"]


@pytest.mark.parametrize("files", [{"a": pipe("a")}, {"a": pipe("b"), "b": pipe("c"), "c": pipe("a")}])
def test_a_pipeline_that_contains_itself_is_named_with_the_way_to_it(check, files):
    """The message shows the steps that lead back to the same component."""
    job = check(pipe("a"), **files)

    assert job.codes == ["component-ring"]
    assert "`s0` -> `s0`" in job.errors[0]


def test_one_component_may_be_used_at_two_depths(check):
    """Using a pipeline beside and inside another is no ring."""
    job = check(pipe("a", "b"), a=pipe("b"), b=pipe("leaf"), leaf=LEAF)

    assert list(job.graph.nodes) == ["s0/s0/s0", "s1/s0"]
    assert [group.children for group in job.graph.groups.values()] == [("s0/s0",), ("s0/s0/s0",), ("s1/s0",)]


@pytest.mark.parametrize("kind", ["automl", "import", "finetuning"])
def test_a_kind_that_cannot_run_yet_is_refused_by_its_name(check, kind):
    """A person learns which step it is, rather than that a file does not match a schema."""
    job = check(f"type: pipeline\njobs:\n  s: {{type: {kind}}}")

    assert any(line.startswith("jobs.s.type: kind-not-yet:") and f"`{kind}`" in line for line in job.errors)


def test_a_stand_alone_job_is_refused_by_its_name(check):
    """So it is for a job that is no pipeline."""
    assert "kind-not-yet" in check("type: automl\ntask: regression").codes
    assert "`do_while` is a step of a pipeline" in check("type: do_while\nbody: a").errors[0]


def test_a_pipeline_job_cannot_run_a_command_component(check):
    """The component of a pipeline job is a pipeline."""
    assert check("type: pipeline\ncomponent: ./leaf.yml", leaf=LEAF).codes == ["kind-mismatch"]


def test_what_follows_from_a_broken_loop_is_not_said(check):
    """Its body is no step of its own, and whoever reads from either stays silent."""
    job = check(
        """
        type: pipeline
        jobs:
          body: {component: ./leaf.yml}
          loop: {type: do_while, body: body, condition: x, mapping: {}}
          reader: {command: 'echo ${{inputs.n}}', environment: local, inputs: {n: '${{parent.jobs.loop.outputs.n}}'}}
        """,
        leaf=LEAF + "\ninputs: {n: {type: integer}}",
    )

    assert job.codes == ["missing-field"]
