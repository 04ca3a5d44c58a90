"""
What runs containers on this machine: podman or docker, and what it can do.

In:       a person's setting; the environment in which programs are looked for and run.
Out:      a `Runtime`, or in words why there is none.
Not here: images (`image.py`), running steps (`compute/`).

A program that is installed and answers nothing (docker without its daemon) counts as none.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from pipeyard.model.value import dataclass

# The one that needs no daemon first.
_PROGRAMS = ("podman", "docker")
NONE = "none"
_ASK_SECONDS_MAX = 10.0
# What the programs themselves may read; a step sees none of it.
_OWN_VARIABLES = (
    "PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_*", "TMPDIR", "XDG_*", "DBUS_SESSION_BUS_ADDRESS", "DOCKER_*", "BUILDKIT_*",
    "CONTAINER_*", "CONTAINERS_*", "PODMAN_*", "STORAGE_*", "BUILDAH_*", "REGISTRY_*", "NETAVARK_*", "SSL_CERT_*", "*_PROXY", "*_proxy",
)  # fmt: skip
_SELINUX = Path("/sys/fs/selinux/enforce")


@dataclass(frozen=True, slots=True)
class Runtime:
    """A program that runs containers, and what is known of it."""

    # `podman` or `docker`.
    kind: str
    # Absolute.
    program: str
    version: str
    # Whether it runs without the rights of root.
    is_rootless: bool = False
    # Which limits it can keep: of `cpu`, `cpuset` and `memory`.
    limits: frozenset[str] = frozenset()
    # `<uid>:<gid>` that commands run as, so that what they write belongs to us.
    user: str = "0:0"
    # Options that every container needs here.
    options: tuple[str, ...] = ()
    # Its own variables.
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Return it in a line, for `doctor`."""
        kept = ", ".join(sorted(self.limits)) or "none"
        return (
            f"{self.kind} {self.version}{' (rootless)' if self.is_rootless else ''} at {self.program}; limits: {kept}"
        )


def find_runtime(setting: str | None, environment: Mapping[str, str]) -> tuple[Runtime | None, str]:
    """Return what runs containers, and when there is nothing, why."""
    if setting == NONE:
        return None, "`container_runtime` is set to `none`"
    own = own_variables(environment)
    why: list[str] = []
    for name in _PROGRAMS if setting is None else (setting,):
        program = shutil.which(name, path=environment.get("PATH"))
        if program is None:
            if setting is not None:
                why.append(f"there is no `{name}`")
            continue
        found, problem = _ask(str(Path(program).absolute()), own)
        if found is not None:
            return found, ""
        why.append(problem)
    return None, "; ".join(why) or "neither podman nor docker was found"


def own_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what of the server's environment podman and docker get."""
    return {
        name: value
        for name, value in environment.items()
        if any(fnmatchcase(name, pattern) for pattern in _OWN_VARIABLES)
    }


def _ask(program: str, environment: Mapping[str, str]) -> tuple[Runtime | None, str]:
    said, problem = _output([program, "--version"], environment)
    if problem:
        return None, problem
    # `docker` may be podman under another name.
    is_podman = "podman" in said.lower()
    said, problem = _output([program, "info", "--format", "json" if is_podman else "{{json .}}"], environment)
    if problem:
        return None, problem
    try:
        info = json.loads(said)
        return (_podman if is_podman else _docker)(program, info, environment), ""
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        return None, f"what `{program} info` says cannot be read: {error}"


def _podman(program: str, info: Mapping[str, Any], environment: Mapping[str, str]) -> Runtime:
    host = info["host"]
    is_rootless = bool(host["security"]["rootless"])
    # Without the rights of root, groups of the first version cannot be used, of the second those that were handed down.
    if not is_rootless:
        limits = {"cpu", "cpuset", "memory"}
    else:
        limits = set() if host.get("cgroupVersion") == "v1" else set(host.get("cgroupControllers") or ())
    return Runtime(
        kind="podman",
        program=program,
        version=str(info["version"]["Version"]),
        is_rootless=is_rootless,
        limits=frozenset(limits & {"cpu", "cpuset", "memory"}),
        # Root in there is us out here, also without the rights of root.
        user="0:0",
        options=_security_options(),
        environment=environment,
    )


def _docker(program: str, info: Mapping[str, Any], environment: Mapping[str, str]) -> Runtime:
    errors = info.get("ServerErrors")
    if errors or not info.get("ServerVersion"):
        raise ValueError("; ".join(map(str, errors or ["its daemon does not answer"])))
    is_rootless = any("rootless" in str(option) for option in info.get("SecurityOptions") or ())
    limits = {"memory": "MemoryLimit", "cpu": "CpuCfsQuota", "cpuset": "CPUSet"}
    return Runtime(
        kind="docker",
        program=program,
        version=str(info["ServerVersion"]),
        is_rootless=is_rootless,
        limits=frozenset(name for name, key in limits.items() if info.get(key)),
        # Its daemon is root: what root writes in there would be root's out here.
        user="0:0" if is_rootless else f"{os.getuid()}:{os.getgid()}",
        options=_security_options(),
        environment=environment,
    )


def _security_options() -> tuple[str, ...]:
    # Labels would keep a container from the folders that are mounted, and changing theirs would change the user's files.
    try:
        is_enforcing = _SELINUX.read_text("ascii").strip() == "1"
    except OSError:
        return ()
    return ("--security-opt=label=disable",) if is_enforcing else ()


def _output(argv: list[str], environment: Mapping[str, str]) -> tuple[str, str]:
    """Return what a program prints, or why it does not."""
    shown = " ".join(argv[:2])
    try:
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=dict(environment),
            timeout=_ASK_SECONDS_MAX,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "", f"`{shown}` did not answer within {_ASK_SECONDS_MAX:.0f} s"
    except OSError as error:
        return "", f"`{shown}`: {error.strerror}"
    if done.returncode != 0:
        lines = [line for line in done.stderr.decode("utf-8", "replace").splitlines() if line.strip()]
        return "", f"`{shown}`: {lines[-1] if lines else f'ended with {done.returncode}'}"
    return done.stdout.decode("utf-8", "replace"), ""
