import pytest

from pipeyard.datastore.local import LocalDatastores
from pipeyard.model.assets import DatastoreUri
from pipeyard.model.errors import NotFound, UserError
from pipeyard.model.record import DatastoreRecord


def uri(path, datastore="workspaceblobstore"):
    return DatastoreUri(datastore, path)


def test_a_uri_is_a_path_below_the_home(home, datastores):
    """
    A home can be moved: only here does its own path come in.
    """
    expected = home / "workspaces/default/workspaceblobstore/a b/ü\n'x'"

    assert expected == datastores.local_path("default", uri("a b//ü\n'x'/"))
    assert expected.parent.parent == datastores.local_path("default", uri(""))


def test_an_absolute_datastore_stays_where_it_is(home, tmp_path):
    """
    A datastore may be a folder of the user's anywhere.
    """
    record = DatastoreRecord("default", "nas", "local", {"path": str(tmp_path / "nas")})

    assert tmp_path / "nas/x" == LocalDatastores(home, lambda _: [record]).local_path("default", uri("x", "nas"))


def test_an_unknown_datastore_names_the_nearest(datastores):
    """
    A slip in the name is answered with the name that was meant.
    """
    with pytest.raises(NotFound) as caught:
        datastores.local_path("default", uri("x", "workspaceblobstor"))

    assert "did you mean `workspaceblobstore`?" == caught.value.hint
    with pytest.raises(NotFound):
        datastores.local_path("other", uri("x"))


def test_a_datastore_without_a_folder_is_refused(home):
    """
    Only local datastores have paths.
    """
    record = DatastoreRecord("default", "cloud", "azure_blob", {})

    with pytest.raises(UserError, match="azure_blob"):
        LocalDatastores(home, lambda _: [record]).local_path("default", uri("x", "cloud"))


@pytest.mark.parametrize("path", ["../x", "a/../../x", "/etc/passwd", "a\0"])
def test_a_path_that_leads_out_is_refused(datastores, path):
    """
    No URI reaches what is outside of its datastore.
    """
    with pytest.raises(UserError):
        datastores.local_path("default", uri(path))


def test_a_link_that_leads_out_is_refused_and_one_inside_is_followed(datastores, tmp_path):
    """
    A step may write links; nobody gets at the rest of the disk through them.
    """
    root = datastores.local_path("default", uri(""))
    (root / "data").mkdir()
    (root / "inside").symlink_to("data")
    (root / "outside").symlink_to(tmp_path)
    (root / "ring").symlink_to("ring")

    assert root / "inside/x" == datastores.local_path("default", uri("inside/x"))
    for path in ("outside", "outside/x", "inside/../outside/x"):
        with pytest.raises(UserError):
            datastores.local_path("default", uri(path))
