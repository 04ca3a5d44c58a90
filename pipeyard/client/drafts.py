"""
Everything a command can ask of drafts, one method per question.

In:       a connection.
Out:      the server's JSON, decoded; problems as `Diagnostic`s.
Not here: gathering the files of a new one (`draftfile.py`), drawing answers (`cli/`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from pipeyard.client.http import Http, file_path, pages, path_of
from pipeyard.model.errors import NotFound, UserError

Json = Any
_NAMED_MAX = 1000


class Drafts:
    """The drafts of one workspace."""

    def __init__(self, http: Http, root: str) -> None:
        """Speak over *http*; *root* is the workspace's address."""
        self._http = http
        self._root = f"{root}/drafts"

    def each(self, *, limit: int | None, **query: Any) -> Iterator[Json]:
        """Yield drafts, changed last first, page by page; *limit* None: all of them."""
        return pages(self._http, self._root, query, limit)

    def named(self, word: str) -> str:
        """Return the id of the draft that *word* is the id or the name of; `UserError` if several have that name."""
        try:
            return str(self._http.call("GET", self._one(word))["id"])
        except NotFound as error:
            if error.code != "no-such-draft":
                raise
            found = [one for one in self.each(limit=_NAMED_MAX, text=word, archived="all") if one["name"] == word]
            if not found:
                raise
        # One that was put away is meant only when no other is.
        there = [one for one in found if not one["archived"]] or found
        if len(there) > 1:
            ids = ", ".join(f"`{one['id']}`" for one in there)
            raise UserError(
                f"{len(there)} drafts are called `{word}`", code="which-draft", hint=f"name one by id: {ids}"
            )
        return str(there[0]["id"])

    def create(self, body: Mapping[str, Any]) -> Json:
        """Create a draft of something that the server has, or of nothing."""
        return self._http.call("POST", self._root, body=body)

    def take_in(self, data: bytes, *, name: str | None, main: str | None) -> Json:
        """Create a draft of a zip."""
        query = urlencode({key: value for key, value in (("name", name), ("main", main)) if value is not None})
        return self._http.send("POST", f"{self._root}:import" + (f"?{query}" if query else ""), [data])

    def show(self, id_: str, revision: int | None = None) -> Json:
        """Return a draft as it is, or as it was."""
        return self._http.call("GET", self._one(id_) + ("" if revision is None else f"/revisions/{revision}"))

    def save(self, id_: str, body: Mapping[str, Any]) -> Json:
        """Save a change; `Conflict` when the draft is not as it was when the change began."""
        return self._http.call("PUT", self._one(id_), body=body)

    def hold(self, id_: str, holder: str, *, take_over: bool) -> Json:
        """Say that somebody edits."""
        return self._http.call("POST", f"{self._one(id_)}/hold", body={"holder": holder, "take_over": take_over})

    def release(self, id_: str, holder: str) -> None:
        """Say that somebody edits no more."""
        self._http.call("POST", f"{self._one(id_)}/release", body={"holder": holder})

    def revisions(self, id_: str) -> list[Json]:
        """Return the states that are kept, newest first."""
        return list(self._http.call("GET", f"{self._one(id_)}/revisions")["value"])

    def restore_revision(self, id_: str, wanted: int, body: Mapping[str, Any]) -> Json:
        """Make an earlier state the newest."""
        return self._http.call("POST", f"{self._one(id_)}/revisions/{wanted}/restore", body=body)

    def delete(self, id_: str, *, forever: bool) -> None:
        """Put a draft away, or forget it."""
        self._http.call("DELETE", self._one(id_), query={"forever": "true"} if forever else None)

    def restore(self, id_: str) -> Json:
        """Bring a draft back."""
        return self._http.call("POST", f"{self._one(id_)}/restore")

    def validate(self, id_: str) -> Json:
        """Return everything that is wrong with a draft."""
        return self._http.call("POST", f"{self._one(id_)}/validate", body={})

    def plan(self, id_: str, wishes: Mapping[str, Any]) -> Json:
        """Return what would become of each step; `SpecError` with everything that is wrong."""
        return self._http.call("POST", f"{self._one(id_)}/plan", body=wishes)

    def submit(self, id_: str, wishes: Mapping[str, Any]) -> Json:
        """Make a job of a draft; `SpecError` with everything that is wrong."""
        return self._http.call("POST", f"{self._one(id_)}/submit", body=wishes)

    def register_components(self, id_: str, body: Mapping[str, Any]) -> Json:
        """Register component files of a draft, and let it name what they are registered as."""
        return self._http.call("POST", f"{self._one(id_)}/components:register", body=body)

    def zip(self, id_: str) -> Iterable[bytes]:
        """Yield the bytes of a draft as a zip."""
        return self._http.pieces(f"{self._one(id_)}/export?form=zip")

    def file(self, id_: str, path: str) -> bytes:
        """Return the bytes of one of a draft's files."""
        return b"".join(self._http.pieces(f"{self._one(id_)}/files/{file_path(path)}"))

    def templates(self) -> list[Json]:
        """Return the examples that a draft can begin with."""
        return list(self._http.call("GET", "/api/v1/templates")["value"])

    def _one(self, id_: str) -> str:
        return f"{self._root}{path_of(id_)}"
