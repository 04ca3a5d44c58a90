"""
`pipeyard explain CODE`: the page of an error.

In:       a code, such as `unknown-field`, and the pages of `model/codes.py`.
Out:      the page as it is written, in Markdown.
Not here: the errors themselves. A test holds that every code has a page.
"""

from __future__ import annotations

import sys
import textwrap

import click
from click.shell_completion import CompletionItem

from pipeyard.cli import notice
from pipeyard.cli.command import command, settings_of
from pipeyard.cli.terminal import width_of
from pipeyard.model.codes import PAGES
from pipeyard.model.errors import NotFound
from pipeyard.model.nearest import nearest

# Wider lines are hard to read.
_COLUMNS = 100


def _complete(context: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    del context, parameter
    return [CompletionItem(code) for code in sorted(PAGES) if code.startswith(typed)]


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
    if code is None:
        notice.show(
            sorted(PAGES), table=[{"code": name, "means": _first(PAGES[name].meaning)} for name in sorted(PAGES)]
        )
        return
    wanted = code.strip("[]`").lower()
    if wanted not in PAGES:
        close = nearest(wanted, PAGES)
        raise NotFound(
            f"there is no error code `{code}`",
            hint=f"did you mean `{close}`?" if close else "to see all of them: pipeyard explain",
        )
    if settings_of().output is not None or settings_of().query is not None:
        page = PAGES[wanted]
        notice.show({"code": wanted, "meaning": page.meaning, "example": page.example, "fix": page.fix})
    else:
        click.echo(page_text(wanted, width_of(sys.stdout)))


def page_text(code: str, columns: int) -> str:
    """Return a page for reading: its sentences wrapped, its example as it is."""
    page = PAGES[code]
    example = "\n".join(f"    {line}" for line in page.example.strip().splitlines())
    columns = min(columns, _COLUMNS)
    return "\n\n".join(
        [
            f"{code}\n{'=' * len(code)}",
            textwrap.fill(page.meaning, columns),
            f"Example:\n\n{example}",
            textwrap.fill(f"What to do: {page.fix}", columns),
        ]
    )


def _first(text: str) -> str:
    return text.partition(". ")[0].rstrip(".")
