"""
What a sweep says: which values to try, how to choose them, and when to stop (section 13).

In:       nothing; these are the values that `spec/decode_sweep.py` makes.
Not here: drawing values (`sweep/`), running trials (`engine/conduct/sweep.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import Enum

from pipeyard.model.control import ControlSpec
from pipeyard.model.diagnostic import Place
from pipeyard.model.expression import Template
from pipeyard.model.value import dataclass

# What one hyperparameter has in one trial.
SweptValue = str | int | float | bool

TRIALS_MAX = 1000
# Azure raises smaller time limits to it.
SECONDS_MIN = 60


@dataclass(frozen=True, slots=True)
class Choice:
    """`choice`: one of some values, each equally likely."""

    values: tuple[SweptValue | SubSpace, ...]
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class RandInt:
    """`randint`: a whole number from 0 up to, and without, `upper`."""

    upper: int
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class Uniform:
    """`uniform`, and with a quantum or a logarithm `quniform`, `loguniform`, `qloguniform`."""

    # Of a logarithmic one: logarithms of the bounds.
    low: float
    high: float
    quantum: float | None = None
    is_log: bool = False
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class Normal:
    """`normal`, and with a quantum or a logarithm `qnormal`, `lognormal`, `qlognormal`."""

    mu: float
    sigma: float
    quantum: float | None = None
    is_log: bool = False
    place: Place = Place()


Distribution = Choice | RandInt | Uniform | Normal


@dataclass(frozen=True, slots=True)
class SubSpace:
    """A mapping among the values of a `choice`: hyperparameters that exist only where it is chosen."""

    # A plain value stands for itself.
    space: Mapping[str, Distribution | SweptValue]
    place: Place = Place()


Space = Mapping[str, Distribution]


def names_of(space: Mapping[str, Distribution | SweptValue]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """
    Return the names that every trial has, and those that only some trials have.

    A choice among mappings only is no hyperparameter itself: it stands among the second.
    """
    always: dict[str, None] = {}
    sometimes: dict[str, None] = {}
    for name, one in space.items():
        branches = [_names_inside(value) for value in one.values] if isinstance(one, Choice) else []
        first = branches[0][0] if branches else ()
        always.update(dict.fromkeys(name for name in first if all(name in must for must, _ in branches)))
        for must, may in branches:
            sometimes.update(dict.fromkeys((*must, *may)))
        is_group = isinstance(one, Choice) and all(isinstance(value, SubSpace) for value in one.values)
        (sometimes if is_group else always)[name] = None
    return tuple(always), tuple(name for name in sometimes if name not in always)


def _names_inside(value: SweptValue | SubSpace) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return names_of(value.space) if isinstance(value, SubSpace) else ((), ())


class Algorithm(str, Enum):
    """How values are chosen."""

    RANDOM = "random"
    GRID = "grid"
    BAYESIAN = "bayesian"


class Rule(str, Enum):
    """`rule` of random sampling."""

    RANDOM = "random"
    SOBOL = "sobol"


@dataclass(frozen=True, slots=True)
class Sampling:
    """`sampling_algorithm`."""

    algorithm: Algorithm
    rule: Rule = Rule.RANDOM
    # None: each sweep draws values of its own.
    seed: int | None = None
    # What logarithmic distributions are powers of; None: e.
    log_base: float | None = None
    place: Place = Place()


class Goal(str, Enum):
    """`objective.goal`."""

    MINIMIZE = "minimize"
    MAXIMIZE = "maximize"

    def is_better(self, one: float, other: float) -> bool:
        """Return whether one value of the metric is strictly better than another."""
        return one < other if self is Goal.MINIMIZE else one > other

    def best(self, values: tuple[float, ...]) -> float:
        """Return the best of some values, of which there is at least one."""
        return min(values) if self is Goal.MINIMIZE else max(values)


@dataclass(frozen=True, slots=True)
class Objective:
    """`objective`: which metric makes a trial the best."""

    goal: Goal
    metric: str
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class Bandit:
    """Stop what falls behind the best by more than a slack; exactly one of the two is set."""

    slack_factor: float | None = None
    slack_amount: float | None = None
    evaluation_interval: int = 1
    delay_evaluation: int = 0


@dataclass(frozen=True, slots=True)
class MedianStopping:
    """Stop what has not once been better than the median of the running averages."""

    evaluation_interval: int = 1
    delay_evaluation: int = 0


@dataclass(frozen=True, slots=True)
class Truncation:
    """Stop the worst part of all at each interval."""

    # From 1 to 99.
    percentage: int
    exclude_finished: bool = False
    evaluation_interval: int = 1
    delay_evaluation: int = 0


Policy = Bandit | MedianStopping | Truncation


@dataclass(frozen=True, slots=True)
class SweepLimits:
    """`limits`, as written: each may hold expressions until the graph is made."""

    total: int | Template = TRIALS_MAX
    # None: as many as there are trials in all.
    concurrent: int | Template | None = None
    # Of the whole sweep, and of each trial; None: no limit.
    timeout_seconds: float | Template | None = None
    trial_timeout_seconds: float | Template | None = None


@dataclass(frozen=True, slots=True)
class SweepSpec(ControlSpec):
    """Everything that a sweep says beyond its trial, its inputs and its outputs."""

    space: Space
    sampling: Sampling
    objective: Objective
    policy: Policy | None = None
    limits: SweepLimits = field(default_factory=SweepLimits)
