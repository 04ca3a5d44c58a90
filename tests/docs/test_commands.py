"""The README's table of commands is complete, and the commands speak with one voice."""

from __future__ import annotations

import re

import click

from pipeyard.cli.command import LazyGroup
from pipeyard.cli.root import _ROOT
from tests.docs.pages import ROOT


def test_every_command_is_in_the_readmes_table():
    """A row names a group once and its commands one after the other; single commands stand alone."""
    assert _commands() - _in_the_readme() == set()


def test_the_readmes_table_names_only_commands_that_exist():
    """Nothing is promised there that is not in this version."""
    assert _in_the_readme() - _commands() == set()


def test_every_command_about_one_job_takes_its_name_without_a_flag():
    """`pipeyard job show NAME` is understood as well as `-n NAME`; only `create` names a job that is to be."""
    group = _ROOT.get_command(click.Context(_ROOT), "job")
    verbs = [group.get_command(click.Context(group), name) for name in group.list_commands(click.Context(group))]
    named = [verb for verb in verbs if any("-n" in each.opts for each in verb.params)]

    assert len(named) > 10
    assert [verb.name for verb in named if not any(isinstance(each, click.Argument) for each in verb.params)] == [
        "create"
    ]


def _commands() -> set[str]:
    context = click.Context(_ROOT)
    found = set()
    for name in _ROOT.list_commands(context):
        command = _ROOT.get_command(context, name)
        inner = command.list_commands(context) if isinstance(command, LazyGroup) else [""]
        found |= {f"{name} {word}".strip() for word in inner}
    return found


def _in_the_readme() -> set[str]:
    text = (ROOT / "README.md").read_text("utf-8").partition("\n## Commands\n")[2].partition("\n## ")[0]
    found = set()
    for row in re.findall(r"^\| (`pipeyard .*?) \|", text, re.MULTILINE):
        first, *others = [words.split() for words in re.findall(r"`([^`]+)`", row)]
        is_group = isinstance(_ROOT.get_command(click.Context(_ROOT), first[1]), LazyGroup)
        if is_group:
            found |= {f"{first[1]} {first[2]}", *(f"{first[1]} {words[0]}" for words in others)}
        else:
            found |= {first[1], *(words[0] for words in others)}
    return found
