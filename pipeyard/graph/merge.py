"""
How a command runs: its component's settings, its step's over them, the job's defaults below both.

In:       a command of the tree, the job's default compute.
Out:      settings with every expression resolved.
Not here: whether they make sense (`graph/check.py`).

A step's settings win over its component's field by field; environment variables name by
name. A step that writes `resources` decides the number of instances; the other
fields of `resources` that it leaves out stay the component's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pipeyard.graph.problems import Problems
from pipeyard.graph.sweep import always_swept, swept_names
from pipeyard.graph.trace import Tracer
from pipeyard.graph.tree import Leaf, Level
from pipeyard.graph.value import Absent, Broken, Found, LeafOutput
from pipeyard.model.component import DISTRIBUTED, Distribution, EnvironmentValue, Resources, RunSettings
from pipeyard.model.diagnostic import Place
from pipeyard.model.expression import Expression, Template
from pipeyard.model.retry import Retry
from pipeyard.model.sweep import SECONDS_MIN, TRIALS_MAX, SweepLimits
from pipeyard.model.types import PortType
from pipeyard.model.value import dataclass
from pipeyard.spec.binding import Problem
from pipeyard.spec.reference import parse_compute
from pipeyard.spec.scalar import coerce


@dataclass(frozen=True, slots=True)
class Settings:
    """A command's settings, as `Node` has them."""

    compute: str | None
    compute_place: Place | None
    environment: EnvironmentValue | None
    environment_variables: dict[str, str]
    # With hyperparameters in them, which have values only in a trial.
    swept_variables: dict[str, Template]
    instance_count: int
    instance_type: str | None
    shm_size: str | None
    docker_args: tuple[str, ...]
    distribution: Distribution | None
    timeout_seconds: float | None
    retry: Retry | None


class Merger:
    """Resolves the settings of one job's commands."""

    def __init__(
        self,
        tracer: Tracer,
        problems: Problems,
        default: tuple[str | None, Place | None],
        retry: Retry | None = None,
    ) -> None:
        """Fall back on *default*, the job's compute and where that is written, and on the job's *retry*."""
        self._tracer = tracer
        self._problems = problems
        self._default = default
        self._retry = retry

    def merge(self, leaf: Leaf) -> Settings:
        """Return how *leaf* runs."""
        step, component = leaf.step.settings, leaf.component.settings
        compute, compute_place = self._compute(leaf)
        resources = self._resources(leaf)
        variables = self._variables(leaf)
        return Settings(
            compute=compute,
            compute_place=compute_place,
            environment=step.environment if step.environment is not None else component.environment,
            environment_variables={name: text for name, text in variables.items() if isinstance(text, str)},
            swept_variables={name: text for name, text in variables.items() if isinstance(text, Template)},
            instance_count=resources[0],
            instance_type=resources[1],
            shm_size=resources[2],
            docker_args=resources[3],
            distribution=self._distribution(leaf, resources[0]),
            timeout_seconds=self._timeout(leaf),
            retry=self._retry_of(leaf),
        )

    def compute_of(self, level: Level | None, template: Template, place: Place, leaf: Leaf | None = None) -> str | None:
        """Return the bare name of a compute; None when its input has no value, or it is wrong."""
        text = self._text(level, leaf, template, place, "a compute")
        if text is None:
            return None
        name = parse_compute(text)
        if isinstance(name, Problem):
            self._problems.error(
                name.code, name.message, place, expected=name.expected, found=f"`{text}`", hint=name.hint
            )
            return None
        return name

    def sweep_limits(self, leaf: Leaf, limits: SweepLimits) -> SweepLimits:
        """Return the limits of a sweep as numbers; what is wrong counts as not written."""
        place = leaf.step.place.child("limits")

        def number(value: float | Template | None, name: str, type_: PortType) -> float | None:
            return self._number(leaf, value, place.child(name), name, type_) if isinstance(value, Template) else value

        total = number(limits.total, "max_total_trials", PortType.INTEGER)
        concurrent = number(limits.concurrent, "max_concurrent_trials", PortType.INTEGER)
        for name, count in (("max_total_trials", total), ("max_concurrent_trials", concurrent)):
            if count is not None and not 1 <= count <= TRIALS_MAX:
                message, expected = f"`{name}` cannot be {count}", f"a whole number from 1 to {TRIALS_MAX}"
                self._problems.error("wrong-value", message, place.child(name), expected=expected)
        timeouts = []
        for name, value in (("timeout", limits.timeout_seconds), ("trial_timeout", limits.trial_timeout_seconds)):
            seconds = number(value, name, PortType.NUMBER)
            if seconds is not None and not seconds > 0:
                message = f"`{name}` must be more than 0 seconds, this is {seconds:g}"
                self._problems.error("wrong-value", message, place.child(name), expected="seconds, more than 0")
            timeouts.append(None if seconds is None else max(float(seconds), float(SECONDS_MIN)))
        return SweepLimits(int(total or TRIALS_MAX), None if concurrent is None else int(concurrent), *timeouts)

    def _compute(self, leaf: Leaf) -> tuple[str | None, Place | None]:
        for settings, where in _both(leaf):
            if settings.compute is not None:
                place = settings.compute_place or where.child("compute")
                name = self.compute_of(leaf.level, settings.compute, place, leaf)
                if name is not None:
                    return name, place
        return self._default

    def _variables(self, leaf: Leaf) -> dict[str, str | Template]:
        variables: dict[str, str | Template] = {}
        for settings, where in reversed(list(_both(leaf))):
            for name, template in settings.environment_variables.items():
                if template.is_plain:
                    variables[name] = str(template)
                    continue
                place = where.child("environment_variables", name)
                text = self._variable(leaf, template, place)
                if text is not None:
                    variables[name] = text
        return variables

    def _variable(self, leaf: Leaf, template: Template, place: Place) -> str | Template | None:
        """Return a variable's text, or in a trial what it becomes with the values of its hyperparameters."""
        swept = swept_names(leaf.step)
        parts: list[str | Expression] = []
        for part in template.parts:
            if isinstance(part, Expression) and _is_own(part) and _name(part) in swept:
                parts.append(part)
                continue
            text = self._text(leaf.level, leaf, Template((part,)), place, "an environment variable")
            if text is None:
                return None
            parts.append(text)
        filled = Template(tuple(parts))
        return str(filled) if filled.is_plain else filled

    def _resources(self, leaf: Leaf) -> tuple[int, str | None, str | None, tuple[str, ...]]:
        step, component = leaf.step.settings.resources, leaf.component.settings.resources
        first, second = step or component, component or step
        if first is None or second is None:
            return 1, None, None, ()
        where = leaf.step.place if step is not None else leaf.component.head.place
        return (
            self._instance_count(leaf, first, where),
            first.instance_type or second.instance_type,
            first.shm_size or second.shm_size,
            first.docker_args or second.docker_args,
        )

    def _instance_count(self, leaf: Leaf, resources: Resources, where: Place) -> int:
        count = resources.instance_count
        if isinstance(count, int):
            return count
        place = where.child("resources", "instance_count")
        number = self._number(leaf, count, place, "instance_count", PortType.INTEGER)
        return int(number) if number is not None else 1

    def _distribution(self, leaf: Leaf, instances: int) -> Distribution | None:
        found = leaf.step.settings.distribution or leaf.component.settings.distribution
        if found is None or found.type not in DISTRIBUTED:
            return found
        usual = {"process_count_per_instance": 1, "worker_count": instances, "parameter_server_count": 0}
        counts = {}
        for name in DISTRIBUTED[found.type]:
            count = found.settings.get(name)
            if isinstance(count, Template):
                count = self._number(leaf, count, found.place.child(name), name, PortType.INTEGER)
            counts[name] = usual[name] if count is None else int(count)
        return replace(found, settings=counts)

    def _timeout(self, leaf: Leaf) -> float | None:
        for settings, where in _both(leaf):
            timeout = settings.timeout_seconds
            if isinstance(timeout, Template):
                timeout = self._number(leaf, timeout, where.child("limits", "timeout"), "timeout", PortType.NUMBER)
            if timeout is not None:
                return float(timeout)
        return None

    def _retry_of(self, leaf: Leaf) -> Retry | None:
        own = leaf.step.settings.retry or leaf.component.settings.retry
        level = leaf.level
        while own is None and level is not None:
            # What is said where a pipeline is used wins over what it says of itself.
            given = self._retry if level.step is None else level.step.settings.retry
            own = given or (level.component.retry if level.component is not None else None)
            level = level.level
        return own

    def _number(self, leaf: Leaf, template: Template, place: Place, name: str, type_: PortType) -> float | None:
        text = self._text(leaf.level, leaf, template, place, f"`{name}`")
        if text is None:
            return None
        value, problem = coerce(text, type_)
        if value is None:
            self._problems.error("type-mismatch", f"`{name}` {problem}", place, found=f"`{text}`")
            return None
        assert not isinstance(value, str)
        return value

    def _text(self, level: Level | None, leaf: Leaf | None, template: Template, place: Place, what: str) -> str | None:
        """Return a template with its values; None when an input in it has none, or something is wrong."""
        if template.is_plain:
            return str(template)
        parts: list[str] = []
        for part in template.parts:
            if isinstance(part, str):
                parts.append(part)
                continue
            traced = self._trace(level, leaf, part, place)
            if isinstance(traced, Found) and traced.is_literal:
                parts.append(traced.text)
                continue
            if isinstance(traced, Found):
                is_value = traced.type is not None and traced.type.is_literal
                variable = "a command finds its input `x` in `$AZUREML_PARAMETER_x`"
                folder = "a command finds the path of its input `x` in `$AZURE_ML_INPUT_x`"
                self._problems.error(
                    "data-in-text",
                    f"`{part}` is {'known only when its step has run' if is_value else 'data'}, and {what} is text",
                    place,
                    expected="a value that is written in the file"
                    if is_value
                    else "an input that is a number, a text or a truth value",
                    hint=variable if is_value else folder,
                )
            elif isinstance(traced, Absent) and traced.missing is not None and traced.missing[0].step is not None:
                self._tracer.report_missing(traced)
            return None
        return "".join(parts)

    def _trace(self, level: Level | None, leaf: Leaf | None, part: Expression, place: Place) -> object:
        # `${{inputs.x}}` is the command's own input where there is one; it was also an old
        # spelling of `${{parent.inputs.x}}`.
        name = _name(part)
        if leaf is not None and _is_own(part) and name in always_swept(leaf.step):
            self._problems.error(
                "expression-not-here",
                f"`{part}` is a hyperparameter, and only the command and the variables of a trial can hold one",
                place,
                expected="a value that all trials have",
                hint=f"the command finds it in the variable `AZUREML_SWEEP_{name}`",
            )
            return Broken()
        if leaf is not None and part.names[0] == "inputs" and name in leaf.ports:
            traced = self._tracer.trace(leaf, name)
            if name in leaf.varying and isinstance(traced, Found):
                # What it is the first time says nothing about the others.
                return replace(traced, value=LeafOutput(leaf, name), type=PortType.STRING)
            return traced
        return self._tracer.trace_expression(level, part, place)


def _is_own(part: Expression) -> bool:
    return part.names[0] in {"inputs", "search_space"}


def _name(part: Expression) -> str:
    return ".".join(part.names[1:])


def _both(leaf: Leaf) -> Iterator[tuple[RunSettings, Place]]:
    """Yield the step's settings and the component's, each with the place they are written at."""
    yield leaf.step.settings, leaf.step.place
    yield leaf.component.settings, leaf.component.head.place
