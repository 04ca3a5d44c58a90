from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from pipeyard.api.app import create_app
from pipeyard.datastore.credential import CredentialFiles
from pipeyard.model.asset_record import AuditFilter
from pipeyard.model.errors import StoreError
from pipeyard.ports import RemoteLook

DATASTORES = "/api/v1/workspaces/default/datastores"
SECRET = "c2VjcmV0LXNlY3JldA=="
BLOB = {
    "type": "azure_blob",
    "account_name": "acc",
    "container_name": "data",
    "credentials": {"account_key": SECRET},
}


@dataclass
class FakeTransfers:
    """Says of every place that it is there, unless a test says otherwise."""

    store: object
    probed: list = field(default_factory=list)
    problem: Exception | None = None
    there: RemoteLook | None = field(
        default_factory=lambda: RemoteLook(is_file=False, size=3, file_count=1, listing_digest="f" * 64)
    )

    def is_remote(self, workspace, datastore):
        return any(row.name == datastore and row.type != "local" for row in self.store.list_datastores(workspace))

    def probe(self, record, credentials):
        self.probed.append((record.name, dict(credentials)))
        if self.problem is not None:
            raise self.problem

    def look(self, workspace, uri):
        if self.problem is not None:
            raise self.problem
        return self.there

    def forget(self, workspace):
        pass


@pytest.fixture
def elsewhere(api):
    """The server of `api`, which reaches stores elsewhere."""
    transfers = FakeTransfers(api.store)
    world = replace(api.desk.world, transfers=transfers, credentials=CredentialFiles(api.home))
    api.desk = replace(api.desk, world=world)
    api.app = create_app(api.desk, port=8123)
    api.client = api.caller({"authorization": f"Bearer {'t' * 43}"})
    api.transfers = transfers
    return api


def put(api, name="blob", query="", **changes):
    return api.client.put(f"{DATASTORES}/{name}{query}", json={**BLOB, **changes})


def test_a_datastore_is_shown_without_its_credentials(elsewhere):
    """Its settings come back, and of its secret the kind alone."""
    saved = put(elsewhere, description="Raw", tags={"team": "vision"}).json()
    shown = elsewhere.client.get(f"{DATASTORES}/blob")

    assert shown.json() == {key: value for key, value in saved.items() if key != "warnings"}
    assert ("Raw", "data", "account_key") == tuple(
        shown.json()[key] for key in ("description", "container_name", "credentials_type")
    )
    assert SECRET not in shown.text


def test_the_list_begins_with_the_built_in_ones(elsewhere):
    """The five that always exist come first; where they are on this machine is not told."""
    put(elsewhere, "a_store")
    rows = elsewhere.client.get(DATASTORES).json()["value"]

    assert ("workspaceblobstore", "a_store") == (rows[0]["name"], rows[-1]["name"])
    assert rows[0]["is_default"] is True
    assert "path" not in rows[0]


def test_a_datastore_is_reached_before_it_is_kept(elsewhere):
    """A credential that fails keeps nothing; with `skip_validation` nobody asks."""
    elsewhere.transfers.problem = StoreError("datastore `blob` did not let us in", code="datastore-refused")

    refused = put(elsewhere)
    assert ("datastore-refused", 404) == (
        refused.json()["error"]["code"],
        elsewhere.client.get(f"{DATASTORES}/blob").status_code,
    )
    assert put(elsewhere, query="?skip_validation=true").status_code == 200
    assert elsewhere.transfers.probed == [("blob", {"account_key": SECRET})]


def test_credentials_stay_with_their_place(elsewhere):
    """A change that says nothing of them keeps them, unless the datastore becomes another place."""
    put(elsewhere)
    body = {key: value for key, value in BLOB.items() if key != "credentials"}
    elsewhere.client.put(f"{DATASTORES}/blob", json={**body, "description": "new"})
    elsewhere.client.put(f"{DATASTORES}/blob", json={**body, "account_name": "other"})

    assert [credentials for _, credentials in elsewhere.transfers.probed] == [
        {"account_key": SECRET},
        {"account_key": SECRET},
        {},
    ]
    assert elsewhere.client.get(f"{DATASTORES}/blob").json()["credentials_type"] is None


def test_what_is_wrong_with_a_datastore_is_said_with_its_place(elsewhere):
    """Problems come as diagnostics, without the secret that they may be about."""
    answer = put(elsewhere, credentials={"account_key": [SECRET]}, container_name="a/b")

    found = answer.json()["error"]["diagnostics"]
    assert (422, {"wrong-value", "wrong-type"}) == (answer.status_code, {item["code"] for item in found})
    assert SECRET not in answer.text


def test_the_built_in_ones_cannot_be_changed(elsewhere):
    """Outputs of finished jobs are in them."""
    assert put(elsewhere, "workspaceblobstore").json()["error"]["code"] == "built-in"
    assert elsewhere.client.delete(f"{DATASTORES}/workspaceartifactstore").status_code == 409


def test_a_folder_of_this_machine_is_a_datastore(elsewhere, tmp_path, words):
    """`local` is used in place: what is there can be an input."""
    folder = tmp_path / "my data"
    (folder / "raw").mkdir(parents=True)
    answer = elsewhere.client.put(f"{DATASTORES}/nas", json={"type": "local", "path": str(folder)})
    inputs = {"data": {"type": "uri_folder", "path": "azureml://datastores/nas/paths/raw"}}

    assert answer.json()["path"] == str(folder)
    assert elsewhere.submit({"a": words.step("ls ${{inputs.data}}", inputs=inputs)})["status"]


def test_a_folder_that_cannot_be_made_is_refused(elsewhere, tmp_path):
    """A path through a file is no folder, and the message names the datastore."""
    (tmp_path / "file").touch()
    body = {"type": "local", "path": str(tmp_path / "file" / "x")}

    error = elsewhere.client.put(f"{DATASTORES}/nas", json=body).json()["error"]

    assert error["code"] == "not-writable"
    assert "`nas`" in error["message"]


def test_a_datastore_in_use_cannot_be_removed_or_moved(elsewhere, words):
    """A job that has not ended may still need it; afterwards it can go."""
    put(elsewhere)
    name = elsewhere.submit({"a": words.step()}, settings={"default_datastore": "blob"})["name"]

    removed = elsewhere.client.delete(f"{DATASTORES}/blob")
    moved = put(elsewhere, container_name="other")
    described = put(elsewhere, description="new")
    elsewhere.end(name)

    assert [removed.status_code, moved.status_code, described.status_code] == [409, 409, 200]
    assert removed.json()["error"]["code"] == "in-use"
    assert elsewhere.client.delete(f"{DATASTORES}/blob").status_code == 204
    assert elsewhere.client.get(f"{DATASTORES}/blob").status_code == 404


def test_a_datastore_that_holds_an_asset_cannot_be_removed(elsewhere):
    """A registered version would name nothing; once it is archived, the datastore can go."""
    put(elsewhere)
    data = "/api/v1/workspaces/default/data"
    body = {"type": "uri_folder", "path": "azureml://datastores/blob/paths/raw"}
    made = elsewhere.client.post(data, json={"name": "raw", "body": body})

    refused = elsewhere.client.delete(f"{DATASTORES}/blob")
    elsewhere.client.post(f"{data}/raw/versions/1/archive")

    assert (201, 409, "in-use") == (made.status_code, refused.status_code, refused.json()["error"]["code"])
    assert "`raw:1`" in refused.json()["error"]["message"]
    assert elsewhere.client.delete(f"{DATASTORES}/blob").status_code == 204


def test_a_name_that_is_nearly_right_is_offered(elsewhere):
    """Exit code 3 of the command line comes from here."""
    put(elsewhere, "training_data")
    error = elsewhere.client.get(f"{DATASTORES}/trainig_data").json()["error"]

    assert "did you mean `training_data`?" in error["hint"]


def test_every_change_is_in_the_history_without_secrets(elsewhere):
    """Who created, changed and removed it is kept; of credentials only that they changed."""
    put(elsewhere)
    put(elsewhere, description="Raw", credentials={"account_key": SECRET + "2"})
    elsewhere.client.delete(f"{DATASTORES}/blob")

    entries = elsewhere.store.assets.list_audit(AuditFilter(kind="datastore"), limit=10)

    assert [(entry.action, entry.by) for entry in entries] == [("delete", "ann"), ("update", "ann"), ("create", "ann")]
    assert entries[1].detail == {
        "description": {"before": None, "after": "Raw"},
        "credentials": {"before": None, "after": "changed"},
    }
    assert SECRET not in str(entries)


@pytest.mark.parametrize(
    "path", ["azureml://datastores/blob/paths/raw", "wasbs://data@acc.blob.core.windows.net/raw", "azureml:raw"]
)
def test_inputs_elsewhere_are_looked_at_when_a_job_is_submitted(elsewhere, words, path):
    """By its datastore or by its cloud's own address, data that is there is accepted, and what it is is kept."""
    put(elsewhere)
    jobs = {"a": words.step("ls ${{inputs.data}}", inputs={"data": {"type": "uri_folder", "path": path}})}
    if path == "azureml:raw":
        pytest.importorskip("pipeyard.service.assets")
        body = {"type": "uri_folder", "path": "azureml://datastores/blob/paths/raw"}
        assert (
            elsewhere.client.post("/api/v1/workspaces/default/data", json={"name": "raw", "body": body}).status_code
            == 201
        )

    name = elsewhere.submit(jobs)["name"]

    kept = elsewhere.steps(name)["a"].detail["inputs"]["data"]
    assert kept.get("uri", kept["path"]) == "azureml://datastores/blob/paths/raw"
    assert kept["digest"].startswith("etag:")


def test_data_that_is_not_there_is_a_problem_of_the_submit(elsewhere, words):
    """Nothing at a path, no datastore for a cloud's address, a store that does not answer: all are said at once."""
    put(elsewhere)
    elsewhere.transfers.there = None

    def codes(path):
        jobs = {"a": words.step("ls ${{inputs.data}}", inputs={"data": {"type": "uri_folder", "path": path}})}
        answer = elsewhere.client.post(words.jobs, json={"document": {"type": "pipeline", "jobs": jobs}})
        return [item["code"] for item in answer.json()["error"]["diagnostics"]]

    assert codes("azureml://datastores/blob/paths/raw") == ["unknown-path"]
    assert codes("s3://nobodys-bucket/raw") == ["unknown-datastore"]
    elsewhere.transfers.problem = StoreError("datastore `blob` cannot be reached", code="datastore-unreachable")
    assert codes("azureml://datastores/blob/paths/raw") == ["cannot-fetch"]


def test_a_direct_input_is_not_looked_at(elsewhere, words):
    """The command asks its store for itself; whether the data is there by then is its own affair."""
    put(elsewhere)
    elsewhere.transfers.there = None
    inputs = {"data": {"type": "uri_folder", "mode": "direct", "path": "azureml://datastores/blob/paths/later"}}

    assert elsewhere.submit({"a": words.step("echo ${{inputs.data}}", inputs=inputs)})["status"]


def test_what_is_elsewhere_is_not_listed(elsewhere):
    """It is said by name; nothing is fetched to find out."""
    elsewhere.client.put(f"{DATASTORES}/blob", json=BLOB)
    answer = elsewhere.client.get(f"{DATASTORES}/blob/files")

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "files-elsewhere"
