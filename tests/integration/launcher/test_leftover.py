"""Folders of scratch attempts: which are left, and which of them may go."""

from __future__ import annotations

import fcntl
import os
import subprocess
from pathlib import Path

import pytest

from pipeyard.compute.local.leftover import LocalLeftovers
from pipeyard.launcher import process


@pytest.fixture
def folder(tmp_path):
    """What was left of one: a file that nobody may write to."""
    place = tmp_path / "rehearsals" / "ab12-x"
    (place / "attempt/wd").mkdir(parents=True)
    (place / "attempt/wd/file").write_bytes(b"12345")
    (place / "attempt/wd").chmod(0o500)
    return place


@pytest.fixture
def leftovers(tmp_path):
    return LocalLeftovers(tmp_path)


def in_use(leftovers):
    return [left.is_in_use for left in leftovers.left()]


def test_a_home_in_which_nothing_was_run_once_more_has_none(leftovers):
    """Nor does a look make the folder."""
    assert list(leftovers.left()) == []


def test_what_is_left_is_told_and_removed(leftovers, folder):
    """With its bytes, and since when; what somebody left beside it is not one."""
    (folder.parent / "link").symlink_to(folder)
    (left,) = leftovers.left()

    assert (left.name, left.size, left.is_in_use) == ("ab12-x", 5, False)
    assert left.changed_at_ms == int(folder.stat().st_mtime * 1000)
    assert leftovers.forget("ab12-x")
    assert not folder.exists()


def test_one_whose_lock_is_held_stays(leftovers, folder):
    """Its caller lives, though no process runs yet; a free lock was left by one that was killed."""
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert in_use(leftovers) == [True]
        assert not leftovers.forget("ab12-x")
    assert in_use(leftovers) == [False]
    assert leftovers.forget("ab12-x")


@pytest.mark.parametrize("way", ["by its folder", "by its variable"])
def test_one_whose_process_outlived_its_caller_stays(leftovers, folder, tmp_path, way):
    """Wherever it went: it was told its folder, or it is in it."""
    own = way == "by its variable"
    child = subprocess.Popen(
        ["cat"],
        stdin=subprocess.PIPE,
        cwd=tmp_path if own else folder / "attempt/wd",
        env={**os.environ, **({process.MARKER: str(folder / "attempt")} if own else {})},
    )
    try:
        assert in_use(leftovers) == [True]
        assert not leftovers.forget("ab12-x")
    finally:
        child.stdin.close()
        child.wait(60)
    assert in_use(leftovers) == [False]
    assert Path(folder / "attempt/wd/file").exists()
