"""
Pages of the codes about sweeps: what they say of themselves, and what becomes of them.

Not here: finding these problems (`spec/decode_sweep.py`, `engine/conduct/sweep.py`).
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeyard.model.code_page import CodePage

SWEEP_PAGES: Mapping[str, CodePage] = {
    "algorithm-mismatch": CodePage(
        "The sampling algorithm cannot choose from this distribution. A grid goes through lists of values, so it takes "
        "`choice` alone; bayesian sampling takes `choice`, `uniform` and `quniform`; random sampling takes all.",
        "sampling_algorithm: grid\nsearch_space:\n  rate: {type: uniform, min_value: 0.1, max_value: 1}",
        "Write the values out as a `choice`, or use `sampling_algorithm: random`.",
    ),
    "raised-timeout": CodePage(
        "Time limits of a sweep and of its trials are at least a minute, as in Azure. A smaller one counts as a minute.",
        "limits: {max_total_trials: 4, trial_timeout: 10}",
        "Write 60 or more. To end slow trials sooner, set `limits.timeout` in the component of the trial.",
    ),
    "metric-never-logged": CodePage(
        "Trials of a sweep ran to their end, and none of them logged the primary metric, so that none is the best. The "
        "message names what they logged instead.",
        "objective: {goal: maximize, primary_metric: acuracy}",
        "Correct `primary_metric`, or log it in the script of the trial: `mlflow.log_metric('accuracy', value)`.",
    ),
    "no-trial-completed": CodePage(
        "No trial of a sweep ran to its end: they failed, were canceled, or the time of the sweep was over before. The "
        "message says how many did what, and why the first one failed.",
        "limits: {max_total_trials: 20, timeout: 60}",
        "Look at the log of a trial, `pipeyard job stream -n NAME_0`; run one alone, `pipeyard job run-step NAME_0`.",
    ),
    "no-suggester": CodePage(
        "Bayesian sampling is done by optuna, which is not installed where the server runs, or could not choose values.",
        "sampling_algorithm: bayesian",
        "Install it, `pip install 'pipeyard[sweep]'`, and restart the server; or use `sampling_algorithm: random`.",
    ),
    "no-sweep": CodePage(
        "Trials were asked for of a job that is no sweep.",
        "pipeyard job trials my-pipeline",
        "Name the job of the sweep itself: inside a pipeline that is the job of its step.",
    ),
}
