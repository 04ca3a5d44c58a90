"""Datastores elsewhere as the server sees them; a Web server of this process stands for all kinds of stores."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pipeyard.datastore.credential import CredentialFiles
from pipeyard.datastore.remote import fetch, retry
from pipeyard.datastore.remote.connect import missing_extra
from pipeyard.datastore.remote.place import RemotePlace
from pipeyard.datastore.transfer import RemoteTransfers
from pipeyard.model.assets import DatastoreUri
from pipeyard.model.errors import NotFound, StoreError
from pipeyard.model.record import DatastoreRecord


class Site(ThreadingHTTPServer):
    """Serves a mapping of paths to bytes, with ranges and tags unless a test says otherwise."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files, self.requests = {}, []
        self.has_ranges, self.password = True, None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        site = self.server
        site.requests.append((self.command, self.path, self.headers.get("Range")))
        data = site.files.get(self.path)
        if site.password is not None and self.headers.get("Authorization") != f"Bearer {site.password}":
            self.answer(401, b"")
        elif data is None:
            self.answer(404, b"")
        elif site.has_ranges and "Range" in self.headers:
            first, last = (int(number) for number in self.headers["Range"].removeprefix("bytes=").split("-"))
            part = data[first : last + 1]
            self.answer(206, part, Content_Range=f"bytes {first}-{first + len(part) - 1}/{len(data)}")
        else:
            more = {"Accept_Ranges": "bytes"} if site.has_ranges else {}
            self.answer(200, data, ETag=f'"{hash(data)}"', **more)

    def answer(self, status, data, **headers):
        self.send_response(status)
        for name, value in {"Content-Length": len(data), **headers}.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def log_message(self, *_):
        pass


@pytest.fixture
def site():
    site = Site()
    threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield site
    site.shutdown()
    site.server_close()


@pytest.fixture
def records(site):
    url = f"http://127.0.0.1:{site.server_port}/data"
    return [
        DatastoreRecord("default", "workspaceblobstore", "local", {"path": "x"}),
        DatastoreRecord("default", "web", "http", {"url": url}),
    ]


@pytest.fixture
def transfers(home, records, same_pool, monkeypatch):
    monkeypatch.setattr(retry, "WAITS_SECONDS", (0.0,))

    def make(**more):
        return RemoteTransfers(home, lambda _workspace: records, CredentialFiles(home), same_pool, **more)

    return make


def uri(path):
    return DatastoreUri("web", path)


def test_only_what_has_no_folder_here_is_elsewhere(transfers):
    """A local datastore is used in place, and one that does not exist is nothing to fetch from."""
    it = transfers()

    assert [True, False, False] == [it.is_remote("default", name) for name in ("web", "workspaceblobstore", "none")]
    with pytest.raises(NotFound, match="`none`"):
        it.look("default", DatastoreUri("none", "a"))


def test_a_file_behind_an_address_is_brought_once(site, transfers):
    """The second time the server is asked whether it changed, and sends nothing."""
    site.files["/data/a%20b.csv"] = b"1,2"
    it = transfers()

    first = it.bring("default", uri("a b.csv"))
    site.requests.clear()
    second = it.bring("default", uri("a b.csv"))

    assert (b"1,2", 3, 0) == (first.path.read_bytes(), first.fetched_bytes, second.fetched_bytes)
    assert {method for method, _, _ in site.requests} == {"HEAD"}


def test_a_server_without_ranges_sends_all_of_it(site, transfers, monkeypatch):
    """A large file still arrives whole, in one piece."""
    monkeypatch.setattr(fetch, "PIECE_BYTES", 10)
    site.has_ranges = False
    site.files["/data/big"] = bytes(range(100))

    assert transfers().bring("default", uri("big")).path.read_bytes() == bytes(range(100))


def test_a_file_is_fetched_in_pieces_where_the_server_can(site, transfers, monkeypatch):
    """Ranges are asked for, so that a broken download can go on."""
    monkeypatch.setattr(fetch, "PIECE_BYTES", 30)
    site.files["/data/big"] = bytes(range(100))

    copy = transfers().bring("default", uri("big"))

    assert copy.path.read_bytes() == bytes(range(100))
    assert {item for _, _, item in site.requests} >= {"bytes=0-29", "bytes=90-99"}


def test_nothing_there_names_the_datastore(transfers):
    """What is not there is said of a datastore and a path."""
    it = transfers()

    assert it.look("default", uri("nothing")) is None
    with pytest.raises(StoreError, match="datastore `web`: there is nothing at `nothing`") as caught:
        it.bring("default", uri("nothing"))
    assert caught.value.code == "missing-data"


def test_the_web_lists_no_folders(transfers):
    """A whole `http` datastore as an input says what to write instead."""
    with pytest.raises(StoreError) as caught:
        transfers().look("default", uri(""))

    assert caught.value.code == "datastore-http"


def test_credentials_come_from_their_own_store(site, transfers, records, home):
    """A token is sent as kept; a wrong one names the datastore and is not repeated."""
    site.password = "right-token"
    site.files["/data/a"] = b"x"
    it = transfers()
    it.probe(records[1], {"token": "right-token"})
    with pytest.raises(StoreError) as caught:
        it.probe(records[1], {"token": "wrong-token"})
    CredentialFiles(home).save("default", "web", {"token": "right-token"})

    assert it.bring("default", uri("a")).size == 1
    assert ("datastore-refused", False) == (caught.value.code, "wrong-token" in str(caught.value))


def test_what_an_attempt_holds_is_not_removed(site, transfers):
    """A bound of nothing removes what nobody uses, and leaves what a step is reading."""
    site.files |= {"/data/a": b"aaaa", "/data/b": b"bbbb"}
    it = transfers(bytes_max=0)
    held = it.bring("default", uri("a"), holder="job.1")
    it._given.clear()
    it.clean_up()

    assert held.path.exists()
    it.release("job.1")
    it.clean_up()
    assert not held.path.exists()


def test_the_next_server_knows_what_running_steps_hold(site, transfers, home):
    """An attempt outlives its server; so does what it reads, until its folder is gone."""
    site.files["/data/a"] = b"aaaa"
    (home / "attempts" / "job.1").mkdir(parents=True)
    held = transfers().bring("default", uri("a"), holder="job.1")

    transfers(bytes_max=0).clean_up()
    assert held.path.exists()

    (home / "attempts" / "job.1").rmdir()
    transfers(bytes_max=0).clean_up()
    assert not held.path.exists()


def test_two_who_want_the_same_fetch_it_once(site, transfers):
    """Steps that start together and read the same data cost one download."""
    site.files["/data/a"] = b"aaaa"
    it = transfers()
    copies = []
    threads = [threading.Thread(target=lambda: copies.append(it.bring("default", uri("a")))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(copy.fetched_bytes for copy in copies) == [0, 0, 0, 4]


def test_a_changed_datastore_is_another_place(site, transfers, records):
    """After `forget`, a datastore that was created or removed is known."""
    it = transfers()
    assert not it.is_remote("default", "new")
    records.append(DatastoreRecord("default", "new", "s3", {"bucket": "b"}))

    it.forget("default")

    assert it.is_remote("default", "new")


def test_a_missing_library_says_what_to_install():
    """One line, with the command to run."""
    place = RemotePlace("lake", "azure_data_lake_gen2", {})

    error = missing_extra(place, ModuleNotFoundError("No module named 'adlfs'", name="adlfs"))

    assert error.code == "missing-extra"
    assert "pip install 'pipeyard[azure]'" in error.message
    assert "\n" not in error.message


def test_a_secret_is_cut_out_of_what_libraries_say():
    """A signature in an address that a library repeats does not reach a message."""
    place = RemotePlace("cloud", "azure_blob", {}, {"sas_token": "sv=1&sig=abcdef"})

    assert place.without_secrets("GET https://x/y?sv=1&sig=abcdef failed") == "GET https://x/y?[secret] failed"
    assert "abcdef" not in repr(place)
