"""
Pages of the codes that MLflow's clients and commands about metrics meet.

Not here: finding these problems (`service/tracking*.py`, `tracking/`, `api/mlflow/`).

An MLflow client shows the message, under an error code of MLflow's own.
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeyard.model.code_page import CodePage

TRACKING_PAGES: Mapping[str, CodePage] = {
    "no-metric": CodePage(
        "The job has logged no metric of that name, or none yet.",
        "pipeyard job metrics NAME --key los",
        "`pipeyard job metrics NAME` lists what it has logged.",
    ),
    "no-run": CodePage(
        "There is no job or run of that name in the workspace to which MLflow logs.",
        'MlflowClient().get_run("nope")',
        "Take the name from `pipeyard job list`, and look at MLFLOW_TRACKING_URI: it ends in the workspace.",
    ),
    "run-deleted": CodePage(
        "The run was deleted with MLflow's client, so nothing can be logged to it.",
        "mlflow.start_run(run_id=...)",
        "Restore it first: `MlflowClient().restore_run(run_id)`, or `pipeyard job restore -n NAME`.",
    ),
    "not-a-run": CodePage(
        "Only runs that a script began can be deleted as runs. A pipeline or a step of one is hidden with its whole job.",
        "MlflowClient().delete_run(run_id)",
        "`pipeyard job archive -n NAME` hides the whole job.",
    ),
    "param-changed": CodePage(
        "A param of a run is written once, and another value was logged for it.",
        'mlflow.log_param("lr", 0.2) after mlflow.log_param("lr", 0.1)',
        "Begin another run (`nested=True`), or log what changes as a metric or a tag.",
    ),
    "no-tag": CodePage(
        "A tag was to be removed that is not there.",
        'MlflowClient().delete_tag(run_id, "note")',
        "Look at the run's tags: `pipeyard job show -n NAME --query tags`.",
    ),
    "no-experiment": CodePage(
        "No job and no run belongs to an experiment of that name or number, and nobody has created one.",
        'MlflowClient().get_experiment("17")',
        "Say `mlflow.set_experiment(NAME)`, which creates it. Numbers are the same as long as name and workspace are.",
    ),
    "experiment-exists": CodePage(
        "An experiment of that name is there already: perhaps by the jobs that were submitted under it.",
        'mlflow.create_experiment("spring")',
        "Use it with `mlflow.set_experiment(NAME)`.",
    ),
    "bad-filter": CodePage(
        "A search of MLflow's client cannot be understood: comparisons are joined by AND, texts stand in quotes, and keys "
        "with odd signs in backticks.",
        "mlflow.search_runs(filter_string=\"metrics.loss < 'small'\")",
        "Write it like \"metrics.loss < 0.1 AND params.depth = '3'\"; the message says what was expected.",
    ),
    "no-artifact": CodePage(
        "There is no file at that place among those of the run or the registered version.",
        'mlflow.artifacts.download_artifacts(run_id=..., artifact_path="model")',
        "`pipeyard job download -n NAME` fetches what there is; `MlflowClient().list_artifacts(run_id)` lists it.",
    ),
    "not-yours": CodePage(
        "Nothing can be written at that place: it holds logs that Pipeyard writes itself, files of a registered version, or "
        "those of another step whose result stands for this one.",
        'mlflow.log_artifact("a.txt", "user_logs")',
        "Choose another folder for the artifact.",
    ),
    "no-model": CodePage(
        "There is no logged or registered model, or no version of it, under that name or number.",
        'mlflow.pyfunc.load_model("models:/nope/1")',
        "`pipeyard model list` shows what is registered; `mlflow.search_logged_models()` what was logged.",
    ),
    "model-exists": CodePage(
        "A registered model of that name is there already.",
        'MlflowClient().create_registered_model("spring")',
        "Register versions of it: `mlflow.register_model(uri, NAME)`.",
    ),
    "no-alias": CodePage(
        "No version of the registered model has that alias, which is the same as a label of `pipeyard model`.",
        'mlflow.pyfunc.load_model("models:/spring@champion")',
        "Set it: `MlflowClient().set_registered_model_alias(NAME, ALIAS, VERSION)`.",
    ),
    "bad-model": CodePage(
        "What was to be registered as a model is not there, or is not what it is said to be.",
        'mlflow.register_model("runs:/RUN/nothing", "spring")',
        "Log the model first, and take the address that `log_model` returns.",
    ),
    "bad-source": CodePage(
        "A model was to be registered from a place that this server cannot look at, such as a folder of the client.",
        'mlflow.register_model("file:///tmp/model", "spring")',
        "Log it to a run first, or send it with `pipeyard model create -n NAME --path FOLDER`.",
    ),
    "bad-stage": CodePage(
        "MLflow knows four stages of a version, and this is none of them.",
        'MlflowClient().transition_model_version_stage("spring", 1, "Live")',
        "Use None, Staging, Production or Archived; aliases take any word.",
    ),
    "other-workspace": CodePage(
        "A step asked about another workspace than its own, for which its token is good for nothing.",
        "MLFLOW_TRACKING_URI=http://127.0.0.1:PORT/mlflow/other in a step",
        "Leave MLFLOW_TRACKING_URI as the step finds it.",
    ),
}
