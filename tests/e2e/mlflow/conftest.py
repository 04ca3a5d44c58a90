"""A server of the installed command line, and Pythons with MLflow's own clients: the newest, and one two years old."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PIPEYARD = Path(sys.executable).with_name("pipeyard")
UV = Path(sys.executable).with_name("uv")
OLD = ROOT / "requirements/mlflow-2.18.txt"
SECONDS_MAX = 240


@pytest.fixture(scope="session")
def old_python():
    """A Python with MLflow 2.18, made once from its lock and kept beside the checkout's own."""
    around = ROOT / ".venv-mlflow"
    around.mkdir(exist_ok=True)
    place = around / "2.18"
    made_of = hashlib.sha256(OLD.read_bytes() + sys.version.encode()).hexdigest()
    stamp = place / "made-of"
    with (around / "lock").open("w") as lock:
        # Tests run in several processes; one of them makes it.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != made_of:
            _run(UV, "venv", "--quiet", "--clear", "--python", sys.executable, place)
            python = place / "bin/python"
            _run(
                UV, "pip", "install", "--quiet", "--python", python, "--require-hashes", "--compile-bytecode", "-r", OLD
            )
            stamp.write_text(made_of)
    return place / "bin/python"


def _run(*argv):
    done = subprocess.run(
        [str(word) for word in argv],
        env={**os.environ, "UV_PYTHON_DOWNLOADS": "never"},
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def new_python():
    """The Python that runs these tests has the newest MLflow, for the examples."""
    return Path(sys.executable)


class Yard:
    """One home with a server, and scripts that log to it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.env = {**os.environ, "PIPEYARD_HOME": str(home), "NO_COLOR": "1", "MLFLOW_DISABLE_TELEMETRY": "true"}

    def __call__(self, *words: str, cwd: Path | None = None) -> str:
        done = subprocess.run(
            [str(PIPEYARD), *words],
            env=self.env,
            cwd=cwd or self.home,
            capture_output=True,
            text=True,
            timeout=SECONDS_MAX,
            check=False,
        )
        assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def json(self, *words: str):
        return json.loads(self(*words, "-o", "json"))

    def script(self, python: Path, text: str, *arguments: str) -> str:
        """Run a script as from a shell in which `eval "$(pipeyard workspace mlflow)"` was typed."""
        done = subprocess.run(
            [
                "bash",
                "-c",
                'eval "$("$0" workspace mlflow)"; exec "$@"',
                PIPEYARD,
                python,
                "-W",
                "ignore",
                "-c",
                text,
                *arguments,
            ],
            env=self.env,
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=SECONDS_MAX,
            check=False,
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout


@pytest.fixture(scope="module")
def yard(tmp_path_factory):
    """A home whose server is stopped at the end."""
    yard = Yard(tmp_path_factory.mktemp("home"))
    yard("server", "start")
    yield yard
    yard("server", "stop")
