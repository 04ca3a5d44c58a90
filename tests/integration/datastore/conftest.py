import pytest

from pipeyard.datastore.local import LocalDatastores
from pipeyard.datastore.pool import WorkerPool
from pipeyard.model.record import BUILT_IN_DATASTORES, DatastoreRecord
from pipeyard.store.sql import open_store


@pytest.fixture(scope="session")
def pool():
    """The worker processes, started once."""
    pool = WorkerPool()
    yield pool
    pool.close()


class SamePool:
    """Does the work in this process, so that a test can look on and interfere."""

    def run(self, function, *args, **kwargs):
        return function(*args, **kwargs)


@pytest.fixture
def same_pool():
    return SamePool()


@pytest.fixture
def home(tmp_path):
    home = tmp_path / "my home ü"
    home.mkdir()
    return home


@pytest.fixture
def datastores(home):
    records = [
        DatastoreRecord("default", name, "local", {"path": f"workspaces/default/{name}"})
        for name in BUILT_IN_DATASTORES
    ]
    return LocalDatastores(home, lambda workspace: records if workspace == "default" else [])


@pytest.fixture
def store(home):
    store = open_store(home / "pipeyard.db")
    yield store
    store.close()
