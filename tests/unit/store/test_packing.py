from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeyard.model.assets import FileEntry, Manifest
from pipeyard.store.packing import (
    Unread,
    pack_json,
    pack_manifest,
    pack_tree,
    storable,
    unpack_json,
    unpack_manifest,
    unpack_tree,
)

TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
ENTRIES = st.builds(
    FileEntry,
    st.text(st.characters(), min_size=1),
    st.integers(0, 2**60),
    st.binary(min_size=32, max_size=32).map(bytes.hex),
    st.booleans(),
)


@given(TREES)
def test_a_tree_comes_back_as_it_was(tree):
    """
    Any JSON value survives, short or long, half characters included.
    """
    assert tree == unpack_json(pack_json(tree)) == unpack_tree(pack_tree(tree))
    assert pack_json(tree).isascii()


@given(st.dictionaries(st.text(), TREES, max_size=4))
def test_what_is_read_later_is_what_was_written(tree):
    """
    A mapping that is read when somebody looks into it is equal to one that was read before, and kept as that is.
    """
    text = pack_json(tree)

    assert Unread(text) == tree
    assert {**Unread(text)} == tree
    assert repr(Unread(text)) == repr(tree)
    assert pack_json(Unread(text)) == text


@given(st.builds(Manifest, st.lists(ENTRIES).map(tuple), st.booleans()))
def test_a_manifest_comes_back_as_it_was(manifest):
    """
    Every path, size, digest and permission survives.
    """
    assert manifest == unpack_manifest(pack_manifest(manifest))


def test_a_read_only_mapping_is_kept_like_any_other():
    """
    Model values hold read-only mappings; what else has no JSON is an error of ours.
    """
    assert '{"a":{}}' == pack_json({"a": MappingProxyType({})})
    with pytest.raises(TypeError, match="set"):
        pack_json({"a": {1}})


def test_many_similar_files_take_little_room():
    """
    Of 1,000 files hardly more than their digests is stored.
    """
    manifest = Manifest(tuple(FileEntry(f"part/{n:05}.parquet", 4096, f"{n:064x}") for n in range(1000)))

    assert len(pack_manifest(manifest)) < 20_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [("plain", "plain"), ("ü\n", "ü\n"), ("\x00", "\ufffd"), ("a\ud800b", "a\ufffdb"), ("\U0001f600", "\U0001f600")],
)
def test_only_what_no_database_takes_is_replaced(text, expected):
    """
    A NUL and half a character become the replacement character.
    """
    assert expected == storable(text)
