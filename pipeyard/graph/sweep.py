"""
A sweep in the graph: a node whose body is one trial.

In:       the node of the trial, as a command would have it, and the step's `SweepSpec`.
Out:      the control node.
Not here: whether the search space fits the trial (`graph/check_sweep.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pipeyard.graph.control import Repeated
from pipeyard.graph.model import BoundInput, BoundOutput, Given, Graph, Literal, Node, NodeOutput
from pipeyard.model.component import InputPort, Step
from pipeyard.model.sweep import SweepLimits, SweepSpec, SweptValue, names_of
from pipeyard.model.types import InputMode, PortType
from pipeyard.model.value import dataclass
from pipeyard.spec.scalar import coerce

# The only node of a trial.
TRIAL = ""
_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Sweep(Repeated):
    """Try a search space, and keep the best."""

    # With `limits` whose expressions have their values.
    spec: SweepSpec


def always_swept(step: Step) -> frozenset[str]:
    """Return the inputs of a trial to which every trial gives a value of its own."""
    spec = step.control_spec
    return frozenset(names_of(spec.space)[0]) if isinstance(spec, SweepSpec) else frozenset()


def swept_names(step: Step) -> frozenset[str]:
    """Return the inputs of a trial that any trial of a sweep has a value of its own for."""
    spec = step.control_spec
    return frozenset(name for names in names_of(spec.space) for name in names) if isinstance(spec, SweepSpec) else _NONE


def given(name: str, port: InputPort) -> Given:
    """Return the input of a trial that a hyperparameter fills."""
    type_ = PortType.STRING if port.is_derived else port.type
    return Given(name, type_, port.mode or InputMode.RO_MOUNT)


def sweep_node(trial: Node, spec: SweepSpec, limits: SweepLimits, body: Graph) -> Node:
    """
    Return the node of a sweep, made of that of its trial.

    *body* says what a child job has from its parent: datastore, `force_rerun`.
    """
    sometimes = frozenset(names_of(spec.space)[1])
    inputs = {name: _open(name, bound, trial, is_swept=name in sometimes) for name, bound in trial.inputs.items()}
    for name in sometimes & trial.component.inputs.keys():
        inputs.setdefault(name, given(name, trial.component.inputs[name]))
    own = _timeout(trial.timeout_seconds, limits.trial_timeout_seconds)
    node = replace(
        trial,
        id=TRIAL,
        inputs=inputs,
        outputs={name: _of_trial(output) for name, output in trial.outputs.items()},
        timeout_seconds=own,
        hyperparameters=frozenset(name for names in names_of(spec.space) for name in names),
        upstream=frozenset(),
    )
    outputs = {name: NodeOutput(TRIAL, name, output.type, InputMode.RO_MOUNT) for name, output in trial.outputs.items()}
    graph = replace(
        body, nodes={TRIAL: node}, groups={}, children=(TRIAL,), inputs=inputs, outputs=outputs, output_settings={}
    )
    return replace(
        trial,
        inputs={name: bound for name, bound in trial.inputs.items() if not isinstance(bound, Given)},
        # What the trials run in is theirs.
        environment=None,
        timeout_seconds=None,
        retry=None,
        instance_count=1,
        distribution=None,
        control=Sweep(graph, replace(spec, limits=limits)),
    )


def trial_of(node: Node) -> Node:
    """Return what runs: of a sweep its trial, under the sweep's own id; any other node as it is."""
    control = node.control
    return replace(control.body.nodes[TRIAL], id=node.id) if isinstance(control, Sweep) else node


def literal_of(port: InputPort | None, value: SweptValue) -> Literal:
    """Return a hyperparameter's value as its input takes it; that it can was checked."""
    if port is None or port.is_derived:
        return Literal(value)
    taken, _ = coerce(value, port.type)
    return Literal(value if taken is None else taken)


def _open(name: str, bound: BoundInput, trial: Node, *, is_swept: bool) -> BoundInput:
    """Return an input as the body has it: what is not the same for ever is given to each trial."""
    if is_swept:
        return given(name, trial.component.inputs[name])
    if isinstance(bound, (Literal, Given)):
        return bound
    return Given(name, bound.type, bound.mode)


def _of_trial(output: BoundOutput) -> BoundOutput:
    """Return an output of one trial: at a place of its own, and registered by the sweep alone."""
    is_own = output.path is not None and any(one.names == ("name",) for one in output.path.expressions)
    return replace(output, path=output.path if is_own else None, register_name=None, register_version=None)


def _timeout(own: float | None, limit: object) -> float | None:
    known = [seconds for seconds in (own, limit) if isinstance(seconds, float | int)]
    return float(min(known)) if known else None


def swept_inputs(values: Mapping[str, SweptValue], trial: Node) -> dict[str, Literal]:
    """Return what one trial is given of its hyperparameters."""
    ports = trial.component.inputs
    return {name: literal_of(ports.get(name), value) for name, value in values.items() if name in ports}
