"""
Starting the launcher of a home.

In:       a home; the Python to run it with.
Out:      a launcher that answers on its socket, no child of ours, alive after we are gone.
Not here: talking to it (`connection.py`).
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from functools import cache
from pathlib import Path

import pipeyard.launcher
from pipeyard.launcher.place import LauncherPlace
from pipeyard.model.errors import ComputeError

_FOLDER = Path(pipeyard.launcher.__file__).parent
_START_SECONDS_MAX = 30.0
# Another launcher serves the home already.
_TAKEN = 3


@cache
def code_digest() -> str:
    """Return the digest of the launcher's own code, to know an older one that still runs."""
    digest = hashlib.sha256()
    for path in sorted(_FOLDER.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def start_launcher(place: LauncherPlace, *, python: str, may_mount: bool, log_check_seconds: float) -> bool:
    """Start a launcher and wait until it answers; False if another one serves this home."""
    # Isolated and without site-packages: a third of the start-up time, and nothing a user installed can break it.
    argv = [python, "-I", "-S", "-X", "utf8", str(_FOLDER / "__main__.py"), place.home]
    argv += ["--digest", code_digest(), "--log-check-seconds", str(log_check_seconds)]
    argv += [] if may_mount else ["--no-mounts"]
    try:
        ended = subprocess.run(  # noqa: PLW1510 - every exit code is looked at below
            argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_START_SECONDS_MAX
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ComputeError(f"the launcher could not be started: {error}", code="no-launcher", may_retry=True) from error
    if ended.returncode not in (0, _TAKEN):
        why = ended.stderr.strip() or f"exit code {ended.returncode}"
        raise ComputeError(
            f"the launcher could not be started: {why}",
            code="no-launcher",
            hint=f"see `{place.log}`; Python is `{python}` ({sys.platform})",
            may_retry=True,
        )
    return ended.returncode == 0
