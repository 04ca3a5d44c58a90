"""
`pipeyard environment build` and `shell`.

Source: point 8 of what environments are for; Azure builds when an environment is created.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from typing import Any

import click

from pipeyard.cli import asset_option, notice, option
from pipeyard.cli.asset_create import what_file
from pipeyard.cli.command import command
from pipeyard.model.assets import AssetKind
from pipeyard.model.errors import EnvironmentFailed, UsageError

# Nothing of the person's own start-up files, which could change PATH again.
_RCFILE = "unset HISTFILE\nPS1='({name}) \\w\\$ '\n"
_IN_CONTAINER = "exec bash || exec sh"


@command(
    "build",
    short_help="Make an environment now.",
    help="Make an environment on this machine now, as the first step that names it would, and show the log of it. "
    "NAME is registered, a curated name of Azure's such as sklearn-1.5, or a whole reference. "
    "What is there already is not made again.",
    examples=(
        ("One that is registered:", "pipeyard environment build sklearn"),
        ("From a file, without registering it:", "pipeyard environment build --file env.yml"),
        ("Before going offline:", "pipeyard environment build sklearn-1.5"),
        ("In the background:", "pipeyard environment build sklearn --no-wait"),
    ),
)
@click.argument("environment", metavar="[NAME]", required=False)
@option.file(what_file(AssetKind.ENVIRONMENT), required=False)
@asset_option.asset_name(AssetKind.ENVIRONMENT, required=False, text="The same as the argument NAME.")
@asset_option.which_version(AssetKind.ENVIRONMENT, "Its version.")
@option.flag("--no-wait", text="Begin, and return at once; `environment show` says how far it is.")
@option.form()
def build(
    *,
    environment: str | None,
    file: str | None,
    name: str | None,
    version: str | None,
    label: str | None,
    no_wait: bool,
    form: str | None,
) -> int:
    """Make an environment."""
    asset_option.one_of(version, label)
    chosen = _chosen(environment, name)
    if (chosen is None) is (file is None):
        raise UsageError("which environment?", hint="give a NAME, or a file with --file")
    if chosen is not None:
        return _build(_wanted(chosen, version, label), no_wait=no_wait)
    assert file is not None
    return _build_file(file, form, no_wait=no_wait)


@command(
    "shell",
    short_help="Open a shell in an environment.",
    help="Open a shell where programs and packages are those of an environment, made first if need be; `exit` leaves it. "
    "With words after the name, they are run in it instead, and the exit code is theirs.",
    examples=(
        ("Look around:", "pipeyard environment shell sklearn"),
        ("Run one program:", "pipeyard environment shell sklearn-1.5 python -c 'import sklearn; print(sklearn)'"),
    ),
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.argument("environment", metavar="NAME")
@click.argument("words", metavar="[COMMAND...]", nargs=-1, type=click.UNPROCESSED)
def shell(*, environment: str, words: tuple[str, ...]) -> int:
    """Open a shell."""
    # Imported here: help has no server.
    from pipeyard.cli.connection import connected  # noqa: PLC0415
    from pipeyard.client.environments import begin, follow, opened  # noqa: PLC0415

    workspace, wanted = connected(), _wanted(environment, None, None)
    made = follow(workspace, begin(workspace, wanted), _write_log)
    _refuse_failed(made)
    found = opened(workspace, wanted)
    if found.get("warning"):
        notice.warn(str(found["warning"]))
    with tempfile.NamedTemporaryFile("w", suffix=".bashrc", encoding="utf-8") as rcfile:
        rcfile.write(_RCFILE.format(name=_harmless(environment)))
        rcfile.flush()
        argv = _argv(found, words, rcfile.name)
        return _run(argv, _variables(found))


def _build(wanted: Mapping[str, Any], *, no_wait: bool) -> int:
    from pipeyard.cli.connection import connected  # noqa: PLC0415
    from pipeyard.client.environments import begin, follow  # noqa: PLC0415

    workspace = connected()
    made = begin(workspace, wanted)
    if made.get("warning"):
        notice.warn(str(made["warning"]))
    if not no_wait:
        made = follow(workspace, made, _write_log)
    notice.show(made, table=[_row(made)])
    _refuse_failed(made)
    return 0


def _build_file(file: str, form: str | None, *, no_wait: bool) -> int:
    from pipeyard.cli.command import settings_of  # noqa: PLC0415
    from pipeyard.cli.connection import connected  # noqa: PLC0415
    from pipeyard.cli.progress import ProgressLine  # noqa: PLC0415
    from pipeyard.cli.verdict import draw, refuse  # noqa: PLC0415
    from pipeyard.client.assetfile import Given, check_asset  # noqa: PLC0415
    from pipeyard.client.environments import sent  # noqa: PLC0415

    # A version would need a name; what is made does not.
    checked = check_asset(AssetKind.ENVIRONMENT, file, [Given("--name", ("name",), "unnamed")])
    texts = checked.files.texts
    if checked.has_errors:
        return refuse(checked.diagnostics, texts, form, "Nothing was built.")
    draw(checked.diagnostics, texts, form, sys.stderr)
    settings = settings_of()
    watcher = ProgressLine(quiet=settings.only_show_errors, verbose=settings.verbose)
    return _build(sent(connected(), checked, watcher), no_wait=no_wait)


def _chosen(argument: str | None, name: str | None) -> str | None:
    if argument is not None and name is not None:
        raise UsageError("NAME and --name cannot both be given")
    return argument if argument is not None else name


def _wanted(name: str, version: str | None, label: str | None) -> dict[str, Any]:
    return {"name": name, "version": version, "label": label}


def _write_log(text: str) -> None:
    notice.say(text.rstrip("\n"))


def _refuse_failed(made: Mapping[str, Any]) -> None:
    """Raise when a build has failed."""
    error = made.get("error")
    if made["state"] == "failed" and error:
        raise EnvironmentFailed(error["message"], code=error["code"], hint=error.get("hint"))


def _row(made: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "digest": str(made["digest"])[:12],
        "state": made["state"],
        "resolved_by": made["resolved_by"],
        "label": made.get("label"),
    }


def _variables(found: Mapping[str, Any]) -> dict[str, str]:
    if found["container"] is not None:
        return {**os.environ, **found["container"]["environment"]}
    # What points a Python at other packages would spoil what the environment is for.
    kept = {
        name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV")
    }
    path = os.pathsep.join([*found["path_prefix"], kept.get("PATH", os.defpath)])
    return {**kept, **found["variables"], "PATH": path}


def _argv(found: Mapping[str, Any], words: tuple[str, ...], rcfile: str) -> list[str]:
    container = found["container"]
    if container is None:
        return list(words) if words else ["/bin/bash", "--noprofile", "--rcfile", rcfile]
    here = os.getcwd()  # noqa: PTH109 - text
    terminal = ["--tty"] if sys.stdin.isatty() and sys.stdout.isatty() else []
    variables = [f"--env={name}={value}" for name, value in found["variables"].items()]
    return [
        container["program"],
        *("run", "--rm", "--interactive", *terminal, *container["options"], *variables),
        *(f"--volume={here}:{here}", f"--workdir={here}", "--entrypoint=", container["image"]),
        *(words or ("/bin/sh", "-c", _IN_CONTAINER)),
    ]


def _run(argv: list[str], variables: Mapping[str, str]) -> int:
    # Ctrl-C is for what runs in it.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        done = subprocess.run(
            argv, env=dict(variables), check=False, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
        )
    except FileNotFoundError:
        notice.say(f"there is no program `{argv[0]}` in this environment")
        return 127
    finally:
        signal.signal(signal.SIGINT, before)
    return done.returncode if done.returncode >= 0 else 128 - done.returncode


def _harmless(name: str) -> str:
    # A prompt is read twice by the shell.
    return "".join(sign for sign in name if sign.isalnum() or sign in "_-.:@/")
