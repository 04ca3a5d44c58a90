"""Digests of files are made once for as long as a file does not change."""

from __future__ import annotations

import hashlib
import os

import pytest

from pipeyard.client.hashing import HashMemory, hash_files
from pipeyard.client.tree import FoundFile
from pipeyard.model.errors import UserError


@pytest.fixture
def old_file(tmp_path, monkeypatch):
    """A file, and a clock by which it has not changed for a long time."""
    place = tmp_path / "data.bin"
    place.write_bytes(b"one")
    far = place.stat().st_ctime_ns + 10**12
    monkeypatch.setattr("pipeyard.client.hashing.time.time_ns", lambda: far)
    return place


def digest_of(place, memory=None):
    return hash_files([FoundFile("data.bin", place)], memory)[0].entry.sha256


def test_the_digest_is_sha_256(tmp_path):
    """Size, digest and executable bit are those of the file, for one file and for many."""
    files = []
    for number in range(40):
        place = tmp_path / f"{number}.bin"
        place.write_bytes(b"x" * number)
        files.append(FoundFile(place.name, place))
    (tmp_path / "0.bin").chmod(0o755)

    found = hash_files(files)

    assert [item.entry.size for item in found] == list(range(40))
    assert found[3].entry.sha256 == hashlib.sha256(b"xxx").hexdigest()
    assert [item.entry.executable for item in found] == [True] + [False] * 39


def test_an_unchanged_file_is_not_read_again(tmp_path, old_file, monkeypatch):
    """A second look asks only for the file's times and size."""
    memory = HashMemory(tmp_path / "cache", tmp_path)
    first = digest_of(old_file, memory)
    memory.save()
    monkeypatch.setattr("pipeyard.client.hashing._read", None)

    assert digest_of(old_file, HashMemory(tmp_path / "cache", tmp_path)) == first


def test_a_changed_file_is_read_again_even_with_its_old_date(tmp_path, old_file):
    """A tool that sets the old modification time back cannot hide a change: the kernel's own time moved."""
    times = (old_file.stat().st_atime_ns, old_file.stat().st_mtime_ns)
    memory = HashMemory(tmp_path / "cache", tmp_path)
    first = digest_of(old_file, memory)
    memory.save()
    old_file.write_bytes(b"two")
    os.utime(old_file, ns=times)

    assert digest_of(old_file, HashMemory(tmp_path / "cache", tmp_path)) != first


def test_a_young_file_is_not_remembered(tmp_path):
    """A file written a moment ago may be written again within the same tick."""
    place = tmp_path / "young"
    place.write_bytes(b"one")
    memory = HashMemory(tmp_path / "cache", tmp_path)
    digest_of(place, memory)

    assert HashMemory(tmp_path / "cache", tmp_path).look(place.stat()) is None


def test_a_broken_memory_is_no_memory(tmp_path, old_file):
    """A damaged or unwritable cache costs time and nothing else."""
    memory = HashMemory(tmp_path / "cache", tmp_path)
    digest_of(old_file, memory)
    memory.save()
    (file,) = (tmp_path / "cache" / "hashes").iterdir()
    file.write_text("{broken", "utf-8")
    assert digest_of(old_file, HashMemory(tmp_path / "cache", tmp_path)) == hashlib.sha256(b"one").hexdigest()

    blocked = tmp_path / "blocked"
    blocked.write_text("", "utf-8")
    assert digest_of(old_file, HashMemory(blocked, tmp_path)) == hashlib.sha256(b"one").hexdigest()


def test_a_file_that_vanished_is_named(tmp_path):
    """A file that was deleted meanwhile is an error with its name."""
    with pytest.raises(UserError, match=r"gone\.bin"):
        digest_of(tmp_path / "gone.bin")


def test_progress_adds_up(tmp_path, old_file):
    """The bytes told to the progress line are the bytes of the files, read or remembered."""
    memory = HashMemory(tmp_path / "cache", tmp_path)
    told = []
    hash_files([FoundFile("a", old_file)], memory, told.append)
    hash_files([FoundFile("a", old_file)], HashMemory(tmp_path / "cache", tmp_path), told.append)

    assert sum(told) == 6
