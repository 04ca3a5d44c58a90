"""Pipelines whose data is in stores elsewhere, over a server as it is started by the command line."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.integration.datastore.elsewhere import AzureContainer, Bucket

DATASTORES = "/api/v1/workspaces/default/datastores"


@pytest.fixture
def blob():
    """A container of Azurite."""
    container = AzureContainer()
    yield container
    container.close()


@pytest.fixture
def bucket():
    """A bucket of moto's server."""
    bucket = Bucket()
    yield bucket
    bucket.close()


@pytest.fixture
def yard(served):
    """A server of the test's own."""
    served.start()
    return served


def register(served, name, document):
    status, body = served.ask("PUT", f"{DATASTORES}/{name}", document)
    assert status == 200, body


def ended(served, words, name):
    """Return how a job ended, and its steps by name."""
    (end,) = [message for message in served.follow(name) if message["type"] == "end"]
    steps = served.get(f"{words.jobs}/{name}/children")["value"]
    return end["job"]["status"], {step["display_name"]: step for step in steps}


def test_a_pipeline_lives_on_azure_blob(yard, words, blob):
    """With `default_datastore` in Azure, inputs come from there, outputs go there, and the API reads them back."""
    blob.put("raw/a b.csv", b"1,2\n")
    blob.put("raw/sub/c.csv", b"3,4\n")
    register(yard, "blob", blob.document)
    prepare = words.step(
        "cat '${{inputs.raw}}/a b.csv' ${{inputs.raw}}/sub/c.csv > ${{outputs.clean}}/all.csv",
        inputs={"raw": {"type": "uri_folder", "path": "azureml://datastores/blob/paths/raw"}},
        outputs={"clean": {"type": "uri_folder"}},
    )
    train = words.step(
        "wc -l < ${{inputs.data}}/all.csv > ${{outputs.model}}",
        inputs={"data": "${{parent.jobs.prepare.outputs.clean}}"},
        outputs={
            "model": {
                "type": "uri_file",
                "path": "azureml://datastores/${{default_datastore}}/paths/models/${{name}}/m.txt",
            }
        },
    )

    name = yard.submit({"prepare": prepare, "train": train}, settings={"default_datastore": "blob"})
    status, steps = ended(yard, words, name)

    assert status == "Completed"
    made = f"azureml/{steps['prepare']['name']}/clean/all.csv"
    assert blob.get(made) == b"1,2\n3,4\n"
    assert blob.get(f"models/{steps['train']['name']}/m.txt").strip() == b"2"
    root = f"{words.jobs}/{steps['prepare']['name']}/outputs/clean/files"
    assert yard.get(root) == {"value": [{"path": "all.csv", "size": 8}]}
    assert yard.ask("GET", f"{root}/all.csv") == (200, b"1,2\n3,4\n")
    log = yard.ask("GET", f"{words.jobs}/{name}/files/logs/azureml/executionlogs.txt")[1].decode()
    assert "fetched input `raw`: 2 files" in log
    assert "has input `data`: 1 file, 0.0 MB of `blob` from the cache" in log


def test_outputs_are_read_back_after_the_cache_is_gone(yard, words, blob):
    """The store has the bytes; the cache only saves the way."""
    register(yard, "blob", blob.document)
    step = words.step("echo hello > ${{outputs.out}}/a.txt", outputs={"out": {"type": "uri_folder"}})
    _, steps = ended(yard, words, yard.submit({"only": step}, settings={"default_datastore": "blob"}))
    subprocess.run(["rm", "-r", str(yard.home / "cache" / "trees")], check=True)
    yard.end()
    yard.start()

    assert yard.ask("GET", f"{words.jobs}/{steps['only']['name']}/outputs/out/files/a.txt") == (200, b"hello\n")


def test_modes_of_inputs_elsewhere(yard, words, bucket):
    """Data is read as files in place or as a copy, a changed copy goes back, `direct` gives the address."""
    bucket.put("in/a", b"before")
    register(yard, "s3", bucket.document)
    where = {"type": "uri_folder", "path": "azureml://datastores/s3/paths/in"}
    step = words.step(
        "cat ${{inputs.read}}/a ${{inputs.copy}}/a; printf after > ${{inputs.write}}/a; echo ' '${{inputs.told}}",
        inputs={
            "read": where,
            "copy": {**where, "mode": "download"},
            "write": {**where, "path": f"s3://{bucket.name}/in", "mode": "rw_mount"},
            "told": {**where, "mode": "direct"},
        },
    )

    name = yard.submit({"only": step})
    messages = yard.follow(name)

    text = "".join(message["text"] for message in messages if message["type"] == "log")
    assert text == "beforebefore azureml://datastores/s3/paths/in\n"
    assert {"in/a": b"after"} == {key: bucket.get(key) for key in bucket.names()}


def test_a_credential_that_fails_says_which_datastore(yard, blob):
    """A wrong key is found when it is given, unless that is not wanted; nothing repeats it."""
    wrong = "d3Jvbmctd3Jvbmctd3Jvbmc="
    document = {**blob.document, "credentials": {"account_key": wrong}}

    status, body = yard.ask("PUT", f"{DATASTORES}/blob", document)
    unchecked, _ = yard.ask("PUT", f"{DATASTORES}/blob?skip_validation=true", document)

    error = json.loads(body)["error"]
    assert (503, "datastore-refused", 200) == (status, error["code"], unchecked)
    assert "`blob`" in error["message"]
    assert wrong not in body.decode()


def test_a_store_is_looked_through(yard, blob):
    """Its folders by pages and its files by ranges; what is wrong with it is said in its own code."""
    for name in ("raw/a b.csv", "raw/ü/#1.txt", "raw/z"):
        blob.put(name, b"0123456789")
    register(yard, "blob", blob.document)
    files = f"{DATASTORES}/blob/files"
    first = yard.get(f"{files}/raw?limit=1")
    rest = yard.get(f"{files}/raw?before={first['next']}")
    wrong = {**blob.document, "credentials": {"account_key": "d3Jvbmctd3Jvbmctd3Jvbmc="}}
    for name, changes in (
        ("wrong", wrong),
        ("gone", {**blob.document, "container_name": "not-there"}),
        ("dead", {**blob.document, "endpoint": "http://127.0.0.1:1/pipeyard"}),
    ):
        yard.ask("PUT", f"{DATASTORES}/{name}?skip_validation=true", changes)

    assert [{"name": "a b.csv", "size": 10}, {"name": "z", "size": 10}, {"name": "ü", "size": None}] == sorted(
        [*first["value"], *rest["value"]], key=lambda row: row["name"]
    )
    assert yard.ask("GET", f"{files}/raw/%C3%BC/%231.txt") == (200, b"0123456789")
    assert yard.ask("POST", f"{DATASTORES}/blob/test")[0] == 200
    codes = {
        name: [json.loads(yard.ask(*asked)[1])["error"]["code"] for asked in ways]
        for name in ("wrong", "gone", "dead")
        for ways in [[("GET", f"{DATASTORES}/{name}/files"), ("POST", f"{DATASTORES}/{name}/test")]]
    }
    assert codes == {
        "wrong": ["datastore-refused"] * 2,
        "gone": ["datastore-missing"] * 2,
        "dead": ["datastore-unreachable"] * 2,
    }


def test_a_transfer_that_fails_fails_its_step_by_name(yard, words, blob):
    """The step's error says which datastore, and whether trying again may help."""
    blob.put("in/a", b"x")
    register(yard, "blob", blob.document)
    step = words.step(
        "touch ${{outputs.out}}/a",
        inputs={"data": {"type": "uri_folder", "path": "azureml://datastores/blob/paths/in"}},
        outputs={"out": {"type": "uri_folder", "path": "azureml://datastores/gone/paths/out"}},
    )
    register(yard, "gone", blob.document)
    yard.ask("PUT", f"{DATASTORES}/gone?skip_validation=true", {**blob.document, "container_name": "not-there"})

    status, steps = ended(yard, words, yard.submit({"only": step}))

    error = steps["only"]["error"]
    assert ("Failed", "datastore-missing") == (status, error["code"])
    assert "`gone`" in error["message"]


def test_credentials_are_in_one_file_and_nowhere_else(yard, words, blob):
    """No database, record, log or answer holds a key: one file does, for its owner alone."""
    register(yard, "blob", blob.document)
    step = words.step(
        "env; touch ${{outputs.out}}/a", outputs={"out": {"type": "uri_folder"}}, environment_variables={"X": "y"}
    )
    name = yard.submit({"only": step}, settings={"default_datastore": "blob"})
    ended(yard, words, name)

    shown = [yard.ask("GET", path)[1] for path in (DATASTORES, f"{DATASTORES}/blob", f"{words.jobs}/{name}")]
    holders = subprocess.run(
        ["grep", "-rlF", "--", blob.key, str(yard.home)], capture_output=True, text=True, check=False
    ).stdout.splitlines()
    file = yard.home / "credentials" / "default" / "blob.json"

    assert holders == [str(file)]
    assert (0o600, 0o700) == (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777)
    assert all(blob.key.encode() not in answer for answer in shown)
    assert json.loads(shown[1])["credentials_type"] == "account_key"


def test_a_server_that_stops_while_it_fetches_goes_on_afterwards(yard, words, blob):
    """A long transfer does not hold up a stop, and its step runs when the next server has fetched the rest."""
    blob.put("in/big", bytes(40_000_000))
    register(yard, "blob", blob.document)
    step = words.step(
        "wc -c < ${{inputs.data}}/big",
        inputs={"data": {"type": "uri_folder", "path": "azureml://datastores/blob/paths/in"}},
    )
    name = yard.submit({"only": step})
    assert yard.end() == 0
    yard.start()

    status, _ = ended(yard, words, name)

    assert status == "Completed"


def test_changed_bytes_of_a_registered_version_are_noticed(yard, words, bucket):
    """A version of data elsewhere stands for what its store listed then; a job that names it is refused afterwards."""
    bucket.put("raw/a.csv", b"1,2")
    register(yard, "far", bucket.document)
    body = {"name": "raw", "path": "azureml://datastores/far/paths/raw"}
    status, text = yard.ask("POST", "/api/v1/workspaces/default/data", {"body": body})
    assert status == 201, text
    made = json.loads(text)
    step = words.step("cat ${{inputs.raw}}/a.csv", inputs={"raw": {"type": "uri_folder", "path": "azureml:raw:1"}})
    status, steps = ended(yard, words, yard.submit({"read": step}))
    bucket.put("raw/a.csv", b"2,1")
    refused = yard.ask("POST", words.jobs, {"document": {"type": "pipeline", "jobs": {"read": step}}})

    assert made["content_digest"].startswith("etag:")
    assert (status, steps["read"]["inputs"]["raw"]["digest"]) == ("Completed", made["content_digest"])
    assert refused[0] == 422
    assert [problem["code"] for problem in json.loads(refused[1])["error"]["diagnostics"]] == ["asset-changed"]
