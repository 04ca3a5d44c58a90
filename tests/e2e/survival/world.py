"""
One home, the servers that serve it one after the other, and everything that can be seen afterwards.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

from pipeyard.store.sql import open_store

SECONDS_MAX = 180
JOBS = "/api/v1/workspaces/default/jobs"
STARTER = Path(__file__).with_name("doomed.py")


class NotYetError(Exception):
    """What somebody waits for has not happened; it is worth looking again."""


class Starter:
    """The process that forks servers. May be used by several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, str(STARTER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def start(self, home: Path, doom: dict | None) -> int:
        """Return the process id of a new server."""
        with self._lock:
            self._process.stdin.write(json.dumps({"home": str(home), "doom": doom}) + "\n")
            self._process.stdin.flush()
            return int(self._process.stdout.readline())

    def close(self) -> None:
        """Fork no more."""
        with self._process:
            self._process.stdin.close()


class Home:
    """A home at its own place, and the server that serves it at the moment."""

    def __init__(self, starter: Starter, root: Path) -> None:
        self.root = root
        self.path = root / "home"
        # Written to by the steps, outside of everything that is ours.
        self.diary = root / "diary"
        self.diary.mkdir(parents=True)
        os.mkfifo(root / "ready")
        self._starter = starter
        self._pid_fd = -1

    def start(self, doom: dict | None = None) -> None:
        """Start a server and return when it serves."""
        readable = os.open(self.root / "ready", os.O_RDONLY | os.O_NONBLOCK)
        try:
            self._pid_fd = os.pidfd_open(self._starter.start(self.path, doom))
            assert select.select([readable], [], [], SECONDS_MAX)[0], "the server does not start"
            said = os.read(readable, 4096)
        finally:
            os.close(readable)
        # It may be killed by what it finds when it starts, before it says anything.
        assert b"error" not in said, said

    def dies_within(self, seconds: float) -> bool:
        """Return whether the server is dead, at the latest after some seconds."""
        return bool(select.select([self._pid_fd], [], [], seconds)[0])

    def end(self) -> None:
        """End the server and the launcher, if they are there, as at the end of a working day."""
        if self._pid_fd >= 0:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pid_fd, signal.SIGTERM)
            assert self.dies_within(SECONDS_MAX)
            os.close(self._pid_fd)
            self._pid_fd = -1
        with suppress(OSError, ValueError):
            launcher = os.pidfd_open(json.loads((self.path / "launcher/launcher.json").read_text())["pid"])
            signal.pidfd_send_signal(launcher, signal.SIGTERM)
            assert select.select([launcher], [], [], SECONDS_MAX)[0]
            os.close(launcher)

    def ask(self, method: str, path: str, body=None) -> tuple[int, bytes]:
        """Return status and body of a request; raises when the server dies meanwhile."""
        port = json.loads((self.path / "server.json").read_text())["port"]
        token = (self.path / "token").read_text().strip()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS_MAX)
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, path, text, {"Authorization": f"Bearer {token}"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def get(self, path: str):
        """Return the decoded answer of a request that has to go well."""
        status, said = self.ask("GET", path)
        assert status == 200, said
        return json.loads(said)

    def submit(self, body: dict) -> None:
        """Hand a job in, as somebody does who tries again after an error."""
        status, said = self.ask("POST", JOBS, body)
        # 200: it is there already, word for word.
        assert status in (200, 201), said

    def follow(self, name: str) -> None:
        """Return when a job has ended."""
        _, said = self.ask("GET", f"{JOBS}/{name}/stream?logs=false")
        if b'"type":"end"' not in said:
            raise NotYetError

    def patiently(self, act) -> bool:
        """Do what a person would do until it works; False when the server died before it did."""
        deadline = time.monotonic() + SECONDS_MAX
        while time.monotonic() < deadline:
            try:
                act()
            except (OSError, http.client.HTTPException, ValueError, NotYetError):  # noqa: PERF203 (it is tried again)
                if self.dies_within(0.02):
                    return False
            else:
                return True
        raise AssertionError("the server neither answers nor dies")

    # --- what can be seen afterwards ---------------------------------------------------------

    def facts(self, name: str) -> list[tuple[str, str | None, int | None]]:
        """Return every stored fact of a job."""
        with _stored(self.path) as store:
            events = store.load_events("default", name)
        return [(event.kind, event.node_id, event.attempt) for event in events]

    def executions(self) -> Counter:
        """Return how often each command began, by what it calls itself."""
        return Counter(
            line for file in sorted(self.diary.iterdir()) for line in file.read_text().splitlines() if line != "end"
        )

    def picture(self, name: str) -> dict:
        """Return everything that matters of a job: what is stored of it, and every byte that it left."""
        with _stored(self.path) as store:
            records = store.load_tree("default", name)
            outputs = {record.name: store.load_outputs("default", record.name) for record in records}
            manifests = {
                (record.name, output.output): store.load_manifest("default", record.name, output.output)
                for record in records
                for output in outputs[record.name]
            }
        names = _names_of(records)
        return {
            "statuses": {record.node_id: (record.status.value, (record.error or {}).get("code")) for record in records},
            "outputs": {
                (record.node_id, output.output): (
                    output.state,
                    output.digest,
                    output.size,
                    [(file.path, file.size, file.sha256) for file in manifests[record.name, output.output].entries],
                )
                for record in records
                for output in outputs[record.name]
            },
            "bytes": self.bytes(names),
        }

    def bytes_of_job(self, name: str) -> dict[str, str]:
        """Return every file of the datastores with its digest, named by the steps of a job."""
        with _stored(self.path) as store:
            records = store.load_tree("default", name)
        return self.bytes(_names_of(records))

    def bytes(self, names: dict[str, str]) -> dict[str, str]:
        """Return every file of the datastores with its digest; names of jobs are replaced by *names*."""
        found = {}
        for place in sorted((self.path / "workspaces").rglob("*")):
            relative = str(place.relative_to(self.path / "workspaces"))
            if place.is_file() and not relative.endswith("executionlogs.txt") and "/user_logs/" not in relative:
                if "azureml/" in relative and not any(job in relative for job in names):
                    continue  # Of another job.
                for job, node in names.items():
                    relative = relative.replace(job, node)
                found[relative] = hashlib.sha256(place.read_bytes()).hexdigest()
        return found

    def leftovers(self) -> list[str]:
        """Return attempts that nobody needs any more, and files that are half there."""
        attempts = self.path / "attempts"
        found = [f"attempts/{place.name}" for place in sorted(attempts.iterdir()) if place.name != ".forgotten"]
        forgotten = attempts / ".forgotten"
        return found + [str(place) for place in (forgotten.iterdir() if forgotten.exists() else ())]

    def processes(self) -> list[str]:
        """Return every process that belongs to this home and does not end by itself, now that nobody serves it."""
        deadline = time.monotonic() + SECONDS_MAX
        while (found := self._processes()) and time.monotonic() < deadline:
            os.sched_yield()
        return found

    def _processes(self) -> list[str]:
        mark = os.fsencode(str(self.root))
        found = []
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                with suppress(OSError):
                    if mark in (folder / "environ").read_bytes() or mark in (folder / "cmdline").read_bytes():
                        found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        return found


def _names_of(records) -> dict[str, str]:
    # Of twins either may be the one that runs.
    return {record.name: "twin" if "twin" in record.node_id else record.node_id or "root" for record in records}


class _stored:  # noqa: N801 - used as a word
    """The database of a home, for as long as the block lasts."""

    def __init__(self, home: Path) -> None:
        self._store = open_store(home / "pipeyard.db")

    def __enter__(self):
        return self._store

    def __exit__(self, *_) -> None:
        self._store.close()
