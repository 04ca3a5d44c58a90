from __future__ import annotations

import os
import subprocess
import sys

import pytest

from pipeyard.environment.conda import channels_of, specs_of
from pipeyard.environment.conda_file import CondaFile
from pipeyard.environment.setting import settings_of
from pipeyard.model.errors import EnvironmentFailed
from tests.integration.environment.parts import make_channel

# What a conda program is told, written down; then what it would make.
STAND_IN = """#!{python}
import os, pathlib, sys
words = sys.argv[1:]
pathlib.Path(os.environ["SAID"]).write_text("\\n".join(words))
prefix = pathlib.Path(words[words.index("-p") + 1])
(prefix / "conda-meta").mkdir(parents=True)
(prefix / "conda-meta" / "numpy.json").write_text('{{"name": "numpy", "version": "1.0", "build": "0", "channel": "c"}}')
if "bad" in words:
    sys.exit("PackagesNotFoundError: bad")
"""


@pytest.fixture(scope="module")
def channel(tmp_path_factory):
    return make_channel(tmp_path_factory.mktemp("channel"))


def test_a_conda_file_becomes_a_prefix_with_its_pip_packages(environments, wanting, channel):
    """Solved and installed for real; what is there is in the lock, and what packages set is set."""
    request = wanting("python", "libq<1", {"pip": ["small==2.0"]}, channels=[channel])
    prepared = environments.prepare(request)
    said = subprocess.run(
        [f"{prepared.path_prefix[0]}/python", "-c", "import libq, small; print(libq.version, small.version)"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert said.stdout.split() == ["0.9", "2.0"]
    assert prepared.strategy == "conda"
    assert [line for line in prepared.lock.splitlines() if line.startswith(("libq", "small"))] == [
        f"libq=0.9=0  # {channel}/",
        "small==2.0",
    ]
    assert prepared.variables["CONDA_PREFIX"] in prepared.variables["TOOL_HOME"]
    assert environments.find(request) == prepared


@pytest.mark.parametrize(
    ("package", "named"),
    [("nowhere", "nowhere"), ("libq=9", "libq")],
)
def test_what_cannot_be_solved_is_named(environments, wanting, channel, package, named):
    """A package that no channel has, and a version that there is not."""
    with pytest.raises(EnvironmentFailed) as raised:
        environments.prepare(wanting("python", package, channels=[channel]))

    assert raised.value.code == "unsolvable"
    assert named in raised.value.message


def test_a_channel_that_does_not_answer_is_no_network(environments_of, wanting, variables):
    """Said at once."""
    variables |= {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    with pytest.raises(EnvironmentFailed) as raised:
        environments_of().prepare(wanting("libq", channels=["http://127.0.0.1:9/forge"]))

    assert raised.value.code == "no-network"
    assert "127.0.0.1:9" in raised.value.message


def test_a_mirror_stands_for_a_channel(environments_of, wanting, channel):
    """By the channel's name, offline too."""
    settings = {"mirrors": {"forge": channel}, "offline": True}
    prepared = environments_of(settings).prepare(wanting("forge::tool", channels=["forge"]))

    assert subprocess.check_output([f"{prepared.path_prefix[0]}/tool"], text=True) == "tool 1.2\n"


def test_pip_packages_need_a_python(environments, wanting, channel):
    """The file says what to add."""
    with pytest.raises(EnvironmentFailed) as raised:
        environments.prepare(wanting("tool", {"pip": ["small"]}, channels=[channel]))

    assert raised.value.code == "conda-file"
    assert "python" in raised.value.hint


def test_a_conda_program_of_the_machine_can_do_it(environments_of, wanting, variables, tmp_path):
    """It gets channels and packages, and no configuration of its own decides."""
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "micromamba").write_text(STAND_IN.format(python=sys.executable))
    (programs / "micromamba").chmod(0o755)
    said = tmp_path / "said"
    variables |= {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "SAID": str(said)}
    environments = environments_of({"conda": ["program"], "channel_alias": "https://mirror.invalid"})
    prepared = environments.prepare(wanting("python=3.9", "numpy", channels=["forge"]))
    with pytest.raises(EnvironmentFailed) as raised:
        environments.prepare(wanting("numpy", "bad", channels=["forge"]))

    assert prepared.strategy == "conda-exe"
    assert "numpy=1.0=0  # c" in prepared.lock
    assert (raised.value.code, "`bad`" in raised.value.message or "bad" in raised.value.message) == ("unsolvable", True)
    words = said.read_text().split("\n")
    assert words[:2] == ["create", "-y"]
    assert "https://mirror.invalid/forge" in words


@pytest.mark.parametrize(
    ("file", "settings", "channels"),
    [
        (CondaFile(), {}, ("conda-forge",)),
        (CondaFile(channels=("a", "nodefaults", "a")), {}, ("a",)),
        (CondaFile(channels=("defaults",)), {}, ("main", "r")),
        (CondaFile(channels=("a",), packages=("b::x",)), {}, ("a", "b")),
        (CondaFile(channels=("a", "/srv/c")), {"channel_alias": "file:///m/"}, ("file:///m/a", "/srv/c")),
        (CondaFile(channels=("a",)), {"mirrors": {"a": "file:///a"}}, ("file:///a",)),
    ],
)
def test_channels_are_those_of_the_file_where_the_settings_put_them(file, settings, channels):
    """A channel that a package is tied to comes last."""
    assert channels_of(file, settings_of(settings)) == channels


@pytest.mark.parametrize(
    ("python", "spec"), [("3.9", "python=3.9"), (">=3.9,<4", "python>=3.9,<4"), ("", "python"), (None, None)]
)
def test_python_is_asked_for_as_conda_writes_it(python, spec):
    """Before everything else."""
    found = specs_of(CondaFile(python=python, given=("pip",), packages=("numpy",)))

    assert found == ((spec,) if spec else ()) + ("pip", "numpy")
