"""
A program that starts real servers which are to be killed at a given moment. For tests only.

Everything is imported once; each server is a fork of this process, so that starting one
costs no interpreter. The server is the real one: only `SqlStore.commit` is wrapped, to
end the process right before or right after a certain fact is stored.

In:       on standard input, one JSON object a line: {home, doom: {kind, node, attempt, when, whom} | null}.
Out:      on standard output, one line each: the process id. Whether it serves stands in `<home>/../ready`.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

from pipeyard.app import run_server
from pipeyard.store.sql import SqlStore


def main() -> None:
    """Fork a server for each line until there are no more."""
    # Nobody waits for them here: whoever asked watches them.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.freeze()
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            os._exit(serve(Path(order["home"]), order["doom"]))
        print(pid, flush=True)


def serve(home: Path, doom: dict | None) -> int:
    """Be the server of a home."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    said = os.open(home.parent / "said.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for target, source in ((0, nothing), (1, said), (2, said)):
        os.dup2(source, target)
    # Steps find their diary by it.
    os.environ["HOME"] = str(home.parent)
    if doom is not None:
        wrap_commit(home, doom)
    ready = os.open(home.parent / "ready", os.O_WRONLY)
    try:
        return run_server(home, ready_fd=ready)
    except BaseException as problem:  # noqa: BLE001 - there is nothing above that could say it
        print(repr(problem), flush=True)
        return 1


def wrap_commit(home: Path, doom: dict) -> None:
    """End this process when the fact is stored for the first time."""
    commit = SqlStore.commit
    fact = (doom["kind"], doom["node"], doom["attempt"])

    def deadly(store: SqlStore, batch) -> None:
        if all((event.kind, event.node_id, event.attempt) != fact for event in batch.events):
            commit(store, batch)
            return
        if doom["when"] == "before":
            die(home, doom["whom"])
        commit(store, batch)
        die(home, doom["whom"])

    SqlStore.commit = deadly


def die(home: Path, whom: str) -> None:
    """Kill the launcher of a home, or this process, or both as when a machine fails."""
    if whom in ("launcher", "both"):
        with suppress(OSError, ValueError):
            os.kill(json.loads((home / "launcher/launcher.json").read_text())["pid"], signal.SIGKILL)
    if whom in ("server", "both"):
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
