"""
What two steps are compared by.

In:       records of jobs and steps.
Out:      values by name, and those of several side by side.
Not here: which steps belong together (`compare.py` by their place, `compare_graph.py` also by what they do).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipeyard.model.record import JobRecord, upload_root
from pipeyard.service.wire import plain
from pipeyard.spec.reference import parse_datastore_uri

# As `detail` calls it. Code is compared file by file; where a step waits for another without reading, the arrows say.
_OF_STEP = (
    "component",
    "command",
    "environment",
    "environment_variables",
    "resources",
    "distribution",
    "limits",
    "retry",
    "depends_on",
    # Of steps that choose or repeat.
    "condition",
    "items",
    "mapping",
    "max_concurrency",
    "search_space",
    "sampling_algorithm",
    "objective",
    "early_termination",
)


def facts_of(step: JobRecord) -> dict[str, Any]:
    """Return everything that somebody asked of a step, by name."""
    facts: dict[str, Any] = {name: step.detail[name] for name in _OF_STEP if step.detail.get(name)}
    facts["compute"] = step.compute
    code = step.detail.get("code")
    if code is not None:
        facts["code"] = _code_text(str(code))
    return facts | {f"inputs.{name}": value for name, value in inputs_of(step).items()}


def inputs_of(job: JobRecord) -> dict[str, Any]:
    """Return what each input is bound to, in one word."""
    return {name: input_text(value) for name, value in (job.detail.get("inputs") or {}).items()}


def input_text(value: Mapping[str, Any]) -> Any:
    """Return what an input is bound to; of data the digest decides, not its place."""
    if "value" in value:
        return value["value"]
    source = value.get("from")
    if source is not None:
        return f"{source['node']}.{source['output']}"
    path, digest = str(value.get("path") or ""), value.get("digest")
    return path if not digest or str(digest) in path else f"{path} ({str(digest)[:12]})"


def aligned(columns: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield each name with its value in every column, and whether they are all the same."""
    for name in dict.fromkeys(name for column in columns for name in column):
        values = [plain(column[name]) if name in column else None for column in columns]
        yield {"name": name, "values": values, "same": all(value == values[0] for value in values)}


def _code_text(code: str) -> str:
    """Return code in a few words: what it is called, and of an upload the beginning of its digest."""
    uri = parse_datastore_uri(code)
    upload = None if uri is None else upload_root(uri)
    return code if upload is None else f"{upload[0].path.rpartition('/')[2]} ({upload[1][:12]})"
