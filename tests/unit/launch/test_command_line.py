from __future__ import annotations

import pytest

from pipeyard.launch.command_line import render_command
from pipeyard.spec.binding import parse_command

PATH = "/data/my folder/it's"


def render(text, inputs=None, outputs=None, paths=("path",)):
    command, problems = parse_command(text)
    assert problems == ()
    return render_command(command, {"path": PATH, **(inputs or {})}, outputs or {}, paths=paths)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cat ${{inputs.path}}", "cat '/data/my folder/it'\\''s'"),
        ("cat ${{inputs.path}}/a.txt", "cat '/data/my folder/it'\\''s'/a.txt"),
        ('cat "${{inputs.path}}/a.txt"', 'cat "/data/my folder/it\'s/a.txt"'),
        ("cat '${{inputs.path}}'", "cat '/data/my folder/it'\\''s'"),
        ("cat --in=${{ inputs.path }}", "cat --in='/data/my folder/it'\\''s'"),
        ("# don't\ncat ${{inputs.path}}", "# don't\ncat '/data/my folder/it'\\''s'"),
        ("cat <<END\n${{inputs.path}}\nEND", "cat <<END\n/data/my folder/it's\nEND"),
    ],
)
def test_a_path_is_spelled_for_the_place_where_it_stands(text, expected):
    """The shell reads exactly the path, wherever the person put the expression."""
    assert render(text) == expected


def test_a_harmless_path_is_left_as_it_is():
    """A person who looks at the command sees plain paths."""
    assert (
        render("cp ${{inputs.path}} ${{outputs.o}}", {"path": "/a/b-1.txt"}, {"o": "/c/é_2"})
        == "cp /a/b-1.txt '/c/é_2'"
    )


def test_a_literal_is_the_persons_own_text():
    """As in Azure, a literal may be several words, a variable or an operator; quoting it is the person's business."""
    literals = {"a": "-v --fast", "b": "$HOME && echo 'x'", "c": "True"}

    assert render("run ${{inputs.a}} ${{inputs.b}} ${{inputs.c}}", literals) == "run -v --fast $HOME && echo 'x' True"


def test_a_quote_in_a_literal_counts_for_the_path_behind_it():
    """The shell does not know which text came from where."""
    assert render('run ${{inputs.a}}${{inputs.path}}"', {"a": '"x '}) == 'run "x /data/my folder/it\'s"'


@pytest.mark.parametrize(
    "text", ['echo $HOME ${PATH} $(date) `date` && echo "$x" | tee -a > f &', "a\n  b\n\nc", "echo \\\n  b"]
)
def test_what_belongs_to_the_shell_passes_untouched(text):
    """There is no escape and no rewriting: only `${{...}}` and `$[[...]]` mean anything to Pipeyard."""
    assert render(text) == text


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({"x": "1", "y": "2"}, "run --x 1 --xy 1 2 end"),
        ({"x": "1", "y": None}, "run --x 1  end"),
        ({"x": "", "y": "2"}, "run --x  --xy  2 end"),
        ({}, "run   end"),
    ],
)
def test_an_optional_section_is_kept_when_every_input_in_it_has_a_value(inputs, expected):
    """An empty text is a value; no value is none."""
    assert render("run $[[--x ${{inputs.x}}]] $[[--xy ${{inputs.x}} ${{inputs.y}}]] end", inputs) == expected


def test_a_section_may_hold_any_text():
    """Azure's own check knows only some signs before the expression; the text does not matter here."""
    assert render("run $[[--x='[${{inputs.x}}]' > ${{outputs.o}}]]", {"x": "1"}, {"o": "/o"}) == "run --x='[1]' > /o"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("echo a\n", "echo a"),
        ("echo a  \n\n", "echo a"),
        ("echo a \\\n", "echo a"),
        ("echo a \\\n  $[[--x ${{inputs.x}}]]", "echo a"),
        ("echo a\\\\", "echo a\\\\"),
        ("echo a\\\\\\", "echo a\\\\"),
    ],
)
def test_nothing_is_left_hanging_at_the_end(text, expected):
    """A dropped section does not leave a backslash behind; an escaped backslash stays."""
    assert render(text) == expected


def test_items_of_groups_have_dots_in_their_names():
    """`${{inputs.group.item}}` is one name."""
    assert render("echo ${{inputs.g.item}}", {"g.item": "1"}) == "echo 1"
