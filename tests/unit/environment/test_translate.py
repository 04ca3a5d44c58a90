from __future__ import annotations

import pytest

from pipeyard.environment.conda_file import CondaFile
from pipeyard.environment.translate import translate


@pytest.mark.parametrize(
    ("entry", "requirement"),
    [
        ("numpy", "numpy"),
        ("numpy=1.26", "numpy==1.26.*"),
        ("numpy==1.26.4", "numpy==1.26.4"),
        ("numpy =1.26.*", "numpy==1.26.*"),
        ("numpy>=1.2,<2", "numpy>=1.2,<2"),
        ("Pillow", "pillow"),
        ("pytorch=2.1", "torch==2.1.*"),
        ("py-xgboost", "xgboost"),
    ],
)
def test_a_conda_package_becomes_a_pip_package(entry, requirement):
    """Each substitution is said."""
    found, substitutions, problem = translate(CondaFile(packages=(entry,), requirements=("own",)))

    assert (found.packages, found.requirements, problem) == ((), (requirement, "own"), None)
    assert substitutions == (f"{entry} -> {requirement}",)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("r-base", "`r-base` is not known"),
        ("cudatoolkit=11", "`cudatoolkit` is not known"),
        ("conda-forge::numpy", "tied to a channel"),
        ("numpy=1.26=py311_0", "asks for a build"),
        ("numpy 1|2", "asks for a build, or in a way"),
    ],
)
def test_what_may_be_something_else_is_not_guessed(entry, said):
    """On the package index the name may be somebody else's."""
    _, _, problem = translate(CondaFile(packages=("numpy", entry)))

    assert said in problem
