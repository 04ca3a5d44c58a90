from __future__ import annotations

import hashlib
import json

import pytest

from pipeyard.model.assets import FileEntry, Manifest
from pipeyard.model.digest import manifest_digest

UPLOADS = "/api/v1/workspaces/default/uploads"
FILES = {"a b.txt": b"one", "sub/é.bin": b"\x00\n" * 500, "empty": b"", "copy.txt": b"one"}


def announcement(files, name="data", **more):
    entries = [
        {"path": path, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()} for path, data in files.items()
    ]
    manifest = Manifest(tuple(sorted((FileEntry(**entry) for entry in entries), key=lambda one: one.path)))
    return {"digest": manifest_digest(manifest), "name": name, "is_file": False, "files": entries, **more}


def framed(*contents):
    """Contents as a request body: a line that names each, then its bytes."""
    found = b""
    for data in contents:
        head = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
        found += json.dumps(head).encode() + b"\n" + data
    return found


def begin(api, files=FILES):
    return api.client.post(UPLOADS, json=announcement(files)).json()


def test_a_tree_is_announced_sent_and_complete(api):
    """What is there already is not asked for again."""
    ticket = begin(api)
    assert len(ticket["missing"]) == 3
    missing = [data for data in dict.fromkeys(FILES.values()) if hashlib.sha256(data).hexdigest() in ticket["missing"]]
    sent = api.client.put(f"{UPLOADS}/{ticket['upload']}/content", content=framed(*missing))
    assert sent.json() == {"received": 3}
    uri = api.client.post(f"{UPLOADS}/{ticket['upload']}/complete").json()["uri"]

    assert uri == ticket["uri"]
    root = api.home / "workspaces" / "default" / "workspaceblobstore" / uri.partition("/paths/")[2]
    assert {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()} == FILES
    assert begin(api)["upload"] is None


def test_a_body_in_small_pieces_is_the_same_body(api):
    """Wherever the network cuts it."""
    ticket = begin(api)
    body = framed(*dict.fromkeys(FILES.values()))

    async def pieces():
        for at in range(0, len(body), 7):
            yield body[at : at + 7]

    assert api.client.put(f"{UPLOADS}/{ticket['upload']}/content", content=pieces()).json() == {"received": 3}


@pytest.mark.parametrize(
    "body",
    [
        b"no json\n",
        b'{"sha256": "x", "size": 1}\nx',
        framed(b"one")[:-1],
        b'{"sha256": 1}',
        b"{" * 5000,
        framed(b"not announced"),
        framed(b"one").replace(b'"size": 3', b'"size": -3'),
    ],
)
def test_a_body_that_is_not_what_it_says_is_refused(api, body):
    """And what was announced stays missing."""
    ticket = begin(api)
    answer = api.client.put(f"{UPLOADS}/{ticket['upload']}/content", content=body)

    assert answer.status_code == 400
    assert set(begin(api)["missing"]) == set(ticket["missing"])


def test_bytes_that_do_not_fit_their_hash_are_refused(api):
    """The server hashes what arrives."""
    ticket = begin(api)
    answer = api.client.put(f"{UPLOADS}/{ticket['upload']}/content", content=framed(b"one")[:-3] + b"two")

    assert answer.json()["error"]["code"] == "wrong-content"


@pytest.mark.parametrize("path", ["../x", "/x", "a/../b", "a//b", "", ".", "a\0b"])
def test_a_path_that_leads_out_is_not_announced(api, path):
    """Nothing is written for it."""
    answer = api.client.post(UPLOADS, json=announcement({path: b"x"}))

    assert answer.status_code == 400
    assert not list(api.home.rglob("LocalUpload"))


@pytest.mark.parametrize("name", ["..", ".", "a/b", "", None, "a\0"])
def test_a_name_is_one_name(api, name):
    """It becomes a folder's."""
    assert api.client.post(UPLOADS, json=announcement(FILES, name=name)).status_code == 400


def test_a_digest_is_checked(api):
    """It is a key, and keys are not believed."""
    body = {**announcement(FILES), "digest": "0" * 64}

    assert api.client.post(UPLOADS, json=body).status_code == 400


def test_an_unknown_upload_is_404(api):
    """Whether it never was or was cleared away."""
    assert api.client.post(f"{UPLOADS}/nothing/complete").status_code == 404
    assert api.client.put(f"{UPLOADS}/nothing/content", content=framed(b"one")).status_code == 404
