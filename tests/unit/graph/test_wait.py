"""Order without data, and which `retry` and `reuse` count for a step."""

from __future__ import annotations

import pytest

from pipeyard.graph import wait
from pipeyard.graph.expand import expand
from pipeyard.graph.model import Graph
from pipeyard.spec.decode import decode_job
from pipeyard.spec.document import document_of


def step(**more):
    return {"command": "echo", "environment": "azureml:x:1", "compute": "local", **more}


def group(jobs, **more):
    inner = {"type": "pipeline", "jobs": jobs, **more.pop("inner", {})}
    return {"type": "pipeline", "component": inner, **more}


def graph_of(jobs, **more):
    job, problems = decode_job(document_of({"type": "pipeline", "jobs": jobs, **more}, source=""))
    assert problems == ()
    graph, found = expand(job, {})
    return graph, [problem.code for problem in found]


def waits(graph):
    assert isinstance(graph, Graph)
    return {id_: set(node.upstream) for id_, node in graph.nodes.items()}


def test_a_pipeline_that_waits_holds_back_its_first_steps_and_is_waited_for_to_its_last():
    """What comes between follows, so that big pipelines cost few edges."""
    chain = {"one": step(), "two": step(depends_on="one"), "three": step(depends_on="two")}
    out = {"o": {"type": "uri_folder"}}
    data = {
        "make": step(outputs=out),
        "use": step(inputs={"i": "${{parent.jobs.make.outputs.o}}"}),
    }
    graph, problems = graph_of(
        {"before": group(data), "after": group(chain, depends_on="before"), "end": step(depends_on="after")}
    )

    assert problems == []
    found = waits(graph)
    assert found["after/one"] == {"before/use"}
    assert found["before/make"] == set()
    assert found["end"] >= {"after/three"}
    assert list(graph.nodes).index("before/use") < list(graph.nodes).index("after/one")


def test_waiting_for_a_step_that_is_read_anyway_changes_nothing():
    """The same edge is one edge."""
    out = {"o": {"type": "uri_folder"}}
    read = {"i": "${{parent.jobs.a.outputs.o}}"}
    graph, problems = graph_of({"a": step(outputs=out), "b": step(inputs=read, depends_on="a")})

    assert (problems, waits(graph)["b"]) == ([], {"a"})


def test_steps_of_two_pipelines_that_wait_for_each_other_are_a_ring():
    """Also when data leads one way and order the other."""
    _, problems = graph_of({"x": group({"a": step()}, depends_on="y"), "y": group({"b": step()}, depends_on="x")})

    assert problems == ["graph-ring"]


def test_order_inside_a_pipeline_counts_there_only():
    """Two uses of one pipeline do not wait for each other."""
    jobs = {"a": step(), "b": step(depends_on="a")}
    graph, _ = graph_of({"one": group(jobs), "two": group(jobs)})

    assert waits(graph) == {"one/a": set(), "one/b": {"one/a"}, "two/a": set(), "two/b": {"two/a"}}


def test_too_many_pairs_are_refused_before_they_fill_the_memory(monkeypatch):
    """A thousand steps that wait for a thousand others."""
    monkeypatch.setattr(wait, "WAITS_MAX", 8)
    many = {f"s{number}": step() for number in range(3)}
    _, problems = graph_of({"x": group(many), "y": group(many, depends_on="x")})

    assert problems == ["too-many-steps"]


@pytest.mark.parametrize(
    ("own", "component", "used", "inner", "job", "expected"),
    [
        (1, 2, 3, 4, 5, 1),
        (None, 2, 3, 4, 5, 2),
        (None, None, 3, 4, 5, 3),
        (None, None, None, 4, 5, 4),
        (None, None, None, None, 5, 5),
        (None, None, None, None, None, None),
        (0, 2, 3, 4, 5, 0),
    ],
)
def test_the_retry_written_closest_to_a_step_counts(*, own, component, used, inner, job, expected):
    """Its own, its component's, that of the step which uses its pipeline, that pipeline's, the job's."""

    def written(number):
        return {} if number is None else {"retry": number}

    command = {"type": "command", "command": "echo", "environment": "azureml:x:1", **written(component)}
    deep = {"component": command, "compute": "local", **written(own)}
    graph, _ = graph_of({"outer": group({"deep": deep}, inner=written(inner), **written(used))}, **written(job))
    retry = graph.nodes["outer/deep"].retry

    assert (None if retry is None else retry.retries_max) == expected


def test_reuse_is_off_below_a_pipeline_that_says_so():
    """A step inside cannot lift it."""
    graph, _ = graph_of({"outer": group({"deep": step(reuse=True)}, reuse=False), "beside": step()})

    assert {id_: node.reuse for id_, node in graph.nodes.items()} == {"outer/deep": False, "beside": True}
