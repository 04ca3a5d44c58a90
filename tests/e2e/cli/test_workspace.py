"""Workspaces, datastores and computes of a real server, by whole commands."""

from __future__ import annotations

import json

import pytest

HELLO = "type: pipeline\njobs:\n  hi:\n    command: echo hi\n    environment: {image: x}\n"


@pytest.fixture(scope="module", autouse=True)
def files(warm):
    warm.write("hello.yml", HELLO)
    warm.write("table/a.csv", "1\n")


def test_a_workspace_keeps_its_jobs_and_assets_to_itself(warm):
    """What is in one is not in another; the flag, the variable and the default choose."""
    warm.ask("workspace", "create", "-n", "vision", "--description", "Pictures", "--tags", "team=v")
    warm.ask("data", "create", "-n", "mine", "-p", "table", "-w", "vision")
    job = warm.ask("job", "create", "-f", "hello.yml", "-w", "vision", "-s", "--query", "name", "-o", "tsv").strip()

    assert warm.run("data", "show", "-n", "mine").returncode == 3
    assert job not in warm.ask("job", "list", "--query", "[].name", "-o", "tsv")
    env = {"PIPEYARD_WORKSPACE": "vision"}
    assert json.loads(warm.run("job", "list", "--query", "[].name", env=env).stdout) == [job]

    warm.ask("configure", "--defaults", "group=rg", "workspace=vision", "location=eastus")
    try:
        assert warm.value("data", "list", "--query", "[].name") == ["mine"]
        assert warm.value("workspace", "show")["name"] == "vision"
        assert warm.value("data", "list", "-w", "default", "--query", "[?name=='mine']") == []
        assert warm.value("configure", "-l", "--query", "[].value") == ["vision"]
    finally:
        warm.ask("configure", "--defaults", "workspace=")


def test_workspaces_are_listed_shown_and_deleted(warm):
    """`default` is always there; one that was deleted is gone with what was in it."""
    warm.ask("workspace", "create", "-n", "short")
    assert {"default", "short"} <= set(warm.value("workspace", "list", "--query", "[].name"))
    warm.ask("data", "create", "-n", "mine", "-p", "table", "-w", "short")

    warm.ask("workspace", "delete", "-n", "short", "--yes")

    assert "short" not in warm.value("workspace", "list", "--query", "[].name")
    done = warm.run("data", "list", "-w", "short")
    assert done.returncode == 3
    assert "there is no workspace `short`" in done.stderr


def test_a_workspace_that_does_not_exist_is_named_with_what_is_near(warm):
    """A script for Azure learns how to create its workspace here."""
    done = warm.run("job", "create", "-f", "hello.yml", "-w", "defualt")

    assert done.returncode == 3
    assert "there is no workspace `defualt`" in done.stderr
    assert "did you mean `default`?" in done.stderr


ABSENT = "there is no workspace `tutorial` here; using `default`; to create it: pipeyard workspace create -n tutorial"


def test_a_default_that_does_not_exist_here_is_a_warning(warm):
    """The first line of a tutorial must not break the others: `default` is used, and each command says so once."""
    said = warm.run("configure", "--defaults", "group=rg", "workspace=tutorial")
    assert (said.returncode, said.stderr.splitlines()[-1]) == (0, f"warning: {ABSENT}")
    try:
        done = warm.run("job", "create", "-f", "hello.yml", "--query", "id", "-o", "tsv")
        assert (done.returncode, done.stderr.count(ABSENT)) == (0, 1), done.stderr
        assert "/workspaces/default/" in done.stdout
        assert warm.value("workspace", "show")["name"] == "default"
        # The very line that the warning gives; what is in no workspace needs none.
        assert warm.run("workspace", "create", "-n", "tutorial").stderr == ""
        assert warm.run("workspace", "show").stderr == ""
    finally:
        warm.ask("configure", "--defaults", "workspace=")
        warm.run("workspace", "delete", "-n", "tutorial", "--yes")


def test_a_variable_may_name_a_workspace_that_does_not_exist_here(warm):
    """As a default does; a flag may not, with the same line to type."""
    done = warm.run("compute", "list", "-o", "none", env={"PIPEYARD_WORKSPACE": "tutorial"})
    assert (done.returncode, done.stderr) == (0, f"warning: {ABSENT}\n")

    for words in (["compute", "list"], ["job", "list"], ["data", "list"], ["job", "show", "-n", "x"]):
        done = warm.run(*words, "-w", "tutorial", env={"PIPEYARD_WORKSPACE": "tutorial"})
        assert done.returncode == 3, words
        assert "there is no workspace `tutorial`" in done.stderr
        assert "to create it: pipeyard workspace create -n tutorial" in done.stderr


def test_a_default_belongs_to_one_home(cold):
    """It is set without a server, and a server then comes to the home that has it."""
    assert cold.run("configure", "--defaults", "workspace=elsewhere").stderr == ""
    assert (cold.home / "defaults.json").is_file()
    assert not (cold.home / "server.json").exists()

    assert cold.value("compute", "list", "--query", "[].name") == ["local"]


def test_a_folder_of_this_machine_becomes_a_datastore(warm):
    """Data in it is used in place; local data can be sent to it."""
    warm.write("shared/raw/a.csv", "1\n2\n")
    warm.write("local.yml", "name: shared\ntype: local\npath: ./shared\ndescription: Ours\n")
    made = warm.value("datastore", "create", "-f", "local.yml")
    assert (made["name"], made["type"], made["path"]) == ("shared", "local", str(warm.folder / "shared"))

    raw = warm.value("data", "create", "-n", "raw", "-p", "azureml://datastores/shared/paths/raw")
    assert raw["path"].endswith("azureml://datastores/shared/paths/raw")
    warm.ask("data", "create", "-n", "sent", "-p", "table", "--datastore", "shared")
    assert list((warm.folder / "shared/LocalUpload").rglob("a.csv"))

    warm.ask("datastore", "update", "-n", "shared", "--set", "description=Everybody's", "tags.a=b")
    shown = warm.value("datastore", "show", "-n", "shared")
    assert (shown["description"], shown["tags"]) == ("Everybody's", {"a": "b"})
    warm.ask("datastore", "create", "-f", "local.yml", "--name", "other", "-o", "none")
    warm.ask("datastore", "delete", "-n", "other", "--yes")
    assert warm.run("datastore", "show", "-n", "other").returncode == 3


def test_credentials_are_never_printed(warm):
    """Not in results, not in problems; only their kind is shown."""
    warm.write(
        "blob.yml",
        "name: blob\ntype: azure_blob\naccount_name: a\ncontainer_name: c\ncredentials: {account_key: aHVzaA==}\n",
    )
    words = [
        warm.run("datastore", "create", "-f", "blob.yml", "--skip-validation"),
        warm.run("datastore", "show", "-n", "blob"),
        warm.run("datastore", "list"),
        warm.run("datastore", "create", "-f", "blob.yml", "--set", "credentials.sas_token=hush"),
    ]

    assert [item.returncode for item in words] == [0, 0, 0, 1]
    printed = "".join(item.stdout + item.stderr for item in words)
    assert "aHVzaA==" not in printed
    assert "hush" not in printed
    assert "account_key" in printed


def test_a_datastore_is_looked_into_and_fetched_from(warm):
    """Folder by folder, with any names; what is fetched lies under its own name."""
    warm.write("store/raw/a b.csv", "1,2\n")
    warm.write("store/raw/deep/ü $x.txt", "deep")
    warm.write("looked.yml", f"name: looked\ntype: local\npath: {warm.folder / 'store'}\n")
    warm.ask("datastore", "create", "-f", "looked.yml", "-o", "none")

    assert warm.value("datastore", "test", "-n", "looked") == {"name": "looked", "is_reached": True}
    assert warm.value("datastore", "list-files", "-n", "looked") == [{"name": "raw", "size": None}]
    assert "deep/" in warm.ask("datastore", "list-files", "-n", "looked", "--path", "raw/", "-o", "table")
    warm.ask("datastore", "download", "-n", "looked", "--path", "raw", "-p", "got")
    warm.ask("datastore", "download", "-n", "looked", "--path", "raw/a b.csv", "-p", "one")
    assert (warm.folder / "got/raw/deep/ü $x.txt").read_text("utf-8") == "deep"
    assert (warm.folder / "one/a b.csv").read_text("utf-8") == "1,2\n"
    assert warm.run("datastore", "download", "-n", "looked", "--path", "raw/../..").returncode == 1
    assert warm.run("datastore", "download", "-n", "looked", "--path", "nothing").returncode == 3


def test_words_find_whatever_has_a_name(warm):
    """What Ctrl K finds in the browser."""
    warm.ask("data", "create", "-n", "sought", "-p", "table", "-o", "none")

    assert [(hit["kind"], hit["name"]) for hit in warm.value("workspace", "search", "sough")] == [("data", "sought")]
    assert "sought" in warm.ask("workspace", "search", "sought", "-o", "table")
    assert warm.value("workspace", "search", "nothing-is-called-so") == []


def test_a_compute_is_changed_and_its_nodes_are_listed(warm):
    """`update` changes what is named and nothing else; a node is a slot."""
    warm.ask("compute", "create", "-n", "pool", "--type", "amlcompute", "--max-instances", "2", "--tags", "a=1")
    changed = warm.value("compute", "update", "-n", "pool", "--max-instances", "3", "--set", "tags.b=2")
    assert (changed["max_instances"], changed["tags"]) == (3, {"a": "1", "b": "2"})

    assert len(warm.value("compute", "list-nodes", "-n", "pool")) == 3
    assert warm.value("compute", "list-waiting", "-n", "pool") == []
    assert warm.run("compute", "update", "-n", "pol", "--max-instances", "3").returncode == 3


def test_who_changed_what_can_be_read(warm):
    """Every change is there, newest first, also those of what is gone."""
    warm.ask("data", "create", "-n", "told", "-p", "table", "--tags", "a=1")
    warm.ask("data", "update", "-n", "told", "-v", "1", "--set", "tags.a=2")
    warm.ask("data", "archive", "-n", "told")
    warm.ask("data", "delete", "-n", "told", "-v", "1", "-y")

    found = warm.value("workspace", "history", "--kind", "data", "--asset-name", "told", "--query", "[].action")
    assert found == ["delete", "archive", "update", "create"]
    table = warm.ask("workspace", "history", "-r", "1", "-o", "table").splitlines()
    assert table[0].split() == ["At", "By", "Action", "What", "Name", "Version"]


def test_names_of_workspaces_and_datastores_are_completed(warm):
    """As everything else that a running server knows."""

    def complete(words, count):
        env = {"COMP_WORDS": words, "COMP_CWORD": str(count), "_PIPEYARD_COMPLETE": "bash_complete"}
        return warm.run(env=env).stdout

    assert complete("pipeyard job list -w def", 4) == "plain,default\n"
    assert complete("pipeyard datastore show -n workspaceb", 4) == "plain,workspaceblobstore\n"
    assert complete("pipeyard workspace show -n def", 4) == "plain,default\n"
