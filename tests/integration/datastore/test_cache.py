from __future__ import annotations

import os

import pytest

from pipeyard.datastore.cache import Cache, Remembered
from pipeyard.datastore.manifest import scan


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "cache")


@pytest.fixture
def tree(tmp_path, cache):
    """Makes a tree of the cache with one file of so many bytes, last used at such a time."""

    def make(name, size=10, used=None):
        folder = tmp_path / f"new {name}"
        folder.mkdir()
        (folder / name).write_bytes(name[:1].encode() * size)
        made = cache.adopt(folder, scan(folder))
        if used is not None:
            os.utime(made.path.parent / "facts.json", (used, used))
        return made

    return make


def test_a_tree_is_found_by_its_digest(cache, tree):
    """What moved into the cache is there under the digest of its content."""
    made = tree("a")

    found = cache.find(made.digest)

    assert (made, b"a" * 10) == (found, (found.path / "a").read_bytes())


def test_equal_trees_are_kept_once(cache, tmp_path):
    """The same bytes from two places take their space once."""
    digests = set()
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "file").write_text("same")
        digests.add(cache.adopt(folder, scan(folder)).digest)

    assert len(digests) == 1
    assert len(list((cache.root / "trees").iterdir())) == 1
    assert not (tmp_path / "two").exists()


def test_a_changed_or_removed_file_makes_a_tree_unknown(cache, tree):
    """A tree that is not what it was is not given out; taking it in again mends it."""
    made = tree("a")
    (made.path / "a").write_bytes(b"b" * 11)

    assert cache.find(made.digest) is None
    assert cache.find("0" * 64) is None


def test_a_spoilt_tree_is_replaced(cache, tree, tmp_path):
    """The right bytes take the place of the wrong ones."""
    made = tree("a")
    (made.path / "a").unlink()
    folder = tmp_path / "again"
    folder.mkdir()
    (folder / "a").write_bytes(b"a" * 10)

    assert cache.adopt(folder, scan(folder)).digest == made.digest
    assert cache.find(made.digest) is not None


def test_the_longest_unused_go_first(cache, tree):
    """Space is made by what nobody used for longest, and by no more than is needed."""
    old, middle, new = tree("a", 10, 100), tree("b", 10, 200), tree("c", 10, 300)

    gone = cache.evict(20, ())

    assert len(gone) == 1
    assert [cache.find(one.digest) is not None for one in (old, middle, new)] == [False, True, True]


def test_what_is_kept_stays_whatever_the_bound(cache, tree):
    """A tree in use is not removed, even if all else must go and that is not enough."""
    old, new = tree("a", 10, 100), tree("b", 10, 200)

    cache.evict(0, {old.digest})

    assert [cache.find(one.digest) is not None for one in (old, new)] == [True, False]


def test_being_given_out_counts_as_use(cache, tree):
    """A tree that was looked up lately outlives one that was not."""
    first, second = tree("a", 10, 100), tree("b", 10, 200)
    cache.find(first.digest)

    cache.evict(10, ())

    assert [cache.find(one.digest) is not None for one in (first, second)] == [True, False]


def test_what_a_place_held_is_remembered(cache):
    """A listing and its digest come back as they were kept; what is no note is no memory."""
    note = Remembered("d", (("ä b", 3, '"tag"', "s"),))
    cache.remember("key", note)
    (cache.root / "known" / "broken").write_text("{")

    assert cache.remembered("key") == note
    assert cache.remembered("broken") is None
    assert cache.remembered("other") is None


def test_a_start_clears_away_what_was_left_half_done(cache):
    """Trees in the making go at once; the pieces of a broken download stay for a week."""
    cache.fresh().mkdir(parents=True)
    young, old = cache.partial("young"), cache.partial("old")
    for folder, used in ((young, 1_000_000), (old, 0)):
        folder.mkdir(parents=True)
        os.utime(folder, (used, used))

    cache.sweep(1_000_000)

    assert list((cache.root / "incoming").iterdir()) == []
    assert (True, False) == (young.exists(), old.exists())
