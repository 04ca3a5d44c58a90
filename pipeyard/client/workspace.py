"""
Everything a command can ask of a server, one method per question.

In:       a connection.
Out:      the server's JSON, decoded.
Not here: checking and packing files (`checking.py`, `pack.py`), drawing answers (`cli/`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from pipeyard.client.assets import Assets
from pipeyard.client.http import Http, file_path, pages, path_of
from pipeyard.model.assets import AssetKind
from pipeyard.model.default import DEFAULT_WORKSPACE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pipeyard.client.drafts import Drafts

Json = Any


class Workspace:
    """One workspace of one server, or one of its registries."""

    def __init__(self, http: Http, name: str = DEFAULT_WORKSPACE, *, registry: str | None = None) -> None:
        """Speak to workspace *name* over *http*; with *registry*, of that registry's assets."""
        self.http = http
        self.name = name
        self._root = path_of("api", "v1", "workspaces", name)
        if registry is not None:
            self._root = path_of("api", "v1", "registries", registry)

    def called(self, name: str) -> Workspace:
        """Return another workspace of the same server."""
        return Workspace(self.http, name)

    def registry(self, name: str) -> Workspace:
        """Return a registry of the same server: assets and uploads, but no jobs."""
        return Workspace(self.http, self.name, registry=name)

    def assets(self, kind: AssetKind) -> Assets:
        """Return the assets of one kind."""
        return Assets(self.http, self._root, kind)

    @property
    def drafts(self) -> Drafts:
        """Return the pipelines that are composed."""
        # Imported here: hardly any command asks for one.
        from pipeyard.client.drafts import Drafts  # noqa: PLC0415

        return Drafts(self.http, self._root)

    def health(self) -> Json:
        """Return the server's version, its process and what it is doing."""
        return self.http.call("GET", "/api/v1/health")

    def shutdown(self) -> None:
        """Ask the server to end. Running steps go on without it."""
        self.http.call("POST", "/api/v1/shutdown")

    def login_code(self) -> str:
        """Return a code that opens the job pages in a browser, once."""
        return str(self.http.call("POST", "/api/v1/login-codes")["code"])

    def plan_gc(self, limits: Mapping[str, Any]) -> Json:
        """Return what would be freed."""
        return self.http.call("POST", "/api/v1/gc:plan", body=limits)

    def gc(self, limits: Mapping[str, Any]) -> Iterator[Json]:
        """Free it; yield how far it is, and at the end what became of it."""
        return self.http.lines("/api/v1/gc", body=limits)

    # --- jobs ------------------------------------------------------------------------------

    def submit(self, submission: Mapping[str, Any], *, steps: bool = True) -> Json:
        """Create a job; `SpecError` with everything that is wrong. Without *steps* the answer does not repeat them."""
        query = None if steps else {"steps": "false"}
        return self.http.call("POST", f"{self._root}/jobs", query=query, body=submission)

    def check(self, submission: Mapping[str, Any]) -> Json:
        """Return what the server would say of a submission, writing nothing."""
        return self.http.call("POST", f"{self._root}/jobs:check", body=submission)["diagnostics"]

    def plan(self, submission: Mapping[str, Any]) -> Json:
        """Return which steps of a submission would run; `SpecError` with everything that is wrong."""
        return self.http.call("POST", f"{self._root}/jobs:plan", body=submission)

    def why(self, name: str, step: str | None = None) -> Json:
        """Return of each step of a job why it ran, or which earlier result stood for it."""
        return self.http.call("GET", f"{self._job(name)}/why", query={} if step is None else {"step": step})

    def trials(self, name: str) -> Json:
        """Return the trials of a sweep, and how it stands."""
        return self.http.call("GET", f"{self._job(name)}/trials")

    def runs(self, name: str, step: str | None) -> Json:
        """Return the iterations of a loop, or the items of a `parallel_for`."""
        return self.http.call("GET", f"{self._job(name)}/runs", query={} if step is None else {"step": step})

    def parallel(self, name: str, step: str | None) -> Json:
        """Return how far a parallel step is, and which of its mini-batches failed."""
        return self.http.call("GET", f"{self._job(name)}/parallel", query={} if step is None else {"step": step})

    def list_jobs(self, *, limit: int | None, **query: Any) -> Iterator[Json]:
        """Yield jobs, newest first, page by page; *limit* None: all of them."""
        return pages(self.http, f"{self._root}/jobs", query, limit)

    def count_jobs(self, *, experiment: str | None = None, archived: str | None = None) -> Json:
        """Return how many jobs there are, by status and in the largest experiments."""
        return self.http.call(
            "GET", f"{self._root}/jobs:counts", query={"experiment": experiment, "archived": archived}
        )

    def job(self, name: str) -> Json:
        """Return one job as section 11 shows it."""
        return self.http.call("GET", self._job(name))

    def update_job(self, name: str, changes: Mapping[str, Any]) -> Json:
        """Change tags, properties, display_name or description."""
        return self.http.call("PATCH", self._job(name), body=changes)

    def act_on_job(self, name: str, verb: str) -> Json:
        """Carry out `cancel`, `archive` or `restore`."""
        return self.http.call("POST", f"{self._job(name)}/{verb}")

    def run_again(self, name: str, verb: str, wishes: Mapping[str, Any]) -> Json:
        """Carry out `resume`, `rerun` or `resubmit`; return the new job, or the old one when nothing is left to do."""
        return self.http.call("POST", f"{self._job(name)}/{verb}", body=wishes)

    def compare(self, names: Sequence[str]) -> Json:
        """Return in what two or more jobs differ."""
        return self.http.call("GET", f"{self._root}/jobs:compare", query={"job": list(names)})

    def lineage_graph(self, name: str, **query: Any) -> Json:
        """Return what a job read and wrote, and what came of that."""
        return self.http.call("GET", f"{self._root}/lineage", query={"of": f"jobs/{name}", **query})

    def rehearse(self, name: str, step: str) -> Iterator[Json]:
        """Yield how to run a step once more, then beats; its token ends with this."""
        return self.http.lines(f"{self._job(name)}/rehearsal", body={"step": step})

    def metrics(self, name: str) -> list[Json]:
        """Return what a job has logged: each metric with its latest, lowest and highest value."""
        return list(self.http.call("GET", f"{self._job(name)}/metrics")["value"])

    def metrics_by_step(self, name: str) -> list[Json]:
        """Return of each step that has logged any, its metrics."""
        return list(self.http.call("GET", f"{self._job(name)}/steps/metrics")["value"])

    def metric_points(self, name: str, key: str, *, limit: int | None) -> Iterator[Json]:
        """Yield the points of a metric in the order in which they came; *limit* None: all of them."""
        address, after = f"{self._job(name)}/metrics/{quote(key, safe='')}", 0
        left = limit
        while left is None or left > 0:
            size = 1000 if left is None else min(left, 1000)
            page = self.http.call("GET", address, query={"after_seq": after, "limit": size})
            yield from page["value"]
            if page["next"] is None:
                return
            after, left = page["next"], None if left is None else left - len(page["value"])

    def params(self, name: str) -> Json:
        """Return the params that a job has logged."""
        return self.http.call("GET", f"{self._job(name)}/params")["value"]

    def children(self, name: str) -> list[Json]:
        """Return the jobs directly below a pipeline job."""
        return list(self.http.call("GET", f"{self._job(name)}/children")["value"])

    def events(self, name: str) -> list[Json]:
        """Return a job's whole history, in order."""
        return list(self.http.call("GET", f"{self._job(name)}/events")["value"])

    def assets_of_job(self, name: str) -> Json:
        """Return the versions of assets that a job and everything below it use, and those that it wrote."""
        return self.http.call("GET", f"{self._job(name)}/assets")

    def stream(
        self, name: str, *, logs: bool = True, passing: bool = True, steps: bool = True, rank: int | None = None
    ) -> Iterator[Json]:
        """
        Yield what happens in a job until it has ended; of several processes the log of *rank*, or of the first.

        Without *passing*, nothing is told of steps that wait, are prepared or are finalized; without *steps*, the
        last message of a pipeline has `names` in place of them.
        """
        query = {"logs": "true" if logs else "false", "passing": "true" if passing else "false"}
        if not steps:
            query["steps"] = "false"
        if rank is not None:
            query["rank"] = str(rank)
        return self.http.lines(f"{self._job(name)}/stream", query=query)

    # --- files of a job --------------------------------------------------------------------

    def artifacts(self, name: str) -> list[Json]:
        """Return path and size of each file of a job's artifact root."""
        return list(self.http.call("GET", f"{self._job(name)}/files")["value"])

    def artifact(self, name: str, path: str) -> Iterator[bytes]:
        """Yield the bytes of one of them."""
        return self.http.pieces(f"{self._job(name)}/files/{file_path(path)}")

    def code(self, name: str) -> list[Json]:
        """Return path, size and digest of each file of the code that a step ran."""
        return list(self.http.call("GET", f"{self._job(name)}/code")["value"])

    def code_file(self, name: str, path: str) -> Iterator[bytes]:
        """Yield the bytes of one of them."""
        return self.http.pieces(f"{self._job(name)}/code/{file_path(path)}")

    def search(self, text: str, limit: int) -> list[Json]:
        """Return what has some words in its name, type or tags: at most so many of each kind."""
        return list(self.http.call("GET", f"{self._root}/search", query={"text": text, "limit": limit})["value"])

    def outputs(self, name: str) -> list[Json]:
        """Return what is known of a job's outputs."""
        answer = self.http.call("GET", f"{self._job(name)}/outputs")
        return list(answer["value"] if isinstance(answer, Mapping) else answer)

    def output_files(self, name: str, output: str) -> list[Json]:
        """Return path and size of each file of an output."""
        return list(self.http.call("GET", f"{self._job(name)}/outputs/{quote(output, safe='')}/files")["value"])

    def output_file(self, name: str, output: str, path: str) -> Iterator[bytes]:
        """Yield the bytes of one of them."""
        return self.http.pieces(f"{self._job(name)}/outputs/{quote(output, safe='')}/files/{file_path(path)}")

    # --- uploads ---------------------------------------------------------------------------

    def begin_upload(self, body: Mapping[str, Any]) -> Json:
        """Announce a tree and learn which of its contents are missing."""
        return self.http.call("POST", f"{self._root}/uploads", body=body)

    def send_content(self, upload: str, chunks: Iterable[bytes]) -> None:
        """Send missing contents."""
        self.http.send("PUT", f"{self._root}{path_of('uploads', upload, 'content')}", chunks)

    def complete_upload(self, upload: str) -> str:
        """Have the server check and keep the tree; return its URI."""
        return str(self.http.call("POST", f"{self._root}{path_of('uploads', upload, 'complete')}")["uri"])

    # --- workspaces ------------------------------------------------------------------------

    def workspaces(self) -> list[Json]:
        """Return every workspace, by name."""
        return list(self.http.call("GET", "/api/v1/workspaces")["value"])

    def registries(self) -> list[Json]:
        """Return every registry, by name."""
        return list(self.http.call("GET", "/api/v1/registries")["value"])

    def describe(self) -> Json:
        """Return what is known of this workspace itself."""
        return self.http.call("GET", self._root)

    def save(self, values: Mapping[str, Any]) -> Json:
        """Create this workspace, or change its display name, description or tags."""
        return self.http.call("PUT", self._root, body=values)

    def history(self, *, limit: int | None, **query: Any) -> Iterator[Json]:
        """Yield who changed what in this workspace, newest first."""
        return pages(self.http, f"{self._root}/history", query, limit)

    def delete(self) -> None:
        """Delete this workspace with everything in it; `Conflict` while a job in it runs."""
        self.http.call("DELETE", self._root)

    # --- computes and datastores -----------------------------------------------------------

    def computes(self) -> list[Json]:
        """Return every compute, by name."""
        return list(self.http.call("GET", f"{self._root}/computes")["value"])

    def compute(self, name: str) -> Json:
        """Return one compute."""
        return self.http.call("GET", f"{self._root}{path_of('computes', name)}")

    def save_compute(self, name: str, body: Mapping[str, Any]) -> Json:
        """Create a compute or change it."""
        return self.http.call("PUT", f"{self._root}{path_of('computes', name)}", body=body)

    def change_compute(self, name: str, body: Mapping[str, Any]) -> Json:
        """Change a compute that is there."""
        return self.http.call("PATCH", f"{self._root}{path_of('computes', name)}", body=body)

    def delete_compute(self, name: str) -> None:
        """Forget a compute."""
        self.http.call("DELETE", f"{self._root}{path_of('computes', name)}")

    def nodes(self, name: str) -> list[Json]:
        """Return the slots of a compute, and the step in each."""
        return list(self.http.call("GET", f"{self._root}{path_of('computes', name, 'nodes')}")["value"])

    def waiting(self, name: str) -> list[Json]:
        """Return the steps that wait for an instance of a compute, and why each does, first come first."""
        return list(self.http.call("GET", f"{self._root}{path_of('computes', name, 'waiting')}")["value"])

    def datastores(self) -> list[Json]:
        """Return every datastore, built-in ones first."""
        return list(self.http.call("GET", f"{self._root}/datastores")["value"])

    def datastore(self, name: str) -> Json:
        """Return one datastore; never its credentials."""
        return self.http.call("GET", f"{self._root}{path_of('datastores', name)}")

    def save_datastore(self, name: str, body: Mapping[str, Any], *, skip_validation: bool = False) -> Json:
        """Create a datastore or change it, after looking whether it can be reached."""
        query = {"skip_validation": "true"} if skip_validation else None
        return self.http.call("PUT", f"{self._root}{path_of('datastores', name)}", query=query, body=body)

    def reach_datastore(self, name: str) -> Json:
        """Return that a datastore answers and lets us in with what is kept; the error says why it does not."""
        return self.http.call("POST", f"{self._root}{path_of('datastores', name, 'test')}")

    def folder(self, datastore: str, path: str, limit: int | None = None) -> Iterator[Json]:
        """Yield what is directly in a folder of a datastore, page by page; *limit* None: all of it."""
        files = f"{self._root}{path_of('datastores', datastore, 'files')}"
        return pages(self.http, f"{files}/{file_path(path)}/" if path else files, {}, limit)

    def datastore_file(self, datastore: str, path: str) -> Iterator[bytes]:
        """Yield the bytes of one file of a datastore."""
        return self.http.pieces(f"{self._root}{path_of('datastores', datastore, 'files')}/{file_path(path)}")

    def delete_datastore(self, name: str) -> None:
        """Forget a datastore; what it holds stays where it is."""
        self.http.call("DELETE", f"{self._root}{path_of('datastores', name)}")

    def _job(self, name: str) -> str:
        return f"{self._root}{path_of('jobs', name)}"
