"""A server process in a home of its own, asked by plain HTTP."""

from __future__ import annotations

import http.client
import json
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

SECONDS_MAX = 180
JOBS = "/api/v1/workspaces/default/jobs"
PROGRAM = """
import sys
from pathlib import Path
from pipeyard.app import run_server
port = int(sys.argv[3]) or None
sys.exit(run_server(Path(sys.argv[1]), ready_fd=int(sys.argv[2]), port=port))
"""


class Served:
    """One home and the server that serves it at the moment."""

    def __init__(self, home: Path):
        self.home = home
        self.process = None
        self._said = home.parent / "said.txt"

    def start(self, port=0, **environment):
        """Start a server and return what it says on its pipe."""
        readable, writable = os.pipe()
        with self._said.open("ab") as said:
            process = subprocess.Popen(
                [sys.executable, "-c", PROGRAM, str(self.home), str(writable), str(port)],
                pass_fds=[writable],
                stdout=said,
                stderr=said,
                env={**os.environ, **environment},
            )
        os.close(writable)
        try:
            if not select.select([readable], [], [], SECONDS_MAX)[0]:
                process.kill()
                process.wait(SECONDS_MAX)
                raise AssertionError(f"the server does not start: {self._said.read_text()}")
            verdict = json.loads(os.read(readable, 65536))
        finally:
            os.close(readable)
        if "ready" in verdict:
            self.process = process
        else:
            process.wait(SECONDS_MAX)
        return verdict

    def end(self, number=signal.SIGTERM):
        """Send the server a signal and return how it ended."""
        self.process.send_signal(number)
        return self.process.wait(SECONDS_MAX)

    @property
    def port(self):
        return json.loads((self.home / "server.json").read_text())["port"]

    @property
    def token(self):
        return (self.home / "token").read_text().strip()

    def ask(self, method, path, body=None, **headers):
        """Return status and body of one request; the path is sent to the letter."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS_MAX)
        try:
            connection.request(
                method,
                path,
                body=None if body is None else json.dumps(body),
                headers={"Authorization": f"Bearer {self.token}", **headers},
            )
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def get(self, path):
        """Return the decoded answer of a request that has to go well."""
        status, body = self.ask("GET", path)
        assert status == 200, body
        return json.loads(body)

    def submit(self, jobs, *, reuses=False, **more):
        """Return the name of a new pipeline, whose steps all run unless reuse is wanted."""
        if not reuses:
            more["settings"] = {"force_rerun": True, **more.get("settings", {})}
        status, body = self.ask("POST", JOBS, {"document": {"type": "pipeline", "jobs": jobs, **more}, "user": "ann"})
        assert status == 201, body
        return json.loads(body)["name"]

    def follow(self, name):
        """Return every message of a job's stream, to its end."""
        _, body = self.ask("GET", f"{JOBS}/{name}/stream")
        return [json.loads(line) for line in body.splitlines()]

    def until(self, is_so):
        """Return when something is so; the server has to live on until then."""
        deadline = time.monotonic() + SECONDS_MAX
        while not is_so():
            assert self.process.poll() is None, "the server has ended"
            assert time.monotonic() < deadline, "it never happened"
            time.sleep(0.005)

    def stop_all(self):
        """End the server and its launcher."""
        launcher = None
        if self.process is not None and self.process.poll() is None:
            launcher = self.get("/api/v1/health")["launcher"]
            self.end()
        if launcher is not None:
            with suppress(ProcessLookupError):
                os.kill(launcher["pid"], signal.SIGTERM)


@pytest.fixture
def served(tmp_path):
    """A home in which no server runs yet."""
    it = Served(tmp_path / "home")
    yield it
    it.stop_all()


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A server that runs, shared by the tests of a file."""
    it = Served(tmp_path_factory.mktemp("running") / "home")
    assert it.start() == {"ready": True}
    yield it
    it.stop_all()


@pytest.fixture
def words():
    """Short words for documents."""

    class Words:
        jobs = JOBS

        @staticmethod
        def step(command, **more):
            return {"type": "command", "command": command, "environment": "local", **more}

    return Words()
