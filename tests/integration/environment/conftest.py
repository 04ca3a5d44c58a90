from __future__ import annotations

import os
import sys

import pytest

from pipeyard.environment.local import LocalEnvironments
from pipeyard.environment.setting import settings_of
from pipeyard.model.component import InlineEnvironment
from pipeyard.model.diagnostic import Place
from pipeyard.ports import EnvironmentRequest
from tests.integration.environment.parts import make_wheel


@pytest.fixture
def wheels(tmp_path):
    """A folder with two versions of a package, in place of an index."""
    folder = tmp_path / "wheels"
    for version in ("1.0", "2.0"):
        make_wheel(folder, "small", version)
    return folder


@pytest.fixture
def variables(tmp_path, wheels):
    """What a server without a network was started with."""
    return {
        **os.environ,
        # An index without packages: uv knows no variable for none at all.
        "UV_DEFAULT_INDEX": str(wheels),
        "UV_FIND_LINKS": str(wheels),
        "UV_CACHE_DIR": str(tmp_path / "uv"),
        "RATTLER_CACHE_DIR": str(tmp_path / "rattler"),
    }


@pytest.fixture
def environments_of(tmp_path, variables):
    """Make the environments of one home, as often as a server is started; close them all in the end."""
    made = []

    def make(settings=None, **more):
        found = LocalEnvironments(
            tmp_path / "home", sys.executable, settings=settings_of(settings or {}), environment=variables, **more
        )
        made.append(found)
        return found

    yield make
    for one in made:
        one.close()


@pytest.fixture
def environments(environments_of):
    return environments_of()


@pytest.fixture
def wanting():
    """Return a request for a conda file."""

    def request(*dependencies, channels=(), image=None):
        conda = {"channels": list(channels), "dependencies": list(dependencies)}
        return EnvironmentRequest(InlineEnvironment(Place(), image=image, conda=conda))

    return request
