"""
Whether a search space fits its trial.

In:       the node of a sweep.
Out:      diagnostics at the search space.
Not here: what a distribution may say of itself (`spec/decode_space.py`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from pipeyard.graph.fit import words_of
from pipeyard.graph.model import Node
from pipeyard.graph.problems import Problems
from pipeyard.graph.sweep import Sweep
from pipeyard.model.component import InputPort
from pipeyard.model.diagnostic import Place, Related
from pipeyard.model.sweep import (
    Algorithm,
    Choice,
    Distribution,
    Normal,
    RandInt,
    Rule,
    Sampling,
    SubSpace,
    SweptValue,
    Uniform,
)
from pipeyard.model.types import PortType
from pipeyard.spec.decode_port import value_problem
from pipeyard.spec.scalar import coerce, describe

# As many as `sweep/sobol.py` has directions for.
SOBOL_MAX = 64

_Entry = tuple[str, Distribution | SweptValue, Place]


def check_sweep(node: Node, problems: Problems) -> None:
    """Report hyperparameters that the trial does not have, values that it does not take, and what cannot be drawn."""
    control = node.control
    if not isinstance(control, Sweep):
        return
    spec, where = control.spec, node.step.place.child("search_space")
    entries = list(_entries(spec.space, where))
    for name, one, place in entries:
        port = node.component.inputs.get(name)
        if port is None:
            if not _is_group(one):
                _report_unknown(node, name, place, problems)
        elif not port.is_derived:
            _check_values(port, one, place, spec.sampling, problems)
    _check_twins(entries, problems)
    count = sum(isinstance(one, (Choice, RandInt, Uniform, Normal)) for _, one, _ in entries)
    if spec.sampling.rule is Rule.SOBOL and spec.sampling.algorithm is Algorithm.RANDOM and count > SOBOL_MAX:
        problems.error(
            "wrong-value",
            f"a Sobol sequence has at most {SOBOL_MAX} dimensions, and this space has {count} hyperparameters",
            where,
            expected=f"at most {SOBOL_MAX} hyperparameters",
            hint="use `rule: random`",
        )
    _check_output_paths(node, problems)


def _entries(space: Mapping[str, Distribution | SweptValue], where: Place) -> Iterator[_Entry]:
    for name, one in space.items():
        place = where.child(name)
        yield name, one, place
        for index, value in enumerate(one.values if isinstance(one, Choice) else ()):
            if isinstance(value, SubSpace):
                yield from _entries(value.space, place.child("values", index))


def _is_group(one: Distribution | SweptValue) -> bool:
    return isinstance(one, Choice) and all(isinstance(value, SubSpace) for value in one.values)


def _report_unknown(node: Node, name: str, place: Place, problems: Problems) -> None:
    if problems.explains(node.component.head.place, "inputs", name):
        return
    problems.error(
        "unknown-input",
        f"the trial has no input `{name}`",
        Place(place.source, place.path, on_key=True),
        expected="hyperparameters that are inputs of the trial",
        hint=problems.meant(name, node.component.inputs, what="inputs of the trial"),
        related=(Related("the trial", node.component.head.place),),
    )


def _check_twins(entries: list[_Entry], problems: Problems) -> None:
    """Report a name at the top of the space that a mapping among the values of another choice has too."""
    depth = min((len(place.path) for _, _, place in entries), default=0)
    top = {name: place for name, _, place in entries if len(place.path) == depth}
    for name, _, place in entries:
        other = top.get(name)
        if len(place.path) > depth and other is not None and place.path[:depth] != other.path:
            problems.error(
                "wrong-value",
                f"`{name}` is a hyperparameter of its own already",
                Place(place.source, place.path, on_key=True),
                expected="another name",
                related=(Related("the first", other),),
            )


def _check_values(
    port: InputPort, one: Distribution | SweptValue, place: Place, sampling: Sampling, problems: Problems
) -> None:
    if port.type.is_data:
        problems.error(
            "type-mismatch",
            f"input `{port.name}` takes {words_of(port.type)}, and a hyperparameter is a value",
            place,
            expected="an input that is a number, a text or a truth value",
            related=(Related(f"`{port.name}` is declared here", port.place),),
        )
        return
    if isinstance(one, Choice):
        for index, value in enumerate(one.values):
            if not isinstance(value, SubSpace):
                _check_value(port, value, place.child("values", index), problems)
    elif isinstance(one, RandInt):
        _check_value(port, 0, place.child("upper"), problems)
        _check_value(port, one.upper - 1, place.child("upper"), problems)
    elif isinstance(one, (Uniform, Normal)):
        _check_continuous(port, one, place, sampling, problems)
    else:
        _check_value(port, one, place, problems)


def _check_value(port: InputPort, value: SweptValue, place: Place, problems: Problems) -> None:
    related = (Related(f"`{port.name}` is declared here", port.place),)
    taken, problem = coerce(value, port.type)
    if taken is None:
        problems.error(
            "type-mismatch",
            f"input `{port.name}` {problem}",
            place,
            expected=words_of(port.type),
            found=describe(value),
            related=related,
        )
        return
    refused = value_problem(port, taken)
    if refused is not None:
        problems.error(
            "value-not-allowed",
            f"input `{port.name}` {refused[0]}",
            place,
            expected=refused[1],
            found=f"`{value}`",
            related=related,
        )


def _check_continuous(
    port: InputPort, one: Uniform | Normal, place: Place, sampling: Sampling, problems: Problems
) -> None:
    related = (Related(f"`{port.name}` is declared here", port.place),)
    is_whole = one.quantum is not None and one.quantum == int(one.quantum)
    if port.type is PortType.BOOLEAN or (port.type is PortType.INTEGER and not is_whole):
        problems.error(
            "type-mismatch",
            f"input `{port.name}` takes {words_of(port.type)}, and this distribution has fractions",
            place,
            expected=words_of(port.type),
            hint="use a `q...` distribution with a whole `q`, `randint` or `choice`",
            related=related,
        )
        return
    if not isinstance(one, Uniform):
        return
    base = sampling.log_base or math.e
    low, high = sorted((base**one.low, base**one.high)) if one.is_log else (one.low, one.high)
    for name, value in (("min_value", low), ("max_value", high)):
        refused = value_problem(port, value) if port.type is not PortType.STRING else None
        if refused is not None:
            problems.error(
                "value-not-allowed",
                f"input `{port.name}` {refused[0]}",
                place.child(name),
                expected=refused[1],
                found=f"`{value:g}`",
                related=related,
            )


def _check_output_paths(node: Node, problems: Problems) -> None:
    for name, output in node.outputs.items():
        if output.path is not None and not any(one.names == ("name",) for one in output.path.expressions):
            setting = node.step.outputs.get(name)
            problems.warning(
                "no-effect",
                f"the path of output `{name}` has no effect: each trial of a sweep writes to a place of its own",
                setting.place if setting is not None else node.step.place,
                hint="put `${{name}}` into the path; the output then is where the best trial wrote it",
            )
