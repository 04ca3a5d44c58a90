import hashlib

from hypothesis import given
from hypothesis import strategies as st

from pipeyard.model.assets import FileEntry, Manifest
from pipeyard.model.digest import manifest_digest

A, B = "a" * 64, "b" * 64
ENTRIES = st.lists(
    st.builds(
        FileEntry,
        st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1),
        st.integers(0, 9),
        st.sampled_from([A, B]),
        st.booleans(),
    ),
    unique_by=lambda entry: entry.path,
).map(tuple)


def test_the_digest_is_the_written_listing():
    """
    A client in any language can compute it: the kind, then `path NUL size NUL sha256` for each file by path.
    """
    listing = f"folder\na b\x001\x00{A}\nz\x000\x00{B}\n"

    found = manifest_digest(Manifest((FileEntry("z", 0, B), FileEntry("a b", 1, A))))

    assert hashlib.sha256(listing.encode()).hexdigest() == found


@given(ENTRIES)
def test_order_and_permissions_do_not_matter(entries):
    """
    The same bytes under the same names have the same digest.
    """
    other = tuple(FileEntry(entry.path, entry.size, entry.sha256, not entry.executable) for entry in entries[::-1])

    assert manifest_digest(Manifest(entries)) == manifest_digest(Manifest(other))


@given(ENTRIES, ENTRIES)
def test_different_trees_have_different_digests(one, other):
    """
    Newlines in names included, no listing reads like another.
    """
    bare = [{(entry.path, entry.size, entry.sha256) for entry in entries} for entries in (one, other)]

    assert (bare[0] == bare[1]) == (manifest_digest(Manifest(one)) == manifest_digest(Manifest(other)))


def test_a_file_is_not_a_folder_with_that_file():
    """
    A single file and a folder of one file are told apart.
    """
    entry = (FileEntry("x", 1, A),)

    assert manifest_digest(Manifest(entry, is_file=True)) != manifest_digest(Manifest(entry))


def test_a_name_that_is_no_unicode_has_a_digest():
    """
    Its bytes are what counts.
    """
    listing = b"folder\ncaf\xe9\x001\x00" + A.encode() + b"\n"

    assert hashlib.sha256(listing).hexdigest() == manifest_digest(Manifest((FileEntry("caf\udce9", 1, A),)))
