"""
Bayesian sampling by optuna (extra `sweep`), which runs in a process of its own.

In:       a space, and what earlier trials reached.
Out:      the values of the next trial.
Not here: optuna itself: `optuna_worker.py` imports it, and nothing else does.

The process is started when somebody first asks, and ends when nobody has for a while.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any

from pipeyard.model.errors import ComputeError
from pipeyard.model.sweep import Choice, Distribution, Goal, Space, SubSpace, SweptValue, Uniform
from pipeyard.ports import Tried
from pipeyard.sweep.sample import quantized

INSTALL = "pip install 'pipeyard[sweep]'"
_WORKER = Path(__file__).with_name("optuna_worker.py")


class OptunaSuggester:
    """`ports.Suggester`."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._lock = Lock()
        self._process: subprocess.Popen[str] | None = None

    def suggest(self, space: Space, goal: Goal, seed: str, tried: Sequence[Tried]) -> Mapping[str, SweptValue]:
        """Return the values of the next trial."""
        order = {
            "space": {name: _written(one) for name, one in space.items()},
            "goal": goal.value,
            "seed": int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4], "big"),
            "tried": [
                {
                    "values": {name: _put(space[name], value) for name, value in one.values.items() if name in space},
                    "score": one.score,
                    "is_running": one.is_running,
                }
                for one in tried
            ],
        }
        with self._lock:
            answer = self._ask(json.dumps(order))
        return {name: _taken(one, answer["values"][name]) for name, one in space.items()}

    def close(self) -> None:
        """End the process, if there is one."""
        with self._lock:
            self._end()

    def _ask(self, line: str) -> dict[str, Any]:
        answer = self._say(line)
        if answer is None:
            # It had ended because nobody asked.
            self._end()
            answer = self._say(line)
        if answer is not None and "values" in answer:
            return answer
        self._end()
        message = "its process ended" if answer is None else str(answer.get("message"))
        if answer is not None and answer.get("error") == "missing":
            raise ComputeError(
                f"`bayesian` sampling needs optuna, and the server's Python has none: {message}",
                code="no-suggester",
                hint=f"install it where the server runs, `{INSTALL}`, and restart the server",
            )
        raise ComputeError(f"optuna could not choose values: {message}", code="no-suggester")

    def _say(self, line: str) -> dict[str, Any] | None:
        """Return the answer to one line; None when the process is gone."""
        process = self._process
        if process is None:
            process = self._process = subprocess.Popen(
                [sys.executable, str(_WORKER)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                start_new_session=True,
            )
            first = _read(process)
            if first is None or "ready" not in first:
                return first
        assert process.stdin is not None
        try:
            process.stdin.write(line + "\n")
            process.stdin.flush()
        except (BrokenPipeError, ValueError):
            return None
        return _read(process)

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()
        process.kill()
        process.wait()


def _read(process: subprocess.Popen[str]) -> dict[str, Any] | None:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        return None
    found: dict[str, Any] = json.loads(line)
    return found


def _written(one: Distribution) -> dict[str, Any]:
    if isinstance(one, Choice):
        return {"count": len(one.values)}
    assert isinstance(one, Uniform)
    return {"low": one.low, "high": one.high}


def _put(one: Distribution, value: SweptValue) -> float:
    """Return a value as optuna has it: the number of a choice, and inside the bounds."""
    if isinstance(one, Choice):
        return next(index for index, known in enumerate(one.values) if known == value and type(known) is type(value))
    assert isinstance(one, Uniform)
    # A rounded value may lie a little outside.
    return min(max(float(value), one.low), one.high)


def _taken(one: Distribution, value: float) -> SweptValue:
    if isinstance(one, Choice):
        chosen = one.values[int(value)]
        assert not isinstance(chosen, SubSpace)
        return chosen
    assert isinstance(one, Uniform)
    return value if one.quantum is None else quantized(value, one.quantum)
