"""A job as it is sent: local things replaced by references, and nothing else changed."""

from __future__ import annotations

import pytest

from pipeyard.client.checking import check_job_file
from pipeyard.client.pack import pack
from pipeyard.model.errors import UserError
from pipeyard.spec.render import tree_digest

PIPELINE = """\
$schema: http://example.org/pipeline.json
type: pipeline
inputs:
  raw: {type: uri_folder, path: "./my data"}
  one: {type: uri_file, path: ./my data/ü.csv}
jobs:
  a: {component: ./c/sub.yml, inputs: {x: "${{parent.inputs.raw}}"}}
  b: {component: ./c/leaf.yml, inputs: {x: "${{parent.inputs.raw}}"}}
  c:
    command: ls
    code: .
    environment: ./c/env.yml
"""
SUB = """\
$schema: anything
type: pipeline
inputs: {x: {type: uri_folder}}
jobs:
  inner: {component: ./leaf.yml, inputs: {x: "${{parent.inputs.x}}"}}
"""
LEAF = """\
type: command
inputs: {x: {type: uri_folder}}
environment: {image: i}
code: ../src
additional_includes: [../lib]
command: ls ${{inputs.x}}
"""


class Silent:
    def __init__(self):
        self.warnings = []

    def begin(self, label, total_bytes):
        pass

    def advance(self, count):
        pass

    def end(self):
        pass

    def warn(self, text):
        self.warnings.append(text)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for path, text in {
        "pipeline.yml": PIPELINE,
        "c/sub.yml": SUB,
        "c/leaf.yml": LEAF,
        "c/env.yml": "image: e\nconda_file: conda.yml\n",
        "c/conda.yml": "dependencies: [python=3.11]\n",
        "src/run.py": "1",
        "lib/x.py": "2",
        "my data/ü.csv": "3",
    }.items():
        place = tmp_path / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")
    return tmp_path


def packed(folder, file="pipeline.yml", watcher=None):
    checked = check_job_file(file)
    assert checked.diagnostics == ()
    scratch = folder.parent / "scratch"
    scratch.mkdir(exist_ok=True)
    return pack(checked, cache=folder.parent / "cache", scratch=lambda: scratch, watcher=watcher or Silent())


def test_component_files_become_anonymous_references(folder):
    """A component is named by the digest of its own tree, in which its components are named so already."""
    found = packed(folder)

    leaf = found.document["jobs"]["b"]["component"].removeprefix("azureml:azureml_anonymous:")
    sub = found.document["jobs"]["a"]["component"].removeprefix("azureml:azureml_anonymous:")
    assert set(found.components) == {leaf, sub}
    assert found.components[sub]["jobs"]["inner"]["component"] == f"azureml:azureml_anonymous:{leaf}"
    assert {digest: tree_digest(tree) for digest, tree in found.components.items()} == {leaf: leaf, sub: sub}


def test_the_schema_is_not_sent(folder):
    """`$schema` helps editors only, so it changes no digest."""
    found = packed(folder)

    assert "$schema" not in found.document
    assert all("$schema" not in tree for tree in found.components.values())


def test_data_and_code_become_uploads(folder):
    """A folder keeps its base name, a file its own, below the digest of what is in it."""
    found = packed(folder)

    trees = {str(tree.uri): [item.entry.path for item in tree.files] for tree in found.trees}
    raw, one = (found.document["inputs"][name]["path"] for name in ("raw", "one"))
    assert raw.startswith("azureml://datastores/workspaceblobstore/paths/LocalUpload/")
    assert raw.endswith("/my data")
    assert one.endswith("/ü.csv")
    assert trees[raw] == ["ü.csv"]
    leaf = next(tree for tree in found.components.values() if tree["type"] == "command")
    assert trees[leaf["code"]] == ["lib/x.py", "run.py"]
    assert "additional_includes" not in leaf


def test_code_of_this_folder_is_called_after_it(folder):
    """`code: .` is not uploaded under the name `.`."""
    assert packed(folder).document["jobs"]["c"]["code"].endswith(f"/{folder.name}")


def test_environment_files_are_written_out(folder):
    """The server never needs a file of the user's."""
    assert packed(folder).document["jobs"]["c"]["environment"] == {
        "image": "e",
        "conda_file": {"dependencies": ["python=3.11"]},
    }


def test_everything_else_is_sent_as_it_was_written(folder):
    """Bindings, types and order stay, so that a place the server speaks of is a place in the file."""
    found = packed(folder)

    assert list(found.document) == ["type", "inputs", "jobs"]
    assert found.document["jobs"]["a"]["inputs"] == {"x": "${{parent.inputs.raw}}"}
    assert set(found.documents) == {"", *found.components}


def test_equal_files_elsewhere_give_an_equal_body(folder, tmp_path_factory, monkeypatch):
    """Where a checkout lies does not change what is sent, but for the name of `code: .`."""
    text = PIPELINE.replace("    code: .\n", "")
    (folder / "pipeline.yml").write_text(text, "utf-8")
    first = packed(folder)
    other = tmp_path_factory.mktemp("other") / "deep"
    other.parent.mkdir(exist_ok=True)
    folder.rename(other)
    monkeypatch.chdir(other)

    again = packed(other)

    assert (first.document, first.components) == (again.document, again.components)


def test_a_tree_used_twice_is_sent_once(folder):
    """Two steps with the same code share one upload."""
    uris = [str(tree.uri) for tree in packed(folder).trees]

    assert len(uris) == len(set(uris)) == 4


def test_a_large_code_folder_is_told_with_its_largest_files(folder, monkeypatch):
    """From 100 MB on a person learns which files make it so."""
    monkeypatch.setattr("pipeyard.client.pack.LARGE_BYTES", 0)
    watcher = Silent()
    packed(folder, watcher=watcher)

    assert any("run.py" in text and ".amlignore" in text for text in watcher.warnings)


def test_a_link_ring_in_data_is_refused(folder):
    """Data is walked as carefully as code."""
    (folder / "pipeline.yml").write_text(PIPELINE.replace("    code: .\n", ""), "utf-8")
    (folder / "my data" / "again").symlink_to(folder)

    with pytest.raises(UserError) as caught:
        packed(folder)

    assert caught.value.code == "link-ring"
