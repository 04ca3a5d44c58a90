from __future__ import annotations

import pytest

from pipeyard.launch.shell_text import ShellReader

HARD = "a'b\"c$d`e\\f"


@pytest.mark.parametrize(
    ("before", "spelled"),
    [
        ("echo ", "'a'\\''b\"c$d`e\\f'"),
        ("echo '", "a'\\''b\"c$d`e\\f"),
        ('echo "', "a'b\\\"c\\$d\\`e\\\\f"),
        ("echo $'", "a\\'b\"c$d`e\\\\f"),
        ('echo "$(cat ', "'a'\\''b\"c$d`e\\f'"),
        ('echo "$(cat "', "a'b\\\"c\\$d\\`e\\\\f"),
        ('echo "$(cat x)', "a'b\\\"c\\$d\\`e\\\\f"),
        ('echo "${x:-', "'a'\\''b\"c$d`e\\f'"),
        ("echo `cat ", "'a'\\\\''b\"c$d\\`e\\\\f'"),
        ("echo `cat x` ", "'a'\\''b\"c$d`e\\f'"),
        ("# it's ", "a'b\"c$d`e\\f"),
        ("echo it#is ", "'a'\\''b\"c$d`e\\f'"),
        ("cat <<E\nit's ", "a'b\"c\\$d\\`e\\\\f"),
        ("cat <<'E'\nit's ", HARD),
        ("cat <<-E\nx\n\tE\necho ", "'a'\\''b\"c$d`e\\f'"),
        ("cat <<< 'x'\necho ", "'a'\\''b\"c$d`e\\f'"),
        ("echo $((1 << 2)) ", "'a'\\''b\"c$d`e\\f'"),
        ("sort < ", "'a'\\''b\"c$d`e\\f'"),
        ("echo $'it\\'s ", "a\\'b\"c$d`e\\\\f"),
        ('echo `cat "x` ', "'a'\\''b\"c$d`e\\f'"),
        ("(cd x) && echo \\' ", "'a'\\''b\"c$d`e\\f'"),
    ],
)
def test_a_text_is_spelled_for_the_quotes_around_it(before, spelled):
    """Quotes, substitutions, comments and here-documents each want their own spelling."""
    reader = ShellReader()
    reader.read(before)

    assert reader.spell(HARD) == spelled


def test_a_comment_keeps_to_its_line():
    """A path with a line break in it cannot become a command."""
    reader = ShellReader()
    reader.read("# see ")

    assert reader.spell("a\nrm b") == "a rm b"


def test_a_here_document_ends_at_its_word_only():
    """What is spelled inside belongs to the line, and the next line decides again."""
    reader = ShellReader()
    reader.read("cat <<A; cat <<'B'\n")
    assert reader.spell("$") == "\\$"
    reader.read("\nA\n")
    assert reader.spell("$") == "$"
    reader.read("\nB\n")
    assert reader.spell("$") == "'$'"
