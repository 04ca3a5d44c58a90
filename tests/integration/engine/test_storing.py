"""Which outputs are stored together, and which at once."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

from pipeyard.engine.finish import Finished
from pipeyard.engine.storing import Storing


class Book:
    """As much of a job's book as storing looks at: `b` reads what `a` writes."""

    graph = SimpleNamespace(
        nodes={
            "a": SimpleNamespace(upstream=()),
            "b": SimpleNamespace(upstream=("a",)),
            "c": SimpleNamespace(upstream=()),
        }
    )


class Engine:
    """What is around storing, with as many attempts under way as a test says."""

    def __init__(self, under_way: int) -> None:
        self.calls: list[list[str]] = []
        self.heard = asyncio.Event()
        self.tasks: set[asyncio.Task[None]] = set()
        storers = ThreadPoolExecutor(1)
        threads = SimpleNamespace(storers=storers, begin=asyncio.get_running_loop().run_in_executor)
        pace = SimpleNamespace(retry_seconds=1.0, retry_seconds_max=1.0)
        finisher: Any = SimpleNamespace(store=self._store)
        self.storing = Storing(
            finisher,
            threads,  # type: ignore[arg-type]
            pace,  # type: ignore[arg-type]
            lambda _news: self.heard.set(),
            self._begin,
            under_way=lambda: under_way,
        )
        self._book = Book()

    def _store(self, finished: list[Finished]) -> list[str]:
        self.calls.append([one.key.node for one in finished])
        return ["stored"]

    def _begin(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self.tasks.add(task)

    def end(self, node: str) -> None:
        self.storing.add(Finished(SimpleNamespace(node=node), self._book, is_complete=True))  # type: ignore[arg-type]
        self.storing.hand_over()


@pytest.mark.parametrize(
    ("ended", "under_way", "together"),
    [
        (["b", "c"], 4, [["b", "c"]]),  # Nobody reads them, and others run.
        (["c", "a"], 4, [["c", "a"]]),  # The one that is waited for takes the other along.
        (["a"], 4, [["a"]]),
        (["c"], 1, [["c"]]),  # Nothing else runs: the end of the job waits for it.
    ],
)
def test_what_nobody_waits_for_is_stored_with_others(ended: list[str], under_way: int, together: list[list[str]]):
    """Outputs that no step reads are gathered while others run; one that is read, or the last one, goes at once."""

    async def scene() -> None:
        engine = Engine(under_way)
        for node in ended:
            engine.end(node)
        await asyncio.wait_for(engine.heard.wait(), 60)

        assert engine.calls == together

    asyncio.run(scene())
