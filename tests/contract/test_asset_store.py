"""
What every database must do for us about assets; `ports.AssetStore` is defined by this suite.

The databases are those of `conftest.py`.
"""

import threading
from dataclasses import replace

import pytest

from pipeyard.model.asset_record import (
    AssetFilter,
    AssetKey,
    AssetNeed,
    AssetUse,
    AssetVersion,
    AuditEntry,
    AuditFilter,
    WorkspaceRecord,
    registry_workspace,
)
from pipeyard.model.assets import ANONYMOUS, AssetKind, DatastoreUri
from pipeyard.model.errors import Bug, Conflict, NotFound
from pipeyard.model.record import Batch, ComputeRecord, DatastoreRecord, JobChange, Submission
from pipeyard.model.status import JobStatus
from tests.contract.records import NASTY, job, names

DATA, COMPONENT = AssetKind.DATA, AssetKind.COMPONENT
ACTIVE, ALL = AssetFilter(), AssetFilter(archived="all")


@pytest.fixture
def assets(store):
    return store.assets


def entry(action="create", name="titanic", **rest):
    return AuditEntry(
        **{"workspace": "default", "at_ms": 7, "by": "bo", "action": action, "kind": "data", "name": name, **rest}
    )


def version(name="titanic", version="", **rest):
    values = {
        "workspace": "default",
        "kind": DATA,
        "name": name,
        "version": version,
        "type": "uri_file",
        "created_at_ms": 5,
        "created_by": "ann",
        "body": {"type": "uri_file"},
        "digest": "d" * 64,
    }
    return AssetVersion(**{**values, **rest})


def create(assets, *args, **rest):
    asset = version(*args, **rest)
    return assets.create_asset(asset, entry(name=asset.name))


def versions(found):
    return [asset.version for asset in found]


# --- versions --------------------------------------------------------------------------------


def test_a_version_comes_back_as_it_was_stored(assets):
    """
    Every field survives, whatever characters it holds; only a list leaves the body out.
    """
    stored = version(
        version="v-1.0_b",
        body={NASTY: [NASTY, 1, 2.5, None, True], "type": "uri_file"},
        uri=DatastoreUri("workspaceblobstore", f"LocalUpload/d/{NASTY}"),
        content="c" * 64,
        display_name=NASTY,
        description=NASTY,
        tags={NASTY: NASTY},
        properties={"a": ""},
        stage="Production",
        produced_by="step",
        produced_output="out",
    )

    assert replace(stored, serial=1) == assets.create_asset(stored, entry())
    assert replace(stored, serial=1) == assets.load_asset(stored.key)
    (listed,) = assets.list_versions("default", DATA, "titanic", ACTIVE, limit=5)
    assert replace(stored, serial=1, body={}) == listed


def test_numbers_go_on_after_the_highest_that_ever_was(assets):
    """
    The first is 1; words and `05` are no numbers; a deleted number is not given again.
    """
    given = [create(assets, version=wanted).version for wanted in ("", "", "7", "word", "05", "9" * 30, "3", "")]
    assets.delete_asset(AssetKey("default", DATA, "titanic", "8"), entry("delete"))

    assert ["1", "2", "7", "word", "05", "9" * 30, "3", "8"] == given
    assert "9" == create(assets).version
    assert "10" == assets.load_container("default", DATA, "titanic").next_version


def test_each_kind_name_and_workspace_counts_for_itself(assets):
    """
    A data asset and a component of one name have nothing to do with each other.
    """
    assets.create_workspace(WorkspaceRecord("other", 5, "ann"), (), entry(kind="workspace"))
    create(assets)

    assert "1" == create(assets, kind=COMPONENT).version
    assert "1" == create(assets, name="Titanic").version
    assert "1" == create(assets, workspace="other").version
    assert "2" == create(assets).version


def test_a_version_is_stored_once(assets):
    """
    The second create is refused and changes nothing, not even the history.
    """
    first = create(assets, version="1")

    with pytest.raises(Conflict) as caught:
        create(assets, version="1", digest="e" * 64, description="other")

    assert "version-exists" == caught.value.code
    assert first == assets.load_asset(first.key)
    assert 1 == len(assets.list_audit(AuditFilter(), limit=9))


def test_creates_at_the_same_moment_get_different_numbers(assets):
    """
    Twenty creates without a version at once are the versions 1 to 20, with serials in the same order.
    """
    made, gate = [], threading.Barrier(4)

    def work():
        gate.wait()
        made.extend(create(assets) for _ in range(5))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [(str(number), number) for number in range(1, 21)] == sorted(
        ((asset.version, asset.serial) for asset in made), key=lambda pair: pair[1]
    )


def test_one_of_two_creates_of_a_version_at_the_same_moment_wins(assets, address):
    """
    Also when they come from two servers of one database.
    """
    from pipeyard.store.sql import open_store

    other = open_store(address)
    gate, wins, losses = threading.Barrier(2), [], []

    def work(own, digest):
        gate.wait()
        for number in range(10):
            try:
                wins.append(create(own, version=str(number), digest=digest).key)
            except Conflict as refused:  # noqa: PERF203 (that is what is counted)
                losses.append(refused.code)

    threads = [
        threading.Thread(target=work, args=(own, str(place))) for place, own in enumerate((assets, other.assets))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()

    assert 10 == len(set(wins)) == len(wins)
    assert ["version-exists"] * 10 == losses


def test_latest_is_what_was_created_last_and_is_not_archived(assets):
    """
    Not the highest number, and not the one with the latest clock.
    """
    for wanted, at in (("5", 9), ("2", 8), ("1", 7)):
        create(assets, version=wanted, created_at_ms=at)

    def latest(label="latest"):
        found = assets.load_labeled("default", DATA, "titanic", label)
        return found and found.version

    assert "1" == latest() == latest("default")
    for wanted, then in (("1", "2"), ("2", "5"), ("5", None)):
        assets.change_asset(AssetKey("default", DATA, "titanic", wanted), {"is_archived": True}, entry("archive"))
        assert then == latest()
    assert latest("other") is None


def test_a_label_stands_for_the_version_it_was_set_to(assets):
    """
    A set `default` stays when versions come, and is forgotten with its version.
    """
    create(assets)
    create(assets)
    key = AssetKey("default", DATA, "titanic", "1")

    assets.set_label(key, "default", entry("update"))
    assets.set_label(key, "gold", entry("update"))

    assert "1" == assets.load_labeled("default", DATA, "titanic", "default").version
    assert "2" == assets.load_labeled("default", DATA, "titanic", "latest").version
    with pytest.raises(NotFound):
        assets.set_label(replace(key, version="9"), "gold", entry("update"))
    assets.delete_asset(key, entry("delete"))
    assert "2" == assets.load_labeled("default", DATA, "titanic", "default").version
    assert assets.load_labeled("default", DATA, "titanic", "gold") is None


def test_a_change_touches_its_fields_and_says_who_and_when(assets):
    """
    The body cannot be changed at all.
    """
    first = create(assets, tags={"a": "b"}, description="old")

    assets.change_asset(first.key, {"description": NASTY, "stage": "Archived"}, entry("update"))

    changed = assets.load_asset(first.key)
    assert first.with_(description=NASTY, stage="Archived", changed_at_ms=7, changed_by="bo") == changed
    with pytest.raises(NotFound):
        assets.change_asset(replace(first.key, version="2"), {"description": "x"}, entry("update"))
    with pytest.raises(KeyError):
        assets.change_asset(first.key, {"digest": "x"}, entry("update"))


# --- lists -----------------------------------------------------------------------------------


def test_versions_are_listed_created_last_first_in_pages(assets):
    """
    Archived ones are left out, or are the only ones, as asked.
    """
    for number in range(5):
        create(assets, type="mltable" if number == 3 else "uri_file")
    assets.change_asset(AssetKey("default", DATA, "titanic", "2"), {"is_archived": True}, entry("archive"))

    def page(which=ACTIVE, **rest):
        return assets.list_versions("default", DATA, "titanic", which, **{"limit": 10, **rest})

    assert ["5", "4", "3", "1"] == versions(page())
    assert ["5", "4"] == versions(page(limit=2))
    assert ["3", "1"] == versions(page(before=4))
    assert ["2"] == versions(page(AssetFilter(archived="archived")))
    assert ["5", "4", "3", "2", "1"] == versions(page(ALL))
    assert ["4"] == versions(page(AssetFilter(type="mltable")))
    assert [] == versions(page(AssetFilter(stage="Production")))
    assert ("5", "4", "3", "2", "1") == assets.version_names("default", DATA, "titanic")


def test_names_are_listed_by_name_with_their_newest_version(assets):
    """
    A name that is archived, or whose versions all are, is hidden; anonymous components never show.
    """
    for name in ("c", "a", "b", "d", ANONYMOUS):
        create(assets, name=name)
    create(assets, name="a", description="second")
    create(assets, name="other", kind=COMPONENT)
    assets.archive_container("default", DATA, "b", entry("archive", "b"), is_archived=True)
    assets.change_asset(AssetKey("default", DATA, "d", "1"), {"is_archived": True}, entry("archive", "d"))

    def page(which=ACTIVE, **rest):
        return assets.list_containers("default", DATA, which, **{"limit": 10, **rest})

    assert ["a", "c"] == names(page())
    assert ["c"] == names(page(after="a"))
    assert ["a"] == names(page(limit=1))
    assert ["b", "d"] == names(page(AssetFilter(archived="archived")))
    assert ["a", "b", "c", "d"] == names(page(ALL))
    assert ("2", "second", "3") == (
        page()[0].latest.version,
        page()[0].latest.description,
        page()[0].next_version,
    )
    assert page(ALL)[3].latest is None
    assert page(ALL)[1].is_archived
    assert ("a", "b", "c", "d") == assets.asset_names("default", DATA)
    assets.archive_container("default", DATA, "b", entry("restore", "b"), is_archived=False)
    assert ["a", "b", "c"] == names(page())
    with pytest.raises(NotFound):
        assets.archive_container("default", DATA, "z", entry("archive", "z"), is_archived=True)


# --- deleting and lineage --------------------------------------------------------------------


def test_names_are_found_by_words(assets):
    """
    Each word is in the name, the display name, the type or a tag of the newest version; case does not matter.
    """
    create(assets, name="titanic", display_name="The Ship", tags={"team": "sea \u00e4", "q": '"'})
    create(assets, name="other_100%")

    def found(text):
        return names(assets.list_containers("default", DATA, AssetFilter(text=text), limit=10))

    assert ["titanic"] == found("TITAN ship") == found("team:sea") == found("team=sea") == found("\u00e4") == found('"')
    assert ["other_100%"] == found("100%")
    assert ["other_100%", "titanic"] == found("uri_")
    assert [] == found("titanic other") == found("team:ship")


def test_a_deleted_version_is_gone_and_its_number_stays_taken(assets):
    """
    Nobody ever reads another body under a number that was once used.
    """
    key = create(assets, version="4").key
    assets.delete_asset(key, entry("delete"))

    assert assets.load_asset(key) is None
    assert assets.was_deleted(key)
    assert not assets.was_deleted(replace(key, version="5"))
    assert assets.load_container("default", DATA, "titanic") is None
    assert () == assets.list_containers("default", DATA, ALL, limit=5)
    with pytest.raises(Conflict) as caught:
        create(assets, version="4")
    assert "version-deleted" == caught.value.code
    with pytest.raises(NotFound):
        assets.delete_asset(key, entry("delete"))


def test_what_an_unfinished_job_uses_cannot_be_deleted(store, assets):
    """
    Once the job has ended, it can; the job still says what it used.
    """
    key = create(assets).key
    use = AssetUse("default", "step", "root", key, f"inputs.{NASTY}")
    jobs = (job("root", at=50), job("step", root="root", parent="root", at=50))
    store.commit(Batch(submissions=(Submission("root", {}, {}),), jobs=jobs, uses=(use,)))

    assert (use,) == assets.users_of(key, limit=5) == assets.uses_of("default", "root")
    assert (use,) == assets.users_of(key, limit=5, unfinished_only=True)
    with pytest.raises(Conflict, match="`root`") as caught:
        assets.delete_asset(key, entry("delete"))
    assert "asset-in-use" == caught.value.code
    store.commit(Batch(changes=(JobChange("root", {"status": JobStatus.COMPLETED}),)))
    assert () == assets.users_of(key, limit=5, unfinished_only=True)
    assets.delete_asset(key, entry("delete"))
    assert (use,) == assets.uses_of("default", "root")


def test_users_are_listed_newest_job_first(store, assets):
    """
    A page of a version that thousands of jobs used is the newest of them.
    """
    key = create(assets).key
    for place, name in enumerate("cab"):
        use = AssetUse("default", name, name, key, "inputs.x")
        store.commit(Batch(jobs=(job(name, at=place),), uses=(use,)))

    assert ["b", "a"] == [use.job_name for use in assets.users_of(key, limit=2)]


def test_a_job_cannot_use_what_is_not_there(store, assets):
    """
    Deleted a moment before, it takes the whole submission with it; a use without its job is a bug.
    """
    gone = AssetKey("default", DATA, "titanic", "1")
    with pytest.raises(NotFound) as caught:
        store.commit(Batch(jobs=(job("a"),), uses=(AssetUse("default", "a", "a", gone, "inputs.x"),)))
    assert "asset-not-found" == caught.value.code
    assert store.load_job("default", "a") is None
    key = create(assets).key
    with pytest.raises(Bug):
        store.commit(Batch(uses=(AssetUse("default", "nobody", "nobody", key, "inputs.x"),)))


def test_a_version_that_another_needs_cannot_be_deleted(assets):
    """
    Until the one that needs it is gone.
    """
    inner = create(assets, kind=COMPONENT, name="train")
    whole = version("pipe", kind=COMPONENT)
    part = version(ANONYMOUS, "f" * 64, kind=COMPONENT, body={"command": "x"})
    need = AssetNeed(inner.key, "jobs.train.component")
    whole = assets.create_asset(whole, entry(name="pipe"), needs=(need,), parts=(part,))
    assets.create_asset(version("pipe", kind=COMPONENT), entry(name="pipe"), needs=(need,), parts=(part,))

    assert {"command": "x"} == assets.load_asset(part.key).body
    assert (need,) == assets.needs_of(whole.key)
    assert (whole.key, replace(whole.key, version="2")) == assets.needed_by(inner.key, limit=5)
    with pytest.raises(Conflict, match="`pipe`") as caught:
        assets.delete_asset(inner.key, entry("delete"))
    assert "asset-in-use" == caught.value.code
    for number in "12":
        assets.delete_asset(replace(whole.key, version=number), entry("delete", "pipe"))
    assets.delete_asset(inner.key, entry("delete", "train"))
    with pytest.raises(NotFound):
        assets.create_asset(version("pipe", kind=COMPONENT), entry(), needs=(need,))


def test_what_steps_wrote_is_registered_with_their_completion(store, assets):
    """
    In one transaction; a version that is taken meanwhile stays what it was.
    """
    jobs = (job("root"), job("step", root="root", parent="root"))
    taken = create(assets, version="3")
    made = version(produced_by="step", produced_output="out")

    store.commit(Batch(jobs=jobs, assets=(made, made.with_(version="3", digest="e" * 64), made.with_(name="b"))))

    assert [("b", "1"), ("titanic", "4")] == [(row.name, row.version) for row in assets.produced_by("default", "root")]
    assert taken == assets.load_asset(taken.key)
    (first, *_) = assets.list_audit(AuditFilter(name="titanic"), limit=5)
    assert ("create", "4", {"job": "step", "output": "out"}) == (first.action, first.version, first.detail)


# --- history ---------------------------------------------------------------------------------


def test_the_history_has_every_change_newest_first(store, assets):
    """
    Computes and datastores too; what was refused is not in it.
    """
    key = create(assets).key
    assets.change_asset(key, {"tags": {}}, entry("update", detail={"tags": {"before": {}, "after": {NASTY: "1"}}}))
    store.save_compute(ComputeRecord("default", "pool", "amlcompute", 0, 1, 5), entry("create", "pool", kind="compute"))
    store.delete_compute("default", "pool", entry("delete", "pool", kind="compute"))
    datastore = DatastoreRecord("default", "mine", "local", {"path": "/x"})
    store.save_datastore(datastore, entry("create", "mine", kind="datastore"))
    store.delete_datastore("default", "mine", entry("delete", "mine", kind="datastore"))
    store.commit(Batch(audit=(entry("archive", "job", kind="job"),)))
    with pytest.raises(NotFound):
        store.delete_compute("default", "pool", entry("delete", "pool", kind="compute"))

    found = assets.list_audit(AuditFilter(), limit=20)

    assert [7, 6, 5, 4, 3, 2, 1] == [row.seq for row in found]
    assert ["archive", "delete", "create", "delete", "create", "update", "create"] == [row.action for row in found]
    assert {"tags": {"before": {}, "after": {NASTY: "1"}}} == found[5].detail
    assert ("1", "bo", 7) == (found[6].version, found[6].by, found[6].at_ms)
    assert [3, 2] == [row.seq for row in assets.list_audit(AuditFilter(), limit=2, before=4)]
    assert [4, 3] == [row.seq for row in assets.list_audit(AuditFilter("default", "compute", "pool"), limit=9)]
    assert () == assets.list_audit(AuditFilter("other"), limit=9)


# --- workspaces ------------------------------------------------------------------------------


def test_workspaces_are_created_listed_changed_and_deleted(store, assets):
    """
    Everything in one goes with it, and only what is in it; the history stays.
    """
    made = WorkspaceRecord("other", 5, NASTY, NASTY, NASTY, {NASTY: NASTY})
    assets.create_workspace(
        made, [DatastoreRecord("other", "workspaceblobstore", "local", {"path": "p"})], workspace_entry("create")
    )
    create(assets, workspace="other")
    create(assets)
    store.commit(
        Batch(
            jobs=(job("done", workspace="other", status=JobStatus.FAILED),), submissions=(Submission("done", {}, {}),)
        )
    )

    assert made == assets.load_workspace("other")
    assert ["default", "other"] == names(assets.list_workspaces())
    assert ["workspaceblobstore"] == names(store.list_datastores("other"))
    with pytest.raises(Conflict) as caught:
        assets.create_workspace(made, (), workspace_entry("create"))
    assert "workspace-exists" == caught.value.code
    assets.change_workspace("other", {"description": "new"}, workspace_entry("update"))
    assert replace(made, description="new") == assets.load_workspace("other")

    assets.delete_workspace("other", workspace_entry("delete"))

    assert assets.load_workspace("other") is None
    assert store.load_job("other", "done") is None
    assert () == store.list_datastores("other")
    assert () == assets.list_containers("other", DATA, ALL, limit=5)
    assert ["titanic"] == names(assets.list_containers("default", DATA, ALL, limit=5))
    assert ["delete", "update", "create"] == [
        row.action for row in assets.list_audit(AuditFilter(workspace="other"), limit=9)
    ]
    for again in (assets.delete_workspace, lambda name, audit: assets.change_workspace(name, {"tags": {}}, audit)):
        with pytest.raises(NotFound):
            again("other", workspace_entry("delete"))


def workspace_entry(action):
    return entry(action, "other", kind="workspace", workspace="other")


def test_a_workspace_with_an_unfinished_job_stays(store, assets):
    """
    Nothing of it is lost by the try.
    """
    assets.create_workspace(WorkspaceRecord("other", 5, "ann"), (), workspace_entry("create"))
    store.commit(Batch(jobs=(job("going", workspace="other"),)))

    with pytest.raises(Conflict, match="`going`") as caught:
        assets.delete_workspace("other", workspace_entry("delete"))

    assert "in-use" == caught.value.code
    assert store.load_job("other", "going") is not None
    assert assets.load_workspace("other") is not None


def test_a_registry_that_is_needed_from_outside_stays(store, assets):
    """
    By a version of a workspace, or by a job that has not ended.
    """
    team = registry_workspace("team")
    assets.create_workspace(WorkspaceRecord(team, 5, "ann"), (), workspace_entry("create"))
    inner = create(assets, kind=COMPONENT, workspace=team)
    need = (AssetNeed(inner.key, "jobs.a.component"),)
    outer = assets.create_asset(version("outer", kind=COMPONENT), entry(name="outer"), needs=need)
    use = AssetUse("default", "root", "root", inner.key, "component")
    store.commit(Batch(jobs=(job("root"),), uses=(use,)))

    for reason in ("`root`", "`outer` version 1 in `default`"):
        with pytest.raises(Conflict, match=reason) as caught:
            assets.delete_workspace(team, workspace_entry("delete"))
        assert "in-use" == caught.value.code
        store.commit(Batch(changes=(JobChange("root", {"status": JobStatus.COMPLETED}),)))
    assets.delete_asset(outer.key, entry("delete"))
    assets.delete_workspace(team, workspace_entry("delete"))
    assert assets.load_asset(inner.key) is None


def test_nothing_is_put_into_a_workspace_that_is_not_there(store, assets):
    """
    A workspace that was deleted a moment ago gets no job and no asset; a registry is spoken of as one.
    """
    with pytest.raises(NotFound, match="workspace `gone`"):
        create(assets, workspace="gone")
    with pytest.raises(NotFound, match="registry `gone`"):
        create(assets, workspace=registry_workspace("gone"))
    with pytest.raises(NotFound):
        store.commit(Batch(jobs=(job("a", workspace="gone"),), submissions=(Submission("a", {}, {}),)))

    assert assets.load_container("gone", DATA, "titanic") is None
