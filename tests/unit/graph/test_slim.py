from __future__ import annotations

from dataclasses import fields, is_dataclass, replace

import pytest

from pipeyard.graph.slim import slim
from pipeyard.launch.prepare import LaunchFacts, PlacedData, plan_launch
from pipeyard.model.diagnostic import Place
from pipeyard.model.reuse import EnvironmentIdentity
from pipeyard.reuse.parts import KeyFacts, key_of, key_parts

PIPELINE = """
    type: pipeline
    settings: {default_compute: local}
    inputs: {src: {path: "https://example.org/a"}}
    jobs:
      a: &step
        command: cp ${{inputs.src}} ${{outputs.out}} $[[--n ${{inputs.n}}]]
        environment: {image: python, conda_file: {dependencies: [python=3.11]}}
        inputs: {src: "${{parent.inputs.src}}", n: 1}
        outputs: {out: {type: uri_file, path: "azureml://datastores/d/paths/${{name}}"}}
      b: *step
      c: {<<: *step, inputs: {src: "${{parent.inputs.src}}", n: true}}
      d: {<<: *step, inputs: {src: "${{parent.jobs.a.outputs.out}}", n: 1.0}}
      e: {type: command, component: ./one.yml}
      h: {type: command, component: ./one.yml}
      f: {type: pipeline, component: ./two.yml}
"""
ONE = """
    type: command
    inputs: {x: {type: number, default: 1}, y: {type: boolean, default: true}}
    command: echo ${{inputs.x}} ${{inputs.y}}
    environment: local
    code: azureml://datastores/d/paths/LocalUpload/1/src
"""
TWO = """
    type: pipeline
    jobs: {g: {type: command, component: ./one.yml}}
"""


@pytest.fixture
def graph(check):
    return check(PIPELINE, one=ONE, two=TWO).graph


def places_in(value):
    """Every place in a value, however deep."""
    if isinstance(value, Place):
        yield value
    elif is_dataclass(value):
        for one in fields(value):
            yield from places_in(getattr(value, one.name))
    elif isinstance(value, dict):
        for one in value.values():
            yield from places_in(one)
    elif isinstance(value, tuple):
        for one in value:
            yield from places_in(one)


def test_a_slim_graph_runs_as_the_whole_one_does(graph):
    """Plans, keys, what waits for what and the order of nodes are the same, a `1` stays no `True` and no `1.0`."""
    found = slim(graph)
    facts = LaunchFacts("j", "r", 1, "/a", "e", inputs={"src": PlacedData("azureml://datastores/d/paths/x")})
    known = KeyFacts(EnvironmentIdentity("e", {}), "c", {"src": "s"})

    assert list(found.nodes) == ["a", "b", "c", "d", "e", "h", "f/g"]
    for id_, node in graph.nodes.items():
        slimmed = found.nodes[id_]
        assert plan_launch(slimmed, facts) == plan_launch(node, facts)
        assert key_of(key_parts(slimmed, known)) == key_of(key_parts(node, known))
        assert slimmed.upstream == node.upstream
        assert [repr(port.default) for port in slimmed.component.inputs.values()] == [
            repr(port.default) for port in node.component.inputs.values()
        ]
    assert [plan_launch(found.nodes[id_], facts).command[-3:] for id_ in "abcd"] == ["n 1", "n 1", "rue", "1.0"]
    assert found.groups["f"].children == ("f/g",)


def test_what_is_equal_in_many_nodes_is_kept_once(graph):
    """Of two steps that say the same, nothing but their ids is there twice; nobody asks them for places any more."""
    nodes = slim(graph).nodes

    assert nodes["a"].component is nodes["b"].component
    assert nodes["a"].environment is nodes["b"].environment
    assert nodes["a"].outputs is nodes["b"].outputs
    assert nodes["a"].inputs["src"] is nodes["b"].inputs["src"]
    assert nodes["e"].component is nodes["h"].component
    inline = [replace(node, component=replace(node.component, inputs={})) for node in (nodes["a"], nodes["d"])]
    assert set(places_in(inline)) <= {Place()}
    assert set(places_in(graph.nodes["a"])) != {Place()}
