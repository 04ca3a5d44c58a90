"""
A folder for what is made on the way and sent, such as zips; most submits need none.

In:       nothing.
Out:      a folder that exists from the first time it is asked for until the block ends.
Not here: what is put there (`snapshot.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

# Returns the folder.
Scratch = Callable[[], Path]


@contextmanager
def scratch_folder() -> Iterator[Scratch]:
    """Give a way to a folder that is gone when the block ends."""
    made: list[Path] = []
    with ExitStack() as stack:

        def folder() -> Path:
            if not made:
                # Imported here: it loads every kind of compression.
                from tempfile import TemporaryDirectory  # noqa: PLC0415

                made.append(Path(stack.enter_context(TemporaryDirectory(prefix="pipeyard-"))))
            return made[0]

        yield folder
