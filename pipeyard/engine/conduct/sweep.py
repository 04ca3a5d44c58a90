"""
The conductor of a sweep: begins trials, stops those that fall behind, and takes the best one's outputs.

In:       the node of a sweep; how its trials are, and what they log.
Out:      trials as child jobs; the outputs of the best one as the node's own.
Not here: which values, which trials to stop, which is the best (`sweep/`); what people see (`service/trials.py`).

Invariant: everything follows from the trials that are stored. Whom a policy stopped is seen in who canceled it,
when the sweep began in when its first trial was made, and which values come next in how many there are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from itertools import islice
from typing import Any

from pipeyard.engine.conduct.conduct import Conduct
from pipeyard.engine.conduct.ending import Ending, Taken
from pipeyard.engine.conduct.sweep_log import SweepLog, described, number
from pipeyard.engine.conduct.sweep_seed import seed_of
from pipeyard.graph.model import Given
from pipeyard.graph.sweep import TRIAL, Sweep, swept_inputs
from pipeyard.model.errors import ComputeError
from pipeyard.model.nearest import nearest
from pipeyard.model.record import JobRecord
from pipeyard.model.status import JobStatus
from pipeyard.model.sweep import Algorithm, SweptValue
from pipeyard.model.value import dataclass
from pipeyard.ports import ChildOrder, Tried
from pipeyard.sweep.rank import best_of, score_of
from pipeyard.sweep.sample import trials
from pipeyard.sweep.space import Values
from pipeyard.sweep.stop import Histories
from pipeyard.sweep.trial import STOPPED, TIMED_OUT, counts_as_stopped, was_stopped_by_policy
from pipeyard.sweep.watch import Watch, Watched

# Between two looks at what running trials logged.
_LOOK_SECONDS = 1.0
# So many trials are made together: each is stored durably, and one wait does for all.
_BEGUN_AT_ONCE = 32
_NAMES_SHOWN = 8


async def conduct_sweep(conduct: Conduct) -> Ending:
    """Run a sweep to its end."""
    return await _Conductor(conduct).run()


@dataclass(slots=True)
class _Trial:
    """One trial, as it is known."""

    index: int
    name: str
    values: Mapping[str, SweptValue]
    # None: it was begun just now, and nobody has looked at it since.
    record: JobRecord | None = None
    # What it logged of the primary metric, each with when.
    points: tuple[tuple[int, float], ...] = field(default=())

    @property
    def has_ended(self) -> bool:
        return self.record is not None and self.record.status.is_terminal

    @property
    def has_completed(self) -> bool:
        return self.record is not None and self.record.status is JobStatus.COMPLETED

    @property
    def history(self) -> tuple[float, ...]:
        return tuple(value for _, value in self.points)

    @property
    def watched(self) -> Watched:
        record = self.record
        is_judged = not self.has_ended or (record is not None and was_stopped_by_policy(record.status, record.error))
        return Watched(self.points, record.ended_at_ms if record is not None and self.has_ended else None, is_judged)

    @property
    def was_stopped(self) -> bool:
        """Return whether it ended before its time and ranks all the same."""
        return self.record is not None and counts_as_stopped(self.record.status, self.record.error)


class _Conductor:
    def __init__(self, conduct: Conduct) -> None:
        control = conduct.node.control
        assert isinstance(control, Sweep)
        self._conduct = conduct
        self._control = control
        self._spec = control.spec
        self._trials: dict[int, _Trial] = {}
        self._log = SweepLog(conduct)
        policy = self._spec.policy
        self._watch = Watch(policy, self._spec.objective.goal) if policy is not None else None
        self._seed = ""
        # Every trial's index and values, those that were begun before too.
        self._drawn: Iterator[tuple[int, Values]] = iter(())
        self._is_exhausted = False
        # By name, what is done when a trial has ended.
        self._ends: dict[str, asyncio.Future[None]] = {}
        # The index of the first trial: an earlier attempt had those before it.
        self._first = 0
        self._began_at_ms = conduct.world.clock.now_ms()

    @property
    def _total(self) -> int:
        total = self._spec.limits.total
        assert isinstance(total, int)
        return total

    @property
    def _concurrent(self) -> int:
        concurrent = self._spec.limits.concurrent
        return concurrent if isinstance(concurrent, int) else self._total

    async def run(self) -> Ending:
        await self._take_up()
        try:
            while True:
                await self._begin_more()
                if not self._running():
                    break
                if self._is_out_of_time():
                    await self._end_all()
                    break
                await self._wait()
        finally:
            for wait in self._ends.values():
                wait.cancel()
        return await self._ending()

    # --- trials ------------------------------------------------------------------------------

    async def _take_up(self) -> None:
        """Know the trials that an earlier server began."""
        self._first, own = await self._conduct.taken_up()
        for record in own:
            child = record.detail["child"]
            self._trials[child["index"]] = _Trial(child["index"], record.name, child.get("sampled") or {}, record)
            self._began_at_ms = min(self._began_at_ms, record.created_at_ms)
        self._seed = await seed_of(self._conduct, self._control)
        if self._spec.sampling.algorithm is not Algorithm.BAYESIAN:
            self._drawn = enumerate(trials(self._spec.space, self._spec.sampling, self._seed), self._first)
        if self._trials:
            self._log.say(f"the sweep goes on with {len(self._trials)} trials that were begun before")
            await self._read_metrics(self._trials.values())
        else:
            self._log.say(
                f"a sweep of at most {self._total} trials, {self._concurrent} at once: {described(self._spec)}"
            )

    def _running(self) -> list[_Trial]:
        return [trial for trial in self._trials.values() if not trial.has_ended]

    async def _begin_more(self) -> None:
        room = min(self._concurrent - len(self._running()), self._total - len(self._trials))
        while room > 0 and not self._is_exhausted and not self._is_out_of_time():
            begun = [_Trial(index, "", values) for index, values in await self._next_few(min(room, _BEGUN_AT_ONCE))]
            names = await asyncio.gather(*(self._conduct.begin(self._order(trial)) for trial in begun))
            for trial, name in zip(begun, names, strict=True):
                trial.name, self._trials[trial.index] = name, trial
            self._log.say(*(f"trial {one.index} ({one.name}) begins: {shown(one.values)}" for one in begun))
            room -= len(begun)

    async def _next_few(self, most: int) -> list[tuple[int, Values]]:
        """Return index and values of the next trials; fewer than asked for when every point of the space was tried."""
        if self._spec.sampling.algorithm is Algorithm.BAYESIAN:
            # Each is chosen with the one before it in mind.
            return [(self._first + len(self._trials), await self._suggested())]
        # Of trials that were begun together, a server that died may have stored any.
        missing = ((index, values) for index, values in self._drawn if index not in self._trials)
        wave = list(islice(missing, most))
        if len(wave) < most:
            self._is_exhausted = True
            self._log.say(f"every point of the search space is tried: {len(self._trials) + len(wave)} trials")
        return wave

    async def _suggested(self) -> Values:
        suggester = self._conduct.world.suggester
        if suggester is None:
            raise ComputeError("nobody here can choose values by `bayesian` sampling", code="no-suggester")
        goal = self._spec.objective.goal
        tried = [
            Tried(trial.values, score_of(goal, trial.history), is_running=not trial.has_ended)
            for trial in self._trials.values()
        ]
        seed, space = f"{self._seed}\n{len(tried)}", self._spec.space
        return dict(await self._conduct.read(lambda: suggester.suggest(space, goal, seed, tried)))

    def _order(self, trial: _Trial) -> ChildOrder:
        body = self._control.body.nodes[TRIAL]
        wanted = {bound.name for bound in body.inputs.values() if isinstance(bound, Given)}
        given = {name: value for name, value in self._conduct.values().items() if name in wanted}
        return ChildOrder(
            index=trial.index,
            attempt=self._conduct.key.attempt,
            values={**given, **swept_inputs(trial.values, body)},
            display_name=f"trial {trial.index}",
            detail={"sampled": dict(trial.values)},
        )

    # --- waiting -----------------------------------------------------------------------------

    async def _wait(self) -> None:
        """Return when a trial has ended, was stopped, or there is something to look at."""
        ended = await self._next_ended()
        # Without a policy nobody needs to know what a trial logs before it ends.
        watched = self._running() if self._spec.policy is not None else []
        await self._read_metrics([*ended, *watched])
        if ended:
            self._tell_ends(ended)
        await self._stop_behind()

    async def _next_ended(self) -> list[_Trial]:
        """Return the trials that have ended since the last time, as soon as there is one; none after a while."""
        running = {trial.name: trial for trial in self._running()}
        for name in running.keys() - self._ends.keys():
            self._ends[name] = self._conduct.end_of(name)
        waits = {self._ends[name]: name for name in running}
        done, _ = await asyncio.wait(waits, timeout=self._patience(), return_when=asyncio.FIRST_COMPLETED)
        for record in await self._conduct.children_named([waits[wait] for wait in done]) if done else ():
            self._ends.pop(record.name)
            running[record.name].record = record
        return [trial for trial in running.values() if trial.has_ended]

    def _patience(self) -> float | None:
        # When the time is over, what was canceled is waited for.
        left = self._seconds_left() or None
        if self._spec.policy is None:
            return left
        return _LOOK_SECONDS if left is None else min(left, _LOOK_SECONDS)

    def _seconds_left(self) -> float | None:
        timeout = self._spec.limits.timeout_seconds
        if not isinstance(timeout, float | int):
            return None
        return max(0.0, timeout - (self._conduct.world.clock.now_ms() - self._began_at_ms) / 1000)

    def _is_out_of_time(self) -> bool:
        return self._seconds_left() == 0.0

    async def _end_all(self) -> None:
        """Cancel what runs when the time of the whole sweep is over."""
        self._log.say(f"the sweep's time limit of {self._spec.limits.timeout_seconds:g} seconds is over")
        for trial in self._running():
            await self._conduct.cancel(trial.name, TIMED_OUT)
        while self._running():
            ended = await self._next_ended()
            await self._read_metrics(ended)
            self._tell_ends(ended)

    async def _read_metrics(self, trials_to_read: Iterable[_Trial]) -> None:
        tracking = self._conduct.world.tracking
        writers = {trial.index: _writer(trial) for trial in trials_to_read}
        if tracking is None or not writers:
            return
        names, key = sorted(set(writers.values())), self._spec.objective.metric
        found = await self._conduct.read(lambda: tracking.metric_history(names, key))
        for index, writer in writers.items():
            self._trials[index].points = tuple((point.timestamp_ms, point.value) for point in found.get(writer, ()))

    async def _stop_behind(self) -> None:
        if self._watch is None:
            return
        trials = {index: trial.watched for index, trial in self._trials.items()}
        for index, reason in self._watch.look(trials, self._conduct.world.clock.now_ms()).items():
            trial = self._trials[index]
            if trial.has_ended:
                # An earlier server stopped it for that.
                continue
            self._log.say(f"trial {index} ({trial.name}) is stopped early: {reason}")
            await self._conduct.cancel(trial.name, f"{STOPPED}: {reason}")

    def _histories(self) -> Histories:
        return {index: trial.history for index, trial in self._trials.items() if trial.history}

    def _tell_ends(self, ended: list[_Trial]) -> None:
        done, best = sum(trial.has_ended for trial in self._trials.values()), self._best()
        metric, goal = self._spec.objective.metric, self._spec.objective.goal
        lines = []
        for trial in ended:
            assert trial.record is not None
            score = score_of(goal, trial.history)
            logged = f"{metric} {number(score)}" if score is not None else f"it logged no {metric}"
            if trial.record.error is not None:
                logged = f"{trial.record.error.get('message')}; {logged}"
            note = ", the best so far" if trial.index == best else ""
            lines.append(f"trial {trial.index} ({trial.name}) is {trial.record.status.value}: {logged}{note}")
        self._log.say(*lines, f"{done} of at most {self._total} trials are done")

    # --- the end -----------------------------------------------------------------------------

    def _best(self) -> int | None:
        completed = [index for index, trial in self._trials.items() if trial.has_completed]
        stopped = [index for index, trial in self._trials.items() if trial.was_stopped]
        return best_of(self._spec.objective.goal, self._histories(), completed, stopped)

    async def _ending(self) -> Ending:
        best = self._best()
        self._conduct.note(trials={"total": len(self._trials), **self._counts()})
        if best is None:
            return Ending(error=await self._why_none())
        trial, goal = self._trials[best], self._spec.objective.goal
        assert trial.record is not None
        score = score_of(goal, trial.history)
        self._conduct.note(best_trial={"index": best, "name": trial.name, "score": score, "values": dict(trial.values)})
        text = f"the best of {len(self._trials)} trials is {best} ({trial.name}): {self._spec.objective.metric} {number(score)}"
        self._log.say(f"{text}, with {shown(trial.values)}")
        if not self._conduct.node.outputs:
            return Ending()
        if not trial.has_completed:
            return Ending(
                error={
                    "code": "no-trial-completed",
                    "message": f"no trial ran to its end, so that there are no outputs to take; {self._counted()}",
                }
            )
        found = await self._conduct.outputs_of(trial.record)
        taken: dict[str, Taken] = {name: found[name] for name in self._conduct.node.outputs if name in found}
        return Ending(taken=taken)

    def _counted(self) -> str:
        """Return how the trials ended, in words."""
        return ", ".join(f"{count} {word}" for word, count in self._counts().items() if count) or "there was none"

    def _counts(self) -> dict[str, int]:
        failed = [trial for trial in self._trials.values() if trial.record and trial.record.status is JobStatus.FAILED]
        canceled = [trial for trial in self._trials.values() if trial.has_ended and not trial.has_completed]
        return {
            "completed": sum(trial.has_completed for trial in self._trials.values()),
            "failed": len(failed),
            "canceled": len(canceled) - len(failed),
        }

    async def _why_none(self) -> Mapping[str, Any]:
        """Return why no trial is the best."""
        metric = self._spec.objective.metric
        completed = [trial for trial in self._trials.values() if trial.has_completed]
        if not completed:
            failed = [
                trial for trial in self._trials.values() if trial.record and trial.record.status is JobStatus.FAILED
            ]
            error = (failed[0].record.error or {}) if failed and failed[0].record else {}
            first = f"; trial {failed[0].index} ({failed[0].name}): {error.get('message')}" if failed else ""
            over = " in time" if self._is_out_of_time() else ""
            message = f"no trial completed{over}: {self._counted()}{first}"
            return {"code": "no-trial-completed", "message": message, "last_lines": error.get("last_lines")}
        names = await self._logged_names([_writer(trial) for trial in completed])
        close = nearest(metric, names)
        instead = f"; they logged {_listed(names)}" if names else "; they logged no metrics at all"
        hint = f" (did you mean `{close}`?)" if close else ""
        return {
            "code": "metric-never-logged",
            "message": f"none of {len(completed)} trials that completed logged the metric `{metric}`{hint}{instead}",
        }

    async def _logged_names(self, writers: list[str]) -> list[str]:
        tracking = self._conduct.world.tracking
        if tracking is None:
            return []
        found = await self._conduct.read(lambda: tracking.metrics_of(writers))
        return sorted({summary.key for summaries in found.values() for summary in summaries})


def _writer(trial: _Trial) -> str:
    # What an earlier job did in its stead, it logged under its own name.
    return trial.record.writer if trial.record is not None else trial.name


def _listed(names: list[str]) -> str:
    more = len(names) - _NAMES_SHOWN
    return ", ".join(f"`{name}`" for name in names[:_NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")


def shown(values: Mapping[str, SweptValue]) -> str:
    """Return values as a person reads them."""
    texts = (f"{name}={value:g}" if isinstance(value, float) else f"{name}={value}" for name, value in values.items())
    return " ".join(", ".join(texts).splitlines())
