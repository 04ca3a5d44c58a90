"""What the command line can say of an asset before it is sent, and what it then sends."""

from __future__ import annotations

import pytest

from pipeyard.client.assetfile import Given, check_asset
from pipeyard.client.pack import pack
from pipeyard.client.registered import Registered
from pipeyard.model.assets import AssetKind
from pipeyard.model.errors import NotFound, UserError

COMPONENT = """\
name: train
inputs: {data: {type: uri_folder}}
environment: ./env.yml
code: ./src
command: ls ${{inputs.data}}
"""
PIPELINE = """\
name: pipe
type: pipeline
inputs: {raw: {type: uri_folder}}
jobs:
  train:
    component: ./parts/train.yml
    inputs: {data: "${{parent.inputs.raw}}"}
"""


class Watcher:
    def begin(self, label, total_bytes): ...
    def advance(self, count): ...
    def end(self): ...
    def warn(self, text): ...


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with components, data and environments, and the working folder beside it."""
    for path, text in {
        "here/parts/train.yml": COMPONENT,
        "here/parts/env.yml": "image: x\nconda_file: conda.yml\n",
        "here/parts/conda.yml": "dependencies: [pip]\n",
        "here/parts/src/train.py": "",
        "here/pipe.yml": PIPELINE,
        "here/data.yml": "name: d\npath: ./files\n",
        "here/files/a.csv": "1\n",
        "beside/b.csv": "2\n",
        "beside/conda.yml": "dependencies: [numpy]\n",
    }.items():
        place = tmp_path / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path / "beside")
    return tmp_path


def problems(*words, **more):
    return [
        (item.code, item.span and (item.span.file, item.span.line)) for item in check_asset(*words, **more).diagnostics
    ]


def packed(checked, tmp_path):
    assert checked.diagnostics == ()
    return pack(checked, cache=tmp_path / "cache", scratch=lambda: tmp_path / "scratch", watcher=Watcher())


def test_a_component_is_packed_with_its_code_and_its_environment(folder, tmp_path):
    """The body is the file's tree; code is where it will be sent, the environment's files are in it."""
    sent = packed(check_asset(AssetKind.COMPONENT, "../here/parts/train.yml"), tmp_path)

    assert sent.document["name"] == "train"
    assert sent.document["environment"] == {"image": "x", "conda_file": {"dependencies": ["pip"]}}
    assert sent.document["code"].startswith("azureml://datastores/workspaceblobstore/paths/LocalUpload/")
    assert [tree.name for tree in sent.trees] == ["src"]


def test_components_inside_are_sent_beside_it_under_their_digests(folder, tmp_path):
    """A pipeline component holds anonymous ones as a submitted job does."""
    sent = packed(check_asset(AssetKind.COMPONENT, "../here/pipe.yml"), tmp_path)

    (digest,) = sent.components
    assert sent.document["jobs"]["train"]["component"] == f"azureml:azureml_anonymous:{digest}"
    assert sent.components[digest]["name"] == "train"


def test_flags_win_over_the_file_and_set_over_both(folder, tmp_path):
    """As in Azure, the last word is that of `--set`."""
    given = [Given("--name", ("name",), "other"), Given("--version", ("version",), "3")]
    checked = check_asset(AssetKind.COMPONENT, "../here/parts/train.yml", given, ["version=4"])

    assert (packed(checked, tmp_path).document["name"], checked.spec.head.version) == ("other", "4")


def test_a_path_in_a_file_is_relative_to_it_and_one_in_a_flag_to_here(folder, tmp_path):
    """Both are hashed where they lie."""
    from_file = packed(check_asset(AssetKind.DATA, "../here/data.yml"), tmp_path)
    from_flag = packed(check_asset(AssetKind.DATA, "../here/data.yml", [Given("--path", ("path",), ".")]), tmp_path)

    assert from_file.document["path"].endswith("/files")
    assert from_flag.document["path"].endswith("/beside")


def test_local_data_goes_to_the_datastore_that_is_named(folder, tmp_path):
    """Without one, to the default one."""
    given = [Given("--datastore", ("datastore",), "azureml:cold")]
    sent = packed(check_asset(AssetKind.DATA, "../here/data.yml", given), tmp_path)

    assert [tree.datastore for tree in sent.trees] == ["cold"]
    assert sent.document["path"].startswith("azureml://datastores/cold/paths/LocalUpload/")


def test_an_asset_may_be_given_by_flags_alone(folder, tmp_path):
    """A conda file named by a flag is read and put in its place."""
    given = [
        Given("--name", ("name",), "env"),
        Given("--image", ("image",), "x"),
        Given("--conda-file", ("conda_file",), "conda.yml"),
        Given("--tags", ("tags",), {"a": "b"}),
    ]

    assert packed(check_asset(AssetKind.ENVIRONMENT, None, given), tmp_path).document == {
        "name": "env",
        "image": "x",
        "conda_file": {"dependencies": ["numpy"]},
        "tags": {"a": "b"},
    }


def test_problems_of_flags_name_the_flag(folder):
    """There is no line to point at; the flag stands in its place, and its value is the text."""
    given = [Given("--name", ("name",), "a/b"), Given("--path", ("path",), "./nowhere")]
    checked = check_asset(AssetKind.MODEL, None, given)

    assert [(item.code, item.span.file) for item in checked.diagnostics] == [
        ("bad-name", "--name"),
        ("missing-file", "--path"),
    ]
    assert checked.files.texts == {"--name": "a/b", "--path": "./nowhere"}


def test_problems_of_a_component_have_the_lines_of_their_files(folder):
    """Also in the components inside."""
    (folder / "here/parts/train.yml").write_text(COMPONENT.replace("inputs.data}}", "inputs.date}}"), "utf-8")

    assert problems(AssetKind.COMPONENT, "../here/pipe.yml") == [("unknown-input", ("../here/parts/train.yml", 5))]


def test_a_file_that_is_not_there_is_an_error_of_the_command(folder):
    """There is nothing to point at."""
    with pytest.raises(UserError):
        check_asset(AssetKind.DATA, "nowhere.yml")


class Server:
    """Answers like a workspace that holds one component."""

    def __init__(self, tree):
        self.tree = tree
        self.asked = []

    def assets(self, kind):
        return self

    def registry(self, name):
        self.asked.append(name)
        return self

    def version(self, name, *, version=None, label=None):
        self.asked.append((name, version, label))
        if name != self.tree["name"]:
            raise NotFound(f"there is no component `{name}`", code="asset-not-found", hint="did you mean `base`?")
        return self.tree


BASE = {
    "name": "base",
    "version": "2",
    "inputs": {"data": {"type": "uri_folder"}},
    "environment": {"image": "x"},
    "command": "ls ${{inputs.data}}",
    "archived": False,
}


def using(folder, reference, inputs="{data: '${{parent.inputs.raw}}'}"):
    (folder / "here/pipe.yml").write_text(
        "name: pipe\ntype: pipeline\ninputs: {raw: {type: uri_folder}}\njobs:\n"
        f"  step:\n    component: {reference}\n    inputs: {inputs}\n",
        "utf-8",
    )


def test_registered_components_are_asked_for_and_checked_with_lines(folder):
    """A pipeline that uses one wrongly is told so before anything is sent."""
    server = Server(BASE)
    using(folder, "azureml:base@latest", "{dta: '${{parent.inputs.raw}}'}")

    found = problems(AssetKind.COMPONENT, "../here/pipe.yml", registered=Registered(lambda: server))

    assert found == [("missing-input", ("../here/pipe.yml", 5)), ("undeclared-input", ("../here/pipe.yml", 7))]
    assert server.asked == [("base", None, "latest")]


def test_a_component_that_nobody_registered_is_a_problem_at_its_place(folder):
    """With what the server says is near."""
    using(folder, "azureml:bose:1")
    checked = check_asset(
        AssetKind.COMPONENT, "../here/pipe.yml", registered=Registered(lambda: Server(BASE), lambda: Server(BASE))
    )

    assert [(item.code, item.hint, item.span.line) for item in checked.diagnostics] == [
        ("asset-not-found", "did you mean `base`?", 6)
    ]


def test_without_a_server_registered_components_stay_unchecked(folder):
    """That is no problem: the server checks them when they are sent."""
    using(folder, "azureml:base:2")
    checked = check_asset(AssetKind.COMPONENT, "../here/pipe.yml", registered=Registered(lambda: None))

    assert checked.diagnostics == ()
    assert [str(reference) for reference in checked.unchecked] == ["azureml:base:2"]


def test_a_server_is_started_only_for_a_file_that_is_sound(folder):
    """A file that is wrong anyway costs no start."""
    using(folder, "azureml:base:2")
    text = (folder / "here/pipe.yml").read_text("utf-8")
    started = []

    def start():
        started.append(1)
        return Server(BASE)

    check_asset(AssetKind.COMPONENT, "../here/pipe.yml", registered=Registered(lambda: None, start))
    assert started == [1]

    (folder / "here/pipe.yml").write_text(text + "version: a/b\n", "utf-8")
    check_asset(AssetKind.COMPONENT, "../here/pipe.yml", registered=Registered(lambda: None, start))
    assert started == [1]


def test_a_reference_into_a_registry_asks_that_registry(folder):
    """What is missing in Azure's own registry is left to the server, which says what to do about it."""
    server = Server(BASE)
    using(folder, "azureml://registries/team/components/base/versions/2")
    check_asset(AssetKind.COMPONENT, "../here/pipe.yml", registered=Registered(lambda: server))
    assert server.asked == ["team", ("base", "2", None)]

    using(folder, "azureml://registries/azureml/components/bose/versions/2")
    checked = check_asset(AssetKind.COMPONENT, "../here/pipe.yml", registered=Registered(lambda: server))
    assert server.asked[2:] == ["azureml", ("bose", "2", None)]
    assert (checked.diagnostics, len(checked.unchecked)) == ((), 1)


def test_a_workspace_that_does_not_exist_is_an_error_of_the_command(folder):
    """It is not the file that is wrong."""
    using(folder, "azureml:base:2")

    class Nowhere(Server):
        def version(self, name, *, version=None, label=None):
            raise NotFound("there is no workspace `visoin`")

    with pytest.raises(NotFound, match="visoin"):
        check_asset(AssetKind.COMPONENT, "../here/pipe.yml", registered=Registered(lambda: Nowhere(BASE)))


def test_what_is_wrong_in_a_registered_component_stands_under_its_name(folder):
    """It has no lines that a person here could look at."""
    using(folder, "azureml:base:2")
    server = Server({**BASE, "command": "ls ${{inputs.other}}"})

    checked = check_asset(AssetKind.COMPONENT, "../here/pipe.yml", registered=Registered(lambda: server))

    assert [(item.code, item.span.file, item.span.line) for item in checked.diagnostics] == [
        ("unknown-input", "azureml:base:2", 0)
    ]
