"""Tests leave the user who runs them alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from pipeyard.client.defaults import defaults_file
from pipeyard.client.home import cache_path, home_path
from tests.conftest import USER_FOLDERS


def test_no_test_sees_the_folders_of_the_user_who_runs_it(tmp_path, user_apart):
    """Homes, caches and settings of this process and of those that it starts are below pytest's own folder."""
    base = tmp_path.parent
    names = [name for name, _ in USER_FOLDERS]
    code = f"import os; print(*(os.environ[name] for name in {names}), sep='\\n')"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split("\n")

    places = [Path.home(), home_path(), cache_path(), defaults_file(), *map(Path, told[:-1])]
    assert all(place.is_relative_to(base) and place.is_relative_to(user_apart) for place in places)
    assert not any(name in os.environ for name in ("PIPEYARD_WORKSPACE", "PIPEYARD_CONFIG"))
