"""
A step in a container: what of it is known before anything is started.

In:       an image that an environment has made ready; what the step and its compute ask for.
Out:      plain data, a part of the launch plan.
Not here: words of a command line (`compute/local/container.py`), finding docker or podman
          and making images (`environment/`).

Inside, everything is where it is outside: the attempt's staging folder is mounted at its
own path. So one command text and one set of variables serve both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from fnmatch import fnmatchcase

from pipeyard.model.value import dataclass

# What of the server's own environment a container finds. PATH, HOME and the like belong to the
# image, and files that are named here are not in it.
_PASSED_ON = ("*_PROXY", "*_proxy", "TZ")


@dataclass(frozen=True, slots=True)
class ContainerImage:
    """An image that is on this machine, and the program that makes containers of it."""

    # What the program knows it by.
    image: str
    # What people call it.
    label: str
    # `podman` or `docker`.
    kind: str
    # Absolute path of the program.
    program: str
    # The program's own variables, such as DOCKER_HOST and PATH; never seen by the step.
    program_environment: Mapping[str, str] = field(default_factory=dict)
    # `<uid>:<gid>` that the command runs as, so that what it writes belongs to us.
    user: str = "0:0"
    # Which limits the program can keep: of `cpu`, `cpuset` and `memory`.
    limits: frozenset[str] = frozenset()
    # Options that every container here needs, such as `--security-opt=label=disable`.
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedContainer:
    """The container of one attempt."""

    image: ContainerImage
    # By which a container is found and known.
    labels: Mapping[str, str]
    # Such as `2g`.
    shm_size: str
    # `docker_args` as they were written: texts that may hold several options each.
    arguments: tuple[str, ...] = ()
    # None: no limit.
    memory_gib: float | None = None
    # As CUDA_VISIBLE_DEVICES names them.
    gpus: tuple[str, ...] = ()


def container_base(inherited: Mapping[str, str]) -> dict[str, str]:
    """Return what a container gets of the variables that a process inherits."""
    return {
        name: value for name, value in inherited.items() if any(fnmatchcase(name, pattern) for pattern in _PASSED_ON)
    }
