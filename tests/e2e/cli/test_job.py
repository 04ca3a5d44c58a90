"""`pipeyard job`, from a file to its outputs, over a real server."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess

import pytest

SOUND = """\
type: pipeline
display_name: Two steps
tags: {team: vision}
outputs:
  result: {type: uri_folder}
inputs:
  raw: {type: uri_folder, path: "./my data"}
jobs:
  prepare:
    component: ./prepare.yml
    inputs: {raw: "${{parent.inputs.raw}}"}
  count:
    command: wc -l < ${{inputs.table}}/all.csv > ${{outputs.out}}/lines.txt; echo counted
    environment: {image: x}
    inputs: {table: "${{parent.jobs.prepare.outputs.table}}"}
    outputs: {out: "${{parent.outputs.result}}"}
"""
PREPARE = """\
type: command
inputs: {raw: {type: uri_folder}}
outputs: {table: {type: uri_folder}}
environment: {image: x}
code: ./src
command: bash join.sh "${{inputs.raw}}" "${{outputs.table}}"
"""
FAILING = """\
type: pipeline
jobs:
  fails:
    command: echo about to fail; echo it broke >&2; exit 7
    environment: {image: x}
    outputs: {o: {type: uri_folder}}
  after:
    command: ls ${{inputs.x}}
    environment: {image: x}
    inputs: {x: "${{parent.jobs.fails.outputs.o}}"}
"""
SLEEPING = """\
type: pipeline
jobs:
  waits:
    command: echo waiting; sleep 600
    environment: {image: x}
"""


@pytest.fixture(scope="module", autouse=True)
def files(warm):
    warm.write("pipeline.yml", SOUND)
    warm.write("prepare.yml", PREPARE)
    warm.write("src/join.sh", 'set -e\ncat "$1"/*.csv > "$2/all.csv"\necho joined $(ls "$1")\n')
    warm.write("my data/ü $x.csv", "1\n2\n3\n")
    warm.write("failing.yml", FAILING)
    warm.write("sleeping.yml", SLEEPING)


@pytest.fixture(scope="module")
def completed(warm):
    """The name of a job that ran to its end."""
    # Whatever other tests have run before.
    run = ["job", "create", "-f", "pipeline.yml", "--set", "settings.force_rerun=True"]
    done = warm.run(*run, "--stream", "--query", "name", "-o", "tsv")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def normal(text, warm):
    """Replace what differs from run to run."""
    text = text.replace(str(warm.home), "HOME").replace(str(warm.folder), "FOLDER")
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "UUID", text)
    text = re.sub(r"\b[a-z]+_[a-z]+_[a-z0-9]{10}\b", "JOB", text)
    text = re.sub(r"127\.0\.0\.1:\d+", "server", text)
    return re.sub(r" +\d+(\.\d+)?s\b", " TIME", text)


def test_create_answers_at_once_with_the_keys_of_the_article(warm):
    """`name`, `experiment_name`, `services.Studio.endpoint` and `status: Preparing`, as JSON."""
    job = warm.value("job", "create", "--file", "pipeline.yml")

    assert job["status"] == "Preparing"
    assert job["experiment_name"] == "work"
    assert job["services"]["Studio"]["endpoint"].endswith(f"/jobs/{job['name']}")
    assert list(job["jobs"]) == ["count", "prepare"]
    warm.ask("job", "stream", "-n", job["name"])


def test_stream_shows_each_step_behind_its_name_and_ends_with_a_summary(warm, completed):
    """The first lines are Azure's; times of all steps come last."""
    shown = normal(warm.ask("job", "stream", "-n", completed), warm)

    assert shown == (
        "RunId: JOB\n"
        "Web View: http://server/jobs/JOB\n"
        "\n"
        "prepare | [Running]\n"
        "prepare | joined ü $x.csv\n"
        "prepare | [Completed after TIME]\n"
        "count | [Running]\n"
        "count | counted\n"
        "count | [Completed after TIME]\n"
        "\n"
        "Execution Summary\n"
        "=================\n"
        "RunId: JOB\n"
        "Web View: http://server/jobs/JOB\n"
        "\n"
        "  prepare  Completed TIME\n"
        "  count    Completed TIME\n"
        "Completed in TIME\n"
    )


def test_a_failed_job_says_what_broke_and_fails(warm):
    """The first failing step, its exit code, its last lines and its log; exit code 1."""
    name = warm.ask("job", "create", "-f", "failing.yml", "--query", "name", "-o", "tsv").strip()
    done = warm.run("job", "stream", "-n", name)

    assert done.returncode == 1
    assert normal(done.stdout, warm).split("Web View: http://server/jobs/JOB\n\n")[-1] == (
        "  fails  Failed TIME\n"
        "  after  Skipped\n"
        "Failed in TIME\n"
        "\n"
        "Step `fails` failed: exited with 7\n"
        "  exit code: 7\n"
        "  last lines of its log:\n"
        "    about to fail\n"
        "    it broke\n"
        "  its whole log: HOME/workspaces/default/workspaceartifactstore/ExperimentRun/dcid.UUID/user_logs/std_log.txt\n"
    )


def test_create_and_stream_keeps_the_result_apart_from_the_logs(warm):
    """A script gets the JSON on stdout also when it waits for the job; a failed job fails the command."""
    done = warm.run("job", "create", "-f", "failing.yml", "-s")

    assert done.returncode == 1
    assert json.loads(done.stdout)["status"] == "Failed"
    assert "fails | about to fail" in done.stderr


def test_an_interrupted_stream_leaves_the_job_running(warm):
    """Ctrl-C stops following only, and says how to cancel; cancel ends the job."""
    name = warm.ask("job", "create", "-f", "sleeping.yml", "--query", "name", "-o", "tsv").strip()
    process = warm.start("job", "stream", "-n", name)
    for line in process.stdout:
        if line == "waits | waiting\n":
            break
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)

    assert process.returncode == 130
    assert f"pipeyard job cancel -n {name}" in said
    assert warm.ask("job", "show", "-n", name, "--query", "status", "-o", "tsv") == "Running\n"
    warm.ask("job", "cancel", "-n", name)
    assert warm.run("job", "stream", "-n", name).returncode == 1
    assert warm.ask("job", "show", "-n", name, "--query", "status", "-o", "tsv") == "Canceled\n"
    again = warm.run("job", "cancel", "-n", name)
    assert (again.returncode, "has ended already: Canceled" in again.stderr) == (1, True)


def test_the_code_of_a_step_comes_back(warm, tmp_path):
    """As its step had it, whatever became of the folder since."""
    warm.write("kept code/deep/main.sh", "echo said\n")
    warm.write(
        "coded.yml",
        "type: command\ncommand: sh deep/main.sh\ncode: ./kept code\nenvironment: {image: debian}\n",
    )
    name = warm.value("job", "create", "-f", "coded.yml")["name"]
    warm.write("kept code/deep/main.sh", "changed")
    warm.ask("job", "download", "-n", name, "--code", "-p", str(tmp_path))

    assert (tmp_path / name / "code" / "deep" / "main.sh").read_text("utf-8") == "echo said\n"
    assert warm.run("job", "download", "-n", name, "--code", "--all").returncode == 2


def test_download_brings_logs_and_outputs(warm, completed, tmp_path):
    """Artifacts and named outputs lie in a folder named after the job."""
    warm.ask("job", "download", "-n", completed, "--all", "-p", str(tmp_path))

    root = tmp_path / completed
    assert (root / "named-outputs" / "result" / "lines.txt").read_text("utf-8").strip() == "3"
    assert (root / "artifacts" / "logs" / "azureml" / "executionlogs.txt").stat().st_size > 0
    assert [path for path in root.rglob("*") if path.name.endswith(".part")] == []

    one = warm.run("job", "download", "-n", completed, "--output-name", "result", "-p", str(tmp_path))
    assert "Downloaded 1 file, " in one.stderr

    missing = warm.run("job", "download", "-n", completed, "--output-name", "resullt", "-p", str(tmp_path))
    assert (missing.returncode, "did you mean `result`?" in missing.stderr) == (3, True)


def test_a_step_has_a_log_of_its_own(warm, completed, tmp_path):
    """A child job is listed under its parent, streamed and downloaded like any job."""
    children = warm.value("job", "list", "--parent-job-name", completed)
    assert [child["display_name"] for child in children] == ["prepare", "count"]
    step = children[1]["name"]

    assert "counted\n" in warm.ask("job", "stream", "-n", step)
    warm.ask("job", "download", "-n", step, "-p", str(tmp_path))
    assert (tmp_path / step / "artifacts" / "user_logs" / "std_log.txt").read_text("utf-8") == "counted\n"


def test_the_history_of_a_job_is_kept(warm, completed):
    """`--events` prints every fact, in order."""
    kinds = [event["kind"] for event in warm.value("job", "show", "-n", completed, "--events")]

    assert kinds[0] == "JobSubmitted"
    assert kinds.count("AttemptExited") == 2
    assert warm.ask("job", "show", "-n", completed, "--events", "-o", "table").startswith("Seq")


def test_tags_and_names_can_change_later(warm, completed):
    """Words after one `--set` and repeated flags all count; a removed tag is gone."""
    job = warm.value(
        "job", "update", "-n", completed, "--set", "tags.a=1", "display_name=New $name", "--set", "tags.b=x y"
    )
    assert (job["display_name"], job["tags"]) == ("New $name", {"team": "vision", "a": "1", "b": "x y"})

    job = warm.value("job", "update", "-n", completed, "--remove", "tags.a", "tags.b")
    assert job["tags"] == {"team": "vision"}


def test_lists_can_be_filtered(warm, completed):
    """By tag, status, experiment and time; the newest first."""
    warm.ask("job", "create", "-f", "pipeline.yml")

    def names(*words):
        return warm.value("job", "list", "--query", "[].name", "--all-results", *words)

    assert completed in names("--tag", "team=vision", "--status", "completed", "--since", "1h", "--experiment", "work")
    assert completed not in names("--tag", "team=other")
    assert completed not in names("--status", "Failed")
    assert names("--experiment", "nope") == []
    assert len(names("-r", "1")) > 1  # --all-results wins
    assert len(warm.value("job", "list", "-r", "1")) == 1


def test_jobs_can_be_counted(warm, completed):
    """By status and experiment, as many as the list has; of archived ones apart."""
    listed = warm.value("job", "list", "--all-results", "--experiment", "work", "--query", "[].status")
    found = warm.value("job", "list", "--counts", "--experiment", "work")

    assert found["total"] == len(listed) > 0
    assert found["status"]["Completed"] == listed.count("Completed")
    assert found["experiments"]["work"] == len(listed)
    assert warm.value("job", "list", "--counts", "--archived-only", "--experiment", "nope")["total"] == 0
    assert "Completed" in warm.ask("job", "list", "--counts", "-o", "table")


def test_archived_jobs_are_hidden_until_restored(warm):
    """Archive prints nothing and takes a job out of lists; restore brings it back."""
    name = warm.run("job", "create", "-f", "failing.yml", "-s", "--query", "name", "-o", "tsv").stdout.strip()

    def is_listed(*words):
        return name in warm.value("job", "list", "--query", "[].name", *words)

    assert warm.ask("job", "archive", "-n", name) == ""
    assert (is_listed(), is_listed("--archived-only"), is_listed("--include-archived")) == (False, True, True)
    assert warm.ask("job", "restore", "-n", name) == ""
    assert (is_listed(), is_listed("--archived-only")) == (True, False)


def test_what_the_server_finds_has_its_line_too(warm):
    """A problem that only the server sees points into the component file that has it."""
    text = SOUND.replace("./prepare.yml", "./elsewhere.yml") + "settings: {default_datastore: nope}\n"
    warm.write("refused.yml", text)
    warm.write("elsewhere.yml", PREPARE)
    before = len(warm.value("job", "list", "--all-results"))

    done = warm.run("job", "create", "-f", "refused.yml")

    assert done.returncode == 1
    line = text.splitlines().index("settings: {default_datastore: nope}") + 1
    assert f"refused.yml:{line}:31: error[unknown-datastore]" in done.stderr
    assert done.stderr.endswith("Nothing was submitted.\n")
    assert len(warm.value("job", "list", "--all-results")) == before


def test_a_compute_that_was_not_created_is_said(warm):
    """The job runs here with a warning; with --strict it is refused, with the line to type."""
    warm.write("compute.yml", "compute: azureml:gpu-cluster\n" + FAILING)

    done = warm.run("job", "create", "-f", "compute.yml")
    assert (done.returncode, "warning[compute-not-created]" in done.stderr) == (0, True)

    for words in (["create"], ["validate"]):
        strict = warm.run("job", *words, "-f", "compute.yml", "--strict")
        assert strict.returncode == 1
        said = strict.stdout + strict.stderr
        assert "pipeyard compute create -n gpu-cluster --type amlcompute" in said


def test_validate_asks_a_running_server_and_writes_nothing(warm):
    """Files that were not sent are no problem; where the steps would run outside their images is said."""
    done = warm.run("job", "validate", "-f", "pipeline.yml")

    assert (done.returncode, done.stdout.count("warning[environment]")) == (0, 1)
    assert done.stderr == "pipeline.yml: 1 warning.\n"


def test_what_becomes_of_images_is_said_once_at_its_line_by_whoever_is_asked(warm):
    """Before a job is sent and after, in a draft too; of a loop's body and of a component's own file."""
    warm.write(
        "images/c.yml",
        "type: command\nname: c\ninputs: {x: {type: string}}\ncommand: echo ${{inputs.x}}\n"
        "environment:\n  image: ubuntu:22.04\n",
    )
    warm.write(
        "images/p.yml",
        "type: pipeline\njobs:\n"
        "  a: {component: ./c.yml, inputs: {x: a}}\n"
        "  body: {component: ./c.yml, inputs: {x: b}}\n"
        """  each: {type: parallel_for, items: '[{"x": "1"}]', body: '${{parent.jobs.body}}'}\n""",
    )
    file = ("-f", "images/p.yml", "--format", "short")
    draft = warm.value("draft", "create", "-f", "images/p.yml")["id"]
    for words in (
        ("job", "validate", *file),
        ("job", "create", "--dry-run", *file),
        ("job", "create", *file),
        # The second time, the file is not checked again here.
        ("job", "create", *file),
        ("draft", "validate", draft, "--format", "short"),
    ):
        done = warm.run(*words)
        said = done.stdout + done.stderr
        assert done.returncode == 0, said
        assert (said.count("warning[environment]"), said.count("c.yml:5:1: warning[environment]")) == (1, 1), words


def test_save_as_writes_the_created_job(warm, tmp_path):
    """The file is YAML and names the job."""
    name = "my-own-name"
    warm.ask("job", "create", "-f", "failing.yml", "-n", name, "--save-as", str(tmp_path / "job.yml"))

    assert f"name: {name}\n" in (tmp_path / "job.yml").read_text("utf-8")
    taken = warm.run("job", "create", "-f", "sleeping.yml", "-n", name)
    assert (taken.returncode, "exists already" in taken.stderr) == (1, True)


def test_a_missing_job_is_exit_code_3(warm):
    """Scripts tell "not there" from "went wrong"."""
    for verb in ("show", "stream", "cancel", "download", "archive", "restore"):
        assert warm.run("job", verb, "-n", "no such job/../x").returncode == 3


def test_a_name_with_a_slash_is_no_address(warm):
    """Neither asking for such a name nor giving it leads to another part of the API."""
    for words in (("compute", "create", "-n", "../x", "--type", "amlcompute"), ("component", "show", "-n", "a/b")):
        done = warm.run(*words)
        assert (done.returncode, "no name holds a `/`" in done.stderr) == (3, True)


def test_a_stand_alone_command_is_its_own_only_step(warm):
    """Its log is shown without a prefix, and failing it fails the command."""
    warm.write("command.yml", "command: echo hello; exit 3\nenvironment: {image: x}\n")

    done = warm.run("job", "create", "-f", "command.yml", "--stream", "-o", "none")

    assert (done.returncode, done.stdout) == (1, "")
    assert "\nhello\n" in done.stderr
    assert "The command failed: exited with 3" in done.stderr


def test_a_reader_that_stops_reading_is_no_crash(warm):
    """`pipeyard job list | head -1` ends quietly."""
    for _ in range(3):
        done = warm.shell("pipeyard job list --all-results | head -n 1; exit ${PIPESTATUS[1]}")
        assert (done.returncode, done.stderr) == (0, "")
    process = warm.start("job", "list", "--all-results")
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    process.wait(timeout=60)
    assert "Traceback" not in said
    assert "BrokenPipe" not in said


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_stream_that_the_caller_closed_is_no_error(warm, closed):
    """Cron jobs and daemons close what they do not want; the command does its work and says nothing there."""
    done = subprocess.run(
        ["bash", "-c", f"pipeyard job list {closed}"],
        check=False,
        capture_output=True,
        text=True,
        env=warm.env(),
        cwd=warm.folder,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("encoding", ["latin-1", "ascii"])
def test_any_locale_can_print_any_name(warm, encoding):
    """What cannot be written there is spelled out."""
    name = warm.ask(
        "job", "create", "-f", "failing.yml", "--set", "display_name=日本 é", "--query", "name", "-o", "tsv"
    ).strip()
    done = subprocess.run(
        ["pipeyard", "job", "show", "-n", name, "--query", "display_name", "-o", "tsv"],
        capture_output=True,
        env=warm.env(PYTHONIOENCODING=encoding),
        cwd=warm.folder,
        check=True,
    )

    assert b"\\u65e5\\u672c" in done.stdout


def test_files_whose_names_are_no_utf8_are_fetched(warm):
    """An old program wrote them; they arrive with the bytes that their names have."""
    command = r"""d=${{outputs.out}}; n=$(printf 'caf\351'); mkdir "$d/$n"; echo 1 > "$d/$n/$n.txt"; mkdir outputs; echo 2 > "outputs/$n" """
    job = {"command": command, "environment": {"image": "x"}, "outputs": {"out": {"type": "uri_folder"}}}
    warm.write("odd.yml", json.dumps({"type": "pipeline", "jobs": {"odd": {"type": "command", **job}}}))
    name = warm.ask("job", "create", "-f", "odd.yml", "--stream", "--query", "name", "-o", "tsv").strip()
    step = warm.ask("job", "list", "--parent-job-name", name, "--query", "[].name", "-o", "tsv").strip()

    warm.ask("job", "download", "-n", step, "--all", "-p", "odd")

    odd = os.fsdecode(b"caf\xe9")
    assert (warm.folder / "odd" / step / "named-outputs/out" / odd / f"{odd}.txt").read_text() == "1\n"
    assert (warm.folder / "odd" / step / "artifacts/outputs" / odd).read_text() == "2\n"


def test_a_job_that_cannot_be_saved_is_not_submitted(warm, tmp_path):
    """The folder is looked for first."""
    name = "never-there"
    answer = warm.run("job", "create", "-f", "failing.yml", "-n", name, "--save-as", str(tmp_path / "gone" / "job.yml"))

    assert answer.returncode == 1
    assert "there is no folder to write" in answer.stderr
    assert warm.run("job", "show", "-n", name).returncode == 3
