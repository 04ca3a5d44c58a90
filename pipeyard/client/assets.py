"""
What a command can ask of a server about versioned assets, one method per question.

In:       a connection, and the address of a workspace or registry.
Out:      the server's JSON, decoded.
Not here: checking and packing an asset's files (`assetfile.py`, `publish.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipeyard.client.http import Http, file_path, pages, path_of
from pipeyard.model.assets import AssetKind

Json = Any


class Assets:
    """The assets of one kind in one workspace or registry."""

    def __init__(self, http: Http, root: str, kind: AssetKind) -> None:
        """Speak of assets below *root*, the address of a workspace or registry."""
        self._http = http
        self._home = root
        self._root = f"{root}/{kind.plural}"

    def create(self, body: Mapping[str, Any]) -> Json:
        """Publish a version; `SpecError` with everything that is wrong, `Conflict` when it exists and differs."""
        return self._http.call("POST", self._root, body=body)

    def check(self, body: Mapping[str, Any]) -> Json:
        """Return what the server would say of a version, writing nothing."""
        return self._http.call("POST", f"{self._root}:check", body=body)["diagnostics"]

    def names(self, *, limit: int | None, **query: Any) -> Iterator[Json]:
        """Yield the names there are, with what is known of the latest version of each."""
        return pages(self._http, self._root, query, limit)

    def versions(self, name: str, *, limit: int | None, **query: Any) -> Iterator[Json]:
        """Yield the versions of a name without their bodies, created last first."""
        return pages(self._http, f"{self._root}{path_of(name, 'versions')}", query, limit)

    def version(self, name: str, *, version: str | None = None, label: str | None = None) -> Json:
        """Return one version, the default one if none is named."""
        return self._http.call("GET", self._place(name, version, label))

    def change(self, name: str, values: Mapping[str, Any], *, version: str | None, label: str | None) -> Json:
        """Change description, display name, tags, properties or stage of a version."""
        return self._http.call("PATCH", self._place(name, version, label or "default"), body=values)

    def act(self, name: str, verb: str, *, version: str | None = None, label: str | None = None) -> Json:
        """Carry out `archive` or `restore` for a version, or for the whole name."""
        return self._http.call("POST", f"{self._place(name, version, label)}/{verb}")

    def delete(self, name: str, version: str) -> None:
        """Forget a version for good; `Conflict` while something uses it."""
        self._http.call("DELETE", self._place(name, version, None))

    def share(self, name: str, target: Mapping[str, Any], *, version: str | None, label: str | None) -> Json:
        """Put a version into a registry and return what it became there."""
        return self._http.call("POST", f"{self._place(name, version, label or 'default')}/share", body=target)

    def lineage(self, name: str, *, version: str | None = None, label: str | None = None) -> Json:
        """Return which job made a version, and which jobs and versions use it."""
        return self._http.call("GET", f"{self._place(name, version, label or 'default')}/jobs")

    def lineage_graph(self, name: str, *, version: str | None, label: str | None, **query: Any) -> Json:
        """Return what a version came of and what came of it, step by step."""
        exact = version or self.version(name, label=label or "default")["version"]
        kind = self._root.rpartition("/")[2]
        return self._http.call("GET", f"{self._home}/lineage", query={"of": f"{kind}/{name}/{exact}", **query})

    def files(self, name: str, version: str) -> Json:
        """Return the document of a version, the components in it, and the trees of files that belong to it."""
        return self._http.call("GET", f"{self._place(name, version, None)}/files")

    def file(self, name: str, version: str, tree: int, path: str) -> Iterator[bytes]:
        """Yield the bytes of a file of one of those trees."""
        return self._http.pieces(f"{self._place(name, version, None)}/files/{tree}/{file_path(path)}")

    def preview(self, name: str, *, version: str | None, label: str | None, rows: int) -> Json:
        """Return the first rows of data that is a table."""
        return self._http.call("GET", f"{self._place(name, version, label)}/preview", query={"rows": rows})

    def _place(self, name: str, version: str | None, label: str | None) -> str:
        if version is not None:
            return f"{self._root}{path_of(name, 'versions', version)}"
        if label is not None:
            return f"{self._root}{path_of(name, 'labels', label)}"
        return f"{self._root}{path_of(name)}"
