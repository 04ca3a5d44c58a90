"""The examples of examples/, run by the command line as installed, on a home of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
PIPEYARD = Path(sys.executable).with_name("pipeyard")


class Shell:
    """Types `pipeyard` lines in an example's folder."""

    def __init__(self, home: Path) -> None:
        self.env = {**os.environ, "PIPEYARD_HOME": str(home), "NO_COLOR": "1"}

    def __call__(self, *words: str, example: str = "") -> str:
        argv = [str(PIPEYARD), *words]
        done = subprocess.run(
            argv, cwd=EXAMPLES / example, env=self.env, capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout}\n{done.stderr}"
        return done.stdout + (done.stderr if "--stream" in words else "")

    def run_to_its_end(self, example: str) -> tuple[dict, str]:
        """Create the example's job, and return the job as shown afterwards, and what was printed meanwhile."""
        printed = self("job", "create", "--file", "pipeline.yml", "--name", example, "--stream", example=example)
        return json.loads(self("job", "show", "--name", example)), printed

    def output(self, job: str, output: str, target: Path) -> Path:
        """Download one output and return its folder."""
        self("job", "download", "--name", job, "--output-name", output, "--download-path", str(target))
        return target / job / "named-outputs" / output


@pytest.fixture(scope="module")
def shell(tmp_path_factory):
    """A home of its own, whose server is stopped at the end."""
    shell = Shell(tmp_path_factory.mktemp("home"))
    yield shell
    shell("server", "stop")


def test_three_components_greet_side_by_side(shell):
    """The three hello components all run, each with the value or the default that it was given."""
    job, printed = shell.run_to_its_end("hello-three-components")

    assert job["status"] == "Completed"
    assert "Hello, world!" in printed
    assert "Bonjour, world !" in printed
    assert "こんにちは、世界！" in printed


def test_data_flows_from_a_to_b_to_c(shell, tmp_path):
    """What C writes is the pipeline's output, and comes from what A and B wrote."""
    job, _ = shell.run_to_its_end("data-a-b-c")
    report = shell.output("data-a-b-c", "report", tmp_path) / "report.md"

    assert job["status"] == "Completed"
    assert report.read_text(encoding="utf-8") == (
        "# Weather words\n\n- rain: 4\n- clear: 3\n- wind: 3\n- light: 2\n- morning: 2\n"
    )


def test_a_model_is_prepared_trained_and_scored(shell, tmp_path):
    """The regression learns something, and its model is a folder in MLflow's format."""
    job, _ = shell.run_to_its_end("regression")
    score = json.loads((shell.output("regression", "score_report", tmp_path) / "score.json").read_text())
    model = shell.output("regression", "trained_model", tmp_path)

    assert job["status"] == "Completed"
    assert score["patients"] == 110
    assert 0.4 < score["r2"] < 0.7
    assert score["model"] in (model / "MLmodel").read_text()


def test_values_and_outputs_pass_through_nested_pipelines(shell, tmp_path):
    """A pipeline of pipeline components runs, and its output comes from two levels further down."""
    job, _ = shell.run_to_its_end("nested")
    (verdict,) = shell.output("nested", "verdict", tmp_path).iterdir()

    assert job["status"] == "Completed"
    assert json.loads(verdict.read_text())["samples"] == 2000
    assert 3.0 < json.loads(verdict.read_text())["best"] < 3.3


def test_a_sweep_finds_the_network_that_is_judged(shell, tmp_path):
    """Trials log with MLflow's own client; the best one's network is what the next step gets."""
    shell.run_to_its_end("sweep")
    rows = json.loads(shell("job", "list", "--parent-job-name", "sweep"))
    (tune,) = (row["name"] for row in rows if row["type"] == "sweep")
    trials = json.loads(shell("job", "trials", tune))
    best = next(trial for trial in trials["value"] if trial["is_best"])
    (verdict,) = (json.loads(file.read_text()) for file in shell.output("sweep", "verdict", tmp_path).iterdir())

    assert len(trials["value"]) == 4
    assert best["metric"] == max(trial["metric"] for trial in trials["value"])
    assert verdict["width"] == best["values"]["width"]
    assert verdict["accuracy"] > 0.85


def test_a_step_chooses_what_the_next_ones_are(shell):
    """The room is warm, so the window is opened; whatever happens, the last step runs."""
    job, printed = shell.run_to_its_end("choose")

    assert (job["status"], job["outputs"]["mean"]["value"]) == ("Completed", 22.5)
    assert "22.5 degrees: open a window" in printed
    assert "turn_up_the_heating | [Bypassed" in printed
    assert printed.index("That was all.") > printed.index("open a window")


def test_a_loop_finds_a_root(shell, tmp_path):
    """Five times the guess gets better, each time from where it was before."""
    job, _ = shell.run_to_its_end("loop")
    notes = (shell.output("loop", "notes", tmp_path) / "notes.txt").read_text()

    assert job["status"] == "Completed"
    assert round(job["outputs"]["root"]["value"], 6) == 1.414214
    assert len(notes.splitlines()) == 5


def test_a_step_runs_for_each_item(shell, tmp_path):
    """The step after it has the numbers and the files of all three runs."""
    job, _ = shell.run_to_its_end("for-each")
    (report,) = shell.output("for-each", "report", tmp_path).iterdir()

    assert job["status"] == "Completed"
    assert report.read_text() == ("rose: 3 of 8 words\nrow: 3 of 5 words\nsea: 2 of 8 words\nthe most is 3\n")


def test_files_and_rows_are_worked_on_in_parallel(shell, tmp_path):
    """Rows of all files come in order, each station has its own mini-batch, and both results lie in one folder."""
    job, _ = shell.run_to_its_end("parallel")
    report = shell.output("parallel", "report", tmp_path)
    rows = (report / "extremes").read_text().splitlines()

    assert job["status"] == "Completed"
    assert [row.split()[0] for row in rows] == [f"2025-{month:02d}" for month in range(1, 13)]
    assert {json.loads(path.read_text())["readings"] for path in report.glob("*.json")} == {120}
    assert sorted(path.stem for path in report.glob("*.json")) == ["airport", "harbour", "hill"]


def test_the_data_of_the_regression_is_what_scikit_learn_ships():
    """The two CSV files hold scikit-learn's diabetes data, row by row."""
    import pandas as pd
    from sklearn.datasets import load_diabetes

    ours = pd.concat([pd.read_csv(path) for path in sorted((EXAMPLES / "regression" / "data").glob("*.csv"))])
    theirs = load_diabetes(scaled=False, as_frame=True).frame

    assert ours.to_numpy().tolist() == theirs.to_numpy().tolist()


def test_components_are_registered_and_then_used_by_name(shell, tmp_path):
    """The pipeline names no file; what ran is pinned in its job."""
    for file in ("fit.yml", "apply.yml", "judge.yml"):
        shell("component", "create", "--file", file, example="registered-components")
    job, _ = shell.run_to_its_end("registered-components")
    verdict = json.loads((shell.output("registered-components", "verdict", tmp_path) / "verdict.json").read_text())

    assert job["status"] == "Completed"
    assert [step["component"] for step in job["jobs"].values()] == [
        "azureml:apply_line:1",
        "azureml:fit_spring:1",
        "azureml:judge_lengths:1",
    ]
    assert verdict["worst_mm"] < 0.2


def test_what_steps_log_is_kept_with_them(shell, tmp_path):
    """A metric of each step, runs below one of them, a file among its artifacts; a later step finds the best run of all."""
    job, printed = shell.run_to_its_end("tracked")
    steps = json.loads(shell("job", "list", "--parent-job-name", "tracked"))
    learn = next(step for step in steps if step["step"] == "learn")
    metrics = json.loads(shell("job", "metrics", learn["name"]))
    by_step = json.loads(shell("job", "metrics", "tracked", "--steps"))
    runs = json.loads(shell("job", "list", "--parent-job-name", learn["name"]))
    shell("job", "download", "--name", learn["name"], "--download-path", str(tmp_path))

    assert job["status"] == "Completed"
    assert "1 so far" in printed
    assert job["metrics"] == {"best_loss": next(one["latest"] for one in metrics if one["key"] == "final_loss")}
    assert next(one["count"] for one in metrics if one["key"] == "loss") == 20
    assert next(one["metrics"] for one in by_step if one["step"] == "learn") == metrics
    assert [run["display_name"] for run in runs] == ["seed 0", "seed 1", "seed 2"]
    assert (tmp_path / learn["name"] / "artifacts/learned/weights.json").is_file()
