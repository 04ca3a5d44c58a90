"""
`ports.OutputStore` over local datastores and worker processes.

In:       attempts that ended, with what they were to write.
Out:      rows for the store: what is where, and what went wrong.
Not here: moving files (`publish.py`), storing the rows (the engine).
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeyard.datastore.local import LocalDatastores
from pipeyard.datastore.pool import WorkerPool
from pipeyard.datastore.publish import Publication
from pipeyard.datastore.worker import AttemptAnswer, AttemptTask, error_facts, store_attempts
from pipeyard.launch.plan import PlannedOutput
from pipeyard.model.assets import DatastoreUri
from pipeyard.model.errors import Bug, PipeyardError
from pipeyard.model.record import OutputRecord, default_output_uri
from pipeyard.ports import StoreRequest, StoreResult

_URI_PREFIX = "azureml://datastores/"


class LocalOutputStore:
    """Gives outputs their final names in the datastores of a home."""

    def __init__(self, datastores: LocalDatastores, pool: WorkerPool) -> None:
        """Take where datastores are and who does the work."""
        self._datastores = datastores
        self._pool = pool

    def store(self, requests: Sequence[StoreRequest]) -> Sequence[StoreResult]:
        """Store what several attempts wrote; one result each, in order. One call into a worker for all of them."""
        tasks: dict[int, AttemptTask] = {}
        refused: dict[int, StoreResult] = {}
        for number, request in enumerate(requests):
            try:
                tasks[number] = self._task_of(request)
            except PipeyardError as problem:  # noqa: PERF203 (one request's failure is its own)
                refused[number] = StoreResult(request.attempt_id, error=error_facts(problem, request.job_name))
        answers = dict(zip(tasks, self._run(list(tasks.values())), strict=True))
        return tuple(
            refused[number] if number in refused else _result_of(request, answers[number])
            for number, request in enumerate(requests)
        )

    def _run(self, tasks: list[AttemptTask]) -> list[AttemptAnswer]:
        if not tasks:
            return []
        try:
            return self._pool.run(store_attempts, tasks)
        except PipeyardError as problem:
            return [AttemptAnswer((), error_facts(problem, task.root)) for task in tasks]

    def _task_of(self, request: StoreRequest) -> AttemptTask:
        outputs = tuple(self._publication_of(request, output) for output in request.outputs)
        artifacts = tuple(
            (f"{request.root}/{move.path}", str(self._datastores.local_path(request.workspace, move.uri)))
            for move in request.artifacts
        )
        return AttemptTask(request.root, outputs, artifacts, request.is_complete)

    def _publication_of(self, request: StoreRequest, output: PlannedOutput) -> Publication:
        uri = _final_uri(output)
        default = default_output_uri(uri.datastore, request.job_name, output.name)
        return Publication(
            name=output.name,
            source=f"{request.root}/{output.path}",
            target=str(self._datastores.local_path(request.workspace, uri)),
            is_file=output.is_file,
            merges=not f"{uri.path.rstrip('/')}/".startswith(default.path),
            is_direct=output.is_direct,
        )


def _result_of(request: StoreRequest, answer: AttemptAnswer) -> StoreResult:
    outputs = {output.name: output for output in request.outputs}
    # A step with an output that could not be stored has failed: nobody may read the others either.
    state = "complete" if request.is_complete and answer.error is None else "kept"
    rows = []
    for name, manifest, digest in answer.outputs:
        output = outputs[name]
        row = OutputRecord(
            job_name=request.job_name,
            output=name,
            uri=_final_uri(output),
            type=output.type,
            state=state,
            digest=digest,
            size=manifest.size,
            file_count=len(manifest.entries),
            is_file=manifest.is_file,
        )
        rows.append((row, manifest))
    return StoreResult(request.attempt_id, tuple(rows), answer.error)


def _final_uri(output: PlannedOutput) -> DatastoreUri:
    """Return the URI of the output itself: of the file, when it is one."""
    datastore, middle, path = output.uri.removeprefix(_URI_PREFIX).partition("/paths/")
    if not output.uri.startswith(_URI_PREFIX) or not middle:
        raise Bug(f"output `{output.name}` was planned for `{output.uri}`, which is no short datastore URI")
    if output.is_file and path.endswith("/"):
        path += output.path.rpartition("/")[2]
    return DatastoreUri(datastore, path)
