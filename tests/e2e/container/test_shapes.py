"""
The environments of Azure's own examples 5a, 5b and 5c, in real containers.

Their images are replaced by one that is made on this machine; everything else has their shape.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.cli.conftest import CommandLine
from tests.integration.container.test_image import wheel

IMAGE = os.environ.get("PIPEYARD_TEST_IMAGE", "")
pytestmark = pytest.mark.skipif(
    not IMAGE or shutil.which("podman") is None, reason="needs podman and an image: tests/containers.sh"
)

PIPELINE = """\
$schema: https://azuremlschemas.azureedge.net/latest/pipelineJob.schema.json
type: pipeline
experiment_name: shapes
settings: {default_compute: azureml:cpu-cluster}
jobs:
  public_image:
    type: command
    component: ./5a/component.yml
  registered:
    type: command
    component: ./5b/component.yml
    inputs: {said: "${{parent.jobs.public_image.outputs.said}}"}
  conda_file:
    type: command
    component: ./5c/component.yml
    inputs: {said: "${{parent.jobs.registered.outputs.said}}"}
"""
COMPONENT = """\
$schema: https://azuremlschemas.azureedge.net/latest/commandComponent.schema.json
type: command
name: %s
version: 1
code: ./src
inputs: {said: {type: uri_folder, optional: true}}
outputs: {said: {type: uri_folder}}
environment: %s
command: >-
  python3 hello.py $[[${{inputs.said}}]] > ${{outputs.said}}/hello.txt && cat ${{outputs.said}}/hello.txt
"""
HELLO = """\
import os, pathlib, sys
for folder in sys.argv[1:]:
    print(pathlib.Path(folder, "hello.txt").read_text(), end="")
try:
    import pipeyard_sample
    word = pipeyard_sample.word
except ImportError:
    word = os.environ.get("WORD", "plain")
print(word, "|", pathlib.Path("/etc/debian_version").exists(), os.environ["AZUREML_RUN_ID"] != "", pathlib.Path("/.dockerenv").exists() or pathlib.Path("/run/.containerenv").exists())
"""


@pytest.fixture
def cli(tmp_path: Path) -> Iterator[CommandLine]:
    """A home whose server may use podman."""
    cli = CommandLine(tmp_path / "home", tmp_path / "work")
    cli.folder.mkdir()
    found = {name: os.environ[name] for name in ("CONTAINERS_CONF",) if name in os.environ}
    cli.environment = {"PIPEYARD_CONTAINER_RUNTIME": "podman", **found}
    yield cli
    cli.run("server", "stop")
    # Images that were built for this home would stay when its folder is gone.
    for state in cli.home.glob("environments/*/state.json"):
        facts = json.loads(state.read_text()).get("facts") or {}
        if facts.get("is_own"):
            subprocess.run(["podman", "rmi", "--force", facts["image"]], check=False, capture_output=True)


@pytest.fixture
def with_wheel(tmp_path: Path) -> Iterator[str]:
    """An image that has a wheel, so that a conda file can be fulfilled without a network."""
    wheel(tmp_path)
    (tmp_path / "Containerfile").write_text(f"FROM {IMAGE}\nCOPY *.whl /wheels/\n")
    name = f"localhost/pipeyard-test-wheel:{os.getpid()}"
    subprocess.run(["podman", "build", "--quiet", "--tag", name, str(tmp_path)], check=True, capture_output=True)
    yield name
    subprocess.run(["podman", "rmi", "--force", name], check=True, capture_output=True)


def test_public_image_registered_environment_and_conda_file_on_an_image(cli: CommandLine, with_wheel: str):
    """Each step runs in the container that its environment asks for, and reads what the one before has written."""
    cli.write("pipeline.yml", PIPELINE)
    cli.write("5a/component.yml", COMPONENT % ("hello_a", f"\n  image: {IMAGE}"))
    cli.write("5b/component.yml", COMPONENT % ("hello_b", "azureml:built@latest"))
    cli.write("5c/component.yml", COMPONENT % ("hello_c", f"\n  conda_file: ./conda.yaml\n  image: {with_wheel}"))
    cli.write(
        "5c/conda.yaml",
        "name: sample\nchannels: [conda-forge]\ndependencies:\n  - python=3.11\n  - pip\n  - pip:\n"
        "      - pipeyard-sample @ file:///wheels/pipeyard_sample-1.5-py3-none-any.whl\n",
    )
    for shape in ("5a", "5b", "5c"):
        cli.write(f"{shape}/src/hello.py", HELLO)
    cli.write("environment.yml", "name: built\nbuild: {path: ./context}\n")
    cli.write("context/Dockerfile", f"FROM {IMAGE}\nENV WORD='registered and built'\n")
    cli.ask("environment", "create", "--file", "environment.yml")

    job = cli.value("job", "create", "--file", "pipeline.yml", "--name", "shapes")
    done = cli.run("job", "stream", "--name", job["name"])
    shown = cli.value("job", "show", "--name", job["name"])

    assert shown["status"] == "Completed", done.stdout + done.stderr
    said = cli.value("job", "list", "--parent-job-name", "shapes")
    last = next(step for step in said if step["display_name"] == "conda_file" or "conda_file" in json.dumps(step))
    cli.ask("job", "download", "--name", last["name"], "--output-name", "said", "--download-path", "got")
    [hello] = list((cli.folder / "got").rglob("hello.txt"))
    assert hello.read_text().splitlines() == [
        "plain | True True True",
        "registered and built | True True True",
        "from the wheel | True True True",
    ]


def test_a_missing_image_fails_the_step_and_names_its_registry(cli: CommandLine):
    """The job fails before the step starts; its error says which registry was asked."""
    cli.write(
        "pipeline.yml",
        "type: pipeline\njobs:\n  one:\n    type: command\n    command: echo never\n"
        "    environment: {image: 'localhost:1/team/none:7'}\n",
    )

    cli.run("job", "create", "--file", "pipeline.yml", "--name", "missing", "--stream")
    shown = json.dumps(cli.value("job", "show", "--name", "missing"))

    assert '"Failed"' in shown
    assert "localhost:1" in shown
    assert "could not be reached" in shown
