"""MLflow's own clients, unmodified, log to this server: from a shell, and from steps."""

from __future__ import annotations

import json

import pytest

# What any version of the client can do; it prints what it finds, as JSON.
EVERYTHING = r"""
import json, math, sys
import mlflow
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag

said = {}
experiment = f"spring-{mlflow.__version__}"
mlflow.set_experiment(experiment)
with mlflow.start_run(run_name="first", tags={"team": "x"}, description="what it is") as run:
    mlflow.log_param("lr", 0.1)
    mlflow.log_params({"a": 1, "b": "two"})
    for step in range(5):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)
    mlflow.log_metric("nan", math.nan)
    mlflow.log_metric("inf", math.inf)
    mlflow.log_metrics({"acc": 0.9, "odd/name of it": 0.8}, step=3)
    mlflow.set_tag("note", "hi there")
    mlflow.set_tag("gone", "x")
    mlflow.delete_tag("gone")
    mlflow.log_text("hello", "notes/x y.txt")
    mlflow.log_dict({"a": 1}, "d.json")
    with mlflow.start_run(nested=True, run_name="child") as child:
        mlflow.log_metric("loss", 0.01)
client = MlflowClient()
number = run.info.experiment_id
found = client.get_run(run.info.run_id)
said["status"] = found.info.status
said["metrics"] = {key: repr(value) for key, value in found.data.metrics.items()}
said["params"] = found.data.params
said["tags"] = {key: found.data.tags[key] for key in ("team", "note", "mlflow.runName", "mlflow.note.content")}
said["history"] = [(one.step, one.value) for one in client.get_metric_history(run.info.run_id, "loss")]
said["files"] = [one.path for path in (None, "notes") for one in client.list_artifacts(run.info.run_id, path)]
said["text"] = mlflow.artifacts.load_text(run.info.artifact_uri + "/notes/x y.txt")

def names(filter_string, **more):
    return [one.info.run_name for one in client.search_runs([number], filter_string, **more)]

said["searched"] = [
    names("metrics.loss < 0.5 and params.lr = '0.1' and tags.note ILIKE 'HI%'"),
    names(f"tags.mlflow.parentRunId = '{run.info.run_id}'"),
    names("metrics.`odd/name of it` > 0.5 AND attributes.status = 'FINISHED'"),
    names("", order_by=["metrics.loss ASC"]),
]
first = client.search_runs([number], max_results=1)
second = client.search_runs([number], max_results=1, page_token=first.token)
said["pages"] = [len(first), bool(first.token), len(second), bool(second.token)]
said["experiments"] = [one.name for one in client.search_experiments(filter_string=f"name LIKE '{experiment}'")]
client.set_experiment_tag(number, "season", "spring")
said["season"] = client.get_experiment(number).tags

batch = client.create_run(number, run_name="batch")
client.log_batch(
    batch.info.run_id,
    metrics=[Metric("m", float(step), 1700000000000 + step, step) for step in range(1000)],
    params=[Param(f"p{place}", str(place)) for place in range(100)],
    tags=[RunTag("t", "u")],
)
client.set_terminated(batch.info.run_id, "FAILED")
said["batch"] = [client.get_run(batch.info.run_id).info.status, len(client.get_metric_history(batch.info.run_id, "m"))]
client.delete_run(child.info.run_id)
said["after delete"] = len(names(f"tags.mlflow.parentRunId = '{run.info.run_id}'"))
client.restore_run(child.info.run_id)

def refused(function, *arguments):
    try:
        function(*arguments)
    except mlflow.exceptions.MlflowException as error:
        return error.error_code
    return None

said["refused"] = [
    refused(client.log_param, run.info.run_id, "lr", "0.2"),
    refused(client.get_run, "nope"),
    refused(client.search_runs, [number], "metrics.loss ~ 3"),
    refused(client.create_experiment, experiment),
]

model = f"model-{mlflow.__version__}"
with mlflow.start_run(run_name="modelled") as modelled:
    mlflow.log_text("flavors: {}", "model/MLmodel")
client.create_registered_model(model, tags={"a": "b"}, description="words")
version = client.create_model_version(model, f"{modelled.info.artifact_uri}/model", modelled.info.run_id, tags={"k": "v"})
client.set_registered_model_alias(model, "champion", version.version)
client.transition_model_version_stage(model, version.version, "Production")
client.update_model_version(model, version.version, "better")
shown = client.get_model_version_by_alias(model, "champion")
said["version"] = [shown.version, shown.description, shown.current_stage, shown.tags, shown.run_id == modelled.info.run_id]
said["registered"] = [one.name for one in client.search_registered_models(f"name = '{model}'")]
said["versions"] = [one.version for one in client.search_model_versions(f"name = '{model}'")]
said["fetched"] = open(mlflow.artifacts.download_artifacts(f"models:/{model}@champion") + "/MLmodel").read()
client.delete_registered_model_alias(model, "champion")
said["no alias"] = refused(client.get_model_version_by_alias, model, "champion")
said["run"] = run.info.run_id
said["child"] = child.info.run_id
sys.stdout.write("SAID " + json.dumps(said))
"""

EXPECTED = {
    "status": "FINISHED",
    "metrics": {"acc": "0.9", "inf": "inf", "loss": "0.2", "nan": "nan", "odd/name of it": "0.8"},
    "params": {"a": "1", "b": "two", "lr": "0.1"},
    "tags": {"team": "x", "note": "hi there", "mlflow.runName": "first", "mlflow.note.content": "what it is"},
    "history": [[0, 1.0], [1, 0.5], [2, 1 / 3], [3, 0.25], [4, 0.2]],
    "files": ["d.json", "notes", "notes/x y.txt"],
    "text": "hello",
    "searched": [["first"], ["child"], ["first"], ["child", "first"]],
    "pages": [1, True, 1, False],
    "season": {"season": "spring"},
    "batch": ["FAILED", 1000],
    "after delete": 0,
    "refused": [
        "INVALID_PARAMETER_VALUE",
        "RESOURCE_DOES_NOT_EXIST",
        "INVALID_PARAMETER_VALUE",
        "RESOURCE_ALREADY_EXISTS",
    ],
    "versions": ["1"],
    "version": ["1", "better", "Production", {"k": "v"}, True],
    "fetched": "flavors: {}",
    "no alias": "INVALID_PARAMETER_VALUE",
}


@pytest.mark.parametrize("which", ["new_python", "old_python"])
def test_everything_that_a_client_does(yard, request, which):
    """Params, metrics, tags, files, nested runs, searches with pages, the registry; errors under MLflow's codes."""
    printed = yard.script(request.getfixturevalue(which), EVERYTHING)
    said = json.loads(printed.rpartition("SAID ")[2])

    assert {key: said[key] for key in EXPECTED} == EXPECTED
    assert len(said["experiments"]) == len(said["registered"]) == 1
    job = yard.json("job", "show", "-n", said["run"])
    assert (job["type"], job["status"], job["display_name"], job["tags"]["note"]) == (
        "run",
        "Completed",
        "first",
        "hi there",
    )
    assert job["metrics"]["loss"] == 0.2
    assert said["run"] in yard("job", "list", "--query", "[].name")
    assert [row["name"] for row in yard.json("job", "list", "--parent-job-name", said["run"])] == [said["child"]]
    points = yard.json("job", "metrics", said["run"], "--key", "loss")
    assert [(point["step"], point["value"]) for point in points] == [tuple(pair) for pair in EXPECTED["history"]]
    assert yard.json("job", "metrics", said["run"], "--params") == EXPECTED["params"]
    yard("job", "download", "-n", said["run"], "-p", str(yard.home / which))
    assert (yard.home / which / said["run"] / "artifacts/notes/x y.txt").read_text() == "hello"


MODELS = r"""
import json, sys
import mlflow
import numpy as np
from mlflow import MlflowClient
from sklearn.linear_model import LinearRegression

mlflow.set_experiment("models")
mlflow.sklearn.autolog(log_models=False)  # It would start a process to find out what the model needs.
with mlflow.start_run() as run:
    LinearRegression().fit(np.array([[0.0], [1.0], [2.0]]), np.array([0.0, 2.0, 4.0]))
    info = mlflow.sklearn.log_model(LinearRegression().fit([[0.0], [1.0]], [0.0, 3.0]), name="own",
        registered_model_name="line", pip_requirements=["scikit-learn"])
    mlflow.log_metric("auc", 0.7, model_id=info.model_id)
said = {}
said["params"] = MlflowClient().get_run(run.info.run_id).data.params["fit_intercept"]
said["outputs"] = len(mlflow.get_run(run.info.run_id).outputs.model_outputs)
said["inputs"] = [one.dataset.name for one in mlflow.get_run(run.info.run_id).inputs.dataset_inputs]
places = [f"runs:/{run.info.run_id}/own", "models:/line/1"]
said["predicted"] = [round(float(mlflow.pyfunc.load_model(place).predict([[2.0]])[0]), 3) for place in places]
found = mlflow.search_logged_models(filter_string="name = 'own' AND metrics.auc > 0.5", experiment_ids=[run.info.experiment_id],
    order_by=[{"field_name": "metrics.auc", "ascending": False}], output_format="list")
said["logged"] = [(one.name, str(one.status), one.source_run_id == run.info.run_id) for one in found]
said["none"] = len(mlflow.search_logged_models(filter_string="metrics.auc > 0.9", experiment_ids=[run.info.experiment_id], output_format="list"))
mlflow.set_logged_model_tags(info.model_id, {"a": "b"})
mlflow.delete_logged_model_tag(info.model_id, "a")
said["tags"] = mlflow.get_logged_model(info.model_id).tags.get("a")
said["run"] = run.info.run_id
sys.stdout.write("SAID " + json.dumps(said))
"""


def test_models_of_mlflow_3_are_logged_searched_and_loaded(yard, new_python):
    """Beside what autolog says; by several kinds of address; registered, they are models of `pipeyard model` too."""
    said = json.loads(yard.script(new_python, MODELS).rpartition("SAID ")[2])

    assert said["predicted"] == [6.0, 6.0]
    assert said["logged"] == [["own", "READY", True]]
    assert (said["params"], said["none"], said["tags"]) == ("True", 0, None)
    assert said["outputs"] >= 1
    assert said["inputs"]
    model = yard.json("model", "show", "-n", "line", "-v", "1")
    assert model["type"] == "mlflow_model"
    assert model["produced_by"]["job"] == said["run"]
    assert model["path"].endswith(f"dcid.{said['run']}/own")


STEP = r"""
import os, sys
import mlflow
from mlflow import MlflowClient

assert mlflow.get_tracking_uri() == os.environ["MLFLOW_TRACKING_URI"]
mlflow.log_metric("before", 1)
mlflow.log_param("p", "v")
run = mlflow.active_run()
# The client takes MLFLOW_RUN_ID out of the environment when it has used it.
assert run.info.run_id == os.environ["AZUREML_RUN_ID"], run.info.run_id
assert run.info.experiment_id == os.environ["MLFLOW_EXPERIMENT_ID"]
mlflow.end_run()
with mlflow.start_run(run_id=os.environ["AZUREML_RUN_ID"]):
    mlflow.log_metric("loss", 0.5, step=3)
    mlflow.log_text("kept", "notes/kept.txt")
    with mlflow.start_run(nested=True, run_name="inside"):
        mlflow.log_metric("loss", 0.25)
client = MlflowClient()
parent = client.get_run(os.environ["AZUREML_RUN_ID"]).data.tags["mlflow.parentRunId"]
assert parent == os.environ["AZUREML_ROOT_RUN_ID"]
client.log_metric(parent, "best", 0.25)
try:
    client.log_metric(sys.argv[1], "x", 1)
except mlflow.exceptions.MlflowException as error:
    print("refused:", error.error_code)
"""


@pytest.mark.parametrize("which", ["new_python", "old_python"])
def test_a_step_finds_its_own_run(yard, request, which, tmp_path):
    """Nothing is set up by the script; what it logs is its job's, its own status stays the engine's."""
    stranger = yard.script(
        request.getfixturevalue("new_python"), "import mlflow\nprint(mlflow.start_run().info.run_id)"
    )
    stranger = stranger.split()[0]
    (tmp_path / "step.py").write_text(STEP)
    (tmp_path / "job.yml").write_text(
        f"""
type: pipeline
experiment_name: steps
jobs:
  log:
    type: command
    code: .
    command: '"{request.getfixturevalue(which)}" -W ignore step.py {stranger}'
    environment: local
"""
    )
    name = f"steps-{which.replace('_', '-')}"
    yard("job", "create", "-f", "job.yml", "--name", name, cwd=tmp_path)
    yard("job", "stream", "-n", name)
    job = yard.json("job", "show", "-n", name)
    (step,) = yard.json("job", "list", "--parent-job-name", name)
    shown = yard.json("job", "show", "-n", step["name"])
    (inside,) = yard.json("job", "list", "--parent-job-name", step["name"])

    assert (job["status"], shown["status"]) == ("Completed", "Completed")
    assert job["metrics"] == {"best": 0.25}
    assert shown["metrics"] == {"before": 1, "loss": 0.5}
    assert yard.json("job", "metrics", step["name"], "--params") == {"p": "v"}
    assert (inside["display_name"], inside["status"], inside["type"]) == ("inside", "Completed", "run")
    yard("job", "download", "-n", step["name"], "--all", "-p", str(tmp_path / "all"))
    kept = tmp_path / "all" / step["name"] / "artifacts"
    assert (kept / "notes/kept.txt").read_text() == "kept"
    assert "refused: PERMISSION_DENIED" in (kept / "user_logs/std_log.txt").read_text()


def test_no_token_is_written_anywhere(yard):
    """Neither the user's nor a job's is in the server's log or the launcher's."""
    secret = (yard.home / "token").read_text().strip()
    logs = "".join(path.read_text(errors="replace") for path in yard.home.glob("*.log"))

    assert secret not in logs
    assert "job:" not in logs
