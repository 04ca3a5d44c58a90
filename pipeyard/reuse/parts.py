"""
Name a step's result, so that an equal result need not be computed twice.

In:       a node of a checked graph; what only others know: digests of bytes, and the environment's identity.
Out:      the parts of a key as plain data, and the key.
Not here: looking a key up (`engine/`), deciding (`choice.py`), comparing (`compare.py`).

Invariant: nodes with equal keys would run the same command on the same bytes in the same
environment. A wrong miss costs minutes; a wrong hit costs trust. In doubt, a field is added.

Left out on purpose, because they do not change what a command makes: compute, size of an
instance, time limit, retry, priority, names, display names, descriptions, tags.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import field, fields
from typing import Any

from pipeyard.graph.model import BoundInput, BoundOutput, Literal, Node
from pipeyard.model.component import Scalar
from pipeyard.model.driver import Driver
from pipeyard.model.reuse import EnvironmentIdentity
from pipeyard.model.value import dataclass

# Changes when equal parts come to mean something else; results of another format are never found.
FORMAT = 1

# What a key is made of, ready for JSON. Its own fields are read by `compare.py` only.
KeyParts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """What the graph does not know of a node."""

    environment: EnvironmentIdentity
    # Digest of the code folder; None: the step has none.
    code: str | None = None
    # Digest of the bytes of each data input, by its name: of what another step wrote, its output's. Of a table
    # that names files outside of its own folder, over those too. One that is missing is not known yet.
    contents: Mapping[str, str] = field(default_factory=dict)
    # What other steps wrote as values, as the inputs take them.
    values: Mapping[str, Scalar] = field(default_factory=dict)


def key_parts(node: Node, facts: KeyFacts) -> KeyParts:
    """Return what the key of a node is made of."""
    component = node.component
    parts: dict[str, Any] = {
        "format": FORMAT,
        "type": component.kind.value,
        "command": component.command.text,
        "code": facts.code,
        "environment": {"digest": facts.environment.digest, "parts": facts.environment.parts},
        "inputs": {name: _input_part(node, name, bound, facts) for name, bound in node.inputs.items()},
        "outputs": {name: _output_part(bound) for name, bound in node.outputs.items()},
        "variables": dict(node.environment_variables),
    }
    if node.driver is not None:
        parts["task"] = _task_part(node.driver)
    elif node.instance_count > 1 or node.distribution is not None:
        # How many work together changes what each of them makes.
        parts["instances"] = node.instance_count
        if node.distribution is not None:
            # Of another form than before there were several: then one process ran, and its result is another.
            parts["distribution"] = {node.distribution.type: dict(node.distribution.settings)}
    return parts


def key_of(parts: KeyParts) -> str:
    """
    Return the key of parts: a SHA-256 in hex.

    Of the environment its digest alone enters; its parts are kept for explanations.
    """
    hashed = {**parts, "environment": parts["environment"]["digest"]}
    # ASCII: text that is no valid Unicode has a spelling too.
    return hashlib.sha256(_encode(hashed).encode("ascii")).hexdigest()


def undecided_inputs(parts: KeyParts) -> tuple[str, ...]:
    """Return the inputs whose bytes are not known yet; a key of such parts means nothing."""
    return tuple(name for name, part in parts["inputs"].items() if part.get("content", "") is None)


def with_undecided(parts: KeyParts, node: Node, names: Collection[str]) -> KeyParts:
    """Return parts that were made without some inputs, with these as not known yet."""
    facts = KeyFacts(EnvironmentIdentity(""))
    more = {name: _input_part(node, name, node.inputs[name], facts) for name in names}
    return {**parts, "inputs": {**parts["inputs"], **more}}


def with_assumed(parts: KeyParts, names: Collection[str], earlier: KeyParts) -> KeyParts:
    """Return the parts as they will be if those inputs come out as they were in an earlier run."""
    kept = earlier.get("inputs") or {}
    assumed = {
        name: _assumed(part, kept[name]) if name in names and name in kept else part
        for name, part in parts["inputs"].items()
    }
    return {**parts, "inputs": assumed}


def _assumed(part: Mapping[str, Any], earlier: Mapping[str, Any]) -> dict[str, Any]:
    if "mode" not in part:
        # A value: it is all that there is to it.
        return {"type": part["type"], **({"value": earlier["value"]} if "value" in earlier else {"content": None})}
    return {**part, "content": earlier.get("content")}


def _input_part(node: Node, name: str, bound: BoundInput, facts: KeyFacts) -> dict[str, Any]:
    if isinstance(bound, Literal) or name in facts.values:
        port = node.component.inputs.get(name)
        # Wherever a value comes from, it is the same value.
        value = bound.value if isinstance(bound, Literal) else facts.values[name]
        return {"type": port.type.value if port is not None else None, "value": value}
    if bound.type.is_literal:
        # Not known yet, like the bytes of data.
        return {"type": bound.type.value, "content": None}
    # None: not known yet.
    return {"type": bound.type.value, "mode": bound.mode.value, "content": facts.contents.get(name)}


def _task_part(task: Driver) -> dict[str, Any]:
    # How many workers share the work, how often and how long each try may take: no part of what comes out.
    left_out = {"place", "input_place", "append_place", "conf_place", "logging_level", "max_concurrency"}
    left_out |= {"max_retries", "timeout_seconds"}
    return {one.name: getattr(task, one.name) for one in fields(task) if one.name not in left_out}


def _output_part(bound: BoundOutput) -> dict[str, Any]:
    part = {"type": bound.type.value, "mode": bound.mode.value}
    # With its macros: the name of a job in a path is no other place.
    return part if bound.path is None else {**part, "path": str(bound.path)}


def _plain(value: Any) -> Any:
    # Settings of a distribution, and parts of an environment, may be read-only mappings.
    return dict(value) if isinstance(value, Mapping) else list(value)


# One for all calls: `json.dumps` makes a new one each time it is given options.
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=_plain).encode
