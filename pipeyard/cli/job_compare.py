"""
`pipeyard job compare`.

In:       two or more jobs.
Out:      in what they differ, for people or as JSON.
Not here: finding it out (the server does).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from pipeyard.cli import option
from pipeyard.cli.command import command

_SIGNS = {"added": "+", "removed": "-", "changed": "~", "same": " "}


@command(
    "compare",
    short_help="Say in what jobs differ: inputs, code, steps, results.",
    help="Say in what jobs differ: values of inputs and settings, steps that came, went or changed, how each ended, their graphs "
    "(renamed steps, and edges that only one has), lines of the YAML and of the code. The first job is what the others are compared with. With -o json everything, also what is the same.",
    examples=(
        ("What is different in the new one:", "pipeyard job compare OLD NEW"),
        ("Only the steps that differ:", "pipeyard job compare OLD NEW --query \"steps[?change!='same'].step\" -o tsv"),
        (
            "The edges that only one graph has:",
            "pipeyard job compare OLD NEW --query \"graph[0].edges[?change!='same']\" -o json",
        ),
        ("Three at once:", "pipeyard job compare A B C -o json"),
    ),
)
@click.argument("jobs", nargs=-1, metavar="JOB JOB...", shell_complete=option.complete_jobs)
@option.flag("--no-lines", text="Name the files that differ, without their lines.")
def compare(*, jobs: tuple[str, ...], no_lines: bool) -> None:
    """Compare jobs."""
    # Imported here: help can do without.
    from pipeyard.cli import notice  # noqa: PLC0415
    from pipeyard.cli.command import settings_of  # noqa: PLC0415
    from pipeyard.cli.connection import connected  # noqa: PLC0415
    from pipeyard.cli.terminal import harmless  # noqa: PLC0415
    from pipeyard.model.errors import UsageError  # noqa: PLC0415

    if len(set(jobs)) < 2:  # noqa: PLR2004 - a pair.
        raise UsageError("name at least two jobs", hint="to see which there are: pipeyard job list -o table")
    found = connected().compare(jobs)
    settings = settings_of()
    if settings.output is not None or settings.query is not None:
        notice.show(found, table=found["steps"])
        return
    for line in lines_of(found, with_lines=not no_lines):
        sys.stdout.write(f"{harmless(line)}\n")


def lines_of(found: Mapping[str, Any], *, with_lines: bool) -> Iterator[str]:
    """Yield what is different, in sections; a section without differences is left out."""
    jobs = [job["name"] for job in found["jobs"]]
    yield from _table("Jobs", [("", jobs), *_heads(found["jobs"])])
    for title, rows in (("Inputs", found["inputs"]), ("Settings", found["settings"])):
        yield from _table(title, [(row["name"], row["values"]) for row in rows if not row["same"]])
    for title, rows in (("Params", found["params"]), ("Metrics", found["metrics"])):
        yield from _table(title, [(_logged(row), row["values"]) for row in rows if not row["same"]])
    steps = [row for row in found["steps"] if row["change"] != "same" or len(set(row["labels"])) > 1]
    yield from _table(
        "Steps", [(f"{_SIGNS[row['change']]} {row['step'] or '(the command)'}", row["labels"]) for row in steps]
    )
    for row in steps:
        names = [f"{row['step']}: {one['name']}" for one in row["differences"]]
        yield from _table("", [(name, one["values"]) for name, one in zip(names, row["differences"], strict=True)])
    graphs = [line for one in found["graph"] for line in _graph(one)]
    yield from graphs
    for one in found["yaml"]:
        yield from _diff(f"YAML of {one['job']}", one["diff"] if with_lines else "")
    for tree in found["code"]:
        yield ""
        yield f"Code of {tree['step'] or 'the command'} in {tree['job']}"
        for file in tree["files"]:
            yield f"  {_SIGNS[file['change']]} {file['path']}"
            if with_lines and file["diff"]:
                yield from (f"      {line}" for line in file["diff"].split("\n"))
    if not any((steps, graphs, found["code"], _differs(found["inputs"]), _differs(found["settings"]))):
        yield ""
        yield "Nothing that was asked of them differs."


def _graph(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the steps above do not say already: who was renamed, and what flows otherwise."""
    renamed = [
        f"  {_SIGNS['changed']} {one['before']} is called {one['after']}"
        for one in found["steps"]
        if one["change"] == "changed" and one["before"] != one["after"] and _is_own_name(one)
    ]
    edges = [
        f"  {_SIGNS[one['change']]} {one['from']}.{one['output']} -> {one['to']}.{one['input']}"
        for one in found["edges"]
        if one["change"] != "same"
    ]
    order = [
        f"  {_SIGNS[one['change']]} {one['to']} waits for {one['from']}"
        for one in found["order"]
        if one["change"] != "same"
    ]
    outputs = [
        f"  {_SIGNS[one['change']]} output {one['name']}: {' -> '.join(_text(value) for value in one['values'])}"
        for one in found["outputs"]
        if one["change"] != "same"
    ]
    lines = [*renamed, *edges, *order, *outputs]
    if lines:
        yield ""
        yield f"Graph of {found['after']}"
        yield from lines


def _is_own_name(step: Mapping[str, Any]) -> bool:
    """Return whether the step itself was renamed, and not only a pipeline around it."""
    return str(step["before"]).rpartition("/")[2] != str(step["after"]).rpartition("/")[2]


def _logged(row: Mapping[str, Any]) -> str:
    return f"{row['step']}: {row['name']}" if row["step"] else str(row["name"])


def _heads(jobs: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, list[Any]]]:
    yield "status", [job["label"] for job in jobs]
    yield "seconds", [job["duration_seconds"] for job in jobs]
    yield "created", [job["created_at"] for job in jobs]


def _differs(rows: Sequence[Mapping[str, Any]]) -> bool:
    return any(not row["same"] for row in rows)


def _table(title: str, rows: Sequence[tuple[str, Sequence[Any]]]) -> Iterator[str]:
    if not rows:
        return
    if title:
        yield ""
        yield title
    cells = [[name, *(_text(value) for value in values)] for name, values in rows]
    widths = [max(len(row[place]) for row in cells) for place in range(len(cells[0]))]
    for row in cells:
        yield ("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))).rstrip()


def _diff(title: str, text: str) -> Iterator[str]:
    if text:
        yield ""
        yield title
        yield from (f"  {line}" for line in text.split("\n"))


def _text(value: Any) -> str:
    return "-" if value is None else str(value)
