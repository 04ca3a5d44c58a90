"""
Virtual environments and pip packages, by uv.

In:       a `PipPrefix`, or a prefix that conda made and requirements to put into it.
Out:      a folder with an interpreter and the packages; the list of what is in it.
Not here: which interpreter (`resolve.py`), conda packages (`conda.py`).

Files are hard links to uv's cache where both are on one file system, so the second
environment with the same packages costs a second and a few megabytes.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from pipeyard.environment.build import Build, Built, Made, ProgramFailed
from pipeyard.environment.setting import EnvironmentSettings
from pipeyard.environment.strategy import PipPrefix, Strategy
from pipeyard.model.errors import EnvironmentFailed
from pipeyard.ports import PreparedEnvironment

# Waited for in all: two tries of five seconds.
_PATIENCE = {"UV_HTTP_CONNECT_TIMEOUT": "4", "UV_HTTP_RETRIES": "1", "UV_HTTP_TIMEOUT": "30"}
_NO_NETWORK = re.compile(
    r"dns error|failed to lookup|error sending request|Connection refused|Network is unreachable|connect error"
    r"|Could not connect|No route to host|tcp connect|operation timed out|network connectivity is disabled"
    r"|when the network is disabled|GatewayError",
    re.IGNORECASE,
)
_COMPILERS = (
    "gcc",
    "g++",
    "cc",
    "c++",
    "clang",
    "gfortran",
    "rustc",
    "cargo",
    "cmake",
    "nvcc",
    "pg_config",
    "swig",
    "make",
)
_NO_COMPILER = re.compile(
    r"command '?(?P<one>[\w./+-]*?(?:" + "|".join(re.escape(name) for name in _COMPILERS) + r"))'? failed"
    r"|(?:No such file or directory|not found)[^\n]*?['\"`]?(?P<two>\b(?:"
    + "|".join(re.escape(name) for name in _COMPILERS)
    + r"))\b"
    r"|(?P<three>\b(?:" + "|".join(re.escape(name) for name in _COMPILERS) + r")):? (?:not found|No such file)"
    r"|(?P<four>pg_config) executable not found",
)
_SEED = re.compile(r"^(pip|setuptools) @ file:\S*/\1-([^-/\s]+)-py\S*$", re.MULTILINE)
_FAILED_BUILD = re.compile(r"Failed to build [`'\"]?(?P<what>[^\s`'\"]+)")
_UNSOLVABLE = re.compile(r"Because (?P<why>.+?)(?: we can conclude|, we can conclude|$)", re.DOTALL)


_BUNDLED = """
import glob, os, sys
try:
    import ensurepip
    folders = [os.path.join(os.path.dirname(ensurepip.__file__), "_bundled")]
except ImportError:
    folders = []
folders.append("/usr/share/python-wheels")
for folder in folders:
    wheels = [path for name in ("pip", "setuptools") for path in sorted(glob.glob(os.path.join(folder, name + "-*.whl")))[-1:]]
    if wheels:
        print("\\n".join(wheels if sys.version_info < (3, 12) else wheels[:1]))
        break
"""


class Uv:
    """Runs uv as the settings say."""

    def __init__(self, settings: EnvironmentSettings, environment: Mapping[str, str]) -> None:
        """Run it in the server's own *environment*, which may name indexes and proxies."""
        self._settings = settings
        more = {"UV_NO_PROGRESS": "1", "UV_PYTHON_DOWNLOADS": "automatic" if settings.may_fetch_python else "never"}
        if settings.offline:
            more["UV_OFFLINE"] = "1"
        if settings.extra_ca is not None:
            more["SSL_CERT_FILE"] = settings.extra_ca
        # A virtual environment that the server was started from is none of its business.
        kept = {name: value for name, value in environment.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
        self._environment = {**_PATIENCE, **kept, **more}

    def make(self, build: Build, python: str) -> None:
        """Make an empty virtual environment at `build.place`."""
        self._run(build, ["venv", "--quiet", "--python", python, str(build.place)])

    def seed(self, build: Build, python: str) -> None:
        """
        Put pip, and setuptools where it belongs to the interpreter, into a virtual environment.

        Without it a step's `pip install` would be another environment's. They are those that every
        Python carries, so no network is needed; one without them is no error.
        """
        with suppress(EnvironmentFailed):
            found = build.run([python, "-I", "-c", _BUNDLED], is_quiet=True).split("\n")
            wheels = [path for path in found if path]
            if wheels:
                prefix = str(build.place / "bin" / "python")
                self._run(build, ["pip", "install", "--quiet", "--no-index", "--no-deps", "--python", prefix, *wheels])

    def install(self, build: Build, prefix: Path, requirements: Sequence[str]) -> None:
        """Install requirements into a prefix."""
        if not requirements:
            return
        wanted = build.place.with_suffix(".txt")
        wanted.write_text("".join(f"{line}\n" for line in requirements), "utf-8")
        try:
            self._run(build, ["pip", "install", "--python", str(prefix / "bin" / "python"), "-r", str(wanted)])
        finally:
            wanted.unlink(missing_ok=True)

    def freeze(self, build: Build, prefix: Path) -> str:
        """Return what is in a prefix, one `name==version` a line."""
        python = str(prefix / "bin" / "python")
        said = self._run(build, ["pip", "freeze", "--quiet", "--python", python], is_quiet=True)
        # Of those that were put in by their files, the version is what counts.
        return _SEED.sub(r"\1==\2", said)

    def _run(self, build: Build, arguments: Sequence[str], *, is_quiet: bool = False) -> str:
        argv = [find_uv(), *arguments]
        try:
            return build.run(argv, environment=self._environment, is_quiet=is_quiet)
        except ProgramFailed as problem:
            raise _explained(problem, self._settings) from problem


class PipBuilder:
    """Builds `PipPrefix`es."""

    def __init__(self, uv: Uv) -> None:
        """Have *uv* do it."""
        self._uv = uv

    def build(self, strategy: PipPrefix, build: Build) -> Built:
        """Make the environment and install everything."""
        build.say(f"Python {strategy.version or strategy.python}: {strategy.python}")
        self._uv.make(build, strategy.python)
        self._uv.seed(build, str(build.place / "bin" / "python"))
        self._uv.install(build, build.place, strategy.requirements)
        lock = self._uv.freeze(build, build.place)
        return Built(f"# python {strategy.version}\n{lock}")

    def open(self, strategy: PipPrefix, made: Made) -> PreparedEnvironment | None:
        """Return its folder of programs; None when its interpreter was removed from the machine."""
        # Follows the link.
        if not (made.place / "bin" / "python").exists():
            return None
        variables = {**dict(strategy.variables), "VIRTUAL_ENV": str(made.place)}
        return PreparedEnvironment((str(made.place / "bin"),), variables)

    def remove(self, strategy: Strategy | None, made: Made) -> None:
        """Leave it to the caller: everything is in the folder."""


def find_uv() -> str:
    """Return the path of uv, which comes with us. Raises `EnvironmentFailed`."""
    # Imported here: most servers never make an environment.
    from uv import find_uv_bin  # noqa: PLC0415

    try:
        return str(find_uv_bin())
    except FileNotFoundError:
        found = shutil.which("uv")
    if found is None:
        raise EnvironmentFailed("uv is not installed", code="build-program", hint="pip install uv")
    return found


def _explained(problem: ProgramFailed, settings: EnvironmentSettings) -> EnvironmentFailed:
    """Return in our words why uv failed, with its last lines."""
    said = "\n".join(problem.lines)
    lines = problem.last_lines[-20:]
    if _NO_NETWORK.search(said):
        if settings.offline:
            message, hint = "packages are missing here, and `environments.offline` is set", "unset it once"
        else:
            message = f"no network: {_sentence(problem.lines, _NO_NETWORK)}"
            hint = (
                "check the connection and proxies; an index of your own is named by UV_DEFAULT_INDEX or UV_FIND_LINKS"
            )
        return EnvironmentFailed(message, code="no-network", hint=hint, last_lines=lines)
    built = _FAILED_BUILD.search(said)
    compiler = _NO_COMPILER.search(said)
    if built is not None and compiler is not None:
        name = Path(next(group for group in compiler.groups() if group)).name
        return EnvironmentFailed(
            f"`{built['what']}` has no wheel for this Python and is built here, which needs `{name}`",
            code="no-compiler",
            hint=f"install `{name}`, or ask for a version that has a wheel",
            last_lines=lines,
        )
    if built is not None:
        message = f"`{built['what']}` has no wheel for this Python, and building it here failed"
        return EnvironmentFailed(message, code="build-failed", last_lines=lines)
    unsolvable = _UNSOLVABLE.search(" ".join(line.strip(" \u2570\u2500\u25b6\u00d7\u2502") for line in problem.lines))
    if unsolvable is not None:
        return EnvironmentFailed(f"pip packages: {unsolvable['why'][:400]}", code="unsolvable", last_lines=lines)
    said = next((line for line in reversed([*map(_plain, problem.lines)]) if line), problem.message)
    return EnvironmentFailed(f"uv: {said}", code="build-failed", last_lines=lines)


def _sentence(lines: Sequence[str], pattern: re.Pattern[str]) -> str:
    return next((_plain(line) for line in lines if pattern.search(line)), _plain(lines[-1]))[:300]


def _plain(line: str) -> str:
    return line.strip(" \u2570\u2500\u25b6\u00d7\u2502\u251c")
