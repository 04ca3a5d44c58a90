"""What would become of a job that is not submitted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeyard.model.assets import FileEntry, Manifest
from pipeyard.model.errors import SpecError, UserError
from pipeyard.model.reuse import Decision, Forecast
from pipeyard.service.foresee import foresee_job, trees_of
from tests.unit.service.conftest import command, pipeline

DIGEST = "a" * 64
URI = f"azureml://datastores/workspaceblobstore/paths/LocalUpload/{DIGEST}/src"
TREE = {"uri": URI, "digest": DIGEST, "is_file": False, "files": [{"path": "a.py", "size": 1, "sha256": "b" * 64}]}


class Foreseer:
    """Says that every step runs, and keeps what it was asked."""

    def __init__(self):
        self.asked = []

    def foresee(self, job, uploads):
        self.asked.append((job, uploads))
        return [Forecast(node, Decision.RUN) for node in job.graph.nodes]


@pytest.fixture
def foreseer(yard):
    yard.world = replace(yard.world, foreseer=Foreseer())
    return yard.world.foreseer


def document(code=URI):
    return pipeline({"a": command("echo", code=code)})


def test_files_that_were_not_sent_are_no_problem(yard, foreseer):
    """Their digests are enough, and their list of files is there for explanations."""
    found = foresee_job(yard.world, "default", yard.request(document()), trees_of({"trees": [TREE]}))

    assert [one.node for one in found.forecasts] == ["a"]
    ((_, uploads),) = foreseer.asked
    assert uploads == {DIGEST: Manifest((FileEntry("a.py", 1, "b" * 64),))}
    assert yard.store.jobs == {}


def test_what_is_wrong_is_refused_as_at_submit(yard, foreseer):
    """A folder that nobody announced is missing."""
    with pytest.raises(SpecError):
        foresee_job(yard.world, "default", yard.request(document()), trees_of({}))

    assert foreseer.asked == []


def test_a_long_list_of_files_may_be_left_out():
    """Then its place is known, and nothing of what is in it."""
    trees = trees_of({"trees": [{**TREE, "files": None}]})

    assert (trees.uris, trees.manifests) == ({URI}, {})


@pytest.mark.parametrize("trees", [7, ["x"], [{}], [{**TREE, "files": [{}]}], [{**TREE, "files": 1}]])
def test_trees_of_another_form_are_refused(trees):
    """The member that is wrong is named."""
    with pytest.raises(UserError, match="trees") as caught:
        trees_of({"trees": trees})

    assert caught.value.code == "bad-request"
