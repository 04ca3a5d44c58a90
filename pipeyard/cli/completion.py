"""
`pipeyard completion`: what makes a shell complete commands, flags, and names of jobs, assets and computes.

Not here: what is offered for a value (`option.py`).
"""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from pipeyard.cli.command import command

SHELLS = ("bash", "zsh", "fish")


@command(
    "completion",
    short_help="Print what makes a shell complete pipeyard's words.",
    help="Print a script for a shell. Names of jobs, assets and computes are asked of the server that runs; none is started.",
    examples=(
        ("bash:", "echo 'eval \"$(pipeyard completion bash)\"' >> ~/.bashrc"),
        ("zsh:", "echo 'eval \"$(pipeyard completion zsh)\"' >> ~/.zshrc"),
        ("fish:", "pipeyard completion fish > ~/.config/fish/completions/pipeyard.fish"),
    ),
)
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print a script."""
    kind = get_completion_class(shell)
    assert kind is not None
    root = click.get_current_context().find_root()
    script = kind(root.command, {}, "pipeyard", "_PIPEYARD_COMPLETE")
    # Not `source()`: it also runs the shell to learn its version.
    click.echo(script.source_template % script.source_vars())
