"""
The conductor of a `parallel_for`: runs its body once for each item, several at a time.

In:       the node of a `parallel_for`; its items, written out or in a text that a step wrote.
Out:      runs as child jobs; tables of the data that they wrote, and texts with the values.
Not here: which input an item gives (`graph/repeat.py` checked it for those that are written out).

Invariant: everything follows from the runs that are stored: the run with index n is that of item n.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeyard.engine.conduct.conduct import Conduct
from pipeyard.engine.conduct.ending import Ending
from pipeyard.engine.conduct.runs import Value, checked, failure_of, made_by
from pipeyard.graph.flow import ITEMS, ForEach
from pipeyard.graph.model import Data, Literal
from pipeyard.launch.output_path import plan_outputs
from pipeyard.model.assets import DataUri
from pipeyard.model.component import Scalar
from pipeyard.model.diagnostic import Place
from pipeyard.model.errors import ComputeError
from pipeyard.model.record import JobRecord, OutputRecord
from pipeyard.model.types import InputMode
from pipeyard.model.value import dataclass
from pipeyard.ports import ChildOrder
from pipeyard.spec.items import ItemsProblem, parse_items
from pipeyard.spec.reference import parse_datastore_uri

# At once where nobody says how many: more than any machine here has slots, and few enough to look after.
_AT_ONCE = 64


async def conduct_items(conduct: Conduct) -> Ending:
    """Run a `parallel_for` to its end."""
    return await _Conductor(conduct).run()


@dataclass(frozen=True, slots=True)
class _Item:
    label: str
    values: Mapping[str, Value]


class _Conductor:
    def __init__(self, conduct: Conduct) -> None:
        control = conduct.node.control
        assert isinstance(control, ForEach)
        self._conduct = conduct
        self._control = control
        self._ports = conduct.node.component.inputs
        self._items: list[_Item] = []
        # Runs that have ended, by the number of their item.
        self._ended: dict[int, JobRecord] = {}
        # Those under way, by name.
        self._running: dict[str, int] = {}
        # The index of the first run: an earlier attempt had those before it.
        self._first = 0

    async def run(self) -> Ending:
        self._items = list(self._all_items())
        await self._take_up()
        while True:
            await self._begin_more()
            self._note()
            if not self._running:
                return await self._ending()
            for name in await self._conduct.ended(self._running):
                number = self._running.pop(name)
                child = self._ended[number] = await self._conduct.child(name)
                self._conduct.say(f"{self._words(number)} is {child.status.value} ({name})")

    # --- items -------------------------------------------------------------------------------

    def _all_items(self) -> list[_Item]:
        values = self._conduct.values()
        shared = {name: value for name, value in values.items() if name in self._ports}
        if self._control.items:
            found = [
                _Item(item.label, {name: values[own] for name, own in item.inputs.items() if own in values})
                for item in self._control.items
            ]
        else:
            found = self._later_items(values[ITEMS])
        return [_Item(item.label, self._complete(item, shared)) for item in found]

    def _later_items(self, text: Value) -> list[_Item]:
        assert isinstance(text, Literal)
        found = parse_items(str(text.value))
        if isinstance(found, ItemsProblem):
            raise ComputeError(f"the text of `items` {found.message}", code="bad-items")
        return [
            _Item(label, {name: self._as_written(label, name, value) for name, value in item.items()})
            for label, item in found
        ]

    def _as_written(self, label: str, name: str, value: Scalar) -> Value:
        port = self._ports.get(name)
        if port is None:
            known = ", ".join(f"`{one}`" for one in self._ports)
            raise ComputeError(
                f"item `{label}` gives `{name}`, which is no input of the body",
                code="bad-items",
                hint=f"its inputs are {known}",
            )
        if port.type.is_literal:
            return Literal(value)
        uri = parse_datastore_uri(value) if isinstance(value, str) else None
        if uri is None:
            raise ComputeError(
                f"item `{label}` gives `{name}`, which takes data, no URI of a datastore",
                code="bad-items",
                hint="such as azureml://datastores/workspaceblobstore/paths/folder",
            )
        return Data(DataUri(str(uri)), port.type, port.mode or InputMode.RO_MOUNT, Place())

    def _complete(self, item: _Item, shared: Mapping[str, Value]) -> dict[str, Value]:
        values = {**shared, **item.values}
        for name, port in self._ports.items():
            if name not in values and port.default is not None:
                values[name] = Literal(port.default)
            elif name not in values and port.is_required and not port.is_derived:
                raise ComputeError(f"item `{item.label}` gives no `{name}`, which the body requires", code="bad-items")
        return checked(values, self._ports, f"item `{item.label}`")

    # --- runs --------------------------------------------------------------------------------

    async def _take_up(self) -> None:
        # Item n has the index first + n, whichever was begun first.
        self._first, own = await self._conduct.taken_up()
        for child in own:
            number = child.detail["child"]["index"] - self._first
            if child.status.is_terminal:
                self._ended[number] = child
            else:
                self._running[child.name] = number
        if own:
            self._conduct.say(f"goes on with {len(self._ended)} of {len(self._items)} items done before")
        else:
            self._conduct.say(f"{len(self._items)} items, at most {min(self._at_once, len(self._items))} at once")

    @property
    def _at_once(self) -> int:
        return self._control.concurrency_max or _AT_ONCE

    async def _begin_more(self) -> None:
        if self._has_failed() and not self._conduct.book.graph.continue_on_step_failure:
            return
        begun = {*self._ended, *self._running.values()}
        waiting = [number for number in range(len(self._items)) if number not in begun]
        few = waiting[: max(0, self._at_once - len(self._running))]
        names = await asyncio.gather(*(self._conduct.begin(self._order(number)) for number in few))
        for number, name in zip(few, names, strict=True):
            self._running[name] = number
            self._conduct.say(f"{self._words(number)} begins ({name})")

    def _order(self, number: int) -> ChildOrder:
        item = self._items[number]
        return ChildOrder(
            index=self._first + number,
            attempt=self._conduct.key.attempt,
            values=item.values,
            display_name=f"item {item.label}",
            detail={"item": item.label},
        )

    def _words(self, number: int) -> str:
        label = self._items[number].label
        named = "" if label == str(number) else f" `{label}`"
        return f"item {number + 1} of {len(self._items)}{named}"

    def _has_failed(self) -> bool:
        return any(self._error_of(number) is not None for number in self._ended)

    def _error_of(self, number: int) -> dict[str, Any] | None:
        return failure_of(self._ended[number], self._words(number), "item-failed")

    def _note(self) -> None:
        failed = sum(self._error_of(number) is not None for number in self._ended)
        progress = {"done": len(self._ended), "total": len(self._items), "failed": failed, "of": "item"}
        self._conduct.note(progress=progress)

    # --- the end -----------------------------------------------------------------------------

    async def _ending(self) -> Ending:
        errors = [error for number in sorted(self._ended) if (error := self._error_of(number)) is not None]
        if errors:
            first = errors[0]
            more = f"; and {len(errors) - 1} more failed" if len(errors) > 1 else ""
            return Ending({**first, "message": f"{first['message']}{more}"})
        made = [await made_by(self._conduct, self._ended[number]) for number in range(len(self._items))]
        await self._conduct.read(lambda: self._write(made))
        return Ending()

    def _write(self, made: list[dict[str, OutputRecord]]) -> None:
        """Write the outputs of all runs together, in the order of the items."""
        conduct = self._conduct
        types = {name: output.type for name, output in self._control.body.outputs.items()}
        for planned in plan_outputs(conduct.node, conduct.key.job_name, conduct.book.graph.default_datastore):
            rows = [one.get(planned.name) for one in made]
            path = Path(conduct.root) / planned.path
            if planned.name in types and types[planned.name].is_literal:
                path.parent.mkdir(parents=True, exist_ok=True)
                values = [None if row is None else row.value for row in rows]
                path.write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")
            else:
                path.mkdir(parents=True, exist_ok=True)
                (path / "MLTable").write_text(table_of([row for row in rows if row is not None]), encoding="utf-8")


def table_of(rows: list[OutputRecord]) -> str:
    """Return an MLTable of files and folders, in order; JSON texts are YAML, too."""
    lines = ["type: mltable", "paths:" if rows else "paths: []"]
    for row in rows:
        uri = str(row.uri)
        lines.append(f"  - file: {json.dumps(uri)}" if row.is_file else f"  - folder: {json.dumps(uri)}")
    return "\n".join(lines) + "\n"
