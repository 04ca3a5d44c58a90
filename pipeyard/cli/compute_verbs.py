"""
`pipeyard compute create`, `list`, `show`, `update`, `list-nodes`, `list-waiting`, `delete`.

Source: section 7 and the `ml compute` row of section 15. Flags that mean nothing on one
machine (ssh, network, identity) are accepted and kept.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import click

from pipeyard.cli import notice, option
from pipeyard.cli.change import changed_fields
from pipeyard.cli.command import command
from pipeyard.cli.connection import connected
from pipeyard.cli.problems import Drawing, Form, render_count, render_problems
from pipeyard.cli.terminal import is_terminal, may_colour, width_of
from pipeyard.model.diagnostic import Diagnostic
from pipeyard.model.errors import SpecError, UsageError

_CHANGEABLE = (
    "min_instances",
    "max_instances",
    "size",
    "cpus",
    "memory",
    "gpus",
    "image_policy",
    "sandbox",
    "idle_time_before_scale_down",
    "tags",
    "description",
)
# Azure's command line says 4, its YAML page 1; both are only defaults.
_MAX_INSTANCES = 4


@command(
    "create",
    short_help="Create a compute, or change it.",
    help="Create a pool of slots on this machine. Flags win over the file. With --size, --cpus or --gpus a step is bound to "
    "that many CPUs and sees that many GPUs; --memory only counts when pools are compared with the machine.",
    examples=(
        (
            "As in Azure:",
            "pipeyard compute create -n cpu-cluster --type amlcompute --min-instances 0 --max-instances 10",
        ),
        ("Steps with two CPUs each:", "pipeyard compute create -n small --type amlcompute --max-instances 4 --cpus 2"),
        ("From a file:", "pipeyard compute create --file compute.yml"),
        (
            "Only if it is not there:",
            "pipeyard compute show -n cpu-cluster || pipeyard compute create -n cpu-cluster --type amlcompute",
        ),
    ),
)
@option.file("The compute's YAML file.", required=False)
@option.compute_name(required=False)
@click.option("-t", "--type", metavar="TYPE", help="Kind of compute: amlcompute.")
@click.option("--size", metavar="SIZE", help="What an instance has, as one of Azure's sizes, such as Standard_DS3_v2.")
@option.instance
@option.image_policy
@option.sandbox
@click.option("--min-instances", type=click.IntRange(min=0), metavar="N", help="Kept and shown.")
@click.option("--max-instances", type=click.IntRange(min=1), metavar="N", help="Slots: steps that may run at once.")
@click.option("--idle-time-before-scale-down", type=int, metavar="SECONDS", help="Kept and shown.")
@click.option("--tier", metavar="TIER", help="dedicated or low_priority; kept and shown.")
@click.option("-d", "--description", metavar="TEXT", help="What it is for.")
@click.option("-l", "--location", metavar="REGION", help="Kept and shown.")
@option.words("--tags", "KEY=VALUE...", "Tags.")
@option.flag("--no-wait", text="Accepted: a compute is there at once.")
@option.words("--set", "KEY=VALUE...", "Change a value of the file by its path.")
def create(
    *,
    file: str | None,
    name: str | None,
    tags: tuple[tuple[str, ...], ...],
    set: tuple[tuple[str, ...], ...],  # noqa: A002 - the name of the flag.
    no_wait: bool,
    **flags: Any,
) -> None:
    """Create a compute."""
    del no_wait
    pairs = [pair for group in set for pair in group]
    body = dict(_from_file(file, pairs)) if file is not None else {}
    if file is None and pairs:
        raise UsageError("--set changes a file", hint="give the file with --file")
    body |= {key: value for key, value in flags.items() if value is not None}
    if tags:
        body["tags"] = option.tags_of(tags)
    chosen = name or body.get("name")
    if not chosen:
        raise UsageError("the compute needs a name", hint="pipeyard compute create -n cpu-cluster --type amlcompute")
    if file is None:
        if "type" not in body:
            raise UsageError("the compute needs a type", hint=f"pipeyard compute create -n {chosen} --type amlcompute")
        body.setdefault("max_instances", _MAX_INSTANCES)
    body.pop("name", None)
    found = connected().save_compute(str(chosen), body)
    for remark in found.pop("warnings", None) or ():
        notice.warn(str(remark))
    notice.show(found, table=[_row(found)])


@command(
    "list",
    short_help="List computes.",
    help="List computes, `local` included.",
    examples=(
        ("For reading:", "pipeyard compute list -o table"),
        ("Their names:", "pipeyard compute list --query '[].name' -o tsv"),
    ),
)
@click.option("-t", "--type", metavar="TYPE", help="Only computes of this kind.")
@click.option("-r", "--max-results", type=click.IntRange(min=1), metavar="N", help="At most so many.")
def list_(*, type: str | None, max_results: int | None) -> None:  # noqa: A002 - the name of the flag.
    """Print computes."""
    computes = [item for item in connected().computes() if type is None or item["type"].lower() == type.lower()]
    computes = computes[:max_results]
    notice.show(computes, table=[_row(item) for item in computes])


@command(
    "show",
    short_help="Show a compute.",
    help="Show a compute; exit code 3 when there is none.",
    examples=(("Show a compute:", "pipeyard compute show -n cpu-cluster"),),
)
@option.compute_name()
def show(name: str) -> None:
    """Print a compute."""
    found = connected().compute(name)
    notice.show(found, table=[_row(found)])


@command(
    "update",
    short_help="Change how many slots a compute has.",
    help="Change a compute. Steps that run go on; a smaller pool is full until enough of them have ended.",
    examples=(
        ("More slots:", "pipeyard compute update -n cpu-cluster --max-instances 8"),
        ("By path, as in Azure:", "pipeyard compute update -n cpu-cluster --set max_instances=8 tags.team=vision"),
    ),
)
@option.compute_name()
@option.instance
@option.image_policy
@option.sandbox
@click.option("--min-instances", type=click.IntRange(min=0), metavar="N", help="Kept and shown.")
@click.option("--max-instances", type=click.IntRange(min=1), metavar="N", help="Slots: steps that may run at once.")
@click.option("--idle-time-before-scale-down", type=int, metavar="SECONDS", help="Kept and shown.")
@click.option("-d", "--description", metavar="TEXT", help="What it is for.")
@option.words("--tags", "KEY=VALUE...", "Tags, all of them.")
@option.words("--set", "KEY=VALUE...", "Set values by path, such as tags.team=vision.")
@option.words("--add", "PATH KEY=VALUE...", "Add entries to a mapping, such as --add tags team=vision.")
@option.words("--remove", "PATH...", "Remove a value, such as --remove tags.team.")
@option.flag("--force-string", text="Take values as text even where they read as JSON.")
@option.flag("--no-wait", text="Accepted: the change is there at once.")
def update(
    *,
    name: str,
    tags: tuple[tuple[str, ...], ...],
    set: tuple[tuple[str, ...], ...],  # noqa: A002 - the name of the flag.
    add: tuple[tuple[str, ...], ...],
    remove: tuple[tuple[str, ...], ...],
    force_string: bool,
    no_wait: bool,
    **flags: Any,
) -> None:
    """Change a compute."""
    del no_wait
    changes = {key: value for key, value in flags.items() if value is not None}
    if tags:
        changes["tags"] = option.tags_of(tags)
    if not (changes or set or add or remove):
        raise UsageError("nothing to change", hint="give --max-instances, --tags or --set")
    workspace = connected()
    changes |= changed_fields(
        workspace.compute(name), "compute", _CHANGEABLE, set=set, add=add, remove=remove, force_string=force_string
    )
    found = workspace.change_compute(name, changes)
    for remark in found.pop("warnings", None) or ():
        notice.warn(str(remark))
    notice.show(found, table=[_row(found)])


@command(
    "list-nodes",
    short_help="List a compute's slots and what runs in them.",
    help="List a compute's slots: which are idle, and which step runs in the others.",
    examples=(("For reading:", "pipeyard compute list-nodes -n cpu-cluster -o table"),),
)
@option.compute_name()
def list_nodes(name: str) -> None:
    """Print slots."""
    notice.show(connected().nodes(name))


@command(
    "list-waiting",
    short_help="List the steps that wait for a compute, and why.",
    help="List the steps that wait for a slot of a compute, the oldest job's first, each with what it waits for."
    " The page of the compute in the Studio shows the same.",
    examples=(
        ("For reading:", "pipeyard compute list-waiting -n cpu-cluster -o table"),
        ("How many:", "pipeyard compute list-waiting -n cpu-cluster --query 'length(@)'"),
    ),
)
@option.compute_name()
def list_waiting(name: str) -> None:
    """Print steps."""
    notice.show(connected().waiting(name))


@command(
    "delete",
    short_help="Forget a compute.",
    help="Forget a compute. Steps that name it then run on this machine as on `local`.",
    examples=(("Without being asked:", "pipeyard compute delete -n cpu-cluster --yes"),),
)
@option.compute_name()
@option.flag("-y", "--yes", text="Do not ask.")
@option.flag("--no-wait", text="Accepted: it is gone at once.")
def delete(*, name: str, yes: bool, no_wait: bool) -> None:
    """Delete a compute."""
    del no_wait
    option.confirm(f"Delete the compute `{name}`?", yes=yes)
    connected().delete_compute(name)


def _row(compute: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": compute["name"],
        "kind": compute["type"],
        "size": compute.get("size"),
        "max_instances": compute.get("max_instances"),
        "in_use": compute.get("slots_in_use"),
        "state": compute.get("provisioning_state"),
    }


def _from_file(file: str, pairs: list[str]) -> Mapping[str, Any]:
    # Imported here: most computes are created by flags, and the language costs a library.
    from pipeyard.client.computefile import read_compute  # noqa: PLC0415

    body, problems, text = read_compute(file, pairs)
    _draw(problems, {file: text})
    if body is None or any(problem.is_error for problem in problems):
        raise SpecError(problems, f"`{file}` describes no compute; {render_count(problems)} Nothing was created.")
    return body


def _draw(problems: tuple[Diagnostic, ...], texts: Mapping[str, str]) -> None:
    form = Form.FULL if is_terminal(sys.stderr) else Form.SHORT
    drawing = Drawing(form, may_colour(sys.stderr), width_of(sys.stderr), texts=texts)
    sys.stderr.write(render_problems(problems, drawing))
