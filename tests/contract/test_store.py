"""
What every database must do for us; `ports.Store` is defined by this suite.

The databases are those of `conftest.py`.
"""

import dataclasses
import hashlib
import os
import threading
from dataclasses import replace

import pytest

from pipeyard.model.asset_record import AuditEntry, WorkspaceRecord
from pipeyard.model.assets import DatastoreUri, FileEntry, Manifest
from pipeyard.model.errors import Bug, Conflict, NotFound
from pipeyard.model.record import (
    BUILT_IN_DATASTORES,
    JOB_ORDERS,
    Batch,
    ComputeRecord,
    EventRecord,
    JobChange,
    JobCounts,
    JobFilter,
    OutputRecord,
    Submission,
    UploadRecord,
    WebCopy,
)
from pipeyard.model.status import JobStatus
from pipeyard.store.sql import open_store
from tests.contract.records import NASTY, job, names


def event(root, seq, **rest):
    return EventRecord(root, seq, 1000 + seq, "AttemptStarted", rest.pop("node", "n"), 1, rest)


def output(job_name, name="out", state="complete"):
    return OutputRecord(
        job_name,
        name,
        DatastoreUri("workspaceblobstore", f"azureml/{job_name}/{name}/"),
        "uri_folder",
        state,
        "d" * 64,
        7,
        1,
    )


def _sha256(path):
    return hashlib.sha256(os.fsencode(path)).hexdigest()


def manifest(*paths):
    return Manifest(tuple(FileEntry(path, len(path), _sha256(path)) for path in paths))


# --- jobs ------------------------------------------------------------------------------------


def test_a_job_comes_back_as_it_was_stored(store):
    """
    Every field survives, whatever characters it holds.
    """
    stored = job(
        "happy_fox_1",
        display_name=NASTY,
        experiment_name=NASTY,
        description=NASTY,
        tags={NASTY: NASTY, "empty": ""},
        properties={"p": NASTY},
        error={"code": "exit", "exit_code": 3, "last_lines": [NASTY, "\x00\ud800"]},
        detail={"inputs": {"a": {"value": 1.5, "flag": True, "none": None}}},
        status=JobStatus.FAILED,
        started_at_ms=1_900_000_000_000,
        ended_at_ms=1_900_000_000_001,
        compute="local",
        is_archived=True,
    )
    store.commit(Batch(jobs=(stored,)))

    assert stored == store.load_job("default", "happy_fox_1")


def test_text_that_no_database_takes_is_replaced_and_not_refused(store):
    """
    A display name with a NUL or half a character does not stop a job.
    """
    store.commit(Batch(jobs=(job("a", display_name="x\x00y\ud800", tags={"k": "\x00"}),)))

    assert "x\ufffdy\ufffd" == store.load_job("default", "a").display_name
    assert ["a"] == names(store.list_jobs("default", JobFilter(tags={"k": "\x00"}), limit=5))


def test_a_job_is_seen_only_in_its_workspace(store):
    """
    Another workspace's job is as if it were not there.
    """
    store.assets.create_workspace(
        WorkspaceRecord("other", 5, "ann"), (), AuditEntry("other", 5, "ann", "create", "workspace", "other")
    )
    store.commit(Batch(jobs=(job("a"), job("b", workspace="other")), submissions=(Submission("b", {}, {}),)))

    assert store.load_job("default", "b") is None
    assert () == store.load_tree("default", "b")
    assert store.load_submission("default", "b") is None
    assert ["a"] == names(store.list_jobs("default", JobFilter(), limit=5))
    assert ["b"] == names(store.list_jobs("other", JobFilter(), limit=5))


def test_a_taken_name_stores_nothing_of_the_batch(store):
    """
    The caller is told which name; no other job of the batch exists, and the store works on.
    """
    store.commit(Batch(jobs=(job("taken"),)))

    with pytest.raises(Conflict, match="`taken`") as caught:
        store.commit(Batch(jobs=(job("new"), job("taken", workspace="other"))))

    assert "job-exists" == caught.value.code
    assert store.load_job("default", "new") is None
    store.commit(Batch(jobs=(job("new"),)))
    assert store.load_job("default", "new") is not None


def test_a_name_twice_in_one_batch_is_a_conflict(store):
    """
    Two jobs of one submission cannot share a name.
    """
    with pytest.raises(Conflict, match="`twin`"):
        store.commit(Batch(jobs=(job("twin"), job("twin"))))


def test_a_batch_that_is_inserted_in_parts_is_whole_or_absent(store, monkeypatch):
    """
    Of a large job no part is stored without the others; a name that stands in two parts is found.
    """
    monkeypatch.setattr("pipeyard.store.sql._JOBS_AT_ONCE", 2)
    steps = [job(f"s{number}", root="root", parent="root", position=number) for number in range(4)]

    with pytest.raises(Conflict, match="`s0`"):
        store.commit(Batch(jobs=(job("root"), *steps, steps[0])))
    assert store.load_job("default", "root") is None
    store.commit(Batch(jobs=(job("root"), *steps)))

    assert ["root", "s0", "s1", "s2", "s3"] == names(store.load_tree("default", "root"))


def test_a_change_touches_only_its_fields(store):
    """
    Several changes of one job in a batch are applied in order, the last one wins.
    """
    before = job("a", detail={"x": 1}, tags={"old": "1"})
    store.commit(Batch(jobs=(before, job("b"))))

    store.commit(
        Batch(
            changes=(
                JobChange("a", {"status": JobStatus.QUEUED}),
                JobChange("b", {"status": JobStatus.QUEUED}),
                JobChange("a", {"status": JobStatus.RUNNING, "started_at_ms": 5, "error": None}),
                JobChange("b", {}),
            )
        )
    )

    assert replace(before, status=JobStatus.RUNNING, started_at_ms=5) == store.load_job("default", "a")
    assert JobStatus.QUEUED is store.load_job("default", "b").status


def test_a_job_made_and_changed_in_one_batch_has_the_change(store):
    """
    The engine may submit and move a job in the same turn.
    """
    store.commit(Batch(jobs=(job("a"),), changes=(JobChange("a", {"status": JobStatus.QUEUED}),)))

    assert JobStatus.QUEUED is store.load_job("default", "a").status


@pytest.mark.parametrize(
    "batch",
    [
        Batch(changes=(JobChange("nobody", {"status": JobStatus.RUNNING}),)),
        Batch(events=(event("nobody", 1),)),
        Batch(submissions=(Submission("nobody", {}, {}),)),
        Batch(outputs=((output("nobody"), manifest("x")),)),
    ],
    ids=["change", "event", "submission", "output"],
)
def test_what_belongs_to_no_job_is_a_bug_and_is_not_stored(store, batch):
    """
    A row without its job would never be found again.
    """
    with pytest.raises(Bug):
        store.commit(replace(batch, jobs=(job("innocent"),)))

    assert store.load_job("default", "innocent") is None


def test_an_empty_batch_is_no_error(store):
    """
    A turn of the engine may have nothing to store.
    """
    store.commit(Batch())

    assert () == store.unfinished()


def test_a_tree_has_parents_before_children_and_siblings_in_order(store):
    """
    A job page draws the tree as it was written.
    """
    store.commit(
        Batch(
            jobs=(
                job("z_last", root="root", parent="root", position=2),
                job("inner_b", root="root", parent="group", position=1),
                job("inner_a", root="root", parent="group", position=0),
                job("group", root="root", parent="root", position=1),
                job("first", root="root", parent="root", position=0),
                job("root"),
                job("stranger"),
            )
        )
    )

    assert ["root", "first", "group", "inner_a", "inner_b", "z_last"] == names(store.load_tree("default", "root"))


def test_unfinished_jobs_are_roots_that_have_not_ended_oldest_first(store):
    """
    A restarted server takes these up again.
    """
    store.commit(
        Batch(
            jobs=(
                job("young", at=20, status=JobStatus.RUNNING),
                job("old", at=10, status=JobStatus.NOT_RESPONDING, workspace="other"),
                job("done", at=5, status=JobStatus.COMPLETED),
                job("failed", at=6, status=JobStatus.FAILED),
                job("canceled", at=7, status=JobStatus.CANCELED),
                job("step", root="young", parent="young", at=1, status=JobStatus.RUNNING),
            )
        )
    )

    assert ["old", "young"] == names(store.unfinished())


# --- lists -----------------------------------------------------------------------------------


@pytest.fixture
def crowd(store):
    """Nine root jobs with children; two share a time, one is archived."""
    statuses = [JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.RUNNING]
    jobs = [
        job(
            f"job_{number}",
            at=1000 + number // 2,
            status=statuses[number % 3],
            experiment_name="even" if number % 2 == 0 else "odd",
            tags={"number": str(number), "all": "yes"} if number else {},
            is_archived=number == 5,
            description="needle 100%" if number == 7 else None,
        )
        for number in range(9)
    ]
    jobs += [job(f"child_{at}", root="job_1", parent="job_1", position=at // 2, at=5000 - at) for at in range(6)]
    store.commit(Batch(jobs=tuple(jobs)))
    return store


def pages(store, which, size):
    found, before = [], None
    while page := store.list_jobs("default", which, limit=size, before=before):
        assert len(page) <= size
        found += names(page)
        before = (page[-1].created_at_ms, page[-1].name)
    return found


ACTIVE = [f"job_{number}" for number in (8, 7, 6, 4, 3, 2, 1, 0)]


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        (JobFilter(), ACTIVE),
        (JobFilter(archived="all"), ["job_8", "job_7", "job_6", "job_5", "job_4", "job_3", "job_2", "job_1", "job_0"]),
        (JobFilter(archived="archived"), ["job_5"]),
        (JobFilter(status=(JobStatus.FAILED,)), ["job_7", "job_4", "job_1"]),
        (JobFilter(status=(JobStatus.FAILED, JobStatus.RUNNING)), ["job_8", "job_7", "job_4", "job_2", "job_1"]),
        (JobFilter(status=(JobStatus.FAILED, JobStatus.FAILED)), ["job_7", "job_4", "job_1"]),
        (JobFilter(status=(JobStatus.QUEUED,)), []),
        (JobFilter(experiment_name="odd"), ["job_7", "job_3", "job_1"]),
        (JobFilter(experiment_name="od_"), []),
        (JobFilter(tags={"number": "3"}), ["job_3"]),
        (JobFilter(tags={"number": None, "all": "yes"}), ACTIVE[:-1]),
        (JobFilter(tags={"number": "3", "all": "no"}), []),
        (JobFilter(since_ms=1003), ["job_8", "job_7", "job_6"]),
        (JobFilter(text="NEEDLE"), ["job_7"]),
        (JobFilter(text="0%"), ["job_7"]),
        (JobFilter(text="b%5"), []),
        (JobFilter(text="job_4"), ["job_4"]),
        (JobFilter(text=NASTY), []),
        (JobFilter(parent_name="job_1"), [f"child_{at}" for at in range(6)]),
        (JobFilter(parent_name="job_1", status=(JobStatus.FAILED,)), []),
        (JobFilter(parent_name="nobody"), []),
        (JobFilter(roots_only=False, status=(JobStatus.NOT_STARTED,)), [f"child_{at}" for at in range(6)]),
        (JobFilter(roots_only=False, text="job_"), ACTIVE),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 100])
def test_a_list_has_what_was_asked_for_newest_first_in_pages(crowd, which, expected, size):
    """
    Each filter finds its jobs, and pages of any size hold each job once.
    """
    assert expected == pages(crowd, which, size)


def test_changed_tags_are_found_and_old_ones_are_not(crowd):
    """
    A list by tag follows `job update`.
    """
    crowd.commit(Batch(changes=(JobChange("job_3", {"tags": {"new": NASTY}}),)))

    assert [] == pages(crowd, JobFilter(tags={"number": "3"}), 10)
    assert ["job_3"] == pages(crowd, JobFilter(tags={"new": NASTY}), 10)
    assert {"new": NASTY} == crowd.load_job("default", "job_3").tags


def test_a_tag_of_several_kilobytes_is_stored_and_found(crowd):
    """
    A long tag is no reason to refuse a job.
    """
    long = "ü" * 20_000
    crowd.commit(Batch(jobs=(job("long", tags={long: long}),)))

    assert ["long"] == pages(crowd, JobFilter(tags={long: long}), 10)
    assert [] == pages(crowd, JobFilter(tags={long: long + "x"}), 10)


def test_a_tag_that_most_jobs_have_is_walked_in_pages(store):
    """
    A common tag gives the same jobs as no filter.
    """
    store.commit(Batch(jobs=tuple(job(f"j{number:04}", at=number, tags={"team": "red"}) for number in range(700))))

    assert 700 == len(pages(store, JobFilter(tags={"team": "red"}), 300))
    assert [] == pages(store, JobFilter(tags={"team": "blue"}), 300)


# --- history, submissions, outputs -----------------------------------------------------------


def test_facts_come_back_in_order_from_any_place(store):
    """
    A page that has seen fact 2 asks for what is after it.
    """
    store.commit(Batch(jobs=(job("a"), job("b")), events=(event("a", 2), event("b", 1), event("a", 1, text=NASTY))))
    store.commit(Batch(events=(EventRecord("a", 3, 9, "CancelAsked", None, None, {"by": "ann"}),)))

    assert [1, 2, 3] == [found.seq for found in store.load_events("default", "a")]
    assert (EventRecord("a", 3, 9, "CancelAsked", None, None, {"by": "ann"}),) == store.load_events(
        "default", "a", after=2
    )
    assert {"text": NASTY} == store.load_events("default", "a")[0].data


def test_a_fact_is_never_overwritten(store):
    """
    Two engines on one job are noticed at their first fact.
    """
    store.commit(Batch(jobs=(job("a"),), events=(event("a", 1, text="first"),)))

    with pytest.raises(Bug):
        store.commit(Batch(events=(event("a", 1, text="second"),)))

    assert {"text": "first"} == store.load_events("default", "a")[0].data


def test_a_submission_comes_back_word_for_word(store):
    """
    The graph can be built again after a restart.
    """
    submission = Submission("a", {"jobs": {NASTY: [1, 2.5, None, True]}}, {"d" * 64: {"command": "x" * 5000}})
    store.commit(Batch(jobs=(job("a"),), submissions=(submission,)))

    assert submission == store.load_submission("default", "a")
    assert store.load_submission("default", "b") is None


def test_an_output_is_stored_with_its_files_and_may_be_stored_again(store):
    """
    A second attempt's output takes the place of the first one's.
    """
    files = manifest("b.txt", NASTY, "raw\udcff name")
    store.commit(Batch(jobs=(job("a"),), outputs=((output("a", state="kept"), manifest("old")),)))
    store.commit(Batch(outputs=((output("a"), files), (output("a", "zoo"), Manifest((), is_file=False)))))

    assert (output("a"), output("a", "zoo")) == store.load_outputs("default", "a")
    assert files == store.load_manifest("default", "a", "out")
    assert store.load_manifest("default", "a", "none") is None
    assert store.load_manifest("other", "a", "out") is None
    assert () == store.load_outputs("other", "a")


@pytest.mark.parametrize("value", [7, 0, 0.1, True, False, "", NASTY])
def test_a_value_comes_back_as_what_it_was(store, value):
    """
    Whatever it is: false, 0 and an empty text are values, and not the absence of one.
    """
    row = dataclasses.replace(output("a"), type="string", is_file=True, value=value)
    store.commit(Batch(jobs=(job("a"),), outputs=((row, manifest("out")),)))

    (found,) = store.load_outputs("default", "a")
    assert found == row
    assert type(found.value) is type(value)


def test_an_output_that_has_another_name_than_where_it_was_written_has_its_files(store):
    """
    A loop takes an output of a step inside its body under the name that the body gives it.
    """
    files = manifest("b.txt")
    taken = dataclasses.replace(output("a", "inner"), job_name="b", output="outer", source_job="a")
    store.commit(Batch(jobs=(job("a"), job("b")), outputs=((output("a", "inner"), files), (taken, Manifest(())))))

    assert files == store.load_manifest("default", "b", "outer")


def test_a_manifest_of_many_files_survives_packing(store):
    """
    An output of 20,000 files is one row.
    """
    files = Manifest(
        tuple(
            FileEntry(f"part/{number}.parquet", number, f"{number:064x}", number % 2 == 0) for number in range(20_000)
        )
    )
    store.commit(Batch(jobs=(job("a"),), outputs=((output("a"), files),)))

    assert files == store.load_manifest("default", "a", "out")


# --- uploads ---------------------------------------------------------------------------------


def upload(digest="d" * 64, name="src", **rest):
    uri = DatastoreUri("workspaceblobstore", f"LocalUpload/{digest}/{name}")
    return UploadRecord(digest, name, uri, 7, 2, rest.get("is_file", False))


def test_an_upload_is_found_by_content_and_name(store):
    """
    The same content under another name is another upload; saving twice is no error.
    """
    files = manifest("a.py", "b/c.py")
    store.save_upload("default", upload(), files)
    store.save_upload("default", upload(), files)

    assert upload() == store.find_upload("default", "d" * 64, "src")
    assert store.find_upload("default", "d" * 64, "other") is None
    assert store.find_upload("other", "d" * 64, "src") is None
    assert files == store.load_upload_manifest("default", "d" * 64)
    assert store.load_upload_manifest("default", "e" * 64) is None


def test_a_file_is_found_in_whatever_upload_holds_it(store):
    """
    Only contents that no upload has need to be sent.
    """
    files = manifest("a.py", "b/c.py", NASTY)
    single = replace(manifest("data.csv"), is_file=True)
    store.save_upload("default", upload(), files)
    store.save_upload("default", upload("e" * 64, "data.csv"), single)
    unknown = [f"{number:064x}" for number in range(1200)]

    found = store.find_files(
        "default", [*unknown, files.entries[1].sha256, files.entries[2].sha256, single.entries[0].sha256]
    )

    assert {
        files.entries[1].sha256: DatastoreUri("workspaceblobstore", f"LocalUpload/{'d' * 64}/src/b/c.py"),
        files.entries[2].sha256: DatastoreUri("workspaceblobstore", f"LocalUpload/{'d' * 64}/src/{NASTY}"),
        single.entries[0].sha256: DatastoreUri("workspaceblobstore", f"LocalUpload/{'e' * 64}/data.csv"),
    } == found
    assert {} == store.find_files("other", [files.entries[0].sha256])
    assert {} == store.find_files("default", [])


def test_a_file_name_that_is_no_unicode_is_kept_in_the_manifest(store):
    """
    Such a file is sent again the next time, and that is all.
    """
    files = manifest("caf\udce9.txt", "plain")
    store.save_upload("default", upload(), files)

    assert files == store.load_upload_manifest("default", "d" * 64)
    assert [files.entries[1].sha256] == list(store.find_files("default", [entry.sha256 for entry in files.entries]))


# --- the rest --------------------------------------------------------------------------------


def test_computes_are_created_changed_listed_and_deleted(store):
    """
    `compute create` twice changes the compute; deleting twice says that it is gone.
    """
    first = ComputeRecord("default", "pool b", "amlcompute", 0, 4, 1000, {"size": "big", "tags": {NASTY: 1}})
    store.save_compute(first)
    store.save_compute(ComputeRecord("default", "a", "amlcompute", 0, 1, 1001))
    store.save_compute(replace(first, max_instances=8))

    assert replace(first, max_instances=8) == store.load_compute("default", "pool b")
    assert ["a", "pool b"] == names(store.list_computes("default"))
    assert () == store.list_computes("other")
    store.delete_compute("default", "a")
    with pytest.raises(NotFound, match="`a`"):
        store.delete_compute("default", "a")
    assert ["pool b"] == names(store.list_computes("default"))


def test_the_five_built_in_datastores_exist_from_the_start(store):
    """
    The default datastore comes first, and places are relative to the home.
    """
    found = store.list_datastores("default")

    assert list(BUILT_IN_DATASTORES) == names(found)
    assert {"path": "workspaces/default/workspaceblobstore"} == found[0].spec
    assert {"local"} == {datastore.type for datastore in found}


def test_a_web_copy_is_remembered_by_its_whole_address(store):
    """
    Addresses of several kilobytes are told apart.
    """
    url = "https://example.org/" + "x" * 6000
    copy = WebCopy(url, '"abc"', None, DatastoreUri("workspaceblobstore", "LocalUpload/d/f"), "d", 2**40, 5)
    store.save_web_copy("default", copy)
    store.save_web_copy("default", replace(copy, checked_at_ms=6))

    assert replace(copy, checked_at_ms=6) == store.load_web_copy("default", url)
    assert store.load_web_copy("default", url + "y") is None


def test_a_second_store_on_the_same_database_sees_everything(store, address):
    """
    Opening a database that is up to date changes nothing in it.
    """
    store.commit(Batch(jobs=(job("a"),)))

    again = open_store(address)
    try:
        assert ["a"] == names(again.list_jobs("default", JobFilter(), limit=5))
        assert 5 == len(again.list_datastores("default"))
    finally:
        again.close()


def test_a_store_may_be_closed_and_used_again(store):
    """
    A dropped connection is opened anew.
    """
    store.commit(Batch(jobs=(job("a"),)))
    store.close()
    store.commit(Batch(jobs=(job("b"),)))

    assert ["b", "a"] == names(store.list_jobs("default", JobFilter(), limit=5))


def test_threads_write_and_read_side_by_side(store):
    """
    Each batch is seen whole or not at all, while others are written.
    """
    store.commit(Batch(jobs=(job("shared"),)))
    problems = []

    def write(number):
        for turn in range(10):
            name = f"w{number}_{turn}"
            seq = number * 100 + turn * 2
            store.commit(Batch(jobs=(job(name),), events=(event("shared", seq + 1), event("shared", seq + 2))))

    def read():
        counts = [len(store.load_events("default", "shared")) for _ in range(30)]
        problems.extend(count for count in counts if count % 2)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    threads += [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [] == problems
    assert 41 == len(store.list_jobs("default", JobFilter(), limit=100))
    assert 80 == len(store.load_events("default", "shared"))


@pytest.mark.parametrize("order", JOB_ORDERS)
def test_jobs_are_listed_in_any_order_page_by_page(store, order):
    """Each is on one page, also where many are equal; a minus sign turns the order around."""
    store.commit(
        Batch(
            jobs=tuple(
                job(f"j{n}", at=n, display_name="aB"[n % 2], started_at_ms=0, ended_at_ms=n % 3 or None)
                for n in range(7)
            )
        )
    )

    def walk(which):
        found, before = [], None
        while page := store.list_jobs("default", which, limit=2, before=before):
            found += page
            before = (page[-1].created_at_ms, page[-1].name)
        return [one.name for one in found]

    assert sorted(walk(JobFilter(order=order))) == [f"j{n}" for n in range(7)]
    assert walk(JobFilter(order=f"-{order}", archived="all")) == walk(JobFilter(order=order))[::-1]


def test_jobs_are_counted_by_status_and_experiment(store):
    """Steps are not counted, archived jobs only when asked for, and the largest experiments come first."""
    store.commit(
        Batch(
            jobs=(
                job("a", experiment_name="x", status=JobStatus.FAILED),
                job("a1", root="a", parent="a", experiment_name="x"),
                job("b", experiment_name="y", status=JobStatus.FAILED),
                job("c", experiment_name="y", status=JobStatus.COMPLETED),
                job("d", experiment_name="y", is_archived=True),
            )
        )
    )
    found = store.count_jobs("default", JobFilter(), experiments=1)

    assert found == JobCounts(3, {JobStatus.FAILED: 2, JobStatus.COMPLETED: 1}, {"y": 2})
    assert store.count_jobs("default", JobFilter(archived="all", experiment_name="y"), experiments=5).total == 3
