"""Flags that may stand anywhere, and lists of words behind one flag."""

from __future__ import annotations

import click
import pytest

from pipeyard.cli import option
from pipeyard.cli.command import LazyGroup, Settings, command, settings_of


@command("verb")
@option.words("--set", "KEY=VALUE...", "Set.")
@click.option("-n", "--name")
def verb(set, name):  # noqa: A002
    """Report what was understood."""
    settings = settings_of()
    return set, name, settings.output, settings.query


def understood(*words):
    root = LazyGroup("root", table={"verb": ("tests.unit.cli.test_command:verb", "")})
    return root.main(list(words), standalone_mode=False, obj=Settings())


@pytest.mark.parametrize(
    ("words", "groups"),
    [
        (["--set", "a=1", "b=2"], (("a=1", "b=2"),)),
        (["--set", "a=1", "--set", "b=2"], (("a=1",), ("b=2",))),
        (["--set", "a=1", "b=2", "-n", "x", "--set", "c=3"], (("a=1", "b=2"), ("c=3",))),
        (["--set=a=1"], (("a=1",),)),
        (["--set", "a=two words", "b="], (("a=two words", "b="),)),
        (["--set", "a=-1"], (("a=-1",),)),
        ([], ()),
    ],
)
def test_words_after_one_flag_belong_to_it(words, groups):
    """Several pairs after one `--set`, and `--set` several times."""
    assert understood("verb", *words)[0] == groups


def test_a_flag_ends_the_words_before_it():
    """`-n=x` is a flag and no pair."""
    assert understood("verb", "--set", "a=1", "-n", "x")[:2] == ((("a=1",),), "x")


@pytest.mark.parametrize(
    "words",
    [
        ["-o", "tsv", "verb", "--query", "q"],
        ["verb", "-o", "tsv", "--query", "q"],
        ["--query", "q", "verb", "-o", "TSV"],
    ],
)
def test_global_flags_may_stand_anywhere(words):
    """Before or behind the command, in any case."""
    assert understood(*words)[2:] == ("tsv", "q")


def test_the_flag_nearest_to_the_command_wins():
    """Given twice, the later one counts."""
    assert understood("-o", "json", "verb", "-o", "none")[2] == "none"


def test_a_flag_without_words_is_wrong_usage():
    """`--set` alone says nothing."""
    with pytest.raises(click.UsageError):
        understood("verb", "--set")
    with pytest.raises(click.UsageError):
        understood("verb", "--set", "-n", "x")
