"""
`retry`: a key of Pipeyard's, at a step, a component, a pipeline or its `settings`.

In:       the fields that may hold it.
Out:      a `Retry`; None when none is written.
Not here: which of them counts for a step (`graph/merge.py`).

`retry: 2` says the same as `retry: {max: 2}`. Who comes from other systems writes `on`
for `when`; YAML reads that key as a truth value, and it is understood all the same.
"""

from __future__ import annotations

from typing import Any

from pipeyard.model.diagnostic import Place, Severity
from pipeyard.model.nearest import nearest
from pipeyard.model.retry import (
    BACKOFF_SECONDS_MAX,
    EXIT_CODE_MAX,
    RETRIES_MAX,
    SIGNALS,
    FailureKind,
    Reason,
    Retry,
)
from pipeyard.model.types import PortType
from pipeyard.spec.reading import Fields, Reading
from pipeyard.spec.scalar import coerce, describe

_KINDS = tuple(kind.value for kind in FailureKind)
# How `on` arrives: as written, or as a program wrote what its YAML reader made of it.
_ON = ("on", "true")


def decode_retry(reading: Reading, fields: Fields) -> Retry | None:
    """Return what is written as `retry`."""
    value, place = fields.get("retry"), fields.place_of("retry")
    if value is None:
        return None
    if not isinstance(value, dict | Fields):
        count = _count(reading, fields, "retry", RETRIES_MAX)
        return None if count is None else Retry(count)
    inner = reading.fields(
        {str(key): item for key, item in value.items()} if isinstance(value, dict) else value, place, "retry"
    )
    assert inner is not None
    _read_on(reading, inner)
    reading.check_fields(inner, "retry", severity=Severity.WARNING, where="`retry`")
    count = _count(reading, inner, "max", RETRIES_MAX)
    return Retry(
        retries_max=1 if count is None else count,
        backoff_seconds=_seconds(reading, inner),
        when=_reasons(reading, inner),
    )


def decode_pipeline_retry(reading: Reading, fields: Fields, settings: Fields) -> Retry | None:
    """Return the `retry` of a pipeline job, which may stand among its settings too."""
    if fields.has("retry") and settings.has("retry"):
        reading.error(
            "two-spellings",
            "`retry` is written twice: for the pipeline, and in its `settings`",
            settings.key_of("retry"),
            expected="one of the two",
            hint="remove one of them; they mean the same",
        )
    return decode_retry(reading, fields) or decode_retry(reading, settings)


def _read_on(reading: Reading, inner: Fields) -> None:
    for key in list(inner):
        if key.lower() not in _ON:
            continue
        if "when" in inner:
            reading.error(
                "two-spellings",
                "`on` and `when` mean the same, and both are written",
                inner.key_of(key),
                expected="one of the two",
                hint="keep `when`: YAML reads `on` as a truth value",
            )
        else:
            inner.put("when", inner.get(key), inner.place_of(key))
        inner.drop(key)


def _count(reading: Reading, fields: Fields, name: str, most: int) -> int | None:
    value, place = fields.get(name), fields.place_of(name)
    if isinstance(value, bool):
        reading.wrong_type(name, value, place, "a whole number")
        return None
    number = reading.number(fields, name, PortType.INTEGER)
    if not isinstance(number, int):
        return None
    if not 0 <= number <= most:
        message = f"`{name}` counts the tries after the first, this is {number}"
        reading.error("wrong-value", message, place, expected=f"a whole number from 0 to {most}")
        return None
    return number


def _seconds(reading: Reading, inner: Fields) -> float:
    name, place = "backoff_seconds", inner.place_of("backoff_seconds")
    number = reading.number(inner, name)
    if not isinstance(number, int | float):
        return 0.0
    # Written so that what is no number at all (`.nan`) fails too.
    if not 0 <= number <= BACKOFF_SECONDS_MAX:
        message = f"`{name}` cannot be {number}"
        reading.error("wrong-value", message, place, expected=f"seconds, from 0 to {BACKOFF_SECONDS_MAX:.0f} (a day)")
        return 0.0
    return float(number)


def _reasons(reading: Reading, inner: Fields) -> tuple[Reason, ...]:
    value, place = inner.get("when"), inner.place_of("when")
    if value is None:
        return ()
    if value == []:
        reading.error(
            "wrong-value",
            "`when` names no failure, so that nothing would ever be tried again",
            place,
            expected="at least one kind of failure",
            hint="leave `when` out to try again after any failure, or write `max: 0` for none",
        )
        return ()
    items = (
        [(item, place.child(index)) for index, item in enumerate(value)]
        if isinstance(value, list)
        else [(value, place)]
    )
    found = [_reason(reading, item, where) for item, where in items]
    return tuple(dict.fromkeys(reason for reason in found if reason is not None))


def _reason(reading: Reading, value: Any, place: Place) -> Reason | None:
    if isinstance(value, bool | dict | list | float) or value is None:
        reading.wrong_type("when", value, place, "kinds of failure, exit codes and names of signals")
        return None
    code, _ = coerce(value, PortType.INTEGER)
    if isinstance(code, int):
        return _exit_code(reading, code, place)
    text = str(value).strip()
    word = text.lower().replace("_", "-")
    if word in _KINDS:
        return word
    signal = text.upper() if text.upper().startswith("SIG") else f"SIG{text.upper()}"
    if signal in SIGNALS:
        return signal
    close = nearest(text.lower(), _KINDS) or nearest(text.upper(), tuple(SIGNALS))
    reading.error(
        "unknown-value",
        f"`when` cannot be `{text}`",
        place,
        expected=f"{', '.join(f'`{kind}`' for kind in _KINDS)}, an exit code, or a signal such as `SIGKILL`",
        found=describe(value),
        hint=f"did you mean `{close}`?" if close else None,
    )
    return None


def _exit_code(reading: Reading, code: int, place: Place) -> int | None:
    if 1 <= code <= EXIT_CODE_MAX:
        return code
    reading.error(
        "wrong-value",
        f"`{code}` is no exit code of a command that failed",
        place,
        expected=f"a whole number from 1 to {EXIT_CODE_MAX}",
        hint="0 says that all went well" if code == 0 else None,
    )
    return None
