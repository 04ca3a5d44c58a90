"""
A job as a person writes it: a pipeline, or one command.

Not here: what became of it (`model/record.py`), its graph (`graph/model.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from pipeyard.model.assets import AssetRef, LocalPath
from pipeyard.model.component import Component, InputValue, OutputSetting, Priority, Step
from pipeyard.model.diagnostic import Place
from pipeyard.model.expression import Template
from pipeyard.model.retry import Retry
from pipeyard.model.value import dataclass


@dataclass(frozen=True, slots=True)
class JobHead:
    """What every job says of itself, whatever its kind."""

    place: Place
    # None: the server makes a readable, unique one.
    name: str | None = None
    display_name: str | None = None
    # None: the name of the working directory, which the command line fills in.
    experiment_name: str | None = None
    description: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PipelineSettings:
    """`settings:` of a pipeline job."""

    # None: not written. `job.compute` fills in; `settings.default_compute` wins over it.
    default_compute: Template | None = None
    default_compute_place: Place | None = None
    default_datastore: str | None = None
    default_datastore_place: Place | None = None
    # Azure's current reference page: true.
    continue_on_step_failure: bool = True
    force_rerun: bool = False
    # Steps that run before all others, and after them whatever became of these; each with its place.
    on_init: tuple[str, Place] | None = None
    on_finalize: tuple[str, Place] | None = None
    # Of every step that says nothing else.
    priority: Priority | None = None
    retry: Retry | None = None


@dataclass(frozen=True, slots=True)
class PipelineJob:
    """
    `type: pipeline`.

    Exactly one of `jobs` and `component` is given: a graph written out, or a
    pipeline component run as a job.
    """

    head: JobHead
    settings: PipelineSettings
    inputs: Mapping[str, InputValue]
    outputs: Mapping[str, OutputSetting]
    jobs: Mapping[str, Step] = field(default_factory=dict)
    component: Component | AssetRef | LocalPath | None = None
    component_place: Place | None = None
    # Inputs written with nothing or an empty text behind them: declared, and not given.
    unset_inputs: Mapping[str, Place] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CommandJob:
    """`type: command`, or no type: one step that is a job of its own (the step's key is "")."""

    head: JobHead
    step: Step


JobSpec = PipelineJob | CommandJob
