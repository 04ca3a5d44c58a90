import pytest

from pipeyard.datastore.place import check_name, split_path
from pipeyard.model.errors import UserError


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a/b.txt", ("a", "b.txt")),
        ("a//b/", ("a", "b")),
        ("./a/./b", ("a", "b")),
        ("", ()),
        (
            "with blank/quote'\"/$HOME/`x`/new\nline/..hidden/...",
            ("with blank", "quote'\"", "$HOME", "`x`", "new\nline", "..hidden", "..."),
        ),
        ("ü/漢/\U0001f600", ("ü", "漢", "\U0001f600")),
        ("raw\udcff", ("raw\udcff",)),
    ],
)
def test_a_path_is_split_into_names(path, expected):
    """
    Blanks, quotes, newlines and any alphabet are ordinary in a name.
    """
    assert expected == split_path(path)


@pytest.mark.parametrize(
    "path",
    ["..", "../a", "a/../b", "a/..", "/etc/passwd", "a\0b", "x" * 256, "ü" * 128, "a/.pipeyard-new-1", "half\ud800"],
)
def test_a_path_that_could_lead_out_is_refused(path):
    """
    The message repeats the path and says what is wrong with it.
    """
    with pytest.raises(UserError, match="cannot be used as a path") as caught:
        split_path(path)

    assert "bad-path" == caught.value.code
    assert caught.value.hint


def test_a_message_about_a_huge_path_is_short():
    """
    A path of a megabyte is not printed whole.
    """
    with pytest.raises(UserError) as caught:
        split_path("/" + "x" * 1_000_000)

    assert len(caught.value.message) < 400


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "\0"])
def test_one_name_is_one_name(name):
    """
    What is no name of a single file is refused.
    """
    with pytest.raises(UserError):
        check_name(name)
