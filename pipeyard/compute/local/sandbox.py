"""
Bubblewrap, as far as this machine has it.

In:       plans that ask for a sandbox.
Out:      the `sandbox` part of an order, or `ComputeError` when there can be none.
Not here: its command line (`pipeyard/launcher/sandbox.py`).
"""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import PurePosixPath
from typing import Any

from pipeyard.launch.plan import LaunchPlan
from pipeyard.model.errors import ComputeError

_TRY_SECONDS_MAX = 10.0
_HINT = "install bubblewrap (Debian: apt-get install bubblewrap), or let the compute's steps run without: --no-sandbox"


def sandbox_order(plan: LaunchPlan) -> dict[str, Any]:
    """Return what the launcher needs to run a plan's command in a sandbox. Raises `ComputeError`."""
    return {
        "program": _program(shutil.which("bwrap")),
        # The environment's programs may lie anywhere, and so may the home.
        "readable": [
            str(PurePosixPath(plan.root).parent.parent),
            *(str(PurePosixPath(folder).parent) for folder in plan.path_prefix),
        ],
        "writable": list(plan.writable),
    }


@cache
def _program(program: str | None) -> str:
    """Return bubblewrap once it was seen to work; tried once for each program. Raises `ComputeError`."""
    if program is None:
        raise ComputeError("the step asks for a sandbox, and bubblewrap is not here", code="no-sandbox", hint=_HINT)
    argv = [program, "--ro-bind", "/", "/", "--dev-bind", "/dev", "/dev", "--tmpfs", "/tmp", "true"]  # noqa: S108 - its own
    try:
        done = subprocess.run(
            argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=_TRY_SECONDS_MAX, check=False
        )
        said = done.stderr.decode("utf-8", "replace").strip() if done.returncode != 0 else None
    except (OSError, subprocess.TimeoutExpired) as error:
        said = str(error)
    if said is not None:
        message = f"the step asks for a sandbox, and bubblewrap cannot make one here: {said}"
        raise ComputeError(message, code="no-sandbox", hint=_HINT)
    return program
