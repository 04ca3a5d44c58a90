"""Homes whose servers are killed."""

from __future__ import annotations

import shutil
from itertools import count

import pytest

from tests.e2e.survival.jobs import earlier
from tests.e2e.survival.world import Home, Starter


@pytest.fixture(scope="module")
def starter():
    """The process that forks servers."""
    it = Starter()
    yield it
    it.close()


@pytest.fixture(scope="module")
def make_home(starter, tmp_path_factory):
    """A maker of homes; each is a copy of one that was used once, so that no tables need be made."""
    root = tmp_path_factory.mktemp("survival")
    pattern = Home(starter, root / "pattern")
    pattern.start()
    pattern.submit(earlier())
    pattern.follow("earlier")
    pattern.end()
    numbers = count(1)

    def make() -> Home:
        home = Home(starter, root / f"h{next(numbers)}")
        shutil.copytree(pattern.path, home.path, ignore=shutil.ignore_patterns("*.sock", "server.json", "port"))
        return home

    return make
