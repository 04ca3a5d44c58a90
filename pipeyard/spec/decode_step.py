"""
Steps: the entries under `jobs:` (section 3).

In:       the `jobs:` of a pipeline job or pipeline component.
Out:      a `Step` by key.
Not here: whether its component exists and its inputs fit (`graph/`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pipeyard.model.assets import AssetKind, AssetRef, LocalPath, LocalRole
from pipeyard.model.component import (
    FLOW_KINDS,
    CommandComponent,
    Component,
    ComponentHead,
    OtherComponent,
    RunSettings,
    Step,
    StepKind,
)
from pipeyard.model.diagnostic import Place, Severity
from pipeyard.spec import legacy
from pipeyard.spec.binding import OPEN, Problem
from pipeyard.spec.decode_component import decode_command_text, decode_component_fields
from pipeyard.spec.decode_driver import PROMPT_FLOW, decode_driver, decode_driver_settings, is_driven, is_flow, task_of
from pipeyard.spec.decode_flow import decode_flow_step
from pipeyard.spec.decode_port import derived_input_ports, derived_output_ports
from pipeyard.spec.decode_settings import decode_code, decode_compute_name, decode_includes, decode_run_settings
from pipeyard.spec.decode_value import decode_inputs, decode_outputs
from pipeyard.spec.names import check_ports, check_steps
from pipeyard.spec.reading import Fields, Reading
from pipeyard.spec.reference import is_file_like, parse_reference

# First names of 2021's bindings, which meant the pipeline without saying `parent`.
_OLD_ROOTS = ("inputs", "outputs", "jobs")

_BODY = ("command", "code", "additional_includes", "entry")
# Of a component that an inline step is: how it runs stands on the step.
_NO_SETTINGS = RunSettings()
# What holds a command that stands in no component.
_NAMED = {"step": "a step without `component`", "job": "a job"}


def decode_steps(reading: Reading, fields: Fields) -> dict[str, Step]:
    """Return the steps by key, in file order."""
    jobs = reading.mapping(fields, "jobs")
    if jobs is None:
        return {}
    check_steps(reading, jobs)
    if not len(jobs):
        reading.error("missing-field", "`jobs` holds no step", jobs.place, expected="at least one step")
    steps: dict[str, Step] = {}
    for key in jobs:
        inner = reading.mapping(jobs, key)
        if inner is None:
            if not jobs.has(key):
                hint = "such as `component: ./component.yml`"
                reading.missing("component", jobs.key_of(key), f"the step `{key}`", hint)
            continue
        step = _decode_step(reading, key, inner)
        if step is not None:
            steps[key] = step
    return steps


def decode_component_value(
    reading: Reading, value: Any, place: Place, name: str = "component"
) -> Component | AssetRef | LocalPath | None:
    """Return what `component:` names or holds."""
    if isinstance(value, dict):
        fields = reading.fields(value, place, name)
        return decode_component_fields(reading, fields) if fields is not None else None
    if not isinstance(value, str):
        reading.wrong_type(name, value, place, "a path, a reference or a mapping")
        return None
    if OPEN in value:
        reading.error(
            "expression-not-here", f"`{name}` cannot hold an expression", place, expected="a path or reference"
        )
        return None
    found = parse_reference(value, AssetKind.COMPONENT, reading.source_of(place))
    if isinstance(found, LocalPath) and not is_file_like(found.text):
        reading.error(
            "missing-prefix",
            f"`{value}` is neither a file nor a reference",
            place,
            expected="`azureml:<name>:<version>`, or a path of a YAML file",
            hint=f"write `azureml:{value}` for a registered component",
        )
        return None
    if isinstance(found, Problem):
        reading.report(found, place, value)
        return None
    if isinstance(found, LocalPath):
        reading.note_local(LocalRole.COMPONENT, found, place)
    return found


def inline_component(
    reading: Reading, fields: Fields, where: str, kind: StepKind = StepKind.COMMAND
) -> tuple[CommandComponent, Step]:
    """
    Return the component that an inline step or a stand-alone job is, and the step that runs it.

    How it runs stands on the step, as it would beside `component:`.
    """
    roots = _OLD_ROOTS if where == "step" else ()
    _check_value_names(reading, fields)
    named = f"this {kind.value} {where}" if kind is not StepKind.COMMAND else _NAMED[where]
    driver = decode_driver(reading, fields, kind, named)
    inputs, unset = decode_inputs(reading, fields, roots=roots)
    outputs = decode_outputs(reading, fields, roots=roots)
    command, place = decode_command_text(reading, fields, named, is_needed=driver is None)
    component = CommandComponent(
        ComponentHead(fields.place, is_deterministic=reading.flag(fields, "is_deterministic", default=True)),
        derived_input_ports(inputs, unset),
        derived_output_ports(outputs),
        command,
        place,
        _NO_SETTINGS,
        decode_code(reading, fields),
        decode_includes(reading, fields),
        driver,
    )
    settings = decode_run_settings(reading, fields)
    return component, Step("", fields.place, kind, component, inputs=inputs, outputs=outputs, settings=settings)


def other_step(reading: Reading, key: str, fields: Fields, kind: StepKind) -> Step:
    """Return a step of a kind that cannot run yet: enough of it to name it and to follow its bindings."""
    component: Component | AssetRef | LocalPath | None = None
    if isinstance(fields.get("component"), str) and not is_flow(fields.get("component")):
        component = decode_component_value(reading, fields.get("component"), fields.place_of("component"))
    elif is_flow(fields.get("component")):
        component = OtherComponent(ComponentHead(fields.place), kind, task=PROMPT_FLOW)
    elif task_of(fields, kind) is not None:
        component = OtherComponent(ComponentHead(fields.place), kind, task=task_of(fields, kind))
    return Step(
        key,
        fields.place,
        kind,
        component,
        inputs=decode_inputs(reading, fields, roots=_OLD_ROOTS)[0],
        outputs=decode_outputs(reading, fields, roots=_OLD_ROOTS),
        settings=RunSettings(compute=decode_compute_name(reading, fields, "compute")),
        component_place=fields.place_of("component") if fields.has("component") else None,
    )


def _decode_step(reading: Reading, key: str, fields: Fields) -> Step | None:
    legacy.rewrite_step(reading, fields)
    kind = None
    if fields.has("type"):
        kind = reading.choice(fields, "type", StepKind)
        if kind is None:
            return None
    is_ours = is_driven(fields, kind) and not is_flow(fields.get("component"))
    if kind in FLOW_KINDS:
        return _described(reading, key, fields, decode_flow_step(reading, key, fields, kind, _OLD_ROOTS))
    if kind is StepKind.SWEEP:
        # Its trial may be written as a step is: one of the two has to look the other up late.
        from pipeyard.spec.decode_trial import decode_sweep_step  # noqa: PLC0415

        swept = decode_sweep_step(reading, key, fields, _OLD_ROOTS)
        return _described(reading, key, fields, swept) if swept is not None else None
    if kind not in (None, StepKind.COMMAND, StepKind.PIPELINE) and not is_ours:
        step = other_step(reading, key, fields, kind)
    elif fields.has("component"):
        step = _component_step(reading, key, fields, kind)
    elif kind is StepKind.PIPELINE:
        hint = "put the inner steps into a file of their own, with `type: pipeline`, and name it here"
        reading.missing("component", fields.place, f"the pipeline step `{key}`", hint)
        return None
    elif kind is not None and is_ours:
        where = f"the {kind.value} step `{key}`"
        reading.check_fields(fields, f"inline {kind.value} step", severity=Severity.ERROR, where=where)
        step = inline_component(reading, fields, "step", kind)[1]
    elif not fields.has("command"):
        hint = "such as `component: ./component.yml`, or `command: python main.py`"
        reading.missing("component", fields.place, f"the step `{key}`", hint)
        return None
    else:
        reading.check_fields(fields, "inline step", severity=Severity.ERROR, where=f"the step `{key}`")
        step = inline_component(reading, fields, "step")[1]
    return _described(reading, key, fields, step)


def _component_step(reading: Reading, key: str, fields: Fields, kind: StepKind | None) -> Step:
    _ignore_body(reading, key, fields)
    is_ours = kind is not None and is_driven(fields, kind)
    fields_kind = f"{kind.value} step" if kind is not None and is_ours else "step"
    reading.check_fields(fields, fields_kind, severity=Severity.WARNING, where=f"the step `{key}`")
    driver = decode_driver_settings(reading, fields, kind)
    inputs, _ = decode_inputs(reading, fields, roots=_OLD_ROOTS)
    return Step(
        key,
        fields.place,
        kind,
        decode_component_value(reading, fields.get("component"), fields.place_of("component")),
        inputs=inputs,
        outputs=decode_outputs(reading, fields, roots=_OLD_ROOTS),
        settings=decode_run_settings(reading, fields),
        component_place=fields.place_of("component"),
        driver=driver,
    )


def _described(reading: Reading, key: str, fields: Fields, step: Step) -> Step:
    return replace(
        step,
        key=key,
        display_name=reading.text(fields, "display_name"),
        description=reading.text(fields, "description"),
        comment=reading.text(fields, "comment"),
        tags=reading.text_map(fields, "tags"),
        properties=reading.text_map(fields, "properties"),
        depends_on=_decode_depends_on(reading, fields),
        reuse=reading.flag(fields, "reuse", default=True),
    )


def _decode_depends_on(reading: Reading, fields: Fields) -> tuple[tuple[str, Place], ...]:
    found: dict[str, Place] = {}
    for text, place in reading.text_list(fields, "depends_on"):
        if OPEN in text:
            reading.error(
                "expression-not-here",
                "`depends_on` takes names of steps, not expressions",
                place,
                expected="the name of a step beside this one",
                hint="an input that reads what a step writes waits for it anyway",
            )
            continue
        found.setdefault(text, place)
    return tuple(found.items())


def _ignore_body(reading: Reading, key: str, fields: Fields) -> None:
    for name in _BODY:
        if name in fields:
            reading.warn(
                "no-effect",
                f"`{name}` has no effect on the step `{key}`, which runs a component",
                fields.key_of(name),
                hint=f"write `{name}` in the component, or remove `component`",
            )
            fields.drop(name)


def _check_value_names(reading: Reading, fields: Fields) -> None:
    """Check names of inputs and outputs where they are declared: an inline step declares its own."""
    for name, what in (("inputs", "input"), ("outputs", "output")):
        if isinstance(fields.get(name), dict):
            ports = reading.mapping(fields, name)
            if ports is not None:
                check_ports(reading, ports, what, reach_command=True)
