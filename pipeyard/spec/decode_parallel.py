"""
The task of a parallel step (section 3.3).

In:       the fields of a parallel component, of a step that holds one, or of a step that runs one.
Out:      a `ParallelTask`; what a command has too (`code`, `environment`, arguments) under a command's keys.
Not here: whether its input is a table (`graph/check_driver.py`), splitting it (`pipeyard/drivers/`).
"""

from __future__ import annotations

import re
from enum import Enum

from pipeyard.model.assets import LocalPath, LocalRole
from pipeyard.model.diagnostic import Place, Severity
from pipeyard.model.driver import TRY_SECONDS_MAX, ParallelTask
from pipeyard.model.types import PortType
from pipeyard.spec.reading import Fields, Reading

_SIZE = re.compile(r"(\d+)([kmg]b)?", re.IGNORECASE)
_UNITS = {"kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30}
# Keys of `task` that mean the same as a command's.
_LIFTED = ("code", "environment")


class _TaskType(str, Enum):
    RUN_FUNCTION = "run_function"
    FUNCTION = "function"
    MODEL = "model"


class _LoggingLevel(str, Enum):
    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"


def decode_parallel(reading: Reading, fields: Fields, where: str) -> ParallelTask:
    """
    Return the task of *fields*, whose `task` is read as if its `code` and `environment` stood beside it.

    Everything that it needs to run is asked for.
    """
    task = reading.mapping(fields, "task")
    if task is None and not fields.has("task"):
        hint = "such as `task: {type: run_function, code: ./src, entry_script: score.py, environment: ...}`"
        reading.missing("task", fields.place, where, hint)
    found = decode_parallel_settings(reading, fields)
    if found.input_data is None and not fields.has("input_data"):
        reading.missing("input_data", fields.place, where, "the input that is split, as in `${{inputs.images}}`")
    if task is not None:
        if found.entry_script is None and not task.has("entry_script"):
            reading.missing("entry_script", task.place, "`task`", "the Python file of `code` that has `run`")
        if not task.has("code"):
            reading.missing("code", task.place, "`task`", "the folder that holds the entry script")
        note_entry(reading, found.entry_script, task.place_of("entry_script"))
        for name in _LIFTED:
            if task.has(name):
                fields.put(name, task.get(name), task.place_of(name))
        if task.has("program_arguments"):
            fields.put("command", task.get("program_arguments"), task.place_of("program_arguments"))
    return found


def settings_of_task(reading: Reading, fields: Fields) -> None:
    """Read the `task` of a step that runs a component: its environment counts, its code and arguments do not."""
    task = reading.mapping(fields, "task")
    if task is None:
        return
    if task.has("environment"):
        fields.put("environment", task.get("environment"), task.place_of("environment"))
    for name in ("code", "program_arguments"):
        if task.has(name):
            reading.warn(
                "no-effect",
                f"`{name}` has no effect on a step that runs a component",
                task.key_of(name),
                hint=f"write `{name}` in the component",
            )


def decode_parallel_settings(reading: Reading, fields: Fields) -> ParallelTask:
    """Return what is written, be it little: a step says only what differs from its component."""
    task = reading.mapping(fields, "task") or Fields({}, fields.place.child("task"))
    reading.check_fields(task, "parallel task", severity=Severity.WARNING, where="`task`")
    _check_type(reading, task)
    retry = reading.mapping(fields, "retry_settings") or Fields({}, fields.place.child("retry_settings"))
    reading.check_fields(retry, "retry_settings", severity=Severity.WARNING, where="`retry_settings`")
    files, size = _decode_size(reading, fields)
    input_data, input_place = _port_name(reading, fields, "input_data", "inputs")
    append_to, append_place = _port_name(reading, task, "append_row_to", "outputs")
    level = reading.choice(fields, "logging_level", _LoggingLevel)
    return ParallelTask(
        fields.place,
        input_data=input_data,
        input_place=input_place,
        entry_script=_entry_script(reading, task),
        append_row_to=append_to,
        append_place=append_place,
        mini_batch_files=files,
        mini_batch_bytes=size,
        partition_keys=_partition_keys(reading, fields),
        mini_batch_error_threshold=_whole(reading, fields, "mini_batch_error_threshold", -1),
        error_threshold=_whole(reading, fields, "error_threshold", -1),
        logging_level=None if level is None else level.value,
        max_concurrency=_whole(reading, fields, "max_concurrency_per_instance", 1),
        max_retries=_whole(reading, retry, "max_retries", 0),
        timeout_seconds=_timeout(reading, retry),
    )


def _check_type(reading: Reading, task: Fields) -> None:
    kind = reading.choice(task, "type", _TaskType)
    if kind is _TaskType.MODEL:
        reading.error(
            "wrong-value",
            "a parallel task of type `model` cannot run here: nothing says how the model reads a mini-batch",
            task.place_of("type"),
            expected="`run_function`",
            hint="write an entry script whose `init` loads the model and whose `run` gives it a mini-batch",
        )
    elif task.has("model"):
        reading.warn(
            "no-effect",
            "`model` has no effect in a task of type `run_function`",
            task.key_of("model"),
            hint="make it an input, and give its path to the entry script in `program_arguments`",
        )


def _entry_script(reading: Reading, task: Fields) -> str | None:
    text, place = reading.plain_text(task, "entry_script"), task.place_of("entry_script")
    return None if text is None else inner_path(reading, text, place, "`entry_script`")


def inner_path(reading: Reading, text: str, place: Place, what: str) -> str | None:
    """Return a path of a file inside the code, without `.` parts; None (reported) if it leads elsewhere."""
    parts = [part for part in text.strip().split("/") if part not in ("", ".")]
    if not parts or ".." in parts or text.strip().startswith("/"):
        reading.error(
            "wrong-value",
            f"{what} names a file of the code, and `{text}` is none",
            place,
            expected="a path relative to `code`, such as `score.py`",
        )
        return None
    return "/".join(parts)


def note_entry(reading: Reading, path: str | None, place: Place) -> None:
    """Remember that a file of the code is named, so that somebody looks whether it is there."""
    if path is not None:
        reading.note_local(LocalRole.ENTRY, LocalPath(path, reading.source_of(place)), place)


def _decode_size(reading: Reading, fields: Fields) -> tuple[int | None, int | None]:
    """Return a number of files, or of bytes."""
    text, place = reading.plain_text(fields, "mini_batch_size"), fields.place_of("mini_batch_size")
    if text is None:
        return None, None
    match = _SIZE.fullmatch(text.strip())
    number = int(match.group(1)) if match is not None else 0
    if match is None or number == 0:
        reading.error(
            "wrong-value",
            f"`mini_batch_size` cannot be `{text}`",
            place,
            expected="a number of files, such as `10`; for tables a size, such as `10kb`, `5mb` or `1gb`",
            found=f"`{text}`",
        )
        return None, None
    unit = match.group(2)
    return (number, None) if unit is None else (None, number * _UNITS[unit.lower()])


def _port_name(reading: Reading, fields: Fields, key: str, side: str) -> tuple[str | None, Place | None]:
    """Return the name in `${{inputs.<name>}}` or `${{outputs.<name>}}`."""
    if not fields.has(key):
        return None, None
    place = fields.place_of(key)
    template = reading.template(fields.get(key), place, key)
    if template is None:
        return None, None
    single = template.single
    if single is None or single.names[0] != side or not single.names[1:]:
        reading.error(
            "wrong-value",
            f"`{key}` names one of the step's own {side}",
            place,
            expected=f"`${{{{{side}.<name>}}}}`",
            found=f"`{template}`",
        )
        return None, None
    return ".".join(single.names[1:]), place


def _partition_keys(reading: Reading, fields: Fields) -> tuple[str, ...]:
    # A comma-separated text occurs too.
    texts = [part.strip() for text, _ in reading.text_list(fields, "partition_keys") for part in text.split(",")]
    keys = tuple(dict.fromkeys(text for text in texts if text))
    if fields.has("partition_keys") and not keys:
        reading.error(
            "wrong-value",
            "`partition_keys` names no column",
            fields.place_of("partition_keys"),
            expected="a list of columns, such as `[Store, Brand]`",
        )
    return keys


def _whole(reading: Reading, fields: Fields, name: str, least: int) -> int | None:
    number = reading.number(fields, name, PortType.INTEGER)
    if number is None or isinstance(number, str):
        return None
    if number < least:
        meaning = " (-1: any number)" if least == -1 else ""
        reading.error(
            "wrong-value",
            f"`{name}` cannot be {number}",
            fields.place_of(name),
            expected=f"a whole number of at least {least}{meaning}",
            found=str(number),
        )
        return None
    return int(number)


def _timeout(reading: Reading, retry: Fields) -> float | None:
    number = reading.number(retry, "timeout")
    if number is None or isinstance(number, str):
        return None
    if not 0 < number <= TRY_SECONDS_MAX:
        reading.error(
            "wrong-value",
            f"`timeout` of a mini-batch cannot be {number:g} seconds",
            retry.place_of("timeout"),
            expected=f"seconds above 0 and at most {TRY_SECONDS_MAX:g}",
            found=f"{number:g}",
        )
        return None
    return float(number)
