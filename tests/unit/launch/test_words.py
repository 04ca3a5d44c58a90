"""Arguments become words without a shell."""

from __future__ import annotations

import pytest

from pipeyard.launch.words import split_words
from pipeyard.spec.binding import parse_command


def words(text, inputs=None, outputs=None, paths=()):
    command, problems = parse_command(text)
    assert not problems
    return split_words(command, inputs or {}, outputs or {}, paths=paths)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("--a b  c\n--d\te", ("--a", "b", "c", "--d", "e")),
        ("'a b' \"c d\"e f\\ g", ("a b", "c de", "f g")),
        ('"a\\"b" \'c\\d\' "\\e"', ('a"b', "c\\d", "\\e")),
        ("$HOME *.png a;b # c", ("$HOME", "*.png", "a;b", "#", "c")),
        ("--empty '' \"\"", ("--empty", "", "")),
        ("--a \\\n  b", ("--a", "b")),
        ("it's open", ("its open",)),
    ],
)
def test_text_is_cut_as_a_shell_would(text, expected):
    """Quotes and backslashes mean what they mean there; nothing is expanded."""
    assert words(text) == expected


def test_a_path_stays_in_one_word_and_a_text_need_not():
    """A literal is the person's own text; a path is ours, whatever signs are in it."""
    path = '/data/it\'s $a "b" \\c'
    given = {"d": path, "t": "-v --fast"}

    assert words("--d ${{inputs.d}} ${{inputs.t}} \"${{inputs.t}}\" '${{inputs.d}}/x'", given, paths={"d"}) == (
        "--d",
        path,
        "-v",
        "--fast",
        "-v --fast",
        f"{path}/x",
    )
    assert words("--o=${{outputs.o}}", outputs={"o": "/a b"}) == ("--o=/a b",)


def test_a_section_without_a_value_is_left_out():
    """As it is in a command."""
    assert words("--a $[[--b ${{inputs.b}}]] --c") == ("--a", "--c")
