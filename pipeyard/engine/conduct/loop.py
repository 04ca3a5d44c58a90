"""
The conductor of a `do_while`: runs its body again as long as that says so.

In:       the node of a loop; what each run of the body leaves.
Out:      runs as child jobs, one after the other; the outputs of the last one as the node's own.
Not here: which output becomes which input (`graph/repeat.py` checked it).

Invariant: everything follows from the runs that are stored. After a restart those are read again, in their
order, and the one that was under way is waited for.
"""

from __future__ import annotations

from pipeyard.engine.conduct.conduct import Conduct
from pipeyard.engine.conduct.ending import Ending
from pipeyard.engine.conduct.runs import Value, as_value, checked, failure_of, made_by, taken
from pipeyard.graph.flow import Loop
from pipeyard.model.errors import ComputeError
from pipeyard.model.record import JobRecord, OutputRecord
from pipeyard.ports import ChildOrder


async def conduct_loop(conduct: Conduct) -> Ending:
    """Run a loop to its end."""
    return await _Conductor(conduct).run()


class _Conductor:
    def __init__(self, conduct: Conduct) -> None:
        control = conduct.node.control
        assert isinstance(control, Loop)
        self._conduct = conduct
        self._control = control
        self._ports = conduct.node.component.inputs
        self._known: dict[int, JobRecord] = {}
        # The index of the first run: an earlier attempt had those before it.
        self._first = 0

    async def run(self) -> Ending:
        await self._take_up()
        conduct, control = self._conduct, self._control
        values = checked(conduct.values(), self._ports, "the first iteration")
        iteration = 0
        while True:
            iteration += 1
            child = await self._iterate(iteration, values)
            error = failure_of(child, f"iteration {iteration}", "iteration-failed")
            if error is not None:
                conduct.say(str(error["message"]))
                return Ending(error)
            made = await made_by(conduct, child)
            goes_on = self._goes_on(made, iteration)
            conduct.note(progress={"done": iteration, "total": control.iterations_max, "of": "iteration"})
            if not goes_on or iteration >= control.iterations_max:
                self._say_end(iteration, goes_on=goes_on)
                return Ending(taken=taken(made))
            values |= self._fed(made, iteration)

    async def _take_up(self) -> None:
        self._first, own = await self._conduct.taken_up()
        self._known = {child.detail["child"]["index"]: child for child in own}
        if own:
            self._conduct.say(f"the loop goes on with iteration {len(own)}, which was begun before")

    async def _iterate(self, iteration: int, values: dict[str, Value]) -> JobRecord:
        """Return one run of the body when it has ended."""
        conduct, index = self._conduct, self._first + iteration - 1
        known = self._known.get(index)
        if known is not None and known.status.is_terminal:
            return known
        if known is None:
            order = ChildOrder(
                index=index,
                attempt=conduct.key.attempt,
                values=values,
                display_name=f"iteration {iteration}",
                detail={"iteration": iteration},
            )
            name = await conduct.begin(order)
            conduct.say(f"iteration {iteration} of at most {self._control.iterations_max} begins ({name})")
        else:
            name = known.name
        conduct.note(progress={"done": iteration - 1, "total": self._control.iterations_max, "of": "iteration"})
        await conduct.ended({name})
        return await conduct.child(name)

    def _goes_on(self, made: dict[str, OutputRecord], iteration: int) -> bool:
        row = made.get(self._control.condition)
        if row is None or not isinstance(row.value, bool):
            raise ComputeError(
                f"iteration {iteration} left no output `{self._control.condition}`", code="missing-output"
            )
        return row.value

    def _fed(self, made: dict[str, OutputRecord], iteration: int) -> dict[str, Value]:
        fed = {}
        for output, inputs in self._control.mapping.items():
            row = made.get(output)
            if row is None:
                raise ComputeError(f"iteration {iteration} left no output `{output}`", code="missing-output")
            for name in inputs:
                fed[name] = as_value(row, name, self._ports.get(name), f"iteration {iteration}")
        return fed

    def _say_end(self, iteration: int, *, goes_on: bool) -> None:
        condition = self._control.condition
        if goes_on:
            self._conduct.say(f"ends after {iteration} iterations, the most there may be; `{condition}` is still true")
        else:
            self._conduct.say(f"ends after iteration {iteration}: `{condition}` is false")
