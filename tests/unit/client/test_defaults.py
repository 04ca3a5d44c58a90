"""What is used where a flag is not given."""

from __future__ import annotations

import json

import pytest

from pipeyard.client.defaults import defaults_file, read_defaults, workspace_name, write_defaults
from pipeyard.model.errors import OutsideError, UserError


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A home of its own, and no variable."""
    monkeypatch.setenv("PIPEYARD_HOME", str(tmp_path / "a home"))
    monkeypatch.delenv("PIPEYARD_WORKSPACE", raising=False)
    return tmp_path / "a home"


def test_the_workspace_is_default_until_something_says_otherwise(monkeypatch):
    """The flag wins over the variable, the variable over what was set."""
    assert workspace_name(None) == "default"

    write_defaults({"workspace": "vision"})
    assert workspace_name(None) == "vision"

    monkeypatch.setenv("PIPEYARD_WORKSPACE", "speech")
    assert workspace_name(None) == "speech"
    assert workspace_name("tables") == "tables"


def test_an_empty_value_takes_a_default_away():
    """As in Azure's `configure`."""
    write_defaults({"workspace": "vision"})

    assert write_defaults({"workspace": ""}) == {}
    assert read_defaults() == {}


def test_a_file_that_holds_something_else_is_named(home):
    """Nothing is guessed, and nothing is overwritten."""
    home.mkdir()
    defaults_file().write_text("[broken", "utf-8")

    with pytest.raises(UserError, match="does not hold defaults"):
        workspace_name(None)
    with pytest.raises(UserError):
        write_defaults({"workspace": "x"})
    assert defaults_file().read_text("utf-8") == "[broken"


def test_a_folder_that_cannot_be_made_is_an_error_of_the_outside(home):
    """A file stands where the folder should be."""
    home.write_text("", "utf-8")

    assert read_defaults() == {}
    with pytest.raises(OutsideError, match="cannot be written"):
        write_defaults({"workspace": "x"})


def test_one_homes_defaults_are_not_anothers(home, tmp_path, monkeypatch):
    """The file lies in the home, which is made for it and closed to others."""
    write_defaults({"workspace": "vision"})
    assert json.loads((home / "defaults.json").read_text("utf-8")) == {"workspace": "vision"}
    assert home.stat().st_mode & 0o777 == 0o700

    monkeypatch.setenv("PIPEYARD_HOME", str(tmp_path / "another"))
    assert workspace_name(None) == "default"
