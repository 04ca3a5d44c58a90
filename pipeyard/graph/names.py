"""
Names that would get in each other's way.

In:       a job and its tree.
Out:      diagnostics.
Not here: names that do not exist (`graph/trace.py`), the form of names (`spec/decode.py`).

Inputs and outputs become environment variables (section 10.1), and Azure compares
names without regard to case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pipeyard.graph.problems import Problems
from pipeyard.graph.tree import Tree
from pipeyard.model.component import CommandComponent, PipelineComponent
from pipeyard.model.diagnostic import Place, Related
from pipeyard.model.job import JobSpec, PipelineJob

# Section 2, validation 6.
RESERVED_NAMES = frozenset({"path", "ld_library_path", "user", "logname", "home", "pwd", "shell"})


def check_names(job: JobSpec, tree: Tree, problems: Problems) -> None:
    """Report reserved names and names that differ in case only."""
    if isinstance(job, PipelineJob):
        _check_map({name: value.place for name, value in job.inputs.items()}, "input", problems)
        _check_map({name: value.place for name, value in job.outputs.items()}, "output", problems)
        _check_same({key: step.place for key, step in job.jobs.items()}, "step", problems)
    components: dict[int, CommandComponent | PipelineComponent] = {}
    for leaf in tree.leaves:
        components[id(leaf.component)] = leaf.component
    for level in tree.levels:
        if level.component is not None:
            components[id(level.component)] = level.component
    _check_components(components.values(), problems)


def _check_components(components: Iterable[CommandComponent | PipelineComponent], problems: Problems) -> None:
    for component in components:
        _check_map({name: port.place for name, port in component.inputs.items()}, "input", problems)
        _check_map({name: port.place for name, port in component.outputs.items()}, "output", problems)
        if isinstance(component, PipelineComponent):
            _check_same({key: step.place for key, step in component.jobs.items()}, "step", problems)


def _check_map(places: Mapping[str, Place], what: str, problems: Problems) -> None:
    for name, place in places.items():
        if name.lower() in RESERVED_NAMES:
            problems.error(
                "reserved-name",
                f"no {what} may be called `{name}`: the shell has a variable of that name",
                _key(place),
                hint=f"call it `{name}_{what}`",
            )
    _check_same(places, what, problems)


def _check_same(places: Mapping[str, Place], what: str, problems: Problems) -> None:
    first: dict[str, str] = {}
    for name, place in places.items():
        other = first.setdefault(name.casefold(), name)
        if other != name:
            problems.error(
                "name-clash",
                f"`{other}` and `{name}` differ in case only",
                _key(place),
                expected=f"{what}s with different names",
                related=(Related("the first", _key(places[other])),),
            )


def _key(place: Place) -> Place:
    """Return the place of the name rather than of what is behind it."""
    return Place(place.source, place.path, on_key=bool(place.path))
