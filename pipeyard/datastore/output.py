"""
`ports.OutputStore` over datastores here and elsewhere, and worker processes.

In:       attempts that ended, with what they were to write.
Out:      rows for the store: what is where, and what went wrong.
Not here: moving files (`publish.py`, `remote/store.py`), storing the rows (the engine).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeyard.datastore.local import LocalDatastores
from pipeyard.datastore.pool import WorkerPool
from pipeyard.datastore.publish import Publication
from pipeyard.datastore.remote.store import RemoteAnswer, RemoteChange, RemoteOutput, RemoteTask
from pipeyard.datastore.small import is_small
from pipeyard.datastore.transfer import RemoteTransfers
from pipeyard.datastore.worker import AttemptAnswer, AttemptTask, ErrorFacts, error_facts, store_attempts
from pipeyard.launch.plan import PlannedOutput
from pipeyard.model.assets import DatastoreUri
from pipeyard.model.component import Scalar
from pipeyard.model.errors import Bug, NoWorkers, PipeyardError
from pipeyard.model.record import OutputRecord, default_output_uri
from pipeyard.model.types import PortType
from pipeyard.ports import StoreRequest, StoreResult
from pipeyard.spec.written import read_written

_URI_PREFIX = "azureml://datastores/"


class LocalOutputStore:
    """Gives outputs their final names in the datastores of a home."""

    def __init__(self, datastores: LocalDatastores, pool: WorkerPool, transfers: RemoteTransfers | None = None) -> None:
        """Take where datastores are and who does the work; without *transfers*, all of them are folders here."""
        self._datastores = datastores
        self._pool = pool
        self._transfers = transfers

    def store(self, requests: Sequence[StoreRequest]) -> Sequence[StoreResult]:
        """
        Store what several attempts wrote; one result each, in order. One call into a worker for all of them.

        Raises `NoWorkers` when there can be no worker; it may be asked again, for what was stored already too.
        """
        tasks: dict[int, AttemptTask] = {}
        remote: dict[int, RemoteTask] = {}
        refused: dict[int, StoreResult] = {}
        for number, request in enumerate(requests):
            try:
                tasks[number] = self._task_of(request)
                elsewhere = self._remote_task_of(request)
                if elsewhere is not None:
                    remote[number] = elsewhere
            except PipeyardError as problem:  # noqa: PERF203 (one request's failure is its own)
                refused[number] = StoreResult(request.attempt_id, error=error_facts(problem, request.job_name))
                tasks.pop(number, None)
        answers = dict(zip(tasks, self._run(list(tasks.values())), strict=True))
        if remote and self._transfers is not None:
            for number, sent in zip(remote, self._transfers.store_outputs(list(remote.values())), strict=True):
                answers[number] = _together(answers[number], sent)
        return tuple(
            refused[number] if number in refused else _result_of(request, answers[number])
            for number, request in enumerate(requests)
        )

    def _run(self, tasks: list[AttemptTask]) -> list[AttemptAnswer]:
        if not tasks:
            return []
        if len(tasks) == 1 and is_small(tasks[0]):
            return store_attempts(tasks)
        try:
            return self._pool.run(store_attempts, tasks)
        except NoWorkers:
            # Of no step's making: whoever asked tries again.
            raise
        except PipeyardError as problem:
            return [AttemptAnswer((), error_facts(problem, task.root)) for task in tasks]

    def _task_of(self, request: StoreRequest) -> AttemptTask:
        outputs = tuple(
            self._publication_of(request, output) for output in request.outputs if not self._is_remote(request, output)
        )
        artifacts = tuple(
            (f"{request.root}/{move.path}", str(self._datastores.local_path(request.workspace, move.uri)))
            for move in request.artifacts
        )
        return AttemptTask(request.root, outputs, artifacts, request.is_complete)

    def _publication_of(self, request: StoreRequest, output: PlannedOutput) -> Publication:
        uri = _final_uri(output)
        return _publication(request, output, uri, str(self._datastores.local_path(request.workspace, uri)))

    # --- elsewhere ---------------------------------------------------------------------------

    def _is_remote(self, request: StoreRequest, output: PlannedOutput) -> bool:
        return self._transfers is not None and self._transfers.is_remote(
            request.workspace, _final_uri(output).datastore
        )

    def _remote_task_of(self, request: StoreRequest) -> RemoteTask | None:
        transfers = self._transfers
        if transfers is None:
            return None
        outputs = []
        for output in request.outputs:
            if self._is_remote(request, output):
                uri = _final_uri(output)
                place = transfers.place(request.workspace, uri.datastore)
                outputs.append(RemoteOutput(place, uri.path, _publication(request, output, uri, str(uri))))
        changes = tuple(
            RemoteChange(
                transfers.place(request.workspace, change.uri.datastore),
                change.uri.path,
                change.name,
                f"{request.root}/{change.path}",
            )
            for change in request.write_backs
        )
        if not outputs and not changes:
            return None
        return RemoteTask(request.root, transfers.cache_root, tuple(outputs), changes, request.is_complete)


def _publication(request: StoreRequest, output: PlannedOutput, uri: DatastoreUri, target: str) -> Publication:
    default = default_output_uri(uri.datastore, request.job_name, output.name)
    return Publication(
        name=output.name,
        source=f"{request.root}/{output.path}",
        target=target,
        is_file=output.is_file,
        merges=not f"{uri.path.rstrip('/')}/".startswith(default.path),
        is_direct=output.is_direct,
        is_value=PortType(output.type).is_literal,
    )


def _together(here: AttemptAnswer, elsewhere: RemoteAnswer) -> AttemptAnswer:
    return AttemptAnswer(
        (*here.outputs, *elsewhere.outputs), here.error or elsewhere.error, {**here.texts, **elsewhere.texts}
    )


def _result_of(request: StoreRequest, answer: AttemptAnswer) -> StoreResult:
    outputs = {output.name: output for output in request.outputs}
    values, problem = _values_of(outputs, answer.texts)
    error = answer.error or problem
    # A step with an output that could not be stored has failed: nobody may read the others either.
    state = "complete" if request.is_complete and error is None else "kept"
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
            value=values.get(name),
        )
        rows.append((row, manifest))
    return StoreResult(request.attempt_id, tuple(rows), error)


def _values_of(
    outputs: Mapping[str, PlannedOutput], texts: Mapping[str, str]
) -> tuple[dict[str, Scalar], ErrorFacts | None]:
    """Return what texts stand for, and what is wrong with the first that stands for nothing."""
    values: dict[str, Scalar] = {}
    error: ErrorFacts | None = None
    for name, text in texts.items():
        type_ = PortType(outputs[name].type)
        value, problem = read_written(text, type_)
        if value is not None:
            values[name] = value
        elif error is None:
            error = {
                "code": "bad-value",
                "message": f"the step wrote no `{type_.value}` to its output `{name}`: it {problem}",
                "hint": f"write one value to `${{{{outputs.{name}}}}}`, as text or JSON",
            }
    return values, error


def _final_uri(output: PlannedOutput) -> DatastoreUri:
    """Return the URI of the output itself: of the file, when it is one."""
    datastore, middle, path = output.uri.removeprefix(_URI_PREFIX).partition("/paths/")
    if not output.uri.startswith(_URI_PREFIX) or not middle:
        raise Bug(f"output `{output.name}` was planned for `{output.uri}`, which is no short datastore URI")
    if output.is_file and path.endswith("/"):
        path += output.path.rpartition("/")[2]
    return DatastoreUri(datastore, path)
