"""The Spark example with real Spark: pyspark in the steps' own environment, and in the Python of the terminal."""

from __future__ import annotations

import subprocess

import pytest

from tests.e2e.test_examples import EXAMPLES, PIPEYARD, Shell


@pytest.fixture(scope="module")
def shell(tmp_path_factory, spark):
    """A home of its own, whose server is stopped at the end."""
    shell = Shell(tmp_path_factory.mktemp("home"))
    shell.env.update({name: value for name, value in spark.items() if name.startswith("UV_")})
    yield shell
    shell("server", "stop")


def test_spark_cleans_joins_and_counts(shell, tmp_path):
    """Two Spark steps hand on Parquet; an ordinary step reads what the second one wrote."""
    job, printed = shell.run_to_its_end("spark")
    (report,) = shell.output("spark", "report", tmp_path).iterdir()

    assert job["status"] == "Completed"
    assert "228 of 240 trips are good" in printed
    assert report.read_text() == (
        "Centre: Station, 80 trips of 15.0 minutes on average\n"
        "North: University, 47 trips of 17.8 minutes on average\n"
        "South: Park, 28 trips of 14.4 minutes on average\n"
    )


LOCAL = f"""
type: spark
code: {EXAMPLES / "spark" / "src"}
entry: {{file: clean.py}}
py_files: [lib/rules.py]
inputs: {{trips: {{type: uri_folder, path: {EXAMPLES / "spark" / "data"}}}}}
outputs: {{good: {{type: uri_folder}}}}
args: --trips ${{{{inputs.trips}}}}/%s --good ${{{{outputs.good}}}}
conf: {{spark.driver.cores: 1, spark.driver.memory: 1g, spark.executor.cores: 1, spark.executor.memory: 1g,
       spark.executor.instances: 1}}
"""


def test_without_an_environment_it_is_the_pyspark_of_the_terminal(shell, spark, tmp_path):
    """That is what the extra `spark` brings; a program that fails fails its job, with Spark's own words."""
    env = {**shell.env, "PATH": spark["PATH"]}
    ended = []
    for name, folder in (("good", "trips"), ("bad", "nothing")):
        (tmp_path / "job.yml").write_text(LOCAL % folder, encoding="utf-8")
        argv = [str(PIPEYARD), "job", "create", "--file", str(tmp_path / "job.yml"), "--name", name, "--stream"]
        ended.append(subprocess.run(argv, env=env, capture_output=True, text=True, timeout=300, check=False))

    good, bad = ended
    assert good.returncode == 0, good.stderr
    assert "228 of 240 trips are good" in good.stderr
    assert list(shell.output("good", "good", tmp_path).glob("part-*.parquet"))
    assert bad.returncode == 1
    assert "PATH_NOT_FOUND" in bad.stderr.partition("Execution Summary")[2]
