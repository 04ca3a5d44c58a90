"""
The values of each trial: `random`, `sobol` and `grid` (sections 13.1 and 13.2).

In:       a space, how to sample it, a seed.
Out:      the values of trial 0, 1, 2, ..., as long as the space has points that were not tried.
Not here: `bayesian`, which needs a library and what earlier trials reached (`ports.Suggester`).

Invariant: the same space, settings and seed give the same values in the same order, on
every machine and after every restart. What a hyperparameter draws depends on its name and
not on its neighbours: adding one, or moving it in the file, changes no other.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Mapping
from statistics import NormalDist

from pipeyard.model.sweep import (
    Algorithm,
    Choice,
    Distribution,
    Normal,
    RandInt,
    Rule,
    Sampling,
    Space,
    SubSpace,
    SweptValue,
    Uniform,
)
from pipeyard.sweep.sobol import DIMENSIONS_MAX, sobol
from pipeyard.sweep.space import Values, chosen, distributions_of, merged, points_of, size_of

# A number of [0, 1) for the distribution at a path.
Draw = Callable[[str], float]

# So many draws in a row that were all tried before end the drawing: what is left is taken in order.
_REPEATED_MAX = 1000
_BITS = 53
_STANDARD = NormalDist()


def trials(space: Space, sampling: Sampling, seed: str) -> Iterator[Values]:
    """Yield the values of each trial; it ends when every point of the space was tried."""
    if sampling.algorithm is Algorithm.GRID:
        return points_of(space)
    return _drawn(space, sampling, seed)


def _drawn(space: Space, sampling: Sampling, seed: str) -> Iterator[Values]:
    size = size_of(space)
    seen: set[str] = set()
    index = repeated = 0
    while size is None or len(seen) < size:
        values = _sampled(space, _draw_of(space, sampling, seed, index), sampling.log_base)
        index += 1
        if size is not None:
            key = repr(sorted(values.items()))
            if key in seen:
                repeated += 1
                if repeated < _REPEATED_MAX:
                    continue
                yield from (one for one in points_of(space) if repr(sorted(one.items())) not in seen)
                return
            seen.add(key)
            repeated = 0
        yield values


def _draw_of(space: Space, sampling: Sampling, seed: str, index: int) -> Draw:
    if sampling.rule is Rule.RANDOM:
        return lambda path: chance(seed, index, path)
    dimensions = {path: number for number, (path, _) in enumerate(distributions_of(space))}
    assert len(dimensions) <= DIMENSIONS_MAX

    return lambda path: sobol(index, dimensions[path], chance(seed, 0, path))


def chance(seed: str, index: int, path: str) -> float:
    """Return a number of [0, 1) that these three alone decide."""
    digest = hashlib.blake2b(f"{seed}\n{index}\n{path}".encode(), digest_size=8).digest()
    return (int.from_bytes(digest, "big") >> (64 - _BITS)) / (1 << _BITS)


def _sampled(
    space: Mapping[str, Distribution | SweptValue], draw: Draw, log_base: float | None, path: str = ""
) -> Values:
    parts: list[Values] = []
    for name, one in space.items():
        here = path + name
        if isinstance(one, Choice):
            index = min(int(draw(here) * len(one.values)), len(one.values) - 1)
            value = one.values[index]
            if isinstance(value, SubSpace):
                parts.append(chosen(name, _sampled(value.space, draw, log_base, f"{here}[{index}].")))
            else:
                parts.append({name: value})
        elif isinstance(one, (RandInt, Uniform, Normal)):
            parts.append({name: value_at(one, draw(here), log_base)})
        else:
            parts.append({name: one})
    return merged(parts)


def value_at(one: RandInt | Uniform | Normal, share: float, log_base: float | None = None) -> int | float:
    """Return the value below which *share* of a distribution lies: section 13.2, row by row."""
    if isinstance(one, RandInt):
        return min(int(share * one.upper), one.upper - 1)
    if isinstance(one, Uniform):
        value = one.low + share * (one.high - one.low)
    else:
        # 0 would be minus infinity; half a step above it is as likely.
        value = one.mu + one.sigma * _STANDARD.inv_cdf(max(share, 0.5 / (1 << _BITS)))
    if one.is_log:
        value = math.exp(value) if log_base is None else log_base**value
    return value if one.quantum is None else quantized(value, one.quantum)


def quantized(value: float, quantum: float) -> int | float:
    """
    Return round(value / q) * q, without the dust that binary fractions leave behind.

    A whole quantum gives whole numbers: `--batch_size 32.0` is no integer to a script.
    """
    steps = round(value / quantum)
    if quantum == int(quantum):
        return steps * int(quantum)
    return float(f"{steps * quantum:.12g}")
