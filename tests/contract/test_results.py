"""What a store keeps about reuse, over every database."""

from __future__ import annotations

import pytest

from pipeyard.model.assets import DatastoreUri, FileEntry, Manifest
from pipeyard.model.record import Batch, OutputRecord
from pipeyard.model.reuse import ResultEnd, ResultRecord
from tests.contract.records import NASTY, job

KEY = "ab" * 32
OTHER_KEY = "cd" * 32


def result(job_name, key=KEY, *, step="step", ended=None, **rest):
    values = {
        "workspace": "default",
        "key": key,
        "job_name": job_name,
        "root_name": "root",
        "node_id": job_name,
        "step": step,
        "ended_at_ms": ended,
        "parts": {"command": NASTY, "inputs": {"a": [1, None]}},
    }
    return ResultRecord(**{**values, **rest})


def output(job_name, source=None):
    uri = DatastoreUri("workspaceblobstore", f"azureml/{source or job_name}/o/")
    return OutputRecord(job_name, "o", uri, "uri_folder", "complete", "d" * 64, 3, 1, source_job=source)


MANIFEST = Manifest((FileEntry("a b/ü", 3, "e" * 64),), looks=((1, 2**40, 3, 4),))


@pytest.fixture
def kept(store):
    """A store with the jobs that results are of."""
    names = ["one", "two", "three", "four"]
    store.commit(Batch(jobs=(job("root"), *(job(name, root="root", parent="root") for name in names))))
    return store


def test_a_result_is_found_when_its_step_has_completed(kept):
    """Before that it is known to who asks for the step, and stands for nothing."""
    kept.commit(Batch(results=(result("one"),)))
    before = (kept.find_results("default", [KEY]), kept.result_of("default", "one"))
    kept.commit(Batch(ended_results=(ResultEnd("one", 7, is_reusable=True),)))
    (found,) = kept.find_results("default", [OTHER_KEY, KEY])[KEY]

    assert before == ({}, result("one"))
    assert (found.job_name, found.ended_at_ms, found.parts) == ("one", 7, {})
    assert kept.result_of("default", "one") == result("one", ended=7)


def test_results_of_a_key_are_the_newest_first(kept):
    """Whatever their order in the table."""
    kept.commit(Batch(results=(result("two", ended=5), result("three", ended=9), result("one", ended=7))))

    assert [one.job_name for one in kept.find_results("default", [KEY])[KEY]] == ["three", "one", "two"]


@pytest.mark.parametrize(
    "hidden", [{"is_reusable": False}, {"source_job": "two"}, {"workspace": "elsewhere"}, {"ended_at_ms": None}]
)
def test_what_may_not_stand_for_others_is_not_found(kept, hidden):
    """Of a step that is not deterministic, that was reused itself, of another workspace, or that has not ended."""
    kept.commit(
        Batch(results=(result("one", **{"ended": 5, **hidden}) if "ended_at_ms" not in hidden else result("one"),))
    )

    assert kept.find_results("default", [KEY]) == {}


def test_ten_thousand_keys_are_asked_for_at_once(kept):
    """Most of them are of nobody."""
    kept.commit(Batch(results=(result("one", ended=5),)))
    keys = [f"{number:064x}" for number in range(10_000)]

    assert list(kept.find_results("default", [*keys, KEY])) == [KEY]


def test_a_reused_step_shares_the_parts_of_the_one_that_ran(kept):
    """They are stored once."""
    kept.commit(Batch(results=(result("one", ended=5),)))
    kept.commit(Batch(results=(result("two", ended=6, source_job="one", parts={}),)))
    found = kept.result_of("default", "two")

    assert (found.source_job, found.parts) == ("one", result("one").parts)
    assert [one.job_name for one in kept.results_of_root("default", "root")] == ["one", "two"]
    assert kept.results_of_root("elsewhere", "root") == ()


def test_the_nearest_runs_of_a_step_are_the_newest_completed_ones(kept):
    """A long name of a step is as good as a short one."""
    long = NASTY * 500
    some = (
        result("one", ended=5, step=long),
        result("two", ended=6, step=long),
        result("three", ended=None, step=long),
        result("four", ended=9),
    )
    kept.commit(Batch(results=some))

    assert [one.job_name for one in kept.nearest_results("default", long, 1)] == ["two"]
    assert [one.job_name for one in kept.nearest_results("default", long, 9)] == ["two", "one"]
    newest = kept.newest_results("default", [long, "step", "unknown"])
    assert {step: one.job_name for step, one in newest.items()} == {long: "two", "step": "four"}
    assert newest["step"].parts == result("four").parts


def test_an_output_of_a_reused_step_shares_the_manifest(kept):
    """It says who wrote it; the list of its files is kept once."""
    kept.commit(Batch(outputs=((output("one"), MANIFEST),)))
    kept.commit(Batch(outputs=((output("two", source="one"), Manifest(())),)))
    (shared,) = kept.load_outputs("default", "two")

    assert (shared.source_job, shared.uri) == ("one", output("one").uri)
    assert kept.load_manifest("default", "two", "o") == MANIFEST
    made = kept.load_made("default", ["one", "two", "unknown"])
    assert {name: [one for one, _ in some] for name, some in made.items()} == {"one": [output("one")]}


def test_how_files_looked_is_kept_with_the_manifest_and_may_be_replaced(kept):
    """Looks are no part of what a manifest is: two with different looks are equal."""
    kept.commit(Batch(outputs=((output("one"), MANIFEST),)))
    newer = Manifest(MANIFEST.entries, looks=(None,))
    before = kept.load_manifest("default", "one", "o").looks
    kept.commit(Batch(manifests=(("one", "o", newer), ("unknown", "o", newer))))

    assert (before, kept.load_manifest("default", "one", "o").looks) == (MANIFEST.looks, (None,))
    assert newer == MANIFEST
