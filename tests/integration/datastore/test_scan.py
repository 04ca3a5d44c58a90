import hashlib
import os
import socket

import pytest

from pipeyard.datastore import manifest as module
from pipeyard.datastore.duplicate import copy_file
from pipeyard.datastore.manifest import describe_file, scan
from pipeyard.model.assets import FileEntry
from pipeyard.model.digest import manifest_digest
from pipeyard.model.errors import StoreError, UserError


def sha256(data):
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "folder"
    (folder / "b/deep").mkdir(parents=True)
    (folder / "empty").mkdir()
    (folder / "b/deep/ü '\n.txt").write_bytes(b"deep")
    (folder / "a.sh").write_bytes(b"#!/bin/sh\n")
    (folder / "a.sh").chmod(0o755)
    return folder


@pytest.mark.parametrize("sync", [False, True])
def test_a_folder_is_described_file_by_file(folder, sync):
    """
    Files are sorted by path; an empty folder leaves no trace.
    """
    found = scan(folder, sync=sync)

    assert (
        FileEntry("a.sh", 10, sha256(b"#!/bin/sh\n"), executable=True),
        FileEntry("b/deep/ü '\n.txt", 4, sha256(b"deep")),
    ) == found.entries
    assert not found.is_file


def test_a_single_file_is_a_tree_of_one(folder):
    """
    Its path is its name, and its digest is not that of a folder with the same file.
    """
    alone = scan(folder / "a.sh")
    (folder / "b/deep/ü '\n.txt").unlink()

    assert alone.is_file
    assert alone.entries == scan(folder).entries
    assert manifest_digest(alone) != manifest_digest(scan(folder))


def test_bytes_of_a_large_file_are_all_read(tmp_path):
    """
    Reading happens in pieces; the digest is that of the whole.
    """
    data = os.urandom(3_000_001)
    (tmp_path / "large").write_bytes(data)

    assert FileEntry("name", 3_000_001, sha256(data)) == describe_file(tmp_path / "large", "name")


def test_links_are_followed_only_when_asked_and_rings_end(folder, tmp_path):
    """
    A snapshot holds what links point to; a folder inside itself is entered once.
    """
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x").write_bytes(b"x")
    (folder / "link").symlink_to(outside)
    (folder / "ring").symlink_to(folder)
    (folder / "to file").symlink_to("a.sh")
    (folder / "broken").symlink_to("nothing")

    followed = [entry.path for entry in scan(folder, follow=True).entries]
    kept = [entry.path for entry in scan(folder).entries]

    assert ["a.sh", "b/deep/ü '\n.txt", "link/x", "to file"] == followed
    assert ["a.sh", "b/deep/ü '\n.txt", "to file"] == kept


def test_what_is_no_file_is_refused_by_name(folder, monkeypatch):
    """
    A pipe would hold up the reader for ever; a socket has no bytes.
    """
    os.mkfifo(folder / "pipe")
    with socket.socket(socket.AF_UNIX) as one:
        monkeypatch.chdir(folder)
        one.bind("plug")
        with pytest.raises(UserError, match="what is no file") as caught:
            scan(folder)

    assert "special-file" == caught.value.code
    assert "`pipe` (pipe)" in caught.value.message
    assert "`plug` (socket)" in caught.value.message


def test_a_file_that_changes_while_it_is_read_is_read_again(tmp_path, monkeypatch):
    """
    The entry describes what the file holds in the end.
    """
    path = tmp_path / "f"
    path.write_bytes(b"one")
    hash_of, writes = module._hash, iter([b"later"])

    def hash_and_change(handle):
        digest = hash_of(handle)
        for data in writes:
            path.write_bytes(data)
            break
        return digest

    monkeypatch.setattr(module, "_hash", hash_and_change)

    assert FileEntry("f", 5, sha256(b"later")) == describe_file(path, "f")


def test_a_file_that_never_rests_is_refused(tmp_path, monkeypatch):
    """
    No manifest is better than a wrong one.
    """
    path = tmp_path / "f"
    path.write_bytes(b"")
    hash_of = module._hash

    def hash_and_change(handle):
        path.write_bytes(path.read_bytes() + b"x")
        return hash_of(handle)

    monkeypatch.setattr(module, "_hash", hash_and_change)

    with pytest.raises(StoreError, match="changes while") as caught:
        describe_file(path, "f")
    assert "changed-while-read" == caught.value.code


def test_a_copy_is_independent_and_keeps_the_permission_to_run(folder, tmp_path):
    """
    Changing the copy never changes the original; it is never a hard link.
    """
    source, target = folder / "a.sh", tmp_path / "copy"

    assert copy_file(source, target) in ("reflink", "range", "bytes")

    assert source.stat().st_ino != target.stat().st_ino
    assert os.access(target, os.X_OK)
    target.write_bytes(b"other")
    assert b"#!/bin/sh\n" == source.read_bytes()


@pytest.mark.parametrize("size", [0, 1, 2_500_000])
def test_bytes_are_copied_where_the_kernel_cannot_help(tmp_path, monkeypatch, size):
    """
    Every file system can be copied from and to.
    """
    data = os.urandom(size)
    (tmp_path / "from").write_bytes(data)
    monkeypatch.setattr("pipeyard.datastore.duplicate._reflink", lambda *_: False)
    monkeypatch.setattr("pipeyard.datastore.duplicate._copy_range", lambda *_: False)

    assert "bytes" == copy_file(tmp_path / "from", tmp_path / "to")
    assert data == (tmp_path / "to").read_bytes()
