from __future__ import annotations

from dataclasses import replace

import pytest

from pipeyard.environment.curated import CuratedEntry
from pipeyard.environment.means import Interpreter, Means
from pipeyard.environment.resolve import Known, choose
from pipeyard.environment.setting import CondaWay, EnvironmentSettings
from pipeyard.environment.strategy import CondaPrefix, InContainer, OwnPython, PipPrefix, digest_of, strategy_json
from pipeyard.model.assets import AssetKind, AssetRef, DataUri
from pipeyard.model.component import InlineEnvironment
from pipeyard.model.diagnostic import Place
from pipeyard.model.environment import ImagePolicy
from pipeyard.ports import EnvironmentRequest

REQUIRE, PREFER, IGNORE = ImagePolicy.REQUIRE, ImagePolicy.PREFER, ImagePolicy.IGNORE
OWN = Interpreter("/own/bin/python", (3, 11, 7))
OLD = Interpreter("/old/bin/python3", (3, 9, 18))
PIP = {"dependencies": ["python=3.9", {"pip": ["six"]}]}
CONDA = {"channels": ["forge"], "dependencies": ["python=3.9", "numpy", {"pip": ["six"]}]}
CURATED = {
    "sklearn-1.5": CuratedEntry("sklearn-*", ">=3.9", ("scikit-learn",)),
    "with-image": CuratedEntry("with-image", pip=("six",), image="own:1"),
}


def inline(image="python:3", conda=None, build=None):
    return InlineEnvironment(Place(), image=image, conda=conda, build=build)


def curated(name):
    return AssetRef(AssetKind.ENVIRONMENT, name, label="latest", registry="azureml")


def chosen(environment, policy=PREFER, *, python=None, settings=None, **means):
    found = Means(OWN, interpreters=lambda: (OWN, OLD), **means)
    known = Known(
        found,
        settings or EnvironmentSettings(),
        CURATED.get,
        "/home/curated.yml",
        lambda path: OLD if path == OLD.path else None,
    )
    return choose(EnvironmentRequest(environment, policy, python=python), known)


HERE = OwnPython("/own/bin/python", "3.11.7")
SIX = PipPrefix("/old/bin/python3", "3.9.18", ("six",))


@pytest.mark.parametrize(
    ("environment", "policy", "runtime", "strategy"),
    [
        (None, REQUIRE, None, HERE),
        ("local", REQUIRE, None, HERE),
        (inline(), PREFER, "podman", InContainer("podman", "python:3")),
        (inline(), REQUIRE, "docker", InContainer("docker", "python:3")),
        (inline(), IGNORE, "podman", HERE),
        (inline(), PREFER, None, HERE),
        (inline(), REQUIRE, None, None),
        (inline(conda=PIP), PREFER, None, SIX),
        (inline(conda=PIP), IGNORE, "podman", SIX),
        (inline(conda=PIP), REQUIRE, None, None),
        (inline(None, build=DataUri("azureml://x")), PREFER, None, HERE),
        (inline(None, build=DataUri("azureml://x")), REQUIRE, None, None),
        (inline(None, conda=PIP), REQUIRE, None, SIX),
        (curated("sklearn-1.5"), PREFER, "podman", PipPrefix("/own/bin/python", "3.11.7", ("scikit-learn",))),
        (curated("sklearn-1.5"), REQUIRE, "podman", None),
        (curated("with-image"), REQUIRE, "podman", InContainer("podman", "own:1")),
        (curated("with-image"), REQUIRE, None, None),
        (curated("with-image"), IGNORE, "podman", PipPrefix("/own/bin/python", "3.11.7", ("six",))),
        (curated("unheard-of"), PREFER, None, HERE),
        (curated("unheard-of"), REQUIRE, None, None),
    ],
)
def test_definition_policy_and_runtime_decide(environment, policy, runtime, strategy):
    """A refusal says what to do; anything less than was asked for is a warning."""
    found = chosen(environment, policy, runtime=runtime)

    assert found.strategy == strategy
    assert (found.refusal is not None) is (strategy is None)


@pytest.mark.parametrize(
    ("environment", "policy", "runtime", "said"),
    [
        (None, PREFER, None, None),
        ("local", PREFER, None, None),
        (inline(), PREFER, "podman", None),
        (inline(), PREFER, None, "neither podman nor docker was found: steps run outside their images"),
        (inline(), IGNORE, "podman", "the image policy is `ignore`"),
        (inline(None, conda=PIP), PREFER, None, None),
        (curated("sklearn-1.5"), PREFER, None, "pipeyard environment list --curated"),
        (curated("with-image"), PREFER, "podman", None),
        (curated("unheard-of"), PREFER, None, 'unheard-of: {python: "3.10", pip: [PACKAGE, PACKAGE]}'),
    ],
)
def test_less_than_was_asked_for_is_one_warning(environment, policy, runtime, said):
    """In one plain sentence; nothing is said of what is as it should be."""
    found = chosen(environment, policy, runtime=runtime)

    assert (said is None and found.warning is None) or said in found.warning


def test_a_build_context_belongs_to_its_workspace():
    """The folder is in a datastore of that."""
    found = chosen(inline(None, build=DataUri("azureml://x")), runtime="podman")

    assert found.strategy == InContainer("podman", build="azureml://x", workspace="default")


def test_image_and_packages_are_one_container():
    """The packages are put on top."""
    found = chosen(inline(conda=CONDA), runtime="podman").strategy

    assert (found.image, found.conda.packages) == ("python:3", ("numpy",))


@pytest.mark.parametrize(
    ("means", "ways", "strategy"),
    [
        ({"has_rattler": True}, None, "conda"),
        ({"conda_program": "/bin/mamba"}, None, "conda-exe"),
        ({"has_rattler": True, "conda_program": "/bin/mamba"}, None, "conda"),
        ({"has_rattler": True, "conda_program": "/bin/mamba"}, (CondaWay.PROGRAM, CondaWay.RATTLER), "conda-exe"),
        ({}, (CondaWay.TRANSLATE,), "pip-translate"),
        ({"has_rattler": True}, (CondaWay.TRANSLATE, CondaWay.RATTLER), "pip-translate"),
    ],
)
def test_conda_packages_come_by_the_first_way_that_is_open(means, ways, strategy):
    """In the order of the settings."""
    settings = EnvironmentSettings() if ways is None else EnvironmentSettings(conda=ways)
    found = chosen(inline(None, conda=CONDA), settings=settings, **means).strategy

    assert found.word == strategy
    assert isinstance(found, CondaPrefix | PipPrefix)


def test_conda_packages_that_nothing_can_install_name_what_was_tried():
    """And how they can be had."""
    code, message, hint = chosen(inline(None, conda=CONDA)).refusal

    assert code == "conda-unavailable"
    assert "`numpy` from forge" in message
    assert "py-rattler is not installed; no micromamba, mamba or conda is on PATH; names may not be" in message
    assert "pipeyard[conda]" in hint


def test_translation_lists_each_substitution_and_warns():
    """It is never silent."""
    found = chosen(inline(None, conda=CONDA), settings=EnvironmentSettings(conda=(CondaWay.TRANSLATE,)))

    assert found.substitutions == ("numpy -> numpy",)
    assert "taken for pip packages: numpy -> numpy" in found.warning
    assert found.strategy.requirements == ("numpy", "six")


def test_translation_does_not_guess():
    """A package that is not in the table stops it."""
    conda = {"dependencies": ["r-base"]}
    _, message, _ = chosen(inline(None, conda=conda), settings=EnvironmentSettings(conda=(CondaWay.TRANSLATE,))).refusal

    assert "`r-base` is not known to be on a package index" in message


def test_a_python_that_is_not_there_gives_way_to_the_nearest():
    """With a warning that names both."""
    found = chosen(inline(None, conda={"dependencies": ["python=3.8", {"pip": ["six"]}]}))

    assert found.strategy.version == "3.9.18"
    assert found.warning == "Python 3.8 was asked for and is not on this machine; 3.9.18 is used"


def test_a_python_that_may_be_fetched_is_left_to_uv():
    """Only where somebody allowed it."""
    settings = replace(EnvironmentSettings(), may_fetch_python=True)
    found = chosen(inline(None, conda={"dependencies": ["python=3.8"]}), settings=settings)

    assert (found.strategy.python, found.warning) == ("3.8", None)


def test_a_conda_file_that_cannot_be_read_is_refused():
    """With what is wrong in it."""
    code, message, _ = chosen(inline(conda={"dependencies": [{"npm": []}]})).refusal

    assert code == "conda-file"
    assert "`npm`" in message


def test_local_is_the_interpreter_of_whoever_submitted():
    """If it is still there."""
    assert chosen("local", python=OLD.path).strategy == OwnPython(OLD.path, "3.9.18")
    assert chosen("local", python="/gone").refusal[0] == "no-interpreter"


def test_equal_strategies_have_one_digest():
    """However they were written."""
    one = chosen(inline("a", conda=PIP)).strategy
    other = chosen(inline("b", conda={**PIP, "name": "other"})).strategy
    third = chosen(inline("a", conda={"dependencies": ["python=3.9", {"pip": ["six==1"]}]})).strategy

    digests = [digest_of(strategy_json(strategy)) for strategy in (one, other, third)]
    assert digests[0] == digests[1] != digests[2]
