"""
What a job's outputs are, whoever wrote them.

A pipeline writes nothing itself: each of its outputs is an output of one of its
steps, named in the record's detail.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pipeyard.model.asset_record import AssetKey, AssetVersion
from pipeyard.model.assets import AssetKind
from pipeyard.model.record import JobRecord, OutputRecord
from pipeyard.model.types import PortType
from pipeyard.ports import AssetStore, Store


def outputs_of(store: Store, job: JobRecord) -> Sequence[OutputRecord]:
    """Return the outputs that exist so far, under the names that *job* gives them."""
    known = {row.output: row for row in store.load_outputs(job.workspace, job.name)}
    for name, of in promoted_outputs(job).items():
        if name not in known:
            made = next(
                (row for row in store.load_outputs(job.workspace, of["job"]) if row.output == of["output"]), None
            )
            if made is not None:
                known[name] = replace(made, job_name=job.name, output=name)
    return tuple(known[name] for name in sorted(known))


def with_read_values(store: Store, job: JobRecord) -> JobRecord:
    """Return the job with the values, as far as they exist, that its inputs take from other steps."""
    inputs = job.detail.get("inputs") or {}
    read = {name: value for name, value in inputs.items() if "from" in value and PortType(value["type"]).is_literal}
    if not read:
        return job
    shown = dict(inputs)
    for name, value in read.items():
        source = value["from"]
        for row in store.load_outputs(job.workspace, source["job"]):
            if row.output == source["output"] and row.value is not None:
                shown[name] = {**value, "value": row.value}
    return replace(job, detail={**job.detail, "inputs": shown})


def versions_of(assets: AssetStore, job: JobRecord) -> Mapping[str, AssetVersion]:
    """Return the version that each output became, under the names that *job* gives them."""
    outputs = job.detail.get("outputs") or {}
    if not any(value.get("name") for value in outputs.values() if isinstance(value, dict)):
        # Nearly every job: nobody has to look.
        return {}
    made: dict[tuple[Any, ...], AssetVersion] = {}
    for version in assets.produced_by(job.workspace, job.root_name):
        # People may register an output again: what the step itself made came first.
        made.setdefault((version.name, version.produced_by, version.produced_output), version)
    wanted = {name: (value.get("name"), *writer_of(job, name)) for name, value in outputs.items()}
    found = {name: made[key] for name, key in wanted.items() if key in made}
    return {**_taken_over(assets, job, outputs), **found}


def _taken_over(assets: AssetStore, job: JobRecord, outputs: Mapping[str, Any]) -> dict[str, AssetVersion]:
    """Return the versions that an earlier step made, whose result stands for this one."""
    of_step = (job.detail.get("reuse") or {}).get("registered") or {}
    taken = {name: value.get("registered") or of_step.get(name) for name, value in outputs.items()}
    found = {}
    for name, one in taken.items():
        if one is not None:
            key = AssetKey(job.workspace, AssetKind(one["kind"]), one["name"], one["version"])
            version = assets.load_asset(key)
            if version is not None:
                found[name] = version
    return found


def promoted_outputs(job: JobRecord) -> Mapping[str, Mapping[str, Any]]:
    """Return for each output of a pipeline the step output that it is: {name: {job, output}}."""
    outputs = job.detail.get("outputs") or {}
    return {name: value["from"] for name, value in outputs.items() if isinstance(value.get("from"), dict)}


def writer_of(job: JobRecord, output: str) -> tuple[str, str]:
    """Return the (job name, output name) under which the files of an output are kept."""
    of = promoted_outputs(job).get(output)
    return (of["job"], of["output"]) if of is not None else (job.name, output)
