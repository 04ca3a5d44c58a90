"""
A planned container as command lines of docker or podman.

In:       a `LaunchPlan` with a container.
Out:      the `container` part of an order: one command line per verb, and the script that the container runs.
Not here: running any of them (`pipeyard/launcher`), what a step needs (`launch/container.py`).

The staging folder is mounted at its own path. Variables and command are in a script in
that folder: no value has to survive a command line, and none is shown by `inspect`.
"""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from pipeyard.launch.container import PlannedContainer
from pipeyard.launch.plan import WORKING_DIR, LaunchPlan
from pipeyard.launcher.container import BEGUN, EXIT_CODE, LOG, MONITOR, SCRIPT, STOP, mount_option
from pipeyard.model.errors import ComputeError

_GIB = 1 << 30
# How long the runtime gives a container that is removed while it runs: its step was told to end long before.
_REMOVE = {"podman": ("rm", "--force", "--volumes", "--time", "0"), "docker": ("rm", "--force", "--volumes")}
# What is asked of a container that ended without leaving its exit code.
_STATE = "{{json .State}}"


def container_order(plan: LaunchPlan, container: PlannedContainer, environment: Mapping[str, str]) -> dict[str, Any]:
    """Return what the launcher needs to run a plan in its container; *environment* is the command's."""
    image, name = container.image, container_name(plan)
    program = image.program
    return {
        "name": name,
        "image": image.label,
        "create": [program, "create", *_options(plan, container, name)],
        # Mounts of inputs come between the two.
        "create_rest": [image.image, f"{plan.root}/{SCRIPT}"],
        "start": [program, "start", "--attach", name],
        "inspect": [program, "inspect", "--type", "container", "--format", _STATE, name],
        "terminate": [program, "kill", "--signal", "TERM", name],
        "kill": [program, "kill", "--signal", "KILL", name],
        "remove": [program, *_REMOVE[image.kind], name],
        "environment": dict(image.program_environment),
        "script": script_text(plan, environment),
        "writable": list(plan.writable),
    }


def container_name(plan: LaunchPlan) -> str:
    """Return a name that no other attempt of this machine has, of any home."""
    home = hashlib.sha256(plan.root.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return f"pipeyard-{plan.attempt_id}-{home}"


def script_text(plan: LaunchPlan, environment: Mapping[str, str]) -> str:
    """
    Return what the container's first process does: set variables, run the command, hand signals on.

    Its exit code goes to a file first, which is believed before what docker or podman say; so
    does whether memory ran out, which they do not always notice.
    SIGTERM reaches every process inside, as it does without a container, and the script
    waits for all of them; whatever still runs when it ends is ended with it. The command
    does not know that it is not the first process: its signals are as they always are.
    """
    quoted = {name: shlex.quote(value) for name, value in environment.items()}
    exports = [f"export {name}={value}" for name, value in quoted.items() if _is_shell_name(name)]
    # A shell cannot hold these names itself, but `env` can pass them on.
    others = [f"{shlex.quote(name)}={value} " for name, value in quoted.items() if not _is_shell_name(name)]
    run = f"{'/usr/bin/env ' if others else ''}{''.join(others)}/bin/bash -c {shlex.quote(plan.command)}"
    return _SCRIPT.format(
        exports="\n".join(exports),
        wind_down="" if plan.gang is None else _WIND_DOWN.format(tenths=max(1, int(plan.grace_seconds * 10))),
        run=run,
        log=shlex.quote(f"{plan.root}/{LOG}"),
        stop=shlex.quote(f"{plan.root}/{STOP}"),
        begun=shlex.quote(f"{plan.root}/{BEGUN}"),
        exit_code=shlex.quote(f"{plan.root}/{EXIT_CODE}"),
    )


# `set -m`: a command in the background would otherwise ignore SIGINT and SIGQUIT. What the shell
# then says of its jobs belongs in nobody's log.
_SCRIPT = """\
exec >>{log} 3>&1 2>/dev/null
: >{begun}
[ -w "${{HOME:-/}}" ] || export HOME=/tmp
{exports}
set -m
asked=
trap 'asked=1; kill -TERM -1' TERM
{run} 2>&3 3>&- &
main=$!
# Somebody may have asked before there was anybody to hear it.
if [ -e {stop} ]; then
    asked=1
    kill -TERM -1
fi
wait "$main"
code=$?
while kill -0 "$main"; do
    wait "$main"
    code=$?
done
{wind_down}while [ -n "$asked" ] && kill -0 -1; do
    sleep 0.1
done
oom=
if [ "$code" = 137 ]; then
    for events in /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control; do
        while read -r name count; do
            if [ "$name" = oom_kill ] && [ "$count" != 0 ]; then oom=" oom"; fi
        done <"$events"
    done
fi
echo "$code$oom" >{exit_code}
exit "$code"
"""

# When one of several processes has failed, the others have the same time as if they had been stopped.
_WIND_DOWN = """\
if [ -z "$asked" ]; then
    kill -TERM -1
    tenths={tenths}
    while [ "$tenths" -gt 0 ] && kill -0 -1; do
        sleep 0.1
        tenths=$((tenths - 1))
    done
fi
"""


def _is_shell_name(name: str) -> bool:
    return name.isidentifier() and name.isascii()


def _options(plan: LaunchPlan, container: PlannedContainer, name: str) -> Iterator[str]:
    image = container.image
    yield from ("--name", name, "--pull", "never", "--network", "host", "--log-driver", "none")
    yield from ("--workdir", f"{plan.root}/{WORKING_DIR}", "--user", image.user, "--shm-size", container.shm_size)
    yield from ("--entrypoint", "/bin/bash")
    for label, value in container.labels.items():
        yield from ("--label", f"{label}={value}")
    yield from mount_option(plan.root, plan.root, is_read_only=False)
    if image.kind == "podman":
        # The process that podman leaves behind to watch the container is known by this file.
        yield from ("--conmon-pidfile", f"{plan.root}/{MONITOR}")
    if container.memory_gib is not None and "memory" in image.limits:
        yield from ("--memory", str(int(container.memory_gib * _GIB)))
    if plan.cpus and "cpuset" in image.limits:
        yield from ("--cpuset-cpus", ",".join(map(str, plan.cpus)))
    elif plan.cpus and "cpu" in image.limits:
        yield from ("--cpus", str(len(plan.cpus)))
    yield from _gpu_options(container)
    yield from image.options
    # Last: what a person writes wins.
    for text in container.arguments:
        yield from _words(text)


def _gpu_options(container: PlannedContainer) -> Iterator[str]:
    # Not tried: no machine with a GPU was at hand.
    if container.image.kind == "podman":
        for name in container.gpus:
            yield f"--device=nvidia.com/gpu={name}"
    elif container.gpus:
        # Docker reads the value as a line of comma-separated values, so that one value needs quotes.
        yield f'--gpus="device={",".join(container.gpus)}"'


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise ComputeError(f"`docker_args` cannot be read: {error} in `{text}`", code="bad-docker-args") from None
