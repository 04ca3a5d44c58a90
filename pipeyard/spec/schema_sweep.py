"""
The fields of a sweep, as data.

In:       nothing.
Out:      one more part of `spec/schema.py`, which it looks like.
Not here: what decoding does with them (`spec/decode_sweep.py`, `spec/decode_space.py`).

Source: `reference-yaml-job-sweep`; sections 3.2 and 13 of the language reference.
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeyard.spec.field import Field

SWEEP_FIELDS = (
    Field("trial", "file, reference or mapping", "What is tried: a component, or a command.", is_required=True),
    Field("search_space", "mapping", "The hyperparameters, and which values each may have.", is_required=True),
    Field("sampling_algorithm", "random, grid, bayesian or mapping", "How values are chosen.", is_required=True),
    Field("objective", "mapping", "Which metric makes a trial the best.", is_required=True),
    Field("early_termination", "mapping", "Which trials are stopped before their end.", default="none is"),
    Field("limits", "mapping", "How many trials, and how long.", is_required=True),
    Field("resources", "mapping", "How much of a compute each trial takes."),
    Field("queue_settings", "mapping", "Which trials go first when several jobs wait for a slot."),
    Field("identity", "mapping", "Accepted; jobs run as you."),
    Field(
        "retry", "mapping or whole number", "How often a failed trial is tried again; a key of Pipeyard's.", default="0"
    ),
)

_TYPE = Field("type", "text", "The distribution.", is_required=True)
_LOW = Field("min_value", "number", "Lowest value; of a logarithmic one, its logarithm.", is_required=True)
_HIGH = Field("max_value", "number", "Highest value; of a logarithmic one, its logarithm.", is_required=True)
_MU = Field("mu", "number", "Mean; of a logarithmic one, that of the logarithm.", is_required=True)
_SIGMA = Field("sigma", "number", "Standard deviation.", is_required=True)
_Q = Field("q", "number", "Values are multiples of it.", is_required=True)

_POLICY = (
    Field("type", "text", "The policy.", is_required=True),
    Field("evaluation_interval", "whole number", "Look at every so many values of the metric.", default="1"),
    Field("delay_evaluation", "whole number", "Look at none before this one.", default="0"),
)

SWEEP_SCHEMA: Mapping[str, tuple[Field, ...]] = {
    "trial": (
        Field("command", "text", "What `bash -c` runs.", is_required=True),
        Field("code", "path or reference", "Folder that is copied into the working folder.", default="an empty folder"),
        Field("additional_includes", "list of paths", "Files and folders copied into the code."),
        Field("environment", "reference, file or mapping", "What the command runs in.", is_required=True),
        Field("environment_variables", "mapping of texts", "Variables that the command sees."),
        Field("resources", "mapping", "How much of a compute each trial takes."),
        Field("distribution", "mapping", "How several processes share the work of a trial."),
        Field("type", "command", "Nothing else."),
    ),
    "sampling_algorithm": (
        Field("type", "random, grid or bayesian", "The algorithm.", is_required=True),
        Field("rule", "random or sobol", "How random values are drawn.", default="random"),
        Field("seed", "whole number", "The same values for the same number."),
        Field("logbase", "number or e", "What logarithmic distributions are powers of.", default="e"),
    ),
    "objective": (
        Field("goal", "minimize or maximize", "What is better.", is_required=True),
        Field("primary_metric", "text", "The metric, as the trials log it.", is_required=True),
    ),
    "sweep limits": (
        Field("max_total_trials", "whole number", "Trials in all, at most 1000.", default="1000"),
        Field("max_concurrent_trials", "whole number", "Trials at once.", default="max_total_trials"),
        Field("timeout", "seconds", "When the whole sweep ends.", default="never"),
        Field("trial_timeout", "seconds", "When each trial is stopped.", default="never"),
    ),
    "choice": (_TYPE, Field("values", "list", "The values, each equally likely.", is_required=True)),
    "randint": (_TYPE, Field("upper", "whole number", "One more than the highest value.", is_required=True)),
    "uniform": (_TYPE, _LOW, _HIGH),
    "quniform": (_TYPE, _LOW, _HIGH, _Q),
    "loguniform": (_TYPE, _LOW, _HIGH),
    "qloguniform": (_TYPE, _LOW, _HIGH, _Q),
    "normal": (_TYPE, _MU, _SIGMA),
    "qnormal": (_TYPE, _MU, _SIGMA, _Q),
    "lognormal": (_TYPE, _MU, _SIGMA),
    "qlognormal": (_TYPE, _MU, _SIGMA, _Q),
    "bandit": (
        *_POLICY,
        Field("slack_factor", "number", "How far behind the best, as a share of it."),
        Field("slack_amount", "number", "How far behind the best."),
    ),
    "median_stopping": _POLICY,
    "truncation_selection": (
        *_POLICY,
        Field("truncation_percentage", "whole number from 1 to 99", "Which part is the worst.", is_required=True),
        Field("exclude_finished_jobs", "true or false", "Whether trials that ended count.", default="false"),
    ),
}
