"""Where the files of a downloaded component go, and what its YAML then says."""

from __future__ import annotations

import yaml

from pipeyard.cli.asset_download import _code_files, _code_places, _Version, _yaml_files

ROOT = "azureml://datastores/workspaceblobstore/paths/LocalUpload"
INNER = "d" * 64


def tree(path, name, *, component=None, role="code", is_file=False, files=("a.py",)):
    return {
        "role": role,
        "component": component,
        "path": f"{ROOT}/{path}",
        "name": name,
        "is_file": is_file,
        "files": [{"path": file, "size": 1, "sha256": "0"} for file in files],
    }


class Assets:
    def file(self, name, version, index, path):
        return [f"{name}:{version}/{index}/{path}".encode()]


def downloaded(found, target):
    places = _code_places(found["trees"])
    files = [
        *_code_files(_Version(Assets(), "c", "1"), found["trees"], places, target),
        *_yaml_files(found, places, target),
    ]
    return {file.target.relative_to(target).as_posix(): b"".join(file.pieces) for file in files}


def test_code_keeps_its_name_and_the_yaml_names_it(tmp_path):
    """What is fetched is equal to what was registered, wherever it lies."""
    found = {
        "document": {"name": "c", "code": f"{ROOT}/1/src", "command": f"echo {ROOT}/1/src"},
        "components": {},
        "trees": [tree("1/src", "src", files=("a.py", "lib/b.py"))],
    }
    files = downloaded(found, tmp_path)

    assert files["src/lib/b.py"] == b"c:1/0/lib/b.py"
    # Only a whole value is a reference; a command is the user's text.
    assert yaml.safe_load(files["component.yml"]) == {
        "name": "c",
        "code": "./src",
        "command": f"echo {ROOT}/1/src",
    }


def test_code_that_is_one_file_lies_beside_the_yaml(tmp_path):
    """As `code: ./main.py` had it."""
    found = {
        "document": {"code": f"{ROOT}/1/main.py"},
        "components": {},
        "trees": [tree("1/main.py", "main.py", is_file=True, files=("main.py",))],
    }

    assert sorted(downloaded(found, tmp_path)) == ["component.yml", "main.py"]


def test_folders_of_one_name_do_not_mix(tmp_path):
    """Two steps may each have a folder `src`; a folder may even be called like the YAML."""
    found = {
        "document": {"jobs": {"a": {"code": f"{ROOT}/1/src"}, "b": {"code": f"{ROOT}/2/src"}}},
        "components": {},
        "trees": [tree("1/src", "src"), tree("2/src", "src"), tree("3/component.yml", "component.yml")],
    }
    files = downloaded(found, tmp_path)

    assert sorted(files) == ["code-2/src/a.py", "code-3/component.yml/a.py", "component.yml", "src/a.py"]
    jobs = yaml.safe_load(files["component.yml"])["jobs"]
    assert (jobs["a"]["code"], jobs["b"]["code"]) == ("./src", "./code-2/src")


def test_components_inside_lie_in_folders_of_their_own(tmp_path):
    """Each names its neighbours and its code relative to itself."""
    other = "e" * 64
    found = {
        "document": {"jobs": {"a": {"component": f"azureml:azureml_anonymous:{INNER}"}}},
        "components": {
            INNER: {"jobs": {"b": {"component": f"azureml:azureml_anonymous:{other}"}}},
            other: {"code": f"{ROOT}/1/src"},
        },
        "trees": [tree("1/src", "src", component=other)],
    }
    files = downloaded(found, tmp_path)

    assert sorted(files) == [
        "component.yml",
        "components/dddddddddddd/component.yml",
        "components/eeeeeeeeeeee/component.yml",
        "components/eeeeeeeeeeee/src/a.py",
    ]
    assert b"./components/dddddddddddd/component.yml" in files["component.yml"]
    assert b"../eeeeeeeeeeee/component.yml" in files["components/dddddddddddd/component.yml"]
    assert b"code: ./src" in files["components/eeeeeeeeeeee/component.yml"]
