from pipeyard.model.asset_record import registry_workspace
from pipeyard.model.assets import DatastoreUri
from pipeyard.registry.qualify import document_in, uri_in

UPLOAD = "azureml://datastores/workspaceblobstore/paths/LocalUpload/d/src"


def test_a_registrys_component_says_which_registry_it_speaks_of(shelf):
    """
    Taken out of it, short references would mean the workspace's own.
    """
    body = {
        "type": "pipeline",
        "inputs": {"x": {"type": "string", "default": "azureml:train:1"}},
        "jobs": {
            "a": {"component": "azureml:train:1", "inputs": {"d": {"path": "azureml:iris:2"}, "t": "azureml:iris:2"}},
            "b": {"component": "azureml:azureml_anonymous:ff"},
            "c": {"command": "x", "code": UPLOAD, "environment": "azureml:env:1"},
            "d": {"component": "azureml://registries/other/components/train/versions/1"},
        },
    }
    asset = shelf.put(workspace=registry_workspace("team"), body=body)

    tree = document_in("default", asset)

    start = "azureml://registries/team"
    assert f"{start}/components/train/versions/1" == tree["jobs"]["a"]["component"]
    assert f"{start}/data/iris/versions/2" == tree["jobs"]["a"]["inputs"]["d"]["path"]
    assert "azureml:iris:2" == tree["jobs"]["a"]["inputs"]["t"]
    assert f"{start}/components/azureml_anonymous/versions/ff" == tree["jobs"]["b"]["component"]
    assert f"{start}/environments/env/versions/1" == tree["jobs"]["c"]["environment"]
    assert "azureml://datastores/registry:team/paths/LocalUpload/d/src" == tree["jobs"]["c"]["code"]
    assert body["jobs"]["d"] == tree["jobs"]["d"]
    assert "azureml:train:1" == tree["inputs"]["x"]["default"]
    assert asset.document == document_in(registry_workspace("team"), asset)


def test_a_workspaces_own_version_is_read_as_it_is(shelf):
    """
    Nothing is rewritten.
    """
    uri = DatastoreUri("workspaceblobstore", "LocalUpload/d/src")
    asset = shelf.put(body={"code": UPLOAD}, uri=uri)

    assert UPLOAD == document_in("default", asset)["code"]
    assert uri == uri_in("default", asset)
    assert uri_in("default", shelf.put(workspace=registry_workspace("team"), uri=uri)).datastore == "registry:team"
