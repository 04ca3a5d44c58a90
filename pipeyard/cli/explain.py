"""
`pipeyard explain CODE`: the page of an error.

In:       a code, such as `unknown-field`, and the pages beside this file.
Out:      the page as it is written, in Markdown.
Not here: the errors themselves. A test holds that every code has a page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from pipeyard.cli import notice
from pipeyard.cli.command import command, settings_of
from pipeyard.model.errors import NotFound
from pipeyard.model.nearest import nearest

_PAGES = Path(__file__).with_name("error_pages.md")


def read_pages() -> Mapping[str, str]:
    """Return every page by its code."""
    parts = re.split(r"^## `([a-z0-9-]+)`\n", _PAGES.read_text("utf-8"), flags=re.MULTILINE)
    return {code: text.strip() for code, text in zip(parts[1::2], parts[2::2], strict=True)}


def _complete(context: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    del context, parameter
    return [CompletionItem(code) for code in sorted(read_pages()) if code.startswith(typed)]


@command(
    "explain",
    short_help="Print the page of an error code.",
    help="Print what an error code means, what causes it and what to do. Without a code: all codes.",
    examples=(
        ("A code from a message like error[unknown-field]:", "pipeyard explain unknown-field"),
        ("All codes:", "pipeyard explain"),
    ),
)
@click.argument("code", required=False, shell_complete=_complete)
def explain(code: str | None) -> None:
    """Print one page, or the codes."""
    pages = read_pages()
    if code is None:
        notice.show(sorted(pages), table=[{"code": name, "means": _first(pages[name])} for name in sorted(pages)])
        return
    wanted = code.strip("[]`").lower()
    if wanted not in pages:
        close = nearest(wanted, pages)
        raise NotFound(
            f"there is no error code `{code}`",
            hint=f"did you mean `{close}`?" if close else "to see all of them: pipeyard explain",
        )
    if settings_of().output is not None or settings_of().query is not None:
        notice.show({"code": wanted, "page": pages[wanted]})
    else:
        click.echo(f"{wanted}\n{'=' * len(wanted)}\n\n{pages[wanted]}")


def _first(page: str) -> str:
    return page.split("\n", 1)[0]
