"""
What a sweep says: its algorithm, objective, policy and limits (sections 3.2 and 13).

In:       the fields of a sweep step or a stand-alone sweep.
Out:      a `SweepSpec`.
Not here: its trial (`spec/decode_trial.py`), its search space (`spec/decode_space.py`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from pipeyard.model.diagnostic import Severity
from pipeyard.model.expression import Template
from pipeyard.model.sweep import (
    SECONDS_MIN,
    TRIALS_MAX,
    Algorithm,
    Bandit,
    Choice,
    Distribution,
    Goal,
    MedianStopping,
    Normal,
    Objective,
    Policy,
    RandInt,
    Rule,
    Sampling,
    SubSpace,
    SweepLimits,
    SweepSpec,
    SweptValue,
    Truncation,
    Uniform,
)
from pipeyard.model.types import PortType
from pipeyard.spec.binding import OPEN
from pipeyard.spec.decode_space import LOG_MAX, decode_space
from pipeyard.spec.reading import Fields, Reading

_POLICIES = ("bandit", "median_stopping", "truncation_selection")
# Azure's client reads `MedianStopping` too; `median` is of 2021.
_POLICY_WORDS = {
    "median": "median_stopping",
    "medianstopping": "median_stopping",
    "truncationselection": "truncation_selection",
}


def decode_sweep(reading: Reading, fields: Fields, where: str) -> SweepSpec | None:
    """Return what a sweep says; None when too little of it could be read."""
    _rewrite(reading, fields)
    space = decode_space(reading, fields, where)
    sampling = _decode_sampling(reading, fields, where)
    objective = _decode_objective(reading, fields, where)
    policy = _decode_policy(reading, fields)
    limits = _decode_limits(reading, fields, where)
    if sampling is not None:
        _check_algorithm(reading, sampling, space)
    if sampling is None or objective is None or not space:
        return None
    return SweepSpec(fields.place, space, sampling, objective, policy, limits)


def _rewrite(reading: Reading, fields: Fields) -> None:
    """Read the names of 2021: `algorithm`, and limits at the top."""
    if "algorithm" in fields:
        reading.old_spelling("`algorithm`", fields.key_of("algorithm"), "`sampling_algorithm`")
        if "sampling_algorithm" not in fields:
            fields.put("sampling_algorithm", fields.get("algorithm"), fields.place_of("algorithm"))
        fields.drop("algorithm")
    limits = reading.mapping(fields, "limits")
    for old, now, factor in (
        ("max_total_trials", "max_total_trials", 1),
        ("max_concurrent_trials", "max_concurrent_trials", 1),
        ("timeout_minutes", "timeout", 60),
    ):
        if old not in fields:
            continue
        in_seconds = ", in seconds" if factor > 1 else ""
        reading.old_spelling(f"`{old}`", fields.key_of(old), f"`limits.{now}`{in_seconds}")
        value = fields.get(old)
        limits = limits or Fields({}, fields.place.child("limits"))
        if now not in limits:
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            limits.put(now, value * factor if is_number else value, fields.place_of(old))
        fields.drop(old)
        fields.put("limits", limits, limits.place)


def _decode_sampling(reading: Reading, fields: Fields, where: str) -> Sampling | None:
    value, place = fields.get("sampling_algorithm"), fields.place_of("sampling_algorithm")
    if value is None:
        hint = "such as `sampling_algorithm: random`"
        reading.missing("sampling_algorithm", fields.place, where, hint=hint)
        return None
    if not isinstance(value, dict):
        algorithm = reading.choice(fields, "sampling_algorithm", Algorithm)
        return Sampling(algorithm, place=place) if algorithm is not None else None
    inner = reading.fields(value, place, "sampling_algorithm")
    assert inner is not None
    reading.check_fields(inner, "sampling_algorithm", severity=Severity.ERROR, where="`sampling_algorithm`")
    if not inner.has("type"):
        reading.missing("type", place, "`sampling_algorithm`", hint="one of random, grid, bayesian")
        return None
    algorithm = reading.choice(inner, "type", Algorithm)
    rule = reading.choice(inner, "rule", Rule)
    seed = reading.number(inner, "seed", PortType.INTEGER)
    base = _decode_base(reading, inner)
    if algorithm is None:
        return None
    for name in ("rule", "logbase"):
        if inner.has(name) and algorithm is not Algorithm.RANDOM:
            reading.warn(
                "no-effect", f"`{name}` has no effect with the algorithm `{algorithm.value}`", inner.key_of(name)
            )
    if inner.has("seed") and algorithm is Algorithm.GRID:
        reading.warn(
            "no-effect", "`seed` has no effect: a grid is tried in the order of the file", inner.key_of("seed")
        )
    return Sampling(algorithm, rule or Rule.RANDOM, seed if isinstance(seed, int) else None, base, place)


def _decode_base(reading: Reading, inner: Fields) -> float | None:
    value = inner.get("logbase")
    if value is None or (isinstance(value, str) and value.strip().lower() == "e"):
        return None
    number = reading.number(inner, "logbase")
    if not isinstance(number, int | float):
        return None
    if number <= 0 or number == 1:
        message = f"`logbase` cannot be {number:g}"
        reading.error(
            "wrong-value", message, inner.place_of("logbase"), expected="`e`, or a number above 0 that is not 1"
        )
        return None
    return float(number)


def _decode_objective(reading: Reading, fields: Fields, where: str) -> Objective | None:
    inner = reading.mapping(fields, "objective")
    if inner is None:
        if not fields.has("objective"):
            hint = "such as `objective: {goal: maximize, primary_metric: accuracy}`"
            reading.missing("objective", fields.place, where, hint=hint)
        return None
    reading.check_fields(inner, "objective", severity=Severity.ERROR, where="`objective`")
    for name in ("goal", "primary_metric"):
        if not inner.has(name):
            hint = "`minimize` or `maximize`" if name == "goal" else "the name under which the trials log it"
            reading.missing(name, inner.place, "`objective`", hint=hint)
    goal = reading.choice(inner, "goal", Goal)
    metric = reading.plain_text(inner, "primary_metric")
    if metric is not None and not metric.strip():
        reading.missing("primary_metric", inner.place_of("primary_metric"), "`objective`")
        return None
    return Objective(goal, metric, inner.place) if goal is not None and metric is not None else None


def _decode_policy(reading: Reading, fields: Fields) -> Policy | None:
    inner = reading.mapping(fields, "early_termination")
    if inner is None:
        return None
    if "spec" in inner and "type" not in inner:
        reading.old_spelling("`spec`", inner.key_of("spec"), "`type`")
        inner.put("type", inner.get("spec"), inner.place_of("spec"))
        inner.drop("spec")
    kind = reading.plain_text(inner, "type")
    if kind is None:
        if not inner.has("type"):
            reading.missing("type", inner.place, "`early_termination`", hint=f"one of {', '.join(_POLICIES)}")
        return None
    word = _POLICY_WORDS.get(kind.strip().lower(), kind.strip().lower())
    if word not in _POLICIES:
        reading.unknown_value("type", kind, inner.place_of("type"), _POLICIES)
        return None
    reading.check_fields(inner, word, severity=Severity.ERROR, where=f"the policy `{word}`")
    every = int(_at_least(reading, inner, "evaluation_interval", 0) or 0) or 1
    delay = int(_at_least(reading, inner, "delay_evaluation", 0) or 0)
    if word == "bandit":
        return _bandit(reading, inner, every, delay)
    if word == "median_stopping":
        return MedianStopping(every, delay)
    return _truncation(reading, inner, every, delay)


def _bandit(reading: Reading, inner: Fields, every: int, delay: int) -> Bandit | None:
    factor = _at_least(reading, inner, "slack_factor", 0, PortType.NUMBER)
    amount = _at_least(reading, inner, "slack_amount", 0, PortType.NUMBER)
    # 0 is what Azure's client writes for the one that was left out.
    if factor and amount:
        reading.error(
            "two-spellings",
            "a bandit policy has either `slack_factor` or `slack_amount`, this has both",
            inner.key_of("slack_amount"),
            expected="one of the two",
        )
        return None
    if factor is None and amount is None:
        if not inner.has("slack_factor") and not inner.has("slack_amount"):
            hint = "such as `slack_factor: 0.2`: a fifth behind the best"
            reading.missing("slack_factor", inner.place, "the policy `bandit`", hint=hint)
        return None
    if amount or factor is None:
        return Bandit(None, amount, every, delay)
    return Bandit(factor, None, every, delay)


def _truncation(reading: Reading, inner: Fields, every: int, delay: int) -> Truncation | None:
    name = "truncation_percentage"
    percentage = reading.number(inner, name, PortType.INTEGER)
    if not isinstance(percentage, int):
        if not inner.has(name):
            reading.missing(name, inner.place, "the policy `truncation_selection`", hint="a whole number from 1 to 99")
        return None
    if not 1 <= percentage <= 99:  # noqa: PLR2004  # Percent.
        message = f"`{name}` cannot be {percentage}"
        reading.error("wrong-value", message, inner.place_of(name), expected="a whole number from 1 to 99")
        return None
    exclude = reading.flag(inner, "exclude_finished_jobs", default=False)
    return Truncation(percentage, exclude, every, delay)


def _decode_limits(reading: Reading, fields: Fields, where: str) -> SweepLimits:
    inner = reading.mapping(fields, "limits")
    if inner is None:
        if not fields.has("limits"):
            reading.warn(
                "missing-field",
                f"{where} has no `limits`, which Azure requires; it tries {TRIALS_MAX} points, all at once",
                fields.place,
                hint="add `limits: {max_total_trials: 20, max_concurrent_trials: 4}`",
            )
        return SweepLimits()
    reading.check_fields(inner, "sweep limits", severity=Severity.ERROR, where="`limits` of a sweep")
    total = _count(reading, inner, "max_total_trials")
    return SweepLimits(
        TRIALS_MAX if total is None else total,
        _count(reading, inner, "max_concurrent_trials"),
        _timeout(reading, inner, "timeout"),
        _timeout(reading, inner, "trial_timeout"),
    )


def _count(reading: Reading, inner: Fields, name: str) -> int | Template | None:
    if _is_open(inner, name):
        return reading.template(inner.get(name), inner.place_of(name), name)
    number = reading.number(inner, name, PortType.INTEGER)
    if not isinstance(number, int):
        return None
    if not 1 <= number <= TRIALS_MAX:
        message = f"`{name}` cannot be {number}"
        reading.error("wrong-value", message, inner.place_of(name), expected=f"a whole number from 1 to {TRIALS_MAX}")
        return None
    return number


def _timeout(reading: Reading, inner: Fields, name: str) -> float | Template | None:
    if _is_open(inner, name):
        return reading.template(inner.get(name), inner.place_of(name), name)
    seconds = _at_least(reading, inner, name, 0, PortType.NUMBER)
    if seconds is None:
        return None
    if seconds == 0:
        message = f"`{name}` must be more than 0 seconds"
        reading.error("wrong-value", message, inner.place_of(name), expected="seconds, more than 0")
        return None
    if seconds < SECONDS_MIN:
        reading.warn(
            "raised-timeout",
            f"`{name}` of a sweep is at least {SECONDS_MIN} seconds, as in Azure; {seconds:g} counts as {SECONDS_MIN}",
            inner.place_of(name),
        )
    return max(seconds, float(SECONDS_MIN))


def _is_open(inner: Fields, name: str) -> bool:
    value = inner.get(name)
    return isinstance(value, str) and OPEN in value


def _at_least(
    reading: Reading, inner: Fields, name: str, least: float, port_type: PortType = PortType.INTEGER
) -> float | None:
    number = reading.number(inner, name, port_type)
    if not isinstance(number, int | float):
        return None
    if number < least:
        message = f"`{name}` cannot be {number:g}"
        reading.error("wrong-value", message, inner.place_of(name), expected=f"a number of at least {least:g}")
        return None
    return float(number)


def _check_algorithm(reading: Reading, sampling: Sampling, space: Mapping[str, Distribution]) -> None:
    """Report distributions that an algorithm cannot choose from (section 13.1)."""
    for name, one in _all_of(space):
        if sampling.algorithm is Algorithm.GRID and not isinstance(one, Choice):
            reading.error(
                "algorithm-mismatch",
                f"a grid goes through lists of values, and `{name}` is no `choice`",
                one.place,
                expected="`type: choice` for every hyperparameter of a grid",
                hint=_as_choice(one),
            )
        elif sampling.algorithm is Algorithm.BAYESIAN and not _is_bayesian(one):
            reading.error(
                "algorithm-mismatch",
                f"bayesian sampling takes `choice`, `uniform` and `quniform`, and `{name}` is none of these",
                one.place,
                expected="`choice`, `uniform` or `quniform`",
                hint="use `sampling_algorithm: random`, or another distribution",
            )
        elif _overflows(one, sampling.log_base):
            reading.error(
                "wrong-value",
                f"the powers of {sampling.log_base:g} that `{name}` reaches are no numbers any more",
                one.place.child("max_value"),
                expected="the logarithm of the highest value",
            )


def _overflows(one: Distribution, log_base: float | None) -> bool:
    if not isinstance(one, Uniform) or not one.is_log or log_base is None:
        return False
    return max(one.low * math.log(log_base), one.high * math.log(log_base)) > LOG_MAX


def _is_bayesian(one: Distribution) -> bool:
    if isinstance(one, Choice):
        return not any(isinstance(value, SubSpace) for value in one.values)
    return isinstance(one, Uniform) and not one.is_log


def _as_choice(one: Distribution) -> str:
    if isinstance(one, RandInt) and one.upper <= 10:  # noqa: PLR2004  # As many as a person would write out.
        return f"write `type: choice` and `values: {list(range(one.upper))}`"
    return "write the values out as a `choice`, or use `sampling_algorithm: random`"


def _all_of(space: Mapping[str, Distribution | SweptValue]) -> Iterator[tuple[str, Distribution]]:
    for name, one in space.items():
        if isinstance(one, (Choice, RandInt, Uniform, Normal)):
            yield name, one
        for value in one.values if isinstance(one, Choice) else ():
            if isinstance(value, SubSpace):
                yield from _all_of(value.space)
