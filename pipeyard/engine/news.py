"""
A fact on its way to the loop, with what has to be stored beside it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from pipeyard.model.asset_record import AssetVersion
from pipeyard.model.assets import Manifest
from pipeyard.model.record import OutputRecord
from pipeyard.model.reuse import Reason, ResultRecord
from pipeyard.model.value import dataclass
from pipeyard.scheduler.event import Event


@dataclass(frozen=True, slots=True)
class Reuse:
    """What was found out when a step was looked up."""

    # To be stored; None: of what the step reads, something cannot be known.
    result: ResultRecord | None = None
    # Why it runs.
    reasons: tuple[Reason, ...] = ()
    # What it has now, of a step whose result stands for it.
    outputs: tuple[OutputRecord, ...] = ()
    # Digests of its inputs, if somebody could write to one of them while it reads it.
    read: Mapping[str, str] = field(default_factory=dict)
    # By output: the version that the earlier step made of it, {kind, name, version}.
    registered: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    # (job, output, the manifest with newer looks) of what was looked at.
    seen: tuple[tuple[str, str, Manifest], ...] = ()


@dataclass(frozen=True, slots=True)
class News:
    """One fact; everything beside it is dropped when the fact does not fit."""

    fact: Event
    # Stored in the same batch as the fact.
    outputs: tuple[tuple[OutputRecord, Manifest], ...] = ()
    # The same, when the step has completed by it.
    versions: tuple[AssetVersion, ...] = ()
    # The same, when the step was looked up.
    reuse: Reuse | None = None
    # What the step read was changed meanwhile: nobody can say what its result is of.
    is_doubtful: bool = False
    # More about a failure: `last_lines`.
    failure: Mapping[str, Any] = field(default_factory=dict)
    # The fact is in the history already.
    is_stored: bool = False
    # Told when the fact is durable.
    done: asyncio.Future[None] | None = None
