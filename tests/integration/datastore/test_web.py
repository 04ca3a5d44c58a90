import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pipeyard.datastore.download import Downloader
from pipeyard.datastore.web import LocalWebSource
from pipeyard.model.errors import OutsideError, StoreError, UserError


class Site(ThreadingHTTPServer):
    """A loopback server whose answers the test writes: functions of a request handler, used in turn, the last for ever."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = []
        self.requests = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def answer(self, *answers):
        self.answers = list(answers)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.requests.append((self.path, dict(self.headers)))
        answers = self.server.answers
        (answers.pop(0) if len(answers) > 1 else answers[0])(self)

    def log_message(self, *_):
        pass


def body(data, status=200, **headers):
    def send(handler):
        handler.send_response(status)
        for name, value in {"Content-Length": len(data), **headers}.items():
            handler.send_header(name.replace("_", "-"), str(value))
        handler.end_headers()
        handler.wfile.write(data)

    return send


def tagged(data, etag):
    """Answer 304 to who knows the tag, the data to everybody else."""

    def send(handler):
        known = handler.headers.get("If-None-Match") == etag
        (body(b"", 304) if known else body(data, ETag=etag))(handler)

    return send


def cut(handler):
    """Promise more than comes."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100")
    handler.end_headers()
    handler.wfile.write(b"only this")
    handler.close_connection = True


def silent(handler):
    """Never answer; the client gives up and closes."""
    handler.rfile.read(1)


@pytest.fixture
def make_site(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    sites, threads = [], []

    def make():
        site = Site()
        thread = threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        sites.append(site)
        threads.append(thread)
        return site

    yield make
    for site in sites:
        site.shutdown()
        site.server_close()
    for thread in threads:
        thread.join()


@pytest.fixture
def site(make_site):
    return make_site()


class FixedClock:
    now = 1000

    def now_ms(self):
        self.now += 1
        return self.now

    def monotonic(self):
        return 0.0


@pytest.fixture
def waits():
    return []


@pytest.fixture
def progress():
    return []


@pytest.fixture
def source(home, store, datastores, waits, progress):
    return LocalWebSource(
        home,
        store,
        datastores,
        FixedClock(),
        downloader=Downloader(sleep=waits.append, timeout_seconds=5),
        progress=lambda *facts: progress.append(facts),
    )


def test_a_url_becomes_an_upload(site, source, store, datastores, progress):
    """
    The file is kept under its name, hashed, and known to the store like what a user sent.
    """
    data = b"x" * 2_500_000
    site.answer(body(data, ETag='"one"', Last_Modified="Mon, 23 Nov 2026 07:00:00 GMT"))

    copy = source.fetch("default", f"{site.url}/data/big%20file.csv?x=1")

    assert data == datastores.local_path("default", copy.uri).read_bytes()
    assert copy.uri.path == f"LocalUpload/{copy.digest}/big file.csv"
    assert (copy.etag, copy.last_modified, copy.size) == ('"one"', "Mon, 23 Nov 2026 07:00:00 GMT", 2_500_000)
    assert copy == store.load_web_copy("default", f"{site.url}/data/big%20file.csv?x=1")
    assert hashlib.sha256(data).hexdigest() == store.load_upload_manifest("default", copy.digest).entries[0].sha256
    assert store.find_upload("default", copy.digest, "big file.csv").is_file
    assert (f"{site.url}/data/big%20file.csv", 2_500_000, 2_500_000) == progress[-1]


def test_an_unchanged_url_is_only_asked_about(site, source):
    """
    The server is told the tag that is known and answers that nothing changed.
    """
    site.answer(tagged(b"data", '"one"'))

    first = source.fetch("default", site.url + "/f")
    second = source.fetch("default", site.url + "/f")

    assert [None, '"one"'] == [headers.get("If-None-Match") for _, headers in site.requests]
    assert first.uri == second.uri
    assert second.checked_at_ms > first.checked_at_ms


def test_a_date_is_asked_about_where_there_is_no_tag(site, source):
    """
    `Last-Modified` serves as well as an `ETag`.
    """
    site.answer(body(b"data", Last_Modified="Mon, 23 Nov 2026 07:00:00 GMT"), body(b"", 304))

    first = source.fetch("default", site.url + "/f")
    second = source.fetch("default", site.url + "/f")

    assert "Mon, 23 Nov 2026 07:00:00 GMT" == site.requests[1][1]["If-Modified-Since"]
    assert first.digest == second.digest


def test_changed_data_gets_another_place(site, source, datastores):
    """
    A job that ran on the old bytes still names them.
    """
    site.answer(tagged(b"old", '"one"'))
    first = source.fetch("default", site.url + "/f")
    site.answer(tagged(b"new", '"two"'))

    second = source.fetch("default", site.url + "/f")

    assert b"old" == datastores.local_path("default", first.uri).read_bytes()
    assert b"new" == datastores.local_path("default", second.uri).read_bytes()
    assert '"two"' == second.etag


def test_a_server_without_tags_is_fetched_each_time_to_the_same_place(site, source):
    """
    Equal bytes have equal URIs, so reuse works all the same.
    """
    site.answer(body(b"data"))

    assert source.fetch("default", site.url + "/f").uri == source.fetch("default", site.url + "/f").uri
    assert 2 == len(site.requests)


@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_bytes(b"other size")])
def test_a_copy_that_is_gone_is_fetched_again(site, source, datastores, damage):
    """
    The server is not asked whether a file changed that is not here any more.
    """
    site.answer(tagged(b"data", '"one"'))
    first = source.fetch("default", site.url + "/f")
    damage(datastores.local_path("default", first.uri))

    second = source.fetch("default", site.url + "/f")

    assert "If-None-Match" not in site.requests[1][1]
    assert b"data" == datastores.local_path("default", second.uri).read_bytes()


def test_credentials_are_sent_and_nowhere_kept(site, source, home, store):
    """
    Neither the database nor a message has the password; another host does not get it.
    """
    site.answer(body(b"data"))
    url = site.url.replace("//", "//ann:topsecret@") + "/f?sig=signature"

    copy = source.fetch("default", url)

    assert site.requests[0][1]["Authorization"].startswith("Basic ")
    assert site.url + "/f?sig=signature" == copy.url
    store.close()
    assert b"topsecret" not in (home / "pipeyard.db").read_bytes()
    site.answer(body(b"", 403))
    with pytest.raises(OutsideError) as caught:
        source.fetch("default", url)
    assert f"`{site.url}/f` answered 403 Forbidden" == caught.value.message
    assert "web-refused" == caught.value.code


def test_redirects_are_followed_and_credentials_stay_at_home(site, make_site, source):
    """
    The copy is named after the address that the user wrote.
    """
    other = make_site()
    other.answer(body(b"data"))
    site.answer(body(b"", 302, Location="/second"), body(b"", 307, Location=other.url + "/blob/123"))

    copy = source.fetch("default", site.url.replace("//", "//ann:secret@") + "/f.csv")

    assert copy.uri.path.endswith("/f.csv")
    assert ["/f.csv", "/second"] == [path for path, _ in site.requests]
    assert all("Authorization" in headers for _, headers in site.requests)
    assert "Authorization" not in other.requests[0][1]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://127.0.0.1/x"])
def test_a_redirect_to_another_protocol_is_refused(site, source, waits, location, status):
    """
    No server makes us read a file of this machine, and trying again would not help.
    """
    site.answer(body(b"", status, Location=location))

    with pytest.raises(OutsideError) as caught:
        source.fetch("default", site.url + "/f?sig=secret")
    said = f"`{site.url}/f` cannot be fetched: it redirects to a `{location.partition(':')[0]}:` address"
    assert (caught.value.message, caught.value.code) == (said, "web-refused")
    assert waits == []


def test_redirects_without_end_are_refused(site, source, waits):
    """
    In a circle, or each time to yet another address.
    """
    for answers, said in (
        ([body(b"", 302, Location="/f")], "it redirects in a circle"),
        ([body(b"", 302, Location=f"/{number}") for number in range(20)], "it redirects more than 10 times"),
    ):
        site.answer(*answers)
        with pytest.raises(OutsideError) as caught:
            source.fetch("default", site.url + "/f")
        assert caught.value.message == f"`{site.url}/f` cannot be fetched: {said}"
    assert waits == []


@pytest.mark.parametrize("trouble", [body(b"", 503), body(b"", 500), cut])
def test_what_passes_is_tried_again(site, source, waits, trouble):
    """
    A busy server or a broken connection costs a wait, not the job.
    """
    site.answer(trouble, trouble, body(b"data"))

    assert 4 == source.fetch("default", site.url + "/f").size
    assert [0.5, 2.0] == waits


def test_a_server_says_how_long_to_wait(site, source, waits):
    """
    `Retry-After` is honoured, within reason.
    """
    site.answer(body(b"", 429, Retry_After=7), body(b"", 429, Retry_After=86400), body(b"data"))

    assert 4 == source.fetch("default", site.url + "/f").size
    assert [7.0, 30.0] == waits


def test_in_the_end_the_failure_is_said(site, source, waits, home):
    """
    After four tries the address, without its query, and the reason are named; nothing half is kept.
    """
    site.answer(cut)

    with pytest.raises(OutsideError) as caught:
        source.fetch("default", site.url + "/f?sig=secret")

    assert "web-unreachable" == caught.value.code
    assert caught.value.may_retry
    assert f"`{site.url}/f` cannot be fetched: it ended after 9 of 100 bytes" == caught.value.message
    assert 3 == len(waits)
    assert [] == list((home / "incoming").iterdir())


@pytest.mark.parametrize("status", [400, 401, 404, 410, 599])
def test_a_refusal_is_not_tried_again(site, source, waits, status):
    """
    A wrong address does not get better by asking.
    """
    site.answer(body(b"no", status))

    with pytest.raises(OutsideError, match=str(status)) as caught:
        source.fetch("default", site.url + "/f")

    assert not caught.value.may_retry
    assert [] == waits


def test_a_server_that_does_not_answer_is_given_up(site, home, store, datastores, waits):
    """
    The message says that it does not answer in time.
    """
    site.answer(silent)
    source = LocalWebSource(
        home, store, datastores, FixedClock(), downloader=Downloader(sleep=waits.append, timeout_seconds=0.05)
    )

    with pytest.raises(OutsideError, match="in time"):
        source.fetch("default", site.url + "/f")


def test_a_port_that_nobody_listens_on_is_an_outside_error(site, source):
    """
    The reason of the operating system is repeated.
    """
    site.answer(body(b""))
    with pytest.raises(OutsideError, match="refused"):
        source.fetch("default", "http://127.0.0.1:9/f")


def test_what_is_no_web_address_is_the_users_mistake(source):
    """
    Nothing is asked of any server.
    """
    with pytest.raises(UserError):
        source.fetch("default", "ftp://127.0.0.1/f")


def test_a_full_disk_is_said(site, source, monkeypatch):
    """
    It is not mistaken for trouble of the network.
    """
    site.answer(body(b"data"))

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pipeyard.datastore.web.take_name", full)

    with pytest.raises(StoreError) as caught:
        source.fetch("default", site.url + "/f")
    assert "disk-full" == caught.value.code


def test_two_submits_at_once_fetch_a_url_once(site, source):
    """
    The second finds what the first has fetched, and asks only whether it changed.
    """
    site.answer(tagged(b"data", '"one"'))
    threads = [threading.Thread(target=source.fetch, args=("default", site.url + "/f")) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert 1 == len([headers for _, headers in site.requests if "If-None-Match" not in headers])
    assert 4 == len(site.requests)
