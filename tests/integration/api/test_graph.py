"""What the Studio draws a job from."""

from __future__ import annotations

from dataclasses import replace

from pipeyard.api.app import create_app
from pipeyard.model.status import JobStatus

WORKSPACE = "/api/v1/workspaces/default"


def graph_of(api, name):
    answer = api.client.get(f"{WORKSPACE}/jobs/{name}/graph")
    assert answer.status_code == 200, answer.text
    return answer.json()


class TestGraph:
    def test_it_has_the_steps_in_order_and_what_flows_between_them(self, api, words):
        """An edge names both ports."""
        job = api.submit(
            {
                "make": words.step(outputs={"made": {"type": "uri_folder"}}),
                "use": words.step(inputs={"data": "${{parent.jobs.make.outputs.made}}"}),
            }
        )
        found = graph_of(api, job["name"])

        assert [step["key"] for step in found["steps"]] == ["make", "use"]
        assert found["edges"] == [{"from": "make", "output": "made", "to": "use", "input": "data"}]
        assert found["job"]["name"] == job["name"]

    def test_steps_that_wait_and_read_nothing_are_told_apart(self, api, words):
        """`depends_on` is no edge between ports; inside a pipeline it names that pipeline's steps."""
        inner = {"type": "pipeline", "jobs": {"x": words.step(), "y": words.step(depends_on="x")}}
        job = api.submit(
            {"first": words.step(), "group": {"type": "pipeline", "component": inner, "depends_on": "first"}}
        )
        found = graph_of(api, job["name"])

        assert found["edges"] == []
        assert found["order"] == [{"from": "first", "to": "group"}, {"from": "group/x", "to": "group/y"}]

    def test_an_output_that_becomes_a_version_keeps_its_own_name(self, api, words):
        """Its files are asked for by that; beside it stands what it is registered as."""
        job = api.submit({"make": words.step(outputs={"made": {"type": "uri_folder", "name": "clean"}})})
        (port,) = graph_of(api, job["name"])["steps"][0]["outputs"]

        assert (port["name"], port["registers"]) == ("made", "clean")

    def test_the_address_of_a_step_gives_the_whole_job(self, api, words):
        """A link to a step's job leads to the picture that it is in."""
        job = api.submit({"a": words.step(), "b": words.step()})

        assert graph_of(api, api.steps(job["name"])["b"].name) == graph_of(api, job["name"])

    def test_a_card_says_how_far_a_step_came_and_why_it_ended(self, api, words):
        """In the words of people, without the log's lines, which are asked for where they are read."""
        job = api.submit({"a": words.step()})
        error = {"code": "exit-code", "message": "it ended with 3", "exit_code": 3, "last_lines": ["x"] * 100}
        api.change(job["name"], api.steps(job["name"])["a"].name, status=JobStatus.FAILED, error=error)
        (step,) = graph_of(api, job["name"])["steps"]

        assert step["label"] == "Failed"
        assert step["error"] == {"code": "exit-code", "message": "it ended with 3", "exit_code": 3}

    def test_a_job_of_one_command_is_a_graph_of_one_step(self, api):
        """It is its own step, with an empty key."""
        document = {"type": "command", "command": "true", "environment": {"image": "debian"}}
        name = api.client.post(f"{WORKSPACE}/jobs", json={"document": document, "user": "ann"}).json()["name"]
        found = graph_of(api, name)

        assert [(step["key"], step["name"]) for step in found["steps"]] == [("", name)]
        assert (found["inputs"], found["outputs"], found["edges"]) == ([], [], [])

    def test_it_says_what_a_stream_that_begins_says_too(self, api, words):
        """So a reader knows that nothing was missed in between, and does not load the whole again."""
        job = api.submit({"a": words.step()})
        api.desk = replace(api.desk, mark_of=lambda root: f"1.{root}")
        api.app = create_app(api.desk, port=8123)
        api.client = api.caller({"authorization": f"Bearer {'t' * 43}"})

        assert graph_of(api, api.steps(job["name"])["a"].name)["mark"] == f"1.{job['name']}"

    def test_a_job_that_is_not_there(self, api):
        """404, in the words of every route."""
        assert api.client.get(f"{WORKSPACE}/jobs/nobody/graph").status_code == 404

    def test_only_the_user_may_look(self, api, words):
        """Neither strangers nor a job on its own behalf."""
        job = api.submit({"a": words.step()})
        for headers in ({}, {"authorization": f"Bearer {api.gate.job_token(job['name'])}"}):
            caller = api.caller(headers)
            for path in (f"jobs/{job['name']}/graph", "live"):
                assert caller.get(f"{WORKSPACE}/{path}").status_code in {401, 403}
