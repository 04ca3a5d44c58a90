"""The script that starts several processes, as text."""

from __future__ import annotations

from dataclasses import replace

from pipeyard.compute.local.container import script_text
from pipeyard.compute.local.gang import gang_command, gang_order
from pipeyard.launch.plan import PlannedGang, PlannedRank, port_text
from pipeyard.launcher.order import GangOrder
from tests.unit.compute.test_local_container import PLAN

RANKS = (
    PlannedRank("rank 0", "azureml://a", {"WHAT": f'{{"it\'s": "{port_text(1)}"}}'}, cpus=(0, 2)),
    PlannedRank("rank 1 (parameter server 0)", "azureml://b", {}, is_server=True),
)
GANG = PlannedGang(RANKS, {"MASTER_PORT": port_text(0)}, port_count=2)
LOGS = {"azureml://a": "/logs/it's 0.txt", "azureml://b": "/logs/1.txt"}


def test_values_are_quoted_and_ports_are_put_in_when_it_runs():
    """Blanks, quotes and braces of a value, of a log's place and of the command stay what they are."""
    order = gang_order(PLAN, GANG, LOGS.__getitem__)

    assert 'export MASTER_PORT="${_gang_ports[0]}"\n' in order["script"]
    assert (
        """_gang_begin 0 '/logs/it'"'"'s 0.txt' 0,2 worker """
        """WHAT='{"it'"'"'s": "'"${_gang_ports[1]}"'"}'\n"""
    ) in order["script"]
    assert "_gang_begin 1 /logs/1.txt '' server \n" in order["script"]
    assert "_gang_command='echo '\"'\"'a b'\"'\"''\n" in order["script"]
    # A parameter server is nobody to wait for.
    assert "_gang_needed=1\n" in order["script"]


def test_the_launcher_reads_what_was_written_for_it():
    """Names, logs and the number of ports."""
    order = GangOrder(gang_order(PLAN, GANG, LOGS.__getitem__))

    assert order.names == ["rank 0", "rank 1 (parameter server 0)"]
    assert order.logs == ["/logs/it's 0.txt", "/logs/1.txt"]
    assert (order.ports, order.rank_script) == (2, None)
    assert GangOrder(gang_order(PLAN, GANG, None)).logs == []


def test_mpirun_starts_a_script_of_its_own():
    """It is told how many, and each process learns from its rank what it finds."""
    order = gang_order(PLAN, replace(GANG, is_mpi=True), LOGS.__getitem__)

    assert 'exec mpirun -n 2 "$BASH" "$_gang_root/gang/rank.sh"' in order["script"]
    assert "1)\n    exec >>/logs/1.txt 2>&1\n" in order["rank_script"]


def test_in_a_container_the_others_have_their_grace_too():
    """The command there is the script, which ends with the first that fails."""
    plan = replace(PLAN, command=gang_command(PLAN), gang=GANG, grace_seconds=2.5)

    assert "'\"$BASH\" '\"'\"'/x, y/attempts/step.2/gang/run.sh'\"'\"''" in script_text(plan, {})
    assert "tenths=25\n" in script_text(plan, {})
    assert "tenths" not in script_text(PLAN, {})
