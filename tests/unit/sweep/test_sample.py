"""The values that a sweep tries."""

from __future__ import annotations

import math
from itertools import islice

import pytest

from pipeyard.model.sweep import (
    Algorithm,
    Choice,
    Distribution,
    Normal,
    RandInt,
    Rule,
    Sampling,
    SubSpace,
    Uniform,
    names_of,
)
from pipeyard.sweep.sample import trials, value_at
from pipeyard.sweep.sobol import sobol
from pipeyard.sweep.space import points_of, size_of

RANDOM = Sampling(Algorithm.RANDOM)
SOBOL = Sampling(Algorithm.RANDOM, Rule.SOBOL)
GRID = Sampling(Algorithm.GRID)

MODELS = {
    "model": Choice(
        (
            "linear",
            SubSpace({"depth": Choice((1, 2)), "kind": "tree"}),
        )
    ),
    "seed": RandInt(2),
}


@pytest.mark.parametrize(
    ("one", "share", "value"),
    [
        (RandInt(10), 0.0, 0),
        (RandInt(10), 0.999, 9),
        (Uniform(2, 4), 0.25, 2.5),
        (Uniform(0, 1, quantum=0.1), 0.34, 0.3),
        (Uniform(1, 100, quantum=5), 0.5, 50),
        (Uniform(math.log(1), math.log(100), is_log=True), 0.5, 10.0),
        (Uniform(math.log(1), math.log(100), quantum=3, is_log=True), 0.5, 9),
        (Normal(3, 2), 0.5, 3.0),
        (Normal(0, 1), 0.975, 1.9599639845),
        (Normal(3, 2, quantum=2), 0.5, 4),
        (Normal(2, 1, is_log=True), 0.5, math.exp(2)),
        (Normal(2, 1, quantum=0.5, is_log=True), 0.5, 7.5),
    ],
    ids=str,
)
def test_each_distribution_follows_its_row_of_the_table(one: Distribution, share: float, value: float):
    """At a given share of its probability, each distribution has the value that Azure's page gives it."""
    assert value_at(one, share) == pytest.approx(value)
    assert isinstance(value_at(one, share), type(value))


def test_a_base_other_than_e_is_what_logarithmic_distributions_are_powers_of():
    """`logbase: 10` makes `loguniform` a power of 10."""
    assert value_at(Uniform(-3, 1, is_log=True), 0.5, 10) == pytest.approx(0.1)


@pytest.mark.parametrize("sampling", [RANDOM, SOBOL], ids=["random", "sobol"])
def test_a_seeded_sweep_draws_the_same_values_again(sampling: Sampling):
    """The values of a trial depend on the seed and its number alone, and another seed draws others."""
    space = {"rate": Uniform(0, 1), "kind": Choice(("a", "b"))}
    first = list(islice(trials(space, sampling, "7"), 20))

    assert first == list(islice(trials(space, sampling, "7"), 20))
    assert first != list(islice(trials(space, sampling, "8"), 20))
    assert all(0 <= values["rate"] < 1 for values in first)


def test_a_new_hyperparameter_leaves_the_others_as_they_were():
    """What one hyperparameter draws does not depend on which others there are, or where they stand."""
    one = {"rate": Uniform(0, 1)}
    more = {"depth": RandInt(5), **one}

    drawn = [[v["rate"] for v in islice(trials(space, RANDOM, "1"), 5)] for space in (one, more)]

    assert drawn[0] == drawn[1]


@pytest.mark.parametrize("sampling", [RANDOM, SOBOL, GRID], ids=["random", "sobol", "grid"])
def test_a_space_that_can_be_counted_is_tried_once_in_full(sampling: Sampling):
    """No combination is tried twice, and when all were tried the sweep has nothing more to do."""
    tried = list(trials(MODELS, sampling, "3"))

    assert len(tried) == size_of(MODELS) == 6
    assert sorted(
        map(
            str,
            map(sorted, tried),
        ),
        key=str,
    ) == sorted(str(sorted(one)) for one in points_of(MODELS))


def test_equal_values_of_a_choice_are_one_point():
    """A value that is written twice is tried once."""
    assert list(trials({"rate": Choice((1, 1))}, RANDOM, "3")) == [{"rate": 1}]


def test_a_grid_goes_through_the_last_hyperparameter_first():
    """A grid is a Cartesian product in the order of the file."""
    grid = {"a": Choice((1, 2)), "b": Choice(("x", "y"))}

    assert [tuple(values.values()) for values in trials(grid, GRID, "")] == [(1, "x"), (1, "y"), (2, "x"), (2, "y")]


def test_a_mapping_among_the_values_brings_hyperparameters_of_its_own():
    """They stand beside the others where their mapping was chosen, and nowhere else."""
    assert names_of(MODELS) == (("model", "seed"), ("depth", "kind"))
    assert list(points_of(MODELS))[-1] == {
        "model": '{"depth": 2, "kind": "tree"}',
        "depth": 2,
        "kind": "tree",
        "seed": 1,
    }


@pytest.mark.parametrize("dimension", [0, 1, 2, 7, 40, 63])
def test_a_sobol_sequence_visits_each_part_once(dimension: int):
    """Of the first 16 points each sixteenth of a dimension has exactly one, whatever the seed."""
    assert sorted(int(16 * sobol(index, dimension, 0.3)) for index in range(16)) == list(range(16))


def test_a_sobol_sequence_is_that_of_joe_and_kuo():
    """The third point of the first dimensions is the published one."""
    assert [sobol(5, dimension) for dimension in range(6)] == [0.875, 0.875, 0.125, 0.375, 0.875, 0.625]
