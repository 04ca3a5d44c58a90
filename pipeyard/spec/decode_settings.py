"""
How a step runs: compute, code, variables, resources, distribution, limits (section 3.1).

In:       the fields of a component, a step or a stand-alone job.
Out:      `RunSettings`, and the code.
Not here: which of component, step and job wins (`graph/merge.py`), `distribution` (`decode_distribution.py`).
"""

from __future__ import annotations

import re

from pipeyard.model.assets import AssetKind, AssetRef, DataUri, LocalPath, LocalRole
from pipeyard.model.component import JobTier, Priority, Resources, RunSettings
from pipeyard.model.diagnostic import Severity
from pipeyard.model.expression import Template
from pipeyard.model.types import PortType
from pipeyard.spec.binding import OPEN, Problem
from pipeyard.spec.decode_distribution import decode_distribution
from pipeyard.spec.decode_environment import decode_environment_value
from pipeyard.spec.decode_retry import decode_retry
from pipeyard.spec.reading import Fields, Reading
from pipeyard.spec.reference import parse_compute, parse_data_path
from pipeyard.spec.scalar import coerce

# Types of `services` with which a person looks into a step that runs.
_INTERACTIVE = frozenset({"ssh", "jupyter_lab", "tensor_board", "vs_code"})
_SHM_SIZE = re.compile(r"\d+[bkmg]?", re.IGNORECASE)


def decode_run_settings(reading: Reading, fields: Fields) -> RunSettings:
    """Return every setting that is written here; what is not written stays None or empty."""
    _warn_of_services(reading, fields)
    return RunSettings(
        compute=decode_compute_name(reading, fields, "compute"),
        compute_place=fields.place_of("compute") if fields.has("compute") else None,
        environment=decode_environment_value(reading, fields.get("environment"), fields.place_of("environment")),
        environment_place=fields.place_of("environment") if fields.has("environment") else None,
        environment_variables=_decode_variables(reading, fields),
        resources=_decode_resources(reading, fields),
        distribution=decode_distribution(reading, fields),
        timeout_seconds=_decode_timeout(reading, fields),
        priority=decode_priority(reading, fields),
        retry=decode_retry(reading, fields),
    )


def decode_compute_name(reading: Reading, fields: Fields, name: str) -> Template | None:
    """Return the bare name of a compute, or a text whose expressions will name one."""
    place = fields.place_of(name)
    template = reading.template(fields.get(name), place, name)
    if template is None or not template.is_plain:
        return template
    found = parse_compute(str(template))
    if isinstance(found, Problem):
        reading.report(found, place, str(template))
        return None
    return Template((found,))


def decode_code(reading: Reading, fields: Fields) -> LocalPath | DataUri | AssetRef | None:
    """Return where the code of a command is; None: it needs none."""
    text, place = reading.plain_text(fields, "code"), fields.place_of("code")
    if text is None:
        return None
    if text.lower().startswith("git+"):
        return DataUri(text)
    found = parse_data_path(text, reading.source_of(place), AssetKind.CODE)
    if isinstance(found, Problem):
        reading.report(found, place, text)
        return None
    if isinstance(found, LocalPath):
        reading.note_local(LocalRole.CODE, found, place)
    return found


def decode_includes(reading: Reading, fields: Fields) -> tuple[LocalPath, ...]:
    """Return the files and folders that are copied into the code."""
    includes = []
    for text, place in reading.text_list(fields, "additional_includes"):
        path = LocalPath(text, reading.source_of(place))
        if not text.strip():
            reading.error("empty-path", "this path is empty", place, expected="a file or folder")
            continue
        reading.note_local(LocalRole.INCLUDE, path, place)
        includes.append(path)
    return tuple(includes)


def decode_priority(reading: Reading, fields: Fields) -> Priority | None:
    """Return what `queue_settings` says of who goes first; None: nothing."""
    inner = reading.mapping(fields, "queue_settings")
    if inner is None:
        return None
    reading.check_fields(inner, "queue_settings", severity=Severity.WARNING, where="`queue_settings`")
    reading.choice(inner, "job_tier", JobTier)
    return reading.choice(inner, "priority", Priority)


def _warn_of_services(reading: Reading, fields: Fields) -> None:
    """Say that what a person would open in a running step is not there; what `job show` prints of a page is no wish."""
    services = fields.get("services")
    asked = (
        [entry.get("type") for entry in services.values() if isinstance(entry, dict)]
        if isinstance(services, dict)
        else []
    )
    wanted = sorted({str(type_).lower() for type_ in asked} & _INTERACTIVE)
    if wanted:
        reading.warn(
            "no-effect",
            f"`services` has no effect here: no {' and no '.join(f'`{word}`' for word in wanted)} is started",
            fields.key_of("services"),
            hint="a shell where a step runs: pipeyard job run-step NAME STEP --shell",
        )


def _decode_variables(reading: Reading, fields: Fields) -> dict[str, Template]:
    inner = reading.mapping(fields, "environment_variables")
    variables: dict[str, Template] = {}
    for name in inner or ():
        assert inner is not None
        place = inner.place_of(name)
        if not name or "=" in name or "\0" in name:
            reading.error(
                "bad-name",
                f"`{name}` cannot be the name of an environment variable",
                place,
                expected="a name without `=`",
            )
            continue
        template = reading.template(inner.get(name), place, name) if inner.has(name) else Template(("",))
        if template is not None:
            variables[name] = template
    return variables


def _decode_resources(reading: Reading, fields: Fields) -> Resources | None:
    inner = reading.mapping(fields, "resources")
    if inner is None:
        return None
    reading.check_fields(inner, "resources", severity=Severity.WARNING, where="`resources`")
    size = reading.plain_text(inner, "shm_size")
    if size is not None and not _SHM_SIZE.fullmatch(size):
        message = f"`shm_size` takes a size, this is `{size}`"
        reading.error(
            "wrong-value", message, inner.place_of("shm_size"), expected="a number and b, k, m or g, as in `2g`"
        )
        size = None
    count = _number_or_template(reading, inner, "instance_count", PortType.INTEGER)
    if isinstance(count, int | float) and count < 1:
        message = f"`instance_count` must be at least 1, this is {count}"
        reading.error("wrong-value", message, inner.place_of("instance_count"), expected="1 or more")
        count = None
    properties = inner.get("properties")
    if properties is not None and not isinstance(properties, dict):
        reading.wrong_type("properties", properties, inner.place_of("properties"), "a mapping")
        properties = None
    return Resources(
        instance_count=count if isinstance(count, Template) else int(count or 1),
        instance_type=reading.text(inner, "instance_type"),
        shm_size=size,
        docker_args=tuple(text for text, _ in reading.text_list(inner, "docker_args")),
        properties=properties or {},
    )


def _decode_timeout(reading: Reading, fields: Fields) -> float | Template | None:
    inner = reading.mapping(fields, "limits")
    if inner is None:
        return None
    reading.check_fields(inner, "limits", severity=Severity.WARNING, where="`limits`")
    timeout = _number_or_template(reading, inner, "timeout", PortType.NUMBER)
    if isinstance(timeout, Template) or timeout is None:
        return timeout
    if timeout <= 0:
        message = f"`timeout` must be more than 0 seconds, this is {timeout}"
        reading.error("wrong-value", message, inner.place_of("timeout"), expected="seconds, more than 0")
        return None
    return float(timeout)


def _number_or_template(
    reading: Reading, fields: Fields, name: str, port_type: PortType
) -> int | float | Template | None:
    """Return a number, or the text whose expressions will make one."""
    value = fields.get(name)
    if isinstance(value, str) and OPEN in value:
        return reading.template(value, fields.place_of(name), name)
    read = reading.number(fields, name, port_type)
    if read is None or isinstance(read, str):
        return None
    number, _ = coerce(read, port_type)
    return number if isinstance(number, int | float) else None
