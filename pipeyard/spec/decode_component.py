"""
Components: commands, what a program of ours runs, pipelines, and the kinds that are kept but not run yet (section 4).

In:       a component file, a mapping under `component:`, or the body of an inline step.
Out:      a `Component`.
Not here: steps (`spec/decode_step.py`), stand-alone jobs (`spec/decode_job.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pipeyard.model.component import (
    CommandComponent,
    Component,
    ComponentHead,
    OtherComponent,
    PipelineComponent,
    RunSettings,
    Step,
    StepKind,
)
from pipeyard.model.diagnostic import Place, Severity
from pipeyard.model.expression import CommandText
from pipeyard.spec import legacy
from pipeyard.spec.binding import parse_command
from pipeyard.spec.decode_driver import PROMPT_FLOW, decode_driver, is_driven, is_flow, task_of
from pipeyard.spec.decode_port import decode_input_ports, decode_output_ports
from pipeyard.spec.decode_retry import decode_retry
from pipeyard.spec.decode_settings import decode_code, decode_includes, decode_run_settings
from pipeyard.spec.names import check_component_name, check_ports
from pipeyard.spec.reading import Fields, Reading

# Settings that belong to a job or step; a component file may not decide them.
_NOT_OF_A_COMPONENT = ("compute", "services", "settings", "identity", "queue_settings", "experiment_name")


def decode_component_fields(reading: Reading, fields: Fields) -> Component | None:
    """Return the component that a mapping describes; None when its kind is unknown."""
    legacy.rewrite_kind(reading, fields)
    if is_flow({name: fields.get(name) for name in fields}):
        return OtherComponent(ComponentHead(fields.place), StepKind.PARALLEL, task=PROMPT_FLOW)
    kind = component_kind(reading, fields)
    if kind is None:
        return None
    if kind is StepKind.COMMAND or is_driven(fields, kind):
        return _decode_command(reading, fields, kind)
    if kind is StepKind.PIPELINE:
        return _decode_pipeline(reading, fields)
    return other_component(reading, fields, kind)


def other_component(reading: Reading, fields: Fields, kind: StepKind) -> OtherComponent:
    """Return a component that can be kept and not run: enough of it to show it."""
    return OtherComponent(
        decode_head(reading, fields),
        kind,
        decode_input_ports(reading, fields),
        decode_output_ports(reading, fields),
        task=task_of(fields, kind),
    )


def looks_like_component(tree: Any) -> bool:
    """
    Return whether a document is more likely a component than a job.

    What tells them apart: a component has a version, and declares the types of its
    inputs where a job gives values.
    """
    if not isinstance(tree, dict):
        return False
    schema = str(tree.get("$schema", "")).lower()
    if "component" in schema or "job" in schema:
        return "component" in schema
    inputs = tree.get("inputs")
    ports = inputs.values() if isinstance(inputs, dict) else ()
    return "version" in tree or any(
        isinstance(port, dict) and "type" in port and "path" not in port and "value" not in port for port in ports
    )


def component_kind(reading: Reading, fields: Fields) -> StepKind | None:
    """Return the kind written as `type`; without one, `jobs` make a pipeline and anything else a command."""
    if not fields.has("type"):
        return StepKind.PIPELINE if fields.has("jobs") else StepKind.COMMAND
    return reading.choice(fields, "type", StepKind)


def decode_head(reading: Reading, fields: Fields) -> ComponentHead:
    """Return what every component says of itself."""
    name = reading.plain_text(fields, "name")
    if name is not None:
        check_component_name(reading, name, fields.place_of("name"))
    return ComponentHead(
        fields.place,
        name=name,
        version=reading.plain_text(fields, "version"),
        display_name=reading.text(fields, "display_name"),
        description=reading.text(fields, "description"),
        tags=reading.text_map(fields, "tags"),
        is_deterministic=reading.flag(fields, "is_deterministic", default=True),
    )


def decode_command_text(
    reading: Reading, fields: Fields, where: str, *, is_needed: bool = True
) -> tuple[CommandText, Place]:
    """Return the command of a component, a step or a job; of one with a driver, the arguments."""
    place = fields.place_of("command")
    text = reading.text(fields, "command")
    if text is None or not text.strip():
        if is_needed and (text is not None or not fields.has("command")):
            reading.missing("command", fields.place, where, hint="such as `command: python main.py`")
        return CommandText("", ()), place
    command, problems = parse_command(text)
    for problem in problems:
        reading.report(problem, place, text)
    return command, place


def _decode_command(reading: Reading, fields: Fields, kind: StepKind) -> CommandComponent:
    legacy.rewrite_body(reading, fields)
    _ignore(reading, fields, "a component")
    where = f"a {kind.value} component"
    reading.check_fields(fields, f"{kind.value} component", severity=Severity.WARNING, where=where)
    _check_port_names(reading, fields, reach_command=True)
    driver = decode_driver(reading, fields, kind, where)
    command, place = decode_command_text(reading, fields, where, is_needed=driver is None)
    return CommandComponent(
        decode_head(reading, fields),
        decode_input_ports(reading, fields),
        decode_output_ports(reading, fields),
        command,
        place,
        _without_compute(decode_run_settings(reading, fields)),
        decode_code(reading, fields),
        decode_includes(reading, fields),
        driver,
    )


def _decode_pipeline(reading: Reading, fields: Fields) -> PipelineComponent:
    # Steps hold components and components hold steps: one of the two has to look the other up late.
    from pipeyard.spec.decode_step import decode_steps  # noqa: PLC0415

    _ignore(reading, fields, "a pipeline component")
    reading.check_fields(fields, "pipeline component", severity=Severity.WARNING, where="a pipeline component")
    _check_port_names(reading, fields, reach_command=False)
    jobs: Mapping[str, Step] = {}
    if fields.has("jobs"):
        jobs = decode_steps(reading, fields)
    else:
        reading.missing("jobs", fields.place, "a pipeline component", hint="put its steps under `jobs`")
    return PipelineComponent(
        decode_head(reading, fields),
        decode_input_ports(reading, fields),
        decode_output_ports(reading, fields),
        jobs,
        decode_retry(reading, fields),
    )


def _check_port_names(reading: Reading, fields: Fields, *, reach_command: bool) -> None:
    for name, what in (("inputs", "input"), ("outputs", "output")):
        ports = reading.fields(fields.get(name), fields.place_of(name), name) if _is_mapping(fields, name) else None
        if ports is not None:
            check_ports(reading, ports, what, reach_command=reach_command)


def _is_mapping(fields: Fields, name: str) -> bool:
    return isinstance(fields.get(name), dict)


def _ignore(reading: Reading, fields: Fields, where: str) -> None:
    for name in _NOT_OF_A_COMPONENT:
        if name in fields:
            reading.warn(
                "no-effect",
                f"`{name}` has no effect in {where}",
                fields.key_of(name),
                hint="write it on the step or in the pipeline job",
            )
            fields.drop(name)


def _without_compute(settings: RunSettings) -> RunSettings:
    return replace(settings, compute=None, compute_place=None)
