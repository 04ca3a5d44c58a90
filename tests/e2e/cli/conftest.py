"""A server of its own in a home of its own, asked only by whole commands."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

# Of one command, which may make an environment on a machine that has other work.
SECONDS_MAX = 180


@dataclass
class CommandLine:
    """`pipeyard` as installed, in one home and one working folder."""

    home: Path
    folder: Path
    environment: dict = field(default_factory=dict)

    def env(self, **more):
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("PIPEYARD", "AZUREML"))}
        path = f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
        return {
            **kept,
            "PATH": path,
            "PIPEYARD_HOME": str(self.home),
            "HOME": str(self.home.parent / "user"),
            "XDG_CONFIG_HOME": str(self.home.parent / "user/config"),
            "XDG_CACHE_HOME": str(self.home.parent / "cache"),
            "XDG_DATA_HOME": str(self.home.parent / "user/data"),
            # Images that files name are not pulled for a test.
            "PIPEYARD_CONTAINER_RUNTIME": "none",
            **self.environment,
            **more,
        }

    def start(self, *words, env=None, **options):
        """Start a command and return its process."""
        return subprocess.Popen(
            ["pipeyard", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            cwd=self.folder,
            env=self.env(**(env or {})),
            **options,
        )

    def run(self, *words, env=None):
        """Run a command to its end and return it, whatever became of it."""
        process = self.start(*words, env=env)
        out, err = process.communicate(timeout=SECONDS_MAX)
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    def ask(self, *words):
        """Run a command that has to go well and return what it printed."""
        done = self.run(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def value(self, *words):
        """Return the decoded JSON of a command that has to go well."""
        return json.loads(self.ask(*words))

    def write(self, path, text):
        """Put a file into the working folder."""
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")
        return place

    def shell(self, line):
        """Run a line of bash, as a user types it."""
        return subprocess.run(
            ["bash", "-c", line],
            capture_output=True,
            text=True,
            encoding="utf-8",
            cwd=self.folder,
            env=self.env(),
            timeout=SECONDS_MAX,
            check=False,
        )

    def end(self):
        """Stop the server and its launcher, if there are any."""
        self.run("server", "stop")
        note = self.home / "launcher" / "launcher.json"
        if self.home.is_dir() and note.exists():
            # A stopped server has left it running: that is what it is for.
            with suppress(ProcessLookupError):
                os.kill(json.loads(note.read_text("utf-8"))["pid"], signal.SIGTERM)


@pytest.fixture(scope="module")
def warm(tmp_path_factory):
    """A command line whose server runs already; shared by the tests of a file."""
    root = tmp_path_factory.mktemp("warm")
    (root / "work").mkdir()
    line = CommandLine(root / "home", root / "work")
    line.ask("server", "start")
    yield line
    line.end()


@pytest.fixture
def cold(tmp_path):
    """A command line without a server, and without a home."""
    (tmp_path / "work").mkdir()
    line = CommandLine(tmp_path / "home", tmp_path / "work")
    yield line
    line.end()
