"""
The databases that the suites of the store run over.

SQLite always; PostgreSQL when PIPEYARD_TEST_POSTGRESQL holds the address of a
database in which schemas may be made (`tests/postgresql.sh` starts one).
"""

import os
import uuid

import pytest
import sqlalchemy

from pipeyard.store.sql import open_store


def _sqlite_address(tmp_path):
    return tmp_path / "odd folder ü" / "pipeyard.db"


def _postgresql_address():
    base = os.environ.get("PIPEYARD_TEST_POSTGRESQL")
    if not base:
        pytest.skip("PIPEYARD_TEST_POSTGRESQL names no database")
    schema = "test_" + uuid.uuid4().hex
    url = sqlalchemy.make_url(base).set(drivername="postgresql+psycopg")
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
    engine.dispose()
    return url.update_query_dict({"options": f"-csearch_path={schema}"}).render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def address(request, tmp_path):
    if request.param == "postgresql":
        return _postgresql_address()
    path = _sqlite_address(tmp_path)
    path.parent.mkdir()
    return path


@pytest.fixture
def store(address):
    store = open_store(address)
    yield store
    store.close()
