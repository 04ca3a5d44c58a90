"""What is in a datastore, over HTTP."""

from __future__ import annotations

import pytest

FILES = "/api/v1/workspaces/default/datastores/workspaceblobstore/files"


@pytest.fixture
def folder(api):
    """The folder of the default datastore, with things in it."""
    folder = api.datastores.folder("default", "workspaceblobstore")
    (folder / "a b").mkdir()
    (folder / "a b" / "#1%.txt").write_text("inside")
    (folder / "z.txt").write_text("z")
    (api.home / "secret.txt").write_text("hidden")
    (folder / "out").symlink_to(api.home)
    (folder / "same").symlink_to(folder / "z.txt")
    return folder


def test_a_folder_lists_folders_and_then_files(api, folder):
    """Links that lead out of it are not there."""
    found = api.client.get(FILES).json()

    assert [(row["name"], row["size"]) for row in found["value"]] == [("a b", None), ("same", 1), ("z.txt", 1)]
    assert api.client.get(f"{FILES}/a%20b").json() == {
        "path": "a b",
        "value": [{"name": "#1%.txt", "size": 6}],
        "count": 1,
    }


def test_a_file_is_sent_as_text_and_never_run(api, folder):
    """As files of jobs are."""
    answer = api.client.get(f"{FILES}/a%20b/%231%25.txt")

    assert answer.text == "inside"
    assert "sandbox" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path", ["out", "out/secret.txt", "../secret.txt", "..%2Fsecret.txt", "a%20b/../../secret.txt"]
)
def test_no_path_leads_out(api, folder, path):
    """Neither by a link nor by dots."""
    answer = api.client.get(f"{FILES}/{path}")

    assert answer.status_code in {400, 404}
    assert "hidden" not in answer.text
