"""
Put what attempts wrote in its final place, many attempts at a time.

In:       attempts whose processes ended.
Out:      one piece of news for each: stored, or not and why; with the manifests, and the
          log's last lines when the step failed.
Not here: moving files (`datastore/`).

Runs in a thread; touches nothing that the loop changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from pipeyard.engine.book import JobBook
from pipeyard.engine.bringing import Bringer
from pipeyard.engine.conduct.ending import Taken, read_taken
from pipeyard.engine.failure import error_of
from pipeyard.engine.log_tail import read_last_lines
from pipeyard.engine.lookup import LookUp
from pipeyard.engine.news import News
from pipeyard.engine.planning import Planner, is_elsewhere
from pipeyard.engine.register import Registrar
from pipeyard.engine.report import AttemptKey
from pipeyard.engine.said_values import write_said
from pipeyard.engine.surroundings import Surroundings
from pipeyard.graph.control import CONTROL_POOL
from pipeyard.launch.plan import WORKING_DIR
from pipeyard.model.asset_record import AssetVersion
from pipeyard.model.assets import Manifest
from pipeyard.model.errors import ComputeError, NoWorkers
from pipeyard.model.record import OutputRecord, artifact_root
from pipeyard.model.value import dataclass
from pipeyard.ports import ArtifactMove, StoreRequest, StoreResult
from pipeyard.scheduler import event as facts

# Folders in the working folder that are kept as the job's artifacts (section 10.3).
KEPT_FOLDERS = ("outputs", "logs")


@dataclass(frozen=True, slots=True)
class Finished:
    """An attempt that nothing writes to any more."""

    key: AttemptKey
    book: JobBook
    is_complete: bool


class Finisher:
    """Turns ended attempts into stored outputs."""

    def __init__(self, world: Surroundings, planner: Planner, bringer: Bringer) -> None:
        """Store through the world's output store."""
        self._world = world
        self._planner = planner
        self._bringer = bringer
        self._registrar = Registrar(world)
        self._look_up = LookUp(world)

    def store(self, finished: Sequence[Finished]) -> list[News]:
        """Return what became of each attempt. Raises `NoWorkers` if the server itself cannot store anything now."""
        wanted = [self._request(one) for one in finished]
        requests = [request for request in wanted if isinstance(request, StoreRequest)]
        results = {refused.attempt_id: refused for refused in wanted if isinstance(refused, StoreResult)}
        try:
            stored = self._world.outputs.store(requests) if requests else ()
            results |= {result.attempt_id: result for result in stored}
        except NoWorkers:
            raise
        except Exception as problem:  # noqa: BLE001 - becomes the error of every step in the call
            results |= {request.attempt_id: _not_stored(request.attempt_id, problem) for request in requests}
        return [self._news(one, self._with_taken(one, results[one.key.attempt_id])) for one in finished]

    def release(self, key: AttemptKey) -> None:
        """Forget what was held for an attempt whose end is durable."""
        self._registrar.release(key)

    def _request(self, one: Finished) -> StoreRequest | StoreResult:
        """Return what to store of an attempt, or why that cannot even be said."""
        try:
            return self._request_of(one)
        except Exception as problem:  # noqa: BLE001 - becomes the step's error, whatever it was
            return _not_stored(one.key.attempt_id, problem)

    def _request_of(self, one: Finished) -> StoreRequest:
        key, book = one.key, one.book
        compute = self._world.computes.get(key.pool) or self._world.computes["local"]
        root = compute.staging_root(key.attempt_id)
        target = artifact_root(key.job_name)
        taken = read_taken(root) if key.pool == CONTROL_POOL else ()
        outputs = tuple(output for output in self._planner.outputs_of(book, key) if output.name not in taken)
        if one.is_complete:
            write_said(self._world, book.workspace, key.job_name, root, outputs)
        return StoreRequest(
            attempt_id=key.attempt_id,
            workspace=book.workspace,
            job_name=key.job_name,
            root=root,
            outputs=outputs,
            artifacts=tuple(ArtifactMove(f"{WORKING_DIR}/{name}", target.child(name)) for name in KEPT_FOLDERS),
            is_complete=one.is_complete,
            write_backs=self._bringer.write_backs(book, key) if one.is_complete else (),
        )

    def _with_taken(self, one: Finished, result: StoreResult) -> StoreResult:
        """Return what was stored of a control node with what it takes from its children."""
        if one.key.pool != CONTROL_POOL or not one.is_complete or result.error is not None:
            return result
        try:
            taken = read_taken(self._world.computes["local"].staging_root(one.key.attempt_id))
            made = self._world.store.load_made(one.book.workspace, sorted({of.job for of in taken.values()}))
            rows = tuple(_taken_row(name, of, one.key, made) for name, of in taken.items())
        except Exception as problem:  # noqa: BLE001 - becomes the step's error, whatever it was
            return _not_stored(one.key.attempt_id, problem)
        return replace(result, outputs=(*result.outputs, *rows))

    def _news(self, one: Finished, result: StoreResult) -> News:
        key = one.key
        now_ms = self._world.clock.now_ms()
        failure = {} if one.is_complete else self._failure(one)
        versions, error = self._versions(one, result)
        if error is not None:
            not_stored = facts.OutputsNotStored(key.job, key.node, key.attempt, now_ms, error)
            # Of a step that failed after all: to look at only.
            kept = tuple((replace(output, state="kept"), manifest) for output, manifest in result.outputs)
            return News(not_stored, kept, failure=failure)
        stored = facts.OutputsStored(key.job, key.node, key.attempt, now_ms)
        is_doubtful = one.is_complete and self._look_up.was_changed(one.book, key.node)
        return News(stored, result.outputs, versions, failure=failure, is_doubtful=is_doubtful)

    def _versions(
        self, one: Finished, result: StoreResult
    ) -> tuple[tuple[AssetVersion, ...], Mapping[str, Any] | None]:
        if result.error is not None or not one.is_complete:
            return (), result.error
        try:
            self._vouch(one, result)
            return self._registrar.versions(one.book, one.key, [output for output, _ in result.outputs])
        except Exception as problem:  # noqa: BLE001 - becomes the step's error, whatever it was
            return (), error_of(problem, "store")

    def _vouch(self, one: Finished, result: StoreResult) -> None:
        """Remember how files look that become a version, while nobody but the step has touched them."""
        if self._world.originals is None:
            return
        bound = one.book.graph.nodes[one.key.node].outputs
        for output, manifest in result.outputs:
            is_version = output.output in bound and bound[output.output].register_name is not None
            if is_version and not is_elsewhere(self._world, one.book, output.uri):
                # Without it, the first step that reads them looks at their bytes.
                with suppress(OSError):
                    self._world.originals.vouch(one.book.workspace, output.uri, manifest)

    def _failure(self, one: Finished) -> Mapping[str, Any]:
        log = self._world.datastores.local_path(one.book.workspace, one.book.log_of(one.key.node))
        return {"last_lines": read_last_lines(log)}


def _taken_row(
    name: str, of: Taken, key: AttemptKey, made: Mapping[str, Sequence[tuple[OutputRecord, Manifest]]]
) -> tuple[OutputRecord, Manifest]:
    for output, manifest in made.get(of.job, ()):
        if output.output == of.output:
            return replace(output, job_name=key.job_name, output=name, source_job=of.job), manifest
    raise ComputeError(f"job `{of.job}` has no output `{of.output}`", code="missing-output")


def _not_stored(attempt_id: str, problem: Exception) -> StoreResult:
    return StoreResult(attempt_id, error=error_of(problem, "store"))
