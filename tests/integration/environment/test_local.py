from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pipeyard.environment import virtual
from pipeyard.environment.local import LocalEnvironments
from pipeyard.model.assets import AssetKind, AssetRef
from pipeyard.model.component import InlineEnvironment
from pipeyard.model.diagnostic import Place

OWN = (str(Path(sys.executable).parent),)


@pytest.fixture
def environments(tmp_path):
    return LocalEnvironments(tmp_path, sys.executable)


@pytest.fixture
def package(tmp_path):
    """A package without needs, as a requirement that no network is asked for."""
    folder = tmp_path / "small package"
    folder.mkdir()
    (folder / "pyproject.toml").write_text(
        "[build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path = ['.']\n"
    )
    (folder / "backend.py").write_text(
        "import zipfile\n"
        "def build_wheel(folder, *_):\n"
        "    name = 'small-1-py3-none-any.whl'\n"
        "    with zipfile.ZipFile(folder + '/' + name, 'w') as wheel:\n"
        "        wheel.writestr('small.py', 'word = 42')\n"
        "        wheel.writestr('small-1.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: small\\nVersion: 1\\n')\n"
        "        wheel.writestr('small-1.dist-info/WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')\n"
        "        wheel.writestr('small-1.dist-info/RECORD', '')\n"
        "    return name\n"
    )
    return f"small @ {folder.as_uri()}"


def wanting(*packages):
    return InlineEnvironment(Place(), image="i", conda={"dependencies": ["python=3.8", {"pip": list(packages)}]})


@pytest.mark.parametrize("environment", [None, "local"])
def test_the_servers_python_is_no_reason_for_a_warning_when_asked_for(environments, environment):
    """Its programs come first on PATH."""
    prepared = environments.prepare(environment)

    assert (prepared.path_prefix, prepared.warning) == (OWN, None)


def test_other_environments_are_one_plain_warning(environments):
    """The same words for an image, conda packages and a registered one."""
    found = {
        environments.prepare(environment).warning
        for environment in (
            InlineEnvironment(Place(), image="python:3"),
            InlineEnvironment(Place(), image="i", conda={"dependencies": ["numpy"]}),
            AssetRef(AssetKind.ENVIRONMENT, "curated", "1"),
        )
    }

    (warning,) = found
    assert "the server's Python" in warning


def test_a_pip_list_becomes_an_environment_once(environments, package, monkeypatch):
    """Several steps may ask at the same moment; one makes it."""
    made = []
    install = virtual.VirtualEnvironments._install
    monkeypatch.setattr(virtual.VirtualEnvironments, "_install", lambda *args: made.append(1) or install(*args))
    found = []
    threads = [threading.Thread(target=lambda: found.append(environments.prepare(wanting(package)))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    (folder,) = {prepared.path_prefix[0] for prepared in found}
    said = subprocess.run(
        [f"{folder}/python", "-c", "import small; print(small.word)"], capture_output=True, text=True, check=True
    )
    assert said.stdout == "42\n"
    assert len(made) == 1
    assert {prepared.warning for prepared in found} == {None}


def test_packages_that_cannot_be_had_are_a_warning_with_the_reason(environments, tmp_path):
    """The step runs in the server's Python, and nothing half-made is left."""
    prepared = environments.prepare(wanting(f"gone @ {(tmp_path / 'nowhere').as_uri()}"))

    assert prepared.path_prefix == OWN
    assert "could not be installed" in prepared.warning
    assert list((tmp_path / "environments").iterdir()) == []
