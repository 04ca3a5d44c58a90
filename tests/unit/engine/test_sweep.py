"""How a sweep is conducted, with trials that are only told of."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import SimpleNamespace

import pytest

from pipeyard.engine.conduct.conduct import Conduct
from pipeyard.engine.conduct.sweep import conduct_sweep
from pipeyard.graph.expand import expand
from pipeyard.graph.model import Graph
from pipeyard.model.record import JobRecord
from pipeyard.model.status import JobStatus
from pipeyard.model.tracking import MetricPoint
from pipeyard.spec.decode import decode_job
from pipeyard.spec.document import document_of
from pipeyard.sweep.trial import STOPPED, TIMED_OUT

pytestmark = pytest.mark.anyio


def graph_of(**more) -> Graph:
    """Return the graph of a sweep over a grid of five values, two at once."""
    document = {
        "type": "sweep",
        "trial": {"command": "./train ${{search_space.x}}", "environment": "local"},
        "sampling_algorithm": "grid",
        "search_space": {"x": {"type": "choice", "values": [5, 4, 3, 2, 1]}},
        "objective": {"goal": "minimize", "primary_metric": "loss"},
        "limits": {"max_total_trials": 5, "max_concurrent_trials": 2},
        **more,
    }
    job, _ = decode_job(document_of(document, source=""))
    graph, problems = expand(job, {})
    assert isinstance(graph, Graph), problems
    return graph


class Trials:
    """A `Conduct` and the world behind it: trials end when they are told to."""

    def __init__(self, graph: Graph, tmp_path) -> None:
        self.now_ms = 1000
        self.records: dict[str, JobRecord] = {}
        self.logged: dict[str, list[float]] = {}
        self.said: list[str] = []
        self.noted: dict = {}
        self.canceled: dict[str, str] = {}
        self._ends: dict[str, asyncio.Event] = {}
        self.node = graph.nodes[""]
        self.key = SimpleNamespace(job_name="s", attempt=1)
        self.book = SimpleNamespace(graph=graph, workspace="default", root=SimpleNamespace(name="s", detail={}))
        self.world = SimpleNamespace(
            clock=SimpleNamespace(now_ms=lambda: self.now_ms),
            datastores=SimpleNamespace(local_path=lambda *_: tmp_path / "logs" / "hyperdrive.txt"),
            tracking=self,
            store=None,
            suggester=None,
        )

    # --- what the conductor asks for ---

    def values(self):
        return {}

    async def children(self):
        return list(self.records.values())

    taken_up = Conduct.taken_up

    async def children_named(self, names):
        return [self.records[name] for name in names]

    async def begin(self, order):
        name = f"s_{order.index}"
        self._ends[name] = asyncio.Event()
        child = {"index": order.index, "attempt": order.attempt, **order.detail}
        self.records[name] = record(name, child, self.now_ms)
        return name

    def end_of(self, name):
        return asyncio.ensure_future(self._ends[name].wait())

    async def cancel(self, name, by="pipeyard"):
        if self.records[name].status.is_terminal:
            return
        self.canceled[name] = by
        self.end(name, status=JobStatus.CANCELED, error={"code": "canceled", "by": by})

    async def read(self, work):
        return work()

    def metric_history(self, runs, _key):
        points = {run: self.logged[run] for run in runs if run in self.logged}
        return {run: [MetricPoint(value, 0, 0) for value in values] for run, values in points.items()}

    def metrics_of(self, _runs):
        return {}

    def say(self, *lines):
        self.said += lines

    def note(self, **detail):
        self.noted |= detail

    # --- what a test says ---

    def running(self):
        return sorted(name for name, one in self.records.items() if not one.status.is_terminal)

    def end(self, name, *losses, status=JobStatus.COMPLETED, error=None):
        self.logged.setdefault(name, []).extend(losses)
        self.records[name] = self.records[name].with_(status=status, error=error)
        self._ends[name].set()


def record(name, child, at_ms):
    return JobRecord(
        workspace="default",
        name=name,
        root_name=name,
        parent_name="s",
        kind="command",
        node_id="",
        position=child["index"],
        display_name=name,
        experiment_name="e",
        status=JobStatus.RUNNING,
        created_at_ms=at_ms,
        created_by="ann",
        detail={"child": child},
    )


async def until(is_so):
    """Return when something is so."""
    for _ in range(10_000):
        if is_so():
            return
        await asyncio.sleep(0)
    pytest.fail("it never came to that")


async def settle(trials, count):
    """Return when so many trials run."""
    await until(lambda: len(trials.running()) == count)


async def test_no_more_trials_run_than_may_and_the_best_is_kept(tmp_path):
    """A trial begins when another has ended; the sweep ends when every point was tried."""
    trials = Trials(graph_of(), tmp_path)
    work = asyncio.ensure_future(conduct_sweep(trials))
    seen = []
    for number in range(5):
        await settle(trials, min(2, 5 - number))
        seen.append(trials.running())
        trials.end(f"s_{number}", float(number == 3), 9.0)
    ending = await work

    assert seen == [["s_0", "s_1"], ["s_1", "s_2"], ["s_2", "s_3"], ["s_3", "s_4"], ["s_4"]]
    assert ending.error is None
    assert trials.noted["best_trial"] == {"index": 0, "name": "s_0", "score": 0.0, "values": {"x": 5}}


async def test_a_new_conductor_goes_on_with_the_trials_that_there_are(tmp_path):
    """It knows them from the store, begins those that are missing, and none twice."""
    trials = Trials(graph_of(), tmp_path)
    first = asyncio.ensure_future(conduct_sweep(trials))
    await settle(trials, 2)
    first.cancel()
    await asyncio.wait({first})
    trials.end("s_1", 0.5)
    second = asyncio.ensure_future(conduct_sweep(trials))
    for name in ("s_0", "s_2", "s_3", "s_4"):
        await until(lambda name=name: name in trials.records)
        trials.end(name, 1.0)
    await second

    assert [one.detail["child"]["sampled"]["x"] for one in trials.records.values()] == [5, 4, 3, 2, 1]
    assert trials.noted["best_trial"]["name"] == "s_1"


async def test_a_trial_that_a_dying_server_left_out_is_made_up_for(tmp_path):
    """Of trials that were begun together any may have been stored; the others get the values that were meant."""
    trials = Trials(graph_of(), tmp_path)
    await trials.begin(SimpleNamespace(index=1, attempt=1, detail={"sampled": {"x": 4}}))
    work = asyncio.ensure_future(conduct_sweep(trials))
    await settle(trials, 2)
    work.cancel()
    await asyncio.wait({work})

    assert {name: one.detail["child"]["sampled"] for name, one in trials.records.items()} == {
        "s_1": {"x": 4},
        "s_0": {"x": 5},
    }


async def test_a_sweep_that_is_out_of_time_keeps_its_best(tmp_path):
    """What runs is canceled, nothing begins, and what completed in time counts."""
    trials = Trials(graph_of(limits={"max_total_trials": 5, "max_concurrent_trials": 2, "timeout": 60}), tmp_path)
    work = asyncio.ensure_future(conduct_sweep(trials))
    await settle(trials, 2)
    trials.now_ms += 60_000
    trials.end("s_0", 3.0)
    ending = await work

    assert ending.error is None
    assert (len(trials.records), trials.canceled) == (2, {"s_1": TIMED_OUT})
    assert trials.noted["best_trial"]["name"] == "s_0"


async def test_a_policy_names_its_reason_to_the_trial_that_it_ends(tmp_path):
    """Who canceled a trial is stored with it, so that it is known after any restart why it was stopped."""
    policy = {"type": "bandit", "slack_amount": 1}
    trials = Trials(graph_of(early_termination=policy), tmp_path)
    work = asyncio.ensure_future(conduct_sweep(trials))
    await settle(trials, 2)
    trials.logged["s_1"] = [5.0]
    trials.end("s_0", 1.0)
    await until(lambda: "s_1" in trials.canceled)
    work.cancel()
    await asyncio.wait({work})

    assert trials.canceled["s_1"].startswith(f"{STOPPED}: its best, 5, was above 2")


async def test_a_resumed_sweep_draws_what_the_first_one_drew(tmp_path):
    """So its trials that completed are found; a new sweep, or one that is run again, tries other values."""
    space = {"x": {"type": "uniform", "min_value": 0, "max_value": 1}}
    earlier = {"first": SimpleNamespace(name="first", workspace="default", detail={})}
    drawn = []
    for detail in (None, {"source": "first", "rerun": []}, {"source": "first", "rerun": [""]}):
        trials = Trials(graph_of(sampling_algorithm="random", search_space=space), tmp_path)
        plan = {} if detail is None else {"reuse_plan": detail}
        name = "first" if detail is None else "second"
        trials.book.root = SimpleNamespace(name=name, workspace="default", detail=plan)
        trials.world.store = SimpleNamespace(load_job=lambda _, name: earlier[name])
        work = asyncio.ensure_future(conduct_sweep(trials))
        await settle(trials, 2)
        work.cancel()
        await asyncio.wait({work})
        drawn.append([one.detail["child"]["sampled"] for one in trials.records.values()])

    assert drawn[0] == drawn[1] != drawn[2]


async def test_a_stopped_trial_gives_no_step_its_outputs(tmp_path):
    """When every trial was stopped there is a best one, and still nothing that a step could read."""
    graph = graph_of(outputs={"model": {"type": "uri_folder"}}, search_space={"x": {"type": "choice", "values": [1]}})
    trials = Trials(graph, tmp_path)
    work = asyncio.ensure_future(conduct_sweep(trials))
    await settle(trials, 1)
    trials.end("s_0", 1.0, status=JobStatus.FAILED, error={"code": "timed-out"})
    ending = await work

    assert ending.error is not None
    assert ending.error["code"] == "no-trial-completed"
    assert replace(ending, error=None).taken == {}
