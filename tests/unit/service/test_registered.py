from __future__ import annotations

import pytest

from pipeyard.model.asset_record import AssetKey, AssetVersion, registry_workspace, shared_datastore
from pipeyard.model.assets import AssetKind, AssetRef, DatastoreUri, DataUri
from pipeyard.model.component import InlineEnvironment
from pipeyard.model.errors import NotFound
from pipeyard.model.record import Submission
from pipeyard.service.jobs import show_job
from pipeyard.service.stored_graph import StoredGraphs
from pipeyard.service.submit import check_job, submit_job
from pipeyard.service.view import job_json
from pipeyard.spec.render import tree_digest

STORE = "azureml://datastores/workspaceblobstore/paths"
RESOURCE_ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w"
TRAIN = {
    "type": "command",
    "command": "train ${{inputs.d}} ${{outputs.model}}",
    "environment": {"image": "python"},
    "inputs": {"d": {"type": "uri_folder"}},
    "outputs": {"model": {"type": "custom_model"}},
}
# Types of an asset that are read as another.
FITTING = {("uri_file", "uri_folder"), ("uri_folder", "mltable"), ("mltable", "uri_folder")}


class Shop:
    """Short words for what is registered in a yard."""

    def __init__(self, yard):
        self.yard = yard

    def put(self, kind, name, body, version, *, workspace="default", type_="", **more):
        asset = AssetVersion(
            workspace, kind, name, version, type_, 1, "ann", body, tree_digest(body), serial=len(self.versions), **more
        )
        self.versions[asset.key] = asset
        return asset

    @property
    def versions(self):
        return self.yard.assets.versions

    def component(self, name="train", version="1", body=TRAIN, **more):
        return self.put(AssetKind.COMPONENT, name, body, version, type_=body["type"], **more)

    def data(self, name="d", version="1", *, kind=AssetKind.DATA, type_="uri_folder", workspace="default"):
        uri = DatastoreUri("workspaceblobstore", f"data/{name}/{version}")
        shared = uri if workspace == "default" else DatastoreUri(workspace, uri.path)
        self.yard.datastores.there.add(str(shared))
        body = {"type": type_, "path": str(uri)}
        return self.put(kind, name, body, version, type_=type_, uri=uri, workspace=workspace, content=f"c{version}")

    def environment(self, name="env", version="1", image="one"):
        return self.put(AssetKind.ENVIRONMENT, name, {"image": image}, version, type_="environment")

    def archive(self, asset):
        self.versions[asset.key] = asset.with_(is_archived=True)


@pytest.fixture
def shop(yard):
    """What is registered."""
    return Shop(yard)


def step(component, **more):
    return {"component": component, **more}


def reading(component="azureml:train:1", path="azureml:d@latest", **more):
    return step(component, inputs={"d": {"type": "uri_folder", "path": path, **more}})


def submitted(yard, document, **more):
    submit_job(yard.world, "default", yard.request(document, **more))
    return yard.runner.accepted[-1]


def problems(yard, document):
    return check_job(yard.world, "default", yard.request(document))


def only(items):
    (one,) = items
    return one


class TestComponents:
    @pytest.mark.parametrize(
        "written",
        [
            "azureml:train:2",
            "azureml:train@latest",
            "azureml:train",
            f"azureml:{RESOURCE_ID}/components/train/versions/2",
            "azureml://components/train/labels/latest",
        ],
    )
    def test_every_form_of_a_reference_is_pinned(self, yard, words, shop, written):
        """The job shows the version that it runs."""
        shop.component(version="1", body={**TRAIN, "command": "old"})
        shop.component(version="2")
        shop.data()
        job = submitted(yard, words.pipeline({"a": reading(written)}))

        assert job.graph.nodes["a"].component.command.text.startswith("train ")
        assert job.records[1].detail["component"] == "azureml:train:2"
        shown = job_json(job.records[0], "", job.submission)
        assert shown["jobs"]["a"]["component"] == "azureml:train:2"
        assert shown["jobs"]["a"]["inputs"]["d"]["path"] == "azureml:d:1"

    def test_a_restart_rebuilds_the_graph_after_labels_moved_and_versions_went(self, yard, words, shop):
        """Nothing is looked up again: what the job needs is stored with it."""
        shop.component()
        shop.data()
        shop.environment()
        document = words.pipeline({"a": {**reading("azureml:train@latest"), "environment": "azureml:env@latest"}})
        job = submitted(yard, document)
        shop.versions.clear()
        shop.component(version="7", body={**TRAIN, "command": "other"})
        stored = Submission(job.submission.root_name, job.submission.document, job.submission.components)

        assert StoredGraphs(yard.world.store).graph_of(job.records[0], stored) == job.graph

    def test_archived_versions_still_run(self, yard, words, shop):
        """Only `@latest` passes them by."""
        old = shop.component(version="1")
        shop.component(version="2", body={**TRAIN, "command": "new"})
        shop.data()
        shop.archive(old)

        assert submitted(yard, words.pipeline({"a": reading("azureml:train:1")})).records[1].detail["component"] == (
            "azureml:train:1"
        )

    def test_a_registered_pipeline_brings_its_anonymous_components(self, yard, words, shop):
        """They are stored with the job, as is the pipeline itself."""
        inner = {**TRAIN, "inputs": {}, "command": "deep ${{outputs.model}}"}
        digest = tree_digest(inner)
        shop.put(AssetKind.COMPONENT, "azureml_anonymous", inner, digest, type_="command")
        pipe = {"type": "pipeline", "jobs": {"deep": step(f"azureml:azureml_anonymous:{digest}")}}
        shop.component("pipe", "4", body=pipe)
        job = submitted(yard, words.pipeline({"sub": step("azureml:pipe@latest")}))

        assert set(job.graph.nodes) == {"sub/deep"}
        assert job.records[1].detail["component"] == "azureml:pipe:4"
        shop.versions.clear()
        assert StoredGraphs(yard.world.store).graph_of(job.records[0], job.submission) == job.graph
        shown = job_json(job.records[1], "", job.submission)
        assert shown["jobs"]["deep"]["type"] == "command"

    def test_a_job_can_be_a_registered_pipeline(self, yard, words, shop):
        """`component: azureml:pipe@latest` at the top."""
        shop.component("pipe", "2", body={"type": "pipeline", "jobs": {"a": words.command()}})
        job = submitted(yard, {"type": "pipeline", "component": "azureml:pipe@latest"})

        assert job.records[0].detail["component"] == "azureml:pipe:2"
        assert [(use.job_name, use.role, use.asset.version) for use in job.uses] == [
            (job.records[0].name, "component", "2")
        ]

    def test_missing_versions_name_the_nearest(self, yard, words, shop):
        """Names that are near are offered too; all that is missing comes at once."""
        for version in ("1", "2", "12"):
            shop.component(version=version)
        found = problems(yard, words.pipeline({"a": step("azureml:train:3"), "b": step("azureml:trian:1")}))

        assert {(one.code, one.place.path) for one in found} == {
            ("asset-not-found", ("jobs", "a", "component")),
            ("asset-not-found", ("jobs", "b", "component")),
        }
        hints = {one.place.path[1]: one.hint for one in found}
        assert "`2`" in hints["a"]
        assert "`train`" in hints["b"]
        with pytest.raises(NotFound):
            submit_job(yard.world, "default", yard.request(words.pipeline({"a": step("azureml:train:3")})))

    def test_a_component_of_a_registry_reads_the_registrys_own_files(self, yard, words, shop):
        """Its code is named by a datastore that every workspace reaches."""
        registry = registry_workspace("shared")
        yard.assets.workspaces[registry] = registry
        code = DatastoreUri(shared_datastore("shared"), "LocalUpload/c/src")
        yard.datastores.there.add(str(code))
        yard.store.list_datastores = listing(yard.store.list_datastores, code.datastore)
        body = {**TRAIN, "inputs": {}, "command": "go ${{outputs.model}}", "code": f"{STORE}/LocalUpload/c/src"}
        shop.component(version="5", workspace=registry, body=body)
        job = submitted(yard, words.pipeline({"a": step("azureml://registries/shared/components/train/labels/latest")}))

        assert job.graph.nodes["a"].component.code == DataUri(str(code))
        assert job.records[1].detail["component"] == "azureml://registries/shared/components/train/versions/5"


def listing(list_datastores, name):
    """Let a store list one more datastore."""

    def more(workspace):
        rows = list_datastores(workspace)
        return [*rows, type(rows[0])(workspace, name, "local")]

    return more


class TestData:
    def test_a_data_asset_becomes_its_bytes(self, yard, words, shop):
        """The step reads a datastore's folder; the record names the version and the digest of its bytes."""
        shop.component()
        shop.data(version="1")
        newest = shop.data(version="2")
        job = submitted(yard, words.pipeline({"a": reading()}))

        data = job.graph.nodes["a"].inputs["d"]
        assert (data.path, data.content) == (DataUri(str(newest.uri)), "c2")
        shown = job.records[1].detail["inputs"]["d"]
        assert (shown["path"], shown["uri"], shown["digest"]) == ("azureml:d:2", str(newest.uri), "c2")
        assert job.records[0].detail["pinned"]["data azureml:d@latest"] == "azureml:d:2"

    @pytest.mark.parametrize("type_", ["custom_model", "uri_folder"])
    def test_a_model_feeds_a_step(self, yard, words, shop, type_):
        """By the type that it has, or as a folder."""
        shop.component(body={**TRAIN, "inputs": {"d": {"type": type_}}})
        model = shop.data("m", kind=AssetKind.MODEL, type_="custom_model")
        job = submitted(yard, words.pipeline({"a": reading(path="azureml:m@latest", type=type_)}))

        assert job.graph.nodes["a"].inputs["d"].path == DataUri(str(model.uri))
        assert {use.asset for use in job.uses if use.role == "inputs.d"} == {model.key}

    @pytest.mark.parametrize(
        ("asset", "port"),
        [
            ("uri_folder", "uri_file"),
            ("mltable", "uri_file"),
            ("uri_file", "mltable"),
            ("uri_file", "uri_folder"),
            ("uri_folder", "mltable"),
            ("mltable", "mltable"),
            ("mltable", "uri_folder"),
        ],
    )
    def test_a_type_that_does_not_fit_says_both(self, yard, shop, asset, port):
        """What Azure runs is run; a folder where a file belongs is not."""
        is_fit = asset == port or (asset, port) in FITTING
        shop.component(body={**TRAIN, "inputs": {"d": {"type": port}}})
        shop.data(type_=asset)
        found = problems(yard, {"type": "pipeline", "jobs": {"a": reading(type=port)}})

        assert [one.code for one in found] == ([] if is_fit else ["type-mismatch"])
        for one in found:
            assert f"`{asset}`" in one.message
            assert f"`{port}`" in one.message
            assert one.place.path == ("jobs", "a", "inputs", "d")

    def test_bytes_that_went_are_missed_at_submit(self, yard, words, shop):
        """A version may outlive what it names."""
        shop.component()
        shop.data()
        yard.datastores.there.clear()

        assert only(problems(yard, words.pipeline({"a": reading()}))).code == "unknown-path"

    def test_an_asset_may_name_a_jobs_output(self, yard, words, shop):
        """Or a run of MLflow's."""
        yard.job()
        uri = yard.output("old_job", "model")
        shop.component()
        body = {"type": "uri_folder", "path": "azureml://jobs/old_job/outputs/model"}
        shop.put(AssetKind.DATA, "d", body, "1", type_="uri_folder")
        job = submitted(yard, words.pipeline({"a": reading()}))

        assert job.graph.nodes["a"].inputs["d"].path == DataUri(str(uri))

    def test_a_run_of_mlflow_is_a_jobs_artifacts(self, yard, words, shop):
        """`runs:/<job>/<path>`."""
        yard.job()
        shop.component()
        uri = "azureml://datastores/workspaceartifactstore/paths/ExperimentRun/dcid.old_job/outputs/m"
        yard.datastores.there.add(uri)
        job = submitted(yard, words.pipeline({"a": reading(path="runs:/old_job/outputs/m")}))

        assert job.graph.nodes["a"].inputs["d"].path == DataUri(uri)


class TestEnvironments:
    def test_a_registered_environment_is_written_out(self, yard, words, shop):
        """The job still shows its name and version."""
        shop.environment(image="one")
        shop.environment(version="2", image="two")
        job = submitted(yard, words.pipeline({"a": words.command(environment="azureml:env@latest")}))

        environment = job.graph.nodes["a"].environment
        assert isinstance(environment, InlineEnvironment)
        assert environment.image == "two"
        assert job.records[1].detail["environment"] == "azureml:env:2"
        assert only(job.uses).role == "environment"

    def test_one_definition_serves_all_its_steps(self, yard, words, shop):
        """So that it is prepared once."""
        shop.environment()
        steps = {name: words.command(environment="azureml:env:1") for name in "ab"}
        nodes = submitted(yard, words.pipeline(steps)).graph.nodes

        assert nodes["a"].environment is nodes["b"].environment

    def test_an_unknown_environment_is_an_error_where_it_stands(self, yard, words, shop):
        """The nearest is named."""
        shop.environment("sklearn")
        found = only(problems(yard, words.pipeline({"a": words.command(environment="azureml:sklaern:1")})))

        assert (found.code, found.hint) == ("asset-not-found", "did you mean `sklearn`?")
        assert found.place.path == ("jobs", "a", "environment")

    @pytest.mark.parametrize(
        "name",
        ["azureml://registries/azureml/environments/sklearn-1.5/labels/latest", "azureml:AzureML-sklearn-1.5@latest"],
    )
    def test_azures_own_environments_still_run(self, yard, words, name):
        """They stay references, and the step says that it runs in the server's Python."""
        job = submitted(yard, words.pipeline({"a": words.command(environment=name)}))

        assert isinstance(job.graph.nodes["a"].environment, AssetRef)


class TestOutputs:
    def test_a_version_that_is_taken_is_said_before_anything_runs(self, yard, words, shop):
        """And what the next number would be."""
        shop.data("out", "3")
        output = {"type": "uri_folder", "name": "out", "version": "3"}
        document = words.pipeline({"a": words.command("echo > ${{outputs.o}}", outputs={"o": output})})
        found = only(problems(yard, document))

        assert found.code == "version-exists"
        assert "version 4" in found.hint
        assert found.place.path == ("jobs", "a", "outputs", "o")


def test_a_number_that_was_deleted_is_refused_as_well(yard, words, shop):
    """Nothing else ever gets it."""
    yard.assets.deleted.add(AssetKey("default", AssetKind.DATA, "out", "3"))
    output = {"type": "uri_folder", "name": "out", "version": "3"}
    document = words.pipeline({"a": words.command("echo > ${{outputs.o}}", outputs={"o": output})})

    assert only(problems(yard, document)).code == "version-deleted"


def test_the_same_job_again_is_no_conflict_when_it_names_registered_assets(yard, words, shop):
    """What was found for its references is no part of what was sent."""
    shop.component()
    shop.data()
    document = words.pipeline({"a": reading()}, name="mine")
    submitted(yard, document)

    assert submit_job(yard.world, "default", yard.request({**document, "description": "new"}))[1] is False
    assert show_job(yard.world, "default", "mine").description == "new"


def test_uses_are_told_of_every_record(yard, words, shop):
    """A step's component and data, and the data that the job itself was given."""
    train = shop.component()
    data = shop.data()
    document = words.pipeline(
        {"a": step("azureml:train:1", inputs={"d": "${{parent.inputs.all}}"})},
        inputs={"all": {"type": "uri_folder", "path": "azureml:d:1"}},
    )
    job = submitted(yard, document)
    root, inner = (record.name for record in job.records)

    assert {(use.job_name, use.role, use.asset) for use in job.uses} == {
        (root, "inputs.all", data.key),
        (inner, "component", train.key),
        (inner, "inputs.d", data.key),
    }
    assert {use.root_name for use in job.uses} == {root}


def test_checking_writes_nothing(yard, words, shop):
    """`validate` asks the server the same questions."""
    shop.component()
    shop.data()

    assert problems(yard, words.pipeline({"a": reading()})) == ()
    assert (yard.store.jobs, yard.assets.audit, yard.assets.uses) == ({}, [], [])
