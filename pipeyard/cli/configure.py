"""
`pipeyard configure`.

Not here: where defaults are kept, and what wins over them (`client/defaults.py`).
"""

from __future__ import annotations

import os

from pipeyard.cli import notice, option
from pipeyard.cli.command import command
from pipeyard.cli.connection import absent_text, is_absent, server_if_running
from pipeyard.client.defaults import WORKSPACE_VARIABLE, defaults_file, read_defaults, write_defaults
from pipeyard.model.errors import UsageError
from pipeyard.model.nearest import nearest

KNOWN = ("workspace",)
# Azure's: accepted, and without a meaning here.
IGNORED = ("group", "location", "registry", "acr", "appserviceplan", "vm", "web", "vnet", "subscription")


@command(
    "configure",
    short_help="Set what is used where a flag is not given.",
    help="Set, or list, what is used where a flag is not given: the workspace. "
    f"The variable {WORKSPACE_VARIABLE} wins over it, the flag -w over both.",
    examples=(
        ("Work in another workspace from now on:", "pipeyard configure --defaults workspace=vision"),
        ("As Azure's scripts have it:", "pipeyard configure --defaults group=rg workspace=vision location=eastus"),
        ("What is set:", "pipeyard configure --list-defaults -o table"),
        ("Back to the workspace `default`:", "pipeyard configure --defaults workspace=''"),
    ),
)
@option.words("--defaults", "KEY=VALUE...", "What to set: workspace=NAME. An empty value takes a default away.", "-d")
@option.flag("-l", "--list-defaults", text="List what is set, and where it comes from.")
def configure(*, defaults: tuple[tuple[str, ...], ...], list_defaults: bool) -> None:
    """Set or list defaults."""
    pairs = dict(_pair(word) for group in defaults for word in group)
    if not pairs and not list_defaults:
        raise UsageError("nothing to set", hint="pipeyard configure --defaults workspace=NAME")
    ignored = [key for key in pairs if key in IGNORED]
    if ignored:
        verb = "has" if len(ignored) == 1 else "have"
        notice.warn(f"{', '.join(ignored)} {verb} no meaning here: only `workspace` is kept")
    changes = {key: value for key, value in pairs.items() if key in KNOWN}
    if changes:
        write_defaults(changes)
        _warn_if_absent(changes["workspace"])
    if list_defaults:
        notice.show(_listed())


def _pair(word: str) -> tuple[str, str]:
    key, found, value = word.partition("=")
    if not found or not key:
        raise UsageError(
            f"--defaults takes KEY=VALUE, this is `{word}`", hint="for example: --defaults workspace=vision"
        )
    if key not in KNOWN and key not in IGNORED:
        close = nearest(key, KNOWN)
        raise UsageError(
            f"there is no default called `{key}`", hint=f"did you mean `{close}`?" if close else "there is: workspace"
        )
    return key, value


def _warn_if_absent(name: str) -> None:
    running = server_if_running() if name else None
    if running is not None and is_absent(running, name):
        notice.warn(absent_text(name))


def _listed() -> list[dict[str, str]]:
    rows = [{"name": key, "source": str(defaults_file()), "value": value} for key, value in read_defaults().items()]
    from_environment = os.environ.get(WORKSPACE_VARIABLE)
    if from_environment:
        rows = [row for row in rows if row["name"] != "workspace"]
        rows.append({"name": "workspace", "source": f"${WORKSPACE_VARIABLE}", "value": from_environment})
    return rows
