"""
A scratch attempt in a container: with a terminal if there is a shell to open in it.

In:       an order with a container; the text that a shell reads first, if there is to be one.
Out:      a created container and the command line that shows it; afterwards nothing of it.
Not here: attempts of jobs, whose containers write to a log (`child.py`, `container.py`).
"""

from __future__ import annotations

import contextlib
import os
import shlex

from pipeyard.launcher import container as containers
from pipeyard.launcher import staging
from pipeyard.launcher.order import WORKING_DIR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pipeyard.launcher.order import Order

_REMOVE_SECONDS_MAX = 60.0

# Variables first, then the same as without a container.
_SCRIPT = """\
[ -w "${{HOME:-/}}" ] || export HOME=/tmp
{exports}
cd {wd} && exec {start}
"""


def create(order: Order, root: str, way: str, shell: list[str] | None) -> tuple[list[bytes], dict[bytes, bytes]]:
    """Put everything in place and make the container; return what shows it in this terminal. Raises `Refusal`."""
    container = order.container
    assert container is not None
    binder = containers.Binder()
    staging.stage(order, root, way, binder)
    # The terminal is asked for where there is one; what is typed goes in where somebody may type.
    program, verb, *rest = container.create
    container.create = [program, verb, *(["--interactive", "--tty"] if shell is not None else []), *rest]
    container.script = _script(order, root, shell)
    log = os.path.join(root, "std_log.txt")
    os.close(staging.open_log(log))
    containers.create(container, root, log, binder.options)
    start = [*container.start[:-1], *(["--interactive"] if shell is not None else []), container.start[-1]]
    return [os.fsencode(word) for word in start], containers.program_environment(container, root)


def remove(order: Order, root: str) -> None:
    """Remove the container, whatever still runs in it."""
    container = order.container
    if container is not None:
        with contextlib.suppress(OSError):
            containers.run(container.remove, containers.program_environment(container, root), _REMOVE_SECONDS_MAX)


def _script(order: Order, root: str, shell: list[str] | None) -> str:
    exports = [f"export {name}={shlex.quote(value)}" for name, value in order.environment.items() if _is_name(name)]
    start = ["/bin/bash", "-c", order.command] if shell is None else shell
    return _SCRIPT.format(
        exports="\n".join(exports),
        wd=shlex.quote(os.path.join(root, WORKING_DIR)),
        start=" ".join(shlex.quote(word) for word in start),
    )


def _is_name(name: str) -> bool:
    return name.isascii() and name.isidentifier()
