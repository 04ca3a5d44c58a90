from __future__ import annotations

import pytest

from pipeyard.environment.pip_list import pip_list_of


def conda(*dependencies):
    return {"name": "x", "channels": ["conda-forge"], "dependencies": list(dependencies)}


def test_python_and_pip_packages_are_a_pip_list():
    """In the order of the file."""
    found = pip_list_of(conda("python=3.10", "pip", {"pip": ["b==1", " a>2 "]}))

    assert found.requirements == ("b==1", "a>2")


@pytest.mark.parametrize("given", ["python", "python>=3.8", "conda-forge::python=3.9", "pip=21", "setuptools", "wheel"])
def test_what_every_virtual_environment_has_is_no_obstacle(given):
    """Whatever version is asked for."""
    assert pip_list_of(conda(given, {"pip": ["a"]})) is not None


@pytest.mark.parametrize(
    "dependencies",
    [
        ["python=3.10", "numpy"],
        ["r-base", {"pip": ["a"]}],
        [{"pip": ["-r requirements.txt"]}],
        [{"pip": ["-e ."]}],
        [{"npm": ["a"]}],
        [{"pip": "a"}],
        [3],
        ["python"],
        [],
    ],
)
def test_anything_else_is_more_than_pip_can_give(dependencies):
    """Conda packages, files of the submitter, other managers; and nothing at all needs no environment."""
    assert pip_list_of(conda(*dependencies)) is None


@pytest.mark.parametrize("tree", [None, {}, {"dependencies": None}, {"dependencies": "a"}])
def test_a_conda_file_without_a_list_is_none(tree):
    """It is not an error here."""
    assert pip_list_of(tree) is None
