"""
What every database must tell of what it keeps; `ports.TidyStore` is defined by this suite.
"""

from dataclasses import replace

import pytest

from pipeyard.model.asset_record import AssetVersion, AuditEntry, AuditFilter
from pipeyard.model.assets import AssetKind, DatastoreUri
from pipeyard.model.draft_record import DraftContent, DraftFile, DraftRecord, DraftRevision, Reason
from pipeyard.model.errors import Conflict
from pipeyard.model.record import Batch, EventRecord, Submission, UploadRecord
from pipeyard.model.status import JobStatus
from tests.contract.records import job
from tests.contract.test_store import manifest, output

DIGEST = "ab" * 32
ENTRY = AuditEntry("default", 9, "ann", "free", "gc", "outputs")


def run(store, name="root", status=JobStatus.COMPLETED, *, document=None, events=()):
    """Store a job of one step that has an output."""
    step = job(f"{name}-s", root_name=name, parent_name=name, node_id="s", status=status)
    store.commit(
        Batch(
            submissions=(Submission(name, document or {}, {}),),
            jobs=(job(name, status=status), step),
            events=events,
            outputs=((output(step.name), manifest("a/b")),),
        )
    )


def version(path, name="d"):
    return AssetVersion(
        workspace="default",
        kind=AssetKind.DATA,
        name=name,
        version="1",
        type="uri_folder",
        body={},
        digest="e" * 64,
        created_at_ms=1,
        created_by="ann",
        uri=DatastoreUri("workspaceblobstore", path),
    )


def test_roots_tell_what_their_submissions_speak_of(store):
    """Uploads and outputs of other jobs, however they are named."""
    said = {"a": f"x/LocalUpload/{DIGEST}/src", "b": "azureml://jobs/earlier/outputs/o"}
    run(store, document=said)
    (root,) = store.tidy.roots()

    assert (root.name, root.status) == ("root", JobStatus.COMPLETED)
    assert root.mentions.uploads == {DIGEST}
    assert "earlier" in root.mentions.jobs


def test_drafts_tell_what_they_speak_of_in_every_state_until_they_are_put_away(store):
    """In their text, in the files beside it, and in what they were before: all of it can be had again."""
    assert not store.tidy.drafted().jobs
    first = DraftRecord("default", "d1", "Draft", 1, 1, "ann", 1, "ann", "pipeline.yml", 1)
    content = DraftContent("path: azureml://jobs/before/outputs/o", (DraftFile("c.yml", 1, "a" * 64),))
    code = f"code: azureml://datastores/b/paths/LocalUpload/{DIGEST}/src".encode() + b"\0\xff"
    store.drafts.create_draft(first, content, {"a" * 64: code})
    second = replace(first, revision=2)
    saved = DraftRevision(2, "Draft", 2, "ann", Reason.SAVED, 9)
    store.drafts.save_draft(second, DraftContent("path: azureml://jobs/now/outputs/o"), {}, saved, before=first)
    said = store.tidy.drafted()

    assert ({"before", "now"}, {DIGEST}) == (said.jobs, said.uploads)
    store.drafts.change_draft(replace(second, is_archived=True), before=second)
    assert not store.tidy.drafted().jobs | store.tidy.drafted().uploads


def test_freed_outputs_say_so_and_stay_listed(store):
    """Since when, and with everything else that was known of them."""
    run(store)
    (row,) = store.tidy.outputs()
    assert (row.job_name, row.root_name, row.size) == ("root-s", "root", 7)

    assert [row] == store.tidy.free_outputs([row], 5000, ENTRY)
    (now,) = store.load_outputs("default", "root-s")

    assert ("removed", 5000, "1970-01-01") == (now.state, now.removed_at_ms, now.freed_at)
    assert () == store.tidy.outputs()
    assert ["root-s"] == [gone.job_name for gone in store.tidy.removed_outputs()]
    assert manifest("a/b") == store.load_manifest("default", "root-s", "out")


@pytest.mark.parametrize("path", ["azureml/root-s/out", "azureml/root-s/out/deep", "azureml/root-s"])
def test_what_a_version_lies_in_is_not_freed(store, path):
    """Looked at in the same transaction."""
    run(store)
    store.assets.create_asset(version(path), ENTRY)
    assert store.tidy.registered().places == {("default", DatastoreUri("workspaceblobstore", path))}

    assert [] == store.tidy.free_outputs(store.tidy.outputs(), 5000, ENTRY)
    assert 1 == len(store.tidy.outputs())


def test_nothing_is_registered_of_what_was_freed(store):
    """The other way round: whoever comes second is refused."""
    run(store)
    store.tidy.free_outputs(store.tidy.outputs(), 5000, ENTRY)

    with pytest.raises(Conflict) as caught:
        store.assets.create_asset(version("azureml/root-s/out/part"), ENTRY)
    assert "output-freed" == caught.value.code
    store.assets.create_asset(version("azureml/root-s/other"), ENTRY)


def test_a_forgotten_upload_is_not_found_and_its_contents_are_nowhere(store):
    """They are to be sent again; those of others stay, also where a name begins alike."""
    for name in ("src", "src0"):
        uri = DatastoreUri("workspaceblobstore", f"LocalUpload/{DIGEST}/{name}")
        store.save_upload("default", UploadRecord(DIGEST, name, uri, 3, 1, is_file=False), manifest(f"{name}.py"))
    found = {upload.name: upload for upload in store.tidy.uploads()}
    sha256 = {name: manifest(f"{name}.py").entries[0].sha256 for name in found}

    assert [found["src"]] == store.tidy.forget_uploads([found["src"]], ENTRY)

    assert store.find_upload("default", DIGEST, "src") is None
    assert store.find_upload("default", DIGEST, "src0") is not None
    assert {sha256["src0"]} == set(store.find_files("default", list(sha256.values())))


def test_attempts_are_over_when_their_step_is_or_another_began(store):
    """Or its last fact is stored and the next try has not begun. Of one whose outputs could not be stored, that is said: its folder has the only copy."""

    def fact(seq, kind, attempt):
        return EventRecord("root", seq, seq, kind, "s", attempt)

    run(
        store,
        status=JobStatus.RUNNING,
        events=(fact(1, "SlotsTaken", 1), fact(2, "OutputsNotStored", 1), fact(3, "SlotsTaken", 2)),
    )
    run(store, "next", status=JobStatus.QUEUED, events=(replace(fact(1, "OutputsStored", 1), root_name="next"),))
    assert store.tidy.attempt_ends(["next-s.1"])["next-s.1"].is_over
    ends = store.tidy.attempt_ends(["root-s.1", "root-s.2", "ghost.1", "odd"])

    assert {"root-s.1", "root-s.2"} == set(ends)
    assert (True, True) == (ends["root-s.1"].is_over, ends["root-s.1"].is_unstored)
    assert (False, False) == (ends["root-s.2"].is_over, ends["root-s.2"].is_unstored)


def test_freeing_is_in_the_history(store):
    """Who, when, how much."""
    run(store)
    store.tidy.free_outputs(store.tidy.outputs(), 5000, ENTRY)
    store.tidy.free_outputs([], 5000, ENTRY)

    found = store.assets.list_audit(AuditFilter("default", None, None), limit=10)
    assert ["free"] == [entry.action for entry in found if entry.kind == "gc"]
