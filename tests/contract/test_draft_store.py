"""`ports.DraftStore`, over SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeyard.model.asset_record import AuditEntry
from pipeyard.model.draft_record import DraftContent, DraftFile, DraftFilter, DraftRecord, DraftRevision, Origin, Reason
from pipeyard.model.errors import NotFound
from pipeyard.store.sql import open_store
from tests.contract.records import NASTY

A, B = "a" * 64, "b" * 64


@pytest.fixture
def drafts(store):
    return store.drafts


def draft(id_="d1", at=1000, **more):
    return DraftRecord("default", id_, f"Draft {id_}", 1, at, "ann", at, "ann", "pipeline.yml", 0, **more)


def content(text="jobs:\n", **files):
    return DraftContent(text, tuple(DraftFile(path, 1, sha256) for path, sha256 in files.items()), layout={"a": [1, 2]})


def saved(before, new, contents=None, *, store, at=2000, reason=Reason.SAVED, **more):
    after = replace(before, revision=before.revision + 1, modified_at_ms=at, file_count=len(new.files), **more)
    revision = DraftRevision(after.revision, after.name, at, "bob", reason, new.size)
    return after if store.save_draft(after, new, contents or {}, revision, before=before) else None


def test_a_draft_comes_back_as_it_was(store, drafts, address):
    """Any text, any name of a file, any bytes; also from another process."""
    files = DraftContent(
        NASTY, (DraftFile("ü \n'\"/x", 3, A, executable=True),), "sub/pipeline.yml", {"ü": [1.5, None]}
    )
    one = draft(origin=Origin.JOB, origin_name="fox", holder="tab", held_by="ann", held_at_ms=5)
    drafts.create_draft(one, files, {A: b"\0\xff\n"})
    other = open_store(address)
    try:
        assert other.drafts.load_draft("default", "d1") == one
        assert other.drafts.load_content("default", "d1", 1) == files
        assert other.drafts.read_file("default", A) == b"\0\xff\n"
        assert [row.reason for row in other.drafts.list_revisions("default", "d1")] == [Reason.CREATED]
    finally:
        other.close()


def test_what_is_not_there_is_none(drafts):
    """No draft, no state, no file; nor in another workspace."""
    drafts.create_draft(draft(), content(), {})

    assert drafts.load_draft("default", "no\0pe") is None
    assert drafts.load_draft("other", "d1") is None
    assert drafts.load_content("default", "d1", 2) is None
    assert drafts.load_content("default", "d1", 10**20) is None
    assert drafts.read_file("default", A) is None
    assert drafts.delete_draft("default", "nope") is False


def test_a_draft_is_in_a_workspace_that_there_is(drafts):
    """Nothing is stored for one that is gone."""
    with pytest.raises(NotFound):
        drafts.create_draft(replace(draft(), workspace="gone"), content(), {})

    assert drafts.load_draft("gone", "d1") is None


def test_of_two_saves_that_began_with_the_same_state_one_is_stored(drafts):
    """The other one stores nothing, no file either."""
    first = draft()
    drafts.create_draft(first, content(), {})
    second = saved(first, content("new"), store=drafts)

    assert saved(first, content("lost", x=A), {A: b"x"}, store=drafts) is None
    assert drafts.load_draft("default", "d1") == second
    assert drafts.load_content("default", "d1", 2).text == "new"
    assert drafts.read_file("default", A) is None


def test_a_save_of_a_tab_that_was_replaced_stores_nothing(drafts):
    """Who holds a draft is looked at in the same moment."""
    first = draft(holder="one", held_by="ann", held_at_ms=1)
    drafts.create_draft(first, content(), {})
    assert drafts.change_draft(replace(first, holder="two"), before=first)

    assert saved(first, content("new"), store=drafts) is None
    assert drafts.change_draft(replace(first, holder="three"), before=first) is False
    assert drafts.load_draft("default", "d1").holder == "two"


def test_drafts_are_listed_changed_last_first(drafts):
    """Page by page, by words of their names, with or without those that were put away."""
    for number, at in enumerate([1000, 3000, 2000, 2000]):
        drafts.create_draft(replace(draft(f"d{number}", at), name=f"Rate 100% {number}"), content(), {})
    away = drafts.load_draft("default", "d0")
    drafts.change_draft(replace(away, is_archived=True), before=away)

    def ids(which=DraftFilter(), limit=10, before=None):  # noqa: B008 - a frozen value.
        return [row.id for row in drafts.list_drafts("default", which, limit=limit, before=before)]

    assert ids() == ["d1", "d3", "d2"]
    assert ids(limit=2) == ["d1", "d3"]
    assert ids(before=(2000, "d3")) == ["d2"]
    assert ids(DraftFilter("archived")) == ["d0"]
    assert ids(DraftFilter("all", "RATE 2")) == ["d2"]
    assert ids(DraftFilter(text="0%")) == ["d1", "d3", "d2"]
    assert ids(DraftFilter(text="_")) == []


def test_states_are_kept_newest_first(drafts):
    """Each as it was, with the job that it became."""
    one = draft()
    drafts.create_draft(one, content("1"), {})
    two = saved(one, content("2"), store=drafts)
    saved(two, content("3"), store=drafts, reason=Reason.RESTORED)
    drafts.note_job("default", "d1", 2, "happy_fox")

    found = drafts.list_revisions("default", "d1")
    assert [(row.revision, row.reason, row.job) for row in found] == [
        (3, Reason.RESTORED, None),
        (2, Reason.SUBMITTED, "happy_fox"),
        (1, Reason.CREATED, None),
    ]
    assert [drafts.load_content("default", "d1", number).text for number in (1, 2, 3)] == ["1", "2", "3"]


def test_of_many_saves_long_ago_the_last_of_each_minute_is_kept(drafts):
    """The newest hundred stay, and what was created."""
    one = draft(at=0)
    drafts.create_draft(one, content(), {})
    for number in range(199):
        one = saved(one, content(str(number)), store=drafts, at=number * 1000)

    kept = [row.revision for row in drafts.list_revisions("default", "d1")]
    assert kept[:100] == list(range(200, 100, -1))
    assert kept[-1] == 1
    assert len(kept) < 105
    assert drafts.load_content("default", "d1", 2) is None


def test_files_stay_as_long_as_a_draft_has_them(drafts):
    """A draft that is forgotten takes its own along, and leaves those of others."""
    drafts.create_draft(draft("d1"), content(x=A, y=B), {A: b"a", B: b"b"})
    drafts.create_draft(draft("d2"), content(z=A), {})

    assert drafts.delete_draft("default", "d1") is True
    assert (drafts.read_file("default", A), drafts.read_file("default", B)) == (b"a", None)
    assert drafts.load_content("default", "d1", 1) is None
    assert drafts.list_revisions("default", "d1") == ()


def test_a_workspace_takes_its_drafts_along(store, drafts):
    """Nothing of them is found under its name later."""
    drafts.create_draft(draft(), content(x=A), {A: b"a"})
    store.assets.delete_workspace("default", AuditEntry("default", 1, "ann", "delete", "workspace", "default"))

    assert drafts.load_draft("default", "d1") is None
    assert drafts.read_file("default", A) is None
