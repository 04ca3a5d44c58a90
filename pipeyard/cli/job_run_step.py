"""
`pipeyard job run-step`.

In:       a job that exists and a step of it.
Out:      what the step prints, live, and its exit code; with `--shell` a shell where it would run.
Not here: what is put in place (`client/rehearse.py`).
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from typing import Any

import click

from pipeyard.cli import notice, option
from pipeyard.cli.command import command
from pipeyard.cli.option import complete_jobs
from pipeyard.cli.option_job import complete_steps, named_job

# What the shell reads first: nothing of the person's own start-up files, which could change PATH
# and variables, so that what works here works in the job.
_RCFILE = """\
unset HISTFILE
cd {wd}
PS1={prompt}
run() {{
    ( cd {wd} && exec /bin/bash -c "$(<{command})" )
}}
"""


@command(
    "run-step",
    short_help="Run one step once more in this terminal, or open a shell where it runs.",
    help="Run the command of STEP once more, here: with the step's environment, variables and inputs, in a fresh copy of its "
    "code. Nothing of it is kept in the job, and no input can be changed: what a step may write to is a copy. "
    "Metrics and outputs go to a folder that is removed afterwards. No time limit and no retry applies. "
    "The exit code is the command's. The step may have run, failed or been reused, as long as what it reads is there.",
    examples=(
        ("Look around where a step failed:", "pipeyard job run-step NAME train --shell"),
        ("Run its command once more:", "pipeyard job run-step NAME train"),
        ("And look at what it wrote:", "pipeyard job run-step NAME prepare/split --keep"),
    ),
)
@click.argument("job", metavar="[JOB]", required=False, shell_complete=complete_jobs)
@click.argument("step", metavar="[STEP]", required=False, shell_complete=complete_steps)
@click.option("-n", "--name", metavar="NAME", shell_complete=complete_jobs, help="The same as the argument JOB.")
@option.flag("--shell", text="Open a shell instead; `run` in it runs the command.")
@option.flag("--keep", text="Keep the folder, and say where it is.")
def run_step(*, job: str | None, step: str | None, name: str | None, shell: bool, keep: bool) -> int:
    """Run a step here."""
    from pipeyard.cli.connection import connected  # noqa: PLC0415 - help can do without.
    from pipeyard.cli.terminal import is_terminal  # noqa: PLC0415
    from pipeyard.model.errors import UsageError  # noqa: PLC0415

    if name is not None and step is None:
        # `run-step -n NAME STEP`.
        job, step = None, job
    wanted = named_job(job, name)
    if shell and not (is_terminal(sys.stdin) and is_terminal(sys.stdout)):
        raise UsageError(
            "--shell needs a terminal, and this is none",
            hint="without --shell the step's command is run once, and what it prints can be piped",
        )
    # Imported here: it is of no use without a terminal's process groups.
    from pipeyard.client.rehearse import set_stage  # noqa: PLC0415

    stage = set_stage(connected(), wanted, step or "", _Waiting().say)
    plan = stage.plan
    code = 1
    try:
        for line in _about(plan, shell=shell):
            notice.say(line)
        code = stage.run(rcfile=_rcfile(plan) if shell else None, keep=keep)
    finally:
        stage.close(keep=keep)
    if keep:
        notice.say(f"Kept: {plan['root']}")
    return code


class _Waiting:
    """Says once that it takes a while."""

    def __init__(self) -> None:
        self._has_said = False

    def say(self) -> None:
        """Say so, the first time."""
        if not self._has_said:
            self._has_said = True
            notice.say("The step's environment or its inputs are being made ready ...")


def _about(plan: Mapping[str, Any], *, shell: bool) -> list[str]:
    order, root = plan["order"], plan["root"]
    lines = [
        f"Step `{plan['step'] or plan['job']}` of job `{plan['job']}` ({plan['label']}), once more and apart from it"
    ]
    lines += [f"  input   {item['name']}: {root}/{item['path']} ({item['mode']})" for item in order["inputs"]]
    lines += [f"  folder  {plan['working_dir']}"]
    command_lines = str(order["command"]).splitlines() or [""]
    lines += [f"  command {command_lines[0]}", *(f"          {line}" for line in command_lines[1:])]
    lines += [
        f"  output  {name}: its mode is `direct`, so the command writes to its real place"
        for name in plan.get("direct_outputs") or ()
    ]
    if shell:
        lines.append("Type `run` to run the command, `exit` to leave.")
    return lines


def _rcfile(plan: Mapping[str, Any]) -> str:
    # A prompt is read twice by the shell: signs that mean something to it are taken out.
    step = "".join(sign for sign in str(plan["step"] or plan["job"]) if sign.isalnum() or sign in "_-/.")
    return _RCFILE.format(
        wd=shlex.quote(str(plan["working_dir"])),
        command=shlex.quote(f"{plan['root']}/command"),
        prompt=shlex.quote(f"({step}) \\W\\$ "),
    )
