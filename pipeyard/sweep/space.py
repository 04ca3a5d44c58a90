"""
A search space as a whole: its names, its size, all its points.

In:       a space.
Out:      what can be said of it without drawing anything.
Not here: drawing (`sweep/sample.py`); what may be written (`spec/decode_space.py`).

A `choice` may hold mappings: hyperparameters that exist only where the mapping is chosen.
They stand beside the others in a trial's values, and the choice itself has the chosen
mapping, as JSON text, unless something in it has the same name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import product

from pipeyard.model.sweep import Choice, Distribution, Normal, RandInt, SubSpace, SweptValue, Uniform

Values = dict[str, SweptValue]


def distributions_of(
    space: Mapping[str, Distribution | SweptValue], path: str = ""
) -> Iterator[tuple[str, Distribution]]:
    """Yield every distribution, those inside mappings too, each with a path that no other has."""
    for name, one in space.items():
        if isinstance(one, (Choice, RandInt, Uniform, Normal)):
            yield path + name, one
        if isinstance(one, Choice):
            for index, value in enumerate(one.values):
                if isinstance(value, SubSpace):
                    yield from distributions_of(value.space, f"{path}{name}[{index}].")


def size_of(space: Mapping[str, Distribution | SweptValue]) -> int | None:
    """Return how many points a space has; None when they cannot be counted."""
    total = 1
    for one in space.values():
        count: int | None = 1
        if isinstance(one, RandInt):
            count = one.upper
        elif isinstance(one, Choice):
            sizes = [size_of(value.space) if isinstance(value, SubSpace) else 1 for value in one.values]
            count = None if None in sizes else sum(size for size in sizes if size is not None)
        elif isinstance(one, (Uniform, Normal)):
            count = None
        if count is None:
            return None
        total *= count
    return total


def points_of(space: Mapping[str, Distribution | SweptValue]) -> Iterator[Values]:
    """Yield every point of a space that has a size; the last name changes first."""
    for picked in product(*(list(_points_of_one(name, one)) for name, one in space.items())):
        yield merged(picked)


def _points_of_one(name: str, one: Distribution | SweptValue) -> Iterator[Values]:
    if isinstance(one, RandInt):
        for number in range(one.upper):
            yield {name: number}
    elif isinstance(one, Choice):
        for value in one.values:
            if isinstance(value, SubSpace):
                yield from (chosen(name, inner) for inner in points_of(value.space))
            else:
                yield {name: value}
    elif isinstance(one, (Uniform, Normal)):
        raise TypeError(f"{name} has no list of values")
    else:
        yield {name: one}


def chosen(name: str, inner: Values) -> Values:
    """Return the values of a choice that fell on a mapping."""
    return {name: json.dumps(inner), **inner}


def merged(parts: tuple[Values, ...] | list[Values]) -> Values:
    """Return the values of one trial."""
    return {name: value for part in parts for name, value in part.items()}
