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
        "next": None,
        "left_out": 0,
    }


def test_a_folder_is_listed_by_pages(api, folder):
    """`next` is the `before` of what follows, and goes on behind it whatever came or went meanwhile."""
    first = api.client.get(f"{FILES}?limit=2").json()
    (folder / "a b").rename(folder / "z b")
    second = api.client.get(FILES, params={"limit": 2, "before": first["next"]}).json()

    assert ["a b", "same"] == [row["name"] for row in first["value"]]
    assert (["z.txt"], None) == ([row["name"] for row in second["value"]], second["next"])
    assert api.client.get(FILES, params={"before": "nonsense"}).status_code == 400


def test_a_slash_at_the_end_means_a_folder(api, folder):
    """So what is called like a file and is none can be said."""
    assert api.client.get(f"{FILES}/a%20b/").json()["value"] == [{"name": "#1%.txt", "size": 6}]
    assert api.client.get(f"{FILES}/z.txt/").status_code == 400


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
