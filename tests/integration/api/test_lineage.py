"""What came of what, over HTTP and a real database: versions, jobs, and outputs that are read by their places."""

from __future__ import annotations

import pytest

from pipeyard.model.asset_record import AssetVersion, AuditEntry
from pipeyard.model.assets import AssetKind, DatastoreUri
from pipeyard.service import lineage_graph
from tests.integration.api.conftest import step
from tests.integration.api.test_assets import create, get, send


@pytest.fixture
def raw(api):
    """Register the data that everything begins with."""
    create(api, {"name": "raw", "type": "uri_folder", "path": send(api, "raw", {"a.csv": b"1\n"})}, kind="data")
    return "data/raw/1"


def read(api, path, type_="uri_folder", **more):
    """Submit a pipeline whose only step reads a path, and return its name."""
    given = {"d": {"type": type_, "path": path}}
    return api.submit({"fit": step("cat ${{inputs.d}}", inputs=given)}, **more)["name"]


def made(api, job, name, kind=AssetKind.DATA):
    """Register what a job's step wrote, as the engine does at the step's end."""
    maker = api.steps(job)["fit"].name
    entry = AuditEntry("default", 1, "ann", "create", kind.value, name)
    asset = AssetVersion(
        "default",
        kind,
        name,
        "",
        "uri_folder",
        1_700_000_000_000,
        "ann",
        body={},
        digest="d",
        uri=DatastoreUri("workspaceblobstore", "LocalUpload/x/y"),
        produced_by=maker,
        produced_output="out",
    )
    added = api.store.assets.create_asset(asset, entry)
    api.datastores.local_path("default", asset.uri).mkdir(parents=True, exist_ok=True)
    return f"{kind.plural}/{name}/{added.version}"


def lineage(api, of, **query):
    return get(api, "/lineage", of=of, **query)


def levels(found):
    return {node["id"]: node["level"] for node in found["nodes"]}


def edges(found):
    return {(edge["from"], edge["to"]): edge["names"] for edge in found["edges"]}


class TestWalk:
    def test_assets_and_jobs_alternate_in_both_directions(self, api, raw):
        """Two steps each way unless more is asked for; what is behind the last is only hinted at."""
        one = read(api, "azureml:raw:1", display_name="train")
        net = made(api, one, "clean")
        two = read(api, "azureml:clean:1")
        scores = made(api, two, "scores")
        last = read(api, "azureml:scores:1")
        found = lineage(api, net)

        assert levels(found) == {net: 0, f"jobs/{one}": -1, raw: -2, f"jobs/{two}": 1, scores: 2}
        assert edges(found)[raw, f"jobs/{one}"] == ["inputs.d"]
        assert edges(found)[f"jobs/{one}", net] == ["outputs.out"]
        more = {node["id"]: (node["has_more_above"], node["has_more_below"]) for node in found["nodes"]}
        assert more == {**dict.fromkeys(more, (False, False)), scores: (False, True)}
        assert lineage(api, scores, depth=1, dir="down")["nodes"][1]["id"] == f"jobs/{last}"
        shown = {node["id"]: node for node in found["nodes"]}
        assert (shown[f"jobs/{one}"]["display_name"], shown[raw]["type"]) == ("train", "uri_folder")

    def test_one_direction_is_only_that(self, api, raw):
        """From raw data forward, and from a result back to it."""
        one = read(api, "azureml:raw:1")
        clean = made(api, one, "clean")

        assert set(levels(lineage(api, raw, dir="up"))) == {raw}
        assert set(levels(lineage(api, raw, dir="down"))) == {raw, f"jobs/{one}", clean}
        assert set(levels(lineage(api, clean, dir="up", depth=1))) == {clean, f"jobs/{one}"}

    def test_begins_with_a_job_or_with_one_of_its_steps(self, api, raw):
        """A step means the job that was submitted."""
        one = read(api, "azureml:raw:1")
        found = lineage(api, f"jobs/{api.steps(one)['fit'].name}")

        assert (found["of"], levels(found)) == (f"jobs/{one}", {f"jobs/{one}": 0, raw: -1})

    def test_what_is_read_by_its_place_is_an_output(self, api, raw):
        """Named by its job, or where it lies: the same output."""
        one = read(api, "azureml:raw:1")
        maker = api.steps(one)["fit"].name
        api.artifact(maker, "outputs/m.txt", b"m")
        place = DatastoreUri("workspaceblobstore", f"azureml/{maker}/log")
        api.datastores.local_path("default", place).mkdir(parents=True)
        named = read(api, f"azureml://jobs/{maker}/outputs/artifacts/paths/outputs/m.txt", "uri_file")
        placed = read(api, f"azureml://datastores/workspaceblobstore/paths/azureml/{maker}/log")
        found = lineage(api, f"jobs/{one}")

        artifacts, log = f"outputs/{maker}/artifacts", f"outputs/{maker}/log"
        assert levels(found) == {
            f"jobs/{one}": 0,
            raw: -1,
            artifacts: 1,
            log: 1,
            f"jobs/{named}": 2,
            f"jobs/{placed}": 2,
        }
        assert levels(lineage(api, f"jobs/{placed}", dir="up")) == {f"jobs/{placed}": 0, log: -1, f"jobs/{one}": -2}
        assert set(levels(lineage(api, log))) == {log, f"jobs/{one}", raw, f"jobs/{placed}"}

    def test_a_version_that_was_deleted_is_shown_as_gone(self, api, raw):
        """The job still says that it read it."""
        one = read(api, "azureml:raw:1")
        api.end(one)
        assert api.client.delete("/api/v1/workspaces/default/data/raw/versions/1").status_code == 204
        (node,) = [node for node in lineage(api, f"jobs/{one}")["nodes"] if node["id"] == raw]

        assert node["is_gone"] is True

    def test_a_registrys_version_says_so(self, api):
        """Seen from a workspace it is of the registry; seen from the registry its jobs are those of workspaces."""
        home = "/api/v1/registries/team"
        api.client.put(home, json={})
        uri = send(api, "raw", {"a.csv": b"1\n"}, home)
        create(api, {"name": "raw", "type": "uri_folder", "path": uri}, kind="data", home=home)
        job = read(api, "azureml://registries/team/data/raw/versions/1")

        assert "registries/team/data/raw/1" in levels(lineage(api, f"jobs/{job}"))
        found = api.client.get(f"{home}/lineage", params={"of": "data/raw/1"}).json()
        assert levels(found) == {"data/raw/1": 0, f"jobs/{job}": 1}
        assert [node["workspace"] for node in found["nodes"]] == [None, "default"]


class TestLeavingOut:
    def test_kinds_are_chosen(self, api, raw):
        """Components and environments only when they are asked for: nearly every job uses the same few."""
        create(api, {"name": "tools", "image": "python"}, kind="environments")
        given = {"d": {"type": "uri_folder", "path": "azureml:raw:1"}}
        job = api.submit({"a": step("cat ${{inputs.d}}", inputs=given, environment="azureml:tools:1")})["name"]

        assert set(levels(lineage(api, f"jobs/{job}"))) == {f"jobs/{job}", raw}
        found = lineage(api, f"jobs/{job}", kind=["environments"])
        assert set(levels(found)) == {f"jobs/{job}", "environments/tools/1"}

    def test_jobs_of_another_time_are_left_out(self, api, raw):
        """And so is what is behind them only."""
        one = read(api, "azureml:raw:1")
        clean = made(api, one, "clean")

        assert set(levels(lineage(api, clean, since="2999-01-01"))) == {clean}
        assert set(levels(lineage(api, raw, until="1999-01-01"))) == {raw}
        assert f"jobs/{one}" in levels(lineage(api, raw, since="1999-01-01", until="2999-01-01"))

    def test_an_answer_is_bounded_and_says_so(self, api, raw, monkeypatch):
        """What was left out is behind nodes that say that there is more."""
        jobs = [read(api, "azureml:raw:1") for _ in range(3)]
        monkeypatch.setattr(lineage_graph, "NODES_MAX", 3)
        found = lineage(api, raw)

        assert (found["truncated"], found["limit"], len(found["nodes"])) == (True, 3, 3)
        assert found["nodes"][0]["has_more_below"] is True
        # The newest first.
        assert set(levels(found)) == {raw, f"jobs/{jobs[2]}", f"jobs/{jobs[1]}"}

    @pytest.mark.parametrize(
        "query",
        [
            {"of": "raw"},
            {"of": "data/raw"},
            {"of": "data//1"},
            {"of": "things/raw/1"},
            {"of": "jobs/a/b"},
            {"of": "data/raw/1", "dir": "sideways"},
            {"of": "data/raw/1", "kind": "things"},
            {"of": "data/raw/1", "depth": 21},
            {"of": "data/raw/1", "since": "never"},
        ],
    )
    def test_what_makes_no_sense_is_refused(self, api, raw, query):
        """With a hint at what would."""
        assert raw
        error = get(api, "/lineage", status=400, **query)["error"]

        assert (error["code"], bool(error["message"])) == ("bad-request", True)

    @pytest.mark.parametrize("of", ["data/raw/2", "data/nothing/1", "jobs/nobody", "outputs/nobody/out"])
    def test_what_is_not_there_is_said_to_be_missing(self, api, raw, of):
        """As when it is shown."""
        assert raw
        get(api, "/lineage", status=404, of=of)
