"""
A worker: imports the entry script once and gives it one mini-batch after the other.

In:       lines of JSON on one pipe: which mini-batch to run.
Out:      lines of JSON on another: `ready`, `begin`, `done`, `failed`; what the script prints goes to its own files.
Not here: which worker gets what, and what becomes of failures (`parallel.py`).
"""

from __future__ import annotations

import importlib.util
import inspect
import json
import os
import pickle
import sys
import traceback
from typing import IO, Any, Callable

from . import parallel_task

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


class MiniBatchContext:
    """What `run(mini_batch, mini_batch_context)` is told of its mini-batch."""

    def __init__(self, index: int, partition: dict[str, Any] | None) -> None:
        """Say which one it is."""
        self.minibatch_index = index
        self.partition_key_value = partition or {}


class WrongResult(Exception):
    """What `run` returned cannot be rows."""


def main(arguments: list[str]) -> int:
    """Work until there is nothing more to do."""
    task = parallel_task.read_task(arguments[0])
    orders, answers = int(arguments[1]), int(arguments[2])
    for descriptor in (orders, answers):
        # What the script starts shall not keep the pipes open.
        os.set_inheritable(descriptor, False)  # noqa: FBT003 - that is how it is called
    with os.fdopen(orders, "r", encoding="utf-8") as said, os.fdopen(answers, "w", encoding="utf-8") as telling:
        return _Worker(task, telling).work(said)


class _Worker:
    def __init__(self, task: parallel_task.Task, telling: IO[str]) -> None:
        self._task = task
        self._telling = telling
        self._files: list[str] = []
        self._script: Any = None

    def work(self, said: IO[str]) -> int:
        try:
            self._files = _files_of(self._task)
            self._script = _imported(self._task)
            run = _run_of(self._script, self._task.entry_script)
            init = _function(self._script, "init")
            if init is not None:
                init()
        except BaseException as problem:  # noqa: BLE001 - the script's own; SystemExit of a parser among them
            self._tell({"init_failed": _said(problem), "trace": _trace(problem)})
            return 1
        takes_context = _takes_context(run)
        self._tell({"ready": True, "printed": _printed()})
        for line in said:
            self._run(run, json.loads(line), takes_context=takes_context)
        shutdown = _function(self._script, "shutdown")
        if shutdown is not None:
            shutdown()
        return 0

    def _run(self, run: Callable[..., Any], order: dict[str, Any], *, takes_context: bool) -> None:
        index = order["index"]
        try:
            mini_batch: Any
            if "rows" in order:
                with open(order["rows"], "rb") as file:
                    mini_batch = pickle.load(file)  # noqa: S301 - written by our own reader a moment ago
                # Only now its time begins.
                self._tell({"begin": index})
            else:
                mini_batch = self._files[order["start"] : order["stop"]]
            items = len(mini_batch)
            context = (MiniBatchContext(index, order.get("partition")),) if takes_context else ()
            rows, text = self._rows(run(mini_batch, *context))
        except BaseException as problem:  # noqa: BLE001 - whatever the script raises fails its mini-batch, and no more
            said = {"error": _said(problem), "trace": _trace(problem), "printed": _printed()}
            self._tell({"failed": index, **said})
            return
        if rows < items and self._task.is_counting_rows:
            error = f"`run` returned {rows} rows for {items} items"
            self._tell({"failed": index, "error": error, "rows": rows, "text": text, "printed": _printed()})
        else:
            self._tell({"done": index, "rows": rows, "text": text, "printed": _printed()})

    def _rows(self, result: Any) -> tuple[int, str]:
        """Return how many rows were returned, and their text where somebody wants it."""
        if result is None or isinstance(result, (str, bytes, dict)) or not hasattr(result, "__len__"):
            raise WrongResult(f"`run` returned {type(result).__name__}; a list, a tuple or a DataFrame is expected")
        count = len(result)
        if self._task.append_to is None or not count:
            return count, ""
        if hasattr(result, "to_csv") and hasattr(result, "columns"):
            # As Azure writes them: blanks between values, no header.
            return count, result.to_csv(sep=" ", header=False, index=False)
        return count, "".join(f"{row}\n" for row in result)

    def _tell(self, message: dict[str, Any]) -> None:
        self._telling.write(json.dumps(message) + "\n")
        self._telling.flush()


def files_file(task: parallel_task.Task) -> str:
    """Return where the list of all files is, for inputs that are split by files."""
    return os.path.join(task.root, "driver", "files.json")


def _files_of(task: parallel_task.Task) -> list[str]:
    path = files_file(task)
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        names = json.load(file)
    place = task.input["path"]
    return [os.path.join(place, name) if name else place for name in names]


def _imported(task: parallel_task.Task) -> Any:
    path = os.path.join(task.working_dir, task.entry_script)
    if not os.path.isfile(path):
        raise FileNotFoundError(f"the code has no file `{task.entry_script}`")
    # As if Python had been called with the script: its own folder first, and its own arguments.
    sys.path[0] = os.path.dirname(path)
    if task.working_dir not in sys.path:
        sys.path.insert(1, task.working_dir)
    sys.argv = [task.entry_script, *task.arguments]
    name = os.path.splitext(os.path.basename(path))[0]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"`{task.entry_script}` is no Python file")
    module = importlib.util.module_from_spec(spec)
    # What it defines can be pickled.
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _function(script: Any, name: str) -> Callable[..., Any] | None:
    """Return `Init` or `init`, and so on."""
    for spelling in (name, name.capitalize()):
        found = getattr(script, spelling, None)
        if callable(found):
            return found  # type: ignore[no-any-return]
    return None


def _run_of(script: Any, name: str) -> Callable[..., Any]:
    run = _function(script, "run")
    if run is None:
        raise WrongResult(f"`{name}` has no function `run`")
    return run


def _takes_context(run: Callable[..., Any]) -> bool:
    try:
        parameters = inspect.signature(run).parameters.values()
    except (TypeError, ValueError):
        return False
    return len([one for one in parameters if one.kind in _POSITIONAL]) > 1


def _printed() -> list[int] | None:
    """Return how much stands in our output and errors by now; None where the script has put others there."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
        return [os.fstat(1).st_size, os.fstat(2).st_size]
    except (AttributeError, OSError, ValueError):
        return None


def _said(problem: BaseException) -> str:
    lines = traceback.format_exception_only(type(problem), problem)
    return "".join(lines).strip() or type(problem).__name__


def _trace(problem: BaseException) -> str:
    return "".join(traceback.format_exception(type(problem), problem, problem.__traceback__))
