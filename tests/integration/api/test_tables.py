"""The first rows of tables over HTTP."""

from __future__ import annotations

import pytest

from pipeyard.datastore.table_files import LocalTables

pytest.importorskip("pandas")
pytest.importorskip("pyarrow")

DATA = "/api/v1/workspaces/default/data"
TABLE = "paths: [{pattern: '*.csv'}]\ntransformations: [read_delimited]\n"


@pytest.fixture
def data(api):
    """Puts files into the default datastore and registers them; `world.tables` reads for real."""
    object.__setattr__(api.desk.world, "tables", LocalTables(api.datastores))

    def make(name, type_, files, path=""):
        folder = api.datastores.folder("default", "workspaceblobstore") / name
        for file, text in files.items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text(text)
        uri = f"azureml://datastores/workspaceblobstore/paths/{name}/{path}"
        body = {"name": name, "body": {"type": type_, "path": uri}}
        answer = api.client.post(DATA, json=body)
        assert answer.status_code == 201, answer.text
        return folder

    return make


def test_the_head_of_a_table(api, data):
    """Columns with their types, and no more rows than asked for."""
    data("t", "mltable", {"a.csv": "n,s\n1,x\n2,y\n", "MLTable": TABLE})

    whole = api.client.get(f"{DATA}/t/preview").json()
    assert (whole["name"], whole["version"], whole["is_complete"]) == ("t", "1", True)
    assert whole["columns"] == [{"name": "n", "type": "int"}, {"name": "s", "type": "string"}]
    assert whole["rows"] == [{"n": 1, "s": "x"}, {"n": 2, "s": "y"}]
    for which in ("versions/1", "labels/latest"):
        head = api.client.get(f"{DATA}/t/{which}/preview", params={"rows": 1}).json()
        assert (len(head["rows"]), head["is_complete"]) == (1, False)


def test_the_head_of_a_file(api, data):
    """Its name says how it is read."""
    data("f", "uri_file", {"rows.jsonl": '{"n": 1}\n'}, "rows.jsonl")

    assert api.client.get(f"{DATA}/f/preview").json()["rows"] == [{"n": 1}]


def test_what_is_no_table_is_said(api, data):
    """Folders, pictures, tables that cannot be understood, and things that are gone."""
    data("folder", "uri_folder", {"a.csv": "n\n1\n"})
    data("picture", "uri_file", {"a.png": ""}, "a.png")
    broken = data("broken", "mltable", {"a.csv": "n\n1\n", "MLTable": TABLE})
    (broken / "MLTable").write_text("paths: []\ntransformations:\n- read_cvs\n")
    gone = data("gone", "uri_file", {"a.csv": "n\n1\n"}, "a.csv")
    (gone / "a.csv").unlink()

    answers = {name: api.client.get(f"{DATA}/{name}/preview") for name in ("folder", "picture", "broken", "gone", "no")}
    found = {name: (answer.status_code, answer.json()["error"]["code"]) for name, answer in answers.items()}
    assert found == {
        "folder": (400, "not-a-table"),
        "picture": (400, "not-a-table"),
        "broken": (400, "wrong-value"),
        "gone": (404, "not-found"),
        "no": (404, "asset-not-found"),
    }


@pytest.mark.parametrize("rows", ["0", "1001", "-1", "x"])
def test_rows_are_a_small_number(api, data, rows):
    """A preview is no download."""
    data("t", "mltable", {"a.csv": "n\n1\n", "MLTable": TABLE})

    assert api.client.get(f"{DATA}/t/preview", params={"rows": rows}).status_code in (400, 422)
