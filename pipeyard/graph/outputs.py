"""
Which command's output a name stands for, and where that output goes.

In:       the tree, and what steps and pipelines say of their outputs.
Out:      for `${{parent.jobs.s.outputs.y}}` the command that writes it; for each
          command its outputs, with type, mode, path and name from whoever says so outermost.
Not here: inputs (`graph/trace.py`), whether paths and names are good (`graph/check_outputs.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from pipeyard.graph.fit import words_of
from pipeyard.graph.model import BoundOutput
from pipeyard.graph.problems import Problems
from pipeyard.graph.tree import Leaf, Level, Member, Tree, step_of
from pipeyard.graph.value import LeafOutput
from pipeyard.model.component import OutputPort, OutputSetting
from pipeyard.model.diagnostic import Place, Related
from pipeyard.model.types import Fit, OutputMode, PortType, fit_of

# Every job has this output without declaring it: its whole artifact root (section 1.7).
ARTIFACTS = "artifacts"

T = TypeVar("T")


class Outputs:
    """The outputs of a whole tree."""

    def __init__(self, tree: Tree, problems: Problems) -> None:
        """Look through the whole tree at once: who writes a pipeline's outputs must be known before anybody reads them."""
        self._problems = problems
        self._bound: dict[Leaf, dict[str, BoundOutput]] = {}
        # Pipeline outputs that somebody reads, so that a missing one is reported at the reader.
        self._read: set[tuple[Level, str]] = set()
        trees = (tree, *tree.bodies)
        for level in (level for one in trees for level in one.levels):
            self._promote(level)
            if level.level is not None and not level.is_body:
                self._check_declared(level, level.output_ports)
        for leaf in (leaf for one in trees for leaf in one.leaves):
            if not leaf.is_inline:
                self._check_declared(leaf, leaf.component.outputs)

    def find(self, level: Level, key: str, name: str, at: Place | None) -> LeafOutput | None:
        """
        Return the command output that output *name* of step *key* is; None after saying why there is none.

        *at* is where somebody reads it; None when it is not read but passed on, and was reported there.
        """
        member = level.members[key]
        if member is not None and name not in self._names_of(member):
            if at is None or self._explains(member, name):
                return None
            self._problems.error(
                "unknown-binding",
                f"step `{key}` has no output called `{name}`",
                at,
                hint=self._problems.meant(name, self._names_of(member), what=f"outputs of `{key}`"),
                related=(Related(f"`{key}` is declared here", step_of(member).place),),
            )
            return None
        while isinstance(member, Level):
            self._read.add((member, name))
            inner = member.promoted.get(name)
            if inner is None:
                self._report_unwritten(member, name)
                return None
            key, name = inner
            member = member.members[key]
        if member is None or name not in self._names_of(member):
            return None  # Reported where the step or its output is written.
        return LeafOutput(member, name)

    def of_leaf(self, leaf: Leaf) -> dict[str, BoundOutput]:
        """Return a command's outputs; the implicit `artifacts` is not among them."""
        bound = self._bound.get(leaf)
        if bound is None:
            names = [name for name in self._declared(leaf) if not _is_artifacts(leaf, name)]
            bound = {name: _bind(leaf, name, self._problems) for name in names}
            self._bound[leaf] = bound
        return bound

    def type_of(self, output: LeafOutput) -> PortType:
        """Return the type that an output has for those who read it."""
        bound = self.of_leaf(output.leaf).get(output.output)
        return bound.type if bound is not None else PortType.URI_FOLDER

    def check_unwritten(self, level: Level) -> None:
        """Report the outputs of a pipeline that no step in it writes."""
        for name in level.output_names:
            if name not in level.promoted and (level, name) not in self._read:
                self._report_unwritten(level, name)

    def _explains(self, member: Member, name: str) -> bool:
        place = member.place if isinstance(member, Level) else member.component.head.place
        return self._problems.explains(place, "outputs", name)

    def _report_unwritten(self, level: Level, name: str) -> None:
        if self._problems.touches(level.place.child("jobs")):
            # The step that writes it may be the one that is wrong.
            self._problems.is_silenced = True
            return
        self._problems.error(
            "output-not-written",
            f"no step writes output `{name}` of this pipeline",
            output_place(level, name),
            expected=f"a step with `outputs: {{<its output>: ${{{{parent.outputs.{name}}}}}}}`",
            hint="bind a step's output to it, or remove it",
        )

    def _declared(self, leaf: Leaf) -> dict[str, OutputPort | OutputSetting]:
        if leaf.is_inline:
            return {**leaf.component.outputs, **leaf.step.outputs}
        return dict(leaf.component.outputs)

    def _names_of(self, member: Member) -> dict[str, None]:
        if isinstance(member, Level):
            return dict.fromkeys(member.output_names)
        return dict.fromkeys([*self._declared(member), ARTIFACTS])

    def _promote(self, level: Level) -> None:
        for key, step in level.jobs.items():
            for name, setting in step.outputs.items():
                target = setting.promoted_to
                if target is None:
                    continue
                if target not in level.output_names:
                    if self._problems.explains(level.place, "outputs", target):
                        continue
                    self._problems.error(
                        "unknown-binding",
                        f"the pipeline has no output called `{target}`",
                        setting.place,
                        hint=self._problems.meant(target, level.output_names, what="outputs of the pipeline"),
                    )
                elif target in level.promoted:
                    other, its_output = level.promoted[target]
                    self._problems.error(
                        "output-bound-twice",
                        f"output `{target}` of the pipeline is written by step `{other}` already",
                        setting.place,
                        hint="give each its own pipeline output",
                        related=(Related("the first", level.jobs[other].outputs[its_output].place),),
                    )
                else:
                    level.promoted[target] = (key, name)

    def _check_declared(self, member: Member, ports: Mapping[str, OutputPort]) -> None:
        step = step_of(member)
        for name, setting in step.outputs.items():
            if name not in ports and (isinstance(member, Level) or name != ARTIFACTS):
                if self._explains(member, name):
                    continue
                self._problems.error(
                    "undeclared-output",
                    f"the component of step `{step.key}` declares no output `{name}`",
                    Place(setting.place.source, setting.place.path, on_key=True),
                    hint=self._problems.meant(name, ports, what="outputs of the component"),
                )


def _is_artifacts(leaf: Leaf, name: str) -> bool:
    """Return whether an output is the implicit one: called so, empty, and not written to by the command."""
    if name != ARTIFACTS or not leaf.is_inline:
        return False
    setting = leaf.step.outputs.get(name)
    if setting is not None and (setting.type or setting.path or setting.name):
        return False
    return all(expression.names != ("outputs", ARTIFACTS) for expression in leaf.component.command.expressions)


def _bind(leaf: Leaf, name: str, problems: Problems) -> BoundOutput:
    """Ask from the outside in; what the component itself declares comes last."""
    settings, around = _chain(leaf, name)
    port = leaf.component.outputs.get(name)
    # A declared type says what the command writes, so the interfaces around it do not change it.
    ports = [*(around if port is None or leaf.is_inline else ()), *((port,) if port is not None else ())]
    registered = next((setting for setting in settings if setting.name or setting.version), None)
    said: list[OutputSetting | OutputPort] = [*settings, *ports]
    type_ = _first([one.type for one in said]) or PortType.URI_FOLDER
    written = _written(leaf, name)
    if written is not None and (written.is_literal or type_.is_literal):
        # What a command writes as a value is that value, whatever it is called further out.
        type_ = written
    _check_types(leaf, name, type_, [*settings, *around], problems)
    return BoundOutput(
        type=type_,
        mode=_first([*(s.mode for s in settings), *(p.mode for p in ports)]) or OutputMode.RW_MOUNT,
        path=_first([setting.path for setting in settings]),
        register_name=registered.name if registered else None,
        register_version=registered.version if registered else None,
    )


def _written(leaf: Leaf, name: str) -> PortType | None:
    """Return what a command itself says that it writes; None: nothing."""
    port, own = leaf.component.outputs.get(name), leaf.step.outputs.get(name)
    if leaf.is_inline:
        return own.type if own is not None else None
    return port.type if port is not None else None


def _check_types(
    leaf: Leaf, name: str, type_: PortType, around: Iterable[OutputSetting | OutputPort], problems: Problems
) -> None:
    """Report those who take a value for data, or data for a value."""
    for one in around:
        if one.type is not None and fit_of(type_, one.type) is Fit.NO:
            problems.error(
                "type-mismatch",
                f"output `{name}` of step `{leaf.step.key}` is {words_of(type_)}, and is declared here as "
                f"{words_of(one.type)}",
                one.place,
                expected=f"`{type_.value}`",
                found=f"`{one.type.value}`",
                related=(Related(f"`{name}` is declared here", leaf.component.outputs[name].place),)
                if name in leaf.component.outputs
                else (),
            )


def _chain(leaf: Leaf, name: str) -> tuple[list[OutputSetting], list[OutputPort]]:
    """Return what the pipelines around a command say of one of its outputs, the outermost first."""
    settings: list[OutputSetting] = []
    ports: list[OutputPort] = []
    own = leaf.step.outputs.get(name)
    key, level = leaf.step.key, leaf.level
    while True:
        if own is not None:
            settings.append(own)
        target = own.promoted_to if own is not None else None
        if level is None or target is None or level.promoted.get(target) != (key, name):
            return settings[::-1], ports[::-1]
        if level.is_body:
            # What is said of it further out is said of all runs together, or of the last.
            return settings[::-1], [*ports[::-1], level.output_ports[target]]
        if target in level.output_ports:
            ports.append(level.output_ports[target])
        own = level.outputs.get(target)
        key, name, level = level.step.key if level.step else "", target, level.level


def _first(values: Iterable[T | None]) -> T | None:
    return next((value for value in values if value is not None), None)


def output_place(level: Level, name: str) -> Place:
    """Return where an output of a pipeline is written."""
    port = level.output_ports.get(name)
    if port is not None:
        return port.place
    setting = level.outputs.get(name)
    return setting.place if setting is not None else level.place.child("outputs", name)
