"""
What a job consists of: pipelines inside pipelines, down to the commands.

In:       made by `graph/open.py`.
Out:      a tree of `Level`s (pipelines) and `Leaf`s (commands, and what stands for steps).
Not here: opening (`graph/open.py`), where values come from (`graph/bind.py`), settings (`graph/merge.py`).

Invariant: a member that cannot be opened (its component is missing, is of a kind that
cannot run, contains itself) is `None`. Its problem was reported, once, and whoever
binds to it stays silent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field

from pipeyard.graph.model import NodeId
from pipeyard.model.assets import AssetRef, LocalPath
from pipeyard.model.component import (
    CommandComponent,
    Component,
    InputPort,
    InputValue,
    OutputPort,
    OutputSetting,
    PipelineComponent,
    Step,
)
from pipeyard.model.diagnostic import Place
from pipeyard.model.types import InputMode, PortType
from pipeyard.model.value import dataclass

# None: known to be broken; its problems were reported when it was decoded.
Components = Mapping[AssetRef | LocalPath, Component | None]


@dataclass(frozen=True, slots=True)
class GivenValue:
    """A value that a body is given each time that it runs; nobody knows it before."""

    name: str
    type: PortType
    mode: InputMode
    # Where the body, or the value that it has the first time, is written.
    place: Place


@dataclass(frozen=True, slots=True)
class Body:
    """What a step repeats."""

    # As it was written.
    step: Step
    component: CommandComponent | PipelineComponent
    # A pipeline, opened; its own steps are in no list of the tree around it.
    tree: Tree | None = None


@dataclass(slots=True, eq=False)
class Leaf:
    """One command in the tree, or what stands in the place of steps: a choice, a repetition."""

    id: NodeId
    level: Level | None
    step: Step
    component: CommandComponent
    reference: AssetRef | LocalPath | None
    # Of a step that repeats another: what that one is. The step then has its inputs and settings.
    body: Body | None = None
    # Of a body: the inputs that are not the same each time that it runs.
    varying: frozenset[str] = frozenset()
    # Whether the step holds the command in its own body, so that its ports are what it is given.
    is_inline: bool = field(init=False)

    def __post_init__(self) -> None:
        """Compare the places once: every input asks."""
        self.is_inline = self.component.head.place == self.step.place

    @property
    def ports(self) -> Mapping[str, InputPort]:
        """Return the inputs it declares."""
        return self.component.inputs

    @property
    def given(self) -> Mapping[str, InputValue]:
        """Return the inputs it is given."""
        return self.step.inputs


@dataclass(slots=True, eq=False)
class Level:
    """One pipeline in the tree: the job itself, or a step."""

    id: NodeId
    # The pipeline around it, and the step that it is there; None for the job.
    level: Level | None
    step: Step | None
    # None: a pipeline job that declares nothing; its inputs are what it is given.
    component: PipelineComponent | None
    reference: AssetRef | LocalPath | None
    given: Mapping[str, InputValue | GivenValue]
    outputs: Mapping[str, OutputSetting]
    jobs: Mapping[str, Step]
    # Where it is written; for a component, in its own document.
    place: Place
    # What holds the `inputs:` and `outputs:` given to it: the step or the job.
    given_place: Place
    # Inputs of the job that are written with nothing behind them.
    unset: Mapping[str, Place] = field(default_factory=dict)
    # Steps that another one repeats, and which one: that stands for them.
    by_body: Mapping[str, str] = field(default_factory=dict)
    # Whether it is what a step repeats: the pipeline around it has no part in its outputs.
    is_body: bool = False
    members: dict[str, Leaf | Level | None] = field(default_factory=dict)
    # Pipeline output: the step and its output that become it.
    promoted: dict[str, tuple[str, str]] = field(default_factory=dict)
    # The names that `parent.inputs` and `parent.outputs` may use inside.
    input_names: Mapping[str, object] = field(init=False)
    output_names: Mapping[str, object] = field(init=False)

    def __post_init__(self) -> None:
        """List the names once: every binding asks for them."""
        if self.component is None:
            self.input_names, self.output_names = {**self.given, **self.unset}, self.outputs
        else:
            self.input_names, self.output_names = self.component.inputs, self.component.outputs

    @property
    def ports(self) -> Mapping[str, InputPort]:
        """Return the inputs it declares."""
        return self.component.inputs if self.component is not None else {}

    @property
    def output_ports(self) -> Mapping[str, OutputPort]:
        """Return the outputs it declares."""
        return self.component.outputs if self.component is not None else {}

    def standing_for(self, key: str) -> str:
        """Return the step that is meant by a name: for a body, the one that repeats it."""
        return self.by_body.get(key, key)

    def child_id(self, key: str) -> NodeId:
        """Return the id of a step directly in it."""
        return f"{self.id}/{key}" if self.id else key


Member = Leaf | Level


def step_of(member: Member) -> Step:
    """Return the step that a member is; not for the job itself."""
    assert member.step is not None
    return member.step


@dataclass(slots=True)
class Tree:
    """A whole job, opened as far as the components at hand allow."""

    # None: nothing could be opened.
    root: Level | Leaf | None = None
    # Both in file order, parents before children.
    levels: list[Level] = field(default_factory=list)
    leaves: list[Leaf] = field(default_factory=list)
    wanted: dict[AssetRef | LocalPath, Place] = field(default_factory=dict)
    # Trees of pipelines that steps repeat, wherever they are.
    bodies: list[Tree] = field(default_factory=list)
    # Whether something is left out that nobody will fetch.
    is_cut: bool = False


def leaves_of(member: Member) -> Iterator[Leaf]:
    """Yield a member, or everything in it, in file order."""
    waiting: list[Leaf | Level | None] = [member]
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, Leaf):
            yield inner
        elif inner is not None:
            waiting.extend(reversed(inner.members.values()))
