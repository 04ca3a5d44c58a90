"""Several processes of one step: all of them in one container."""

from __future__ import annotations

from tests.integration.container.conftest import ContainerBench
from tests.integration.launcher.conftest import eventually
from tests.integration.launcher.test_gang import STAY, Gang


def test_they_share_a_container_and_have_a_log_each(bench: ContainerBench):
    """Their logs are the job's own files, and belong to us; `/tmp` is theirs together."""
    gang = Gang(bench)

    ended = gang.run(
        'echo $RANK >/tmp/$RANK; until [ -e /tmp/$((1 - RANK)) ]; do :; done; echo "$RANK $MASTER_PORT"', 2
    )

    assert (ended.state, ended.exit_code) == ("exited", 0), gang.logs(2)
    assert [log.split()[0] for log in gang.logs(2)] == ["0", "1"]
    assert len({log.split()[1] for log in gang.logs(2)}) == 1


def test_the_first_that_fails_ends_the_others_in_there(bench: ContainerBench):
    """They are asked first, as without a container, and killed after the grace time."""
    gang = Gang(bench)
    waits = f"until grep -qs there '{bench.store}/logs/step.1.0.txt'; do :; done"

    ended = gang.run(f'if [ "$RANK" = 1 ]; then {waits}; exit 7; fi; {STAY}', 2)
    stubborn = gang.run('if [ "$RANK" = 1 ]; then exit 8; fi; trap "" TERM; sleep 300', 2, "b.1", grace_seconds=0.3)

    assert (ended.exit_code, ended.rank, gang.log(0).splitlines()[-1]) == (7, 1, "asked")
    assert (stubborn.exit_code, stubborn.rank) == (8, 1)


def test_a_stop_reaches_all_of_them(bench: ContainerBench):
    """SIGTERM, and time to tidy up."""
    gang = Gang(bench)
    gang.launch(STAY, 2)
    gang.wait_until_there(eventually, range(2))

    bench.compute.stop("step.1")

    assert (bench.wait().state, bench.wait().rank) == ("exited", None)
    assert all(log.endswith("asked\n") for log in gang.logs(2))
