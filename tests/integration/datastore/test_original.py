from __future__ import annotations

import os

import pytest

from pipeyard.datastore import look, seen
from pipeyard.datastore.manifest import scan
from pipeyard.datastore.original import LocalOriginals
from pipeyard.model.assets import DatastoreUri
from pipeyard.model.digest import manifest_digest

URI = DatastoreUri("workspaceblobstore", "LocalUpload/x/data")


class Here:
    """Datastores below one folder."""

    def __init__(self, root):
        self.root = root

    def local_path(self, workspace, uri):
        return self.root / workspace / uri.datastore / uri.path


class CountingPool:
    """Runs what it is given at once, and counts the files."""

    def __init__(self):
        self.read = 0

    def run(self, function, places):
        self.read += len(places)
        return function(places)


class Yard:
    def __init__(self, home):
        self.home = home
        self.place = Here(home).local_path("w", URI)
        (self.place / "sub").mkdir(parents=True)
        (self.place / "a b.csv").write_text("1,2\n")
        (self.place / "sub" / "ü.csv").write_text("3,4\n")
        self.pool = CountingPool()
        self.manifest = scan(self.place)
        self.digest = manifest_digest(self.manifest)
        self.known = {}
        self.age()

    def age(self):
        """Let every file look as if it had been there for long."""
        for file in self.place.rglob("*"):
            os.utime(file, (1, 1))

    @property
    def originals(self):
        """A new server over the same home."""
        return LocalOriginals(self.home, Here(self.home), self.pool, lambda _workspace, digest: self.known.get(digest))

    def changed(self):
        return self.originals.changed("w", URI, self.digest)

    def looked_at(self):
        """Return how many files the next look reads."""
        before = self.pool.read
        assert self.changed() is None
        return self.pool.read - before


@pytest.fixture
def yard(tmp_path, monkeypatch):
    """An upload of two files; every file is read by the pool, and none counts as young."""
    monkeypatch.setattr(seen, "SMALL_BYTES", -1)
    monkeypatch.setattr(look, "STILL_NS", -(10**15))
    return Yard(tmp_path)


def test_files_are_read_once_while_they_look_the_same(yard):
    """Also by a server that was started later."""
    assert yard.looked_at() == 2
    assert yard.looked_at() == 0


def test_what_was_vouched_for_is_not_read_at_all(yard):
    """Whoever stored the files has just read them."""
    yard.originals.vouch("w", URI, yard.manifest)

    assert yard.looked_at() == 0


def test_a_file_that_looks_different_and_holds_the_same_is_fine(yard):
    """It is read once more, and only it."""
    yard.originals.vouch("w", URI, yard.manifest)
    file = yard.place / "a b.csv"
    file.write_text("1,2\n")

    assert yard.looked_at() == 1
    assert yard.looked_at() == 0


def test_a_changed_file_is_named_though_its_size_and_time_stay(yard):
    """Nobody can set back the time at which a file's time was set back."""
    yard.originals.vouch("w", URI, yard.manifest)
    file = yard.place / "sub" / "ü.csv"
    status = file.stat()
    file.write_text("3,5\n")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))

    assert yard.changed() == "`sub/ü.csv` was changed"


@pytest.mark.parametrize("is_vouched", [True, False])
def test_added_and_missing_files_are_changes_too(yard, is_vouched):
    """One is named, the others are counted; without an earlier look an upload's list of files tells."""
    if is_vouched:
        yard.originals.vouch("w", URI, yard.manifest)
    else:
        yard.known[yard.digest] = yard.manifest
    (yard.place / "sub" / "ü.csv").rename(yard.place / "new")

    assert yard.changed() == "`sub/ü.csv` is gone, and 1 more file differs"


def test_without_any_list_of_files_the_change_is_said_all_the_same(yard):
    """Nobody knows what was there."""
    (yard.place / "a b.csv").write_text("other")

    assert yard.changed() == "its files are not what they were"


def test_a_home_that_was_moved_is_read_once(yard):
    """Inodes and times are new, the bytes are not."""
    yard.originals.vouch("w", URI, yard.manifest)
    for file in [*yard.place.rglob("*.csv")]:
        copy = file.with_suffix(".copy")
        copy.write_bytes(file.read_bytes())
        copy.replace(file)

    assert yard.looked_at() == 2
    assert yard.looked_at() == 0


def test_a_single_file_is_an_original_as_well(yard):
    """Its name is part of what it is."""
    uri = URI.child("a b.csv")
    digest = manifest_digest(scan(yard.place / "a b.csv"))

    assert yard.originals.changed("w", uri, digest) is None
    (yard.place / "a b.csv").write_text("1,3\n")
    assert yard.originals.changed("w", uri, digest) == "`a b.csv` was changed"


def test_a_file_that_was_just_written_is_read_once_more(yard, monkeypatch):
    """A second write within the same tick would leave its times as they are."""
    monkeypatch.setattr(look, "STILL_NS", 10**15)
    yard.originals.vouch("w", URI, yard.manifest)

    assert yard.looked_at() == 2


def test_a_broken_record_is_no_record(yard):
    """Everything is read again."""
    yard.originals.vouch("w", URI, yard.manifest)
    (record,) = (yard.home / "originals").rglob("*.json")
    for text in ("", "[]", "{}", '{"digest": 1, "files": [[1]]}'):
        record.write_text(text)
        assert yard.looked_at() == 2


def test_what_was_taken_in_is_known_from_then_on(yard):
    """It is read once, and a later change names the file."""
    manifest = yard.originals.take_in("w", URI)

    assert manifest_digest(manifest) == yard.digest
    assert yard.looked_at() == 0
    (yard.place / "a b.csv").write_text("9,9\n")
    assert yard.changed() == "`a b.csv` was changed"


def test_what_is_not_there_is_nobodys_change(yard):
    """That it is missing is said by who wants to read it."""
    assert yard.originals.changed("w", URI.child("nowhere"), yard.digest) is None
