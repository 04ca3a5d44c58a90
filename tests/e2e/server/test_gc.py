"""`pipeyard gc` over HTTP: what goes, what stays, and what is said of it afterwards."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from contextlib import closing

import pytest

OUT = {"o": {"type": "uri_folder"}}
EVERYTHING = {"older_than_seconds": 0}


def some_bytes():
    """Return a command whose output no other test has."""
    return f"echo {os.urandom(8).hex()} > ${{{{outputs.o}}}}/x"


def gc(running, **limits):
    """Free, and return the last line of what is told."""
    status, body = running.ask("POST", "/api/v1/gc", {**EVERYTHING, **limits})
    assert status == 200, body
    return json.loads(body.splitlines()[-1])


def plan(running, **limits):
    status, body = running.ask("POST", "/api/v1/gc:plan", {**EVERYTHING, **limits})
    assert status == 200, body
    return json.loads(body)


def run(running, jobs, **more):
    """Run a pipeline to its end; return its name and the names of its steps."""
    name = running.submit(jobs, reuses=True, **more)
    running.follow(name)
    children = running.get(f"/api/v1/workspaces/default/jobs/{name}/children")["value"]
    return name, {row["step"]: row["name"] for row in children}


def place_of(running, step, output="o"):
    return running.home / "workspaces/default/workspaceblobstore/azureml" / step / output


def state_of(running, words, step):
    """Return state of the one output of a step."""
    return running.get(f"{words.jobs}/{step}")["outputs"]["o"]["state"]


@pytest.fixture
def wrote(running, words):
    """A job that has ended, and its only step."""
    name, steps = run(running, {"a": words.step(some_bytes(), outputs=OUT)})
    return name, steps["a"]


def test_a_plan_changes_nothing(running, words, wrote):
    """It says how much would go."""
    _, step = wrote
    found = plan(running, kinds=["outputs"])

    assert step in [thing["job"] for thing in found["things"]]
    assert place_of(running, step).joinpath("x").exists()
    assert state_of(running, words, step) == "complete"


def test_outputs_of_ended_jobs_go_and_their_jobs_say_so(running, words, wrote):
    """The job stays; its output says since when it is gone; asking for its files is answered with that."""
    name, step = wrote
    assert step in [thing["job"] for thing in gc(running, kinds=["outputs"])["things"]]

    assert not place_of(running, step).parent.exists()
    shown = running.get(f"{words.jobs}/{step}")["outputs"]["o"]
    assert shown["state"] == "removed"
    assert shown["freed_at"].endswith("Z")
    status, body = running.ask("GET", f"{words.jobs}/{step}/outputs/o/files")
    assert status == 404
    assert json.loads(body)["error"]["code"] == "output-freed"
    status, body = running.ask(
        "POST",
        words.jobs,
        {
            "document": {
                "type": "pipeline",
                "jobs": {
                    "b": words.step(
                        "ls ${{inputs.i}}",
                        inputs={"i": {"type": "uri_folder", "path": f"azureml://jobs/{step}/outputs/o"}},
                    )
                },
            }
        },
    )
    assert status == 422
    assert [one["code"] for one in json.loads(body)["error"]["diagnostics"]] == ["output-freed"]
    assert running.get(f"{words.jobs}/{name}")["status"] == "Completed"


def test_age_and_size_are_limits(running, words, wrote):
    """What is not old enough stays; with a size, the oldest go until the rest fits."""
    _, step = wrote
    assert plan(running, kinds=["outputs"], older_than_seconds=3600)["count"] == 0
    _, steps = run(running, {"b": words.step("head -c 5000 /dev/zero > ${{outputs.o}}/x", outputs=OUT)})
    (outputs,) = plan(running, kinds=["outputs"], older_than_seconds=None, bytes_max=0)["kinds"]
    # Room for the newest one beside what other tests' jobs need.
    room = outputs["size"] - outputs["freed_size"] + 5000
    gone = plan(running, kinds=["outputs"], older_than_seconds=None, bytes_max=room)

    jobs = [thing["job"] for thing in gone["things"]]
    assert step in jobs
    assert steps["b"] not in jobs


def test_what_a_live_job_needs_stays(running, words, wrote, tmp_path):
    """Its own outputs, those that its document speaks of, and what it was sent with."""
    _, step = wrote
    gate = tmp_path / "gate"
    name = running.submit(
        {
            "made": words.step(some_bytes(), outputs=OUT),
            "wait": words.step(
                f"while [ ! -e {gate} ]; do sleep 0.02; done; cat ${{{{inputs.i}}}}/x ${{{{inputs.j}}}}/x",
                inputs={
                    "i": "${{parent.jobs.made.outputs.o}}",
                    "j": {"type": "uri_folder", "path": f"azureml://jobs/{step}/outputs/o"},
                },
            ),
        }
    )
    running.until(lambda: running.get(f"{words.jobs}/{name}/children")["value"][-1]["status"] == "Running")
    freed = gc(running)
    gate.touch()

    assert step not in [thing["job"] for thing in freed["things"]]
    assert running.follow(name)[-1]["job"]["status"] == "Completed"


def test_what_may_be_resumed_stays_until_its_job_is_archived(running, words):
    """A failed job keeps what its completed steps made."""
    name, steps = run(
        running,
        {
            "a": words.step(some_bytes(), outputs=OUT),
            "b": words.step("cat ${{inputs.i}}/x; exit 3", inputs={"i": "${{parent.jobs.a.outputs.o}}"}),
        },
    )
    gc(running, kinds=["outputs"])
    assert place_of(running, steps["a"]).exists()
    assert running.ask("POST", f"{words.jobs}/{name}/archive")[0] == 200
    gc(running, kinds=["outputs"])
    assert not place_of(running, steps["a"]).exists()


def test_what_a_version_needs_stays(running, words, wrote):
    """An output that was registered, by whatever road."""
    _, step = wrote
    body = {"name": f"d{step[:8]}", "type": "uri_folder", "path": f"azureml://jobs/{step}/outputs/o"}
    status, said = running.ask("POST", "/api/v1/workspaces/default/data", {"body": body})
    assert status == 201, said
    gc(running)

    assert place_of(running, step).joinpath("x").exists()


def test_what_a_draft_names_stays_until_the_draft_is_put_away(running, words, wrote):
    """An output and code that nobody else speaks of any more; a plan says the same."""
    _, step = wrote
    drafts = "/api/v1/workspaces/default/drafts"
    text = f"type: pipeline\ninputs: {{i: {{type: uri_folder, path: 'azureml://jobs/{step}/outputs/o'}}}}\njobs:\n"
    status, said = running.ask("POST", drafts, {"text": text})
    assert status == 201, said
    freed = gc(running, kinds=["outputs"])

    assert place_of(running, step).joinpath("x").exists()
    assert "a draft needs it; it goes when that draft is deleted" in freed["kinds"][0]["kept"]
    assert running.ask("DELETE", f"{drafts}/{json.loads(said)['id']}")[0] in (200, 204)
    assert step in [thing["job"] for thing in plan(running, kinds=["outputs"])["things"]]
    assert step in [thing["job"] for thing in gc(running, kinds=["outputs"])["things"]]


def test_a_place_that_its_job_chose_is_the_users(running, words):
    """Others may write there too."""
    path = "azureml://datastores/workspaceblobstore/paths/mine/here/"
    _, steps = run(
        running,
        {"a": words.step(some_bytes(), outputs={"o": {"type": "uri_folder", "path": path}})},
    )
    gc(running)

    assert (running.home / "workspaces/default/workspaceblobstore/mine/here/x").exists()
    assert state_of(running, words, steps["a"]) == "complete"


def test_a_step_whose_result_was_freed_runs_again(running, words):
    """And says why."""
    jobs = {"a": words.step(some_bytes(), outputs=OUT)}
    run(running, jobs)
    gc(running, kinds=["outputs"])
    _, steps = run(running, jobs)
    reuse = running.get(f"{words.jobs}/{steps['a']}")["reuse"]

    assert place_of(running, steps["a"]).joinpath("x").exists()
    assert reuse["decision"] == "ran"
    assert "was freed by gc on" in str(reuse["reasons"])


def test_a_server_that_dies_over_it_leaves_nothing_half(served, words):
    """Rows say that it is gone before it goes: the next server removes the rest."""
    served.start()
    _, steps = run(served, {"a": words.step(some_bytes(), outputs=OUT)})
    served.end()
    with closing(sqlite3.connect(served.home / "pipeyard.db")) as database, database:
        database.execute("UPDATE outputs SET state = 'removed', removed_at_ms = 1")
    trash = served.home / "workspaces/default/workspaceblobstore/.pipeyard-trash/half"
    trash.mkdir(parents=True)
    served.start()
    served.until(lambda: not trash.exists() and not place_of(served, steps["a"]).exists())
    assert state_of(served, words, steps["a"]) == "removed"


def test_an_upload_whose_row_was_forgotten_goes_too(running):
    """A server that died between the two leaves files that nobody knows of; what was just sent stays."""
    folder = running.home / "workspaces/default/workspaceblobstore/LocalUpload"
    old, new = folder / ("0d" * 32), folder / ("0e" * 32)
    for one in (old, new):
        (one / "src").mkdir(parents=True)
        (one / "src/a.py").write_text("pass")
    os.utime(old, (1, 1))
    gc(running, kinds=["snapshots"])

    assert not old.exists()
    assert (new / "src/a.py").exists()


def test_jobs_that_come_meanwhile_are_safe(running, words):
    """While results are freed again and again, jobs that reuse them complete with all their bytes."""
    jobs = {
        "a": words.step("echo a > ${{outputs.o}}/x", outputs=OUT),
        "b": words.step(
            "cat ${{inputs.i}}/x > ${{outputs.o}}/y", inputs={"i": "${{parent.jobs.a.outputs.o}}"}, outputs=OUT
        ),
    }
    is_over = threading.Event()
    problems = []

    def free_on():
        while not is_over.is_set():
            try:
                gc(running, kinds=["outputs"])
            except AssertionError as problem:  # noqa: PERF203 (each call for itself)
                problems.append(problem)

    freeing = threading.Thread(target=free_on)
    freeing.start()
    try:
        ends = [running.follow(running.submit(jobs, reuses=True))[-1] for _ in range(8)]
    finally:
        is_over.set()
        freeing.join()

    assert problems == []
    assert [end["job"]["status"] for end in ends] == ["Completed"] * 8


def test_odd_wishes_are_refused(running):
    """In words."""
    for body in ({"kinds": ["everything"]}, {"older_than_seconds": -1}, {"bytes_max": "20GB"}, []):
        assert running.ask("POST", "/api/v1/gc:plan", body)[0] == 400
