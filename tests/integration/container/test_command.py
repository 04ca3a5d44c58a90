"""A command in a container finds what it finds as a process, and ends as it ends there."""

from __future__ import annotations

import http.server
import os
import threading
from dataclasses import replace
from pathlib import Path

from pipeyard.launch.plan import PlannedFile, PlannedInput
from tests.integration.container.conftest import ContainerBench, podman
from tests.integration.launcher.conftest import STORE

STRANGE = "a 'b' \"c\" $HOME `id` \\ \n ü ✓ ..; *\n"


def test_it_runs_in_the_image_and_its_exit_code_is_kept(bench: ContainerBench):
    """The command sees the image's files and not the machine's; what it exits with is in the record."""
    report = bench.run(f"cat /etc/debian_version; test -e {Path(__file__)} && echo leak; exit 7")

    assert (report.state, report.exit_code, report.reason) == ("exited", 7, None)
    assert bench.log().startswith("12.")
    assert "leak" not in bench.log()
    assert bench.record()["exit_code"] == 7


def test_standard_output_and_error_go_to_the_log_in_order(bench: ContainerBench):
    """Both streams are one file, and nothing of ours or of the runtime is in it."""
    bench.run("echo one; echo two >&2; echo three")

    assert bench.log() == "one\ntwo\nthree\n"


def test_variables_arrive_as_they_are(bench: ContainerBench):
    """Lines, quotes, dollars and letters of any language survive; so do names that no shell can hold."""
    environment = {"STRANGE": STRANGE, "EMPTY": "", "a.b-c": STRANGE, "TOKEN": "secret-token"}

    bench.run(
        'python3 -c \'import os; [print(ascii(os.environ[n])) for n in ["STRANGE", "EMPTY", "a.b-c"]]\'',
        environment=environment,
    )

    assert bench.log().splitlines() == [ascii(STRANGE), "''", ascii(STRANGE)]


def test_no_value_is_on_a_command_line_or_in_the_runtimes_own_records(bench: ContainerBench):
    """Whoever may list containers does not learn the job's token."""
    bench.launch("until test -e outputs/go; do sleep 0.05; done", environment={"TOKEN": "secret-token"})
    bench.wait(states=("running",))

    [container] = bench.containers()
    shown = podman("inspect", container)
    (bench.root() / "wd/outputs/go").touch()

    assert bench.wait().exit_code == 0
    assert "secret-token" not in shown
    assert bench.home.name in shown


def test_a_strange_command_arrives_as_it_is(bench: ContainerBench):
    """The command's text goes through no shell but its own."""
    bench.run(f"printf '%s|' \"$0\" '{STRANGE.replace(chr(39), '')}' \"it's $((1+2))\"")

    assert bench.log() == f"/bin/bash|{STRANGE.replace(chr(39), '')}|it's 3|"


def test_code_inputs_and_outputs_are_where_they_are_without_a_container(bench: ContainerBench):
    """The same absolute paths hold inside and outside, strange signs in names included."""
    (bench.store / "code").mkdir()
    (bench.store / "code/run.py").write_text(
        "import pathlib, sys\npathlib.Path(sys.argv[2], 'made.txt').write_text(pathlib.Path(sys.argv[1]).read_text() + '!')\n"
    )
    name = "a,b:c \"d\" 'e' ü.txt"
    (bench.store / name).write_text("data")
    file = PlannedInput("x", STORE + name, "ro_mount", f"inputs/x/{name}")
    plan = bench.plan('pwd; python3 run.py "$SOURCE" "$TARGET"; ls', code_uri=STORE + "code", environment={
        "SOURCE": f"{bench.root()}/inputs/x/{name}", "TARGET": f"{bench.root()}/outputs/o"})  # fmt: skip

    bench.compute.launch(replace(plan, inputs=(file,)))
    report = bench.wait()

    assert report.exit_code == 0, bench.log()
    assert bench.log().splitlines() == [str(bench.root() / "wd"), "logs", "outputs", "run.py"]
    made = bench.root() / "outputs/o/made.txt"
    assert made.read_text() == "data!"
    assert made.stat().st_uid == os.getuid()
    assert dict(report.ways) == {"x": "bind"}


def test_inputs_are_mounted_as_their_modes_say(bench: ContainerBench):
    """What may only be read cannot be written to; a download is the step's own; rw_mount writes through."""
    for name in ("ro", "rw", "copy"):
        (bench.store / name).mkdir()
        (bench.store / name / "f").write_text("before")
    inputs = (("ro", "ro", "ro_mount"), ("rw", "rw", "rw_mount"), ("copy", "copy", "download"))

    report = bench.run(
        "cd ../inputs; for n in ro rw copy; do echo after >$n/f && echo wrote $n; done 2>/dev/null", inputs=inputs
    )

    assert bench.log().splitlines() == ["wrote rw", "wrote copy"]
    assert [(bench.store / name / "f").read_text() for name in ("ro", "rw", "copy")] == ["before", "after\n", "before"]
    assert {name: way for name, way in report.ways.items() if name != "copy"} == {"ro": "bind", "rw": "original"}


def test_the_files_of_a_table_are_there_and_cannot_be_written_to(bench: ContainerBench):
    """An evaluated table is a folder of its files, none of which can be changed through it."""
    (bench.store / "one.csv").write_text("1")
    table = PlannedInput(
        "t",
        STORE + "one.csv",
        "eval_mount",
        "inputs/t",
        files=(PlannedFile("p/one.csv", str(bench.store / "one.csv")),),
    )

    bench.compute.launch(
        replace(bench.plan("cat ../inputs/t/p/one.csv; echo 2 >../inputs/t/p/one.csv"), inputs=(table,))
    )
    report = bench.wait()

    assert bench.log().startswith("1")
    assert report.exit_code == 1
    assert (bench.store / "one.csv").read_text() == "1"


def test_folders_outside_the_staging_folder_can_be_written_to_when_the_plan_says_so(bench: ContainerBench):
    """A store of plain files for tracking lies beside the job's other artifacts."""
    tracking = bench.home / "artifacts, of a job/mlruns"

    bench.run(f"echo run >'{tracking}/meta.yaml'", writable=(str(tracking),))

    assert (tracking / "meta.yaml").read_text() == "run\n"


def test_a_folder_that_nothing_was_written_to_does_not_stay(bench: ContainerBench):
    """The job's artifacts do not get an empty folder from having run in a container."""
    tracking = bench.home / "artifacts/mlruns"

    bench.run("true", writable=(str(tracking),))

    assert not tracking.exists()


def test_limits_shared_memory_and_more_options_reach_the_container(bench: ContainerBench):
    """What the compute's instance has and what the step asks for is what the command finds."""
    bench.run(
        "df -B1 --output=size /dev/shm | tail -1; nproc; cat /sys/fs/cgroup/memory/memory.limit_in_bytes "
        "2>/dev/null || cat /sys/fs/cgroup/memory.max; df -B1 --output=size '/s c' | tail -1",
        c_shm_size="48m",
        c_memory_gib=0.25,
        cpus=(0,),
        c_arguments=("--tmpfs '/s c:size=8m'", "--label=x=y"),
    )

    assert bench.log().split() == [str(48 << 20), "1", str(1 << 28), str(8 << 20)]


def test_the_servers_loopback_address_is_reachable(bench: ContainerBench):
    """A tracking server or the server's own API on 127.0.0.1 answers inside."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        bench.run(f"(exec 3<>/dev/tcp/127.0.0.1/{server.server_port}) && echo reached")
    finally:
        server.shutdown()
        server.server_close()

    assert bench.log() == "reached\n"
