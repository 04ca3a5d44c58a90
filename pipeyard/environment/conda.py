"""
Prefixes with conda packages: by py-rattler, or by a conda program of the machine.

In:       a `CondaPrefix`.
Out:      a folder with the packages, its pip section put into it by uv; the list of what is in it.
Not here: solving and downloading in this process: `rattler_worker.py` is one of its own, which can be stopped.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeyard.environment.build import Build, Built, Made, ProgramFailed
from pipeyard.environment.conda_file import CondaFile, split_spec
from pipeyard.environment.setting import EnvironmentSettings
from pipeyard.environment.strategy import CondaPrefix, Strategy
from pipeyard.environment.uv import Uv
from pipeyard.model.errors import EnvironmentFailed
from pipeyard.ports import PreparedEnvironment

_WORKER = Path(__file__).with_name("rattler_worker.py")
# What conda itself means by the word.
_DEFAULTS = {"defaults": ("main", "r")}
# Scripts that packages want to have run before their programs are.
_ACTIVATE = "etc/conda/activate.d"
_SHOW_ACTIVATED = 'for one in "$CONDA_PREFIX"/etc/conda/activate.d/*.sh; do . "$one"; done >&2; exec env -0'
_SOLVING = re.compile(
    r"Cannot solve|No candidates|PackagesNotFound|ResolvePackageNotFound|nothing provides|LibMamba", re.IGNORECASE
)
_NO_NETWORK = re.compile(r"no network:|GatewayError|error sending request|CondaHTTPError|Connection", re.IGNORECASE)


class CondaBuilder:
    """Builds `CondaPrefix`es."""

    def __init__(self, uv: Uv, settings: EnvironmentSettings, environment: Mapping[str, str]) -> None:
        """Take channels as *settings* say; programs run in *environment*."""
        self._uv = uv
        self._settings = settings
        self._environment = {name: value for name, value in environment.items() if name != "PYTHONPATH"}

    def build(self, strategy: CondaPrefix, build: Build) -> Built:
        """Make the prefix and install everything."""
        file = strategy.file
        channels = channels_of(file, self._settings)
        build.say(f"channels: {', '.join(channels)}")
        specs = [_spec(entry, self._settings) for entry in specs_of(file)]
        try:
            if strategy.program is None:
                self._by_rattler(build, channels, specs)
            else:
                self._by_program(build, strategy.program, channels, specs)
        except ProgramFailed as problem:
            raise _explained(problem, file) from problem
        if file.requirements:
            self._pip(build, file)
        return Built(_lock(self._uv, build), {"variables": self._activated(build)})

    def open(self, strategy: CondaPrefix, made: Made) -> PreparedEnvironment | None:
        """Return its folder of programs and its variables."""
        if not (made.place / "conda-meta").is_dir():
            return None
        more = made.built.facts.get("variables") or {}
        variables = {**dict(strategy.file.variables), **more, "CONDA_PREFIX": str(made.place)}
        return PreparedEnvironment((str(made.place / "bin"),), variables)

    def remove(self, strategy: Strategy | None, made: Made) -> None:
        """Leave it to the caller: everything is in the folder."""

    def _by_rattler(self, build: Build, channels: Sequence[str], specs: Sequence[str]) -> None:
        order = {
            "channels": list(channels),
            "specs": list(specs),
            "prefix": str(build.place),
            "is_offline": self._settings.offline,
        }
        # By its path, as a program that knows nothing of ours; isolated, as the server's folder is no place for modules.
        argv = [sys.executable, "-I", str(_WORKER)]
        environment = dict(self._environment)
        if self._settings.extra_ca is not None:
            environment["SSL_CERT_FILE"] = self._settings.extra_ca
        build.run(argv, environment=environment, stdin=json.dumps(order).encode())

    def _by_program(self, build: Build, program: str, channels: Sequence[str], specs: Sequence[str]) -> None:
        name = Path(program).name
        flags = [flag for channel in channels for flag in ("-c", channel)]
        more = ["--offline"] if self._settings.offline else []
        # `create` with specs is the one command that all of them spell alike.
        argv = [program, "create", "-y", "-p", str(build.place), "--override-channels", *flags, *more, *specs]
        build.say(f"{name}: {program}")
        build.run(argv, environment={**self._environment, "CONDA_REMOTE_CONNECT_TIMEOUT_SECS": "4"})

    def _pip(self, build: Build, file: CondaFile) -> None:
        if not (build.place / "bin" / "python").exists():
            raise EnvironmentFailed(
                "the conda file has a `pip:` section and no Python",
                code="conda-file",
                hint="add `python` to its `dependencies`",
            )
        self._uv.install(build, build.place, file.requirements)

    def _activated(self, build: Build) -> dict[str, str]:
        """Return the variables that packages of the prefix set for their programs."""
        if not any((build.place / _ACTIVATE).glob("*.sh")):
            return {}
        base = {"CONDA_PREFIX": str(build.place), "PATH": f"{build.place}/bin:/usr/bin:/bin"}
        said = build.run(["/bin/bash", "-c", _SHOW_ACTIVATED], environment=base, is_quiet=True)
        pairs = (entry.partition("=")[::2] for entry in said.split("\0") if "=" in entry)
        return {name: value for name, value in pairs if name not in {*base, "PWD", "SHLVL", "_", "OLDPWD"}}


def channels_of(file: CondaFile, settings: EnvironmentSettings) -> tuple[str, ...]:
    """Return the channels in order, each as an address or a name, those that packages are tied to at the end."""
    tied = [channel for entry in file.packages if (channel := split_spec(entry)[0])]
    names = [*(file.channels or settings.channels), *tied]
    plain = [one for name in names for one in _DEFAULTS.get(name, (name,)) if name != "nodefaults"]
    return tuple(dict.fromkeys(_channel(name, settings) for name in plain))


def specs_of(file: CondaFile) -> tuple[str, ...]:
    """Return everything that conda is to install, Python first."""
    python = () if file.python is None else (_python_spec(file.python),)
    return (*python, *file.given, *file.packages)


def _channel(name: str, settings: EnvironmentSettings) -> str:
    mirror = settings.mirrors.get(name) or settings.mirrors.get(name.rstrip("/"))
    if mirror is not None:
        return mirror
    if "://" in name or name.startswith("/") or settings.channel_alias is None:
        return name
    return f"{settings.channel_alias.rstrip('/')}/{name}"


def _spec(entry: str, settings: EnvironmentSettings) -> str:
    channel, name, version = split_spec(entry)
    if not channel:
        return entry
    return f"{_channel(channel, settings)}::{name}{version}"


def _python_spec(version: str) -> str:
    if not version:
        return "python"
    return f"python={version}" if version[0].isdigit() else f"python{version}"


def _lock(uv: Uv, build: Build) -> str:
    lines = [f"{name}={version}={text}  # {channel}" for name, version, text, channel in _installed(build.place)]
    lock = "# conda\n" + "".join(f"{line}\n" for line in lines)
    if (build.place / "bin" / "python").exists():
        lock += f"# pip\n{uv.freeze(build, build.place)}"
    return lock


def _installed(prefix: Path) -> Iterator[tuple[str, str, str, str]]:
    for path in sorted((prefix / "conda-meta").glob("*.json")):
        record: dict[str, Any] = json.loads(path.read_text("utf-8"))
        name, version, build = (str(record.get(key) or "") for key in ("name", "version", "build"))
        yield name, version, build, str(record.get("channel") or "")


def _explained(problem: ProgramFailed, file: CondaFile) -> EnvironmentFailed:
    """Return in our words why conda packages cannot be had."""
    said = "\n".join(problem.lines)
    lines = problem.last_lines[-20:]
    reason = " ".join(problem.message.partition(": ")[2].split())[:400]
    named = next(
        (name for _, name, _ in map(split_spec, file.packages) if re.search(rf"\b{re.escape(name)}\b", said)), None
    )
    if _NO_NETWORK.search(said):
        return EnvironmentFailed(
            f"no network: {reason.removeprefix('no network: ')}",
            code="no-network",
            hint="check the connection and proxies; other places of channels are set by `environments.mirrors` in config.toml",
            last_lines=lines,
        )
    if _SOLVING.search(said):
        about = f" (package `{named}`)" if named is not None and named not in reason else ""
        return EnvironmentFailed(
            f"the conda file cannot be solved{about}: {reason}",
            code="unsolvable",
            hint="look at the package's name and version, and at the channels",
            last_lines=lines,
        )
    return EnvironmentFailed(f"conda packages could not be installed: {reason}", code="build-failed", last_lines=lines)
