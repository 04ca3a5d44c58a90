"""
Names that a user gives: steps, inputs, outputs, jobs, components.

In:       the names of one mapping.
Out:      diagnostics.
Not here: names of assets and computes (`spec/reference.py`).

Source: section 1.6 (hyphens and capitals are only warned of) and section 2, rule 6.
"""

from __future__ import annotations

import re

from pipeyard.model.diagnostic import Place, Related
from pipeyard.spec.reading import Fields, Reading

# Inputs and outputs reach the command as environment variables, where these would do harm.
RESERVED = frozenset({"path", "ld_library_path", "user", "logname", "home", "pwd", "shell"})

# Steps and ports become names of folders and files, with a little added to some.
_BYTES_MAX = 200
JOB_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,254}")
_STYLED_STEP = re.compile(r"[a-z_][a-z\d_]*")
_USABLE_STEP = re.compile(r"[\w-]+")
_STYLED_PORT = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*(\.[a-zA-Z_][a-zA-Z0-9_]*)*")
_USABLE_PORT = re.compile(r"[\w-]+(\.[\w-]+)*")
_USABLE_COMPONENT = re.compile(r"[A-Za-z0-9][\w.-]{0,254}")


def check_steps(reading: Reading, steps: Fields) -> None:
    """Report step names that no expression could name, and those that Azure would refuse."""
    _check_twins(reading, steps, "step")
    for name in steps:
        place = steps.key_of(name)
        if _is_too_long(reading, name, "a step", place):
            continue
        if not _USABLE_STEP.fullmatch(name):
            reading.error(
                "bad-name",
                f"`{name}` cannot be the name of a step",
                place,
                expected="letters, digits and underscores",
                hint="a step with a blank, dot or slash in its name could not be named in an expression",
            )
        elif not _STYLED_STEP.fullmatch(name):
            reading.warn(
                "name-style",
                f"Azure's current client refuses the step name `{name}`",
                place,
                expected="small letters, digits and underscores, with no digit first",
                hint=f"it works here; Azure takes `{_styled(name)}`" if name.isascii() else None,
            )


def check_ports(reading: Reading, ports: Fields, what: str, *, reach_command: bool) -> None:
    """Report names of inputs or outputs; those of a command must not hide variables of the shell."""
    _check_twins(reading, ports, what)
    for name in ports:
        place = ports.key_of(name)
        if _is_too_long(reading, name, f"an {what}", place):
            continue
        if reach_command and name.lower() in RESERVED:
            reading.error(
                "reserved-name",
                f"an {what} cannot be called `{name}`",
                place,
                expected=f"a name other than {', '.join(sorted(RESERVED))}",
                hint="it becomes an environment variable of the command",
            )
        elif not _USABLE_PORT.fullmatch(name):
            reading.error(
                "bad-name",
                f"`{name}` cannot be the name of an {what}",
                place,
                expected="letters, digits and underscores",
            )
        elif not _STYLED_PORT.fullmatch(name):
            reading.warn(
                "name-style",
                f"Azure refuses the {what} name `{name}`",
                place,
                expected="letters, digits and underscores, with no digit first",
            )


def check_job_name(reading: Reading, name: str, place: Place) -> None:
    """Report a job name that could not stand in a path or a URL."""
    if not JOB_NAME.fullmatch(name):
        reading.error(
            "bad-name",
            f"`{name}` cannot be the name of a job",
            place,
            expected="up to 255 letters, digits, `_` and `-`, with a letter or digit first",
            hint="use `display_name` for a name that people read",
        )


def check_component_name(reading: Reading, name: str, place: Place) -> None:
    """Warn of a component name that could not be registered; as a file it may be called anything."""
    if not _USABLE_COMPONENT.fullmatch(name):
        reading.warn(
            "name-style",
            f"a component called `{name}` could not be registered",
            place,
            expected="up to 255 letters, digits, `_`, `-` and `.`",
        )


def _is_too_long(reading: Reading, name: str, what: str, place: Place) -> bool:
    """Report a name that no folder could have."""
    if len(name.encode("utf-8", "surrogatepass")) <= _BYTES_MAX:
        return False
    reading.error(
        "bad-name",
        f"the name of {what} that begins with `{name[:40]}` is too long",
        place,
        expected=f"at most {_BYTES_MAX} letters, fewer of those outside ASCII",
        hint="it becomes the name of a folder",
    )
    return True


def _check_twins(reading: Reading, names: Fields, what: str) -> None:
    seen: dict[str, str] = {}
    for name in names:
        twin = seen.setdefault(name.casefold(), name)
        if twin != name:
            reading.error(
                "names-too-alike",
                f"the {what} names `{twin}` and `{name}` differ only in capitals",
                names.key_of(name),
                hint="Azure does not tell them apart; rename one",
                related=(Related(f"`{twin}` is written here", names.key_of(twin)),),
            )


def _styled(name: str) -> str:
    words = re.sub(r"(?<=[a-z\d])(?=[A-Z])", "_", name)
    styled = re.sub(r"\W|-", "_", words).lower()
    return f"_{styled}" if styled[:1].isdigit() else styled
