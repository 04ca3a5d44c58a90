"""Pipelines over HTTP, from a POST to their end."""

from __future__ import annotations

import io
import json
import tarfile

CHAIN_OUTPUT = {"o": {"type": "uri_folder"}}


def said(messages):
    return [
        f"{one['key']}| {one['text']}" if one["type"] == "log" else f"{one['key']}: {one['label']}"
        for one in messages
        if one["type"] in ("log", "step") and one.get("label") in (None, "Running", "Completed", "Failed", "Skipped")
    ]


def test_data_walks_from_step_to_step(running, words):
    """Log, states, output and history are there, and the stream tells them in order."""
    name = running.submit(
        {
            "a": words.step("echo from-a; echo data > ${{outputs.o}}/'x y.txt'", outputs=CHAIN_OUTPUT),
            "b": words.step("cat ${{inputs.i}}/'x y.txt'", inputs={"i": "${{parent.jobs.a.outputs.o}}"}),
        }
    )
    messages = running.follow(name)
    told = said(messages)

    assert told == ["a: Running", "a| from-a\n", "a: Completed", "b: Running", "b| data\n", "b: Completed"]
    assert messages[-1]["type"] == "end"
    assert messages[-1]["job"]["status"] == "Completed"
    a = next(row["name"] for row in running.get(f"{words.jobs}/{name}/children")["value"] if row["step"] == "a")
    assert running.get(f"{words.jobs}/{a}")["outputs"]["o"]["path"].endswith(f"/azureml/{a}/o/")
    _, tar = running.ask("GET", f"{words.jobs}/{a}/outputs/o/files?format=tar")
    with tarfile.open(fileobj=io.BytesIO(tar)) as opened:
        assert opened.getnames() == ["x y.txt"]
    assert running.get(f"{words.jobs}/{name}/events")["value"][0]["kind"] == "JobSubmitted"


def test_a_failure_is_told_with_its_code_and_last_lines(running, words):
    """Steps behind it are skipped, the others run."""
    name = running.submit(
        {
            "bad": words.step("echo the reason >&2; exit 3", outputs=CHAIN_OUTPUT),
            "after": words.step("ls ${{inputs.i}}", inputs={"i": "${{parent.jobs.bad.outputs.o}}"}),
            "beside": words.step("true"),
        }
    )
    end = running.follow(name)[-1]
    steps = {step["key"]: step for step in end["steps"]}

    assert end["job"]["status"] == "Failed"
    assert {key: step["label"] for key, step in steps.items()} == {
        "bad": "Failed",
        "after": "Skipped",
        "beside": "Completed",
    }
    assert steps["bad"]["error"]["exit_code"] == 3
    assert steps["bad"]["error"]["last_lines"] == ["the reason"]


def test_a_cancel_ends_what_runs(running, words):
    """The job is canceled, and says by whom."""
    name = running.submit({"a": words.step("echo up; sleep 60")})
    connection_status, _ = running.ask("POST", f"{words.jobs}/{name}/cancel")
    end = running.follow(name)[-1]

    assert connection_status == 200
    assert end["job"]["status"] == "Canceled"


def test_a_step_opens_its_own_job_with_its_own_token(running, words):
    """And nothing else, while it runs; afterwards not even that."""
    script = (
        "import json,os,urllib.request as u\n"
        "root = os.environ['AZUREML_SERVICE_ENDPOINT'] + '/api/v1/workspaces/default/jobs/'\n"
        "me, all = os.environ['AZUREML_RUN_ID'], os.environ['AZUREML_ROOT_RUN_ID']\n"
        "head = {'Authorization': 'Bearer ' + os.environ['AZUREML_RUN_TOKEN']}\n"
        "def ask(name):\n"
        "    try: return json.load(u.urlopen(u.Request(root + name, headers=head)))['name'] == name\n"
        "    except u.HTTPError as e: return e.code\n"
        "print(ask(me), ask(all))\n"
        "print(os.environ['AZUREML_RUN_TOKEN'])\n"
    )
    name = running.submit({"a": words.step('python -c "$CODE"', environment_variables={"CODE": script})})
    (log,) = [one["text"] for one in running.follow(name) if one["type"] == "log"]
    answers, token = log.splitlines()

    assert answers == "True 403"
    step = running.get(f"{words.jobs}/{name}/children")["value"][0]["name"]
    status, body = running.ask("GET", f"{words.jobs}/{step}", Authorization=f"Bearer {token}")
    assert (status, json.loads(body)["error"]["code"]) == (403, "job-ended")


def test_no_raw_path_leads_out(running, words):
    """Sent to the letter, as no well-behaved client would."""
    name = running.submit({"a": words.step("true")})
    running.follow(name)
    for path in (
        "../../../../token",
        "..%2f..%2f..%2f..%2ftoken",
        "%2e%2e/%2e%2e/token",
        "./../token",
        "user_logs/../../x",
    ):
        status, body = running.ask("GET", f"{words.jobs}/{name}/files/{path}")
        assert status in (400, 404)
        assert running.token.encode() not in body


def test_the_log_of_the_server_holds_no_secret(running, words):
    """Neither the user's token nor a job's."""
    running.ask("GET", f"{words.jobs}/nobody?token={running.token}")

    assert running.token not in (running.home / "server.log").read_text()
