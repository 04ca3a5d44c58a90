"""
The resident launcher: one per home, one thread, alive until nobody needs it.

In:       a home folder; servers that connect to its socket.
Out:      answers and reports on that socket.
Not here: attempts (`attempts.py`), what a dead predecessor left (`recover.py`).

It does not end when the server ends. It ends when it is asked to while nothing runs
(`drain`, so that a newer server can replace it), on SIGTERM after stopping every
step, and after a while with neither a step nor a server.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import sys
import time

from pipeyard.launcher import mounts, place, process, system
from pipeyard.launcher.attempt import now_ms
from pipeyard.launcher.attempts import Attempts
from pipeyard.launcher.loop import READ, Loop
from pipeyard.launcher.peer import Peer
from pipeyard.launcher.recover import Recovery
from pipeyard.launcher.refusal import Refusal
from pipeyard.launcher.wire import PROTOCOL, encode_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from pipeyard.launcher.record import Record

_IDLE_SECONDS_MAX = 600.0


class Launcher:
    """Serves one home; the lock is held by the caller."""

    def __init__(self, home: place.LauncherPlace, *, digest: str, may_mount: bool, log_check_seconds: float) -> None:
        self._place = home
        self._digest = digest
        self._started_at_ms = now_ms()
        self._loop = Loop()
        self._peers: set[Peer] = set()
        # Who is being answered right now: the answer itself tells what changed.
        self._asking: Peer | None = None
        self._is_told_to_end = False
        self._idle_since = time.monotonic()
        self._mount_way = mounts.probe(home.folder) if may_mount else mounts.NONE
        self._attempts = Attempts(home, self._loop, self._mount_way, log_check_seconds, self._emit)
        self._recovery = Recovery(home, self._loop, self._attempts.keeper, self._emit)
        self._operations: dict[str, Callable[[dict[str, object]], dict[str, object]]] = {
            "hello": lambda _message: self._describe(),
            "launch": lambda message: {"report": self._attempts.launch(message.get("order"))},
            "look": lambda message: {"reports": self._attempts.look(_list(message, "attempt_ids"))},
            "stop": self._stop,
            "forget": lambda message: {"removed_to": self._attempts.forget(message.get("attempt_id"))},
            "drain": lambda _message: self._drain(),
        }

    def run(self, on_ready: Callable[[], None]) -> None:
        """Serve until the end; *on_ready* is called when servers can connect."""
        # Before anything can be reported, so that no child is ever missed.
        system.become_subreaper()
        self._loop.on_signal(signal.SIGCHLD, self._on_child)
        self._loop.on_signal(signal.SIGTERM, self._on_terminate)
        self._loop.on_signal(signal.SIGINT, self._on_terminate)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        server = place.listen(self._place)
        self._loop.watch(server.fileno(), READ, lambda _events: self._accept(server))
        self._write_description()
        self._recovery.start()
        # Every fork would copy the pages of objects that the collector touches.
        gc.collect()
        gc.freeze()
        self._loop.after(_IDLE_SECONDS_MAX, self._end_if_unused)
        on_ready()
        self._loop.run()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._place.socket)
        server.close()

    # --- servers ---------------------------------------------------------------------------------

    def _accept(self, server: socket.socket) -> None:
        try:
            connection, _address = server.accept()
        except BlockingIOError:
            return
        self._peers.add(Peer(connection, self._loop, self._on_message, self._peers.discard))

    def _on_message(self, peer: Peer, message: dict[str, object]) -> None:
        answer: dict[str, object] = {"id": message.get("id")}
        operation = self._operations.get(str(message.get("op")), _refuse_operation)
        self._asking = peer
        try:
            answer["ok"] = operation(message)
        except Refusal as refusal:
            answer["error"] = {"code": refusal.code, "message": refusal.message}
        except Exception as error:
            # The server must not wait for ever; the loop then writes the traceback to the log.
            peer.send(encode_line(answer | {"error": {"code": "bug", "message": f"{type(error).__name__}: {error}"}}))
            raise
        finally:
            self._asking = None
        peer.send(encode_line(answer))

    def _emit(self, record: Record) -> None:
        peers = [peer for peer in self._peers if peer is not self._asking]
        if peers:
            line = encode_line({"report": record})
            for peer in peers:
                peer.send(line)
        self._end_if_told()

    # --- operations ------------------------------------------------------------------------------

    def _describe(self) -> dict[str, object]:
        return {
            "protocol": PROTOCOL,
            "pid": os.getpid(),
            "started_at_ms": self._started_at_ms,
            "digest": self._digest,
            "mounts": self._mount_way,
            "running": self._running_count(),
        }

    def _stop(self, message: dict[str, object]) -> dict[str, object]:
        self._attempts.stop(message.get("attempt_id"))
        return {}

    def _drain(self) -> dict[str, object]:
        running = self._running_count()
        if not running:
            # Nobody may find the socket of a launcher that is about to end.
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._place.socket)
            self._loop.end()
        return {"is_ending": not running, "running": running}

    # --- the end ---------------------------------------------------------------------------------

    def _running_count(self) -> int:
        return self._attempts.active_count + self._recovery.active_count

    def _on_child(self) -> None:
        self._attempts.reap()

    def _on_terminate(self) -> None:
        print("told to end: stopping every step", file=sys.stderr, flush=True)
        self._is_told_to_end = True
        self._attempts.stop_all("the launcher was told to end, and stopped it")
        self._end_if_told()

    def _end_if_told(self) -> None:
        if self._is_told_to_end and not self._running_count():
            self._loop.end()

    def _end_if_unused(self) -> None:
        now = time.monotonic()
        if self._peers or self._running_count():
            self._idle_since = now
        idle_seconds = now - self._idle_since
        if idle_seconds >= _IDLE_SECONDS_MAX:
            self._loop.end()
        else:
            self._loop.after(max(1.0, _IDLE_SECONDS_MAX - idle_seconds), self._end_if_unused)

    def _write_description(self) -> None:
        text = json.dumps(self._describe() | {"start_time": process.start_ticks(os.getpid())})
        with open(self._place.description + ".new", "w", encoding="ascii") as file:
            file.write(text)
        os.rename(self._place.description + ".new", self._place.description)


def _refuse_operation(message: dict[str, object]) -> dict[str, object]:
    raise Refusal("unknown-operation", f"this launcher has no operation `{message.get('op')}`")


def _list(message: dict[str, object], name: str) -> list[object]:
    value = message.get(name)
    if not isinstance(value, list):
        raise Refusal("bad-order", f"`{name}` is a list")
    return value
