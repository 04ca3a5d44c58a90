"""The files of an MLTable."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from pipeyard.datastore import table_files
from pipeyard.datastore.local import LocalDatastores
from pipeyard.datastore.table_files import LocalTables
from pipeyard.model.assets import DatastoreUri
from pipeyard.model.errors import UserError
from pipeyard.model.record import DatastoreRecord
from pipeyard.ports import LocalCopy

URI = DatastoreUri("blob", "table")


@dataclass
class Elsewhere:
    """One remote datastore, `far`, whose bytes are in a folder."""

    folder: object
    held: list

    def is_remote(self, workspace, datastore):
        return datastore == "far"

    def bring(self, workspace, uri, *, holder=None, digest=None):
        self.held.append((str(uri), holder))
        place = self.folder / uri.path
        return LocalCopy(place, place.is_file(), "", 0, 0)


class Web:
    def fetch(self, workspace, url):
        @dataclass
        class Copy:
            uri: DatastoreUri

        return Copy(DatastoreUri("blob", "web/copy"))


class Desk:
    """A home with a folder `table`, and one way to ask what it stands for."""

    def __init__(self, home):
        records = [DatastoreRecord("default", name, "local", {"path": name}) for name in ("blob", "other")]
        self.datastores = LocalDatastores(home, lambda _workspace: records)
        self.blob, self.other = (self.datastores.folder("default", row.name) for row in records)
        self.folder = self.blob / "table"
        self.folder.mkdir()
        self.far = home / "far"
        self.held = []
        self.tables = LocalTables(self.datastores, Elsewhere(self.far, self.held), Web())

    def write(self, *paths, root=None):
        for path in paths:
            place = (root or self.folder) / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(path)

    def files(self, text):
        (self.folder / "MLTable").write_text(text)
        return self.tables.files_of("default", URI, self.folder, holder="step.1")

    def paths(self, text):
        return [file.path for file in self.files(text)]


@pytest.fixture
def desk(tmp_path):
    found = Desk(tmp_path)
    found.write("b.csv", "a.csv", "sub dir/ü$.csv", "sub dir/x.txt")
    return found


@pytest.mark.parametrize(
    ("paths", "found"),
    [
        ("{file: ./a.csv}", ["a.csv"]),
        ("{file: 'sub dir/ü$.csv'}", ["sub dir/ü$.csv"]),
        ("{folder: ./sub dir/}", ["sub dir/x.txt", "sub dir/ü$.csv"]),
        ("{file: sub dir}", ["sub dir/x.txt", "sub dir/ü$.csv"]),
        ("{folder: .}", ["a.csv", "b.csv", "sub dir/x.txt", "sub dir/ü$.csv"]),
        ("{pattern: ./*.csv}", ["a.csv", "b.csv"]),
        ("{pattern: '**/*.csv'}", ["a.csv", "b.csv", "sub dir/ü$.csv"]),
        ("{pattern: sub dir/../*}", ["a.csv", "b.csv"]),
        ("{file: b.csv}, {pattern: '*.csv'}", ["b.csv", "a.csv"]),
    ],
)
def test_files_keep_their_place_below_the_table(desk, paths, found):
    """In the order in which they are named, each once; the file MLTable is none of them."""
    assert desk.paths(f"paths: [{paths}]") == found


def test_each_file_is_where_it_says(desk):
    """Its path on this machine and its URI."""
    (file,) = desk.files("paths: [{file: ./sub dir/x.txt}]")

    assert file.source.read_text() == "sub dir/x.txt"
    assert file.uri == "azureml://datastores/blob/paths/table/sub dir/x.txt"


@pytest.mark.parametrize(
    ("paths", "found"),
    [
        ("{file: azureml://datastores/other/paths/d/1.csv}", ["other/d/1.csv"]),
        ("{folder: azureml://datastores/other/paths/d}", ["other/d/1.csv", "other/d/2.csv"]),
        ("{pattern: azureml://datastores/other/paths/**/2.csv}", ["other/d/2.csv"]),
        ("{pattern: AzureML://datastores/far/paths/d/*.csv}", ["far/d/1.csv", "far/d/2.csv"]),
        ("{file: azureml://datastores/far/paths/d/2.csv}", ["far/d/2.csv"]),
        ("{file: 'https://user:secret@host:1/x/../a%20b.csv?sig=1'}", ["host/x/a%20b.csv"]),
    ],
)
def test_what_is_named_by_uri_is_seen_below_its_datastore(desk, paths, found):
    """Two files of one name do not meet. What is elsewhere is brought for the attempt."""
    desk.write("d/1.csv", "d/2.csv", root=desk.other)
    desk.write("d/1.csv", "d/2.csv", root=desk.far)
    desk.write("web/copy", root=desk.blob)
    files = desk.files(f"paths: [{paths}]")

    assert [file.path for file in files] == found
    assert [file.path for file in files if not file.source.is_file()] == []
    assert {holder for _, holder in desk.held} <= {"step.1"}


@pytest.mark.parametrize(
    ("steps", "found"),
    [
        ("[take: 2]", ["a.csv", "b.csv"]),
        ("[skip: 1, take: 2]", ["b.csv", "sub dir/x.txt"]),
        ("[read_delimited, take: 1]", ["a.csv", "b.csv", "sub dir/x.txt", "sub dir/ü$.csv"]),
    ],
)
def test_files_are_chosen_before_they_are_read(desk, steps, found):
    """What stands behind the read works on rows."""
    steps = steps.replace("take: 2", "{take: 2}").replace("skip: 1", "{skip: 1}").replace("take: 1", "{take: 1}")

    assert desk.paths(f"paths: [{{folder: .}}]\ntransformations: {steps}") == found


def test_a_sample_is_the_same_for_the_same_seed(desk):
    """Other files for another seed."""
    desk.write(*(f"many/{number}" for number in range(50)))
    text = "paths: [{folder: many}]\ntransformations: [{take_random_sample: {probability: 0.5, seed: %d}}]"

    assert desk.paths(text % 1) == desk.paths(text % 1)
    assert desk.paths(text % 1) != desk.paths(text % 2)
    assert 10 < len(desk.paths(text % 1)) < 40


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("paths: [{file: gone.csv}]", "missing-data", "`gone.csv`"),
        ("paths: [{pattern: '*.png'}]", "nothing-matches", "has no files"),
        ("paths: [{file: ../x}]", "outside-table", "MLTable:1: "),
        ("paths: [{file: a.csv}]\ntransformations:\n- read_csv", "unknown-value", "MLTable:3: "),
        ("paths: [", "broken-yaml", "MLTable:"),
        ("[]", "not-a-mapping", "MLTable:"),
        ("paths: [{file: 's3://bucket/a.csv'}]", "unknown-scheme", "`s3:`"),
        ("paths: [{folder: .}]\ntransformations: [read_delta_lake]", "no-table-reader", "Delta Lake"),
        ("paths: [{folder: 'https://host/a'}]", "unknown-scheme", "web server"),
        ("paths: [{file: azureml://datastores/other/paths/gone}]", "missing-data", "nothing is there"),
    ],
)
def test_what_cannot_be_listed_is_said(desk, text, code, said):
    """With the line when the file itself is wrong."""
    with pytest.raises(UserError) as raised:
        desk.files(text)

    assert raised.value.code == code
    assert said in raised.value.message


def test_a_folder_without_the_file_is_no_table(desk):
    """The hint says which modes take any folder."""
    with pytest.raises(UserError, match="no file `MLTable`"):
        desk.tables.files_of("default", URI, desk.folder)


def test_a_file_that_is_no_text_is_no_table(desk):
    """Data under a wrong name."""
    (desk.folder / "MLTable").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="no UTF-8"):
        desk.tables.files_of("default", URI, desk.folder)


def test_a_link_that_leads_out_is_refused(desk):
    """A table cannot name the machine's own files."""
    (desk.folder / "sneaky").symlink_to("/etc/hostname")
    with pytest.raises(UserError) as raised:
        desk.files("paths: [{pattern: '*'}]")

    assert raised.value.code == "link-leads-out"


def test_two_files_under_one_path_are_refused(desk):
    """Which one is meant nobody can know."""
    desk.write("other/1.csv")
    desk.write("1.csv", root=desk.other)
    with pytest.raises(UserError) as raised:
        desk.files("paths: [{file: other/1.csv}, {file: azureml://datastores/other/paths/1.csv}]")

    assert raised.value.code == "table-clash"


def test_a_table_of_too_many_files_is_refused(desk, monkeypatch):
    """It is said how to get them all the same."""
    monkeypatch.setattr(table_files, "FILES_MAX", 2)
    with pytest.raises(UserError) as raised:
        desk.files("paths: [{folder: .}]")

    assert (raised.value.code, "ro_mount" in raised.value.hint) == ("table-too-large", True)
