"""The name of a result."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeyard.graph.model import Literal, NodeOutput
from pipeyard.model.component import Distribution, Priority
from pipeyard.model.diagnostic import Place
from pipeyard.model.driver import ParallelTask
from pipeyard.model.expression import CommandText, Template
from pipeyard.model.retry import Retry
from pipeyard.model.reuse import EnvironmentIdentity
from pipeyard.model.types import InputMode, OutputMode, PortType
from pipeyard.reuse.compare import differences
from pipeyard.reuse.parts import KeyFacts, key_of, key_parts, undecided_inputs, with_assumed, with_undecided
from tests.unit.reuse.build import FACTS, PIPELINE, key, parts_of, train, with_component

NODE = train()
TASK = replace(NODE, driver=ParallelTask(Place(), input_data="data", mini_batch_files=2))
MPI = Distribution("mpi", {"process_count_per_instance": 2}, Place())


def changed_input(name, **changes):
    """Return the node with one input bound otherwise."""
    return replace(NODE, inputs={**NODE.inputs, name: replace(NODE.inputs[name], **changes)})


def changed_output(**changes):
    """Return the node with its output set otherwise."""
    return replace(NODE, outputs={"out": replace(NODE.outputs["out"], **changes)})


SAME = {
    "compute": replace(NODE, compute="gpu-cluster"),
    "instance type": replace(NODE, instance_type="Standard_DS3_v2"),
    "shared memory": replace(NODE, shm_size="8g"),
    "time limit": replace(NODE, timeout_seconds=60.0),
    "retry": replace(NODE, retry=Retry(3)),
    "priority": replace(NODE, priority=Priority.HIGH),
    "id": replace(NODE, id="nested/other"),
    "waits for more": replace(NODE, upstream=frozenset({"make", "else"})),
    "display name": replace(NODE, step=replace(NODE.step, display_name="Train it", description="x", tags={"a": "b"})),
    "head of the component": with_component(
        NODE, head=replace(NODE.component.head, name="c", version="7", description="d", display_name="C")
    ),
    "description of an input": with_component(
        NODE,
        inputs={name: replace(port, description="what it is") for name, port in NODE.component.inputs.items()},
    ),
    "where things are written": with_component(NODE, command_place=Place(("a",))),
    "name of a version": changed_output(register_name="model", register_version="1"),
}
OTHER = {
    "command": with_component(NODE, command=CommandText("python other.py", ("python other.py",))),
    "literal": changed_input("rate", value=0.2),
    "type of a literal's value": changed_input("rate", value="0.1"),
    "literal instead of data": replace(NODE, inputs={**NODE.inputs, "raw": Literal("r1")}),
    "no input": replace(NODE, inputs={name: NODE.inputs[name] for name in ("rate", "raw")}),
    "type of an input": changed_input("raw", type=PortType.URI_FILE),
    "mode of an input": changed_input("raw", mode=InputMode.DOWNLOAD),
    "output path": changed_output(path=Template(("azureml://datastores/workspaceblobstore/paths/here/",))),
    "output mode": changed_output(mode=OutputMode.UPLOAD),
    "output type": changed_output(type=PortType.URI_FILE),
    "one more output": replace(NODE, outputs={**NODE.outputs, "more": NODE.outputs["out"]}),
    "environment variable": replace(NODE, environment_variables={"MODE": "slow"}),
    "no environment variable": replace(NODE, environment_variables={}),
    "instances": replace(NODE, instance_count=2),
    "distribution": replace(NODE, instance_count=2, distribution=MPI),
}
FACTS_CHANGED = {
    "code": replace(FACTS, code="b" * 64),
    "no code": replace(FACTS, code=None),
    "environment": replace(FACTS, environment=EnvironmentIdentity("e2", FACTS.environment.parts)),
    "data": replace(FACTS, contents={**FACTS.contents, "raw": "r2"}),
    "what came before": replace(FACTS, contents={**FACTS.contents, "model": "m2"}),
}


@pytest.mark.parametrize("name", SAME)
def test_what_a_command_cannot_see_is_no_part_of_its_key(name):
    """Names, places and limits change no result."""
    assert key(SAME[name]) == key(NODE)


@pytest.mark.parametrize("name", OTHER)
def test_what_a_command_may_see_is_part_of_its_key(name):
    """Each kind of change makes another key, and is a difference."""
    assert key(OTHER[name]) != key(NODE)
    assert differences(key_parts(OTHER[name], FACTS), key_parts(NODE, FACTS))


@pytest.mark.parametrize("name", FACTS_CHANGED)
def test_bytes_and_environment_are_part_of_a_key(name):
    """The same step on other bytes, or in another environment, has another key."""
    assert key(NODE, FACTS_CHANGED[name]) != key(NODE)


def test_all_changes_make_different_keys():
    """No two kinds of change are taken for one another."""
    keys = [key(node) for node in OTHER.values()] + [key(NODE, facts) for facts in FACTS_CHANGED.values()]

    assert len(set(keys)) == len(keys)


def test_a_key_is_the_same_after_a_journey_through_json():
    """What a store gives back has the key that was stored with it."""
    assert key_of(parts_of(NODE)) == key(NODE)


def test_order_of_what_is_written_does_not_matter():
    """Inputs and variables in another order are the same ones."""
    node = replace(NODE, inputs=dict(reversed(NODE.inputs.items())), environment_variables={"B": "1", "A": "2"})
    other = replace(node, inputs=dict(NODE.inputs), environment_variables={"A": "2", "B": "1"})

    assert key(node) == key(other)


def test_inputs_that_nobody_knows_yet_are_named():
    """Such parts can be compared, and have no key that means anything."""
    facts = KeyFacts(FACTS.environment, FACTS.code, {"raw": "r1"})

    assert undecided_inputs(key_parts(NODE, facts)) == ("model",)
    assert undecided_inputs(key_parts(NODE, FACTS)) == ()


def test_text_that_is_no_unicode_has_a_key():
    """A lone surrogate, as an odd file name gives it, is no error."""
    assert key(changed_input("rate", value="\udcff")) != key(changed_input("rate", value="\udcfe"))


SCALARS = st.one_of(st.text(), st.integers(), st.floats(), st.booleans())


@given(SCALARS, SCALARS)
def test_literals_have_one_key_if_they_are_one_value(one, other):
    """Two values make one key exactly when they are written alike in JSON: 1, 1.0, True and "1" are four."""
    is_same = json.dumps(one) == json.dumps(other)

    assert (key(changed_input("rate", value=one)) == key(changed_input("rate", value=other))) is is_same


@st.composite
def nodes(draw):
    """Draw a node that differs from the others in some places."""
    node = NODE
    if draw(st.booleans()):
        node = draw(st.sampled_from([*OTHER.values(), *SAME.values()]))
    if draw(st.booleans()):
        node = replace(node, environment_variables=draw(st.dictionaries(st.sampled_from("AB"), st.sampled_from("12"))))
    if draw(st.booleans()):
        node = replace(node, inputs={**node.inputs, "rate": Literal(draw(st.sampled_from([0.1, 1, True, "x"])))})
    return node, draw(st.sampled_from([FACTS, *FACTS_CHANGED.values()]))


@given(nodes(), nodes())
def test_keys_are_equal_exactly_when_nothing_differs(one, other):
    """What explains a miss cannot miss what made it."""
    before, now = key_parts(*one), key_parts(*other)

    assert (key_of(before) == key_of(now)) is (differences(now, before) == ())
    assert (key_of(before) == key_of(now)) is (differences(json.loads(json.dumps(now)), before) == ())


def test_a_comment_in_the_file_changes_nothing():
    """Keys are made of what a file means."""
    assert key(train(PIPELINE.replace("rate: 0.1", "rate: 1.0e-1  # as in the paper"))) == key(NODE)


def test_a_value_counts_for_itself_wherever_it_comes_from():
    """What another step wrote and what stands in the file give the same key, if they are equal."""
    node = train()
    bound = replace(node, inputs={**node.inputs, "rate": NodeOutput("make", "n", PortType.NUMBER, InputMode.RO_MOUNT)})

    assert key_of(key_parts(bound, replace(FACTS, values={"rate": 0.1}))) == key_of(key_parts(node, FACTS))
    assert key_of(key_parts(bound, replace(FACTS, values={"rate": 0.2}))) != key_of(key_parts(node, FACTS))
    assert undecided_inputs(key_parts(bound, FACTS)) == ("rate",)


def test_a_value_that_is_not_known_yet_is_assumed_to_be_as_it_was():
    """As for data: then it depends on the step before whether this one runs."""
    node = train()
    bound = replace(node, inputs={**node.inputs, "rate": NodeOutput("make", "n", PortType.NUMBER, InputMode.RO_MOUNT)})
    open_ = with_undecided(key_parts(replace(bound, inputs={}), FACTS), bound, ["rate"])

    assumed = with_assumed(open_, ["rate"], parts_of(node))

    assert assumed["inputs"]["rate"] == {"type": "number", "value": 0.1}


def test_what_a_task_makes_is_in_its_key_and_how_fast_is_not():
    """How many workers share it, how often and how long each try may take: the same rows come out."""
    faster = replace(TASK.driver, max_concurrency=9, max_retries=0, timeout_seconds=5.0, logging_level="DEBUG")
    larger = replace(TASK.driver, mini_batch_files=3)
    strict = replace(TASK.driver, mini_batch_error_threshold=0)

    assert key(replace(TASK, driver=faster, instance_count=4)) == key(TASK)
    assert len({key(node) for node in (NODE, TASK, replace(TASK, driver=larger), replace(TASK, driver=strict))}) == 4
