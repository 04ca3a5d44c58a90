"""
Seeded jobs against a hostile compute.

Everything that can go wrong on the way from an order to its fact goes wrong here:
preparations fail, attempts fall silent or get lost, outputs cannot be stored, facts
come twice, late or in the wrong order, computes shrink, people cancel.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from itertools import chain

import pytest

from pipeyard.scheduler import command as orders
from pipeyard.scheduler import event as facts
from pipeyard.scheduler.invariants import check_invariants
from pipeyard.scheduler.machine import advance, forget, new_state
from pipeyard.scheduler.recover import resume_commands
from pipeyard.scheduler.state import ALLOWED, UNDER_WAY, NodeMove, NodeState, SchedulerState

SEEDS = 600
BATCHES = 6
COMPUTES = ("cpu", "gpu")


@dataclass
class HostileWorld:
    """Carries out orders badly, and remembers every fact and every move."""

    seed: int
    # Whether the laws are checked after every fact. Most of the time goes there, and the first test does it for
    # every seed: the others run some of the same worlds again.
    is_watched: bool = False
    state: SchedulerState = field(default_factory=new_state)
    now_ms: int = 0
    pending: list[facts.Event] = field(default_factory=list)
    delivered: list[facts.Event] = field(default_factory=list)
    # What an engine would store of each job.
    stored: dict[str, list[facts.Event]] = field(default_factory=dict)
    moves: set[tuple[NodeState, NodeState]] = field(default_factory=set)
    canceled: set[str] = field(default_factory=set)
    # By job and node: the nodes behind a choice that it may not take.
    choices: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.answers = {
            orders.LookUpReuse: self.look_up,
            orders.LaunchAttempt: self.launch,
            orders.StopAttempt: self.stop,
            orders.AskCompute: self.ask,
            orders.StoreOutputs: self.store,
            orders.StartTimer: self.start_timer,
            orders.RecordReuse: lambda order: (),
        }

    def submit(self, name: str) -> None:
        """Make up a job and hand it in."""
        nodes = []
        for position in range(self.random.randint(1, 9)):
            earlier = [node.id for node in nodes]
            upstream = self.random.sample(earlier, self.random.randint(0, min(2, len(earlier))))
            nodes.append(
                facts.NodeOrder(
                    id=f"n{position}",
                    upstream=tuple(upstream),
                    compute=self.random.choice(COMPUTES),
                    instances=self.random.choice((1, 1, 1, 2)),
                    tries_max=self.random.choice((1, 1, 2, 3)),
                    backoff_seconds=self.random.choice((0.0, 5.0)),
                    retry_when=self.random.choice(
                        ((), ("lost",), ("failed", "outputs"), (1, "SIGKILL", "preparation"))
                    ),
                    may_be_held=self.random.random() < 0.5,
                )
            )
        self.choose(name, nodes)
        if self.random.random() < 0.3:
            # Whatever becomes of the others, these run afterwards.
            last = facts.NodeOrder("z1", (), "cpu", tries_max=2, is_final=True)
            nodes += [last, facts.NodeOrder("z2", ("z1",), "gpu", is_final=True)]
        goes_on = self.random.random() < 0.7
        self.pending.append(
            facts.JobSubmitted(name, self.now_ms, tuple(nodes), goes_on, priority=self.random.randint(0, 1))
        )

    def choose(self, name: str, nodes: list[facts.NodeOrder]) -> None:
        """Make some of the nodes that others wait for choices."""
        for node in nodes:
            below = {node.id}
            for other in nodes:
                if not below.isdisjoint(other.upstream):
                    below.add(other.id)
            behind = sorted(below - {node.id})
            if behind and self.random.random() < 0.3:
                self.choices[name, node.id] = self.random.sample(behind, self.random.randint(0, len(behind)))

    def take_in(self, fact: facts.Event) -> None:
        """Deliver a fact, and carry the orders out."""
        commands, moves, _ = advance(self.state, fact)
        self.look()
        self.remember(fact, moves)
        for order in commands:
            is_started = isinstance(order, orders.LaunchAttempt) and not order.node.startswith("z")
            assert not (is_started and order.job in self.canceled), "started after cancel"
            self.pending.extend(self.answers[type(order)](order))
        again = advance(self.state, fact)
        assert again.moves == [], "a doubled fact changed something"
        self.look()

    def look(self) -> None:
        if self.is_watched:
            check_invariants(self.state)

    def remember(self, fact: facts.Event, moves) -> None:
        self.delivered.append(fact)
        if isinstance(fact, facts.CancelAsked) and fact.job in self.state.jobs:
            self.canceled.add(fact.job)
        if not isinstance(fact, facts.ComputeSized):
            self.stored.setdefault(fact.job, []).append(fact)
        for move in moves:
            if not isinstance(move, NodeMove):
                continue
            self.moves.add((move.before, move.after))
            if move.after is NodeState.PREPARING:
                self.stored[move.job].append(facts.SlotsTaken(move.job, move.node, move.attempt, self.now_ms))

    def run(self, steps_max: int = 100_000) -> None:
        """Deliver facts in a random order until nothing is left to say."""
        for _ in range(steps_max):
            self.now_ms += 1
            if not self.pending:
                self.pending.extend(self.supervise())
            if not self.pending:
                return
            # Mostly in order; one in five from anywhere.
            index = 0 if self.random.random() < 0.8 else self.random.randrange(len(self.pending))
            fact = self.pending.pop(index)
            if self.random.random() < 0.2:
                self.pending.append(fact)
            self.take_in(fact)
        raise AssertionError("the jobs never end")

    def supervise(self):
        """What a supervisor notices when everybody is quiet."""
        for compute, pool in self.state.pools.items():
            if pool.slots is None or pool.slots < 2:
                yield facts.ComputeSized(compute, self.random.randint(2, 3), self.now_ms, self.random.choice((0, 0, 2)))
        for job in list(self.state.jobs.values()):
            for node in job.nodes.values():
                if node.state in UNDER_WAY:
                    name = (job.id, node.order.id, node.attempt, self.now_ms)
                    yield facts.HeartbeatLate(*name)
                    yield self.random.choice((facts.AttemptLost(*name, "gone"), facts.AttemptUnknown(*name)))

    # --- bad answers ---------------------------------------------------------------------------

    def look_up(self, order):
        bypassed = self.choices.get((order.job, order.node))
        if bypassed is not None:
            yield facts.BranchChosen(order.job, order.node, self.now_ms, takes=True, bypassed=tuple(bypassed))
        elif self.random.random() < 0.1:
            yield facts.ReuseFound(order.job, order.node, self.now_ms, "earlier_job")
        else:
            yield facts.ReuseMissed(order.job, order.node, self.now_ms)

    def launch(self, order):
        name = (order.job, order.node, order.attempt, self.now_ms)
        started = facts.AttemptStarted(*name)
        late = facts.HeartbeatLate(*name)
        yield from self.random.choice(
            (
                (started, self.exit(name)),
                (started, self.exit(name)),
                (self.exit(name), started),
                (facts.PreparationFailed(*name, {"code": "full", "message": "disk full"}),),
                (facts.AttemptLost(*name, "host gone"),),
                (started, facts.AttemptLost(*name, "host gone")),
                (started, facts.AttemptUnknown(*name)),
                (started, late, facts.HeartbeatBack(*name), late, self.exit(name)),
                (started, late),
                (started, late, facts.AttemptUnknown(*name)),
                (),
            )
        )

    def exit(self, name):
        code = self.random.choice((0, 0, 0, 1, 127))
        return facts.AttemptExited(*name, code, timed_out=self.random.random() < 0.1)

    def stop(self, order):
        name = (order.job, order.node, order.attempt, self.now_ms)
        yield self.random.choice(
            (
                facts.AttemptExited(*name, None, "SIGTERM"),
                facts.AttemptExited(*name, 0),
                facts.AttemptLost(*name, "gone"),
                facts.PreparationFailed(*name, {"code": "canceled", "message": "never began"}),
                facts.AttemptStarted(*name),
            )
        )

    def ask(self, order):
        name = (order.job, order.node, order.attempt, self.now_ms)
        yield from self.random.choice(
            (
                (facts.HeartbeatBack(*name), self.exit(name)),
                (self.exit(name),),
                (facts.AttemptLost(*name, "gone"),),
                (facts.AttemptStarted(*name), self.exit(name)),
            )
        )

    def store(self, order):
        name = (order.job, order.node, order.attempt, self.now_ms)
        yield self.random.choice(
            (
                *[facts.OutputsStored(*name)] * 6,
                facts.OutputsNotStored(*name, {"code": "store", "message": "disk full"}),
                facts.AttemptLost(*name, "gone"),
            )
        )

    def start_timer(self, order):
        yield facts.RetryDue(order.job, order.node, order.attempt, self.now_ms)


def make_world(seed: int, *, is_watched: bool = False) -> HostileWorld:
    """Return a world with one to three jobs, computes that come and shrink, and perhaps somebody who cancels."""
    world = HostileWorld(seed, is_watched=is_watched)
    names = [f"job{index}" for index in range(world.random.randint(1, 3))]
    for name in names:
        world.submit(name)
    for compute in COMPUTES:
        world.pending += [
            facts.ComputeSized(compute, world.random.randint(0, 4), 0, world.random.choice((0, 3))) for _ in range(2)
        ]
    world.random.shuffle(world.pending)
    if world.random.random() < 0.4:
        # They lie in the queue and are drawn at some random moment. A second one is meant for what is final.
        name = world.random.choice(names)
        world.pending += [facts.CancelAsked(name, at_ms, "ann") for at_ms in (0, 1)[: world.random.randint(1, 2)]]
    return world


def picture(state: SchedulerState, jobs=None):
    """Return everything that matters of a state."""
    return {
        (job.id, node.order.id): (
            job.status,
            node.state,
            node.attempt,
            node.waits_for,
            node.is_resting,
            node.outcome,
            node.error,
        )
        for job in state.jobs.values()
        for node in job.nodes.values()
        if jobs is None or job.id in jobs
    }


def replayed(events) -> SchedulerState:
    state = new_state()
    for event in events:
        advance(state, event)
    check_invariants(state)
    return state


@pytest.mark.parametrize("batch", range(BATCHES))
def test_every_job_ends_and_no_slot_leaks(batch):
    """Whatever goes wrong, every job comes to an end and gives all its slots back."""
    for seed in range(batch * SEEDS // BATCHES, (batch + 1) * SEEDS // BATCHES):
        world = make_world(seed, is_watched=True)
        world.run()

        unfinished = [job.id for job in world.state.jobs.values() if not job.status.is_terminal]
        assert unfinished == [], f"seed {seed}"
        assert [pool.used for pool in world.state.pools.values()] == [0] * len(world.state.pools), f"seed {seed}"
        for name in list(world.state.jobs):
            forget(world.state, name)
        check_invariants(world.state)


def test_every_allowed_move_is_taken():
    """The table of moves holds no move that never happens, and none happens that is not in it."""
    taken: set[tuple[NodeState, NodeState]] = set()
    for seed in range(120):
        world = make_world(seed)
        world.run()
        taken |= world.moves

    allowed = {(before, after) for before, afters in ALLOWED.items() for after in afters}
    assert taken == allowed


def test_replaying_all_facts_gives_the_same_state():
    """The log alone tells the story: fed again, it leads to the same state."""
    for seed in range(60):
        world = make_world(seed)
        world.run()
        cut = world.random.randrange(1, len(world.delivered) + 1)

        assert picture(replayed(world.delivered)) == picture(world.state), f"seed {seed}"
        half = HostileWorld(seed)
        for fact in world.delivered[:cut]:
            half.take_in(fact)
        assert picture(replayed(world.delivered[:cut])) == picture(half.state), f"seed {seed}"


def test_a_job_is_replayed_from_its_own_facts_alone():
    """A job's history is enough, whatever the size of its compute and whoever else ran beside it."""
    for seed in range(60):
        world = make_world(seed)
        world.run()
        cut = world.random.randrange(1, len(world.delivered) + 1)
        half = HostileWorld(seed)
        for fact in world.delivered[:cut]:
            half.take_in(fact)

        alone = replayed(chain.from_iterable(half.stored.values()))
        assert picture(alone) == picture(half.state), f"seed {seed}"


def test_a_replayed_state_comes_back_to_life():
    """After a restart at any moment the resumed orders bring every job to its end."""
    for seed in range(120):
        world = make_world(seed)
        world.run()
        cut = world.random.randrange(1, len(world.delivered) + 1)
        half = HostileWorld(seed)
        for fact in world.delivered[:cut]:
            half.take_in(fact)

        new = HostileWorld(seed + 1, is_watched=True, state=replayed(chain.from_iterable(half.stored.values())))
        new.stored = half.stored
        new.canceled = {job.id for job in new.state.jobs.values() if job.canceled_by is not None}
        for order in resume_commands(new.state):
            new.pending.extend(new.answers[type(order)](order))
        for compute in COMPUTES:
            new.pending.append(facts.ComputeSized(compute, 2, 0))
        new.run()

        assert all(job.status.is_terminal for job in new.state.jobs.values()), f"seed {seed}"
