"""
Jobs: a pipeline, or one command (section 2).

In:       the top of a job document.
Out:      a `JobSpec`.
Not here: steps (`spec/decode_step.py`), what the server decides (`model/record.py`).
"""

from __future__ import annotations

from dataclasses import replace

from pipeyard.model.assets import AssetRef, LocalPath
from pipeyard.model.component import Component, InputValue, LiteralInput, Step, StepKind
from pipeyard.model.diagnostic import Place, Severity
from pipeyard.model.job import CommandJob, JobHead, JobSpec, PipelineJob, PipelineSettings
from pipeyard.spec import legacy
from pipeyard.spec.decode_driver import is_driven
from pipeyard.spec.decode_retry import decode_pipeline_retry
from pipeyard.spec.decode_settings import decode_compute_name, decode_priority
from pipeyard.spec.decode_step import decode_component_value, decode_steps, inline_component, other_step
from pipeyard.spec.decode_trial import decode_sweep_step
from pipeyard.spec.decode_value import decode_datastore_name, decode_inputs, decode_outputs
from pipeyard.spec.names import check_job_name, check_ports
from pipeyard.spec.reading import Fields, Reading

_RUNNABLE = (StepKind.PIPELINE, StepKind.COMMAND)

# Keys of inputs that give a value, and those that only a declaration has.
_GIVING = frozenset({"path", "value"})
_DECLARING = frozenset({"default", "optional", "min", "max", "enum"})
_ONLY_OF_JOBS = ("experiment_name", "compute", "settings", "services", "identity", "queue_settings", "properties")

# Settings that Azure keeps private; they are known, and not carried out yet.
_NOT_YET = ("continue_run_on_failed_optional_input",)


def decode_job_fields(reading: Reading, fields: Fields) -> JobSpec | None:
    """Return the job that a document describes; None when its kind is unknown."""
    legacy.rewrite_kind(reading, fields)
    kind = _kind_of(reading, fields)
    if kind is None or _is_printed(reading, fields):
        return None
    telltale = _telltale(fields)
    if telltale is not None and (kind in _RUNNABLE or is_driven(fields, kind)):
        # One problem says it all: its ports would be read as values that are missing.
        reading.error(
            "component-as-job",
            "this is a component, not a job" if telltale != "inputs" else "this looks like a component, not a job",
            fields.key_of(telltale),
            expected="a pipeline job, or a command with values for its inputs",
            hint="name this file as the `component` of a step in a pipeline job",
        )
        return None
    _accept_schedule(reading, fields)
    if kind is StepKind.PIPELINE:
        return _decode_pipeline(reading, fields)
    if kind is StepKind.COMMAND:
        legacy.rewrite_body(reading, fields)
        _check_top(reading, fields, "command job")
        _, step = inline_component(reading, fields, "job")
        step = replace(step, reuse=reading.flag(fields, "reuse", default=True))
        return CommandJob(_decode_head(reading, fields), step)
    if is_driven(fields, kind):
        legacy.rewrite_body(reading, fields)
        _check_top(reading, fields, f"{kind.value} job")
        _, step = inline_component(reading, fields, "job", kind)
        return CommandJob(
            _decode_head(reading, fields), replace(step, reuse=reading.flag(fields, "reuse", default=True))
        )
    return _decode_sweep(reading, fields) if kind is StepKind.SWEEP else _decode_other(reading, fields, kind)


def _decode_other(reading: Reading, fields: Fields, kind: StepKind) -> JobSpec:
    return CommandJob(_decode_head(reading, fields), other_step(reading, "", fields, kind))


def _decode_sweep(reading: Reading, fields: Fields) -> JobSpec | None:
    legacy.rewrite_body(reading, fields)
    step = decode_sweep_step(reading, "", fields, ())
    _check_top(reading, fields, "sweep job")
    if step is None:
        return None
    return CommandJob(_decode_head(reading, fields), replace(step, reuse=reading.flag(fields, "reuse", default=True)))


def _is_printed(reading: Reading, fields: Fields) -> bool:
    """Return whether this is what `job show` says of a job, reported by one problem; Azure's is read as a job."""
    if "creation_context" not in fields or "root_job_name" not in fields:
        return False
    name = fields.get("name")
    shown = name if isinstance(name, str) else "NAME"
    reading.error(
        "printed-job",
        "this is what is known of a job that exists, not a file to create one from",
        fields.key_of("root_job_name"),
        expected="the file that the job was created from",
        hint=f"one like it, with other inputs: pipeyard job resubmit {shown}; "
        f"its files: pipeyard draft create --job {shown}, then pipeyard draft export",
    )
    return True


def _telltale(fields: Fields) -> str | None:
    """Return the key that only a component has."""
    if "version" in fields:
        return "version"
    schema = str(fields.get("$schema") or "").rpartition("/")[2].lower()
    if "component" in schema or "job" in schema:
        return "$schema" if "job" not in schema else None
    return "inputs" if _declares_inputs(fields) else None


def _declares_inputs(fields: Fields) -> bool:
    """Return whether the inputs are declared, as a component does, and none is given a value, as a job does."""
    ports = fields.get("inputs")
    if not isinstance(ports, dict) or not ports or any(name in fields for name in _ONLY_OF_JOBS):
        return False
    if not all(isinstance(port, dict) and "type" in port and not _GIVING & port.keys() for port in ports.values()):
        return False
    return "name" in fields or any(_DECLARING & port.keys() for port in ports.values())


def _kind_of(reading: Reading, fields: Fields) -> StepKind | None:
    if fields.has("type"):
        return reading.choice(fields, "type", StepKind)
    if fields.has("jobs"):
        hint = "without `type`, a job is one command; add `type: pipeline`"
        reading.missing("type", fields.place, "a job with `jobs`", hint)
        return StepKind.PIPELINE
    return StepKind.COMMAND


def _accept_schedule(reading: Reading, fields: Fields) -> None:
    if "schedule" in fields:
        reading.warn(
            "schedule-not-yet",
            "this schedule does not fire yet: the job runs once, now",
            fields.key_of("schedule"),
        )
        fields.drop("schedule")


def _check_top(reading: Reading, fields: Fields, kind: str) -> None:
    reading.check_fields(fields, kind, severity=Severity.ERROR, where=f"a {kind}")


def _decode_head(reading: Reading, fields: Fields) -> JobHead:
    name = reading.plain_text(fields, "name")
    if name is not None:
        check_job_name(reading, name, fields.place_of("name"))
    return JobHead(
        fields.place,
        name=name,
        display_name=reading.text(fields, "display_name"),
        experiment_name=reading.plain_text(fields, "experiment_name"),
        description=reading.text(fields, "description"),
        tags=reading.text_map(fields, "tags"),
        properties=reading.text_map(fields, "properties"),
    )


def _decode_pipeline(reading: Reading, fields: Fields) -> PipelineJob:
    legacy.rewrite_pipeline(reading, fields)
    legacy.rewrite_body(reading, fields)
    _check_top(reading, fields, "pipeline job")
    for name, what in (("inputs", "input"), ("outputs", "output")):
        ports = reading.mapping(fields, name) if isinstance(fields.get(name), dict) else None
        if ports is not None:
            check_ports(reading, ports, what, reach_command=False)
    steps, component, place = _decode_graph(reading, fields)
    inputs, unset = decode_inputs(reading, fields)
    given, empty = _split_empty(inputs)
    return PipelineJob(
        _decode_head(reading, fields),
        _decode_settings(reading, fields),
        given,
        decode_outputs(reading, fields),
        jobs=steps,
        component=component,
        component_place=place,
        unset_inputs={**unset, **empty},
    )


def _decode_graph(
    reading: Reading, fields: Fields
) -> tuple[dict[str, Step], Component | AssetRef | LocalPath | None, Place | None]:
    if not fields.has("component"):
        if not fields.has("jobs"):
            hint = "put the steps under `jobs`, or name a pipeline component as `component`"
            reading.missing("jobs", fields.place, "a pipeline job", hint)
        return decode_steps(reading, fields), None, None
    place = fields.place_of("component")
    if fields.has("jobs"):
        reading.error(
            "jobs-and-component",
            "a pipeline job has either `jobs` or `component`, this has both",
            fields.key_of("component"),
            expected="one of `jobs` and `component`",
            hint="remove one of the two",
        )
        return decode_steps(reading, fields), None, None
    return {}, decode_component_value(reading, fields.get("component"), place), place


def _split_empty(inputs: dict[str, InputValue]) -> tuple[dict[str, InputValue], dict[str, Place]]:
    """Part inputs given an empty text from the others: Azure treats them as not given (section 2, rule 4)."""
    empty = {
        name: value.place for name, value in inputs.items() if isinstance(value, LiteralInput) and value.value == ""
    }
    return {name: value for name, value in inputs.items() if name not in empty}, empty


def _decode_step_name(reading: Reading, settings: Fields, name: str) -> tuple[str, Place] | None:
    step = reading.plain_text(settings, name)
    return None if step is None else (step, settings.place_of(name))


def _decode_settings(reading: Reading, fields: Fields) -> PipelineSettings:
    settings = reading.mapping(fields, "settings") or Fields({}, fields.place.child("settings"))
    reading.check_fields(settings, "settings", severity=Severity.WARNING, where="`settings`")
    for name in _NOT_YET:
        if settings.has(name):
            reading.warn("no-effect", f"`settings.{name}` has no effect yet", settings.place_of(name))
    compute = decode_compute_name(reading, settings, "default_compute")
    compute_place: Place | None = settings.place_of("default_compute")
    if fields.has("compute") and compute is not None:
        reading.warn(
            "two-defaults",
            "`settings.default_compute` wins over the `compute` of the job",
            fields.key_of("compute"),
            hint="keep one of the two",
        )
    elif compute is None:
        compute, compute_place = decode_compute_name(reading, fields, "compute"), fields.place_of("compute")
    datastore = decode_datastore_name(reading, settings, "default_datastore")
    return PipelineSettings(
        default_compute=compute,
        default_compute_place=compute_place if compute is not None else None,
        default_datastore=datastore,
        default_datastore_place=settings.place_of("default_datastore") if datastore is not None else None,
        continue_on_step_failure=reading.flag(settings, "continue_on_step_failure", default=True),
        force_rerun=reading.flag(settings, "force_rerun", default=False),
        on_init=_decode_step_name(reading, settings, "on_init"),
        on_finalize=_decode_step_name(reading, settings, "on_finalize"),
        priority=decode_priority(reading, fields),
        retry=decode_pipeline_retry(reading, fields, settings),
    )
