"""What users put around commands: aliases, completion, computes, terminals, browsers."""

from __future__ import annotations

import http.cookiejar
import os
import pty
import subprocess
import urllib.request
from pathlib import Path

import pytest

HELLO = """\
type: pipeline
jobs:
  greet:
    command: echo hello
    environment: {image: x}
"""


@pytest.fixture(scope="module", autouse=True)
def files(warm):
    warm.write("pipeline.yml", HELLO)


@pytest.fixture
def other_az(warm, tmp_path):
    """An `az` that says what it was asked."""
    program = tmp_path / "bin" / "az"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\necho "real az: $*"\n', "utf-8")
    program.chmod(0o755)
    return f'export PATH="{program.parent}:$PATH"; '


def test_lines_of_azure_run_unchanged(warm, other_az):
    """`az ml` is answered here, every other `az` by the real one."""
    done = warm.shell(
        other_az
        + 'eval "$(pipeyard az-alias)"; az ml compute list --query "[].name" -o tsv -w default -g group; '
        + 'az group list "a b"; id=$(az ml job create -f pipeline.yml --query name -o tsv); '
        + 'az ml job stream -n $id >/dev/null; az ml job show -n $id --query services["Studio"].endpoint -o tsv; '
        + "az ml schedule list"
    )

    lines = done.stdout.splitlines()
    assert "local" in lines
    assert "real az: group list a b" in lines
    assert lines[-1].startswith("http://127.0.0.1:")
    assert done.returncode == 1
    assert "`schedule` is not in this version" in done.stderr


def test_without_a_real_az_the_alias_says_so(warm):
    """The function does not call itself for ever; the line that sets defaults is answered here."""
    done = warm.shell('eval "$(pipeyard az-alias)"; az group list')
    assert (done.returncode, "not installed" in done.stderr) == (127, True)

    done = warm.shell('eval "$(pipeyard az-alias)"; az configure --defaults group=rg location=eastus workspace=default')
    assert (done.returncode, done.stderr) == (
        0,
        "warning: group, location have no meaning here: only `workspace` is kept\n",
    )
    warm.ask("configure", "-d", "workspace=")


def test_the_habit_of_the_article_creates_a_compute_once(warm):
    """`compute show || compute create`: exit code 3 the first time, then it is there."""
    line = (
        "pipeyard compute show -n cpu-cluster -o none || "
        "pipeyard compute create -n cpu-cluster --type amlcompute --min-instances 0 --max-instances 2 --query name -o tsv"
    )

    assert warm.shell(line).stdout == "cpu-cluster\n"
    assert warm.shell(line).stdout == ""
    assert warm.value("compute", "show", "-n", "cpu-cluster")["max_instances"] == 2
    assert "cpu-cluster" in warm.ask("compute", "list", "-o", "table")
    unsure = warm.run("compute", "delete", "-n", "cpu-cluster")
    assert (unsure.returncode, "--yes" in unsure.stderr) == (2, True)
    warm.ask("compute", "delete", "-n", "cpu-cluster", "-y")
    assert warm.run("compute", "show", "-n", "cpu-cluster").returncode == 3


def test_a_compute_comes_from_a_file_too(warm):
    """Flags win over the file, and its mistakes are shown with their lines."""
    warm.write("pool.yml", "name: pool\ntype: amlcompute\nmax_instances: 3\n")
    assert warm.value("compute", "create", "-f", "pool.yml", "--max-instances", "5")["max_instances"] == 5

    warm.write("pool.yml", "name: pool\ntype: amlcompute\nmax_instances: many\n")
    done = warm.run("compute", "create", "-f", "pool.yml")
    assert (done.returncode, "pool.yml:3:16: error" in done.stderr) == (1, True)


def test_datastores_can_be_looked_at(warm):
    """The five built-in ones, the default first."""
    assert warm.value("datastore", "list", "--query", "[].name")[0] == "workspaceblobstore"
    assert warm.value("datastore", "show", "-n", "workspaceblobstore")["is_default"] is True
    missing = warm.run("datastore", "show", "-n", "workspaceblobstor")
    assert (missing.returncode, "did you mean" in missing.stderr) == (3, True)


def complete(line, words, count):
    return line.run(env={"COMP_WORDS": words, "COMP_CWORD": str(count), "_PIPEYARD_COMPLETE": "bash_complete"}).stdout


def test_shells_complete_commands_flags_and_names(warm):
    """Names of jobs come from the server that runs."""
    name = warm.ask("job", "create", "-f", "pipeline.yml", "--query", "name", "-o", "tsv").strip()

    assert complete(warm, "pipeyard jo", 1) == "plain,job\n"
    assert "plain,--max-results" in complete(warm, "pipeyard job list --max", 3)
    assert f"plain,{name}" in complete(warm, "pipeyard job show -n ", 4)
    assert complete(warm, "pipeyard compute show -n lo", 4) == "plain,local\n"
    assert "plain,missing-file" in complete(warm, "pipeyard explain missing", 2)


def test_completion_starts_no_server(cold):
    """Pressing Tab must not start anything."""
    assert complete(cold, "pipeyard job show -n ", 4).strip() == ""
    assert not cold.home.exists()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_script(warm, shell):
    """The script names the function of that shell; bash can read its own."""
    script = warm.ask("completion", shell)

    assert f"_PIPEYARD_COMPLETE={shell}_complete" in script
    if shell == "bash":
        subprocess.run(["bash", "-n"], input=script, text=True, check=True)


def on_terminal(line, *words, **env):
    """Run a command on a terminal and return its exit code and what it wrote there."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(line.folder)
        os.execvpe("pipeyard", ["pipeyard", *words], line.env(**{"TERM": "xterm", "COLUMNS": "60", **env}))
    written = b""
    try:
        while piece := os.read(terminal, 65536):
            written += piece
    except OSError:
        # The other side has closed: that is how a terminal ends.
        pass
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), written.decode()


def test_a_terminal_shows_a_table_of_the_steps(warm):
    """Logs stay, the table goes, the summary is last; without colour if that is wanted."""
    again = ("--set", "settings.force_rerun=true")
    code, written = on_terminal(warm, "job", "create", "-f", "pipeline.yml", "--stream", "-o", "none", *again)
    assert code == 0
    assert "\x1b[?25l" in written
    assert written.count("Execution Summary") == 1
    assert "\x1b[3" in written

    _, plain = on_terminal(warm, "job", "create", "-f", "pipeline.yml", "--stream", "-o", "none", *again, NO_COLOR="1")
    assert "greet | hello" in plain
    assert "\x1b[3" not in plain

    _, dumb = on_terminal(warm, "job", "create", "-f", "pipeline.yml", "--stream", "-o", "none", *again, TERM="dumb")
    assert "\x1b" not in dumb


def test_a_page_opens_without_a_password(warm, tmp_path):
    """`--web` gives the browser an address that signs in once and goes to the job."""
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > "{tmp_path}/address"\n', "utf-8")
    browser.chmod(0o755)
    name = warm.ask("job", "create", "-f", "pipeline.yml", "--query", "name", "-o", "tsv").strip()
    done = warm.run("job", "show", "-n", name, "--web", "-o", "none", env={"BROWSER": f"{browser} %s"})
    assert done.returncode == 0, done.stderr
    address = Path(tmp_path, "address").read_text("utf-8")

    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    with opener.open(address) as page:
        assert page.url.endswith(f"/jobs/{name}")
        shown = page.read().decode()
    # The plain page, or the Studio, which asks for the job by itself.
    assert name in shown or 'id="root"' in shown


def test_doctor_says_what_a_report_needs(warm):
    """Versions, home and server, and no token."""
    text = warm.ask("doctor")

    assert str(warm.home) in text
    assert (warm.home / "token").read_text("utf-8").strip() not in text


def test_doctor_says_when_a_home_could_not_be_made(warm, tmp_path):
    """It is said before the first command that needs it fails."""
    (tmp_path / "file").touch()
    findings = warm.run("doctor", "--query", "findings", env={"PIPEYARD_HOME": str(tmp_path / "file/home")}).stdout

    assert f"the home `{tmp_path / 'file/home'}` cannot be written" in findings
