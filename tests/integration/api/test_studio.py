"""The files of the Studio, and who gets them."""

from __future__ import annotations

import gzip
from dataclasses import replace

import pytest

from pipeyard.api.app import create_app

PORT = 8123

PAGE = "<!doctype html><title>Studio</title>"
CODE = "console.log(1)"


@pytest.fixture
def studio(api, tmp_path):
    """A server whose installation has a Studio."""
    folder = tmp_path / "studio"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(PAGE)
    (folder / "assets/index-abc.js").write_text(CODE)
    (folder / "assets/index-abc.js.gz").write_bytes(gzip.compress(CODE.encode()))
    (tmp_path / "secret.txt").write_text("hidden")
    api.desk = replace(api.desk, studio=folder)
    api.app = create_app(api.desk, port=PORT)
    return api


@pytest.mark.parametrize(
    "path", ["/", "/jobs/anything", "/?q=x", "/assets/components", "/assets/data/a", "/computes", "/datastores/a"]
)
def test_every_page_is_the_same_file_for_who_has_a_session(studio, path):
    """The address is the page's own business; nothing but our own files may run in it."""
    answer = studio.browser().get(path)

    assert answer.text == PAGE
    assert answer.headers["cache-control"] == "no-cache"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy


def test_without_a_session_there_is_the_way_in(studio):
    """As for the plain pages."""
    answer = studio.caller({}).get("/")

    assert answer.status_code == 401
    assert PAGE not in answer.text


@pytest.mark.parametrize(("accepts", "encoding"), [("gzip", "gzip"), ("identity", None)])
def test_files_are_kept_for_ever_and_sent_packed_to_who_can_unpack(studio, accepts, encoding):
    """Their names change with what is in them."""
    answer = studio.caller({}).get("/studio/assets/index-abc.js", headers={"accept-encoding": accepts})

    assert answer.text == CODE
    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize("name", ["..%2Fsecret.txt", "../secret.txt", "%2e%2e", "nothing.js", "assets"])
def test_nothing_else_is_sent(studio, name):
    """No name leads out of the folder."""
    answer = studio.caller({}).get(f"/studio/{name}")

    assert answer.status_code in {401, 404}
    assert "hidden" not in answer.text


def test_an_installation_without_it_shows_plain_pages(api):
    """They need nothing but the server."""
    assert "<main>" in api.browser().get("/").text
    assert api.browser().get("/studio/index.html").status_code == 404
    missing = api.browser().get("/assets/components")
    assert missing.status_code == 404
    assert "make studio" in missing.text
