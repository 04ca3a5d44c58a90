"""What a step that runs is compared with, and who knows the files."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeyard.engine.explain import Explainer, Unexplained
from pipeyard.model.errors import StoreError
from pipeyard.model.record import JobRecord
from pipeyard.model.status import JobStatus
from tests.unit.reuse.build import CODE, FACTS, manifest, parts_of, result, train

NODE = train()
EARLIER = result(parts_of(NODE))
OTHER_CODE = "b" * 64
NOW = parts_of(NODE, replace(FACTS, contents={**FACTS.contents, "model": "m2"}))
CHANGED = "output `model` of step `make` is not what it was since job `happy_cat`: `w.bin` changed"


class Store:
    """Knows one earlier run, and counts what it is asked."""

    def __init__(self, earlier=EARLIER, inputs=None):
        self.asked = []
        self._earlier = earlier
        self._inputs = {"model": {"from": {"job": "make-1", "output": "model"}}} if inputs is None else inputs
        self.outputs = {("make-1", "model"): manifest(w_bin="1"), ("make-2", "model"): manifest(w_bin="2")}
        self.uploads = {CODE: manifest(train_py="1"), OTHER_CODE: manifest(train_py="2")}

    def newest_results(self, workspace, steps):
        self.asked.append(("newest", *steps))
        return {step: self._earlier for step in steps if self._earlier is not None}

    def load_job(self, workspace, name):
        self.asked.append(("job", name))
        detail = {"inputs": self._inputs}
        return JobRecord(
            workspace, name, name, None, "command", "", 0, name, "e", JobStatus.COMPLETED, 1, "a", detail=detail
        )

    def load_manifest(self, workspace, job_name, output):
        self.asked.append(("output", job_name, output))
        return self.outputs.get((job_name, output))

    def load_upload_manifest(self, workspace, digest):
        self.asked.append(("upload", digest))
        return self.uploads.get(digest)


def unexplained(parts=NOW, **more):
    """Return the step, whose model is written by `make-2` now."""
    return Unexplained(NODE, "step", parts, {"model": ("make-2", "model")}.get, **more)


def said(store, *steps, uploads=None):
    """Return the sentences about steps."""
    explainer = Explainer(store, "default", uploads or {})
    return [[reason.message for reason in reasons] for reasons in explainer.explain(steps)]


def test_without_an_earlier_run_that_is_the_reason():
    """Nothing else is looked up."""
    store = Store(earlier=None)

    assert said(store, unexplained()) == [["no step like it has completed in this experiment before"]]
    assert store.asked == [("newest", "step")]


def test_files_of_outputs_are_found_by_who_wrote_them():
    """Then, by the earlier step's record; now, by the job that is under way."""
    assert said(Store(), unexplained()) == [[CHANGED]]


def test_an_output_of_another_job_is_found_by_its_address():
    """An input that names a job's output."""
    assert said(Store(inputs={"model": {"path": "azureml://jobs/make-1/outputs/model"}}), unexplained()) == [[CHANGED]]


@pytest.mark.parametrize("inputs", [{}, {"model": {"path": "azureml://jobs/make-1/outputs/model/paths/a"}}])
def test_files_that_nobody_knows_are_left_out(inputs):
    """The sentence stands without them."""
    assert said(Store(inputs=inputs), unexplained()) == [[CHANGED.partition(":")[0]]]


def test_what_was_written_a_moment_ago_need_not_be_stored_yet():
    """Its files are taken from the one who knows them."""
    store = Store()
    del store.outputs["make-2", "model"]

    assert said(store, unexplained(fresh={"model": manifest(w_bin="3")}.get)) == [[CHANGED]]


def test_files_that_were_not_sent_are_known_from_the_caller():
    """A dry run names the changed file of a code folder that the store never saw."""
    store = Store()
    del store.uploads[OTHER_CODE]
    now = parts_of(NODE, replace(FACTS, code=OTHER_CODE))

    assert said(store, unexplained(now), uploads={OTHER_CODE: manifest(train_py="2")}) == [
        ["code file `src/train.py` changed since job `happy_cat`"]
    ]


def test_many_steps_are_explained_with_one_look():
    """What was read for one step serves the others."""
    store = Store()
    now = parts_of(NODE, replace(FACTS, code=OTHER_CODE, contents={**FACTS.contents, "model": "m2"}))
    said(store, *[unexplained(now)] * 50)

    assert len(store.asked) == len(set(store.asked))


def test_a_store_that_fails_spoils_no_step(monkeypatch):
    """An explanation is worth less than the step."""
    store = Store()

    def fail(*_):
        raise StoreError("gone")

    monkeypatch.setattr(store, "load_manifest", fail)

    assert said(store, unexplained()) == [[CHANGED.partition(":")[0]]]
