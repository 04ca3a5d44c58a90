"""Control nodes: child jobs that an engine starts by itself, on a real database."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

import pytest

from pipeyard.compute.fake import Answer
from pipeyard.engine.conduct import kinds
from pipeyard.engine.conduct.ending import Ending
from pipeyard.graph.control import CONTROL_POOL, Repeated
from pipeyard.graph.derive import fill
from pipeyard.graph.model import Given, Graph, Literal
from pipeyard.model.record import Submission
from pipeyard.model.types import InputMode, PortType
from pipeyard.ports import AcceptedJob, ChildOrder
from tests.integration.engine.world import Graphs, World, graph_of_tree, records_of, tree_of

pytestmark = pytest.mark.anyio

TEXT = """
type: pipeline
jobs:
  again:
    command: echo ${{inputs.n}} > ${{outputs.o}}/x
    environment: {image: i}
    inputs: {n: 0}
    outputs: {o: {type: uri_folder}}
  after:
    command: cat ${{inputs.i}}/x
    environment: {image: i}
    inputs: {i: "${{parent.jobs.again.outputs.o}}"}
"""
CHILDREN = 3


@dataclass(frozen=True)
class Thrice(Repeated):
    """A body that runs three times."""


async def thrice(conduct):
    """Run all at once, and take what the last one wrote."""
    orders = [ChildOrder(n, conduct.key.attempt, {"n": Literal(n)}, f"run {n}") for n in range(CHILDREN)]
    names = [await conduct.begin(order) for order in orders]
    waiting = set(names)
    while waiting:
        waiting -= await conduct.ended(waiting)
    _, children = await conduct.taken_up()
    bad = [child for child in children if child.status.value != "Completed"]
    if bad:
        return Ending(error={"code": "child-failed", "message": f"{bad[0].name} is {bad[0].status.value}"})
    conduct.note(runs=len(children))
    return Ending(taken=await conduct.outputs_of(children[-1]))


def with_control(graph):
    """Turn the step `again` into a control node."""
    node = graph.nodes["again"]
    inner = replace(node, id="", inputs={"n": Given("n", PortType.INTEGER, InputMode.RO_MOUNT)})
    body = Graph({"": inner}, {}, ("",), inner.inputs, {}, {}, "workspaceblobstore", is_pipeline=False)
    return replace(graph, nodes={**graph.nodes, "again": replace(node, control=Thrice(body))})


class Source(Graphs):
    """Makes the graphs of parents and of children again."""

    def graph_of(self, root, submission):
        if "n" not in submission.document:
            return with_control(super().graph_of(root, submission))
        body = with_control(graph_of_tree(tree_of(TEXT), {})).nodes["again"].control.body
        return fill(body, {"n": Literal(submission.document["n"])})


class Maker:
    """`ports.ChildJobs` of these tests."""

    def make(self, root, step, node, order):
        graph = fill(node.control.body, order.values)
        name = f"{step.name}_{order.index}"
        (record,) = records_of(graph, name, root.created_at_ms)
        child = {"index": order.index, "attempt": order.attempt}
        detail = {"pool": "local", "child": child, "outputs": {"o": {"type": "uri_folder"}}}
        record = replace(record, parent_name=step.name, position=order.index, detail=detail)
        return AcceptedJob(Submission(name, {"n": order.values["n"].value}, {}), graph, (record,))


@pytest.fixture
async def yard(tmp_path, monkeypatch):
    monkeypatch.setitem(kinds.CONDUCTORS, Thrice, thrice)
    world = World(tmp_path)
    world.start = lambda: start(world)
    await world.start()
    yield world
    await world.close()


async def start(world):
    world.engine.resize("local", 2)
    await world.engine.start(Source(), Maker())


async def submit(world):
    """Submit a pipeline whose first step runs child jobs."""
    tree = tree_of(TEXT)
    graph = with_control(graph_of_tree(tree, {}))
    first, *others = records_of(graph, "job", world.clock.now_ms())
    others = [
        replace(record, detail={**record.detail, "pool": CONTROL_POOL}) if record.node_id == "again" else record
        for record in others
    ]
    await world.engine.submit(AcceptedJob(Submission("job", tree, {}), graph, (first, *others)))


def children(world):
    return [world.store.load_job("default", f"job-again_{n}") for n in range(CHILDREN)]


def outputs(world, name):
    return {row.output: row for row in world.store.load_outputs("default", name)}


async def test_children_run_and_the_node_takes_the_outputs_of_one(yard):
    """Nothing is copied: the node's row points to what the child wrote; the next step reads it there."""
    await submit(yard)
    await yard.run_to_end()

    assert [child.status.value for child in children(yard)] == ["Completed"] * CHILDREN
    assert yard.statuses() == {"": "Completed", "again": "Completed", "after": "Completed"}
    row = outputs(yard, "job-again")["o"]
    assert (row.source_job, row.uri) == ("job-again_2", outputs(yard, "job-again_2")["o"].uri)
    assert yard.job("again").detail["runs"] == CHILDREN
    assert [plan.attempt_id for plan in yard.compute.launched][-1] == "job-after.1"


async def test_a_control_node_takes_no_slot(yard):
    """With two slots, two children run while their parent waits for them."""
    for number in range(CHILDREN):
        yard.compute.answers[f"job-again_{number}"] = Answer(running_seconds=None)
    await submit(yard)
    await yard.until(lambda: len(yard.compute.launched) == 2)

    assert yard.engine.pool_use("local").used == 2


async def test_a_failed_child_is_the_failure_of_the_node_if_its_conductor_says_so(yard):
    """The step that reads from it is skipped."""
    yard.compute.answers["job-again_1"] = Answer(exit_code=3)
    await submit(yard)
    await yard.run_to_end()

    assert yard.statuses() == {"": "Failed", "again": "Failed", "after": "Canceled"}
    assert yard.job("again").error["code"] == "child-failed"


async def test_a_new_engine_goes_on_with_the_children_there_are(yard):
    """Each runs once, whenever the engine before ended."""
    await submit(yard)
    await yard.until(lambda: len(yard.compute.launched) == 2)
    await yard.restart()
    await yard.run_to_end()

    assert yard.status() == "Completed"
    assert sorted(yard.launched()) == ["job-after.1", *(f"job-again_{n}.1" for n in range(CHILDREN))]


async def test_canceling_the_job_ends_the_children_first(yard):
    """None of them runs any more when the job has ended."""
    for n in range(CHILDREN):
        yard.compute.answers[f"job-again_{n}"] = Answer(running_seconds=None)
    await submit(yard)
    await yard.until(lambda: len(yard.compute.launched) == 2)
    await asyncio.gather(yard.engine.cancel("default", "job", "ann"), yard.run_to_end())

    assert yard.statuses() == {"": "Canceled", "again": "Canceled", "after": "Canceled"}
    assert {child.status.value for child in children(yard)} == {"Canceled"}
