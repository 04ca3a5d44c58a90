from __future__ import annotations

import pytest

from pipeyard.environment.conda_file import CondaFile, read_conda, split_spec


def conda(*dependencies, **more):
    return {"name": "x", "channels": ["conda-forge"], "dependencies": list(dependencies), **more}


def read(*dependencies, **more):
    found, problem = read_conda(conda(*dependencies, **more))
    assert problem is None
    return found


def test_a_conda_file_is_sorted_by_who_can_give_what():
    """In the order of the file."""
    found = read("python=3.10", "pip", "numpy=1.26", {"pip": ["b==1", " a>2 "]}, "setuptools<70")

    assert found == CondaFile(
        channels=("conda-forge",),
        python="3.10",
        given=("pip", "setuptools<70"),
        packages=("numpy=1.26",),
        requirements=("b==1", "a>2"),
    )
    assert not found.is_pip_only


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("python", ""),
        ("python=3.10", "3.10"),
        ("python==3.8.12", "3.8.12"),
        ("python 3.9", "3.9"),
        ("python>=3.9,<3.12", ">=3.9,<3.12"),
        ("python=3.10.12=h955ad1f_0_cpython", "3.10.12"),
        ("conda-forge::python=3.9", "3.9"),
        ("Python = 3.9", "3.9"),
    ],
)
def test_the_version_of_python_is_read_however_it_is_written(written, wanted):
    """A build is left out: no other machine has it."""
    assert read(written).python == wanted


@pytest.mark.parametrize("given", ["pip", "pip=21", "pip<=22.0.4", "setuptools", "wheel"])
def test_what_every_python_has_is_no_conda_package(given):
    """Whatever version is asked for."""
    assert read(given, {"pip": ["a"]}).is_pip_only


def test_variables_belong_to_the_environment():
    """As texts, whatever they were."""
    assert read("python", variables={"A": 1}).variables == (("A", "1"),)


@pytest.mark.parametrize("tree", [None, {}, {"dependencies": None}, {"dependencies": []}])
def test_a_conda_file_that_asks_for_nothing_is_empty(tree):
    """It is not an error."""
    found, problem = read_conda(tree)

    assert (found.is_empty, problem) == (True, None)


@pytest.mark.parametrize(
    ("dependencies", "said"),
    [
        ("numpy", "no list"),
        ([3], "`3`"),
        ([{"npm": ["a"]}], "`npm`"),
        ([{"pip": "a"}], "`pip`"),
        ([{"pip": ["-r requirements.txt"]}], "`-r requirements.txt`"),
        ([{"pip": ["-e ."]}], "`-e .`"),
        ([{"pip": ["./wheel.whl"]}], "`./wheel.whl`"),
    ],
)
def test_what_cannot_be_understood_is_said_in_words(dependencies, said):
    """With what was written."""
    _, problem = read_conda({"dependencies": dependencies})

    assert said in problem


def test_options_of_an_index_may_stand_among_the_requirements():
    """They name no files."""
    assert read({"pip": ["--extra-index-url=https://x.invalid", "a"]}).requirements[0].startswith("--extra")


@pytest.mark.parametrize(
    ("entry", "parts"),
    [
        ("numpy", ("", "numpy", "")),
        ("conda-forge::numpy=1.2", ("conda-forge", "numpy", "=1.2")),
        ("https://host/x::numpy >=1", ("https://host/x", "numpy", ">=1")),
    ],
)
def test_a_package_may_be_tied_to_a_channel(entry, parts):
    """By name or by address."""
    assert split_spec(entry) == parts
