"""
The scheduler and the engine's reuse under a seeded world that forgets, fails, frees and dies.

What is real: `advance`, `Reusing` with its twins, `resume_commands`. The world around them
answers look-ups late, spoils results, frees them while somebody looks, loses attempts,
and kills the engine before and after any batch is stored. Set `PIPEYARD_TEST_SIM_SEEDS` for a longer run.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from contextlib import suppress
from types import SimpleNamespace

import pytest

from pipeyard.engine.lookup import Answer
from pipeyard.engine.reusing import Reusing
from pipeyard.model.reuse import ResultRecord
from pipeyard.reuse.choice import Policy
from pipeyard.scheduler import command as orders
from pipeyard.scheduler import event as facts
from pipeyard.scheduler.invariants import check_invariants
from pipeyard.scheduler.machine import advance, new_state
from pipeyard.scheduler.recover import resume_commands
from pipeyard.scheduler.state import NOT_BEGUN, TERMINAL, NodeMove, NodeState

SEEDS = int(os.environ.get("PIPEYARD_TEST_SIM_SEEDS", "400"))
BATCHES = 4
STEPS_MAX = 4000


@pytest.fixture(autouse=True)
def _few_together(monkeypatch):
    """Have what is asked for at once answered in several calls, between which anything may happen."""
    monkeypatch.setattr("pipeyard.engine.reusing.TOGETHER", 2)


class Later:
    """What a thread will say; the world decides when it looks, and when it is heard."""

    def __init__(self, work):
        self.work = work
        self.result = None
        self.has_looked = False

    def __await__(self):
        yield self
        return self.result

    def look(self):
        self.result, self.has_looked = self.work(), True


class Batch:
    """What one turn wants stored, and done afterwards."""

    def __init__(self):
        self.events, self.commands, self.gone = [], [], []
        self.led, self.found = {}, {}


class World:
    """Jobs with equal steps, a store that keeps whole batches or nothing, and processes that outlive engines."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.now_ms = 0
        self.keys = {}
        # Durable: facts by job, who completed under a key, and who decided to run under one.
        self.log = {}
        self.results = {}
        self.led = {}
        # The truth about processes and about files, whoever serves.
        self.processes = {}
        self.begun = Counter()
        self.files = set()
        self.sources = {}
        self.deaths = 0
        self.inbox = []
        self.orders = []
        for number in range(self.random.randint(1, 3)):
            self.submit(f"job{number}")
        self.wake()

    def submit(self, name):
        nodes = []
        for position in range(self.random.randint(1, 6)):
            earlier = [node.id for node in nodes]
            nodes.append(
                facts.NodeOrder(
                    id=f"n{position}",
                    upstream=tuple(self.random.sample(earlier, self.random.randint(0, min(2, len(earlier))))),
                    compute="cpu",
                    tries_max=self.random.choice((1, 2, 3)),
                    retry_when=self.random.choice(((), ("lost",), ("failed",), (1,))),
                )
            )
            self.keys[name, f"n{position}"] = self.random.choice("abc")
        self.log[name] = [facts.JobSubmitted(name, 0, tuple(nodes), self.random.random() < 0.7)]

    def wake(self):
        """Begin with a new engine, from what is durable."""
        self.state = new_state()
        self.calls = []
        self.inbox = []
        self.reusing = Reusing(
            SimpleNamespace(clock=SimpleNamespace(now_ms=lambda: self.now_ms), contents=None),
            SimpleNamespace(lookers=None, readers=None, run=lambda _group, work: Later(work)),
            {name: book(name, submitted[0].nodes) for name, submitted in self.log.items()},
            self.inbox.append,
            begin=self.begin,
            is_checking=lambda job, node: self.state.jobs[job].nodes[node].state is NodeState.CHECKING,
        )
        self.reusing._look_up = self
        for events in self.log.values():
            for event in events:
                advance(self.state, event)
        check_invariants(self.state)
        for (job, node), key in self.led.items():
            if self.state.jobs[job].nodes[node].state not in TERMINAL:
                self.reusing.lead(job, node, key)
        self.carry_out(resume_commands(self.state))
        advance(self.state, facts.ComputeSized("cpu", 0, self.now_ms))
        self.inbox.append(SimpleNamespace(fact=facts.ComputeSized("cpu", self.random.randint(1, 3), self.now_ms)))

    def begin(self, call):
        self.calls.append((call, call.send(None)))

    # --- the engine's loop -------------------------------------------------------------------

    def run(self):
        """Let things happen in any order until every job has ended."""
        for _ in range(STEPS_MAX):
            self.now_ms += 1
            if all(job.status.is_terminal for job in self.state.jobs.values()):
                return
            chance = self.random.random()
            if self.calls and chance < 0.4:
                self.look_or_hear()
            elif chance < 0.5:
                self.mischief()
            elif self.inbox:
                self.turn()
            elif not self.calls:
                self.supervise()
        raise AssertionError("the jobs never end")

    def look_or_hear(self):
        """Somebody who looks up looks, or is heard."""
        index = self.random.randrange(len(self.calls))
        call, later = self.calls[index]
        if not later.has_looked:
            later.look()
            return
        del self.calls[index]
        with suppress(StopIteration):
            # Otherwise there are more to be looked up.
            self.calls.append((call, call.send(None)))

    def turn(self):
        """Take some facts in, store what follows, act on it; die anywhere between."""
        turn = Batch()
        for _ in range(self.random.randint(1, 4)):
            if self.inbox:
                index = 0 if self.random.random() < 0.8 else self.random.randrange(len(self.inbox))
                news = self.inbox.pop(index)
                if self.random.random() < 0.1:
                    self.inbox.append(news)
                self.take_in(news, turn)
        early = [order for order in turn.commands if isinstance(order, (orders.LookUpReuse, orders.StoreOutputs))]
        self.carry_out(early)
        if self.random.random() < 0.04:
            self.die()
            return
        self.make_durable(turn)
        if self.random.random() < 0.04:
            self.die()
            return
        self.carry_out([order for order in turn.commands if order not in early])
        self.reusing.ended([(move.job, move.node) for move in turn.gone])

    def take_in(self, news, turn):
        """Advance by one fact and check every law."""
        fact = news.fact
        commands, moves, is_news = advance(self.state, fact)
        check_invariants(self.state)
        assert advance(self.state, fact).moves == [], "a doubled fact changed something"
        turn.commands += commands
        if is_news and not isinstance(fact, facts.ComputeSized):
            turn.events.append(fact)
            if isinstance(fact, facts.ReuseMissed) and news.reuse.result is not None:
                turn.led[fact.job, fact.node] = news.reuse.result.key
            if isinstance(fact, facts.ReuseFound):
                turn.found[fact.job, fact.node] = fact.source_job
        for move in moves:
            if isinstance(move, NodeMove) and move.after is NodeState.PREPARING:
                turn.events.append(facts.SlotsTaken(move.job, move.node, move.attempt, self.now_ms))
            if isinstance(move, NodeMove) and move.after in TERMINAL:
                turn.gone.append(move)
        self.check_twins()

    def make_durable(self, turn):
        """Store a whole batch."""
        for event in turn.events:
            self.log[event.job].append(event)
        self.led |= turn.led
        self.sources |= turn.found
        for source in turn.found.values():
            assert source in self.files, "a result stands for a step, and its files are gone"
        for move in turn.gone:
            if move.after is NodeState.COMPLETED and (move.job, move.node) not in self.sources:
                self.results.setdefault(self.keys[move.job, move.node], []).append(f"{move.job}-{move.node}")

    def die(self):
        """The engine is gone with everything that it had not stored."""
        self.deaths += 1
        self.wake()

    def check_twins(self):
        """Of equal steps, at most one is on its way."""
        on_the_way = Counter(
            self.keys[job.id, node.order.id]
            for job in self.state.jobs.values()
            for node in job.nodes.values()
            if node.state not in TERMINAL and node.state not in NOT_BEGUN
        )
        assert all(count == 1 for count in on_the_way.values()), "two equal steps run at once"

    # --- the world -----------------------------------------------------------------------------

    def answer(self, asked, *, in_passing, known):
        """Look results up, as `LookUp` does: what is there at this moment."""
        answers = []
        for one in asked:
            key = self.keys[one.book.name, one.node]
            sound = [name for name in self.results.get(key, ()) if name in self.files]
            answer = Answer(one, Policy(takes_planned=False, takes_any=True), key=key, may_give=True)
            if in_passing and self.random.random() < 0.1:
                answer.needs_time = True
            elif sound:
                answer.found = ResultRecord("w", key, sound[-1], "r", "n", "s", 0, {}, is_reusable=True)
            answers.append(answer)
        return answers

    def let_go(self, job_name):
        """Nothing is remembered between two look-ups."""

    def carry_out(self, commands):
        for order in commands:
            if isinstance(order, orders.LookUpReuse):
                self.reusing.add(order.job, order.node)
            elif isinstance(order, orders.RecordReuse):
                continue
            else:
                name = (order.job, order.node, order.attempt)
                for fact in ANSWERS[type(order)](self, name):
                    self.inbox.append(SimpleNamespace(fact=fact))
        self.reusing.hand_over()

    def launch(self, name):
        if name not in self.processes:
            self.begun[name] += 1
            self.processes[name] = self.random.choice((0, 0, 0, 1, None))
            yield facts.AttemptStarted(*name, self.now_ms)
        if self.random.random() < 0.9:
            yield self.end_of(name)

    def end_of(self, name):
        code = self.processes[name]
        if code is None:
            return facts.AttemptLost(*name, self.now_ms, "gone")
        return facts.AttemptExited(*name, self.now_ms, code)

    def ask(self, name):
        if name in self.processes:
            yield self.end_of(name)
        else:
            yield facts.AttemptUnknown(*name, self.now_ms)

    def stop(self, name):
        self.processes.setdefault(name, None)
        yield self.end_of(name)

    def store(self, name):
        self.files.add(f"{name[0]}-{name[1]}")
        if self.random.random() < 0.1:
            yield facts.OutputsNotStored(*name, self.now_ms, {"code": "store", "message": "disk full"})
        else:
            yield facts.OutputsStored(*name, self.now_ms)

    def timer(self, name):
        yield facts.RetryDue(*name, self.now_ms)

    def supervise(self):
        """What is noticed when everybody is quiet."""
        for job in self.state.jobs.values():
            for node in job.nodes.values():
                if node.state not in TERMINAL and node.state not in NOT_BEGUN:
                    name = (job.id, node.order.id, node.attempt)
                    for fact in self.ask(name) if node.state is not NodeState.FINALIZING else self.store(name):
                        self.inbox.append(SimpleNamespace(fact=fact))

    def mischief(self):
        """A cancel, or results that are spoilt or freed: never those that somebody holds."""
        if self.random.random() < 0.1:
            name = self.random.choice(list(self.log))
            self.inbox.append(SimpleNamespace(fact=facts.CancelAsked(name, self.now_ms, "ann")))
            return
        free = sorted(self.files - self.held())
        if free and self.random.random() < 0.3:
            victim = self.random.choice(free)
            # As `pipeyard gc` does: held back first, so that no answer that is on its way takes it.
            self.reusing.hold_back(frozenset({victim}))
            self.files.discard(victim)
            self.reusing.let_go()

    def held(self):
        """Return what jobs under way have: their own outputs, those that they reuse, and answers taken already."""
        own = {f"{job}-{node.id}" for job, events in self.log.items() for node in events[0].nodes}
        told = {news.fact.source_job for news in self.inbox if isinstance(news.fact, facts.ReuseFound)}
        live = {job.id for job in self.state.jobs.values() if not job.status.is_terminal}
        return {name for name in own if name.partition("-")[0] in live} | told


ANSWERS = {
    orders.LaunchAttempt: World.launch,
    orders.AskCompute: World.ask,
    orders.StopAttempt: World.stop,
    orders.StoreOutputs: World.store,
    orders.StartTimer: World.timer,
}


def book(name, nodes):
    """Return as much of a job's book as looking up reads."""
    return SimpleNamespace(
        name=name,
        workspace="w",
        graph=SimpleNamespace(nodes={node.id: SimpleNamespace(control=None) for node in nodes}),
        pages={node.id: SimpleNamespace(job_name=f"{name}-{node.id}") for node in nodes},
        root=SimpleNamespace(experiment_name="e", detail={}),
    )


@pytest.mark.parametrize("batch", range(BATCHES))
def test_equal_steps_run_once_whatever_happens(batch):
    """Every job ends, no attempt begins twice, no two equal steps run at once, nothing freed is ever taken."""
    reused = deaths = 0
    for seed in range(batch * SEEDS // BATCHES, (batch + 1) * SEEDS // BATCHES):
        world = World(seed)
        try:
            world.run()
        except AssertionError as problem:
            raise AssertionError(f"seed {seed}: {problem}") from problem
        assert all(times == 1 for times in world.begun.values()), f"seed {seed}"
        reused += len(world.sources)
        deaths += world.deaths
    assert reused
    assert deaths


def test_the_log_alone_tells_the_story():
    """Replayed from what was stored, every job stands where it stood."""
    for seed in range(40):
        world = World(seed)
        world.run()
        before = {job.id: job.status for job in world.state.jobs.values()}
        world.die()

        assert {job.id: job.status for job in world.state.jobs.values()} == before, f"seed {seed}"
