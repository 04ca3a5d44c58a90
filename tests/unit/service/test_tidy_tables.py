"""What registered tables need besides their own place."""

from __future__ import annotations

from types import SimpleNamespace

from pipeyard.model.assets import DatastoreUri
from pipeyard.model.tidy import Mentions, RegisteredPlaces
from pipeyard.service.tidy_tables import with_tables

DIGEST = "ab" * 32


def test_what_a_table_names_is_needed_and_tables_in_tables_too(tmp_path):
    """Jobs and uploads; each file is read once, and what is no table or is elsewhere says nothing."""
    texts = {
        "azureml/loop/o/MLTable": 'paths:\n  - folder: "azureml://datastores/blob/paths/azureml/item/o/"\n'
        "  - file: azureml://datastores/blob/paths/azureml/other/o/x.csv\n",
        "azureml/item/o/MLTable": f"paths: [{{file: azureml://datastores/blob/paths/LocalUpload/{DIGEST}/x}},"
        " {folder: azureml://datastores/blob/paths/azureml/loop/o/}]",
        "azureml/plain/o/notes.txt": "azureml://datastores/blob/paths/azureml/nobody/o/",
    }
    for path, text in texts.items():
        (tmp_path / "blob" / path).parent.mkdir(parents=True)
        (tmp_path / "blob" / path).write_text(text)
    places = {("w", DatastoreUri(store, f"azureml/{job}/o/")) for store, job in (("blob", "loop"), ("blob", "plain"))}
    places.add(("w", DatastoreUri("far", "azureml/loop/o/")))
    datastores = SimpleNamespace(local_path=lambda _, uri: tmp_path / uri.datastore / uri.path)
    registered = RegisteredPlaces(frozenset(places), Mentions(jobs=frozenset({"loop"})))

    found = with_tables(registered, datastores, {("w", "far")})

    assert found.places == places
    assert found.mentions == Mentions(frozenset({DIGEST}), frozenset({"loop", "item", "other"}))
