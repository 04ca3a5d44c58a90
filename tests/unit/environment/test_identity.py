"""Who an environment is, for reuse."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeyard.environment.conda_file import CondaFile
from pipeyard.environment.identity import identity_of
from pipeyard.environment.strategy import Choice, CondaPrefix, InContainer, OwnPython, PipPrefix

OWN = OwnPython("/usr/bin/python3", "3.11.7")
PIP = PipPrefix("/usr/bin/python3", "3.11.7", ("numpy==1.26", "pandas"))
CONDA = CondaPrefix(CondaFile(("conda-forge",), "3.10", ("pip",), ("numpy=1.26",), ("mlflow",)))
INSIDE = InContainer("docker", "ubuntu:22.04")


def identity(strategy, packages=("click==8.1",)):
    """Return the identity of one way to make an environment."""
    return identity_of(Choice(strategy), lambda _path: packages)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (OWN, replace(OWN, python="/opt/python3")),
        (PIP, replace(PIP, python="/opt/python3")),
        (PIP, replace(PIP, word="pip-translate")),
        (CONDA, replace(CONDA, word="conda-exe", program="/opt/mamba")),
        (INSIDE, replace(INSIDE, runtime="podman")),
    ],
)
def test_how_it_is_made_does_not_matter(one, other):
    """The same packages and the same version of Python are the same environment, whoever put them there."""
    assert identity(one).digest == identity(other).digest


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (OWN, replace(OWN, version="3.11.8")),
        (PIP, replace(PIP, version="3.12.1")),
        (PIP, replace(PIP, requirements=("numpy==1.25", "pandas"))),
        (PIP, replace(PIP, variables=(("OMP_NUM_THREADS", "1"),))),
        (CONDA, CondaPrefix(replace(CONDA.file, packages=("numpy=1.25",)))),
        (CONDA, CondaPrefix(replace(CONDA.file, channels=("defaults",)))),
        (CONDA, CondaPrefix(replace(CONDA.file, python="3.11"))),
        (INSIDE, replace(INSIDE, image="ubuntu:24.04")),
        (INSIDE, replace(INSIDE, conda=CondaFile(requirements=("numpy",)))),
        (INSIDE, InContainer("docker", build="azureml://datastores/a/paths/LocalUpload/1/docker")),
        (OWN, PIP),
    ],
)
def test_what_is_in_it_matters(one, other):
    """Another Python, package, variable or image is another environment."""
    assert identity(one).digest != identity(other).digest


def test_the_servers_python_is_what_is_installed_in_it():
    """A package that was upgraded beside the server makes another environment of its Python."""
    before, now = identity(OWN, ("numpy==1.26.4",)), identity(OWN, ("numpy==2.0.0",))

    assert before.digest != now.digest
    assert list(now.parts["installed"]) == ["numpy==2.0.0"]


def test_an_environment_that_cannot_be_had_has_an_identity_too():
    """It says what was asked for; nothing is ever reused by it, as no such step completes."""
    choice = Choice(None, refusal=("image-required", "no", None), source={"image": "ubuntu"})

    assert identity_of(choice, lambda _path: ()).parts == {"kind": "refused", "image": "ubuntu"}
