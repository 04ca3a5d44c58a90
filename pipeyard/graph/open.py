"""
Open pipelines inside pipelines, down to the commands.

In:       a job and the components fetched so far.
Out:      its tree, and what is still to be fetched.
Not here: what a tree is (`graph/tree.py`), which steps are bodies of others (`graph/bodies.py`).
"""

from __future__ import annotations

from dataclasses import replace

from pipeyard.graph.bodies import part_bodies
from pipeyard.graph.model import NodeId
from pipeyard.graph.problems import Problems
from pipeyard.graph.references import place_of_component
from pipeyard.graph.refusal import refusal_of
from pipeyard.graph.stand import choice_of, repeated_of
from pipeyard.graph.tree import Body, Components, Leaf, Level, Tree
from pipeyard.model.assets import AssetRef, LocalPath
from pipeyard.model.component import (
    FLOW_KINDS,
    RUNNABLE_KINDS,
    CommandComponent,
    Component,
    OtherComponent,
    PipelineComponent,
    Step,
    StepKind,
)
from pipeyard.model.diagnostic import Place, Related
from pipeyard.model.flow import IfElseSpec
from pipeyard.model.job import CommandJob, JobSpec, PipelineJob

# Both are far above any real pipeline; they stop a small file from becoming an endless job.
DEPTH_MAX = 100
STEPS_MAX = 100_000


def open_tree(job: JobSpec, components: Components, problems: Problems) -> Tree:
    """Return the tree of a job; what is wrong with kinds and nesting goes to *problems*."""
    return _Opener(components, problems).open(job)


class _Opener:
    def __init__(self, components: Components, problems: Problems) -> None:
        self._components = components
        self._problems = problems
        self._tree = Tree()
        # Pipelines whose steps are not opened yet; the last is next.
        self._closed: list[Level] = []
        self._opened = 0

    def open(self, job: JobSpec) -> Tree:
        self._tree.root = self._open_command(job) if isinstance(job, CommandJob) else self._open_pipeline(job)
        while self._closed:
            self._open_level(self._closed.pop())
        for tree in (self._tree, *self._tree.bodies):
            self._list_members(tree)
        return self._tree

    @staticmethod
    def _list_members(tree: Tree) -> None:
        waiting: list[Leaf | Level | None] = [tree.root]
        while waiting:
            member = waiting.pop()
            if isinstance(member, Leaf):
                tree.leaves.append(member)
            elif member is not None:
                tree.levels.append(member)
                # Backwards, because the last one in is looked at first.
                waiting.extend(reversed(member.members.values()))

    def _open_command(self, job: CommandJob) -> Leaf | None:
        component = self._component_of(job.step)
        if isinstance(component, PipelineComponent):
            self._tree.is_cut = True
            self._problems.error(
                "kind-mismatch",
                "this job is a command, its component is a pipeline",
                place_of_component(job.step),
                hint="write `type: pipeline`",
            )
        return self._leaf(None, "", job.step, component) if isinstance(component, CommandComponent) else None

    @staticmethod
    def _leaf(level: Level | None, id_: NodeId, step: Step, component: CommandComponent) -> Leaf:
        return Leaf(id_, level, step, component, _reference_of(step.component))

    def _open_pipeline(self, job: PipelineJob) -> Level | None:
        place = job.component_place or job.head.place.child("component")
        component: PipelineComponent | None = None
        if job.component is not None:
            component = self._pipeline_at(job.component, place)
            if component is None:
                return None
        jobs = component.jobs if component is not None else job.jobs
        place = component.head.place if component is not None else job.head.place
        root = Level(
            "",
            None,
            None,
            component,
            _reference_of(job.component),
            job.inputs,
            job.outputs,
            jobs,
            place,
            job.head.place,
            job.unset_inputs,
        )
        self._closed.append(root)
        return root

    def _pipeline_at(self, named: Component | AssetRef | LocalPath, place: Place) -> PipelineComponent | None:
        found = self._resolve(named, place)
        if found is None or isinstance(found, PipelineComponent):
            return found
        self._tree.is_cut = True
        self._problems.error(
            "kind-mismatch",
            f"a pipeline job runs a pipeline component, this one is a {found.kind.value} component",
            place,
            hint="name it as the `component` of a step under `jobs:`",
        )
        return None

    def _open_level(self, level: Level) -> None:
        inner: list[Level] = []
        written = level.jobs
        level.jobs, level.by_body, bodies = part_bodies(written, level.place, self._problems)
        # What is left out of them was reported, and whoever names it stays silent.
        left_out = [key for key in written if key not in level.jobs and key not in level.by_body]
        self._tree.is_cut |= bool(left_out)
        level.members.update(dict.fromkeys(left_out))
        for key, step in level.jobs.items():
            member = self._open_step(level, key, step, bodies.get(key))
            level.members[key] = member
            if isinstance(member, Level):
                inner.append(member)
            if self._opened > STEPS_MAX:
                self._problems.error(
                    "too-many-steps",
                    f"this job has more than {STEPS_MAX:,} steps in all",
                    step.place,
                    hint="a pipeline component that is used inside pipelines inside pipelines multiplies its steps",
                )
                # Nothing is bound: to follow a hundred thousand steps would only take time.
                self._tree.is_cut, self._tree.root = True, None
                self._closed.clear()
                return
        self._closed += reversed(inner)

    def _open_step(self, level: Level, key: str, step: Step, body: Step | None = None) -> Leaf | Level | None:
        self._opened += 1
        if isinstance(step.control_spec, IfElseSpec):
            return choice_of(level, key, step)
        component = self._component_of(step)
        if component is None:
            return None
        if body is not None:
            return self._open_repeated(level, key, step, Body(body, component))
        if isinstance(component, CommandComponent):
            return self._leaf(level, level.child_id(key), step, component)
        inner = Level(
            level.child_id(key),
            level,
            step,
            component,
            _reference_of(step.component),
            step.inputs,
            step.outputs,
            component.jobs,
            component.head.place,
            step.place,
        )
        return inner if self._may_contain(inner) else None

    def _open_repeated(self, level: Level, key: str, step: Step, body: Body) -> Leaf | None:
        """Return what stands for a step that is repeated, with that one opened."""
        reference, component = _reference_of(step.component), body.component
        if isinstance(component, PipelineComponent):
            inner = Level(
                "",
                level,
                step,
                component,
                reference,
                {},
                {},
                component.jobs,
                component.head.place,
                step.place,
                is_body=True,
            )
            if not self._may_contain(inner):
                return None
            tree = Tree(inner)
            self._tree.bodies.append(tree)
            self._closed.append(inner)
            body = replace(body, tree=tree)
        return repeated_of(level, key, step, body, reference)

    def _component_of(self, step: Step) -> CommandComponent | PipelineComponent | None:
        """Return what a step runs, if it can be run."""
        is_flow_alone = step.kind in FLOW_KINDS and step.control_spec is None
        if step.kind is not None and (step.kind not in RUNNABLE_KINDS or is_flow_alone):
            task = step.component.task if isinstance(step.component, OtherComponent) else None
            self._refuse_kind(step.kind, step.place.child("type"), task)
            return None
        if step.component is None:
            # `spec/decode` reported what is missing.
            self._tree.is_cut = True
            return None
        place = place_of_component(step)
        component = self._resolve(step.component, place)
        if component is None:
            return None
        if isinstance(component, OtherComponent):
            self._refuse_kind(component.kind, place, component.task)
            return None
        if not self._is_of_kind(step, component, place):
            self._tree.is_cut = True
            return None
        return component

    def _is_of_kind(self, step: Step, component: CommandComponent | PipelineComponent, place: Place) -> bool:
        """Return whether a component is what its step says; reports it when not."""
        related = (Related("the component", component.head.place),)
        if step.kind is StepKind.SWEEP and component.kind is not StepKind.COMMAND:
            who = f"the trial of `{step.key}`" if step.key else "this trial"
            self._problems.error(
                "kind-mismatch",
                f"a sweep tries a command, {who} is a {component.kind.value} component",
                place,
                expected="a `command` component",
                related=related,
            )
            return False
        if step.kind in (None, StepKind.SWEEP, component.kind) or step.control_spec is not None:
            return True
        assert step.kind is not None
        self._problems.error(
            "kind-mismatch",
            f"step `{step.key}` is of type `{step.kind.value}`, its component is a {component.kind.value} component",
            step.place.child("type"),
            expected=f"`{component.kind.value}`, or no `type` at all",
            found=f"`{step.kind.value}`",
            related=related,
        )
        return False

    def _resolve(self, component: Component | AssetRef | LocalPath, place: Place) -> Component | None:
        if not isinstance(component, (AssetRef, LocalPath)):
            return component
        if component not in self._components:
            self._tree.wanted.setdefault(component, place)
            return None
        found = self._components[component]
        if found is None:
            self._tree.is_cut = True
        return found

    def _refuse_kind(self, kind: StepKind, place: Place, task: str | None = None) -> None:
        self._tree.is_cut = True
        sentence, expected, hint = refusal_of(kind, task)
        self._problems.error("kind-not-yet", sentence, place, expected=expected, hint=hint)

    def _may_contain(self, inner: Level) -> bool:
        """Return whether a pipeline may be opened where it stands; reports it when it contains itself."""
        around: list[Level] = []
        outer = inner.level
        while outer is not None:
            around.append(outer)
            outer = outer.level
        step = inner.step
        assert step is not None
        twin = next((outer for outer in around if _is_same(outer, inner)), None)
        if twin is not None:
            names = [level.id.rsplit("/", 1)[-1] for level in around[: around.index(twin) + 1] if level.id]
            way = " -> ".join(f"`{name}`" for name in [*reversed(names), step.key])
            self._problems.error(
                "component-ring",
                f"this component contains itself: {way}",
                place_of_component(step),
                expected="steps that end in commands",
                related=(Related("the component", inner.place),),
            )
        elif len(around) >= DEPTH_MAX:
            self._problems.error(
                "too-deep", f"pipelines are nested more than {DEPTH_MAX} deep here", place_of_component(step)
            )
        else:
            return True
        self._tree.is_cut = True
        return False


def _reference_of(component: Component | AssetRef | LocalPath | None) -> AssetRef | LocalPath | None:
    return component if isinstance(component, (AssetRef, LocalPath)) else None


def _is_same(outer: Level, inner: Level) -> bool:
    """Return whether two levels hold the same pipeline, whichever way it was named."""
    if outer.component is None or inner.component is None:
        return False
    if outer.component is inner.component:
        return True
    # The same file reached by two paths may have been decoded twice.
    return outer.place == inner.place and outer.jobs.keys() == inner.jobs.keys()
