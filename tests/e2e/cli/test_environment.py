"""Environments made by a real server, by whole commands; no index is asked: wheels are the tests' own."""

from __future__ import annotations

import os
import pty
import select
import subprocess
from contextlib import suppress

import pytest

from tests.integration.environment.parts import make_wheel

CONDA = "{channels: [c], dependencies: [python, pip, {pip: [small%s]}]}"
JOB = """
type: pipeline
jobs:
  use:
    command: python -c "import small; print('small', small.version)"
    environment:
      image: docker.invalid/python
      conda_file: %s
"""
IMAGE = "type: pipeline\njobs:\n  a:\n    command: echo ran\n    environment: {image: docker.invalid/python}\n"


@pytest.fixture(scope="module")
def here(tmp_path_factory, warm):
    """The command line of a server that finds packages in a folder."""
    wheels = tmp_path_factory.mktemp("wheels")
    for version in ("1.0", "2.0"):
        make_wheel(wheels, "small", version)
    warm.ask("server", "stop")
    # An index without packages: uv knows no variable for none at all.
    warm.environment |= {"UV_DEFAULT_INDEX": str(wheels), "UV_FIND_LINKS": str(wheels)}
    warm.write("env.yml", f"name: tiny\nimage: docker.invalid/python\nconda_file: {CONDA % '<2'}\n")
    # Of no other test here: it has to be made.
    warm.write("job.yml", JOB % (CONDA % "<1.5"))
    warm.write("broken.yml", JOB % (CONDA % "==9"))
    warm.write("image.yml", IMAGE)
    return warm


def test_a_job_shows_its_environment_being_made_and_what_was_installed(here):
    """Live on the terminal, in its artifacts, and in `job show`; the second job builds nothing."""
    done = here.run("job", "create", "-f", "job.yml", "--stream", "--query", "name", "-o", "tsv")
    name = done.stdout.split()[-1]
    shown = here.value("job", "show", "-n", name)
    here.ask("job", "download", "-n", name, "--all", "-p", "got")
    again = here.run("job", "create", "-f", "job.yml", "--stream", "--set", "display_name=again")

    assert "use | small 1.0" in done.stdout + done.stderr
    assert "environment |  + small==1.0" in done.stdout + done.stderr
    assert "steps run outside their images" in done.stderr
    (kept,) = shown["environments"].values()
    assert "small==1.0" in kept["lock"]
    assert [warning["code"] for warning in shown["warnings"]] == ["environment"]
    logs = list((here.folder / "got").rglob("20_image_build_log.txt"))
    assert any("small==1.0" in log.read_text() for log in logs)
    assert "environment |" not in again.stdout + again.stderr


def test_what_cannot_be_installed_fails_the_job_with_the_end_of_the_log(here):
    """No step was started."""
    done = here.run("job", "create", "-f", "broken.yml", "--stream")

    assert done.returncode == 1
    assert "its environment cannot be made: pip packages: " in done.stdout + done.stderr
    assert "small==9" in done.stdout + done.stderr
    assert "use | [Running]" not in done.stdout + done.stderr


def test_an_environment_is_built_on_its_own_and_says_how_far_it_is(here):
    """By name or from a file; `show` has the state and the lock."""
    here.ask("environment", "create", "-f", "env.yml")
    before = here.value("environment", "show", "-n", "tiny", "--query", "build.state")
    built = here.value("environment", "build", "tiny")
    after = here.value("environment", "show", "-n", "tiny", "--query", "build")
    from_file = here.value("environment", "build", "--file", "env.yml")

    # Another test may have had it made.
    assert before in {"not built", "succeeded"}
    assert (built["state"], after["state"]) == ("succeeded", "succeeded")
    assert "small==1.0" in after["lock"]
    assert built["digest"] == from_file["digest"]


def test_a_build_that_fails_says_why(here):
    """Exit code 1, and the state stays."""
    here.write("bad.yml", f"image: i\nconda_file: {CONDA % '==8'}\n")
    done = here.run("environment", "build", "--file", "bad.yml", "--query", "state", "-o", "tsv")

    assert (done.returncode, done.stdout.strip()) == (1, "failed")
    assert "error[unsolvable]" in done.stderr
    assert "small==8" in done.stderr


def test_a_build_may_go_on_by_itself(here):
    """`--no-wait` returns at once."""
    here.write("other.yml", f"image: i\nconda_file: {CONDA % '==2.0'}\n")
    begun = here.value("environment", "build", "--file", "other.yml", "--no-wait")
    ended = here.value("environment", "build", "--file", "other.yml")

    assert begun["state"] in {"queued", "building", "succeeded"}
    assert ended["state"] == "succeeded"


def test_an_environment_that_nobody_knows_is_not_found(here):
    """Exit code 3."""
    assert here.run("environment", "build", "nothing-like-it").returncode == 3
    assert here.run("environment", "build").returncode == 2


def test_programs_run_in_an_environment(here):
    """Their exit code is the command's."""
    here.ask("environment", "create", "-f", "env.yml")
    done = here.run("environment", "shell", "tiny", "python", "-c", "import small; print(small.version); exit(5)")
    absent = here.run("environment", "shell", "tiny", "no-such-program")

    assert (done.stdout.strip(), done.returncode) == ("1.0", 5)
    assert absent.returncode == 127


def test_a_shell_opens_on_a_terminal(here):
    """Its prompt names the environment, and its Python is that one."""
    here.ask("environment", "create", "-f", "env.yml")
    here.ask("environment", "build", "tiny")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        ["pipeyard", "environment", "shell", "tiny"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=here.folder,
        env=here.env(TERM="dumb"),
        start_new_session=True,
    )
    os.close(theirs)
    os.write(ours, b"python -c 'import small; print(\"version\", small.version)'; exit 7\n")
    said = b""
    # The other side has closed: that is how a terminal ends.
    with suppress(OSError):
        while select.select([ours], [], [], 60)[0] and (data := os.read(ours, 4096)):
            said += data
    os.close(ours)

    assert process.wait(60) == 7
    assert b"version 1.0" in said
    assert b"(tiny)" in said


def test_curated_names_are_listed_with_those_of_ones_own(here):
    """The person's come first, and say where they are written."""
    (here.home / "curated.yml").write_text("mine-*: {pip: [small]}\n", "utf-8")
    try:
        found = here.value("environment", "list", "--curated")
        built = here.run("environment", "shell", "mine-1", "python", "-c", "import small; print(small.version)")
    finally:
        (here.home / "curated.yml").unlink()

    assert found[0]["name"] == "mine-*"
    assert found[0]["file"] == str(here.home / "curated.yml")
    assert {"sklearn-1.*", "acpt-pytorch-*", "python-sdk-v2*"} <= {entry["name"] for entry in found}
    assert built.stdout.strip() == "2.0"


def test_a_curated_name_that_nobody_knows_says_what_to_add(here):
    """A ready line, and the file."""
    here.write("unknown.yml", IMAGE.replace("{image: docker.invalid/python}", "azureml:AzureML-unheard-of@latest"))
    done = here.run("job", "create", "-f", "unknown.yml", "--stream", "-o", "none")

    assert done.returncode == 0
    assert f"add to {here.home}/curated.yml: AzureML-unheard-of: {{python:" in done.stderr.replace("\n", "")


def test_a_workspace_may_insist_on_images(here):
    """Nothing of a job is started then; a compute's word goes before its workspace's."""
    here.ask("workspace", "create", "-n", "strict")
    here.ask("workspace", "update", "-n", "strict", "--image-policy", "require")
    refused = here.run("job", "create", "-f", "image.yml", "-w", "strict")
    jobs = here.value("job", "list", "-w", "strict")
    here.ask("compute", "create", "-n", "easy", "--type", "amlcompute", "--image-policy", "ignore", "-w", "strict")
    here.write("easy.yml", IMAGE.replace("    command:", "    compute: azureml:easy\n    command:"))
    allowed = here.run("job", "create", "-f", "easy.yml", "-w", "strict", "--stream", "-o", "none")

    assert refused.returncode == 1
    assert "error[image-required]" in refused.stderr
    assert jobs == []
    assert allowed.returncode == 0
    assert "the image policy is `ignore`" in allowed.stderr


def test_a_policy_is_one_of_three_words(here):
    """In a compute's file too, with its line."""
    here.write("compute.yml", "name: bad\ntype: amlcompute\nimage_policy: prefr\n")
    flag = here.run("workspace", "update", "-n", "default", "--image-policy", "always")
    file = here.run("compute", "create", "-f", "compute.yml")

    assert flag.returncode == 2
    assert (file.returncode, "compute.yml:3" in file.stderr, "prefer" in file.stderr) == (1, True, True)


def test_local_is_the_python_of_whoever_submits(here):
    """Not the server's."""
    folder = here.folder / "programs"
    folder.mkdir()
    subprocess.run([os.environ.get("PYTHON", "python3"), "-m", "venv", "--without-pip", folder / "own"], check=True)
    here.write("local.yml", 'command: python -c "import sys; print(sys.prefix)"\nenvironment: local\n')
    path = f"{folder / 'own' / 'bin'}{os.pathsep}{here.env()['PATH']}"
    done = here.run("job", "create", "-f", "local.yml", "--stream", "-o", "none", env={"PATH": path})

    assert str(folder / "own") in done.stdout + done.stderr


def test_a_setting_that_means_nothing_keeps_the_server_from_starting(cold):
    """Said by name, with what is near."""
    cold.home.mkdir()
    (cold.home / "config.toml").write_text("[environments]\nofline = true\n", "utf-8")
    done = cold.run("server", "start")

    assert done.returncode == 1
    assert "did you mean `offline`?" in done.stderr
