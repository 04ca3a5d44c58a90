"""What is at a place, and whether an output is what it was."""

from __future__ import annotations

import os

import pytest

from pipeyard.datastore import contents, look, seen
from pipeyard.datastore.contents import LocalContents
from pipeyard.datastore.look import with_looks
from pipeyard.datastore.manifest import scan
from pipeyard.model.assets import DatastoreUri
from pipeyard.model.digest import manifest_digest
from pipeyard.model.record import OutputRecord
from pipeyard.ports import LocalCopy, NeedsTime, RemoteLook
from tests.integration.datastore.test_original import CountingPool, Here

OWN = DatastoreUri("workspaceblobstore", "azureml/step/o/")
SHARED = DatastoreUri("workspaceblobstore", "shared/")


class Yard:
    def __init__(self, home):
        self.home = home
        self.pool = CountingPool()
        self.contents = LocalContents(home, Here(home), self.pool)

    def place(self, uri):
        return Here(self.home).local_path("w", uri)

    def write(self, uri, **files):
        """Write files, and return an output that is them."""
        place = self.place(uri)
        place.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (place / name).write_text(text)
        manifest = with_looks(scan(place), str(place), seen.now_ns())
        return OutputRecord("step", "o", uri, "uri_folder", "complete", manifest_digest(manifest), 1, 1), manifest

    def write_file(self, text):
        uri = OWN.child("file.txt")
        place = self.place(uri)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        manifest = with_looks(scan(place), str(place), seen.now_ns())
        return OutputRecord("step", "o", uri, "uri_file", "complete", "d", 1, 1, is_file=True), manifest

    def verdict(self, made, **how):
        return self.contents.verify("w", *made, **how)

    def read(self):
        """Return how many files were read since the last time."""
        number, self.pool.read = self.pool.read, 0
        return number


@pytest.fixture
def yard(tmp_path, monkeypatch):
    """Every file is read by the pool, and none counts as young."""
    monkeypatch.setattr(seen, "SMALL_BYTES", -1)
    monkeypatch.setattr(look, "STILL_NS", -(10**15))
    return Yard(tmp_path)


def sneak(file, text):
    """Change bytes and put size and time back."""
    before = file.stat()
    file.write_text(text)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_an_output_that_looks_the_same_is_not_read(yard):
    """Whoever stored it has just read it."""
    made = yard.write(OWN, a="1", b="2")

    assert (yard.verdict(made).problem, yard.verdict(made).seen, yard.read()) == (None, None, 0)
    assert (yard.verdict(made, reads_all=True).problem, yard.read()) == (None, 2)


def test_a_touched_file_is_read_once(yard):
    """Its new look is given back, to be stored."""
    output, manifest = yard.write(OWN, a="1", b="2")
    os.utime(yard.place(OWN) / "a", (1, 1))
    verdict = yard.verdict((output, manifest))

    assert (verdict.problem, yard.read()) == (None, 1)
    assert (yard.verdict((output, verdict.seen)).problem, yard.read()) == (None, 0)


def test_a_young_look_is_none(yard, monkeypatch):
    """A second write in the same tick of the clock would leave no trace, so the file is read again."""
    monkeypatch.setattr(look, "STILL_NS", 10**15)
    _, manifest = made = yard.write(OWN, a="1")

    assert manifest.looks == (None,)
    assert (yard.verdict(made), yard.read()) == (contents.Verdict(), 1)


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda place: (place / "a").unlink(), "`a` is gone"),
        (lambda place: (place / "a").write_text("longer"), "`a` was changed"),
        (lambda place: sneak(place / "a", "9"), "`a` was changed"),
        (lambda place: (place / "c").write_text("3"), "`c` was added"),
        (lambda place: place.rename(place.parent / "elsewhere"), "it is not there any more"),
    ],
    ids=["gone", "size", "sneaky", "added", "all gone"],
)
def test_a_spoilt_output_is_named_by_its_file(yard, spoil, problem):
    """The first difference is enough."""
    made = yard.write(OWN, a="1", b="2")
    spoil(yard.place(OWN))

    assert yard.verdict(made).problem == problem


def test_a_single_file_is_looked_at_itself(yard):
    """What else is beside it is nobody's output."""
    made = yard.write_file("1")
    (yard.place(OWN) / "beside").write_text("2")
    assert yard.verdict(made) == contents.Verdict()
    sneak(yard.place(OWN) / "file.txt", "2")

    assert yard.verdict(made).problem == "`file.txt` was changed"


def test_others_may_write_beside_an_output_at_a_shared_place(yard):
    """Only what the step wrote has to be there."""
    made = yard.write(SHARED, a="1")
    (yard.place(SHARED) / "others").write_text("2")

    assert yard.verdict(made).problem is None


def test_what_takes_long_is_not_done_in_passing(yard):
    """Whoever asks comes again with time."""
    made = yard.write(OWN, a="1")
    os.utime(yard.place(OWN) / "a", (1, 1))
    with pytest.raises(NeedsTime):
        yard.verdict(made, in_passing=True)
    with pytest.raises(NeedsTime):
        yard.contents.digest("w", OWN, in_passing=True)


def test_a_folder_is_read_only_where_it_looks_different(yard):
    """Also by a server that was started later."""
    _, manifest = yard.write(SHARED, a="1", b="2")
    digest = yard.contents.digest("w", SHARED)
    assert (digest, yard.read()) == (manifest_digest(manifest), 2)
    yard.contents = LocalContents(yard.home, Here(yard.home), yard.pool)
    assert (yard.contents.digest("w", SHARED, in_passing=True), yard.read()) == (digest, 0)
    sneak(yard.place(SHARED) / "a", "7")

    assert yard.contents.digest("w", SHARED) != digest
    assert yard.read() == 1


def test_nothing_has_no_digest(yard):
    """Not even that of an empty folder."""
    assert yard.contents.digest("w", DatastoreUri("workspaceblobstore", "nowhere")) is None


CLOUD = DatastoreUri("cloud", "azureml/step/o/")


def listed(size, tags):
    return RemoteLook(is_file=False, size=size, file_count=2, listing_digest=tags)


class FakeTransfers:
    """One place elsewhere, as a test says that it is."""

    def __init__(self, look, digest):
        self.there = look
        self.digest = digest

    def is_remote(self, workspace, datastore):
        return datastore == "cloud"

    def look(self, workspace, uri):
        return self.there

    def bring(self, workspace, uri, *, holder=None, digest=None):
        assert digest is None, "a copy that is here says nothing about what is there"
        return LocalCopy(None, is_file=False, digest=self.digest, size=3, file_count=2)


@pytest.mark.parametrize(
    ("there", "digest", "problem"),
    [
        (listed(3, "l"), "d", None),
        (listed(3, "l"), "other", "its files are not what they were"),
        (listed(4, "l"), "d", "its files are not what they were"),
        (None, "d", "it is not there any more"),
    ],
    ids=["unchanged", "same size", "size", "gone"],
)
def test_an_output_elsewhere_is_what_its_store_says(yard, there, digest, problem):
    """Equal sizes are not enough: what the store lists stands for bytes that were here once."""
    output = OutputRecord("step", "o", CLOUD, "uri_folder", "complete", "d", 3, 2)
    yard.contents = LocalContents(yard.home, Here(yard.home), yard.pool, FakeTransfers(there, digest))

    assert yard.contents.verify("w", output, scan(yard.home)).problem == problem
    with pytest.raises(NeedsTime):
        yard.contents.verify("w", output, scan(yard.home), in_passing=True)


def test_an_empty_output_elsewhere_is_nothing_there(yard):
    """No store knows empty folders."""
    output = OutputRecord("step", "o", CLOUD, "uri_folder", "complete", "d", 0, 0)
    yard.contents = LocalContents(yard.home, Here(yard.home), yard.pool, FakeTransfers(None, ""))

    assert yard.contents.verify("w", output, scan(yard.home)).problem is None


def test_what_an_input_elsewhere_holds_is_told_by_its_listing(yard):
    """Nothing is fetched to find that out."""
    yard.contents = LocalContents(yard.home, Here(yard.home), yard.pool, FakeTransfers(listed(3, "tags"), None))

    assert yard.contents.digest("w", CLOUD) == "listing:tags"
