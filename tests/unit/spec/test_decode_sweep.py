"""What sweeps say, read."""

from __future__ import annotations

import pytest

from pipeyard.model.assets import AssetRef, LocalPath
from pipeyard.model.component import CommandComponent, StepKind
from pipeyard.model.job import CommandJob
from pipeyard.model.sweep import (
    Algorithm,
    Bandit,
    Choice,
    Goal,
    MedianStopping,
    Normal,
    RandInt,
    SubSpace,
    SweepSpec,
    Truncation,
    Uniform,
)
from pipeyard.spec.decode import decode_job
from pipeyard.spec.document import parse_document

SWEEP = """
type: sweep
trial:
  command: ./train --rate ${{search_space.rate}} --n ${{inputs.n}}
  environment: local
inputs: {n: 3}
outputs: {model: {}}
sampling_algorithm: Random
search_space:
  rate: {type: Uniform, min_value: 0.1, max_value: 1}
objective: {goal: Minimize, primary_metric: loss}
limits: {max_total_trials: 4}
"""


def sweep(text: str) -> CommandJob:
    """Return a job without problems, of a document."""
    document, problems = parse_document(text, source="", file="job.yml")
    assert document is not None
    found, more = decode_job(document)
    assert [one for one in (*problems, *more) if one.is_error] == []
    assert isinstance(found, CommandJob)
    return found


def spec_of(text: str) -> SweepSpec:
    """Return what a sweep says."""
    found = sweep(text).step.control_spec
    assert isinstance(found, SweepSpec)
    return found


def test_a_hyperparameter_is_an_input_of_the_command():
    """A stand-alone sweep writes `search_space.x`; to its trial that is an input like any other."""
    step = sweep(SWEEP).step

    assert step.kind is StepKind.SWEEP
    assert isinstance(step.component, CommandComponent)
    assert list(step.component.inputs) == ["n", "rate"]
    assert list(step.component.outputs) == ["model"]
    assert [one.names for one in step.component.command.expressions] == [("inputs", "rate"), ("inputs", "n")]


def test_words_are_read_in_any_case():
    """`Random`, `Minimize` and `Uniform` are what Azure's own client writes."""
    spec = spec_of(SWEEP)

    assert (spec.sampling.algorithm, spec.objective.goal) == (Algorithm.RANDOM, Goal.MINIMIZE)
    assert isinstance(spec.space["rate"], Uniform)
    assert (spec.limits.total, spec.limits.concurrent) == (4, None)


@pytest.mark.parametrize(
    ("trial", "component"),
    [
        ("./train.yml", LocalPath("./train.yml", "")),
        ("file:./train.yml", LocalPath("./train.yml", "")),
        ("azureml:train@latest", AssetRef),
        ("{inputs: {rate: {type: number}}, command: ./train, environment: local}", CommandComponent),
    ],
)
def test_a_trial_may_be_a_component(trial: str, component: object):
    """A file, a reference, or a mapping that declares its inputs."""
    head, _, rest = SWEEP.partition("trial:\n")
    found = sweep(f"{head}trial: {trial}\n{rest[rest.index('inputs:') :]}").step.component

    assert found == component or (isinstance(component, type) and isinstance(found, component))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("{type: choice, values: [1, a]}", Choice((1, "a"))),
        ("{type: choice, values: [{depth: {type: randint, upper: 3}, kind: tree}]}", Choice),
        ("{type: quniform, min_value: 1, max_value: 9, q: 2}", Uniform(1, 9, 2)),
        ("{type: loguniform, min_value: -3, max_value: 1}", Uniform(-3, 1, None, is_log=True)),
        ("{type: qloguniform, min_value: 0, max_value: 10, q: 0.5}", Uniform(0, 10, 0.5, is_log=True)),
        ("{type: qnormal, mu: 0, sigma: 1, q: 1}", Normal(0, 1, 1)),
        ("{type: lognormal, mu: 0, sigma: 1}", Normal(0, 1, None, is_log=True)),
        ("{type: qlognormal, mu: 0, sigma: 1, q: 1}", Normal(0, 1, 1, is_log=True)),
    ],
)
def test_each_distribution_is_read(written: str, read: object):
    """Every row of the table of distributions."""
    found = spec_of(SWEEP.replace("{type: Uniform, min_value: 0.1, max_value: 1}", written)).space["rate"]

    if isinstance(read, type):
        assert isinstance(found, Choice)
        inner = found.values[0]
        assert isinstance(inner, SubSpace)
        assert isinstance(inner.space["depth"], RandInt)
        assert inner.space["kind"] == "tree"
    else:
        assert repr(found).partition(", place=")[0] == repr(read).partition(", place=")[0]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("{type: bandit, slack_factor: 0.2, evaluation_interval: 0}", Bandit(0.2, None, 1, 0)),
        ("{type: bandit, slack_amount: 1, slack_factor: 0, delay_evaluation: 5}", Bandit(None, 1.0, 1, 5)),
        ("{type: MedianStopping, evaluation_interval: 2}", MedianStopping(2, 0)),
        ("{type: truncation_selection, truncation_percentage: 20}", Truncation(20)),
        ("{type: TruncationSelection, truncation_percentage: 20, exclude_finished_jobs: true}", Truncation(20, True)),  # noqa: FBT003
    ],
)
def test_each_policy_is_read(written: str, read: object):
    """An interval of 0, which Azure's client writes, means each one."""
    assert spec_of(f"{SWEEP}early_termination: {written}\n").policy == read


def test_time_limits_are_at_least_a_minute():
    """Azure raises smaller ones; here too, with a warning."""
    limits = spec_of(SWEEP.replace("{max_total_trials: 4}", "{timeout: 5, trial_timeout: 90}")).limits

    assert (limits.timeout_seconds, limits.trial_timeout_seconds) == (60.0, 90.0)
