"""
The command's own world: shell, folders, descriptors, signals, environment.
"""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from pipeyard.model.errors import ComputeError

STRANGE = "a 'b' \"c\" $HOME `id` \\ \n ü ✓ ..; *"


def test_a_command_that_is_not_found_ends_with_127_and_says_so_in_its_log(bench):
    """A misspelt program is the command's failure, not a refused launch."""
    ended = bench.run("no-such-program --flag")

    assert (ended.state, ended.exit_code) == ("exited", 127)
    assert "no-such-program: command not found" in bench.log()


def test_standard_output_and_error_go_to_the_log_in_order(bench):
    """Both streams are one file, written by the process itself."""
    bench.run("echo one; echo two >&2; echo three")

    assert bench.log() == "one\ntwo\nthree\n"


def test_a_log_is_appended_to(bench):
    """A second try does not wipe out what the first one said."""
    bench.run("echo first", "step.1", log_uri="azureml://datastores/store/paths/logs/step.2.txt")
    bench.run("echo second", "step.2")

    assert bench.log("step.2") == "first\nsecond\n"


def test_the_command_begins_in_a_working_folder_with_outputs_and_logs(bench):
    """Section 10.3: `outputs` and `logs` are there to be written to."""
    bench.run("pwd; ls; touch outputs/a logs/b")

    assert bench.log().splitlines() == [str(bench.root() / "wd"), "logs", "outputs"]
    assert (bench.root() / "wd/outputs/a").exists()


def test_the_command_has_its_code_in_a_copy_of_its_own(bench):
    """A step may change its code without changing anybody else's, and programs stay executable."""
    code = bench.store / "code dir"
    (code / "sub").mkdir(parents=True)
    (code / "sub/tool").write_text("#!/bin/sh\necho tool\n")
    (code / "sub/tool").chmod(0o555)
    (code / "data.txt").write_text("original")

    ended = bench.run("sub/tool && echo changed > data.txt", code_uri="azureml://datastores/store/paths/code dir")

    assert (ended.exit_code, bench.log()) == (0, "tool\n")
    assert (code / "data.txt").read_text() == "original"
    assert (bench.root() / "wd/data.txt").stat().st_ino != (code / "data.txt").stat().st_ino


def test_a_single_file_of_code_lies_in_the_working_folder(bench):
    """`code` may name one file."""
    (bench.store / "run.sh").write_text("echo run\n")

    bench.run("sh run.sh", code_uri="azureml://datastores/store/paths/run.sh")

    assert bench.log() == "run\n"


def test_links_in_code_stay_inside_or_become_copies(bench, tmp_path):
    """A copy of code never leads back to a file that is not its own."""
    outside = tmp_path / "outside.txt"
    outside.write_text("outside")
    code = bench.store / "code"
    code.mkdir()
    (code / "a").write_text("a")
    (code / "inside").symlink_to("a")
    (code / "away").symlink_to(outside)
    (code / "nowhere").symlink_to("missing")

    assert bench.run("cat inside away", code_uri="azureml://datastores/store/paths/code").exit_code == 0

    copy = bench.root() / "wd"
    assert ((copy / "inside").readlink(), (copy / "nowhere").readlink()) == (Path("a"), Path("missing"))
    assert not (copy / "away").is_symlink()


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to(path.parent)], ids=["pipe", "ring"])
def test_code_that_cannot_be_copied_is_refused(bench, make):
    """A pipe in the code, or a link to a folder that holds it, would be read for ever."""
    code = bench.store / "code"
    code.mkdir()
    make(code / "odd")

    ended = bench.run("true", code_uri="azureml://datastores/store/paths/code")

    assert (ended.state, ended.code) == ("refused", "unsupported-file")


def test_missing_code_is_refused_by_its_uri(bench):
    """A code snapshot that is gone is named as the user knows it."""
    ended = bench.run("true", code_uri="azureml://datastores/store/paths/gone")

    assert (ended.state, ended.code) == ("refused", "missing-source")
    assert "azureml://datastores/store/paths/gone" in ended.reason


def test_environment_values_arrive_as_they_are(bench):
    """No shell touches a value, whatever it holds."""
    bench.run('printf %s "$VALUE"', environment={"VALUE": STRANGE})

    assert bench.log() == STRANGE


def test_the_environment_is_the_planned_one_and_the_marker(bench):
    """Nothing of the server's environment leaks into a step."""
    bench.run("env -u PWD -u SHLVL -u _ | sed 's/=.*//' | sort")

    assert bench.log().split() == ["PATH", "PIPEYARD_ATTEMPT_ROOT"]


def test_the_environments_own_programs_come_first(bench, tmp_path):
    """`path_prefix` wins over everything on PATH."""
    tool = tmp_path / "bin dir/cat"
    tool.parent.mkdir()
    tool.write_text("#!/bin/sh\necho mine\n")
    tool.chmod(0o755)

    bench.run("cat /etc/hostname", path_prefix=(str(tool.parent),))

    assert bench.log() == "mine\n"


def test_standard_input_is_empty(bench):
    """A command that asks a question gets no answer instead of waiting for one."""
    assert bench.run("read line; echo status $?").exit_code == 0
    assert bench.log() == "status 1\n"


def test_no_descriptor_of_the_launcher_is_open_in_the_command(bench):
    """A step cannot hold the launcher's lock or sockets."""
    bench.run("exec ls -l /proc/self/fd")

    targets = [line.partition(" -> ")[2] for line in bench.log().splitlines() if " -> " in line]
    log = str(bench.store / "logs/step.1.txt")
    # The last one is the folder that `ls` itself reads.
    assert targets[:3] == ["/dev/null", log, log]
    assert len(targets) == 4
    assert targets[3].endswith("/fd")


def test_signals_begin_with_their_defaults(bench):
    """A step that is piped into `head` ends by SIGPIPE as in any terminal."""
    bench.run("exec grep -E 'SigBlk|SigIgn' /proc/self/status")

    words = bench.log().split()
    # 32 and 33 belong to the C library, which ignores them in what it spawns and sets them up again when it needs them.
    own = 1 << 31 | 1 << 32
    assert (words[::2], int(words[1], 16), int(words[3], 16) & ~own) == (["SigBlk:", "SigIgn:"], 0, 0)


def test_new_files_can_be_read_by_everybody_and_limits_are_the_usual_ones(bench):
    """Umask and the number of open files are what a login shell would have."""
    bench.run("umask; ulimit -Sn; touch f")

    assert bench.log().split()[0] == "0022"
    assert int(bench.log().split()[1]) <= int(os.sysconf("SC_OPEN_MAX"))
    assert stat.S_IMODE((bench.root() / "wd/f").stat().st_mode) == 0o644


def test_each_command_has_a_session_of_its_own(bench):
    """No terminal and no other step shares its group."""
    bench.run("ps -o pid=,pgid=,sid= -p $$ || awk '{print $1, $5, $6}' /proc/$$/stat")

    assert len(set(bench.log().split())) == 1


def test_a_home_with_a_strange_and_very_long_path_works(make_bench, tmp_path):
    """Blanks, quotes, `$`, line ends and 200 bytes of path do no harm."""
    home = tmp_path / "a 'q' $HOME\nü" / ("long" * 30) / ("x" * 60)
    home.mkdir(parents=True)
    bench = make_bench(home)
    (bench.store / "d").mkdir()
    (bench.store / "d/f").write_text("data")

    ended = bench.run(
        'cat "$IN/f"; pwd > ../outputs/o/pwd',
        inputs=[("in", "d", "ro_mount")],
        environment={"IN": str(bench.root() / "inputs/in")},
    )

    assert (ended.exit_code, bench.log()) == (0, "data")


def test_a_command_longer_than_the_system_allows_is_refused_with_the_reason(bench):
    """The limit is the system's, so it is named."""
    ended = bench.run("true # " + "x" * 200_000)

    assert (ended.state, ended.code) == ("refused", "command-too-long")


@pytest.mark.parametrize("attempt", ["../x", "a/b", "", ".", "..", "a..b", "ü.1", "a\n.1", "-a", "x" * 300])
def test_an_attempt_id_that_is_no_file_name_is_refused(bench, attempt):
    """Nothing outside `attempts/` can be named."""
    with pytest.raises(ComputeError, match="is no attempt id"):
        bench.launch("true", attempt)
    assert not (bench.home / "x").exists()


@pytest.mark.parametrize("name", ["../../x", "a/../../../x"])
def test_an_input_that_would_lie_outside_the_folder_is_refused(bench, name):
    """A plan cannot put data anywhere but below the staging folder."""
    (bench.store / "d").mkdir()
    with pytest.raises(ComputeError, match="does not lie below"):
        bench.launch("true", inputs=[(name, "d", "download")])


def test_an_input_cannot_go_through_a_link_in_the_code(bench, tmp_path):
    """Code with a link to nowhere and an input below it cannot reach outside together."""
    (bench.store / "d").mkdir()
    code = bench.store / "code"
    code.mkdir()
    (code / "link").symlink_to(tmp_path / "made later")
    plan = bench.plan("true", code_uri="azureml://datastores/store/paths/code", inputs=[("in", "d", "download")])
    (item,) = plan.inputs
    bench.compute.launch(replace(plan, inputs=(replace(item, path="wd/link/x"),)))

    ended = bench.wait()
    assert (ended.state, ended.code) == ("refused", "bad-order")
    assert not (tmp_path / "made later").exists()
