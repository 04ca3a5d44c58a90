"""
An order to launch: everything the launcher has to know of one attempt.

In:       the object that a server sent.
Out:      an `Order`, every field checked, every target below the staging folder.
Not here: carrying it out (`child.py`).
"""

from __future__ import annotations

import re

from pipeyard.launcher.record import FILE
from pipeyard.launcher.refusal import Refusal

WORKING_DIR = "wd"
# What the launcher keeps in the staging folder for itself.
GUARD_FILE = "guard.json"
_OWN_FILES = frozenset({FILE, FILE + ".new", GUARD_FILE, "container", "gang"})
_CONTAINER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,249}")
_ATTEMPT_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,199}")
_EVALUATED = frozenset({"eval_mount", "eval_download"})
_MODES = frozenset({"ro_mount", "rw_mount", "download", *_EVALUATED})


class LineOrder:
    """How many attempts of which pool may run at once, and how many this one counts for."""

    __slots__ = ("instances", "pool", "slots")

    def __init__(self, value: object) -> None:
        fields = _fields(value, "a line")
        self.pool = _text(fields, "pool")
        self.slots = int(_seconds(fields, "slots"))
        self.instances = int(_seconds(fields, "instances"))


class InputOrder:
    """One input to put in place."""

    __slots__ = ("files", "label", "mode", "name", "path", "source")

    def __init__(self, value: object) -> None:
        fields = _fields(value, "an input")
        self.name = _text(fields, "name")
        # Absolute path of the data.
        self.source = _absolute(fields, "source")
        # What people call the data: its URI.
        self.label = _text(fields, "label")
        self.mode = _text(fields, "mode")
        # Where the command sees it, relative to the staging folder.
        self.path = _below(_text(fields, "path"))
        if self.mode not in _MODES:
            raise Refusal("bad-order", f"input `{self.name}` has the unknown mode `{self.mode}`")
        # With `eval_*`: pairs of a path below the input's own and an absolute source.
        self.files = _files(fields) if self.mode in _EVALUATED else []


class ContainerOrder:
    """The container that a command runs in: one command line for each thing to do with it."""

    __slots__ = (
        "create", "create_rest", "environment", "image", "inspect", "kill", "name",
        "remove", "script", "start", "terminate", "value", "writable",
    )  # fmt: skip

    def __init__(self, value: object) -> None:
        fields = _fields(value, "a container")
        # As it came, to be kept until the container is removed.
        self.value = {name: fields.get(name) for name in self.__slots__ if name not in ("script", "value")}
        self.name = _text(fields, "name")
        if not _CONTAINER_NAME.fullmatch(self.name):
            raise Refusal("bad-order", f"`{self.name}` cannot be the name of a container")
        # What people call its image.
        self.image = _text(fields, "image")
        # Mounts come between the two.
        self.create = _command_line(fields, "create")
        self.create_rest = _texts(fields, "create_rest")
        self.start = _command_line(fields, "start")
        self.inspect = _command_line(fields, "inspect")
        self.terminate = _command_line(fields, "terminate")
        self.kill = _command_line(fields, "kill")
        self.remove = _command_line(fields, "remove")
        # Of docker or podman themselves.
        self.environment = _environment(fields.get("environment"))
        # What the container runs; empty once it was made.
        self.script = _text({"script": fields.get("script") or ""}, "script")
        # Absolute folders to show inside at their own path, made if need be.
        self.writable = [_absolute({"writable": folder}, "writable") for folder in _texts(fields, "writable")]


class SandboxOrder:
    """What a command may see and change when it may not change everything."""

    __slots__ = ("program", "readable", "writable")

    def __init__(self, value: object) -> None:
        fields = _fields(value, "a sandbox")
        self.program = _absolute(fields, "program")
        # Absolute folders to be seen wherever they lie, and those to be written to, made if need be.
        self.readable = [_absolute({"readable": folder}, "readable") for folder in _texts(fields, "readable")]
        self.writable = [_absolute({"writable": folder}, "writable") for folder in _texts(fields, "writable")]


class GangOrder:
    """Several processes that run one command together: the script that starts them, and what they are called."""

    __slots__ = ("logs", "names", "ports", "rank_script", "script")

    def __init__(self, value: object) -> None:
        fields = _fields(value, "a gang")
        self.script = _text(fields, "script")
        # What `mpirun` starts as each process; None: the script starts them itself.
        self.rank_script = None if fields.get("rank_script") is None else _text(fields, "rank_script")
        # How many free ports they need.
        self.ports = int(_seconds(fields, "ports"))
        ranks = [_fields(rank, "a rank") for rank in _list(fields, "ranks")]
        self.names = [_text(rank, "name") for rank in ranks]
        # Absolute paths; empty: all write to the terminal.
        self.logs = [_absolute(rank, "log") for rank in ranks if rank.get("log") is not None]


class Order:
    """One attempt to start."""

    __slots__ = (
        "attempt_id", "code", "code_label", "command", "container", "cpus", "environment", "files", "folders", "gang",
        "grace_seconds", "inputs", "line", "log", "log_bytes_max", "sandbox", "timeout_seconds",
    )  # fmt: skip

    def __init__(self, value: object) -> None:
        fields = _fields(value, "an order")
        self.attempt_id = checked_id(fields.get("attempt_id"))
        # None: it begins at once.
        self.line = None if fields.get("line") is None else LineOrder(fields["line"])
        self.command = _text(fields, "command")
        self.environment = _environment(fields.get("environment"))
        # Absolute path of the code to copy into the working folder; None: it stays empty.
        self.code = None if fields.get("code") is None else _absolute(fields, "code")
        self.code_label = _text(fields, "code_label") if self.code is not None else ""
        # Relative folders to make, such as those of outputs.
        self.folders = [_below(folder) for folder in _texts(fields, "folders")]
        # Texts to write, by relative path.
        self.files = {_below(path): text for path, text in _texts_by_name(fields.get("files") or {}).items()}
        self.inputs = [InputOrder(item) for item in _list(fields, "inputs")]
        # Absolute path of the file that gets standard output and error.
        self.log = _absolute(fields, "log")
        self.timeout_seconds = _optional_seconds(fields, "timeout_seconds")
        self.grace_seconds = _seconds(fields, "grace_seconds")
        self.log_bytes_max = int(_seconds(fields, "log_bytes_max"))
        # CPUs to bind the command to; none: it may use all.
        self.cpus = _numbers(fields, "cpus") if "cpus" in fields else []
        # None: the command may write to whatever its user may.
        self.sandbox = None if fields.get("sandbox") is None else SandboxOrder(fields["sandbox"])
        # None: one process runs the command.
        self.gang = None if fields.get("gang") is None else GangOrder(fields["gang"])
        # None: the command is a process of this machine.
        self.container = None if fields.get("container") is None else ContainerOrder(fields["container"])

    @property
    def logs(self) -> list[str]:
        """Return every file that the command writes its output to."""
        return [self.log] if self.gang is None else list(dict.fromkeys([self.log, *self.gang.logs]))


def checked_id(value: object) -> str:
    """Return an attempt's id that is fit for a file name; anything else is refused."""
    if not isinstance(value, str) or not _ATTEMPT_ID.fullmatch(value) or ".." in value:
        raise Refusal("bad-order", f"{value!r} is no attempt id: letters, digits, `_`, `-` and single dots are allowed")
    return value


def _fields(value: object, what: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise Refusal("bad-order", f"{what} is an object")
    return value


def _text(fields: dict[str, object], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise Refusal("bad-order", f"`{name}` is a text")
    if "\0" in value:
        raise Refusal("bad-order", f"`{name}` holds a zero character, which no command, name or value may hold")
    return value


def _absolute(fields: dict[str, object], name: str) -> str:
    value = _text(fields, name)
    if not value.startswith("/"):
        raise Refusal("bad-order", f"`{name}` is an absolute path, not `{value}`")
    return value


def _below(path: str, folder: str = "") -> str:
    parts = path.split("/")
    is_own = not folder and parts[0] in _OWN_FILES
    if path.startswith("/") or any(part in ("", ".", "..") for part in parts) or is_own:
        raise Refusal("bad-order", f"`{path}` does not lie below the attempt's own folder")
    return path


def _list(fields: dict[str, object], name: str) -> list[object]:
    value = fields.get(name)
    if not isinstance(value, list):
        raise Refusal("bad-order", f"`{name}` is a list")
    return value


def _texts(fields: dict[str, object], name: str) -> list[str]:
    return [_text({name: item}, name) for item in _list(fields, name)]


def _command_line(fields: dict[str, object], name: str) -> list[str]:
    words = _texts(fields, name)
    if not words or not words[0].startswith("/"):
        raise Refusal("bad-order", f"`{name}` is a list of words that starts with the absolute path of a program")
    return words


def _files(fields: dict[str, object]) -> list[tuple[str, str]]:
    pairs = []
    for pair in _list(fields, "files"):
        file = _fields(pair, "a file")
        pairs.append((_below(_text(file, "path"), _text(fields, "path")), _absolute(file, "source")))
    return pairs


def _numbers(fields: dict[str, object], name: str) -> list[int]:
    found = []
    for item in _list(fields, name):
        if isinstance(item, bool) or not isinstance(item, int) or item < 0:
            raise Refusal("bad-order", f"`{name}` is a list of numbers from 0 up")
        found.append(item)
    return found


def _environment(value: object) -> dict[str, str]:
    fields = _fields(value, "an environment")
    for name in fields:
        if not name or "=" in name or "\0" in name:
            raise Refusal("bad-order", f"{name!r} cannot be the name of an environment variable")
    return {name: _text(fields, name) for name in fields}


def _texts_by_name(value: object) -> dict[str, str]:
    fields = _fields(value, "files")
    return {name: _text(fields, name) for name in fields}


def _seconds(fields: dict[str, object], name: str) -> float:
    value = fields.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
        raise Refusal("bad-order", f"`{name}` is a number from 0 up")
    return value


def _optional_seconds(fields: dict[str, object], name: str) -> float | None:
    return None if fields.get(name) is None else _seconds(fields, name)
