"""
Decide what may be freed, and in which order.

In:       everything that is kept and who needs it, as values.
Out:      things, each with when it was last of use or why it stays; those to free, oldest first.
Not here: finding out (`tidy.py`), removing (`ports.Trash` and others).

Invariant: in doubt it stays. What a job that has not ended speaks of, has or may resume,
and what a registered version or a draft needs, is never chosen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from typing import Any

from pipeyard.model.assets import DatastoreUri
from pipeyard.model.record import default_output_uri
from pipeyard.model.status import JobStatus
from pipeyard.model.tidy import Kind, Mentions, RegisteredPlaces, RootUse, StoredOutput, StoredUpload
from pipeyard.model.value import dataclass

# An upload is sent before the job that needs it exists, and found again instead of being sent.
FRESH_MS = 3_600_000
_DRAFTED = "a draft needs it; it goes when that draft is deleted"
_RESUMABLE = frozenset({JobStatus.FAILED, JobStatus.CANCELED})


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing that a home keeps."""

    kind: Kind
    # What to show: a place, a digest, an attempt.
    label: str
    size: int
    file_count: int = 1
    # None: nobody knows of any use.
    used_at_ms: int | None = None
    # Why it stays, whatever its age; None: it may go.
    kept: str | None = None
    workspace: str | None = None
    uri: DatastoreUri | None = None
    # The rows that are about it.
    outputs: tuple[StoredOutput, ...] = ()
    uploads: tuple[StoredUpload, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """What the user asked for."""

    kinds: frozenset[Kind]
    # Last of use before this; None: age alone frees nothing.
    before_ms: int | None = None
    # What may stay of the kinds asked for; None: any amount.
    bytes_max: int | None = None


@dataclass(slots=True)
class Uses:
    """Who speaks of what."""

    roots: Sequence[RootUse]
    registered: RegisteredPlaces
    drafted: Mentions = field(default_factory=Mentions)
    _of_upload: dict[str, list[RootUse]] = field(default_factory=dict)
    _of_job: dict[str, list[RootUse]] = field(default_factory=dict)
    by_name: dict[str, RootUse] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Turn the lists round."""
        for root in self.roots:
            self.by_name[root.name] = root
            for digest in root.mentions.uploads:
                self._of_upload.setdefault(digest, []).append(root)
            for job in root.mentions.jobs:
                self._of_job.setdefault(job, []).append(root)

    def of_upload(self, digest: str) -> Sequence[RootUse]:
        """Return the jobs that speak of an upload."""
        return self._of_upload.get(digest, ())

    def of_jobs(self, names: Iterable[str]) -> list[RootUse]:
        """Return the jobs that speak of outputs of any of these jobs."""
        return [root for name in names for root in self._of_job.get(name, ())]


def output_things(outputs: Sequence[StoredOutput], uses: Uses, elsewhere: frozenset[tuple[str, str]]) -> list[Thing]:
    """Return the places of outputs; *elsewhere* are the (workspace, datastore) that are no folder of this home."""
    places: dict[tuple[str, DatastoreUri], list[StoredOutput]] = {}
    for output in outputs:
        places.setdefault((output.workspace, output.uri), []).append(output)
    return [_output_thing(workspace, uri, rows, uses, elsewhere) for (workspace, uri), rows in places.items()]


def _output_thing(
    workspace: str,
    uri: DatastoreUri,
    rows: Sequence[StoredOutput],
    uses: Uses,
    elsewhere: frozenset[tuple[str, str]],
) -> Thing:
    owners = [uses.by_name[row.root_name] for row in rows if row.root_name in uses.by_name]
    names = {name for row in rows for name in (row.job_name, row.root_name, row.source_job) if name is not None}
    above = {name for owner in owners for name in owner.above}
    readers = uses.of_jobs(names | above)
    kept = None
    own = default_output_uri(uri.datastore, rows[0].source_job or rows[0].job_name, "").path.rstrip("/")
    if not uri.path.startswith(f"{own}/"):
        kept = "its place was chosen by its job"
    elif (workspace, uri.datastore) in elsewhere:
        kept = "it is in a datastore elsewhere"
    elif names & uses.registered.mentions.jobs or _is_registered(workspace, uri, uses.registered):
        kept = "a registered version needs it"
    elif (names | above) & uses.drafted.jobs:
        kept = _DRAFTED
    else:
        may_resume = any(row.state == "complete" for row in rows)
        kept = _live(owners, may_resume=may_resume) or _live(readers, may_resume=True)
    return Thing(
        Kind.OUTPUTS,
        str(uri),
        rows[0].size,
        rows[0].file_count,
        _used_at(owners, readers),
        kept,
        workspace,
        uri,
        outputs=tuple(rows),
    )


def upload_things(
    uploads: Sequence[StoredUpload],
    uses: Uses,
    touched_at_ms: Mapping[tuple[str, str], int],
    elsewhere: frozenset[tuple[str, str]],
    now_ms: int,
) -> list[Thing]:
    """Return the uploads, code and data; *touched_at_ms* says when somebody sent each last, or meant to."""
    found = []
    for upload in uploads:
        roots = uses.of_upload(upload.digest)
        touched = touched_at_ms.get((upload.workspace, upload.digest), 0)
        used = max(touched, _used_at(roots, ()) or 0)
        if upload.digest in uses.registered.mentions.uploads:
            kept: str | None = "a registered version needs it"
        elif upload.digest in uses.drafted.uploads:
            kept = _DRAFTED
        elif (upload.workspace, upload.uri.datastore) in elsewhere:
            kept = "it is in a datastore elsewhere"
        elif now_ms - touched < FRESH_MS:
            kept = "it was sent within the last hour"
        else:
            kept = _live(roots, may_resume=True)
        found.append(
            Thing(
                Kind.SNAPSHOTS,
                str(upload.uri),
                upload.size,
                upload.file_count,
                used or None,
                kept,
                upload.workspace,
                upload.uri,
                uploads=(upload,),
            )
        )
    return found


def choose(things: Sequence[Thing], limits: Limits) -> list[Thing]:
    """
    Return what to free, the longest unused first.

    What was last of use before the limit of age goes; of the rest, the oldest go until
    what stays of these kinds is within the limit of size. Things that are kept count too.
    """
    wanted = [thing for thing in things if thing.kind in limits.kinds]
    free = sorted(
        (thing for thing in wanted if thing.kept is None), key=lambda thing: (thing.used_at_ms or 0, thing.label)
    )
    total = sum(thing.size for thing in wanted)
    chosen = []
    for thing in free:
        is_old = limits.before_ms is not None and (thing.used_at_ms or 0) < limits.before_ms
        is_too_much = limits.bytes_max is not None and total > limits.bytes_max
        if is_old or is_too_much:
            chosen.append(thing)
            total -= thing.size
    return chosen


def summary(things: Sequence[Thing], chosen: Sequence[Thing]) -> list[dict[str, Any]]:
    """Return per kind how much there is, how much goes, and why the rest stays."""
    found = []
    gone = {id(thing) for thing in chosen}
    for kind in Kind:
        some = [thing for thing in things if thing.kind is kind]
        if not some:
            continue
        freed = [thing for thing in some if id(thing) in gone]
        reasons: dict[str, int] = {}
        for thing in some:
            if id(thing) not in gone:
                reason = thing.kept or "not old enough"
                reasons[reason] = reasons.get(reason, 0) + 1
        found.append(
            {
                "kind": kind.value,
                "count": len(some),
                "size": sum(thing.size for thing in some),
                "freed_count": len(freed),
                "freed_size": sum(thing.size for thing in freed),
                "kept": reasons,
            }
        )
    return found


def _live(roots: Iterable[RootUse], *, may_resume: bool) -> str | None:
    resumable = None
    for root in roots:
        if not root.status.is_terminal:
            return "a job that has not ended needs it"
        if may_resume and root.status in _RESUMABLE and not root.is_archived:
            resumable = "a job that may be resumed needs it; it goes when that job is archived"
    return resumable


def _used_at(owners: Iterable[RootUse], readers: Iterable[RootUse]) -> int | None:
    """Return when a job that still counts ended last; what archived jobs did counts no longer."""
    times = [
        root.ended_at_ms or root.created_at_ms for some in (owners, readers) for root in some if not root.is_archived
    ]
    return max(times, default=None)


def _is_registered(workspace: str, uri: DatastoreUri, registered: RegisteredPlaces) -> bool:
    own = f"{uri.path.strip('/')}/"
    for other_workspace, place in registered.places:
        if (other_workspace, place.datastore) == (workspace, uri.datastore):
            other = f"{place.path.strip('/')}/"
            if own.startswith(other) or other.startswith(own):
                return True
    return False
