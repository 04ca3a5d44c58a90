from __future__ import annotations

import pytest

from pipeyard.scheduler import event as facts
from pipeyard.scheduler.invariants import check_invariants
from pipeyard.scheduler.machine import advance, new_state
from pipeyard.scheduler.state import JobMove, NodeMove


class Walk:
    """A scheduler with short words for the facts that tests tell it."""

    def __init__(self) -> None:
        self.state = new_state()
        self.commands = []
        self.moves = []
        self.clock = 0

    def take_in(self, fact):
        self.commands, self.moves, self.is_news = advance(self.state, fact)
        return self.commands

    def size(self, slots, compute="cpu", ahead=0):
        return self.take_in(facts.ComputeSized(compute, slots, self.tick(), ahead))

    def submit(self, *nodes, name="job", goes_on=True, priority=0):
        """Each node is `name` or `name < upstream,upstream`, or a whole NodeOrder."""
        return self.take_in(facts.JobSubmitted(name, self.tick(), tuple(map(order_of, nodes)), goes_on, priority))

    def ready(self, *nodes, job="job"):
        """No earlier result may stand for these nodes."""
        for node in nodes:
            self.take_in(facts.ReuseMissed(job, node, self.tick()))

    def tell(self, kind, node="a", *more, job="job", attempt=1, **fields):
        return self.take_in(kind(job, node, attempt, self.tick(), *more, **fields))

    def run(self, node="a", exit_code=0, *, job="job", attempt=1):
        """Start a node and let it end; its outputs are not stored yet."""
        self.tell(facts.AttemptStarted, node, job=job, attempt=attempt)
        return self.tell(facts.AttemptExited, node, exit_code, job=job, attempt=attempt)

    def finish(self, node="a", exit_code=0, *, job="job", attempt=1):
        self.run(node, exit_code, job=job, attempt=attempt)
        return self.tell(facts.OutputsStored, node, job=job, attempt=attempt)

    def tick(self):
        self.clock += 1
        return self.clock

    def node(self, node="a", job="job"):
        return self.state.jobs[job].nodes[node]

    def where(self, node="a", job="job"):
        return self.node(node, job).state.value

    def states(self, job="job"):
        return {node.order.id: node.state.value for node in self.state.jobs[job].nodes.values()}

    def status(self, job="job"):
        return self.state.jobs[job].status.value

    def launched(self):
        return [(order.node, order.attempt) for order in self.commands if type(order).__name__ == "LaunchAttempt"]

    def errors(self):
        return {getattr(move, "node", None): move.error for move in self.moves if move.error is not None}

    def job_moves(self):
        return [(move.before.value, move.after.value) for move in self.moves if isinstance(move, JobMove)]

    def node_moves(self):
        return [(move.node, move.before.value, move.after.value) for move in self.moves if isinstance(move, NodeMove)]


def order_of(text):
    if isinstance(text, facts.NodeOrder):
        return text
    name, _, upstream = text.partition("<")
    return facts.NodeOrder(name.strip(), tuple(part.strip() for part in upstream.split(",") if part.strip()), "cpu")


@pytest.fixture
def walk():
    """A scheduler that checks itself once more when the test ends."""
    it = Walk()
    yield it
    check_invariants(it.state)


@pytest.fixture
def running(walk):
    """A job of one node, `a`, that runs."""
    walk.size(1)
    walk.submit("a")
    walk.ready("a")
    walk.tell(facts.AttemptStarted)
    return walk


@pytest.fixture
def new_walk():
    """Makes schedulers without a conscience, to be broken on purpose."""
    return Walk
