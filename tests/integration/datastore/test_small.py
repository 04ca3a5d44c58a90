"""What the server stores by itself, and what it leaves to a worker."""

import os

import pytest

from pipeyard.datastore.publish import Publication
from pipeyard.datastore.small import is_small
from pipeyard.datastore.worker import AttemptTask


@pytest.fixture
def outputs(tmp_path):
    folder = tmp_path / "outputs ü"
    folder.mkdir()
    return folder


def task(place, *, is_file=False, merges=False, is_direct=False, artifacts=()):
    publication = Publication("out", str(place), "/final/out", is_file, merges=merges, is_direct=is_direct)
    return AttemptTask(str(place.parent), (publication,), artifacts)


def test_a_few_small_files_are_little(outputs):
    """One small file, a folder of a few, and artifacts that nobody wrote are stored at once."""
    (outputs / "a").write_text("a")
    (outputs / "b").write_text("b")

    assert is_small(task(outputs / "a", is_file=True))
    assert is_small(task(outputs, artifacts=((str(outputs / "none"), "/final/none"),)))


def test_bytes_of_outputs_and_artifacts_count_together(outputs):
    """What is little by itself is much together with as much again."""
    (outputs / "a").write_bytes(b"x" * 40_000)

    assert is_small(task(outputs))
    assert not is_small(task(outputs, artifacts=((str(outputs), "/final/outputs"),)))


def test_many_files_are_left_to_a_worker(outputs):
    """Nine empty files are no few."""
    for number in range(9):
        (outputs / str(number)).touch()

    assert not is_small(task(outputs))


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/etc/hostname"), lambda path: path.mkdir()])
def test_what_is_no_file_is_left_to_a_worker(outputs, make):
    """A pipe, a link or a further folder may lead to anything."""
    make(outputs / "other")

    assert not is_small(task(outputs))


@pytest.mark.parametrize("where", [{"merges": True}, {"is_direct": True}])
def test_places_of_the_users_choice_are_left_to_a_worker(outputs, where):
    """Much may be there already."""
    assert not is_small(task(outputs, **where))


def test_what_a_step_did_not_write_is_left_to_a_worker(outputs):
    """It says what is missing."""
    assert not is_small(task(outputs / "missing", is_file=True))
