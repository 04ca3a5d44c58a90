"""
The command `pipeyard`: its groups, and what happens when one of them fails.

In:       the words of the command line.
Out:      an exit code: 0, 1 error, 2 wrong usage, 3 not found.
Not here: the groups' commands, which are imported when called.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from pipeyard import __version__
from pipeyard.cli.command import LazyGroup, Settings
from pipeyard.cli.notice import warn
from pipeyard.cli.terminal import prepare_streams

# What a shell shows for a program that was interrupted.
INTERRUPTED = 130

_GROUPS = {
    "job": ("pipeyard.cli.job:job", "Create jobs from YAML files, watch them, look at what became of them."),
    "draft": ("pipeyard.cli.draft:draft", "Compose pipelines in the browser, and keep them as YAML."),
    "component": ("pipeyard.cli.component:component", "Register steps, and use them in any pipeline."),
    "data": ("pipeyard.cli.data:data", "Register data under names and versions."),
    "environment": ("pipeyard.cli.environment:environment", "Register what steps run in."),
    "model": ("pipeyard.cli.model:model", "Register models, and fetch them."),
    "compute": ("pipeyard.cli.compute:compute", "Say on how many slots steps may run at once."),
    "datastore": ("pipeyard.cli.datastore:datastore", "Say where data and outputs are."),
    "workspace": ("pipeyard.cli.workspace:workspace", "Keep jobs and assets of several projects apart."),
    "registry": ("pipeyard.cli.registry:registry", "Keep assets that every workspace may use."),
    "configure": ("pipeyard.cli.configure:configure", "Set what is used where a flag is not given."),
    "gc": ("pipeyard.cli.gc:gc", "Free the space of what nobody needs any more."),
    "server": ("pipeyard.cli.server:server", "Start, stop and look at the local server (it starts itself)."),
    "az-alias": ("pipeyard.cli.alias:az_alias", "Print a shell function under which `az ml ...` lines run here."),
    "completion": ("pipeyard.cli.completion:completion", "Print what makes a shell complete pipeyard's words."),
    "doctor": ("pipeyard.cli.doctor:doctor", "Print what a bug report needs."),
    "explain": ("pipeyard.cli.explain:explain", "Print the page of an error code."),
}

_COMING = ("schedule", "connection")
_NOT_PROVIDED = (
    "online-endpoint",
    "online-deployment",
    "batch-endpoint",
    "batch-deployment",
    "serverless-endpoint",
    "feature-store",
    "feature-store-entity",
    "feature-set",
    "capacity",
    "marketplace-subscription",
)
_LATER = {
    **{name: f"`{name}` is not in this version of Pipeyard ({__version__}); a later one brings it" for name in _COMING},
    **{name: f"`{name}` is not provided by Pipeyard: it has no endpoints and no cloud" for name in _NOT_PROVIDED},
}


def _print_version(context: click.Context, parameter: click.Parameter, value: object) -> None:
    del parameter
    if value:
        click.echo(f"pipeyard {__version__}")
        context.exit()


_ROOT = LazyGroup(
    "pipeyard",
    table=_GROUPS,
    later=_LATER,
    help="Run Azure Machine Learning component pipelines, unchanged, on your own machine.\n\n"
    "Results go to stdout, messages to stderr. Exit codes: 0 done, 1 error, 2 wrong usage, 3 not found.",
    examples=(
        ("Check a pipeline and run it, with its logs:", "pipeyard job create --file pipeline.yml --stream"),
        ("Only check it:", "pipeyard job validate --file pipeline.yml"),
        ("See what ran:", "pipeyard job list --output table"),
    ),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    no_args_is_help=True,
)
# Click's own option would import the package's metadata.
_ROOT.params.append(
    click.Option(
        ["-v", "--version"],
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_print_version,
        help="Print the version.",
    )
)


def run(words: Sequence[str]) -> int:
    """Run one command line and return its exit code."""
    prepare_streams()
    settings = Settings()
    try:
        code = _run(words, settings)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has seen enough. What is still buffered must not
        # fail again while the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code


def _run(words: Sequence[str], settings: Settings) -> int:
    try:
        code = _ROOT.main(list(words), prog_name="pipeyard", standalone_mode=False, obj=settings)
    except click.exceptions.NoArgsIsHelpError as error:
        sys.stderr.write(error.format_message() + "\n")
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        sys.stderr.write("\nInterrupted.\n")
        return INTERRUPTED
    except BrokenPipeError:
        raise
    except _expected() as error:
        return _failed(error, settings)
    _warn_of_ignored(settings)
    return code if isinstance(code, int) else 0


def _expected() -> tuple[type[Exception], ...]:
    """Return what is drawn as an error; called only when something was raised."""
    from pipeyard.model.errors import PipeyardError  # noqa: PLC0415 - help raises nothing.

    return click.ClickException, PipeyardError, OSError


def _failed(error: Exception, settings: Settings) -> int:
    # Imported here: a command that goes well draws no error.
    from pipeyard.cli.failure import draw_failure  # noqa: PLC0415

    sys.stdout.flush()
    return draw_failure(error, is_debug=settings.debug)


def _warn_of_ignored(settings: Settings) -> None:
    if settings.ignored:
        flags = list(dict.fromkeys(settings.ignored))
        verb = "has" if len(flags) == 1 else "have"
        warn(f"{', '.join(flags)} {verb} no effect: workspaces here are in no group and no subscription", settings)
