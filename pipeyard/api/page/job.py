"""
The page of one job: its state, its steps, their logs, what went in and came out.

In:       the job's records.
Out:      HTML, complete without the script; the script keeps it current and shows logs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from pipeyard.api.page.html import Child, Html, element, joined
from pipeyard.api.page.words import LOOKS_BY_LABEL, duration_text, look_of, prose, size_text, state_word
from pipeyard.model.record import JobRecord, OutputRecord
from pipeyard.service.records import COMMAND
from pipeyard.service.view import duration_seconds, job_label, problem_text
from pipeyard.service.wire import time_text

# The order in which the progress bar is filled.
_BAR = ("completed", "running", "preparing", "canceled", "failed", "skipped")
_DEPTH_MAX = 5
# Reasons to run that surprise nobody.
_UNTOLD = frozenset({"nothing-earlier", "stand-alone"})


def job_page(
    tree: Sequence[JobRecord],
    outputs: Sequence[OutputRecord],
    api: str,
    now_ms: int,
    waiting: Mapping[str, str] = MappingProxyType({}),
) -> Html:
    """Return the body of a job's page; *tree* begins with the job itself, *waiting* says what steps wait for."""
    job = tree[0]
    steps = [row for row in tree if row.kind == COMMAND]
    content = joined(
        _title(job, steps, now_ms),
        element("p", job.description, class_="about") if job.description else None,
        element("div", *[element("i", class_=kind) for kind in _BAR], class_="progress", id="progress"),
        _error(job, tree),
        _warnings(job),
        element("div", _steps(tree, now_ms, waiting), _log_panel(), class_="columns", id="columns"),
        _ports(job, outputs, api),
        _environments(job),
        _facts(job),
    )
    return element(
        "div",
        content,
        id="job",
        data_name=job.name,
        data_api=api,
        data_ended="true" if job.status.is_terminal else "false",
        data_started=time_text(job.started_at_ms),
        data_looks=json.dumps(LOOKS_BY_LABEL),
        data_words=json.dumps({label: state_word(label) for label in LOOKS_BY_LABEL}),
    )


def state_mark(job: JobRecord, *, is_pill: bool = False, id_: str | None = None) -> Html:
    """Return a job's state as colour, icon and word."""
    kind, icon, word = look_of(job)
    return element(
        "span",
        element("span", icon, class_="icon", aria_hidden="true"),
        element("span", word, class_="word"),
        class_=f"state {kind}{' pill' if is_pill else ''}",
        id=id_,
    )


def _title(job: JobRecord, steps: Sequence[JobRecord], now_ms: int) -> Html:
    done = sum(1 for step in steps if step.status.is_terminal)
    of_all = f" of {len(steps)} steps" if len(steps) != 1 else " of 1 step"
    facts = joined(
        element("span", done, id="done"),
        of_all,
        " · ",
        element("span", duration_text(duration_seconds(job, now_ms)), id="took"),
        " · ",
        job.experiment_name,
        *((" · by ", job.created_by) if job.created_by else ()),
        " · ",
        element("time", _shown_time(job.created_at_ms), id="created", datetime=time_text(job.created_at_ms)),
    )
    return element(
        "div",
        element("h1", job.display_name),
        state_mark(job, is_pill=True, id_="state"),
        element("span", facts, class_="facts"),
        element("span", id="live", class_="live", role="status"),
        element("button", "Cancel", id="cancel", type="button") if job.is_root and not job.status.is_terminal else None,
        class_="title",
    )


def _error(job: JobRecord, tree: Sequence[JobRecord]) -> Html | None:
    if not job.error:
        return None
    failed = [row for row in tree if row.kind == COMMAND and row.error and job_label(row) == "Failed"]
    first = min(failed, key=lambda row: row.ended_at_ms or 0, default=None)
    body: list[Child] = [element("p", prose(problem_text(job) or "It failed."))]
    last_lines = (first.error or {}).get("last_lines") if first is not None else None
    if last_lines:
        text = last_lines if isinstance(last_lines, str) else "\n".join(str(line) for line in last_lines)
        body.append(element("pre", text))
    if first is not None:
        link = element("a", "Its whole log", href=f"?step={quote(first.node_id, safe='')}")
        body.append(element("p", link))
    skipped = [row.node_id for row in tree if job_label(row) in ("Skipped", "Bypassed")]
    if skipped:
        body.append(element("p", f"Never started: {', '.join(skipped)}", class_="muted"))
    return element("section", element("h2", job_label(job)), element("div", *body, class_="inside"), class_="box error")


def _warnings(job: JobRecord) -> Html | None:
    found = job.detail.get("warnings") or ()
    if not found:
        return None
    items = [
        element("li", prose(warning.get("message") if isinstance(warning, Mapping) else warning)) for warning in found
    ]
    title = "1 warning" if len(items) == 1 else f"{len(items)} warnings"
    return element(
        "details",
        element("summary", title),
        element("div", element("ul", *items), class_="inside"),
        class_="box warning",
        open=len(items) <= 3,  # noqa: PLR2004 - more would push the steps away.
    )


def _steps(tree: Sequence[JobRecord], now_ms: int, waiting: Mapping[str, str]) -> Html:
    listed = tree if tree[0].kind == COMMAND else tree[1:]
    top = tree[0].node_id.count("/") + 1 if tree[0].node_id else 0
    head = element(
        "tr",
        element("th", "Step"),
        element("th", "State"),
        element("th", "Compute", class_="narrow"),
        element("th", "Started", class_="narrow"),
        element("th", "Duration", class_="number"),
    )
    rows = [_step(row, max(0, row.node_id.count("/") - top), now_ms, waiting.get(row.name)) for row in listed]
    body = element("table", element("thead", head), element("tbody", *rows)) if rows else None
    empty = element("p", "This job has no steps.", class_="empty") if not rows else None
    return element("section", element("h2", "Steps"), element("div", body, empty, class_="scroll"), class_="box")


def _step(row: JobRecord, depth: int, now_ms: int, waiting: str | None) -> Html:
    key = row.node_id.rpartition("/")[2] or row.display_name
    is_command = row.kind == COMMAND
    name = element("button", key, type="button", title="Show the log") if is_command else element("b", key)
    message = problem_text(row)
    cell = joined(
        element("div", name, class_="name"),
        element("div", row.display_name, class_="note") if row.display_name != key else None,
        _reuse(row),
        element("div", prose(message or ""), class_="note problem", hidden=not message),
        element("div", prose(waiting or ""), class_="note wait", hidden=not waiting),
    )
    return element(
        "tr",
        element("td", cell, class_=f"deep-{min(depth, _DEPTH_MAX)}" if depth else None),
        element("td", state_mark(row)),
        element("td", row.detail.get("pool") or row.compute, class_="narrow"),
        element("td", _clock_time(row.started_at_ms), class_="when narrow", title=time_text(row.started_at_ms)),
        element("td", duration_text(duration_seconds(row, now_ms)), class_="number took"),
        class_="step",
        data_name=row.name,
        data_key=row.node_id,
        data_kind=row.kind,
        data_title=row.node_id or row.display_name,
        data_label=job_label(row),
        data_started=time_text(row.started_at_ms),
        data_ended=time_text(row.ended_at_ms),
        aria_selected="false" if is_command else None,
    )


def _reuse(row: JobRecord) -> Html | None:
    """Return whose result stands for a step, or why none did."""
    noted = row.detail.get("reuse") or {}
    source = noted.get("source_job")
    if source:
        link = element("a", "an earlier step", href=f"/jobs/{quote(str(source), safe='')}")
        return element("div", "the result of ", link, class_="note reused")
    reasons = [reason for reason in noted.get("reasons") or () if reason.get("code") not in _UNTOLD]
    if not reasons:
        return None
    more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
    said = joined("ran because ", prose(reasons[0]["message"]), more)
    return element("div", said, class_="note why", title="\n".join(reason["message"] for reason in reasons))


def _log_panel() -> Html:
    head = element(
        "div",
        element("h2", id="panel-title"),
        element("a", "Download", id="panel-download", download=True),
        element("button", "Close", id="panel-close", class_="quiet", type="button"),
        class_="head",
    )
    return element(
        "section",
        head,
        element("p", id="log-empty", class_="empty", hidden=True),
        element("div", id="log", class_="log", tabindex=0, role="log", aria_label="Log"),
        class_="box panel",
        id="panel",
        hidden=True,
    )


def _ports(job: JobRecord, outputs: Sequence[OutputRecord], api: str) -> Html | None:
    made = {row.output: row for row in outputs}
    inputs = [_port_row(name, _input_text(value)) for name, value in (job.detail.get("inputs") or {}).items()]
    declared = dict.fromkeys([*(job.detail.get("outputs") or {}), *made])
    written = [_port_row(name, _output_text(job, name, made.get(name), api)) for name in declared]
    sections = [
        element(
            "section",
            element("h2", title),
            element("div", element("table", *rows), class_="scroll"),
            class_="box ports",
        )
        for title, rows in (("Inputs", inputs), ("Outputs", written))
        if rows
    ]
    return joined(*sections) if sections else None


def _port_row(name: str, cells: tuple[Child, Child, Child]) -> Html:
    """Return a row: the name, what it is, how much of what type, what can be done with it."""
    what, note, action = cells
    return element(
        "tr",
        element("th", name, scope="row"),
        element("td", what),
        element("td", note, class_="when"),
        element("td", action, class_="number"),
    )


def _input_text(value: Mapping[str, Any]) -> tuple[Child, Child, Child]:
    if "value" in value:
        return element("code", value["value"]), None, None
    source = value.get("from")
    text = f"output {source['output']} of {source['node']}" if source else str(value.get("path", ""))
    return element("code", text), value.get("type"), None


def _output_text(job: JobRecord, name: str, made: OutputRecord | None, api: str) -> tuple[Child, Child, Child]:
    if made is None:
        return element("span", "nothing" if job.status.is_terminal else "not written yet", class_="muted"), None, None
    count = "1 file" if made.file_count == 1 else f"{made.file_count} files"
    address = f"{api}/{quote(job.name, safe='')}/outputs/{quote(name, safe='')}/files"
    kept = element("div", "of a step that did not complete", class_="note") if made.state != "complete" else None
    return (
        joined(element("code", str(made.uri)), kept),
        f"{count}, {size_text(made.size)}",
        element("a", "Download", href=f"{address}?format=tar", download=True),
    )


def _environments(job: JobRecord) -> Html | None:
    """Return what was really installed for the steps; nothing while none has begun."""
    found = job.detail.get("environments") or {}
    entries = [_environment(digest, kept) for digest, kept in found.items() if kept.get("lock")]
    if not entries:
        return None
    title = "1 environment" if len(entries) == 1 else f"{len(entries)} environments"
    return element(
        "details", element("summary", title), element("div", *entries, class_="inside"), class_="box", id="environments"
    )


def _environment(digest: str, kept: Mapping[str, Any]) -> Html:
    substitutions = [element("li", element("code", text)) for text in kept.get("substitutions") or ()]
    return joined(
        element("p", element("code", digest[:12]), f" made by {kept.get('resolved_by')}"),
        element("ul", *substitutions) if substitutions else None,
        element("pre", "\n".join(kept["lock"])),
    )


def _facts(job: JobRecord) -> Html:
    rows = [joined(element("dt", name), element("dd", value)) for name, value in _fact_list(job)]
    return element(
        "details",
        element("summary", "Details"),
        element("div", element("dl", *rows), class_="inside"),
        class_="box",
    )


def _fact_list(job: JobRecord) -> Iterator[tuple[str, Child]]:
    yield "name", element("code", job.name)
    yield "show", element("code", f"pipeyard job show -n {job.name}")
    for key in ("file", "host", "command", "component", "code"):
        if job.detail.get(key):
            yield key, element("code", str(job.detail[key]))
    if job.compute:
        yield "compute", job.compute
    for key, value in (job.detail.get("settings") or {}).items():
        if value is not None:
            yield key, str(value)
    for key, value in job.tags.items():
        yield f"tag {key}", value
    for key, value in job.properties.items():
        yield key, value


def _shown_time(at_ms: int) -> str:
    return (time_text(at_ms) or "")[:19].replace("T", " ") + " UTC"


def _clock_time(at_ms: int | None) -> str:
    return (time_text(at_ms) or "")[11:19]
