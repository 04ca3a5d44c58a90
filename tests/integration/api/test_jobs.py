from __future__ import annotations

import pytest

from pipeyard.model.status import JobStatus


class TestSubmit:
    def test_a_new_job_is_201_and_the_same_again_200(self, api, words):
        """Under a used name only words change."""
        document = {"type": "pipeline", "name": "mine", "jobs": {"a": words.step()}}
        first = api.client.post(words.jobs, json={"document": document})
        again = api.client.post(words.jobs, json={"document": {**document, "description": "new"}})

        assert (first.status_code, again.status_code) == (201, 200)
        assert api.client.get(f"{words.jobs}/mine").json()["description"] == "new"

    def test_all_problems_come_in_one_envelope(self, api, words):
        """Each with the way to the value it is about."""
        document = {
            "type": "pipeline",
            "jobs": {"a": words.step("${{inputs.x}}"), "b": words.step(), "B": words.step()},
        }
        answer = api.client.post(words.jobs, json={"document": document})

        error = answer.json()["error"]
        assert answer.status_code == 422
        assert error["code"] == "invalid-spec"
        assert len(error["diagnostics"]) >= 2
        assert {"code", "severity", "message", "place", "expected", "found", "hint", "related"} <= set(
            error["diagnostics"][0]
        )
        assert api.client.get(words.jobs).json()["value"] == []

    def test_a_registered_asset_is_404_with_its_place(self, api, words):
        """The command line turns this into exit code 3."""
        document = {"type": "pipeline", "jobs": {"a": {"type": "command", "component": "azureml:train:1"}}}
        answer = api.client.post(words.jobs, json={"document": document})

        assert answer.status_code == 404
        assert answer.json()["error"]["diagnostics"][0]["place"]["path"] == ["jobs", "a", "component"]

    def test_a_check_writes_nothing(self, api, words):
        """It says the same."""
        document = {"type": "pipeline", "jobs": {"a": words.step("${{inputs.x}}")}}
        answer = api.client.post(f"{words.jobs}:check", json={"document": document})

        assert answer.status_code == 200
        assert len(answer.json()["diagnostics"]) == 1
        assert api.client.get(words.jobs).json()["value"] == []

    @pytest.mark.parametrize(
        "body", ["", "nonsense", "[]", "{}", '{"document": 3}', '{"document": {}, "strict": "no"}', "[" * 100_000]
    )
    def test_a_body_that_is_no_submission_is_400(self, api, words, body):
        """Never a trace of our own."""
        answer = api.client.post(words.jobs, content=body)

        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == "bad-request"


class TestLists:
    def test_pages_follow_each_other_without_gap_or_double(self, api, words):
        """Newest first."""
        names = [api.submit()["name"] for _ in range(5)][::-1]
        found, token = [], None
        while True:
            page = api.client.get(words.jobs, params={"limit": 2, **({"before": token} if token else {})}).json()
            found += [job["name"] for job in page["value"]]
            token = page["next"]
            if token is None:
                break

        assert found == names

    def test_filters_come_as_words(self, api, words):
        """Status in any case, tags with or without a value, parents by name."""
        one = api.submit(tags={"team": "a"}, experiment_name="e1")
        two = api.submit(tags={"team": "b"})
        api.end(two["name"])

        def names(**query):
            return [job["name"] for job in api.client.get(words.jobs, params=query).json()["value"]]

        assert names(status="completed,failed") == [two["name"]]
        assert names(tag="team=a") == [one["name"]]
        assert set(names(tag="team")) == {one["name"], two["name"]}
        assert names(experiment="e1") == [one["name"]]
        assert names(parent=one["name"]) == [api.steps(one["name"])["a"].name]

    @pytest.mark.parametrize(
        "query", [{"status": "Done"}, {"before": "x"}, {"since": "soon"}, {"archived": "x"}, {"limit": "x"}]
    )
    def test_a_filter_that_is_not_understood_is_400(self, api, words, query):
        """In the one envelope."""
        answer = api.client.get(words.jobs, params=query)

        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == "bad-request"


class TestChanges:
    def test_a_job_that_ended_can_be_archived(self, api, words):
        """And is then gone from lists."""
        job = api.submit()
        url = f"{words.jobs}/{job['name']}"
        assert api.client.post(f"{url}/archive").status_code == 409
        api.end(job["name"])

        assert api.client.post(f"{url}/archive").json()["archived"] is True
        assert api.client.get(words.jobs).json()["value"] == []
        assert api.client.post(f"{url}/restore").json()["archived"] is False

    def test_a_cancel_is_handed_on_with_its_author(self, api, words):
        """A second one after the end is a conflict."""
        job = api.submit()
        assert api.client.post(f"{words.jobs}/{job['name']}/cancel").status_code == 200
        api.end(job["name"], JobStatus.CANCELED)

        assert api.runner.canceled == [(job["name"], "ann")]
        assert api.client.post(f"{words.jobs}/{job['name']}/cancel").json()["error"]["code"] == "already-ended"

    def test_tags_with_any_text_come_back_as_they_went(self, api, words):
        """Quotes, newlines, signs of HTML, other scripts."""
        job = api.submit()
        tags = {"q\"'": "<b>\n\r\0", "日本": "$HOME `x` \U0001f600", "..": "../"}
        api.client.patch(f"{words.jobs}/{job['name']}", json={"tags": tags})

        assert api.client.get(f"{words.jobs}/{job['name']}").json()["tags"] == tags

    def test_what_does_not_exist_is_404(self, api, words):
        """Jobs, workspaces, addresses: the one envelope."""
        for url in (f"{words.jobs}/nobody", "/api/v1/workspaces/other/jobs", "/api/v1/nothing", "/api/v1/../x"):
            answer = api.client.get(url)
            assert answer.status_code == 404
            assert answer.json()["error"]["message"]

    def test_another_method_is_said_to_be_wrong(self, api, words):
        """405, in the one envelope."""
        assert api.client.put(words.jobs).status_code == 405


def test_a_mistake_of_ours_is_500_and_names_the_log(api, words, monkeypatch):
    """No trace leaves the server."""
    monkeypatch.setattr(type(api.store), "load_job", lambda *_: 1 / 0)
    answer = api.client.get(f"{words.jobs}/x")

    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "bug"
    assert "Traceback" not in answer.text


def test_computes_are_made_shown_and_forgotten(api):
    """The road of `compute create|list|show|delete`."""
    url = "/api/v1/workspaces/default/computes"
    made = api.client.put(f"{url}/cpu", json={"type": "amlcompute", "max_instances": 9})

    assert made.json()["warnings"]
    assert [row["name"] for row in api.client.get(url).json()["value"]] == ["local", "cpu"]
    assert api.client.get(f"{url}/cpu").json()["max_instances"] == 9
    assert api.client.delete(f"{url}/cpu").status_code == 204
    assert api.client.get(f"{url}/cpu").status_code == 404


def test_datastores_are_listed_without_places(api):
    """The five built-in ones; never a path of this machine."""
    answer = api.client.get("/api/v1/workspaces/default/datastores")

    assert len(answer.json()["value"]) == 5
    assert str(api.home) not in answer.text


def test_what_was_installed_is_shown_with_a_job_and_with_its_steps(api, words):
    """All of it with the job, its own with a step; lists do without."""
    job = api.submit({"a": words.step(), "b": words.step()})
    steps = api.steps(job["name"])
    kept = {"resolved_by": "uv", "lock": ["six==1"]}
    api.change(job["name"], job["name"], detail={"environments": {"d1": kept, "d2": kept}})
    api.change(job["name"], steps["a"].name, detail={"environment_digest": "d1"})

    def shown(name):
        return api.client.get(f"{words.jobs}/{name}").json().get("environments")

    assert shown(job["name"]) == {"d1": kept, "d2": kept}
    assert shown(steps["a"].name) == {"d1": kept}
    assert shown(steps["b"].name) is None
    assert "environments" not in api.client.get(words.jobs).json()["value"][0]
