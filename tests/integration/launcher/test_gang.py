"""Several processes that run one command: together from their start to their end."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from itertools import chain

import pytest

from pipeyard.launch.plan import PlannedGang, PlannedRank, port_text
from tests.integration.launcher.conftest import STORE

# Says that it is there, and goes on until it is asked to end.
STAY = 'trap "echo asked; exit 0" TERM; echo "there $$"; while :; do sleep 0.05; done'


class Gang:
    """Launches commands of several processes; each rank's log is `logs/<attempt>.<rank>.txt`."""

    def __init__(self, bench):
        self.bench = bench

    def plan(self, count, attempt, *, servers=0, is_mpi=False, ranks=None):
        ranks = ranks or [{"RANK": str(number), "AT": f"'{port_text(1)}'"} for number in range(count)]
        return PlannedGang(
            tuple(
                PlannedRank(
                    f"rank {number}",
                    f"{STORE}logs/{attempt}.{number}.txt",
                    variables,
                    is_server=number >= count - servers,
                )
                for number, variables in enumerate(ranks)
            ),
            {"MASTER_PORT": port_text(0)},
            port_count=2,
            is_mpi=is_mpi,
        )

    def launch(self, command, count=3, attempt="step.1", *, servers=0, is_mpi=False, **changes):
        gang = self.plan(count, attempt, servers=servers, is_mpi=is_mpi)
        self.bench.launch(command, attempt, gang=gang, log_uri=gang.ranks[0].log_uri, **changes)

    def run(self, command, count=3, attempt="step.1", **changes):
        self.launch(command, count, attempt, **changes)
        return self.bench.wait(attempt)

    def log(self, rank, attempt="step.1"):
        path = self.bench.store / f"logs/{attempt}.{rank}.txt"
        return path.read_text() if path.exists() else ""

    def logs(self, count=3, attempt="step.1"):
        return [self.log(rank, attempt) for rank in range(count)]

    def wait_until_there(self, eventually, ranks=range(3), attempt="step.1"):
        """Wait until these have begun, and return their numbers."""
        eventually(lambda: all("there " in self.log(rank, attempt) for rank in ranks))
        return [int(re.search(r"there (\d+)", self.log(rank, attempt))[1]) for rank in ranks]


@pytest.fixture
def gang(bench):
    """Several processes in one home."""
    return Gang(bench)


def test_each_process_has_its_variables_and_its_log(gang):
    """They share the working folder, and meet at the same ports."""
    ended = gang.run('echo "$RANK $AT $MASTER_PORT"; pwd; touch "seen by $RANK"; echo "error $RANK" >&2')

    assert (ended.state, ended.exit_code, ended.rank) == ("exited", 0, None)
    ports = {line.partition(" ")[2] for line in (log.splitlines()[0] for log in gang.logs())}
    assert len(ports) == 1
    assert re.fullmatch(r"'\d+' \d+", ports.pop())
    assert [log.splitlines()[1:] for log in gang.logs()] == [
        [str(gang.bench.root() / "wd"), f"error {rank}"] for rank in range(3)
    ]
    assert sorted(path.name for path in (gang.bench.root() / "wd").glob("seen*")) == [
        f"seen by {rank}" for rank in range(3)
    ]


def test_a_command_of_several_finds_what_a_command_alone_finds(gang, bench):
    """No descriptor of ours, no variable of ours, every signal as it always is."""
    command = "for fd in /proc/self/fd/*; do readlink $fd; done | sed 's/[0-9.]*txt//; s/:.*//'; env | sort; grep ^Sig /proc/self/status"

    bench.run(command, "alone.1")
    gang.run(command, 1)

    # What the shell says of the folder that it reads, and what tells the two apart.
    odd = re.compile(r"(RANK|AT|MASTER_PORT|SHLVL|PIPEYARD_ATTEMPT_ROOT|PWD|OLDPWD|_)=|/proc/|Sig(Cgt|Q)")
    alone, together = (
        [line for line in text.splitlines() if not odd.match(line)]
        for text in (bench.log("alone.1").replace("alone", "x"), gang.log(0).replace("step", "x"))
    )
    assert together == alone


def test_the_first_that_fails_ends_the_others_and_is_named(gang, eventually, is_alive):
    """They are asked first, and have time to tidy up; the code is that of the one that failed."""
    gang.launch(f'if [ "$RANK" = 1 ]; then read -r _ <"{gang.bench.home}/go"; echo no; exit 7; fi; {STAY}')
    os.mkfifo(gang.bench.home / "go")
    others = gang.wait_until_there(eventually, (0, 2))

    (gang.bench.home / "go").write_text("\n")
    ended = gang.bench.wait()

    assert (ended.state, ended.exit_code, ended.rank, ended.rank_name) == ("exited", 7, 1, "rank 1")
    assert [log.splitlines()[-1] for log in gang.logs()] == ["asked", "no", "asked"]
    assert not any(is_alive(pid) for pid in others)


def test_one_that_does_not_listen_is_killed_after_its_grace_time(gang, eventually, is_alive):
    """Nor does what it has started in the background outlive it."""
    command = (
        f'if [ "$RANK" = 0 ]; then while ! grep -qs there {gang.bench.store}/logs/step.1.1.txt; do :; done; exit 3; fi'
    )
    ended = gang.run(f'{command}; trap "" TERM; sleep 300 & echo "there $!"; wait; sleep 300', 2, grace_seconds=0.3)

    assert (ended.exit_code, ended.rank) == (3, 0)
    assert not any(is_alive(pid) for pid in gang.wait_until_there(eventually, (1,)))


def test_one_whose_shell_is_killed_is_noticed(gang, eventually):
    """Whoever is ended from outside, by the system or a person, ends the others too."""
    gang.launch(STAY)
    pids = gang.wait_until_there(eventually)

    os.kill(pids[2], signal.SIGKILL)
    ended = gang.bench.wait()

    assert (ended.state, ended.exit_code, ended.rank) == ("exited", 137, 2)
    assert gang.log(2).splitlines() == [f"there {pids[2]}"]


def test_one_process_alone_fails_like_any_command(gang):
    """There is nobody to blame but itself."""
    ended = gang.run("exit 3", 1)

    assert (ended.exit_code, ended.rank, ended.rank_name) == (3, None, None)


def test_it_ends_when_all_have_ended(gang):
    """The last one may take longer than the others."""
    ended = gang.run('[ "$RANK" = 0 ] || exec sleep 0.2; echo done', 2)

    assert (ended.exit_code, gang.log(0)) == (0, "done\n")


def test_a_server_ends_with_those_that_it_serves(gang, eventually):
    """It would wait for ever; that it is ended is no failure."""
    served = f"while ! grep -qs there {gang.bench.store}/logs/step.1.2.txt; do :; done; echo served"
    ended = gang.run(f'if [ "$RANK" = 2 ]; then {STAY}; fi; {served}', servers=1)

    assert (ended.exit_code, ended.rank) == (0, None)
    assert gang.logs()[:2] == ["served\n", "served\n"]
    assert gang.log(2).endswith("asked\n")


@pytest.mark.parametrize("way", ["stop", "time"])
def test_a_stop_and_a_time_limit_reach_every_process(gang, eventually, is_alive, way):
    """No rank is to blame for that."""
    gang.launch(STAY, timeout_seconds=5 if way == "time" else None)
    pids = gang.wait_until_there(eventually)
    if way == "stop":
        gang.bench.compute.stop("step.1")

    ended = gang.bench.wait()

    assert (ended.state, ended.timed_out, ended.rank) == ("exited", way == "time", None)
    assert all(log.endswith("asked\n") for log in gang.logs())
    assert not any(is_alive(pid) for pid in pids)


def test_what_a_dead_launcher_leaves_is_ended_by_the_next(gang, eventually, is_alive):
    """Every process of it, and the attempt is lost."""
    gang.launch(STAY)
    pids = gang.wait_until_there(eventually)

    gang.bench.kill_launcher()
    ended = gang.bench.wait()

    assert ended.state == "lost"
    assert not any(is_alive(pid) for pid in pids)


def test_a_server_that_goes_leaves_all_of_them_alone(gang, eventually):
    """The next one hears how they end."""
    go_on = gang.bench.home / "go on"
    gang.launch(f"echo there $$; while ! test -e '{go_on}'; do sleep 0.01; done; exit $((RANK * 4))", 2)
    gang.wait_until_there(eventually, range(2))
    gang.bench.compute.close()

    gang.bench.compute = gang.bench.new_compute()
    assert gang.bench.compute.look(["step.1"])["step.1"].state == "running"
    go_on.touch()

    assert (gang.bench.wait().exit_code, gang.bench.wait().rank_name) == (4, "rank 1")


def test_attempts_side_by_side_meet_at_different_ports(gang, make_bench, tmp_path, eventually):
    """Those of another home on this machine too; they are free, and given again only later."""
    other = Gang(make_bench(tmp_path / "other home"))
    talk = 'echo "$MASTER_PORT $AT" | tr -d "\'"; ' + STAY
    for one, attempt in ((gang, "a.1"), (gang, "b.1"), (other, "c.1")):
        one.launch(talk, 1, attempt)
        one.wait_until_there(eventually, (0,), attempt)

    logs = [gang.log(0, "a.1"), gang.log(0, "b.1"), other.log(0, "c.1")]
    ports = list(chain.from_iterable(log.splitlines()[0].split() for log in logs))

    assert len(set(ports)) == len(ports) == 6


def test_a_long_log_of_any_process_loses_its_middle(gang):
    """Its limit is each one's own."""
    ended = gang.run('if [ "$RANK" = 1 ]; then yes line | head -n 20000; else echo short; fi', 2, log_bytes_max=8192)

    assert ended.exit_code == 0
    assert gang.log(0) == "short\n"
    assert "bytes of this log were dropped here" in gang.log(1)
    assert len(gang.log(1)) < 20_000


def test_cpus_of_one_instance_are_its_own(gang, bench):
    """Where the system can bind, each process has the part of its instance."""
    own = sorted(os.sched_getaffinity(0))
    ranks = tuple(
        PlannedRank(f"rank {number}", f"{STORE}logs/step.1.{number}.txt", {}, cpus=(own[number % len(own)],))
        for number in range(2)
    )
    bench.launch(
        "sed -n 's/Cpus_allowed_list:.//p' /proc/self/status",
        gang=PlannedGang(ranks),
        log_uri=ranks[0].log_uri,
        cpus=tuple(own),
    )

    assert bench.wait().exit_code == 0
    assert gang.logs(2) == [f"{own[number % len(own)]}\n" for number in range(2)]


def test_in_a_sandbox_they_write_to_their_logs_and_see_each_other(gang, bench, tmp_path):
    """One sandbox is around all of them: `/dev/shm` is theirs together, and nobody else's."""
    if shutil.which("bwrap") is None:
        pytest.skip("needs bubblewrap; on Debian: apt-get install bubblewrap")
    command = f'echo $RANK >/dev/shm/$RANK; touch {tmp_path}/x 2>/dev/null; while [ "$(ls /dev/shm | wc -l)" != 2 ]; do :; done; cat /dev/shm/*'

    ended = gang.run(command, 2, is_sandboxed=True)

    assert ended.exit_code == 0
    assert gang.logs(2) == ["0\n1\n", "0\n1\n"]
    assert not (tmp_path / "x").exists()


def test_code_is_copied_once_for_all(gang, bench):
    """It is prepared as for any command, before the first of them begins."""
    (bench.store / "code").mkdir()
    (bench.store / "code/main.sh").write_text("echo main $RANK\n")

    assert gang.run("bash main.sh", 2, code_uri=STORE + "code").exit_code == 0
    assert gang.logs(2) == ["main 0\n", "main 1\n"]


# --- MPI -----------------------------------------------------------------------------------------


@pytest.fixture
def mpi(gang):
    """Open MPI, which `.ci/run` installs."""
    if shutil.which("mpirun") is None:
        pytest.skip("needs Open MPI; on Debian: apt-get install openmpi-bin")
    version = subprocess.run(["mpirun", "--version"], check=True, capture_output=True, text=True).stdout
    assert "Open MPI" in version
    return gang


def test_mpirun_starts_the_ranks(mpi):
    """Its own variables say who is who, and ours for that rank are there too."""
    ended = mpi.run('echo "$OMPI_COMM_WORLD_RANK of $OMPI_COMM_WORLD_SIZE is $RANK"; pwd', is_mpi=True)

    assert (ended.state, ended.exit_code) == ("exited", 0), mpi.logs()
    assert mpi.logs() == [f"{rank} of 3 is {rank}\n{mpi.bench.root()}/wd\n" for rank in range(3)]


def test_the_first_rank_that_fails_under_mpirun_is_named(mpi, is_alive, eventually):
    """`mpirun` ends the others; its own words are in the log that is shown first."""
    waits = f"while ! grep -qs there {mpi.bench.store}/logs/step.1.2.txt; do :; done"
    ended = mpi.run(f'if [ "$RANK" = 1 ]; then {waits}; exit 5; fi; {STAY}', is_mpi=True)

    assert (ended.exit_code, ended.rank, ended.rank_name) == (5, 1, "rank 1")
    assert "mpirun detected" in mpi.log(0)
    assert not any(is_alive(pid) for pid in mpi.wait_until_there(eventually, (0, 2)))


def test_a_stop_reaches_what_mpirun_started(mpi, eventually, is_alive):
    """It puts its processes into groups of their own; none of them stays."""
    mpi.launch(STAY, is_mpi=True)
    pids = mpi.wait_until_there(eventually)

    mpi.bench.compute.stop("step.1")

    assert (mpi.bench.wait().state, mpi.bench.wait().rank) == ("exited", None)
    assert not any(is_alive(pid) for pid in pids)


def test_without_mpirun_it_is_said_what_to_install(gang, tmp_path):
    """The environment of the step is what counts, not that of the server."""
    ended = gang.run("echo never", is_mpi=True, environment={"PATH": str(tmp_path)})

    assert (ended.exit_code, ended.code) == (127, "no-mpirun")
    assert "openmpi-bin" in (ended.reason or "")
    assert "never" not in gang.log(0)
