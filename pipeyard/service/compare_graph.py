"""
Two jobs' graphs laid over one another.

In:       the records of two whole jobs.
Out:      plain data: every step, edge, input and output of either, and whether it is only in one of them,
          in both but different, or in both alike.
Not here: where boxes are put (the browser does that), lines of code (`compare_text.py`).

A step is the same step when it stands at the same place. One that was renamed is recognised when nothing else
can be meant: the earlier result stands for it, or it is the only one around that does what the lost one did.
Anything less certain is one step that went and one that came. In what is returned steps are called as in the
first job, and what only the second has is called by where it would stand in the first.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from pipeyard.model.record import JobRecord
from pipeyard.service.compare_facts import aligned, facts_of, input_text
from pipeyard.service.graph_view import edges_of, order_of
from pipeyard.service.records import PIPELINE
from pipeyard.service.wire import plain

Tree = Sequence[JobRecord]
Steps = Mapping[str, JobRecord]
# What edges show better than words.
_SHOWN_AS_EDGES = ("depends_on",)
_AS_IT_IS: Mapping[str, str] = MappingProxyType({})
_SAME_WORK = ("component", "command", "code", "search_space", "items", "condition")


def graph_difference(before: Tree, now: Tree) -> dict[str, Any]:
    """Return both graphs as one. The trees have their root first and parents before children."""
    old, new = _steps(before), _steps(now)
    pairs = paired(old, new)
    back = {theirs: ours for ours, theirs in pairs.items()}
    named = _names(new, back)
    steps = [_pair_row(ours, theirs, old[ours], new[theirs]) for ours, theirs in pairs.items()]
    steps += [_lone_row(key, key, None, record) for key, record in old.items() if key not in pairs]
    steps += [_lone_row(named[key], None, key, record) for key, record in new.items() if key not in back]
    return {
        "before": before[0].name,
        "after": now[0].name,
        "steps": sorted(steps, key=_in_order(old, new, named)),
        "edges": list(_merged(_edges(old, _AS_IT_IS), _edges(new, named))),
        "order": list(_merged(_order(old, _AS_IT_IS), _order(new, named))),
        "inputs": list(_ports(before[0], now[0], "inputs", named)),
        "outputs": list(_ports(before[0], now[0], "outputs", named)),
    }


def paired(old: Steps, new: Steps) -> dict[str, str]:
    """Return which step of the second job is which of the first: `{place in the first: place in the second}`."""
    pairs: dict[str, str] = {}
    back: dict[str, str] = {}
    inside, inside_new = _by_pipeline(old), _by_pipeline(new)
    # From outside to inside: what is in a pipeline is looked for in its partner.
    for around in ["", *(key for key, record in old.items() if record.kind == PIPELINE)]:
        if around and around not in pairs:
            continue
        ours, theirs = inside.get(around, []), inside_new.get(pairs.get(around, ""), [])
        names = {_last(key): key for key in theirs}
        _note(((key, names[_last(key)]) for key in ours if _last(key) in names), pairs, back)
        for trait in (_result, _work_and_place, _work):
            lost = _by(trait, old, (key for key in ours if key not in pairs), _AS_IT_IS)
            come = _by(trait, new, (key for key in theirs if key not in back), back)
            _note(_only_ones(lost, come), pairs, back)
    return {key: pairs[key] for key in old if key in pairs}


def _note(found: Iterable[tuple[str, str]], pairs: dict[str, str], back: dict[str, str]) -> None:
    for ours, theirs in list(found):
        pairs[ours] = theirs
        back[theirs] = ours


def _by_pipeline(steps: Steps) -> dict[str, list[str]]:
    inside: dict[str, list[str]] = {}
    for key in steps:
        inside.setdefault(key.rpartition("/")[0], []).append(key)
    return inside


def _last(key: str) -> str:
    return key.rpartition("/")[2]


def _steps(tree: Tree) -> dict[str, JobRecord]:
    root = tree[0]
    return {row.node_id: row for row in (tree[1:] if root.kind == PIPELINE else tree)}


def _result(step: JobRecord, _: Mapping[str, str]) -> Hashable:
    """Return whose result a step has: that of an earlier one stands for it only if their reuse keys are equal."""
    return None if step.kind == PIPELINE else step.writer


def _work(step: JobRecord, _: Mapping[str, str]) -> Hashable:
    """Return what a step does, apart from its values and its place; a pipeline does what its component says."""
    does = {name: plain(step.detail.get(name)) for name in _SAME_WORK if step.detail.get(name)}
    return (step.kind, repr(does)) if does else None


def _work_and_place(step: JobRecord, named: Mapping[str, str]) -> Hashable:
    """Return what a step does, and what it does it with: several that do the same are told apart by what they read."""
    work = _work(step, named)
    reads = {(named.get(edge["from"], edge["from"]), edge["output"], edge["input"]) for edge in edges_of(step)}
    return (work, frozenset(reads)) if work is not None and reads else None


def _by(
    trait: Callable[[JobRecord, Mapping[str, str]], Hashable],
    steps: Steps,
    keys: Iterable[str],
    named: Mapping[str, str],
) -> dict[Hashable, list[str]]:
    found: dict[Hashable, list[str]] = {}
    for key in keys:
        value = trait(steps[key], named)
        if value is not None:
            found.setdefault(value, []).append(key)
    return found


def _only_ones(old: Mapping[Hashable, list[str]], new: Mapping[Hashable, list[str]]) -> Iterator[tuple[str, str]]:
    for value, ours in old.items():
        theirs = new.get(value, [])
        if len(ours) == 1 and len(theirs) == 1:
            yield ours[0], theirs[0]


def _names(new: Steps, back: Mapping[str, str]) -> dict[str, str]:
    """Return what each step of the second job is called here; parents come before children."""
    named: dict[str, str] = {}
    for key in new:
        around, _, last = key.rpartition("/")
        here = named.get(around, around)
        named[key] = back.get(key) or (f"{here}/{last}" if here else last)
    return named


def _pair_row(ours: str, theirs: str, before: JobRecord, now: JobRecord) -> dict[str, Any]:
    differences = list(_differences(before, now))
    change = "changed" if differences or _last(ours) != _last(theirs) else "same"
    return {
        "key": ours,
        "before": ours,
        "after": theirs,
        "kind": now.kind,
        "change": change,
        "differences": differences,
    }


def _lone_row(key: str, before: str | None, after: str | None, record: JobRecord) -> dict[str, Any]:
    change = "removed" if after is None else "added"
    return {"key": key, "before": before, "after": after, "kind": record.kind, "change": change, "differences": []}


def _differences(before: JobRecord, now: JobRecord) -> Iterator[dict[str, Any]]:
    if before.kind != now.kind:
        yield {"name": "kind", "values": [before.kind, now.kind], "same": False}
    wired = {f"inputs.{name}" for name in _wired(before) & _wired(now)}
    for row in aligned([facts_of(before), facts_of(now)]):
        if not row["same"] and row["name"] not in wired and row["name"] not in _SHOWN_AS_EDGES:
            yield row


def _wired(step: JobRecord) -> set[str]:
    return {name for name, value in (step.detail.get("inputs") or {}).items() if "from" in value}


def _edges(steps: Steps, named: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for record in steps.values():
        for edge in edges_of(record):
            yield {**edge, "from": named.get(edge["from"], edge["from"]), "to": named.get(edge["to"], edge["to"])}


def _order(steps: Steps, named: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for record in steps.values():
        for edge in order_of(record):
            yield {name: named.get(key, key) for name, key in edge.items()}


def _merged(old: Iterable[dict[str, Any]], new: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield what both have, what only the first has, and what only the second has."""
    ours, theirs = ({tuple(edge.values()): edge for edge in edges} for edges in (old, new))
    for way, edge in ours.items():
        yield {**edge, "change": "same" if way in theirs else "removed"}
    for way, edge in theirs.items():
        if way not in ours:
            yield {**edge, "change": "added"}


def _ports(before: JobRecord, now: JobRecord, which: str, named: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield the inputs or outputs of the whole jobs; a command's own are its step's."""
    old, new = (job.detail.get(which) or {} if job.kind == PIPELINE else {} for job in (before, now))
    for name in dict.fromkeys([*old, *new]):
        values = [
            plain(_port_text(port, names)) if port is not None else None
            for port, names in ((old.get(name), _AS_IT_IS), (new.get(name), named))
        ]
        change = "added" if name not in old else "removed" if name not in new else None
        yield {"name": name, "values": values, "change": change or ("same" if values[0] == values[1] else "changed")}


def _port_text(port: Mapping[str, Any], named: Mapping[str, str]) -> Any:
    source = port.get("from")
    return input_text(port) if source is None else f"{named.get(source['node'], source['node'])}.{source['output']}"


def _in_order(old: Steps, new: Steps, named: Mapping[str, str]) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    """Return an order: parents before children, as written in the first job, what came after what was there."""
    place = {key: at for at, key in enumerate(old)}
    for at, key in enumerate(new):
        place.setdefault(named[key], len(old) + at)

    def order(row: Mapping[str, Any]) -> tuple[Any, ...]:
        parts = str(row["key"]).split("/")
        return tuple(place["/".join(parts[: depth + 1])] for depth in range(len(parts)))

    return order
