import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeyard.datastore.pool import WorkerPool
from pipeyard.model.errors import StoreError


@pytest.fixture
def own_pool():
    pool = WorkerPool(1)
    yield pool
    pool.close()


def test_work_is_done_in_another_process(pool):
    """
    The server's own process does not read gigabytes.
    """
    assert pool.run(os.getpid) != os.getpid()


def test_what_the_work_raises_is_raised_here(pool):
    """
    A missing file is a missing file, wherever it was looked for.
    """
    with pytest.raises(FileNotFoundError):
        pool.run(os.stat, "/nowhere/at/all")


def test_a_killed_worker_is_replaced_and_the_call_made_again(own_pool):
    """
    Somebody who kills a worker loses nothing.
    """
    first = own_pool.run(os.getpid)
    os.kill(first, signal.SIGKILL)

    assert own_pool.run(os.getpid) not in (first, os.getpid())


def test_work_that_kills_every_worker_is_an_error_and_the_pool_lives_on(own_pool):
    """
    Three times is enough to say so, and how; the next call gets a new worker.
    """
    with pytest.raises(StoreError, match=r"killed 3 times at the same work \(exit code 1\)") as caught:
        own_pool.run(os._exit, 1)

    assert ("worker-killed", True) == (caught.value.code, caught.value.may_retry)
    assert own_pool.run(os.getpid) != os.getpid()


def test_work_that_kills_two_workers_is_done_by_the_third(own_pool, tmp_path):
    """
    The third has done nothing before.
    """
    last = own_pool.run(kill_first_two, tmp_path)

    killed = tmp_path.joinpath("killed").read_text().split()
    assert 3 == len({*killed, str(last)})


def kill_first_two(folder):
    killed = folder / "killed"
    with killed.open("a") as file:
        if len(killed.read_text().split()) < 2:
            file.write(f"{os.getpid()}\n")
            file.flush()
            os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid()


def test_a_closed_pool_takes_no_work():
    """
    A stopping server starts no worker.
    """
    pool = WorkerPool()
    pool.close()

    with pytest.raises(StoreError, match="stopping"):
        pool.run(os.getpid)


def test_workers_end_with_a_killed_server():
    """
    Nobody is left behind when the server is killed at once.
    """
    code = (
        "import os\n"
        "from pipeyard.datastore.pool import WorkerPool\n"
        "if __name__ == '__main__':\n"
        "    print(WorkerPool().run(os.getpid), flush=True)\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    server = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    worker = int(server.stdout)

    deadline = time.monotonic() + 60
    while _is_alive(worker) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not _is_alive(worker)


def _is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_worker_needs_no_database():
    """
    It is ready soon because it imports little.
    """
    code = "import sys, pipeyard.datastore.worker; sys.exit(any(name in sys.modules for name in ('sqlalchemy', 'asyncio')))"

    assert 0 == subprocess.run([sys.executable, "-c", code], check=False).returncode
