"""
Why steps run although nothing forbids reuse: what changed since they ran before.

In:       steps with the parts of their keys, for which no earlier result was found.
Out:      reasons for each, against the newest completed run of the same step.
Not here: the sentences (`pipeyard/reuse/reason.py`), looking up results (`lookup.py`).

Used by the engine for steps that run, and by the service for steps that might. Runs in
threads; changes nothing. One query for the earlier runs of all; files of folders are
read only where a folder changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import Any

from pipeyard.graph.model import Node
from pipeyard.model.assets import Manifest
from pipeyard.model.errors import PipeyardError
from pipeyard.model.reuse import Reason, ResultRecord
from pipeyard.model.value import dataclass
from pipeyard.ports import Store
from pipeyard.reuse.parts import KeyParts
from pipeyard.reuse.reason import NOTHING_EARLIER, Details, reasons_of
from pipeyard.spec.reference import parse_job_output_uri

NO_UPLOADS: Mapping[str, Manifest] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Unexplained:
    """A step that no earlier result stands for."""

    node: Node
    # Who counts as the same step (`pipeyard/reuse/step.py`).
    step: str
    parts: KeyParts
    # Which step's output an input is now: its job and the output's name; None: no step's.
    made_by: Callable[[str], tuple[str, str] | None] = lambda _name: None
    # The files of an input that a step has just written, so that the store may not know them yet.
    fresh: Callable[[str], Manifest | None] = lambda _name: None


class Explainer:
    """Compares with earlier runs. Serves one call; what was read for one step serves the others."""

    def __init__(self, store: Store, workspace: str, uploads: Mapping[str, Manifest] = NO_UPLOADS) -> None:
        """Look into one workspace; *uploads* are trees by digest that the store does not have yet."""
        self._store = store
        self._workspace = workspace
        self._uploads: dict[str, Manifest | None] = dict(uploads)
        self._outputs: dict[tuple[str, str], Manifest | None] = {}
        self._inputs: dict[str, Mapping[str, Any]] = {}

    def explain(self, asked: Sequence[Unexplained]) -> list[tuple[Reason, ...]]:
        """Return the reasons for each step, in order; at least one."""
        earlier = self._store.newest_results(self._workspace, [one.step for one in asked]) if asked else {}
        return [self._reasons(one, earlier.get(one.step)) for one in asked]

    def details(self, one: Unexplained, earlier: ResultRecord) -> Details:
        """Return who knows the files of a step, now and in an earlier run."""

        def before(name: str) -> Manifest | None:
            return self._input(earlier.job_name, name)

        def now(name: str) -> Manifest | None:
            made = one.made_by(name)
            return one.fresh(name) or (None if made is None else self._output(*made))

        return Details(self.upload, before, now)

    def upload(self, digest: str) -> Manifest | None:
        """Return the files of an upload; None if it is not known by that digest."""
        if digest not in self._uploads:
            self._uploads[digest] = None
            with suppress(PipeyardError):
                self._uploads[digest] = self._store.load_upload_manifest(self._workspace, digest)
        return self._uploads[digest]

    def _reasons(self, one: Unexplained, earlier: ResultRecord | None) -> tuple[Reason, ...]:
        if earlier is None:
            return (NOTHING_EARLIER,)
        return reasons_of(one.node, one.parts, earlier, self.details(one, earlier)) or (NOTHING_EARLIER,)

    def _input(self, job_name: str, name: str) -> Manifest | None:
        """Return the files that an earlier step read, as far as a step wrote them."""
        if job_name not in self._inputs:
            job = self._store.load_job(self._workspace, job_name)
            self._inputs[job_name] = {} if job is None else job.detail.get("inputs") or {}
        shown = self._inputs[job_name].get(name) or {}
        source = shown.get("from")
        if source is not None:
            return self._output(str(source["job"]), str(source["output"]))
        named = parse_job_output_uri(str(shown.get("path") or ""))
        return None if named is None or named.path else self._output(named.job, named.output)

    def _output(self, job_name: str, output: str) -> Manifest | None:
        key = (job_name, output)
        if key not in self._outputs:
            self._outputs[key] = None
            with suppress(PipeyardError):
                self._outputs[key] = self._store.load_manifest(self._workspace, job_name, output)
        return self._outputs[key]
