"""Which packages an interpreter finds."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from pipeyard.environment.installed import Installed


@pytest.fixture
def site(tmp_path, monkeypatch):
    """Return a folder that this interpreter looks into for packages."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.setattr(sys, "path", ["", str(folder)])
    return folder


def test_packages_are_named_once_and_in_one_spelling(site):
    """How a package's name is written, and a second copy of it further on, do not matter."""
    for name in ("Foo_Bar-1.0.dist-info", "zed-2.1-py3.11.egg-info", "numpy", "foo.py"):
        (site / name).mkdir()

    assert Installed({}).packages(sys.executable) == ("foo-bar==1.0", "zed==2.1")


def test_a_package_that_came_later_is_seen(site):
    """Nothing has to be restarted after an installation."""
    installed = Installed({})
    assert installed.packages(sys.executable) == ()

    (site / "new-1.0.dist-info").mkdir()
    os.utime(site, ns=(1, 1))

    assert installed.packages(sys.executable) == ("new==1.0",)


def test_another_interpreter_is_asked_where_it_looks(tmp_path):
    """What the server's own variables add to a Python's path is not seen by steps, so it does not count."""
    extra = tmp_path / "extra"
    (extra / "secret-1.0.dist-info").mkdir(parents=True)
    found = Installed({**os.environ, "PYTHONPATH": str(extra)}).packages(str(Path(sys.executable)))

    assert any(package.startswith("pytest==") for package in found)
    assert "secret==1.0" not in found


def test_what_is_no_interpreter_has_no_packages(tmp_path):
    """It is no error: whoever wants to run with it is told."""
    assert Installed({}).packages(str(tmp_path / "python3")) == ()
