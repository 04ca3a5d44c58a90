"""What the command line can say of a job without a server."""

from __future__ import annotations

import pytest

from pipeyard.client.checking import check_job_file
from pipeyard.model.errors import UserError

COMPONENT = """\
type: command
inputs:
  data: {type: uri_folder}
environment: {image: x}
code: ./src
command: ls ${{inputs.data}}
"""
PIPELINE = """\
type: pipeline
inputs:
  raw: {type: uri_folder, path: ./data}
jobs:
  train:
    component: ./parts/train.yml
    inputs: {data: "${{parent.inputs.raw}}"}
"""


@pytest.fixture
def job(tmp_path, monkeypatch):
    """A pipeline with a component in another folder, seen from the pipeline's folder."""
    monkeypatch.chdir(tmp_path)
    for path, text in {
        "pipeline.yml": PIPELINE,
        "parts/train.yml": COMPONENT,
        "parts/src/train.py": "",
        "data/a.csv": "",
    }.items():
        place = tmp_path / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")
    return tmp_path


def problems(file="pipeline.yml", overrides=()):
    return [
        (item.code, item.span and (item.span.file, item.span.line))
        for item in check_job_file(file, overrides).diagnostics
    ]


def test_a_sound_pipeline_has_a_graph_and_no_problems(job):
    """Files are found relative to the file that names them."""
    checked = check_job_file("pipeline.yml")

    assert checked.diagnostics == ()
    assert list(checked.graph.nodes) == ["train"]


def test_files_are_named_as_seen_from_here(job, monkeypatch):
    """A problem in a component file names that file by its path from the working folder."""
    (job / "parts" / "train.yml").write_text(COMPONENT.replace("image: x", "imge: x"), "utf-8")
    assert ("parts/train.yml", 4) in [place for _, place in problems()]

    monkeypatch.chdir(job / "parts")
    assert ("../parts/train.yml", 4) in [place for _, place in problems("../pipeline.yml")]


def test_all_problems_come_at_once(job):
    """A missing code folder, missing data and a wrong key are told together, in file order."""
    (job / "parts" / "src" / "train.py").unlink()
    (job / "parts" / "src").rmdir()
    (job / "pipeline.yml").write_text(PIPELINE.replace("./data", "./dta") + "    typo: 1\n", "utf-8")

    assert problems() == [
        ("missing-file", ("pipeline.yml", 3)),
        ("unknown-field", ("pipeline.yml", 8)),
        ("missing-file", ("parts/train.yml", 5)),
    ]


def test_a_missing_component_points_at_the_line_that_names_it(job):
    """The nearest file that exists is offered."""
    (job / "pipeline.yml").write_text(PIPELINE.replace("train.yml", "trian.yml"), "utf-8")

    (found,) = check_job_file("pipeline.yml").diagnostics

    assert (found.code, found.span.line, found.span.column) == ("missing-file", 6, 16)
    assert "train.yml" in found.hint


def test_file_and_folder_agree_with_the_type(job):
    """`uri_folder` on a file is an error."""
    (job / "pipeline.yml").write_text(PIPELINE.replace("./data", "./data/a.csv"), "utf-8")
    assert problems() == [("not-a-folder", ("pipeline.yml", 3))]

    (job / "pipeline.yml").write_text(PIPELINE.replace("uri_folder", "uri_file"), "utf-8")
    assert ("not-a-file", ("pipeline.yml", 3)) in problems()


def test_an_empty_data_folder_is_an_error(job):
    """There is nothing to send."""
    (job / "data" / "a.csv").unlink()

    assert problems() == [("empty-folder", ("pipeline.yml", 3))]


def test_set_reaches_into_the_file(job):
    """A wrong path of `--set` is told as such, a wrong value as if it stood in the file."""
    assert problems(overrides=["inputs.raw.path=./nope"]) == [("missing-file", ("--set", 1))]
    assert problems(overrides=["jobs.train.component.x=1"])[0][0] == "broken-override"


def test_environment_and_conda_files_are_read_too(job):
    """A conda file is relative to the environment file that names it, and its problems point into it."""
    (job / "parts" / "train.yml").write_text(COMPONENT.replace("{image: x}", "../envs/env.yml"), "utf-8")
    (job / "envs").mkdir()
    (job / "envs" / "env.yml").write_text("image: x\nconda_file: ./conda.yml\n", "utf-8")
    assert problems() == [("missing-file", ("envs/env.yml", 2))]

    (job / "envs" / "conda.yml").write_text("dependencies: [python=3.11]\n", "utf-8")
    assert problems() == []

    (job / "envs" / "conda.yml").write_text("a: 'b\n", "utf-8")
    assert {place[0] for _, place in problems()} == {"envs/conda.yml"}


def test_registered_assets_are_left_for_a_server(job):
    """A reference that only a server can look up is listed and is no problem."""
    (job / "pipeline.yml").write_text(PIPELINE.replace("./parts/train.yml", "azureml:train:1"), "utf-8")

    checked = check_job_file("pipeline.yml")

    assert checked.diagnostics == ()
    assert [str(reference) for reference in checked.unchecked] == ["azureml:train:1"]


def test_a_component_file_that_contains_itself_is_told(job):
    """Files in a ring are an error, not an endless loop."""
    (job / "ring.yml").write_text("type: pipeline\njobs:\n  again:\n    component: ./ring.yml\n", "utf-8")
    (job / "pipeline.yml").write_text("type: pipeline\njobs:\n  a:\n    component: ./ring.yml\n", "utf-8")

    assert [code for code, _ in problems()] == ["component-ring"]


def test_one_file_named_in_two_ways_is_read_once(job):
    """`./parts/train.yml` and `parts/../parts/train.yml` are one document."""
    text = PIPELINE + PIPELINE.split("jobs:\n")[1].replace("train:", "other:").replace("./parts", "parts/../parts")
    (job / "pipeline.yml").write_text(text, "utf-8")

    checked = check_job_file("pipeline.yml")

    assert checked.diagnostics == ()
    assert list(checked.documents) == ["", "parts/train.yml"]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("nope.yml", None, "missing-file"),
        ("data", None, "not-a-file"),
        ("latin.yml", "é".encode("latin-1"), "not-utf-8"),
        ("nul\0.yml", None, "missing-file"),
    ],
)
def test_a_job_file_that_cannot_be_read_is_an_error(job, name, content, code):
    """The file itself has no place in a file, so this one is raised."""
    if content is not None:
        (job / name).write_bytes(content)

    with pytest.raises(UserError) as caught:
        check_job_file(name)

    assert caught.value.code == code


def test_backslashes_are_explained(job):
    """A path as Windows writes it is found out."""
    (job / "pipeline.yml").write_text(PIPELINE.replace("./data", ".\\data"), "utf-8")

    (found,) = check_job_file("pipeline.yml").diagnostics

    assert "`/`" in found.hint
