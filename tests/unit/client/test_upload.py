"""Only what the server lacks is sent, and on the same machine it is put where the server looks."""

from __future__ import annotations

import hashlib
import json

import pytest

from pipeyard.client.hashing import hash_files
from pipeyard.client.tree import list_files
from pipeyard.client.upload import Tree, upload
from pipeyard.model.errors import UserError


class FakeWorkspace:
    """A server that knows some contents."""

    def __init__(self, known=(), drop=None, *, is_complete=False):
        self.known = known
        self.drop = drop
        self.is_complete = is_complete
        self.sent = []

    def begin_upload(self, body):
        missing = sorted({item["sha256"] for item in body["files"]} - set(self.known))
        upload_id = None if self.is_complete else "u1"
        return {
            "uri": "the uri",
            "upload": upload_id,
            "missing": missing,
            "drop": str(self.drop) if self.drop else None,
        }

    def send_content(self, upload_id, chunks):
        body = b"".join(chunks)
        while body:
            head, _, body = body.partition(b"\n")
            size = json.loads(head)["size"]
            self.sent.append((json.loads(head)["sha256"], body[:size]))
            body = body[size:]

    def complete_upload(self, upload_id):
        return "the uri"


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def tree(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    for name, text in {"a": "one", "b": "two", "c": "one", "empty": ""}.items():
        (folder / name).write_text(text, "utf-8")
    return Tree("data", hash_files(list_files(folder, lambda _path, _is_folder: False)))


def send(workspace, tree):
    told = []
    assert upload(workspace, tree, told.append) == "the uri"
    return told


def test_what_the_server_has_is_not_sent(tree):
    """One of three contents is missing; only its bytes travel, and once."""
    workspace = FakeWorkspace(known=[sha("two"), sha("")])

    assert sum(send(workspace, tree)) == 3
    assert workspace.sent == [(sha("one"), b"one")]


def test_a_complete_tree_is_not_sent_at_all(tree):
    """The second submit of the same files costs one question."""
    workspace = FakeWorkspace(is_complete=True)

    assert send(workspace, tree) == []
    assert workspace.sent == []


def test_on_the_same_machine_files_are_put_into_the_drop(tree, tmp_path):
    """Contents lie there under their digests, and are copies: the user may change the originals."""
    drop = tmp_path / "drop"
    drop.mkdir()
    workspace = FakeWorkspace(drop=drop)

    send(workspace, tree)
    (tmp_path / "data" / "a").write_text("changed", "utf-8")

    assert {path.name: path.read_text("utf-8") for path in drop.iterdir()} == {
        sha("one"): "one",
        sha("two"): "two",
        sha(""): "",
    }
    assert workspace.sent == []


def test_a_drop_that_cannot_be_written_is_no_reason_to_fail(tree, tmp_path):
    """Everything is sent instead, as to another machine."""
    workspace = FakeWorkspace(drop=tmp_path / "not there")

    send(workspace, tree)

    assert len(workspace.sent) == 3


def test_a_file_that_shrinks_while_it_is_sent_is_told(tree, tmp_path):
    """Its announced size can no longer be kept."""
    (tmp_path / "data" / "b").write_text("t", "utf-8")

    with pytest.raises(UserError) as caught:
        send(FakeWorkspace(), tree)

    assert caught.value.code == "file-changed"
