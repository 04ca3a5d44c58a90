"""Files that were found sound are not checked again while nothing about them changes."""

from __future__ import annotations

import pytest

from pipeyard.client.checking import check_job_file
from pipeyard.client.pack import pack
from pipeyard.client.sound import recall, remember
from pipeyard.model.diagnostic import Place

PIPELINE = """\
type: pipeline
inputs: {one: {type: uri_file, path: ./one.csv}}
jobs:
  a: {component: ./c/leaf.yml, inputs: {x: "${{parent.inputs.one}}"}}
"""
LEAF = """\
type: command
inputs: {x: {type: uri_file}}
environment: {image: i, conda_file: conda.yml}
code: ../src
command: cat ${{inputs.x}}
"""


class Silent:
    def begin(self, label, total_bytes):
        pass

    def advance(self, count):
        pass

    def end(self):
        pass

    def warn(self, text):
        raise AssertionError(text)


@pytest.fixture
def job(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, text in {
        "job.yml": PIPELINE,
        "one.csv": "1",
        "c/leaf.yml": LEAF,
        "c/conda.yml": "dependencies: [pip]\n",
        "src/a.py": "pass",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    checked = check_job_file("job.yml")
    assert checked.diagnostics == ()
    remember(tmp_path / "cache", "job.yml", checked)
    return tmp_path


def packed(job, checked):
    return pack(checked, cache=job / "hashes", scratch=lambda: job / "scratch", watcher=Silent())


def test_what_is_sent_is_the_same_without_a_check(job):
    """An unchanged file is sent to the letter as if it were checked again."""
    known = recall(job / "cache", "job.yml")

    first, again = packed(job, check_job_file("job.yml")), packed(job, known)
    assert (again.document, again.components) == (first.document, first.components)
    assert [tree.uri for tree in again.trees] == [tree.uri for tree in first.trees]
    assert known.files.texts == check_job_file("job.yml").files.texts


@pytest.mark.parametrize("name", ["job.yml", "c/leaf.yml", "c/conda.yml"])
def test_a_changed_text_is_checked_again(job, name):
    """One more blank line in the job, in a component, or in a file inside that is enough."""
    (job / name).write_text((job / name).read_text("utf-8") + "\n", "utf-8")

    assert recall(job / "cache", "job.yml") is None


@pytest.mark.parametrize("name", ["one.csv", "c/conda.yml", "src/a.py"])
def test_a_file_that_is_gone_is_found_by_a_check(job, name):
    """Data, a file inside a component, the only file of a code folder."""
    (job / name).unlink()

    assert recall(job / "cache", "job.yml") is None


def test_lines_are_known_when_somebody_asks(job):
    """What the server says of a job that was not checked again is shown with its line."""
    document = recall(job / "cache", "job.yml").documents[""]

    span = document.span(Place("", ("jobs", "a", "component")))
    assert (span.file, span.line) == ("job.yml", 4)


def test_a_file_with_a_warning_is_not_remembered(job):
    """A warning is shown each time."""
    (job / "odd.yml").write_text(PIPELINE + "    sources: nobody knows this\n", "utf-8")
    checked = check_job_file("odd.yml")
    assert checked.diagnostics

    remember(job / "cache", "odd.yml", checked)

    assert recall(job / "cache", "odd.yml") is None


def test_a_spoilt_memory_is_none(job):
    """Whatever a memory holds, the file is checked then."""
    for memory in (job / "cache" / "sound").iterdir():
        memory.write_text('{"code": 1, "texts": []}', "utf-8")

    assert recall(job / "cache", "job.yml") is None
