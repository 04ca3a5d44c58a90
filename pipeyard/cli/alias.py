"""
`pipeyard az-alias`: lines written for Azure's command line, run here.

Out:      a shell function. `az ml ...` becomes `pipeyard ...`; every other `az` line
          goes to the real `az`, if there is one; if not, `az configure` sets our defaults.
"""

from __future__ import annotations

import click

from pipeyard.cli.command import command

# The real one is looked for in a shell without this function.
FUNCTION = """\
az() {
    if [ "$1" = ml ]; then
        shift
        command pipeyard "$@"
    elif (unset -f az; command -v az >/dev/null 2>&1); then
        command az "$@"
    elif [ "$1" = configure ]; then
        command pipeyard "$@"
    else
        echo "az: not installed; only 'az ml ...' and 'az configure' are answered here, by pipeyard" >&2
        return 127
    fi
}
"""


@command(
    "az-alias",
    short_help="Print a shell function under which `az ml ...` lines run here.",
    help="Print a function for bash and zsh under which `az ml ...` lines run here, unchanged. "
    "Other `az` lines go to the real az.",
    examples=(
        ("For this shell:", 'eval "$(pipeyard az-alias)"'),
        ("For every bash:", "pipeyard az-alias >> ~/.bashrc"),
        ("Then, as in Azure:", "az ml job create --file pipeline.yml"),
    ),
)
def az_alias() -> None:
    """Print the function."""
    click.echo(FUNCTION, nl=False)
