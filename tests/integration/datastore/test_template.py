import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

import pipeyard
from pipeyard.datastore import template
from pipeyard.datastore.pool import WorkerPool
from pipeyard.datastore.template import Template
from pipeyard.model.errors import NoWorkers


@pytest.fixture
def own_template():
    template = Template()
    yield template
    template.close()


@pytest.fixture
def own_pool(own_template):
    pool = WorkerPool(1, own_template)
    yield pool
    pool.close()


@pytest.fixture
def copied(tmp_path):
    """A copy of the package, to be changed under whoever runs it."""
    folder = tmp_path / "site"
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc", "static")
    shutil.copytree(Path(pipeyard.__file__).parent, folder / "pipeyard", ignore=ignored)
    return folder


def run_with(folder, code):
    """Run a program with the copied package first on its path."""
    argv = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(folder)!r})\n" + textwrap.dedent(code)]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


BREAK = """
import os, signal
from pathlib import Path
from pipeyard.datastore.pool import WorkerPool
from pipeyard.datastore.template import shared_template
from pipeyard.datastore.worker import store_attempts
from pipeyard.model.errors import NoWorkers
import pipeyard
pool = WorkerPool(1)
first = pool.run(os.getpid)
for path in (Path(pipeyard.__file__).parent / "datastore").rglob("*.py"):
    path.write_text("raise SystemExit('half an upgrade')")
os.kill(first, signal.SIGKILL)
"""


def test_a_new_worker_needs_no_files(copied):
    """
    After an upgrade under a running server, its next workers are those of before.
    """
    done = run_with(
        copied,
        BREAK
        + """
assert pool.run(store_attempts, []) == []
assert pool.run(os.getpid) != first
pool.close()
print("stored")
""",
    )

    assert ("stored\n", 0) == (done.stdout, done.returncode), done.stderr


def test_a_lost_template_is_not_replaced_by_other_code(copied):
    """
    The server would not understand it; whoever asks is told to restart the server.
    """
    done = run_with(
        copied,
        BREAK
        + """
os.kill(shared_template()._process.pid, signal.SIGKILL)
try:
    pool.run(store_attempts, [])
except NoWorkers as problem:
    print(problem, problem.hint, sep="; ")
pool.close()
""",
    )

    assert "files were changed since the server started" in done.stdout, done.stderr
    assert done.stdout.endswith("; restart the server: pipeyard server stop\n")


def test_a_lost_template_is_replaced(own_pool, own_template):
    """
    While the files are the same, nobody notices.
    """
    first = own_pool.run(os.getpid)
    os.kill(own_template._process.pid, signal.SIGKILL)
    os.kill(first, signal.SIGKILL)

    assert own_pool.run(os.getpid) != first


def test_code_that_cannot_be_loaded_says_why(own_template, own_pool, monkeypatch):
    """
    The reason is the loader's own.
    """
    monkeypatch.setattr(template, "_CODE", template._CODE.replace("    load()", "    import no_such_module"))

    with pytest.raises(NoWorkers, match="ModuleNotFoundError: No module named 'no_such_module'"):
        own_pool.run(os.getpid)


def test_a_python_that_is_gone_is_no_worker():
    """
    An upgrade may take the interpreter away.
    """
    pool = WorkerPool(1, Template("/nowhere/python"))

    with pytest.raises(NoWorkers, match="/nowhere/python"):
        pool.run(os.getpid)
    pool.close()


def test_a_call_that_cannot_be_loaded_is_no_killed_worker(own_pool, tmp_path, monkeypatch):
    """
    The worker lives and says what is missing.
    """
    (tmp_path / "only_here.py").write_text("def work(): pass")
    own_pool.run(os.getpid)
    monkeypatch.syspath_prepend(str(tmp_path))
    import only_here

    with pytest.raises(NoWorkers, match="cannot load what it shall do: ModuleNotFoundError"):
        own_pool.run(only_here.work)


def test_the_template_ends_with_a_killed_server():
    """
    Nobody is left behind when the server is killed at once.
    """
    code = (
        "import os\n"
        "from pipeyard.datastore.pool import WorkerPool\n"
        "from pipeyard.datastore.template import shared_template\n"
        "WorkerPool().run(os.getpid)\n"
        "print(shared_template()._process.pid, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    server = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    pid = int(server.stdout)

    deadline = time.monotonic() + 60
    while _is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not _is_alive(pid)


def _is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
