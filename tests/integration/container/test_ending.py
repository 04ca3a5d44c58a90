"""However a container ends, its record says so and nothing of it stays."""

from __future__ import annotations

import os
import re
import signal

from tests.integration.container.conftest import ContainerBench, podman
from tests.integration.launcher.conftest import Bench, eventually

FOREVER = "echo begun; while :; do sleep 0.05; done"


def _began(bench: ContainerBench, attempt: str = "step.1") -> None:
    eventually(lambda: "begun" in bench.log(attempt))


def test_a_stop_asks_every_process_first(bench: ContainerBench):
    """SIGTERM reaches a child of the command too, which may tidy up in its grace time."""
    child = 'python3 -c \'import signal, time; signal.signal(signal.SIGTERM, lambda *_: (time.sleep(0.2), print("tidied", flush=True), exit(0)))\nprint("begun", flush=True)\nwhile True: time.sleep(0.05)\''
    bench.launch(f"{child}; echo never")
    _began(bench)

    bench.compute.stop("step.1")
    report = bench.wait()

    assert (report.state, report.exit_code) == ("exited", 143)
    assert bench.log() == "begun\ntidied\n"


def test_what_does_not_listen_is_killed_after_its_grace_time(bench: ContainerBench):
    """A command that ignores SIGTERM does not outlive its grace."""
    bench.launch(f"trap '' TERM; {FOREVER}", grace_seconds=0.3)
    _began(bench)

    bench.compute.stop("step.1")
    report = bench.wait()

    assert (report.state, report.exit_code) == ("exited", 137)
    assert report.reason is None


def test_a_time_limit_stops_the_container(bench: ContainerBench):
    """The record says that time was up."""
    report = bench.run(FOREVER, timeout_seconds=0.3)

    assert (report.state, report.timed_out, report.exit_code) == ("exited", True, 143)


def test_a_stop_before_the_command_began_leaves_nothing(bench: ContainerBench):
    """Whatever docker or podman were doing at that moment is undone."""
    bench.launch(FOREVER)

    bench.compute.stop("step.1")

    assert bench.wait().state in ("refused", "exited")


def test_a_command_that_uses_up_its_memory_is_told_so(bench: ContainerBench):
    """137 alone would say nothing; the reason names the memory."""
    report = bench.run("python3 -c 'x = bytearray(1 << 29)'; exit $?", c_memory_gib=0.1)

    assert (report.exit_code, report.code) == (137, "out-of-memory")
    assert "memory" in str(report.reason)


def test_what_the_command_left_running_ends_with_it(bench: ContainerBench):
    """A daemon started inside does not keep the step from ending, nor live on."""
    report = bench.run("(setsid sleep 1000 &) ; echo done")

    assert (report.exit_code, bench.log()) == (0, "done\n")


def test_an_image_that_is_not_there_is_named(bench: ContainerBench):
    """Nothing is pulled at this point; the refusal names the image as people wrote it."""
    report = bench.run("true", c_image=bench.image(image="localhost/no-such:1", label="my/no-such:1"))

    assert (report.state, report.code) == ("refused", "container-failed")
    assert "my/no-such:1" in str(report.reason)
    assert re.search("image not known|No such image", str(report.reason))


def test_wrong_docker_args_are_shown_as_the_runtime_says_it(bench: ContainerBench):
    """A mistake in `docker_args` is not a mystery."""
    report = bench.run("true", c_arguments=("--no-such-option",))

    assert (report.state, report.code) == ("refused", "container-failed")
    assert "--no-such-option" in str(report.reason)


def test_a_container_that_cannot_be_started_says_why(bench: ContainerBench):
    """An image without bash, or a limit that the system does not allow: what the runtime said is the reason."""
    report = bench.run("true", c_arguments=("--entrypoint /bin/no-bash",))

    assert (report.state, report.code) == ("exited", "container-failed")
    assert report.exit_code != 0
    assert "/bin/no-bash" in str(report.reason)


def test_a_runtime_that_is_not_there_is_named(bench: ContainerBench):
    """Somebody removed podman since the environment was made ready."""
    report = bench.run("true", c_image=bench.image(program="/usr/bin/no-podman"))
    # There is no program to remove anything with either; the note of the container is for a later launcher.
    # Beside it there is for a moment what the program said.
    [note] = (path for path in (bench.home / "launcher/containers").iterdir() if path.suffix != ".said")
    note.unlink()

    assert report.state == "refused"
    assert "/usr/bin/no-podman" in str(report.reason)


def test_a_runtime_that_dies_is_the_reason_and_its_container_goes(bench: ContainerBench):
    """The program that watches was killed: the step has failed and says so, and does not run on unseen."""
    bench.launch(FOREVER)
    _began(bench)

    os.kill(bench.record()["pid"], signal.SIGKILL)
    report = bench.wait()

    assert (report.state, report.code) == ("exited", "container-runtime")
    assert "lost sight" in str(report.reason)


def test_the_exit_code_is_known_though_the_runtime_cannot_say_it(bench: ContainerBench):
    """Somebody removed the container by hand: the command's own script had written how it ended."""
    bench.launch("echo begun; until test -e outputs/go; do sleep 0.02; done; exit 3")
    _began(bench)
    [container] = bench.containers()
    (bench.root() / "wd/outputs/go").touch()
    podman("rm", "--force", container)

    report = bench.wait()

    assert report.state == "exited"
    assert report.exit_code == 3


def test_a_new_launcher_removes_what_a_dead_one_left(bench: ContainerBench):
    """The launcher was killed with a container running: the attempt is lost, the container gone."""
    bench.launch(FOREVER, grace_seconds=1)
    _began(bench)

    bench.kill_launcher()
    report = bench.wait()

    assert (report.state, report.code) == ("lost", "launcher-lost")


def test_a_server_that_comes_back_finds_the_container_running(bench: ContainerBench):
    """The launcher holds on to it; the next server hears how it ended."""
    bench.launch("echo begun; until test -e outputs/go; do sleep 0.02; done; exit 4")
    _began(bench)
    bench.compute.close()

    bench.compute = bench.new_compute()
    assert bench.compute.look(["step.1"])["step.1"].state == "running"
    (bench.root() / "wd/outputs/go").touch()

    assert bench.wait().exit_code == 4


def test_a_launcher_that_is_told_to_end_stops_its_containers(bench: ContainerBench):
    """SIGTERM for the launcher is a stop for its steps."""
    bench.launch(FOREVER)
    _began(bench)

    bench.kill_launcher(signal.SIGTERM)

    assert bench.record()["state"] == "lost"
    # The next one tidies its notes.
    assert bench.compute.describe()["launcher"]


def test_processes_of_the_machine_beside_a_container_are_ended_as_ever(bench: ContainerBench):
    """Ending what a step left behind does not end the process that watches another step's container."""
    bench.launch("echo begun; until test -e outputs/go; do sleep 0.02; done; exit 5", "step.1")
    _began(bench)

    bench.compute.launch(Bench.plan(bench, "(setsid sleep 1000 &); exit 6", "other.1"))
    assert bench.wait("other.1").exit_code == 6
    (bench.root() / "wd/outputs/go").touch()

    assert bench.wait().exit_code == 5
