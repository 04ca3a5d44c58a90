"""
Choose the values of a trial with optuna, in a process of its own.

In:       one JSON object a line: space, goal, seed, tried.
Out:      one JSON object a line: values, or error.
Not here: anything of ours: it runs by its path, and may end whenever nobody asks it.
"""

from __future__ import annotations

import json
import select
import sys
from typing import Any

# Nobody asked for so long: the next one starts another.
_IDLE_SECONDS = 120.0


def main() -> None:
    """Answer until nobody asks any more."""
    try:
        import optuna  # noqa: PLC0415 - that it is missing is an answer
    except ImportError as problem:
        _answer({"error": "missing", "message": str(problem)})
        return
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    _answer({"ready": optuna.__version__})
    while select.select([sys.stdin], [], [], _IDLE_SECONDS)[0]:
        line = sys.stdin.readline()
        if not line:
            return
        try:
            _answer({"values": suggested(optuna, json.loads(line))})
        except Exception as problem:  # noqa: BLE001 - becomes the sweep's error
            _answer({"error": "failed", "message": f"{type(problem).__name__}: {problem}"})


def suggested(optuna: Any, order: dict[str, Any]) -> dict[str, Any]:
    """Return what the next trial has; of a choice the number of its value."""
    space = {name: _distribution(optuna, one) for name, one in order["space"].items()}
    sampler = optuna.samplers.TPESampler(seed=order["seed"], constant_liar=True)
    study = optuna.create_study(direction=order["goal"], sampler=sampler)
    states = optuna.trial.TrialState
    for one in order["tried"]:
        if one["score"] is None and not one["is_running"]:
            # It failed, and says nothing about its values.
            continue
        state = states.RUNNING if one["is_running"] else states.COMPLETE
        value = None if one["is_running"] else one["score"]
        study.add_trial(optuna.trial.create_trial(state=state, params=one["values"], distributions=space, value=value))
    found: dict[str, Any] = study.ask(space).params
    return found


def _distribution(optuna: Any, one: dict[str, Any]) -> Any:
    distributions = optuna.distributions
    if "count" in one:
        return distributions.CategoricalDistribution(range(one["count"]))
    return distributions.FloatDistribution(one["low"], one["high"])


def _answer(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
