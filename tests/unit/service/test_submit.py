from __future__ import annotations

import pytest

from pipeyard.model.assets import DatastoreUri, DataUri
from pipeyard.model.errors import Conflict, NotFound, SpecError, UserError
from pipeyard.model.instance import PoolUse
from pipeyard.model.record import WebCopy
from pipeyard.model.status import JobStatus
from pipeyard.service.stored_graph import StoredGraphs
from pipeyard.service.submit import check_job, submit_job
from pipeyard.spec.render import tree_digest


def codes(problems):
    return [problem.code for problem in problems]


def only(found):
    (one,) = found
    return one


class TestRecords:
    def test_a_job_without_a_name_gets_a_readable_one(self, yard, words):
        """The name has three parts, and the display name leaves the random one out."""
        job, is_new = submit_job(yard.world, "default", yard.request(words.pipeline()))

        assert is_new
        assert len(job.name.split("_")) == 3
        assert job.name.startswith(job.display_name + "_")

    def test_every_step_has_a_job_of_its_own(self, yard, words):
        """Root, steps in the order of the file, each with a unique name, waiting to start."""
        jobs = {"first": words.command(), "second": words.command(display_name="Second!")}
        submit_job(yard.world, "default", yard.request(words.pipeline(jobs)))

        root, *steps = only(yard.runner.accepted).records
        assert (root.kind, root.status, root.node_id) == ("pipeline", JobStatus.PREPARING, "")
        assert [step.node_id for step in steps] == ["first", "second"]
        assert [step.display_name for step in steps] == ["first", "Second!"]
        assert {step.status for step in steps} == {JobStatus.NOT_STARTED}
        assert {step.parent_name for step in steps} == {root.name}
        assert len({record.name for record in (root, *steps)}) == 3

    def test_a_stand_alone_command_is_one_record(self, yard, words):
        """It is its own only step."""
        submit_job(yard.world, "default", yard.request(words.command("echo hi", name="solo")))

        record = only(only(yard.runner.accepted).records)
        assert (record.name, record.kind, record.node_id) == ("solo", "command", "")
        assert record.detail["command"] == "echo hi"
        assert record.detail["pool"] == "local"

    def test_the_experiment_is_the_documents_else_the_folders(self, yard, words):
        """What the file says wins over the name of the working directory."""
        one, _ = submit_job(yard.world, "default", yard.request(words.pipeline()))
        other, _ = submit_job(yard.world, "default", yard.request(words.pipeline(experiment_name="mine")))

        assert (one.experiment_name, other.experiment_name) == ("folder", "mine")

    def test_git_facts_become_properties(self, yard, words):
        """They stand beside Azure's own properties, and the file's own win."""
        git = {"mlflow.source.git.commit": "abc", "azureml.git.dirty": "True"}
        document = words.pipeline(properties={"azureml.git.dirty": "no"}, inputs={"n": 3})
        job, _ = submit_job(yard.world, "default", yard.request(document, git=git))

        assert job.properties["mlflow.source.git.commit"] == "abc"
        assert job.properties["azureml.git.dirty"] == "no"
        assert job.properties["azureml.parameters"] == '{"n": "3"}'
        assert job.properties["azureml.continue_on_step_failure"] == "True"

    def test_a_group_is_a_job_between(self, yard, words):
        """A pipeline inside the pipeline has its own record, and its steps hang below it."""
        inner = {"type": "pipeline", "jobs": {"deep": words.command()}}
        digest = tree_digest(inner)
        document = words.pipeline({"sub": {"type": "pipeline", "component": f"azureml:azureml_anonymous:{digest}"}})
        submit_job(yard.world, "default", yard.request(document, components={digest: inner}))

        root, group, step = only(yard.runner.accepted).records
        assert (group.kind, group.node_id, group.parent_name) == ("pipeline", "sub", root.name)
        assert (step.kind, step.node_id, step.parent_name) == ("command", "sub/deep", group.name)


class TestRefusing:
    def test_nothing_is_written_when_anything_is_wrong(self, yard, words):
        """All problems come at once, and the store stays empty."""
        document = words.pipeline({"a": words.command("${{inputs.x}}"), "b": words.command("${{inputs.y}}")})

        with pytest.raises(SpecError) as caught:
            submit_job(yard.world, "default", yard.request(document))

        assert len([one for one in caught.value.diagnostics if one.is_error]) == 2
        assert yard.store.jobs == {}

    def test_an_asset_that_nobody_registered_is_not_found(self, yard, words):
        """The message names it, at its place."""
        document = words.pipeline({"a": {"type": "command", "component": "azureml:train:3"}})

        with pytest.raises(NotFound, match="there is no component `train`") as caught:
            submit_job(yard.world, "default", yard.request(document))

        assert only(caught.value.diagnostics).place.path == ("jobs", "a", "component")

    def test_a_component_that_is_not_what_its_digest_says_is_refused(self, yard, words):
        """The digest is checked, not believed."""
        document = words.pipeline({"a": {"type": "command", "component": "azureml:azureml_anonymous:" + "0" * 64}})
        request = yard.request(document, components={"0" * 64: words.command()})

        assert codes(check_job(yard.world, "default", request)) == ["missing-component"]

    @pytest.mark.parametrize(
        "more",
        [
            {"code": "../../etc"},
            {"environment": "./env.yml"},
            {"environment": {"image": "i", "conda_file": "/etc/passwd"}},
            {"environment": {"build": {"path": "./docker"}}},
            {"inputs": {"d": {"type": "uri_file", "path": "../secret"}}},
        ],
    )
    def test_a_local_path_is_never_opened(self, yard, words, more):
        """The server reads no path that a request names, wherever it stands."""
        document = words.pipeline({"a": words.command(**more)})

        assert "local-path" in codes(check_job(yard.world, "default", yard.request(document)))

    @pytest.mark.parametrize("name", ["../x", "a b", "", "-x", "x" * 256, "ä", 'a"b', "a\nb"])
    def test_a_name_that_could_reach_a_path_or_a_header_is_refused(self, yard, words, name):
        """Names are letters, digits, `_` and `-`."""
        with pytest.raises(UserError):
            submit_job(yard.world, "default", yard.request(words.pipeline(), name=name))

    def test_another_workspace_does_not_exist(self, yard, words):
        """There is one, for now."""
        with pytest.raises(NotFound, match="no workspace"):
            submit_job(yard.world, "elsewhere", yard.request(words.pipeline()))


class TestUsedNames:
    def test_the_same_work_under_the_same_name_changes_its_words_only(self, yard, words):
        """Description, display name and tags may change; nothing runs again."""
        submit_job(yard.world, "default", yard.request(words.pipeline(name="mine")))
        again = words.pipeline(name="mine", description="new", tags={"a": 1})

        job, is_new = submit_job(yard.world, "default", yard.request(again))

        assert not is_new
        assert (job.description, job.tags) == ("new", {"a": "1"})
        assert yard.store.jobs["mine"].description == "new"
        assert len(yard.runner.accepted) == 1

    def test_other_work_under_a_used_name_is_a_conflict(self, yard, words):
        """The earlier job is left as it was."""
        submit_job(yard.world, "default", yard.request(words.pipeline(name="mine")))

        with pytest.raises(Conflict) as caught:
            submit_job(yard.world, "default", yard.request(words.pipeline({"b": words.command()}, name="mine")))

        assert caught.value.code == "name-taken"


class TestData:
    def reading(self, words, path, **more):
        return words.pipeline(
            {"a": words.command("cat ${{inputs.d}}", inputs={"d": {"type": "uri_file", "path": path, **more}})}
        )

    def data_of(self, yard):
        return only(yard.runner.accepted).graph.nodes["a"].inputs["d"].path

    def test_an_upload_that_is_here_is_read_in_place(self, yard, words):
        """Its digest is kept as the exact version that the step reads."""
        uri = yard.upload("d1", "x.csv")
        submit_job(yard.world, "default", yard.request(self.reading(words, uri)))

        assert self.data_of(yard) == DataUri(uri)
        step = only(yard.runner.accepted).records[1]
        assert step.detail["inputs"]["d"]["digest"] == "d1"

    def test_an_upload_that_never_came_is_named(self, yard, words):
        """The message holds the URI, so the sender knows which."""
        uri = "azureml://datastores/workspaceblobstore/paths/LocalUpload/d9/x.csv"
        problem = only(check_job(yard.world, "default", yard.request(self.reading(words, uri))))

        assert problem.code == "unknown-path"
        assert uri in problem.message

    def test_an_unknown_datastore_names_the_nearest(self, yard, words):
        """The five built-in ones are there."""
        uri = "azureml://datastores/workspaceblobstor/paths/x"
        problem = only(check_job(yard.world, "default", yard.request(self.reading(words, uri))))

        assert (problem.code, problem.hint) == ("unknown-datastore", "did you mean `workspaceblobstore`?")

    def test_a_jobs_output_becomes_the_place_of_its_files(self, yard, words):
        """The engine has nothing left to look up."""
        yard.job()
        yard.output("old_job", "model")
        text = "azureml://jobs/old_job/outputs/model"
        submit_job(yard.world, "default", yard.request(self.reading(words, text)))

        assert self.data_of(yard).text == "azureml://datastores/workspaceblobstore/paths/azureml/old_job/model/"

    def test_an_output_of_a_failed_step_is_not_read(self, yard, words):
        """It is kept to look at only."""
        yard.job()
        yard.output("old_job", "model", state="kept")
        found = check_job(
            yard.world, "default", yard.request(self.reading(words, "azureml://jobs/old_job/outputs/model"))
        )

        assert codes(found) == ["incomplete-output"]

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("azureml://jobs/nobody/outputs/model", "unknown-job"),
            ("azureml://jobs/old_job/outputs/modle", "no-such-output"),
            ("azureml://datastores/workspaceblobstore/paths/not/there", "unknown-path"),
            ("azureml:registered:1", "asset-not-found"),
        ],
    )
    def test_what_does_not_exist_is_said(self, yard, words, text, code):
        """Each kind of reference has its own words."""
        yard.job()
        yard.output("old_job", "model")

        assert codes(check_job(yard.world, "default", yard.request(self.reading(words, text)))) == [code]

    def test_data_from_the_web_is_fetched_once_and_pinned(self, yard, words):
        """The step reads the copy; the address is kept for showing."""
        url = "https://example.invalid/d.csv"
        copy = DatastoreUri("workspaceblobstore", "LocalUpload/w1/d.csv")
        yard.web.copies[url] = WebCopy(url, None, None, copy, "w1", 3, 1)
        job, _ = submit_job(yard.world, "default", yard.request(self.reading(words, url)))

        assert self.data_of(yard).text == str(copy)
        assert job.detail["resolved"] == {url: str(copy)}

    def test_data_that_cannot_be_fetched_is_an_error_with_its_reason(self, yard, words):
        """What the web server said is passed on."""
        problem = only(
            check_job(yard.world, "default", yard.request(self.reading(words, "https://example.invalid/none")))
        )

        assert problem.code == "cannot-fetch"
        assert "404" in problem.message

    def test_a_direct_address_is_handed_on_as_it_is(self, yard, words):
        """The command fetches it itself."""
        url = "https://example.invalid/none"
        submit_job(yard.world, "default", yard.request(self.reading(words, url, mode="direct")))

        assert self.data_of(yard).text == url

    def test_a_restart_builds_the_same_graph(self, yard, words):
        """What was resolved at the submit is not resolved anew."""
        url = "https://example.invalid/d.csv"
        copy = DatastoreUri("workspaceblobstore", "LocalUpload/w1/d.csv")
        yard.web.copies[url] = WebCopy(url, None, None, copy, "w1", 3, 1)
        submit_job(yard.world, "default", yard.request(self.reading(words, url)))
        accepted = only(yard.runner.accepted)
        yard.web.copies.clear()

        assert StoredGraphs(yard.world.store).graph_of(accepted.records[0], accepted.submission) == accepted.graph


class TestPlacing:
    def test_a_compute_that_was_not_created_runs_here_and_says_so_once(self, yard, words):
        """One warning for all its steps, with the line to type."""
        jobs = {"a": words.command(), "b": words.command()}
        document = words.pipeline(jobs, settings={"default_compute": "azureml:cpu-cluster"})
        job, _ = submit_job(yard.world, "default", yard.request(document))

        warning = only(job.detail["warnings"])
        assert "pipeyard compute create -n cpu-cluster --type amlcompute" in warning["message"]
        assert {step.detail["pool"] for step in only(yard.runner.accepted).records[1:]} == {"local"}
        assert {step.compute for step in only(yard.runner.accepted).records[1:]} == {"cpu-cluster"}

    def test_strict_makes_it_an_error(self, yard, words):
        """With the same line to type."""
        document = words.pipeline(settings={"default_compute": "azureml:cpu-cluster"})

        with pytest.raises(SpecError) as caught:
            submit_job(yard.world, "default", yard.request(document, strict=True))

        assert "pipeyard compute create -n cpu-cluster" in only(caught.value.diagnostics).hint

    def test_a_created_compute_is_the_steps_pool(self, yard, words):
        """And nothing is said about it."""
        yard.compute("cpu-cluster")
        document = words.pipeline(settings={"default_compute": "azureml:cpu-cluster"})
        job, _ = submit_job(yard.world, "default", yard.request(document))

        assert job.detail["warnings"] == []
        assert only(yard.runner.accepted).records[1].detail["pool"] == "cpu-cluster"

    def test_more_instances_than_a_compute_has_are_refused(self, yard, words):
        """Else the step would wait for ever."""
        yard.compute("small", max_instances=1)
        jobs = {"a": words.command(compute="azureml:small", resources={"instance_count": 2})}

        found = check_job(yard.world, "default", yard.request(words.pipeline(jobs)))

        assert "too-many-instances" in codes(found)

    @pytest.mark.parametrize(("slots", "is_told"), [(2, True), (3, False)])
    def test_instances_that_share_the_slots_of_the_machine_are_spoken_of(self, yard, words, slots, is_told):
        """They run, and a person may wonder why no faster."""
        yard.runner.uses["local"] = PoolUse(slots=slots, used=0)
        distribution = {"type": "pytorch"}
        jobs = {"a": words.command(resources={"instance_count": 3}, distribution=distribution)}

        job, _ = submit_job(yard.world, "default", yard.request(words.pipeline(jobs)))

        assert ("instances-share-slots" in [one["code"] for one in job.detail["warnings"]]) == is_told
