"""
What a component declares, and what a step says of it.

In:       nothing; these are the values that `spec/decode.py` makes.
Not here: values decided later (asset versions, paths): see `graph/model.py`.

Invariant: every value that can be wrong carries the `Place` it was written at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import Enum
from types import MappingProxyType
from typing import Any

from pipeyard.model.assets import AssetRef, DataUri, LocalPath
from pipeyard.model.control import ControlSpec
from pipeyard.model.diagnostic import Place
from pipeyard.model.driver import Driver
from pipeyard.model.expression import CommandText, Template
from pipeyard.model.retry import Retry
from pipeyard.model.types import InputMode, OutputMode, PortType
from pipeyard.model.value import dataclass

Scalar = str | int | float | bool

NOTHING: Mapping[str, Any] = MappingProxyType({})


class StepKind(str, Enum):
    """The kinds of step and component that the language knows."""

    COMMAND = "command"
    PIPELINE = "pipeline"
    SWEEP = "sweep"
    PARALLEL = "parallel"
    SPARK = "spark"
    AUTOML = "automl"
    IMPORT = "import"
    DATA_TRANSFER = "data_transfer"
    FINETUNING = "finetuning"
    DISTILLATION = "distillation"
    IF_ELSE = "if_else"
    DO_WHILE = "do_while"
    PARALLEL_FOR = "parallel_for"


# Kinds that are no job and no component: they say something about the steps beside them.
FLOW_KINDS = frozenset({StepKind.IF_ELSE, StepKind.DO_WHILE, StepKind.PARALLEL_FOR})

# Kinds that this version runs; the others are refused at submit by name.
RUNNABLE_KINDS = frozenset(
    {
        StepKind.COMMAND,
        StepKind.PIPELINE,
        StepKind.PARALLEL,
        StepKind.SPARK,
        StepKind.DATA_TRANSFER,
        StepKind.SWEEP,
        StepKind.IF_ELSE,
        StepKind.DO_WHILE,
        StepKind.PARALLEL_FOR,
    }
)


@dataclass(frozen=True, slots=True)
class InputPort:
    """An input that a component declares."""

    name: str
    type: PortType
    place: Place
    description: str | None = None
    optional: bool = False
    # Already of the declared type.
    default: Scalar | None = None
    minimum: float | None = None
    maximum: float | None = None
    # Allowed texts of a string input; empty: any.
    enum: tuple[str, ...] = ()
    mode: InputMode | None = None
    # Made from the value that an inline step gives, so that any value fits. When the
    # value is a binding, `type` says nothing: the source of the binding decides.
    is_derived: bool = False

    @property
    def is_required(self) -> bool:
        """Return whether a step must give a value."""
        return not self.optional and self.default is None


@dataclass(frozen=True, slots=True)
class OutputPort:
    """An output that a component declares."""

    name: str
    type: PortType
    place: Place
    description: str | None = None
    mode: OutputMode | None = None
    # Private in Azure, where it marks what is a value. Here its type says that.
    is_control: bool = False
    # Kept for later.
    early_available: bool = False


@dataclass(frozen=True, slots=True)
class LiteralInput:
    """A number, text or boolean written in the file."""

    value: Scalar
    place: Place


@dataclass(frozen=True, slots=True)
class TemplateInput:
    """Text with at least one expression; alone (`template.single`) it is a port binding."""

    template: Template
    place: Place
    # Set when the binding was written as a mapping, to change type or mode on the way.
    type: PortType | None = None
    mode: InputMode | None = None


@dataclass(frozen=True, slots=True)
class DataInput:
    """Bytes somewhere: a local path, a URI, a registered asset."""

    path: LocalPath | DataUri | AssetRef
    place: Place
    # None: not written; `uri_folder` unless the port or the path says otherwise.
    type: PortType | None = None
    mode: InputMode | None = None
    # Where a local path is uploaded to; None: the default datastore.
    datastore: str | None = None


InputValue = LiteralInput | TemplateInput | DataInput


@dataclass(frozen=True, slots=True)
class OutputSetting:
    """What a step or pipeline says of one of its outputs; every field may be unset."""

    place: Place
    # `${{parent.outputs.x}}`: names `x`, the pipeline output that this one becomes.
    promoted_to: str | None = None
    type: PortType | None = None
    mode: OutputMode | None = None
    # A datastore URI with the macros of section 1.4, parsed.
    path: Template | None = None
    # Register the output under this name (and version) on success.
    name: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class InlineEnvironment:
    """
    An environment written out where it is used; exactly one of image and build.

    `conda` is the whole conda file as a plain tree, whether it came inline or
    from a file.
    """

    place: Place
    image: str | None = None
    conda: Mapping[str, Any] | None = None
    # Folder of the build context and the Dockerfile in it.
    build: LocalPath | DataUri | None = None
    dockerfile: str = "Dockerfile"
    os_type: str = "linux"
    # Files that nobody has put in their place yet (`spec/inline.py`): the whole
    # environment, with every other field empty, or its conda part.
    file: LocalPath | None = None
    conda_file: LocalPath | None = None


# A string is a word that is no asset: `local` (the current interpreter).
EnvironmentValue = InlineEnvironment | AssetRef | str


@dataclass(frozen=True, slots=True)
class Resources:
    """`resources`: how much of a compute a step takes."""

    instance_count: int | Template = 1
    instance_type: str | None = None
    shm_size: str | None = None
    docker_args: tuple[str, ...] = ()
    properties: Mapping[str, Any] = field(default_factory=dict)


# Types of `distribution` that run, with what each counts and the least of it (section 3.1).
DISTRIBUTED: Mapping[str, Mapping[str, int]] = {
    "pytorch": {"process_count_per_instance": 1},
    "mpi": {"process_count_per_instance": 1},
    "tensorflow": {"worker_count": 1, "parameter_server_count": 0},
}
# Known by name, and not run.
RAY = "ray"


@dataclass(frozen=True, slots=True)
class Distribution:
    """`distribution`: its type in lower case, and its counts; those of a graph's node are whole and complete."""

    type: str
    # Numbers, or as long as nobody has put their inputs' values in, templates. Of `ray` whatever is written.
    settings: Mapping[str, Any]
    place: Place

    def process_count(self, instances: int) -> int:
        """Return how many processes work together; of a graph's node only."""
        if self.type == "tensorflow":
            return int(self.settings["worker_count"] + self.settings["parameter_server_count"])
        return int(self.settings.get("process_count_per_instance", 1)) * instances


class Priority(str, Enum):
    """`queue_settings.priority`: who goes first when several wait for a slot."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """Return a number that is higher for what goes first; 0 is the usual."""
        return {Priority.LOW: -1, Priority.MEDIUM: 0, Priority.HIGH: 1}[self]


class JobTier(str, Enum):
    """`queue_settings.job_tier`: what Azure charges by. Accepted; it has no effect here."""

    NONE = "null"
    SPOT = "spot"
    BASIC = "basic"
    STANDARD = "standard"
    PREMIUM = "premium"


@dataclass(frozen=True, slots=True)
class RunSettings:
    """
    How a step runs, as written on a component, a step or a stand-alone job.

    None and empty mean "not written": a step's settings win over its component's
    field by field (`graph/expand.py`).
    """

    compute: Template | None = None
    compute_place: Place | None = None
    environment: EnvironmentValue | None = None
    environment_place: Place | None = None
    # Values may hold expressions.
    environment_variables: Mapping[str, Template] = field(default_factory=dict)
    resources: Resources | None = None
    distribution: Distribution | None = None
    # `limits.timeout`, in seconds.
    timeout_seconds: float | Template | None = None
    priority: Priority | None = None
    # A step's wins over its component's as a whole; below both, those of the pipelines around it.
    retry: Retry | None = None


@dataclass(frozen=True, slots=True)
class ComponentHead:
    """What every component says of itself. `name` and `version` do not matter inline."""

    place: Place
    name: str | None = None
    version: str | None = None
    display_name: str | None = None
    description: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    is_deterministic: bool = True


@dataclass(frozen=True, slots=True)
class CommandComponent:
    """
    A command with typed inputs and outputs in an environment.

    With a `driver` a program of ours runs in the command's place, and the command is what is
    handed on to the person's own program: `program_arguments` or `args`.
    """

    head: ComponentHead
    inputs: Mapping[str, InputPort]
    outputs: Mapping[str, OutputPort]
    command: CommandText
    command_place: Place
    settings: RunSettings
    code: LocalPath | DataUri | AssetRef | None = None
    additional_includes: tuple[LocalPath, ...] = ()
    driver: Driver | None = None

    @property
    def kind(self) -> StepKind:
        """Return the kind that it is written as."""
        return StepKind.COMMAND if self.driver is None else StepKind(self.driver.word)


@dataclass(frozen=True, slots=True)
class PipelineComponent:
    """A graph of steps with typed inputs and outputs."""

    head: ComponentHead
    inputs: Mapping[str, InputPort]
    outputs: Mapping[str, OutputPort]
    jobs: Mapping[str, Step]
    # Of every step in it that says nothing else.
    retry: Retry | None = None

    kind = StepKind.PIPELINE


@dataclass(frozen=True, slots=True)
class OtherComponent:
    """A component of a kind that this version keeps but cannot run."""

    head: ComponentHead
    kind: StepKind
    inputs: Mapping[str, InputPort] = field(default_factory=dict)
    outputs: Mapping[str, OutputPort] = field(default_factory=dict)
    # What tells it from others of its kind that can be run, such as `import_data`.
    task: str | None = None


Component = CommandComponent | PipelineComponent | OtherComponent


@dataclass(frozen=True, slots=True)
class Step:
    """
    One entry under `jobs:`.

    An inline command step holds a `CommandComponent` made from its own body; its
    input ports are then derived from the values that it gives.
    """

    key: str
    place: Place
    # None: not written; it is what the component is.
    kind: StepKind | None
    # None only for a kind that this version cannot run.
    component: Component | AssetRef | LocalPath | None
    inputs: Mapping[str, InputValue] = field(default_factory=dict)
    outputs: Mapping[str, OutputSetting] = field(default_factory=dict)
    settings: RunSettings = RunSettings()
    display_name: str | None = None
    description: str | None = None
    comment: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)
    component_place: Place | None = None
    # Steps beside it that have to complete first, whether or not it reads what they write; each with its place.
    depends_on: tuple[tuple[str, Place], ...] = ()
    # Whether an earlier result may stand for it; of a pipeline, for every step in it.
    reuse: bool = True
    # Of a sweep, a loop or a choice: what it says beyond a component and its inputs.
    control_spec: ControlSpec | None = None
    # What it says beside `component:` of a task that a program of ours runs; it wins over the component's.
    driver: Driver | None = None
