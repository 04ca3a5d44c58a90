"""
What `job list` reads: filters, order and pages.

In:       a `JobFilter`, the last job of the page before.
Out:      rows of `jobs`, at most as many as asked for.
Not here: every other query (`sql.py`).

A filter is cut into *lanes*: one query for each wanted status and archive state.
Each lane is one stretch of one index, already in order, so it reads no more rows
than the page has; the lanes are merged here.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from itertools import islice, product
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select, tuple_

from pipeyard.model.record import JobCounts, JobFilter
from pipeyard.model.status import JobStatus
from pipeyard.store.rows import JOB_COLUMNS, tag_value
from pipeyard.store.tables import job_tags, jobs

Before = tuple[int, str] | None

# What each word of `JOB_ORDERS` orders by. A job that has not ended comes before the shortest.
_ORDERS: dict[str, ColumnElement[Any]] = {
    "created": jobs.c.created_at_ms,
    "name": func.lower(jobs.c.display_name),
    "experiment": jobs.c.experiment_name,
    "duration": func.coalesce(jobs.c.ended_at_ms - jobs.c.started_at_ms, -1),
}

COLUMNS = tuple(jobs.c[name] for name in JOB_COLUMNS)
# A tag that fewer jobs have is looked up first; for others the list is walked.
_RARE_TAG = 500
_ARCHIVED = {"active": (False,), "archived": (True,), "all": (False, True)}


def find_jobs(
    connection: Connection, workspace: str, which: JobFilter, *, limit: int, before: Before
) -> Sequence[Row[Any]]:
    """Return a page: children of one job by position, others as `which.order` says."""
    conditions = _conditions(connection, workspace, which)
    if which.parent_name is not None:
        return _children(connection, which, conditions, limit, before)
    statuses: tuple[JobStatus | None, ...] = tuple(dict.fromkeys(which.status)) or (None,)
    lanes = [
        connection.execute(_lane(conditions, status, is_archived, which, before).limit(limit)).all()
        for status, is_archived in product(statuses, _archive_lanes(which))
    ]
    if len(lanes) == 1:
        return lanes[0]
    return list(islice(_merge(lanes, is_down=which.order.startswith("-")), limit))


def count_jobs(connection: Connection, workspace: str, which: JobFilter, *, experiments: int) -> JobCounts:
    """Count root jobs by status and by experiment; of the filter only what the indexes hold is looked at."""
    of = [
        jobs.c.workspace == workspace,
        jobs.c.parent_name.is_(None),
        jobs.c.is_archived.in_(_ARCHIVED[which.archived]),
    ]
    own = [*of, *([] if which.experiment_name is None else [jobs.c.experiment_name == which.experiment_name])]
    by_status = connection.execute(select(jobs.c.status, func.count()).where(*own).group_by(jobs.c.status)).all()
    count = func.count()
    by_experiment = connection.execute(
        select(jobs.c.experiment_name, count)
        .where(*of)
        .group_by(jobs.c.experiment_name)
        .order_by(count.desc(), jobs.c.experiment_name)
        .limit(experiments)
    ).all()
    return JobCounts(
        sum(number for _, number in by_status),
        {JobStatus(status): number for status, number in by_status},
        dict(by_experiment),
    )


def _merge(lanes: Sequence[Sequence[Row[Any]]], *, is_down: bool) -> Iterator[Row[Any]]:
    return heapq.merge(*lanes, key=lambda row: (row.place, row.name), reverse=is_down)


def _archive_lanes(which: JobFilter) -> tuple[bool | None, ...]:
    # Steps are archived with their root, so the index over all jobs knows nothing of it.
    return _ARCHIVED[which.archived] if which.roots_only else (None,)


def _lane(
    conditions: list[ColumnElement[bool]],
    status: JobStatus | None,
    is_archived: bool | None,  # noqa: FBT001 (a value, not a switch)
    which: JobFilter,
    before: Before,
) -> Select[Any]:
    by = _ORDERS[which.order.lstrip("-")]
    statement = select(*COLUMNS, by.label("place")).where(*conditions)
    if status is not None:
        statement = statement.where(jobs.c.status == status.value)
    if is_archived is not None:
        statement = statement.where(jobs.c.is_archived == is_archived)
    elif which.archived != "all":
        statement = statement.where(jobs.c.is_archived == (which.archived == "archived"))
    is_down = which.order.startswith("-")
    if before is not None:
        last = tuple_(_place_of(which, before), before[1])
        here = tuple_(by, jobs.c.name)
        statement = statement.where(here < last if is_down else here > last)
    return statement.order_by(*(column.desc() if is_down else column.asc() for column in (by, jobs.c.name)))


def _place_of(which: JobFilter, before: tuple[int, str]) -> Any:
    """Return what the last job of the page before is ordered by; only its time of creation never changes."""
    order = which.order.lstrip("-")
    if order == "created":
        return before[0]
    return select(_ORDERS[order]).where(jobs.c.name == before[1]).scalar_subquery()


def _children(
    connection: Connection,
    which: JobFilter,
    conditions: list[ColumnElement[bool]],
    limit: int,
    before: Before,
) -> Sequence[Row[Any]]:
    statement = select(*COLUMNS).where(jobs.c.parent_name == which.parent_name, *conditions)
    if which.status:
        statement = statement.where(jobs.c.status.in_([status.value for status in which.status]))
    if before is not None:
        last = before[1]
        position = select(jobs.c.position).where(jobs.c.name == last).scalar_subquery()
        statement = statement.where(
            or_(jobs.c.position > position, and_(jobs.c.position == position, jobs.c.name > last))
        )
    return connection.execute(statement.order_by(jobs.c.position, jobs.c.name).limit(limit)).all()


def _conditions(connection: Connection, workspace: str, which: JobFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [jobs.c.workspace == workspace]
    if which.roots_only and which.parent_name is None:
        found.append(jobs.c.parent_name.is_(None))
    if which.experiment_name is not None:
        found.append(jobs.c.experiment_name == which.experiment_name)
    if which.since_ms is not None:
        found.append(jobs.c.created_at_ms >= which.since_ms)
    if which.until_ms is not None:
        found.append(jobs.c.created_at_ms < which.until_ms)
    if which.text:
        columns = (jobs.c.name, jobs.c.display_name, jobs.c.experiment_name, jobs.c.description)
        found.append(or_(*(column.icontains(which.text, autoescape=True) for column in columns)))
    for key, value in which.tags.items():
        found += _tag_conditions(connection, workspace, key, value)
    return found


def _tag_conditions(
    connection: Connection, workspace: str, key: str, value: str | None
) -> Iterator[ColumnElement[bool]]:
    """Say which jobs have a tag; without a value, any value will do."""
    tag: list[ColumnElement[bool]] = [job_tags.c.workspace == workspace, job_tags.c.key == tag_value(key)]
    if value is not None:
        tag.append(job_tags.c.value == tag_value(value))
    names = connection.scalars(select(job_tags.c.job_name).where(*tag).limit(_RARE_TAG)).all()
    if len(names) < _RARE_TAG:
        yield jobs.c.name.in_(names)
    else:
        yield select(job_tags.c.job_name).where(job_tags.c.job_name == jobs.c.name, *tag).exists()
