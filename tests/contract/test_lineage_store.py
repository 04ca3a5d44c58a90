"""What every `ports.LineageStore` holds: one step along the lineage, bounded, the newest jobs first."""

from __future__ import annotations

import pytest

from pipeyard.model.asset_record import AssetUse, AssetVersion, AuditEntry, OutputUse, Period, WorkspaceRecord
from pipeyard.model.assets import AssetKind
from pipeyard.model.errors import Bug
from pipeyard.model.record import Batch
from pipeyard.model.status import JobStatus
from tests.contract.records import NASTY, job

ALWAYS = Period()
DATA, MODEL = AssetKind.DATA, AssetKind.MODEL


@pytest.fixture
def lineage(store):
    """Return what is tested."""
    return store.lineage


def version(name, kind=DATA, **rest):
    """Return a version that can be stored."""
    values = {"workspace": "default", "kind": kind, "name": name, "version": "", "type": "uri_folder"}
    return AssetVersion(**values, created_at_ms=1, created_by="ann", body={"path": "x"}, digest="d", **rest)


def create(store, name, kind=DATA, **rest):
    """Store a version and return its key."""
    entry = AuditEntry("default", 1, "ann", "create", kind.value, name)
    return store.assets.create_asset(version(name, kind, **rest), entry).key


def told(action):
    """Return the entry of a change of a workspace."""
    return AuditEntry("other", 1, "ann", action, "workspace", "other")


def reads(root, maker, output="out", *, step=None, role="inputs.x"):
    """Return that a job reads what another job's step wrote."""
    return OutputUse("default", step or root, root, role, f"{maker}-step", maker, output)


def test_readers_of_a_version_are_those_of_a_period_newest_first(store, lineage):
    """No more than are asked for, and none from before or after."""
    key, other = create(store, "titanic"), create(store, "other")
    for at, name in enumerate("abcd"):
        uses = (AssetUse("default", name, name, key, "inputs.x"), AssetUse("default", name, name, other, "inputs.y"))
        store.commit(Batch(jobs=(job(name, at=at),), uses=uses))

    assert [use.job_name for use in lineage.readers_of(key, ALWAYS, limit=3)] == ["d", "c", "b"]
    assert [use.job_name for use in lineage.readers_of(key, Period(1, 2), limit=9)] == ["c", "b"]
    assert {use.asset for use in lineage.readers_of(key, ALWAYS, limit=9)} == {key}


def test_what_a_job_reads_is_told_by_kind(store, lineage):
    """Of the whole job, steps included; nothing of another job."""
    data, model = create(store, "titanic"), create(store, "net", MODEL)
    jobs = (job("root"), job("step", root="root", parent="root"))
    uses = (
        AssetUse("default", "step", "root", data, f"inputs.{NASTY}"),
        AssetUse("default", "root", "root", model, "inputs.m"),
    )
    store.commit(Batch(jobs=jobs, uses=uses))
    store.commit(Batch(jobs=(job("else"),), uses=(AssetUse("default", "else", "else", data, "inputs.x"),)))

    assert lineage.assets_read("root", [DATA, MODEL], limit=9) == uses
    assert lineage.assets_read("root", [MODEL], limit=9) == uses[1:]
    assert lineage.assets_read("root", [DATA, MODEL], limit=1) == uses[:1]
    assert lineage.assets_read("root", [], limit=9) == ()


def test_outputs_are_found_by_who_reads_and_by_who_wrote_them(store, lineage):
    """In both directions, with the names that users gave."""
    use = reads("b", "a", NASTY, role=f"inputs.{NASTY}")
    store.commit(Batch(jobs=(job("a", at=1),)))
    store.commit(Batch(jobs=(job("b", at=2),), output_uses=(use,)))
    store.commit(Batch(jobs=(job("c", at=3),), output_uses=(reads("c", "a", NASTY),)))

    assert lineage.outputs_read("b", limit=9) == (use,)
    assert [one.root_name for one in lineage.readers_of_output("a-step", NASTY, ALWAYS, limit=9)] == ["c", "b"]
    assert [one.root_name for one in lineage.readers_of_output("a-step", NASTY, Period(None, 2), limit=9)] == ["b"]
    assert [one.root_name for one in lineage.outputs_read_elsewhere("a", ALWAYS, limit=1)] == ["c"]
    assert lineage.outputs_read_elsewhere("b", ALWAYS, limit=9) == ()


def test_what_a_job_made_includes_what_its_children_made(store, lineage):
    """A step that repeats starts jobs of its own; those of other steps are not asked for."""
    jobs = (
        job("root", kind="pipeline"),
        job("fit", root="root", parent="root"),
        job("loop", root="root", parent="root", kind="parallel_for"),
        job("run", parent="loop", kind="pipeline"),
        job("inner", root="run", parent="run"),
        job("else"),
    )
    store.commit(Batch(jobs=jobs))
    for name, maker in (("own", "fit"), ("repeated", "inner"), ("foreign", "else"), ("nobody", None)):
        create(store, name, produced_by=maker, produced_output="out" if maker else None)
    create(store, "net", MODEL, produced_by="fit", produced_output="model")

    assert [one.name for one in lineage.assets_made("root", [DATA], limit=9)] == ["own", "repeated"]
    assert [one.name for one in lineage.assets_made("root", [DATA, MODEL], limit=9)] == ["own", "repeated", "net"]
    assert [one.produced_by for one in lineage.assets_made("root", [DATA], limit=1)] == ["fit"]


def test_a_use_of_an_output_needs_its_job(store):
    """It is stored together with it."""
    with pytest.raises(Bug):
        store.commit(Batch(output_uses=(reads("nobody", "a"),)))


def test_what_is_known_of_a_workspace_goes_with_it(store, lineage):
    """Nothing is left that would name a job which is not there."""
    store.assets.create_workspace(WorkspaceRecord("other", 5, "ann"), (), told("create"))
    done = job("b", workspace="other", status=JobStatus.COMPLETED)
    store.commit(Batch(jobs=(done,), output_uses=(reads("b", "a"),)))
    assert len(lineage.outputs_read("b", limit=9)) == 1

    store.assets.delete_workspace("other", told("delete"))

    assert lineage.outputs_read("b", limit=9) == ()
