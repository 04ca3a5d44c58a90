import base64

import pytest

from pipeyard.datastore.download import Address
from pipeyard.datastore.web import file_name
from pipeyard.model.errors import UserError


def test_credentials_are_taken_out_of_an_address():
    """
    They are sent, but what is stored and what is shown is free of them.
    """
    address = Address.parse("https:" + "//ann%40x:s%2Fecret@example.org:8443/d/f.csv?sig=abc&x=1#part")

    assert "https://example.org:8443/d/f.csv?sig=abc&x=1" == address.url
    assert "https://example.org:8443/d/f.csv" == address.shown
    assert "Basic " + base64.b64encode(b"ann@x:s/ecret").decode() == address.authorization


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://example.org", "http://example.org/"),
        (" HTTP://Example.org/A ", "http://example.org/A"),
        ("http://example.org/a b/ü.csv", "http://example.org/a%20b/%C3%BC.csv"),
        ("http://example.org/a%20b?q=%2F", "http://example.org/a%20b?q=%2F"),
        ("http://[::1]:80/x", "http://[::1]:80/x"),
        ("http://example.org/a\nb", "http://example.org/ab"),
    ],
)
def test_an_address_is_written_as_a_request_needs_it(text, url):
    """
    What is escaped stays, what must be escaped is.
    """
    address = Address.parse(text)

    assert url == address.url
    assert address.authorization is None


@pytest.mark.parametrize(
    "text",
    ["", "example.org/x", "ftp://example.org/x", "file:///etc/passwd", "http://", "http:" + "//[", "http://host:port/"],
)
def test_what_is_no_web_address_is_refused(text):
    """
    The text itself is not repeated, for it may hold a password.
    """
    with pytest.raises(UserError, match="Web address") as caught:
        Address.parse(text)

    assert "bad-url" == caught.value.code


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.org/data/titanic.csv?x=1", "titanic.csv"),
        ("https://example.org/", "data"),
        ("https://example.org", "data"),
        ("https://example.org/folder/", "folder"),
        ("https://example.org/a%20b%C3%BC.csv", "a bü.csv"),
        ("https://example.org/x%2F..%2F..%2Fetc%2Fpasswd", "passwd"),
        ("https://example.org/..", "data"),
        ("https://example.org/%2e%2e", "data"),
        ("https://example.org/a%00b", "a_b"),
        ("https://example.org/%ff.csv", "_.csv"),
        ("https://example.org/.pipeyard-new", "_.pipeyard-new"),
        ("https://example.org/" + "x" * 300 + ".csv", "x" * 251 + ".csv"),
    ],
)
def test_a_copy_is_named_after_the_last_part_of_the_address(url, expected):
    """
    Whatever the address holds, the name is that of one plain file.
    """
    assert expected == file_name(url)
