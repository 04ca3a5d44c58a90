"""Which steps run again and which do not, over a real server: one test for each rule."""

from __future__ import annotations

import itertools
import json
import os
import signal
import time

import pytest

OUT = {"o": {"type": "uri_folder"}}
_numbers = itertools.count()


class Yard:
    """Pipelines that count how often their commands ran."""

    def __init__(self, served, words, folder):
        self.served = served
        self.words = words
        self.folder = folder
        self.log = folder / "ran.txt"
        self.log.touch()
        # Of this test only: what other tests made stands for nothing here.
        self.salt = f"{os.getpid()}-{next(_numbers)}"

    def step(self, name, command="true", **more):
        """Return a step that says that it ran."""
        return self.words.step(f"echo {name} >> {self.log}; : {self.salt}; {command}", **more)

    def chain(self, make="echo data > ${{outputs.o}}/x", use="cat ${{inputs.i}}/x > ${{outputs.o}}/y"):
        """Return two steps, one after the other."""
        return {
            "make": self.step("make", make, outputs=OUT),
            "use": self.step("use", use, inputs={"i": "${{parent.jobs.make.outputs.o}}"}, outputs=OUT),
        }

    def run(self, jobs, **more):
        """Run a pipeline to its end; return its steps by place, and what ran."""
        return self.end_of(self.served.submit(jobs, reuses=True, **more))

    def end_of(self, name):
        """Return what became of a job: (its name, steps by place, what ran since it was last asked)."""
        self.served.follow(name)
        rows = self.served.get(f"{self.words.jobs}/{name}/children")["value"]
        return name, {row["step"]: self.served.get(f"{self.words.jobs}/{row['name']}") for row in rows}, self.ran()

    def ran(self):
        """Return which commands ran since the last time."""
        lines = sorted(self.log.read_text().split())
        self.log.write_text("")
        return lines

    def file_of(self, step, path, output="o"):
        """Return where on this machine a file of an output is."""
        uri = step["outputs"][output]["path"].removeprefix("azureml:azureml://datastores/")
        datastore, _, place = uri.partition("/paths/")
        return self.served.home / "workspaces" / "default" / datastore / place / path

    def reasons(self, step):
        """Return the codes of why a step ran."""
        return [reason["code"] for reason in step["reuse"]["reasons"]]


@pytest.fixture
def yard(running, words, tmp_path):
    """A shared server, and a log of what ran that is this test's own."""
    return Yard(running, words, tmp_path)


def change_unseen(file, text):
    """Write other bytes of the same size, and put the time back."""
    before = file.stat()
    assert len(text) == before.st_size
    file.write_text(text)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_a_second_run_reuses_everything(yard):
    """Its steps point at the first run's outputs, logs and files, and say whose they are."""
    _, first, _ = yard.run(yard.chain())
    name, second, ran = yard.run(yard.chain())

    assert ran == []
    for key in ("make", "use"):
        step, original = second[key], first[key]
        assert (step["status"], step["label"]) == ("Completed", "Completed (reused)")
        assert step["properties"]["azureml.isreused"] == "true"
        assert step["properties"]["azureml.reusedrunid"] == original["name"]
        assert step["outputs"]["o"]["path"] == original["outputs"]["o"]["path"]
        assert (step["reuse"]["decision"], step["reuse"]["source_job"]) == ("reused", original["name"])
        assert step["reuse"]["key"] == original["reuse"]["key"]
    assert yard.served.get(f"{yard.words.jobs}/{name}")["status"] == "Completed"


def test_files_and_logs_of_a_reused_step_are_the_originals(yard):
    """Whoever asks for its log, its artifacts or its output gets what the first run wrote."""
    jobs = {"say": yard.step("say", "echo hello; echo 5 > outputs/n; echo d > ${{outputs.o}}/x", outputs=OUT)}
    yard.run(jobs)
    _, second, _ = yard.run(jobs)
    address = f"{yard.words.jobs}/{second['say']['name']}"

    files = [one["path"] for one in yard.served.get(f"{address}/files")["value"]]
    assert files == ["outputs/n", "user_logs/std_log.txt"]
    assert [line["text"] for line in yard.served.get(f"{address}/log")["value"]] == ["hello"]
    assert [one["path"] for one in yard.served.get(f"{address}/outputs/o/files")["value"]] == ["x"]
    assert yard.served.ask("GET", f"{address}/outputs/o/files/x")[1] == b"d\n"
    told = yard.served.follow(second["say"]["name"])
    assert "".join(one["text"] for one in told if one["type"] == "log") == "hello\n"


def test_a_third_run_points_at_the_first(yard):
    """A reused step is no original."""
    _, first, _ = yard.run(yard.chain())
    yard.run(yard.chain())
    _, third, _ = yard.run(yard.chain())

    assert third["use"]["reuse"]["source_job"] == first["use"]["name"]


def test_equal_bytes_cut_the_rerun_short(yard):
    """A step whose input came out as before is reused, though the step before it ran again."""
    yard.run(yard.chain())
    _, steps, ran = yard.run(yard.chain(make="true; echo data > ${{outputs.o}}/x"))

    assert ran == ["make"]
    assert steps["use"]["label"] == "Completed (reused)"


def test_other_bytes_run_what_reads_them(yard):
    """Its input is not what it was."""
    yard.run(yard.chain())

    assert yard.run(yard.chain(make="echo other > ${{outputs.o}}/x"))[2] == ["make", "use"]


def test_names_and_experiments_do_not_matter(yard):
    """The same work under another name, in another experiment, is the same work."""
    yard.run(yard.chain(), experiment_name="one", display_name="first")
    chain = yard.chain()
    chain["make"] |= {"display_name": "Another name", "tags": {"a": "b"}}

    assert yard.run(chain, experiment_name="two", display_name="second")[2] == []


def test_a_step_inside_a_pipeline_is_the_same_step(yard):
    """Reuse goes node by node, wherever the nodes are."""
    yard.run(yard.chain())
    inner = {"type": "pipeline", "jobs": yard.chain()}
    status, body = yard.served.ask(
        "POST",
        yard.words.jobs,
        {
            "document": {"type": "pipeline", "jobs": {"all": {"type": "pipeline", "component": inner}}},
            "user": "ann",
        },
    )
    assert status == 201, body
    name, _, ran = yard.end_of(json.loads(body)["name"])

    assert ran == []
    assert yard.served.get(f"{yard.words.jobs}/{name}")["status"] == "Completed"


def test_a_job_that_is_no_pipeline_always_runs(yard):
    """As in Azure; what it made stands for steps of pipelines all the same."""
    alone = yard.step("alone", outputs=OUT)
    for _ in range(2):
        status, body = yard.served.ask("POST", yard.words.jobs, {"document": alone, "user": "ann"})
        assert status == 201, body
        yard.served.follow(json.loads(body)["name"])
    shown = yard.served.get(f"{yard.words.jobs}/{json.loads(body)['name']}")

    assert yard.ran() == ["alone", "alone"]
    assert yard.reasons(shown) == ["stand-alone"]
    assert yard.run({"step": alone})[2] == []


@pytest.mark.parametrize(
    ("settings", "more", "code"),
    [
        ({"force_rerun": True}, {}, "force-rerun"),
        ({}, {"reuse": False}, "reuse-off"),
    ],
)
def test_a_rule_makes_steps_run(yard, settings, more, code):
    """The record says which one."""
    jobs = {"one": {**yard.step("one", outputs=OUT), **more}}
    yard.run(jobs)
    _, steps, ran = yard.run(jobs, settings=settings)

    assert ran == ["one"]
    assert yard.reasons(steps["one"]) == [code]
    if settings:
        # What it made is as good as any.
        assert yard.run(jobs)[1]["one"]["reuse"]["source_job"] == steps["one"]["name"]


def test_what_is_not_deterministic_runs(yard):
    """Its component says so."""
    component = {**yard.step("dice", outputs=OUT), "is_deterministic": False}
    jobs = {"one": {"type": "command", "component": component}}
    yard.run(jobs)
    _, steps, ran = yard.run(jobs)

    assert ran == ["dice"]
    assert yard.reasons(steps["one"]) == ["not-deterministic"]


def test_a_failed_step_is_never_reused(yard):
    """Nor is one that was canceled: there is no result."""
    jobs = {"bad": yard.step("bad", "exit 3", outputs=OUT)}
    yard.run(jobs)

    assert yard.run(jobs)[2] == ["bad"]


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda file: file.unlink(), "`x` is gone"),
        (lambda file: file.write_text("longer than it was\n"), "`x` was changed"),
        (lambda file: change_unseen(file, "DATA\n"), "`x` was changed"),
        (lambda file: (file.parent / "more").write_text("1"), "`more` was added"),
        (lambda file: (file.unlink(), file.mkdir()), "`x`"),
        (lambda file: (file.unlink(), file.parent.rmdir()), "it is not there any more"),
    ],
    ids=["deleted", "changed", "same size and time", "added", "replaced", "folder deleted"],
)
def test_a_spoilt_output_means_that_its_step_runs_again(yard, spoil, told):
    """Only that step: what it makes is what it was, so the next one is reused. The reason names the file."""
    _, first, _ = yard.run(yard.chain())
    time.sleep(0.05)
    spoil(yard.file_of(first["make"], "x"))
    _, steps, ran = yard.run(yard.chain())

    assert ran == ["make"]
    assert yard.reasons(steps["make"]) == ["result-spoilt"]
    assert told in steps["make"]["reuse"]["reasons"][0]["message"]
    assert yard.run(yard.chain())[1]["make"]["reuse"]["source_job"] == steps["make"]["name"]


def test_a_touched_output_is_read_and_reused(yard):
    """Its bytes are what they were."""
    _, first, _ = yard.run(yard.chain())
    file = yard.file_of(first["make"], "x")
    os.utime(file, (1, 1))

    assert yard.run(yard.chain())[2] == []


def test_verify_reads_every_byte(yard):
    """Looks count for nothing then; without a difference everything is reused all the same."""
    yard.run(yard.chain())
    body = {"document": {"type": "pipeline", "jobs": yard.chain()}, "user": "ann", "verify": True}
    status, answer = yard.served.ask("POST", yard.words.jobs, body)
    assert status == 201, answer

    assert yard.end_of(json.loads(answer)["name"])[2] == []


def test_a_changed_file_of_a_datastore_is_noticed(yard):
    """Though its size and time are what they were; a touched one is read and found the same."""
    folder = yard.served.home / "workspaces" / "default" / "workspaceblobstore" / "raw" / yard.salt
    folder.mkdir(parents=True)
    file = folder / "a.csv"
    file.write_text("1\n")
    data = {"type": "uri_folder", "path": f"azureml://datastores/workspaceblobstore/paths/raw/{yard.salt}"}
    jobs = {"read": yard.step("read", "cat ${{inputs.d}}/a.csv > ${{outputs.o}}/y", inputs={"d": data}, outputs=OUT)}
    yard.run(jobs)
    os.utime(file, (1, 1))
    assert yard.run(jobs)[2] == []
    time.sleep(0.05)
    change_unseen(file, "2\n")

    assert yard.run(jobs)[2] == ["read"]
    change_unseen(file, "1\n")
    assert yard.run(jobs)[2] == []


def test_an_input_that_changes_while_it_is_read_makes_no_result(yard):
    """Nobody can say which bytes the command saw."""
    folder = yard.served.home / "workspaces" / "default" / "workspaceblobstore" / "live" / yard.salt
    folder.mkdir(parents=True)
    (folder / "a").write_text("1\n")
    data = {"type": "uri_folder", "path": f"azureml://datastores/workspaceblobstore/paths/live/{yard.salt}"}
    command = f"cat ${{{{inputs.d}}}}/a > ${{{{outputs.o}}}}/y; echo 2 > {folder}/a; echo 1 > {folder}/a; touch {folder}/b; rm {folder}/b"
    changing = f"cat ${{{{inputs.d}}}}/a > ${{{{outputs.o}}}}/y; echo 22 > {folder}/a"
    jobs = {"read": yard.step("read", changing, inputs={"d": data}, outputs=OUT)}
    yard.run(jobs)
    (folder / "a").write_text("1\n")
    assert yard.run(jobs)[2] == ["read"]
    same = {"read": yard.step("read", command, inputs={"d": data}, outputs=OUT)}
    (folder / "a").write_text("1\n")
    yard.run(same)

    assert yard.run(same)[2] == []


def test_an_input_that_its_step_may_write_is_never_reused(yard):
    """`rw_mount`: the command's effect is more than its outputs."""
    folder = yard.served.home / "workspaces" / "default" / "workspaceblobstore" / "rw" / yard.salt
    folder.mkdir(parents=True)
    data = {
        "type": "uri_folder",
        "mode": "rw_mount",
        "path": f"azureml://datastores/workspaceblobstore/paths/rw/{yard.salt}",
    }
    jobs = {"write": yard.step("write", inputs={"d": data}, outputs=OUT)}
    yard.run(jobs)
    _, steps, ran = yard.run(jobs)

    assert ran == ["write"]
    assert yard.reasons(steps["write"]) == ["input-written"]


def test_equal_steps_of_one_job_run_once(yard):
    """The second waits for the first, and takes its result."""
    _, steps, ran = yard.run({"a": yard.step("twin", outputs=OUT), "b": yard.step("twin", outputs=OUT)})

    assert ran == ["twin"]
    assert sorted(step["reuse"]["decision"] for step in steps.values()) == ["ran", "reused"]


def test_who_waited_for_a_twin_that_failed_runs_itself(yard):
    """One after the other, each as if the others were not there."""
    _, steps, ran = yard.run({name: yard.step("twin", "exit 3", outputs=OUT) for name in ("a", "b", "c")})

    assert ran == ["twin"] * 3
    assert {step["status"] for step in steps.values()} == {"Failed"}


def test_a_twin_in_another_job_is_waited_for(yard):
    """And when that job is canceled, whoever waited runs."""
    gate = yard.folder / "gate"
    jobs = {"slow": yard.step("slow", f"while [ ! -e {gate} ]; do sleep 0.02; done", outputs=OUT)}
    leader = yard.served.submit(jobs, reuses=True)
    wait_until(yard.log.read_text)
    follower = yard.served.submit(jobs, reuses=True)
    assert yard.served.ask("POST", f"{yard.words.jobs}/{leader}/cancel", {})[0] in (200, 202)
    yard.served.follow(leader)
    wait_until(lambda: yard.log.read_text().count("slow") == 2)
    third = yard.served.submit(jobs, reuses=True)
    gate.touch()
    _, second_steps, _ = yard.end_of(follower)
    _, third_steps, _ = yard.end_of(third)

    assert second_steps["slow"]["reuse"]["decision"] == "ran"
    assert third_steps["slow"]["reuse"]["source_job"] == second_steps["slow"]["name"]


def test_an_archived_job_still_gives_its_results(yard):
    """Archiving hides, it removes nothing."""
    name, _, _ = yard.run(yard.chain())
    assert yard.served.ask("POST", f"{yard.words.jobs}/{name}/archive", {})[0] == 200

    assert yard.run(yard.chain())[2] == []


def test_a_place_of_the_users_choice_holds_the_newest(yard):
    """Its step is reused while it holds what that step wrote, and runs again after another one wrote there."""
    place = f"azureml://datastores/workspaceblobstore/paths/shared/{yard.salt}/"
    outputs = {"o": {"type": "uri_folder", "path": place}}

    def jobs(word):
        return {"make": yard.step(word, f"echo {word} > ${{{{outputs.o}}}}/x", outputs=outputs)}

    assert yard.run(jobs("one"))[2] == ["one"]
    assert yard.run(jobs("one"))[2] == []
    assert yard.run(jobs("two"))[2] == ["two"]
    assert yard.run(jobs("one"))[2] == ["one"]


def test_a_registered_output_of_a_reused_step_is_the_version_that_there_is(yard):
    """No second version of the same bytes; under another name a new one is made."""
    name = f"made-{yard.salt}"

    def jobs(name):
        return {
            "make": yard.step("make", "echo 1 > ${{outputs.o}}/x", outputs={"o": {"type": "uri_folder", "name": name}})
        }

    _, first, _ = yard.run(jobs(name))
    _, second, _ = yard.run(jobs(name))
    _, third, ran = yard.run(jobs(f"{name}-b"))

    assert ran == []
    assert [first["make"]["outputs"]["o"]["version"], second["make"]["outputs"]["o"]["version"]] == ["1", "1"]
    assert third["make"]["outputs"]["o"]["asset"].endswith(f"{name}-b:1")
    versions = yard.served.get(f"/api/v1/workspaces/default/data/{name}/versions")["value"]
    assert len(versions) == 1


def test_artifacts_of_a_reused_step_are_read_where_they_are(yard):
    """`outputs.artifacts` of a step means those of the step that really ran."""
    jobs = {
        "make": yard.step("make", "mkdir -p outputs; echo 7 > outputs/n"),
        "use": yard.step(
            "use",
            "cat ${{inputs.i}}/outputs/n > ${{outputs.o}}/n",
            inputs={"i": {"path": "${{parent.jobs.make.outputs.artifacts}}", "type": "uri_folder"}},
            outputs=OUT,
        ),
    }
    yard.run(jobs)
    assert yard.run(jobs)[2] == []
    jobs["use"]["command"] += "; true"
    _, steps, ran = yard.run(jobs)

    assert ran == ["use"]
    assert yard.file_of(steps["use"], "n").read_text() == "7\n"


def test_outputs_of_a_pipeline_are_there_when_its_steps_are_reused(yard):
    """They are outputs of its steps, whoever wrote those."""
    jobs = yard.chain()
    jobs["use"]["outputs"] = {"o": "${{parent.outputs.all}}"}
    outputs = {"all": {"type": "uri_folder"}}
    first, _, _ = yard.run(jobs, outputs=outputs)
    second, _, ran = yard.run(jobs, outputs=outputs)

    shown = [yard.served.get(f"{yard.words.jobs}/{name}")["outputs"]["all"] for name in (first, second)]
    assert ran == []
    assert shown[0]["path"] == shown[1]["path"]
    assert yard.served.ask("GET", f"{yard.words.jobs}/{second}/outputs/all/files/y")[1] == b"data\n"


def test_results_outlive_the_server(served, words, tmp_path):
    """A server that is killed in the middle of a step takes up what ran, and its result is used afterwards."""
    assert served.start() == {"ready": True}
    yard = Yard(served, words, tmp_path)
    gate = tmp_path / "gate"
    slow = {
        "slow": yard.step(
            "slow", f"while [ ! -e {gate} ]; do sleep 0.02; done; echo 1 > ${{{{outputs.o}}}}/x", outputs=OUT
        )
    }
    first = served.submit(slow, reuses=True)
    wait_until(yard.log.read_text)
    second = served.submit(slow, reuses=True)
    served.end(signal.SIGKILL)
    assert served.start() == {"ready": True}
    gate.touch()
    _, led, _ = yard.end_of(first)
    _, waited, _ = yard.end_of(second)

    assert led["slow"]["reuse"]["decision"] == "ran"
    assert waited["slow"]["reuse"]["source_job"] == led["slow"]["name"]
    assert yard.run(slow)[2] == []


def wait_until(is_so):
    """Wait for something that another process does."""
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.01)
