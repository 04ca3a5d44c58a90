from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from pipeyard.api.app import create_app
from pipeyard.datastore.credential import CredentialFiles
from pipeyard.model.asset_record import AuditFilter
from pipeyard.model.errors import StoreError
from pipeyard.ports import FolderEntry, FolderPage, RemoteFile, RemoteLook

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
    # Pages by folder and how to go on; bytes by path; which of them were read.
    pages: dict = field(default_factory=dict)
    files: dict = field(default_factory=dict)
    reads: list = field(default_factory=list)
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

    def list_folder(self, workspace, uri, *, limit, after):
        if self.problem is not None:
            raise self.problem
        return self.pages.get((uri.path, after))

    def file_at(self, workspace, uri):
        data = self.files.get(uri.path)
        return None if data is None else RemoteFile(len(data), "tag")

    def read(self, workspace, uri, file, start, end):
        if self.problem is not None:
            raise self.problem
        self.reads.append((start, end))
        return self.files[uri.path][start:end]

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


def test_what_is_elsewhere_is_listed_by_pages(elsewhere):
    """Folders first; `next` is given back as `before`; what no path can say is counted."""
    put(elsewhere)
    one = FolderPage([FolderEntry("b", 1), FolderEntry("a", None)], "token of the store", 2)
    elsewhere.transfers.pages = {("raw", None): one, ("raw", "token of the store"): FolderPage([FolderEntry("c", 2)])}

    first = elsewhere.client.get(f"{DATASTORES}/blob/files/raw/?limit=2").json()
    second = elsewhere.client.get(f"{DATASTORES}/blob/files/raw/", params={"before": first["next"]}).json()

    assert [("a", None), ("b", 1)] == [(row["name"], row["size"]) for row in first["value"]]
    assert (2, [{"name": "c", "size": 2}], None) == (first["left_out"], second["value"], second["next"])
    assert elsewhere.client.get(f"{DATASTORES}/blob/files/nothing").status_code == 404


def test_a_file_elsewhere_is_sent_by_ranges(elsewhere):
    """As a file of this machine is; only what was asked for is fetched."""
    put(elsewhere)
    elsewhere.transfers.files = {"raw/a.csv": b"0123456789"}
    address = f"{DATASTORES}/blob/files/raw/a.csv"

    whole = elsewhere.client.get(address)
    part = elsewhere.client.get(address, headers={"range": "bytes=2-4"})

    assert (b"0123456789", "10", b"234", 206) == (
        whole.content,
        whole.headers["content-length"],
        part.content,
        part.status_code,
    )
    assert "sandbox" in whole.headers["content-security-policy"]
    assert [(0, 10), (2, 5)] == elsewhere.transfers.reads


@pytest.mark.parametrize("path", ["..%2F..", "a/../b", "..%2Fb", "a//b", "./a", "a%00b"])
def test_no_path_leads_out_of_what_is_elsewhere(elsewhere, path):
    """It is refused before anybody is asked for it."""
    put(elsewhere)
    elsewhere.transfers.files = {path: b"x"}

    assert elsewhere.client.get(f"{DATASTORES}/blob/files/{path}").status_code in {400, 404}
    assert elsewhere.transfers.reads == []


def test_a_store_that_fails_is_an_answer_and_not_a_broken_file(elsewhere):
    """Its own words, and what to check."""
    put(elsewhere)
    elsewhere.transfers.files = {"a": b"x"}
    elsewhere.transfers.problem = StoreError("datastore `blob` did not let us in", code="datastore-refused")

    for answer in (
        elsewhere.client.get(f"{DATASTORES}/blob/files"),
        elsewhere.client.get(f"{DATASTORES}/blob/files/a"),
        elsewhere.client.post(f"{DATASTORES}/blob/test"),
    ):
        assert (503, "datastore-refused") == (answer.status_code, answer.json()["error"]["code"])


def test_a_datastore_is_reached_with_what_is_kept(elsewhere, tmp_path):
    """One of this machine is a folder that can be used."""
    put(elsewhere, query="?skip_validation=true")
    elsewhere.client.put(f"{DATASTORES}/here", json={"type": "local", "path": str(tmp_path / "data")})
    answers = [elsewhere.client.post(f"{DATASTORES}/{name}/test") for name in ("blob", "here", "workspaceblobstore")]

    assert [(200, True)] * 3 == [(answer.status_code, answer.json()["is_reached"]) for answer in answers]
    assert elsewhere.transfers.probed == [("blob", {"account_key": SECRET})]
    assert elsewhere.client.post(f"{DATASTORES}/nobody/test").status_code == 404
