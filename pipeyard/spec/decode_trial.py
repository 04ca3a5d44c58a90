"""
Sweeps as steps and as jobs of their own: a trial, and what is tried with it (section 3.2).

In:       the fields of a sweep step or a stand-alone sweep.
Out:      a `Step` that runs the trial, with a `SweepSpec` as its `control_spec`.
Not here: what the sweep says beyond its trial (`spec/decode_sweep.py`).

A trial is a component: a file, a reference, or a mapping that declares inputs. Or it is a
command, as a stand-alone sweep has it: then its inputs are those of the sweep, and
`${{search_space.x}}` names a hyperparameter.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pipeyard.model.component import InputPort, RunSettings, Step, StepKind
from pipeyard.model.diagnostic import Severity
from pipeyard.model.expression import CommandText, Expression, OptionalSection
from pipeyard.model.sweep import SweepSpec, names_of
from pipeyard.model.types import PortType
from pipeyard.spec import legacy
from pipeyard.spec.decode_settings import decode_run_settings
from pipeyard.spec.decode_step import decode_component_value, inline_component
from pipeyard.spec.decode_sweep import decode_sweep
from pipeyard.spec.decode_value import decode_inputs, decode_outputs
from pipeyard.spec.reading import Fields, Reading

# What a trial that is a command says of itself; all else belongs to the sweep.
_OF_THE_TRIAL = (
    "command",
    "code",
    "additional_includes",
    "environment",
    "environment_variables",
    "resources",
    "distribution",
)
_OF_THE_SWEEP = (
    "inputs",
    "outputs",
    "compute",
    "resources",
    "queue_settings",
    "identity",
    "retry",
    "is_deterministic",
)


def decode_sweep_step(reading: Reading, key: str, fields: Fields, roots: tuple[str, ...]) -> Step | None:
    """Return the step that a sweep is, alone (with the key "") or among others."""
    where = f"the step `{key}`" if key else "a sweep"
    if isinstance(fields.get("component"), str) and "trial" not in fields:
        reading.error(
            "missing-field",
            f"{where} needs `trial`",
            fields.key_of("component"),
            expected="`trial`",
            hint="a sweep names its component as `trial`",
        )
        return None
    spec = decode_sweep(reading, fields, where)
    if key:
        reading.check_fields(fields, "sweep step", severity=Severity.WARNING, where=where)
    trial, place = fields.get("trial"), fields.place_of("trial")
    if trial is None:
        hint = "the component to try, such as `trial: ./train.yml`"
        reading.missing("trial", fields.place, where, hint=hint)
        return None
    if isinstance(trial, dict) and _is_command(trial):
        step = _command_step(reading, fields, spec, "step" if roots else "job")
    else:
        _rewrite_file_prefix(reading, fields)
        step = Step(
            key,
            fields.place,
            StepKind.SWEEP,
            decode_component_value(reading, fields.get("trial"), place, "trial"),
            inputs=decode_inputs(reading, fields, roots=roots)[0],
            outputs=decode_outputs(reading, fields, roots=roots),
            settings=_settings(reading, fields),
            component_place=place,
        )
    return replace(step, key=key, kind=StepKind.SWEEP, control_spec=spec) if spec is not None else None


def _is_command(trial: dict[str, Any]) -> bool:
    """Return whether a trial takes the inputs of its sweep, for it declares none."""
    return not {"inputs", "outputs", "jobs", "$schema", "version"} & trial.keys()


def _rewrite_file_prefix(reading: Reading, fields: Fields) -> None:
    trial = fields.get("trial")
    if isinstance(trial, str) and trial.lower().startswith("file:"):
        reading.old_spelling("`file:` before a path", fields.place_of("trial"), f"`{trial[len('file:') :]}`")


def _settings(reading: Reading, fields: Fields) -> RunSettings:
    own = Fields(
        {name: (fields.get(name), fields.place_of(name)) for name in _OF_THE_SWEEP if name in fields}, fields.place
    )
    return decode_run_settings(reading, own)


def _command_step(reading: Reading, fields: Fields, spec: SweepSpec | None, where: str) -> Step:
    """Return the step of a trial that is a command, as if it stood at the sweep itself."""
    trial = reading.mapping(fields, "trial")
    assert trial is not None
    legacy.rewrite_body(reading, trial)
    reading.check_fields(trial, "trial", severity=Severity.ERROR, where="`trial`")
    body = Fields({}, fields.place)
    for names, whose in ((_OF_THE_TRIAL, trial), (_OF_THE_SWEEP, fields)):
        for name in names:
            if name in whose:
                body.put(name, whose.get(name), whose.place_of(name))
    if not trial.has("command"):
        reading.missing("command", trial.place, "`trial`", hint="such as `command: python main.py`")
        body.put("command", "true", trial.place)
    component, step = inline_component(reading, body, where)
    swept = _ports(spec) if spec is not None else {}
    command = _with_inputs(component.command)
    made = replace(component, inputs={**component.inputs, **swept}, command=command)
    return replace(step, component=made, component_place=fields.place_of("trial"))


def _ports(spec: SweepSpec) -> dict[str, InputPort]:
    """Return the hyperparameters as inputs of the trial; those that only some trials have are optional."""
    always, sometimes = names_of(spec.space)
    places = {name: one.place for name, one in spec.space.items()}
    return {
        name: InputPort(
            name, PortType.STRING, places.get(name, spec.place), optional=name in sometimes, is_derived=True
        )
        for name in (*always, *sometimes)
    }


def _with_inputs(command: CommandText) -> CommandText:
    """Return a command in which hyperparameters are inputs: to the trial they are nothing else."""
    parts: list[str | Expression | OptionalSection] = []
    for part in command.parts:
        if isinstance(part, OptionalSection):
            inner = tuple(_as_input(one) if isinstance(one, Expression) else one for one in part.parts)
            parts.append(replace(part, parts=inner))
        else:
            parts.append(_as_input(part) if isinstance(part, Expression) else part)
    return replace(command, parts=tuple(parts))


def _as_input(expression: Expression) -> Expression:
    if expression.names[0] != "search_space":
        return expression
    return replace(expression, names=("inputs", *expression.names[1:]))
