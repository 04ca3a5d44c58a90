"""
Whether an expanded graph makes sense: everything that can be said before anything runs.

In:       a graph.
Out:      diagnostics, each said once.
Not here: bindings and values (`graph/expand.py` checks them while it follows them), what
          decoding can see alone (`spec/`), files (`client/`), whether assets and computes exist (`service/`).

Linear in nodes. What concerns a component alone is looked at once per component, not per use.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from pipeyard.graph.check_command import check_command
from pipeyard.graph.check_distribution import check_distribution
from pipeyard.graph.check_driver import check_driver
from pipeyard.graph.check_outputs import check_outputs
from pipeyard.graph.check_sweep import check_sweep
from pipeyard.graph.choose import check_choices
from pipeyard.graph.flow import Choice, ForEach, Loop
from pipeyard.graph.model import Data, Graph, Literal, Node, NodeOutput
from pipeyard.graph.problems import Problems
from pipeyard.graph.repeat import BODY
from pipeyard.graph.sweep import trial_of
from pipeyard.model.diagnostic import Diagnostic, Place
from pipeyard.model.types import EVALUATED, PortType


def check(graph: Graph, reported: Iterable[Diagnostic] = ()) -> tuple[Diagnostic, ...]:
    """
    Return what is wrong with a graph, and what a person should know before it runs.

    *reported* as for `expand`: what follows from those problems is left out.
    """
    problems = Problems(reported)
    _check_graph(graph, problems, set())
    return problems.all()


def _check_graph(graph: Graph, problems: Problems, seen: set[int]) -> None:
    for each in graph.nodes.values():
        if isinstance(each.control, (Loop, ForEach)):
            _check_graph(_body_of(each), problems, seen)
        if isinstance(each.control, (Choice, Loop, ForEach)):
            # No command runs in it.
            continue
        # What runs in a sweep is its trial.
        node = trial_of(each)
        if id(node.component) not in seen:
            seen.add(id(node.component))
            check_command(node.component, problems)
        _check_environment(node, problems)
        check_driver(node, problems)
        _check_limits(node, problems)
        _check_inputs(node, problems)
        check_sweep(each, problems)
    check_outputs(graph, problems)
    check_choices(graph, problems)


def _body_of(node: Node) -> Graph:
    """Return what a node repeats; of one command, under the name that people gave it."""
    assert isinstance(node.control, (Loop, ForEach))
    body = node.control.body
    return body if body.is_pipeline else replace(body, nodes={node.id: replace(body.nodes[BODY], id=node.id)})


def _check_environment(node: Node, problems: Problems) -> None:
    step, component = node.step.settings, node.component.settings
    # One that is written and could not be decoded was reported there.
    is_written = step.environment_place is not None or component.environment_place is not None
    if node.environment is None and not is_written:
        problems.error(
            "missing-environment",
            f"{_who(node)} has no environment to run in",
            _key(node.step.place),
            expected="`environment:` on the step or in its component",
            hint="to use the Python that Pipeyard itself runs with, write `environment: local`",
        )


def _check_limits(node: Node, problems: Problems) -> None:
    if node.instance_count < 1:
        problems.error(
            "wrong-value",
            f"{_who(node)} asks for {node.instance_count} instances",
            _where(node, "resources", "instance_count"),
            expected="a whole number of at least 1",
            found=str(node.instance_count),
        )
    if node.timeout_seconds is not None and not node.timeout_seconds > 0:
        problems.error(
            "wrong-value",
            f"{_who(node)} has a time limit of {node.timeout_seconds:g} seconds",
            _where(node, "limits", "timeout"),
            expected="a number of seconds above 0",
            found=f"{node.timeout_seconds:g}",
            hint="leave `timeout` out for no limit",
        )
    if node.instance_count >= 1 and node.driver is None:
        where = _where(node, "resources", "instance_count")
        check_distribution(node, problems, who=_who(node), instances_place=where)


def _check_inputs(node: Node, problems: Problems) -> None:
    for name, bound in node.inputs.items():
        if isinstance(bound, Literal) or bound.mode not in EVALUATED or bound.type is PortType.MLTABLE:
            continue
        port = node.component.inputs.get(name)
        # A step before may have written a table to an output that it called a folder.
        if isinstance(bound, NodeOutput) and port is not None and port.type is PortType.MLTABLE:
            continue
        value = node.step.inputs.get(name)
        place = bound.place if isinstance(bound, Data) else value.place if value is not None else node.step.place
        problems.error(
            "mode-mismatch",
            f"input `{name}` has the mode `{bound.mode.value}`, which gives the files that an MLTable names",
            place,
            expected=f"`type: mltable`, or for `{bound.type.value}` one of `ro_mount`, `rw_mount`, `download`, `direct`",
            found=f"`{bound.type.value}`",
        )


def _who(node: Node) -> str:
    return f"step `{node.id}`" if node.id else "this job"


def _where(node: Node, block: str, field: str) -> Place:
    """Return where a setting is written: on the step if it says something of it, else in its component."""
    settings = node.step.settings
    is_here = settings.resources is not None if block == "resources" else settings.timeout_seconds is not None
    place = node.step.place if is_here else node.component.head.place
    return place.child(block, field)


def _key(place: Place) -> Place:
    return Place(place.source, place.path, on_key=bool(place.path))
