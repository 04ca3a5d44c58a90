"""
Containers that may exist: none is forgotten, whatever happens to us.

In:       containers that are about to be made; attempts that are at their end.
Out:      containers removed, after the record of their attempt is written.
Not here: making and asking them (`container.py`).

Each container has a note in the home from before it is made until it is removed, so
that the next launcher removes what a dead one has left. A removal that fails is tried
again, and after that left to the next launcher.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys

from pipeyard.launcher.container import MONITOR, STOP
from pipeyard.launcher.order import ContainerOrder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeyard.launcher.loop import Loop

_FOLDER = "containers"
_RETRY_SECONDS = (2.0, 30.0)
_ASK_AGAIN_SECONDS = 0.2


class Keeper:
    """All containers of one home."""

    def __init__(self, launcher_folder: str, loop: Loop) -> None:
        self._folder = os.path.join(launcher_folder, _FOLDER)
        self._loop = loop
        # By the attempt's folder.
        self._containers: dict[str, ContainerOrder] = {}
        # Programs of ours that run now, and what follows their end.
        self._programs: dict[int, Callable[[int], None]] = {}
        # Processes that podman left behind to watch containers.
        self._monitors: set[int] = set()

    def expect(self, container: ContainerOrder, root: str) -> None:
        """Note a container that is about to be made. Raises `OSError`."""
        os.makedirs(self._folder, mode=0o700, exist_ok=True)
        note = {"root": root, "container": container.value}
        with open(self._note(container), "w", encoding="ascii", opener=_private) as file:
            json.dump(note, file)
        self._containers[root] = container

    def load(self) -> None:
        """Take over what an earlier launcher may have left."""
        names = []
        with contextlib.suppress(FileNotFoundError):
            names = [name for name in os.listdir(self._folder) if not name.endswith(".said")]
        for name in names:
            path = os.path.join(self._folder, name)
            try:
                with open(path, encoding="ascii") as file:
                    note = json.load(file)
                self._containers[str(note["root"])] = ContainerOrder(note["container"])
            except (OSError, ValueError, KeyError, TypeError):
                # Half written: the container was not made yet.
                with contextlib.suppress(OSError):
                    os.unlink(path)

    def remove_all_but(self, roots: set[str]) -> None:
        """Remove the containers of attempts that are at their end."""
        for root in [root for root in self._containers if root not in roots]:
            self.remove(root)

    def remove(self, root: str) -> None:
        """Remove an attempt's container, if it has one. Call it when its record is written."""
        container = self._containers.get(root)
        if container is not None:
            self._remove(container, root, tries=0)

    def terminate(self, root: str, is_wanted: Callable[[], bool]) -> None:
        """
        Ask what runs in an attempt's container to end, again and again while *is_wanted*: it may not run yet.

        Not through the program that is attached: until that listens for signals, they end it alone.
        """
        container = self._containers.get(root)
        if container is None:
            return
        with contextlib.suppress(OSError):
            os.close(os.open(os.path.join(root, STOP), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644))

        def again(status: int) -> None:
            if status != 0 and is_wanted():
                self._loop.after(_ASK_AGAIN_SECONDS, lambda: self.terminate(root, is_wanted))

        self._run(container, container.terminate, again)

    def kill(self, root: str) -> None:
        """End what runs in an attempt's container."""
        container = self._containers.get(root)
        if container is not None:
            self._run(container, container.kill, lambda _status: None)

    def note_monitor(self, root: str) -> None:
        """Know the process that watches an attempt's container, which is nobody's stray."""
        if root in self._containers:
            with contextlib.suppress(OSError, ValueError), open(os.path.join(root, MONITOR), encoding="ascii") as file:
                self._monitors.add(int(file.read()))

    def pids(self) -> set[int]:
        """Return processes that belong to no attempt."""
        return self._monitors | self._programs.keys()

    def on_end(self, pid: int, status: int) -> None:
        """Hear that a child has ended."""
        self._monitors.discard(pid)
        follow = self._programs.pop(pid, None)
        if follow is not None:
            follow(status)

    def _remove(self, container: ContainerOrder, root: str, tries: int) -> None:
        self._run(container, container.remove, lambda status: self._on_removed(container, root, tries, status))

    def _on_removed(self, container: ContainerOrder, root: str, tries: int, status: int) -> None:
        text = self._read_said(container)
        if status == 0 or "no such container" in text.lower():
            self._containers.pop(root, None)
            with contextlib.suppress(OSError):
                os.unlink(self._note(container))
        elif tries < len(_RETRY_SECONDS):
            self._loop.after(_RETRY_SECONDS[tries], lambda: self._remove(container, root, tries + 1))
        else:
            print(f"{container.name}: the container could not be removed: {text.strip()}", file=sys.stderr, flush=True)

    def _run(self, container: ContainerOrder, argv: list[str], follow: Callable[[int], None]) -> None:
        said = self._note(container) + ".said"
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        actions = [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, said, flags, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ]
        environment = {os.fsencode(name): os.fsencode(value) for name, value in container.environment.items()}
        try:
            # A session of its own: it goes on when we are told to end.
            pid = os.posix_spawn(argv[0], argv, environment, file_actions=actions, setsid=True)
        except OSError as error:
            # The note stays: the next launcher may have the program again.
            print(f"{container.name}: `{argv[0]}` could not be started: {error}", file=sys.stderr, flush=True)
            self._read_said(container)
            return
        self._programs[pid] = follow

    def _read_said(self, container: ContainerOrder) -> str:
        path = self._note(container) + ".said"
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                text = file.read(4096)
            os.unlink(path)
        except OSError:
            return ""
        return text

    def _note(self, container: ContainerOrder) -> str:
        return os.path.join(self._folder, container.name)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
