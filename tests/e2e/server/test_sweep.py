"""Sweeps over a real server: trials that log by MLflow's protocol, the best of them, and those that are stopped."""

from __future__ import annotations

import json
import signal
import sys

import pytest

# What a trial runs: it logs `loss` as often as it is told, or until it is stopped (after a while it gives up).
LOG = """
import json, os, pathlib, sys, time, urllib.request
value, key, times, gate = float(sys.argv[1]), sys.argv[2], int(sys.argv[3]), pathlib.Path(sys.argv[4])
while not gate.exists():
    time.sleep(0.01)
address = os.environ["MLFLOW_TRACKING_URI"] + "/api/2.0/mlflow/runs/log-metric"
token = {"Authorization": "Bearer " + os.environ["MLFLOW_TRACKING_TOKEN"]}
step = 0
while step < (times if times >= 0 else 2000):
    point = {"run_id": os.environ["MLFLOW_RUN_ID"], "key": key, "value": value, "step": step, "timestamp": 1}
    request = urllib.request.Request(address, json.dumps(point).encode(), token)
    urllib.request.urlopen(request).read()
    step += 1
    time.sleep(0.02)
"""
OBJECTIVE = {"goal": "minimize", "primary_metric": "loss"}


class Sweeps:
    """Sweeps whose trials log what they are given."""

    def __init__(self, served, words, folder):
        self.served = served
        self.jobs = words.jobs
        self.gate = folder / "gate"
        self.script = folder / "log.py"
        self.script.write_text(LOG)

    def command(self, value, key="loss", times=1):
        return f"{sys.executable} {self.script} {value} {key} {times} {self.gate}"

    def sweep(self, values, command, **more):
        """Return a stand-alone sweep that tries some values of `x`."""
        return {
            "type": "sweep",
            "trial": {"command": command, "environment": "local"},
            "sampling_algorithm": "grid",
            "search_space": {"x": {"type": "choice", "values": values}},
            "objective": OBJECTIVE,
            "limits": {"max_total_trials": len(values), "max_concurrent_trials": 2},
            **more,
        }

    def create(self, document):
        status, body = self.served.ask("POST", self.jobs, {"document": document, "user": "ann"})
        assert status == 201, body
        return json.loads(body)["name"]

    def end_of(self, name):
        """Return a job when it has ended, and its trials."""
        self.served.follow(name)
        return self.show(name), self.trials(name)

    def show(self, name):
        return self.served.get(f"{self.jobs}/{name}")

    def trials(self, name):
        return self.served.get(f"{self.jobs}/{name}/trials")

    def file_of(self, job, path):
        uri = job["outputs"]["model"]["path"].removeprefix("azureml:azureml://datastores/")
        datastore, _, place = uri.partition("/paths/")
        return self.served.home / "workspaces" / "default" / datastore / place / path


@pytest.fixture
def sweeps(running, words, tmp_path):
    """A shared server, with an open gate."""
    it = Sweeps(running, words, tmp_path)
    it.gate.touch()
    return it


def test_the_best_trial_is_the_sweeps_result(sweeps):
    """Each trial is a job with values of its own; the outputs of the one with the best metric are the sweep's."""
    write = "; echo $AZUREML_SWEEP_x $OWN > ${{outputs.model}}/x; echo ${{inputs.unit}} >> ${{outputs.model}}/x"
    command = sweeps.command("${{search_space.x}}") + write
    document = sweeps.sweep([3, 1, 2], command, inputs={"unit": "mm"}, outputs={"model": {}})
    document["trial"]["environment_variables"] = {"OWN": "x${{search_space.x}}${{inputs.unit}}"}
    name = sweeps.create(document)
    job, trials = sweeps.end_of(name)

    assert job["status"] == "Completed"
    assert [(one["name"], one["values"], one["metric"], one["rank"]) for one in trials["value"]] == [
        (f"{name}_0", {"x": 3}, 3.0, 3),
        (f"{name}_1", {"x": 1}, 1.0, 1),
        (f"{name}_2", {"x": 2}, 2.0, 2),
    ]
    assert job["properties"]["best_child_run_id"] == trials["best_child_run_id"] == f"{name}_1"
    assert sweeps.file_of(job, "x").read_text() == "1 x1mm\nmm\n"
    assert sweeps.show(f"{name}_1")["parent_job_name"] == name
    log = sweeps.served.home / f"workspaces/default/workspaceartifactstore/ExperimentRun/dcid.{name}"
    assert f"the best of 3 trials is 1 ({name}_1)" in (log / "azureml-logs/hyperdrive.txt").read_text()


def test_a_step_reads_what_the_best_trial_wrote_and_nothing_is_tried_twice(sweeps, words):
    """A sweep is a step like any other; submitted again, its trials and what reads them are taken from before."""
    trial = {
        "inputs": {"x": {"type": "number"}, "raw": {"type": "uri_folder"}},
        "outputs": {"model": {"type": "uri_folder"}},
        "command": sweeps.command("${{inputs.x}}")
        + "; cat ${{inputs.raw}}/a > ${{outputs.model}}/m; echo ${{inputs.x}} >> ${{outputs.model}}/m",
        "environment": "local",
    }
    jobs = {
        "make": words.step("echo raw > ${{outputs.o}}/a", outputs={"o": {}}),
        "tune": {
            "type": "sweep",
            "trial": trial,
            "inputs": {"raw": "${{parent.jobs.make.outputs.o}}"},
            "outputs": {"model": None},
            "sampling_algorithm": "random",
            "search_space": {"x": {"type": "uniform", "min_value": 1, "max_value": 9}},
            "objective": OBJECTIVE,
            "limits": {"max_total_trials": 3},
        },
        "use": words.step(
            "cat ${{inputs.m}}/m > ${{outputs.model}}/seen",
            inputs={"m": "${{parent.jobs.tune.outputs.model}}"},
            outputs={"model": {}},
        ),
    }
    runs = []
    for _ in range(2):
        name = sweeps.served.submit(jobs, reuses=True)
        sweeps.served.follow(name)
        rows = {row["step"]: row["name"] for row in sweeps.served.get(f"{words.jobs}/{name}/children")["value"]}
        runs.append((sweeps.trials(rows["tune"]), sweeps.show(rows["use"])))

    best = next(one for one in runs[0][0]["value"] if one["is_best"])
    assert sweeps.file_of(runs[0][1], "seen").read_text() == f"raw\n{best['values']['x']}\n"
    assert [one["values"] for one in runs[0][0]["value"]] == [one["values"] for one in runs[1][0]["value"]]
    assert {one["label"] for one in runs[1][0]["value"]} == {runs[1][1]["label"]} == {"Completed (reused)"}


def test_a_trial_that_falls_behind_is_stopped(sweeps):
    """A policy ends a trial that would log for ever; it is canceled with a reason, and ranks all the same."""
    command = sweeps.command("${{search_space.x}}", times="$(( ${{search_space.x}} > 1 ? -1 : 100 ))")
    policy = {"type": "bandit", "slack_factor": 0.5, "delay_evaluation": 2}
    job, trials = sweeps.end_of(sweeps.create(sweeps.sweep([1, 5], command, early_termination=policy)))
    first, second = trials["value"]

    assert (job["status"], first["status"], second["status"]) == ("Completed", "Completed", "Canceled")
    assert second["stop_reason"].startswith("its best, 5, was above 1.5, the best of all (1) with the slack")
    assert (first["rank"], second["rank"], trials["counts"]["stopped"]) == (1, 2, 1)


def test_a_metric_that_nobody_logs_fails_the_sweep_with_what_was_logged(sweeps):
    """A person learns which name was meant, instead of a sweep without a best."""
    job, _ = sweeps.end_of(sweeps.create(sweeps.sweep([1, 2], sweeps.command("1", "losses"))))

    assert job["status"] == "Failed"
    assert job["error"]["message"] == (
        "none of 2 trials that completed logged the metric `loss` (did you mean `losses`?); they logged `losses`"
    )


def test_failed_trials_do_not_fail_a_sweep_unless_all_do(sweeps):
    """What failed is left out of the ranking; when nothing is left, the first failure is told."""
    command = "test ${{search_space.x}} != 1 && " + sweeps.command("${{search_space.x}}")
    some, trials = sweeps.end_of(sweeps.create(sweeps.sweep([1, 2], command)))
    none, _ = sweeps.end_of(sweeps.create(sweeps.sweep([1], command)))
    artifacts = sweeps.served.home / "workspaces/default/workspaceartifactstore/ExperimentRun"

    assert (some["status"], trials["best_trial"], trials["value"][0]["error"]) == ("Completed", 1, "exited with 1")
    assert none["error"]["message"].startswith("no trial completed: 1 failed; trial 0")
    said = (artifacts / f"dcid.{some['name']}/user_logs/std_log.txt").read_text()
    assert f"trial 0 ({some['name']}_0) is Failed: exited with 1; it logged no loss\n" in said


def test_canceling_a_sweep_ends_its_trials(sweeps):
    """No trial goes on, and none begins."""
    sweeps.gate.unlink()
    name = sweeps.create(sweeps.sweep([1, 2, 3], sweeps.command("1")))
    sweeps.served.until(lambda: sweeps.trials(name)["counts"]["running"] == 2)
    assert sweeps.served.ask("POST", f"{sweeps.jobs}/{name}/cancel", {})[0] == 200
    job, trials = sweeps.end_of(name)

    assert job["status"] == "Canceled"
    assert [one["status"] for one in trials["value"]] == ["Canceled", "Canceled"]


def test_a_sweep_goes_on_after_its_server_was_killed(served, words, tmp_path):
    """A new server takes the trials up that run, and begins those that are missing: none twice."""
    served.start()
    sweeps = Sweeps(served, words, tmp_path)
    command = f"echo ${{{{search_space.x}}}} >> {tmp_path}/ran; " + sweeps.command("${{search_space.x}}")
    name = sweeps.create(sweeps.sweep([4, 3, 2, 1], command))
    sweeps.served.until(lambda: (tmp_path / "ran").exists() and len((tmp_path / "ran").read_text().split()) == 2)
    served.end(signal.SIGKILL)
    served.start()
    sweeps.gate.touch()
    job, trials = sweeps.end_of(name)

    assert (job["status"], trials["best_trial"], len(trials["value"])) == ("Completed", 3, 4)
    assert sorted((tmp_path / "ran").read_text().split()) == ["1", "2", "3", "4"]


def test_bayesian_sampling_learns_from_earlier_trials(sweeps):
    """Optuna chooses the values, one trial after the other."""
    document = sweeps.sweep([1], sweeps.command("${{search_space.x}}"))
    document["sampling_algorithm"] = {"type": "bayesian", "seed": 1}
    document["search_space"] = {"x": {"type": "quniform", "min_value": 1, "max_value": 50, "q": 1}}
    document["limits"] = {"max_total_trials": 4, "max_concurrent_trials": 2}
    job, trials = sweeps.end_of(sweeps.create(document))

    assert job["status"] == "Completed"
    assert len(trials["value"]) == 4
    assert all(1 <= one["values"]["x"] <= 50 for one in trials["value"])
