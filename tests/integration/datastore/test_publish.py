"""Outputs and artifacts on their way to their final names."""

import errno
import hashlib
import os
from pathlib import Path

import pytest

from pipeyard.datastore import durable, publish
from pipeyard.datastore.output import LocalOutputStore
from pipeyard.launch.plan import PlannedOutput
from pipeyard.model.assets import DatastoreUri, FileEntry, Manifest
from pipeyard.model.digest import manifest_digest
from pipeyard.model.record import artifact_root, default_output_uri
from pipeyard.ports import ArtifactMove, StoreRequest

STORE = "workspaceblobstore"


class Step:
    """A staging folder as a step leaves it, and the request that stores it."""

    def __init__(self, home, datastores, pool, attempt=1, job="step-1"):
        self.job, self.attempt = job, attempt
        self.root = home / "attempts" / f"{job}.{attempt}"
        (self.root / "wd").mkdir(parents=True)
        (self.root / "outputs").mkdir()
        self.datastores = datastores
        self.outputs, self.artifacts = [], []
        self.output_store = LocalOutputStore(datastores, pool)

    def folder(self, name="out", uri=None, **files):
        place = self.root / "outputs" / name
        place.mkdir()
        uri = uri or str(default_output_uri(STORE, self.job, name))
        self.outputs.append(PlannedOutput(name, "uri_folder", f"outputs/{name}", is_file=False, uri=uri))
        for path, data in files.items():
            write(place / path, data)
        return place

    def file(self, name="model", uri=None, data=None):
        place = self.root / "outputs" / name / "model.bin"
        place.parent.mkdir()
        uri = uri or str(default_output_uri(STORE, self.job, name))
        self.outputs.append(PlannedOutput(name, "uri_file", f"outputs/{name}/model.bin", is_file=True, uri=uri))
        if data is not None:
            place.write_text(data)
        return place

    def store(self, *, is_complete=True):
        (result,) = self.output_store.store([self.request(is_complete=is_complete)])
        return result

    def request(self, *, is_complete=True):
        return StoreRequest(
            f"{self.job}.{self.attempt}",
            "default",
            self.job,
            str(self.root),
            tuple(self.outputs),
            tuple(self.artifacts),
            is_complete,
        )

    def place(self, uri):
        return self.datastores.local_path("default", uri)


def write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(data)


def files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in sorted(Path(folder).rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def step(home, datastores, same_pool):
    return Step(home, datastores, same_pool)


@pytest.fixture
def retry(home, datastores, same_pool, step):
    return Step(home, datastores, same_pool, attempt=2)


def out(step, name="out"):
    return step.place(default_output_uri(STORE, step.job, name))


# --- what a step may leave behind ------------------------------------------------------------


def test_an_output_folder_gets_its_name_and_is_described(step):
    """
    The files are at `azureml/<step job name>/<output>/`, and the row says what is in them.
    """
    step.folder(**{"a b.txt": "one", "deep/ü\n'.txt": "two"})

    result = step.store()

    assert result.error is None
    ((row, manifest),) = result.outputs
    assert {"a b.txt": "one", "deep/ü\n'.txt": "two"} == files(out(step))
    assert (row.job_name, row.output, row.state, row.type) == ("step-1", "out", "complete", "uri_folder")
    assert DatastoreUri(STORE, "azureml/step-1/out/") == row.uri
    assert (row.size, row.file_count, row.is_file) == (6, 2, False)
    assert manifest_digest(manifest) == row.digest
    assert FileEntry("a b.txt", 3, hashlib.sha256(b"one").hexdigest()) == manifest.entries[0]
    assert not (step.root / "outputs/out").exists()


def test_a_folder_without_files_is_an_output(step):
    """
    The next step finds an empty folder, whether this one left it empty or removed it.
    """
    step.folder("empty")
    step.folder("removed").rmdir()

    result = step.store()

    assert result.error is None
    assert [Manifest(()), Manifest(())] == [manifest for _, manifest in result.outputs]
    assert out(step, "empty").is_dir()
    assert out(step, "removed").is_dir()


def test_a_file_output_is_one_file(step):
    """
    Its row names the file itself.
    """
    step.file(data="weights")

    ((row, manifest),) = step.store().outputs

    assert DatastoreUri(STORE, "azureml/step-1/model/model.bin") == row.uri
    assert row.is_file
    assert [("model.bin", 7)] == [(entry.path, entry.size) for entry in manifest.entries]
    assert "weights" == step.place(row.uri).read_text()


def test_a_file_output_goes_to_the_place_that_the_user_chose(step):
    """
    The last part of the path is the file's name.
    """
    step.file(uri=f"azureml://datastores/{STORE}/paths/models/final v1.pkl", data="weights")

    ((row, manifest),) = step.store().outputs

    assert "weights" == step.place(DatastoreUri(STORE, "models/final v1.pkl")).read_text()
    assert ["final v1.pkl"] == [entry.path for entry in manifest.entries]
    assert DatastoreUri(STORE, "models/final v1.pkl") == row.uri


def test_a_missing_file_output_fails_the_step_and_keeps_the_rest(step):
    """
    The error names the output; what was written is there to look at, and not for later steps.
    """
    step.folder(a="one")
    step.file()

    result = step.store()

    assert "output-missing" == result.error["code"]
    assert "`model`" in result.error["message"]
    assert [("out", "kept")] == [(row.output, row.state) for row, _ in result.outputs]
    assert {"a": "one"} == files(out(step))


def test_a_failed_step_keeps_what_it_wrote(step):
    """
    Nothing is demanded of it; its outputs have the state `kept`.
    """
    step.folder(partial="half")
    step.file()

    result = step.store(is_complete=False)

    assert result.error is None
    assert [("out", "kept")] == [(row.output, row.state) for row, _ in result.outputs]
    assert {"partial": "half"} == files(out(step))


@pytest.mark.parametrize("is_complete", [True, False])
def test_an_output_of_the_wrong_shape_is_kept_but_is_no_success(step, is_complete):
    """
    A folder where a file was declared, and the other way round, is an error of the step.
    """
    step.folder().rmdir()
    (step.root / "outputs/out").write_text("a file")
    write(step.file() / "inner.txt", "in a folder")

    result = step.store(is_complete=is_complete)

    assert (None if not is_complete else "output-not-a-folder") == (result.error or {}).get("code")
    assert {"kept"} == {row.state for row, _ in result.outputs}
    assert "a file" == out(step).read_text()
    assert {"inner.txt": "in a folder"} == files(out(step, "model") / "model.bin")


def test_a_pipe_in_an_output_is_named_and_other_outputs_are_stored(step):
    """
    One output's failure is its own.
    """
    os.mkfifo(step.folder("bad") / "pipe")
    step.folder("good", a="one")

    result = step.store()

    assert "special-file" == result.error["code"]
    assert "`pipe`" in result.error["message"]
    assert ["good"] == [row.output for row, _ in result.outputs]


def test_a_pipe_in_the_place_of_a_file_output_is_refused(step):
    """
    Nobody waits for a writer that never comes.
    """
    os.mkfifo(step.file())

    assert "special-file" == step.store().error["code"]


def test_folders_without_permissions_are_no_obstacle(step):
    """
    A step that protects its files does not lose them.
    """
    place = step.folder(**{"locked/a": "one"})
    (place / "locked/a").chmod(0)
    (place / "locked").chmod(0o500)

    assert step.store().error is None
    assert {"locked/a": "one"} == files(out(step))


def test_a_direct_output_is_described_where_it_is(step):
    """
    The step wrote to the final place itself; nothing is moved.
    """
    target = step.place(DatastoreUri(STORE, "tables/mine"))
    write(target / "MLTable", "paths: []")
    uri = f"azureml://datastores/{STORE}/paths/tables/mine"
    step.outputs.append(PlannedOutput("t", "mltable", "outputs/t", is_file=False, uri=uri, is_direct=True))

    ((row, manifest),) = step.store().outputs

    assert DatastoreUri(STORE, "tables/mine") == row.uri
    assert ["MLTable"] == [entry.path for entry in manifest.entries]


# --- links -----------------------------------------------------------------------------------


def test_links_mean_after_the_move_what_they_meant_before(step, tmp_path):
    """
    Inside the output they stay links, relative; what lies outside takes their place.
    """
    write(tmp_path / "outside/data/x.txt", "x")
    write(tmp_path / "outside/y.txt", "y")
    place = step.folder(**{"real/a.txt": "a"})
    (place / "relative").symlink_to("real/a.txt")
    (place / "absolute").symlink_to(place / "real/a.txt")
    (place / "real/up").symlink_to("..")
    (place / "folder").symlink_to(tmp_path / "outside/data")
    (place / "file").symlink_to(tmp_path / "outside/y.txt")
    (place / "broken").symlink_to("nothing")

    ((_, manifest),) = step.store().outputs

    target = out(step)
    assert ["absolute", "file", "folder/x.txt", "real/a.txt", "relative"] == [entry.path for entry in manifest.entries]
    assert Path("real/a.txt") == (target / "absolute").readlink()
    assert "a" == (target / "absolute").read_text()
    assert not (target / "file").is_symlink()
    assert not (target / "folder").is_symlink()
    assert (target / "broken").is_symlink()


def test_an_output_that_is_itself_a_link_is_what_it_points_to(step, tmp_path):
    """
    `rmdir $OUT; ln -s results $OUT` gives the results, and leaves the original alone.
    """
    write(tmp_path / "results/r.txt", "r")
    place = step.folder()
    place.rmdir()
    place.symlink_to(tmp_path / "results")

    assert step.store().error is None
    assert {"r.txt": "r"} == files(out(step))
    assert not out(step).is_symlink()
    assert {"r.txt": "r"} == files(tmp_path / "results")


def test_an_output_that_is_a_link_to_what_holds_it_is_refused(step):
    """
    The whole disk is not copied because somebody linked to its root.
    """
    place = step.folder()
    place.rmdir()
    place.symlink_to("/")

    assert "link-leads-out" == step.store().error["code"]


def test_a_link_to_a_folder_above_the_output_is_refused(step):
    """
    Copying it would copy the output into itself for ever.
    """
    (step.folder() / "up").symlink_to(step.root)

    assert "link-leads-out" == step.store().error["code"]


# --- places of the user's choice -------------------------------------------------------------


def custom(path="shared/data"):
    return f"azureml://datastores/{STORE}/paths/{path}"


def test_a_chosen_folder_is_merged_into_file_by_file(step):
    """
    What was there stays unless a file has the same path.
    """
    target = step.place(DatastoreUri(STORE, "shared/data"))
    write(target / "old.txt", "old")
    write(target / "deep/same.txt", "before")
    step.folder(uri=custom(), **{"deep/same.txt": "after", "deep/new.txt": "new"})

    ((row, manifest),) = step.store().outputs

    assert {"old.txt": "old", "deep/same.txt": "after", "deep/new.txt": "new"} == files(target)
    assert ["deep/new.txt", "deep/same.txt"] == [entry.path for entry in manifest.entries]
    assert DatastoreUri(STORE, "shared/data") == row.uri


def test_a_file_in_the_place_of_a_chosen_folder_is_kept_in_it(step):
    """
    The step has failed, and what it wrote is there to look at.
    """
    step.folder(uri=custom()).rmdir()
    (step.root / "outputs/out").write_text("a file")

    result = step.store()

    assert "output-not-a-folder" == result.error["code"]
    assert {"out": "a file"} == files(step.place(DatastoreUri(STORE, "shared/data")))
    assert ["kept"] == [row.state for row, _ in result.outputs]


def test_a_merge_that_would_turn_a_folder_into_a_file_is_refused(step):
    """
    Nothing that others may need is removed to make room.
    """
    target = step.place(DatastoreUri(STORE, "shared/data"))
    write(target / "thing/keep.txt", "keep")
    step.folder(uri=custom(), thing="a file")

    assert "output-in-the-way" == step.store().error["code"]
    assert {"thing/keep.txt": "keep"} == files(target)


def test_a_merge_does_not_follow_a_link_out_of_the_datastore(step, tmp_path):
    """
    A link that somebody left in the chosen folder is no way out.
    """
    target = step.place(DatastoreUri(STORE, "shared/data"))
    target.mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (target / "deep").symlink_to(tmp_path / "elsewhere")
    step.folder(uri=custom(), **{"deep/x": "x"})

    assert "link-leads-out" == step.store().error["code"]
    assert [] == list((tmp_path / "elsewhere").iterdir())


def test_a_path_that_leads_out_is_the_requests_own_error(step, home, datastores, same_pool):
    """
    Other requests of the same batch are stored.
    """
    step.folder(uri=custom("../../etc"))
    other = Step(home, datastores, same_pool, job="other")
    other.folder(a="one")

    bad, good = step.output_store.store([step.request(), other.request()])

    assert ("step-1.1", "bad-path") == (bad.attempt_id, bad.error["code"])
    assert good.error is None
    assert {"a": "one"} == files(out(other))


# --- artifacts -------------------------------------------------------------------------------


def test_artifacts_join_those_of_an_earlier_attempt(step, retry):
    """
    Empty and missing folders leave nothing.
    """
    for each, names in ((step, ["first", "same"]), (retry, ["second", "same"])):
        for name in names:
            write(each.root / f"wd/outputs/deep/{name}.txt", f"attempt {each.attempt}")
        (each.root / "wd/logs/empty").mkdir(parents=True)
        for name in ("outputs", "logs", "missing"):
            each.artifacts.append(ArtifactMove(f"wd/{name}", artifact_root(each.job).child(name)))
        assert each.store().error is None

    root = step.place(artifact_root("step-1"))
    assert ["outputs"] == [path.name for path in root.iterdir()]
    assert {
        "outputs/deep/first.txt": "attempt 1",
        "outputs/deep/same.txt": "attempt 2",
        "outputs/deep/second.txt": "attempt 2",
    } == files(root)


# --- attempts, repeats, crashes --------------------------------------------------------------


def test_a_retry_takes_the_place_of_the_earlier_attempt(step, retry):
    """
    Nothing of the first attempt is mixed into the second one's output.
    """
    step.folder(a="first", b="first")
    step.file(data="first")
    step.store(is_complete=False)
    retry.folder(a="second")
    retry.file(data="second")

    result = retry.store()

    assert result.error is None
    assert {"a": "second"} == files(out(step))
    assert {"model.bin": "second"} == files(out(step, "model"))
    assert [] == list(out(step).parent.glob(".pipeyard*"))


def test_a_folder_that_the_retry_removed_holds_nothing_of_the_earlier_attempt(step, retry):
    """
    What is described as empty is empty.
    """
    step.folder(a="first")
    step.store(is_complete=False)
    retry.folder().rmdir()

    ((_, manifest),) = retry.store().outputs

    assert Manifest(()) == manifest
    assert {} == files(out(step))


def test_a_file_that_only_the_earlier_attempt_wrote_is_missing(step, retry):
    """
    An old file is never taken for the result of this attempt.
    """
    step.file(data="first")
    step.store(is_complete=False)
    retry.file()

    assert "output-missing" == retry.store().error["code"]


def test_the_same_request_twice_gives_the_same_answer(step):
    """
    A restarted server may ask again.
    """
    step.folder(a="one")
    step.folder("merged", uri=custom(), **{"deep/x": "x"})
    step.file(data="weights")
    step.file("chosen", uri=custom("chosen.bin"), data="weights")
    first = step.store()

    assert first.error is None
    assert first == step.store() == step.store()


class CrashError(BaseException):
    pass


CALLS = [(os, "replace"), (os, "fsync"), (os, "mkdir"), (os, "open"), (durable, "exchange"), (durable, "remove")]


@pytest.mark.parametrize("where", CALLS, ids=[call for _, call in CALLS])
def test_a_crash_anywhere_is_repaired_by_asking_again(home, datastores, same_pool, monkeypatch, where):
    """
    After a crash at each single system call, no final name shows half an output, and the repeat completes it.
    """
    module, call = where
    original = getattr(module, call)
    for stop_at in range(1, 200):
        first = Step(home, datastores, same_pool, job=f"{call}-{stop_at}")
        first.folder(a="first", b="first")
        first.store(is_complete=False)
        step = Step(home, datastores, same_pool, attempt=2, job=first.job)
        step.folder(a="second", c="second")
        shared = custom(f"shared/{call}-{stop_at}")
        step.folder("merged", uri=shared, **{"deep/x": "x", "y": "y"})
        step.file(data="weights")
        calls = iter(range(1, 10_000))

        def crash(*args, stop_at=stop_at, calls=calls, **kwargs):
            if next(calls) == stop_at:
                raise CrashError
            return original(*args, **kwargs)

        with monkeypatch.context() as patch:
            patch.setattr(module, call, crash)
            try:
                step.store()
            except CrashError:
                is_over = False
            else:
                is_over = True
        assert files(out(step)) in ({"a": "first", "b": "first"}, {"a": "second", "c": "second"})

        result = step.store()

        assert result.error is None, result.error
        assert {"a": "second", "c": "second"} == files(out(step))
        assert {"deep/x": "x", "y": "y"} == files(step.place(DatastoreUri(STORE, f"shared/{call}-{stop_at}")))
        assert {"model.bin": "weights"} == files(out(step, "model"))
        assert [2, 2, 1] == [row.file_count for row, _ in result.outputs]
        if is_over:
            assert stop_at > 1
            return
    pytest.fail("the crash never came to the end")


def test_an_output_crosses_to_another_file_system(step, monkeypatch):
    """
    Where a rename cannot go, a verified copy goes; nothing of ours stays beside it.
    """
    original = os.replace

    def refuse(source, target, **options):
        if "attempts" in str(source) and "attempts" not in str(target):
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        return original(source, target, **options)

    step.folder(**{"deep/a": "one"})
    (step.root / "outputs/out/link").symlink_to("deep/a")
    step.file(data="weights")
    step.folder("merged", uri=custom(), **{"deep/x": "x"})
    monkeypatch.setattr(os, "replace", refuse)

    first = step.store()

    assert first.error is None
    assert {"deep/a": "one", "link": "one"} == files(out(step))
    assert {"model.bin": "weights"} == files(out(step, "model"))
    assert {"deep/x": "x"} == files(step.place(DatastoreUri(STORE, "shared/data")))
    assert [] == list(step.place(DatastoreUri(STORE, "")).rglob(".pipeyard*"))


def test_without_an_exchange_of_names_the_earlier_output_is_removed_first(step, retry, monkeypatch):
    """
    Systems that cannot exchange two names still end with the new output.
    """
    step.folder(a="first")
    step.store()
    retry.folder(b="second")
    monkeypatch.setattr(durable, "exchange", lambda *_: False)

    assert retry.store().error is None
    assert {"b": "second"} == files(out(step))


@pytest.mark.parametrize(
    ("code", "expected"), [(errno.ENOSPC, "disk-full"), (errno.EROFS, "not-writable"), (errno.EIO, "not-stored")]
)
def test_what_the_disk_refuses_is_said_and_can_be_repeated(step, monkeypatch, code, expected):
    """
    A full disk fails this attempt's storing; with space again the same request works.
    """
    step.folder(a="one")

    def refuse(*_):
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr(publish, "begin_folders", refuse)
        result = step.store()
    assert expected == result.error["code"]
    assert () == result.outputs

    assert step.store().error is None
    assert {"a": "one"} == files(out(step))


def test_worker_processes_store_a_batch_in_order(home, datastores, pool):
    """
    Twenty attempts go to the workers in one call and come back in the order they were given.
    """
    steps = [Step(home, datastores, pool, job=f"s{number}") for number in range(20)]
    for step in steps:
        step.folder(a=step.job)

    results = steps[0].output_store.store([step.request() for step in steps])

    assert [f"s{number}.1" for number in range(20)] == [result.attempt_id for result in results]
    assert [None] * 20 == [result.error for result in results]
    assert [{"a": f"s{number}"} for number in range(20)] == [files(out(step)) for step in steps]


def test_one_small_output_needs_no_worker(home, datastores):
    """
    One attempt that wrote little is stored where it is asked for: nobody waits for a worker.
    """

    class NoPool:
        def run(self, *_words):
            pytest.fail("a worker was asked")

    step = Step(home, datastores, NoPool())
    step.folder(a="x")

    assert step.store().error is None
    assert {"a": "x"} == files(out(step))


def test_no_requests_give_no_results(step):
    """
    An empty batch does not wake a worker.
    """
    assert () == step.output_store.store([])


def test_bytes_are_on_disk_before_their_name_is(step, monkeypatch):
    """
    A power cut finds an output whole or not at all: its files are synchronised, then renamed, then the folder is.
    """
    write(step.folder() / "a" / "x.txt", "some bytes")
    told: list[str] = []
    sync, rename = os.fsync, os.replace

    def fsync(handle):
        name = Path(f"/proc/self/fd/{handle}").readlink()
        told.append(f"sync {name.name}")
        sync(handle)

    def replace(source, target, **options):
        told.append(f"name {Path(target).name}")
        rename(source, target, **options)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    step.store()

    named = max(index for index, what in enumerate(told) if what.startswith("name "))
    assert told.index("sync x.txt") < named
    assert told.index("sync a") < named
    assert any(what.startswith("sync ") for what in told[named:])


# --- values ----------------------------------------------------------------------------------


def value(step, data, type_="integer", name="n"):
    place = step.root / "outputs" / name / name
    place.parent.mkdir()
    uri = str(default_output_uri(STORE, step.job, name).child(name))
    step.outputs.append(PlannedOutput(name, type_, f"outputs/{name}/{name}", is_file=True, uri=uri))
    if data is not None:
        place.write_bytes(data)


def test_a_value_is_kept_beside_its_file(step):
    """Whoever takes it needs no file; asked again after a crash, it is the same."""
    value(step, b"7\n")

    first, again = step.store(), step.store()

    assert [row.value for row, _ in (*first.outputs, *again.outputs)] == [7, 7]
    assert (out(step, "n") / "n").read_text() == "7\n"


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (None, "output-missing", "write one value"),
        (b"seven", "bad-value", "takes an integer, this is the text 'seven'"),
        (b"\xff\xfe", "bad-value", "no UTF-8 text"),
        (b"1" * 70_000, "bad-value", "more than 64 KiB"),
    ],
)
def test_what_is_no_value_is_the_mistake_of_its_step(step, data, code, words):
    """It is kept to look at, and nobody reads it; of a step that failed anyway nothing is said."""
    value(step, data)

    result, failed = step.store(), step.store(is_complete=False)

    assert result.error["code"] == code
    assert words in result.error["message"] + result.error["hint"]
    assert {row.state for row, _ in result.outputs} <= {"kept"}
    assert failed.error is None
