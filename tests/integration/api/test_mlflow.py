"""MLflow's protocol as raw requests: what real clients never send, and who may do what."""

from __future__ import annotations

import threading

import pytest

from pipeyard.model.errors import StoreError
from pipeyard.model.tracking import RUN
from pipeyard.service.tracking_log import TrackingLog

BASE = "/api/2.0/mlflow"
FILES = "/api/2.0/mlflow-artifacts/artifacts"


@pytest.fixture
def run(api):
    """The name of a user's own run."""
    return begin(api.client)


def begin(client, base=BASE, **more):
    answer = client.post(f"{base}/runs/create", json={"experiment_id": "0", "start_time": 5, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()["run"]["info"]["run_id"]


def step_of(api):
    """Return a pipeline, its step's name, and a client with that step's token."""
    job = api.submit()
    name = api.steps(job["name"])["a"].name
    return job["name"], name, api.caller({"authorization": f"Bearer {api.gate.job_token(name)}"})


class TestAddresses:
    @pytest.mark.parametrize(
        "base", [BASE, "/ajax-api/2.0/mlflow", "/api/3.0/mlflow", "/mlflow/default/api/2.0/mlflow"]
    )
    def test_one_server_has_many_addresses(self, api, base):
        """With a workspace in front, for browsers, and of version 3."""
        run = begin(api.client, base)

        assert api.client.get(f"{base}/runs/get", params={"run_id": run}).json()["run"]["info"]["status"] == "RUNNING"

    def test_a_workspace_has_its_own_runs(self, api, run):
        """Neither found nor logged to from another."""
        api.client.put("/api/v1/workspaces/vision", json={})
        other = "/mlflow/vision/api/2.0/mlflow"

        assert api.client.get(f"{other}/runs/get", params={"run_id": run}).status_code == 404
        assert (
            api.client.post(f"{other}/runs/set-tag", json={"run_id": run, "key": "a", "value": "b"}).status_code == 404
        )
        assert (
            api.client.get("/mlflow/nope/api/2.0/mlflow/experiments/get", params={"experiment_id": "0"}).status_code
            == 404
        )

    @pytest.mark.parametrize("rest", ["traces", "traces/search", "datasets/create", "scorers/list", "nothing"])
    def test_what_is_not_kept_is_refused_by_name(self, api, rest):
        """With the code by which clients know that they have to do without."""
        answer = api.client.post(f"/api/3.0/mlflow/{rest}", json={})

        assert (answer.status_code, answer.json()["error_code"]) == (404, "ENDPOINT_NOT_FOUND")
        assert "support" in answer.json()["message"]


MISTAKES = [
    ("runs/log-metric", {"key": "a", "value": "x"}),
    ("runs/log-metric", {"key": "a", "value": True}),
    ("runs/log-metric", {"key": "a", "value": 1, "step": "x"}),
    ("runs/log-metric", {"key": "a", "value": 1, "timestamp": 1 << 70}),
    ("runs/log-metric", {"key": "", "value": 1}),
    ("runs/log-metric", {"key": "k" * 251, "value": 1}),
    ("runs/log-metric", {"value": 1}),
    ("runs/log-parameter", {"key": "a", "value": "v" * 6001}),
    ("runs/set-tag", {"key": "a", "value": "v" * 8001}),
    ("runs/log-batch", {"metrics": {"key": "a"}}),
    ("runs/log-batch", {"metrics": ["a"]}),
    ("runs/log-batch", {"params": [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]}),
    ("runs/log-inputs", {"datasets": [{}]}),
    ("runs/outputs", {"models": [{}]}),
    ("runs/log-model", {"model_json": "{"}),
    ("runs/update", {"status": "GREAT"}),
]


class TestMistakes:
    def test_what_cannot_be_is_refused_in_mlflows_words(self, api, run):
        """A code of MLflow's, a sentence, and nothing stored."""
        for rest, body in MISTAKES:
            answer = api.client.post(f"{BASE}/{rest}", json={"run_id": run, **body})
            assert (answer.status_code, answer.json()["error_code"]) == (400, "INVALID_PARAMETER_VALUE"), (rest, body)
        found = api.client.get(f"{BASE}/runs/get", params={"run_id": run}).json()["run"]["data"]
        assert (found["metrics"], found["params"]) == ([], [])

    def test_a_body_that_is_no_object_is_refused(self, api):
        """Whatever it is."""
        for body in (b"{", b"[]", b"1", b"\xff", b"[" * 100_000):
            assert api.client.post(f"{BASE}/runs/log-metric", content=body).status_code == 400

    def test_a_body_without_end_is_refused(self, api):
        """Before all of it is taken in."""
        answer = api.client.post(f"{BASE}/runs/log-batch", content=b" " * (17 << 20))

        assert (answer.status_code, answer.json()["error_code"]) == (413, "INVALID_PARAMETER_VALUE")

    def test_what_is_missing_is_said_to_be(self, api):
        """No run, no experiment, no model: 404; what exists: 400, as MLflow's own server."""
        get = api.client.get
        assert get(f"{BASE}/runs/get", params={"run_id": "nope"}).json()["error_code"] == "RESOURCE_DOES_NOT_EXIST"
        assert get(f"{BASE}/experiments/get", params={"experiment_id": "9"}).status_code == 404
        assert get(f"{BASE}/logged-models/m-1").status_code == 404
        assert get(f"{BASE}/registered-models/get", params={"name": "x"}).status_code == 404
        made = [api.client.post(f"{BASE}/experiments/create", json={"name": "spring"}) for _ in range(2)]
        assert [answer.status_code for answer in made] == [200, 400]
        assert made[1].json()["error_code"] == "RESOURCE_ALREADY_EXISTS"

    def test_what_the_language_of_jobs_fixes_cannot_be_changed(self, api):
        """Names of experiments and models, places of files, the names that assets may have."""
        api.client.post(f"{BASE}/experiments/create", json={"name": "spring"})
        number = api.client.get(f"{BASE}/experiments/get-by-name", params={"experiment_name": "spring"}).json()
        number = number["experiment"]["experiment_id"]
        refused = [
            api.client.post(f"{BASE}/experiments/update", json={"experiment_id": number, "new_name": "x"}),
            api.client.post(f"{BASE}/experiments/create", json={"name": "x", "artifact_location": "s3://b"}),
            api.client.post(f"{BASE}/experiments/delete", json={"experiment_id": "0"}),
            api.client.post(f"{BASE}/registered-models/rename", json={"name": "a", "new_name": "b"}),
            api.client.post(f"{BASE}/registered-models/create", json={"name": "a b"}),
        ]

        assert {answer.json()["error_code"] for answer in refused} == {"INVALID_PARAMETER_VALUE"}

    def test_what_clients_print_leads_to_the_jobs_page(self, api):
        """The run is behind the `#`, so a page reads it; nothing else runs there, and nobody's data is in it."""
        answer = api.caller({}).get("/mlflow/default/")

        assert "/jobs/" in answer.text
        assert "script-src 'sha256-" in answer.headers["content-security-policy"]
        assert api.caller({}).get("/mlflow/default/more").status_code == 404


class TestWho:
    def test_nobody_is_told_nothing(self, api, run):
        """No token, no answer; and the Host header is looked at first."""
        nobody = api.caller({})

        assert nobody.post(f"{BASE}/runs/log-metric", json={"run_id": run, "key": "a", "value": 1}).status_code == 401
        assert nobody.get(f"{FILES}/{run}/a").json()["error_code"] == "UNAUTHENTICATED"
        assert (
            api.client.get(f"{BASE}/runs/get", params={"run_id": run}, headers={"host": "evil.invalid"}).status_code
            == 403
        )

    def test_a_step_logs_to_itself_and_to_its_pipeline(self, api):
        """And begins runs, which are below it."""
        root, name, me = step_of(api)
        child = begin(me, run_name="child")
        for one in (name, root, child):
            assert me.post(f"{BASE}/runs/log-metric", json={"run_id": one, "key": "a", "value": 1}).status_code == 200
        found = api.store.load_job("default", child)

        assert (found.parent_name, found.root_name, found.kind) == (name, root, RUN)
        assert [
            row["name"] for row in api.client.get(f"/api/v1/workspaces/default/jobs?parent={name}").json()["value"]
        ] == [child]
        assert [
            row["node_id"] for row in [{"node_id": one.node_id} for one in api.store.load_tree("default", root)]
        ] == ["", "a"]

    def test_a_step_says_properties_where_azures_clients_do(self, api, run):
        """They become tags of its run; another's are not its to say, and what is no object is refused."""
        _, name, me = step_of(api)
        address = f"/mlflow/default/experimentids/1/runs/{name}"
        said = {"runId": name, "properties": {"azureml.pipeline.control": '{"good": true}', "n": 2}}

        assert me.patch(address, json=said).status_code == 200
        assert api.store.load_job("default", name).tags == {"azureml.pipeline.control": '{"good": true}', "n": "2"}
        refused = me.patch(f"/mlflow/default/experimentids/1/runs/{run}", json=said)
        assert (refused.status_code, refused.json()["error_code"]) == (403, "PERMISSION_DENIED")
        assert me.patch(address, json={"properties": [1]}).status_code == 400
        assert api.caller({}).patch(address, json=said).status_code == 401

    def test_a_step_logs_to_nobody_else(self, api, run):
        """Not to another job, nor to a user's run, nor to their files; but it reads them."""
        _, other, _ = step_of(api)
        _, name, me = step_of(api)
        for one in (other, run):
            log = {"run_id": one, "key": "a", "value": "1"}
            refused = [
                me.post(f"{BASE}/runs/{rest}", json=log)
                for rest in ("log-metric", "log-parameter", "set-tag", "update")
            ]
            refused += [me.put(f"{FILES}/{one}/x", content=b"x"), me.delete(f"{FILES}/{one}/x")]
            refused += [
                me.post(
                    f"{BASE}/runs/create",
                    json={"experiment_id": "0", "tags": [{"key": "mlflow.parentRunId", "value": one}]},
                )
            ]
            assert {answer.json()["error_code"] for answer in refused} == {"PERMISSION_DENIED"}
            assert me.get(f"{BASE}/runs/get", params={"run_id": one}).status_code == 200
        assert me.post(f"{BASE}/experiments/delete", json={"experiment_id": "0"}).status_code == 403
        assert me.get("/mlflow/vision/api/2.0/mlflow/runs/get", params={"run_id": name}).status_code == 403

    def test_a_token_ends_with_its_job(self, api):
        """For writing and for reading, also where it was good a moment ago."""
        root, name, me = step_of(api)
        log = {"run_id": name, "key": "a", "value": 1}
        assert me.post(f"{BASE}/runs/log-metric", json=log).status_code == 200
        api.end(root)

        assert me.post(f"{BASE}/runs/log-metric", json=log).json()["error_code"] == "PERMISSION_DENIED"
        assert me.get(f"{BASE}/runs/get", params={"run_id": name}).status_code == 403

    def test_the_end_of_a_step_is_not_its_clients_to_say(self, api):
        """A client says FINISHED when its script ends; the engine knows better. Of a script's own run it is the truth."""
        _, name, me = step_of(api)
        own = begin(api.client)
        me.post(f"{BASE}/runs/update", json={"run_id": name, "status": "FINISHED", "run_name": "seen"})
        api.client.post(f"{BASE}/runs/update", json={"run_id": own, "status": "FAILED", "end_time": 9})
        step, script = api.store.load_job("default", name), api.store.load_job("default", own)

        assert (step.status.value, step.display_name) == ("NotStarted", "seen")
        assert (script.status.value, script.ended_at_ms) == ("Failed", 9)


ODD_PATHS = (
    "../x",
    "a/../../x",
    "a//b",
    "%2e/a",
    "%2e%2e/x",
    "a/%2e%2e/%2e%2e/%2e%2e/x",
    "a%00b",
    "",
    "a/%2e",
    "/etc/x",
)


class TestFiles:
    def test_they_lie_with_the_jobs_own(self, api, run):
        """Sent, listed, fetched, removed; and found by `job download`."""
        assert api.client.put(f"{FILES}/{run}/model/a b.txt", content=b"hi").status_code == 200
        listed = api.client.get(FILES, params={"path": run}).json()["files"]

        assert listed == [{"path": "model", "is_dir": True}]
        assert api.client.get(FILES, params={"path": f"{run}/model"}).json()["files"][0]["file_size"] == 2
        assert api.client.get(f"{FILES}/{run}/model/a b.txt").content == b"hi"
        assert api.client.get(f"/api/v1/workspaces/default/jobs/{run}/files").json()["value"] == [
            {"path": "model/a b.txt", "size": 2}
        ]
        assert api.client.delete(f"{FILES}/{run}/model").status_code == 200
        assert api.client.get(f"{FILES}/{run}/model/a b.txt").status_code == 404

    def test_no_path_leads_out(self, api, run):
        """Written or read, however it is spelled."""
        for path in ODD_PATHS:
            for verb in ("PUT", "GET", "DELETE"):
                answer = api.client.request(verb, f"{FILES}/{run}/{path}", content=b"x" if verb == "PUT" else None)
                assert answer.status_code in (400, 403, 404), (verb, path)
        assert [place for place in api.home.rglob("*") if place.name in ("x", "b")] == []

    def test_a_link_that_a_step_made_leads_nowhere(self, api, run, tmp_path):
        """Neither out to read nor out to write."""
        (tmp_path / "secret").mkdir()
        (tmp_path / "secret/s").write_text("s")
        root = api.artifact(run, "a/b", b"").parent.parent
        (root / "out").symlink_to(tmp_path / "secret")
        (root / "a/out").symlink_to(tmp_path / "secret")

        assert api.client.get(f"{FILES}/{run}/out/s").status_code == 404
        assert api.client.put(f"{FILES}/{run}/out/t", content=b"t").status_code == 400
        assert not (tmp_path / "secret/t").exists()
        assert [one["path"] for one in api.client.get(FILES, params={"path": f"{run}/a"}).json()["files"]] == ["b"]

    def test_our_own_logs_are_not_written_over(self, api, run):
        """Nor a folder, nor a file as if it were one."""
        api.artifact(run, "a", b"a")
        assert api.client.put(f"{FILES}/{run}/user_logs/std_log.txt", content=b"x").status_code == 403
        assert api.client.put(f"{FILES}/{run}/a/b", content=b"x").status_code in (400, 503)
        assert api.client.put(f"{FILES}/{run}", content=b"x").status_code == 400


class TestLogging:
    def test_logs_that_come_together_are_stored_together(self, api, run):
        """Each is told of its own fate; one that is refused keeps no other from being stored."""
        seen = []
        held = threading.Event()

        class Slow:
            def log(self, logs):
                seen.append(len(logs))
                held.wait(30)
                return api.store.tracking.log(logs)

        log = TrackingLog(Slow())
        told = {}
        done = threading.Barrier(2)
        for number in range(20):
            name = run if number != 7 else "nope"
            log.submit(_log_of(name, number), lambda problem, number=number: _note(told, number, problem, done))
        held.set()
        done.wait(30)
        log.close()

        assert sum(seen) == 20
        assert len(seen) < 20
        assert [number for number in told if told[number] is not None] == [7]
        assert api.store.tracking.metrics_of([run])[run][0].count == 19

    def test_a_database_that_fails_is_told_to_everybody(self, run):
        """And the next log is tried again; whoever comes after the end is told too."""

        class Broken:
            def log(self, logs):
                raise StoreError("disk full")

        log = TrackingLog(Broken())
        for _ in range(2):
            with pytest.raises(StoreError, match="disk full"):
                log.log(_log_of(run, 1))
        log.close()
        with pytest.raises(Exception, match="stopping"):
            log.log(_log_of(run, 1))

    def test_whoever_listens_hears_of_what_is_durable(self, api, run):
        """Which job, and which metrics."""
        heard = []
        log = TrackingLog(api.store.tracking, [lambda name, keys: heard.append((name, keys))])
        log.log(_log_of(run, 3))
        log.close()

        assert heard == [(run, ("m",))]


def _log_of(run, number):
    from pipeyard.model.tracking import MetricPoint, RunLog

    return RunLog("default", run, metrics={"m": (MetricPoint(float(number), number, 0),)})


def _note(told, number, problem, done):
    told[number] = problem
    if len(told) == 20:
        done.wait(30)


class TestPeople:
    def test_the_studio_reads_what_was_logged(self, api, run):
        """Keys with what is known of them, points thinned out or page by page, params; NaN is a text."""
        at = f"/api/v1/workspaces/default/jobs/{run}"
        metrics = [
            {"key": "a/b", "value": value, "step": step, "timestamp": step}
            for step, value in enumerate([1, 5, "NaN", 2])
        ]
        api.client.post(
            f"{BASE}/runs/log-batch", json={"run_id": run, "metrics": metrics, "params": [{"key": "p", "value": "1"}]}
        )

        (known,) = api.client.get(f"{at}/metrics").json()["value"]
        assert (known["key"], known["latest"], known["min"], known["max"], known["count"]) == ("a/b", 2, 1, 5, 4)
        assert [one["value"] for one in api.client.get(f"{at}/metrics/a%2Fb").json()["value"]] == [1, 5, "NaN", 2]
        page = api.client.get(f"{at}/metrics/a/b", params={"after_seq": 1, "limit": 2}).json()
        assert ([one["seq"] for one in page["value"]], page["next"]) == ([2, 3], 3)
        assert len(api.client.get(f"{at}/metrics/a/b", params={"max_points": 2}).json()["value"]) == 2
        assert api.client.get(f"{at}/params").json()["value"] == {"p": "1"}
        assert api.client.get(at).json()["metrics"] == {"a/b": 2}
        assert api.client.get(f"{at}/metrics/b").json()["error"]["code"] == "no-metric"

    def test_a_run_of_a_script_is_a_job_to_look_at(self, api, run):
        """Listed, shown, canceled when its script is gone, hidden."""
        jobs = "/api/v1/workspaces/default/jobs"
        assert [job["type"] for job in api.client.get(jobs).json()["value"]] == ["run"]
        assert api.client.post(f"{jobs}/{run}/cancel").json()["status"] == "Canceled"
        assert api.client.post(f"{jobs}/{run}/cancel").json()["error"]["code"] == "already-ended"
        assert api.client.post(f"{jobs}/{run}/archive").json()["archived"] is True
        assert api.client.get(f"{jobs}/{run}/graph").status_code == 200
        answer = api.client.post(f"{BASE}/runs/log-metric", json={"run_id": run, "key": "a", "value": 1})
        assert "deleted" in answer.json()["message"]
