"""
What a sweep says, as the JSON that users see: the keys of its YAML, with every default filled in.

In:       a `SweepSpec`.
Out:      plain mappings; and what of them the list of trials needs.
Not here: its trials (`trials.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeyard.graph.model import Node
from pipeyard.graph.sweep import Sweep
from pipeyard.model.sweep import (
    Algorithm,
    Bandit,
    Choice,
    Distribution,
    MedianStopping,
    Normal,
    Policy,
    RandInt,
    Rule,
    Sampling,
    SubSpace,
    SweptValue,
    Truncation,
    Uniform,
)


def sweep_detail(node: Node) -> dict[str, Any]:
    """Return what the record of a sweep says of it; nothing for any other node."""
    control = node.control
    if not isinstance(control, Sweep):
        return {}
    spec = control.spec
    return {
        "search_space": space_json(spec.space),
        "sampling_algorithm": _sampling(spec.sampling),
        "objective": {"goal": spec.objective.goal.value, "primary_metric": spec.objective.metric},
        "early_termination": None if spec.policy is None else _policy(spec.policy),
        "limits": {
            "max_total_trials": spec.limits.total,
            "max_concurrent_trials": spec.limits.concurrent or spec.limits.total,
            "timeout": spec.limits.timeout_seconds,
            "trial_timeout": spec.limits.trial_timeout_seconds,
        },
    }


def space_json(space: Mapping[str, Distribution | SweptValue]) -> dict[str, Any]:
    """Return a search space as it would be written."""
    return {name: _distribution(one) for name, one in space.items()}


def _distribution(one: Distribution | SweptValue) -> Any:
    if isinstance(one, Choice):
        values = [space_json(value.space) if isinstance(value, SubSpace) else value for value in one.values]
        return {"type": "choice", "values": values}
    if isinstance(one, RandInt):
        return {"type": "randint", "upper": one.upper}
    if isinstance(one, (Uniform, Normal)):
        kind = "uniform" if isinstance(one, Uniform) else "normal"
        word = f"{'q' if one.quantum is not None else ''}{'log' if one.is_log else ''}{kind}"
        bounds = (
            {"min_value": one.low, "max_value": one.high}
            if isinstance(one, Uniform)
            else {"mu": one.mu, "sigma": one.sigma}
        )
        return {"type": word, **bounds, **({} if one.quantum is None else {"q": one.quantum})}
    return one


def _sampling(sampling: Sampling) -> dict[str, Any]:
    shown: dict[str, Any] = {"type": sampling.algorithm.value}
    if sampling.algorithm is Algorithm.RANDOM and sampling.rule is not Rule.RANDOM:
        shown["rule"] = sampling.rule.value
    if sampling.seed is not None:
        shown["seed"] = sampling.seed
    if sampling.log_base is not None:
        shown["logbase"] = sampling.log_base
    return shown


def _policy(policy: Policy) -> dict[str, Any]:
    when = {"evaluation_interval": policy.evaluation_interval, "delay_evaluation": policy.delay_evaluation}
    if isinstance(policy, Bandit):
        slack = {"slack_factor": policy.slack_factor, "slack_amount": policy.slack_amount}
        return {"type": "bandit", **{key: value for key, value in slack.items() if value is not None}, **when}
    if isinstance(policy, MedianStopping):
        return {"type": "median_stopping", **when}
    assert isinstance(policy, Truncation)
    excluded = {"exclude_finished_jobs": True} if policy.exclude_finished else {}
    return {"type": "truncation_selection", "truncation_percentage": policy.percentage, **excluded, **when}
