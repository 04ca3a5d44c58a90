"""The server as a process: how it begins, how it ends, what it leaves alone."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

SLOW = "touch ${{outputs.o}}/begun; while [ ! -e %s ]; do sleep 0.05; done; echo went on"


def slow_step(words, gate):
    return {"a": words.step(SLOW % gate, outputs={"o": {"type": "uri_folder"}})}


class TestStart:
    def test_the_home_is_closed_to_others(self, served):
        """Folder 0700, token and note 0600."""
        served.home.mkdir(mode=0o755)
        assert served.start() == {"ready": True}

        assert stat.S_IMODE(served.home.stat().st_mode) == 0o700
        for name in ("token", "server.json", "server.lock", "server.log", "pipeyard.db"):
            assert stat.S_IMODE((served.home / name).stat().st_mode) == 0o600, name

    def test_the_note_says_who_serves(self, served):
        """It is gone after a graceful end, and the port is the same next time."""
        served.start()
        note = json.loads((served.home / "server.json").read_text())
        assert note["pid"] == served.process.pid
        assert served.end() == 0
        assert not (served.home / "server.json").exists()
        served.start()

        assert served.port == note["port"]

    def test_a_second_server_names_the_first(self, served):
        """And does no harm to it."""
        served.start()
        other = type(served)(served.home)
        error = other.start()["error"]

        assert error["code"] == "home-in-use"
        assert str(served.process.pid) in error["message"]
        assert served.get("/api/v1/health")["pid"] == served.process.pid

    def test_a_wanted_port_in_use_is_an_error(self, served):
        """The user said which; another would be a surprise."""
        with socket.create_server(("127.0.0.1", 0)) as holder:
            error = served.start(port=holder.getsockname()[1])["error"]

        assert error["code"] == "port-in-use"

    def test_a_kept_port_in_use_is_replaced_with_a_notice(self, served):
        """The new one is kept when nothing runs."""
        with socket.create_server(("127.0.0.1", 0)) as holder:
            taken = holder.getsockname()[1]
            served.home.mkdir()
            (served.home / "port").write_text(f"{taken}\n")
            assert served.start() == {"ready": True}

        assert served.port != taken
        assert int((served.home / "port").read_text()) == served.port
        assert f"port {taken} is in use" in (served.home / "server.log").read_text()

    def test_a_home_of_a_newer_version_is_left_alone(self, served):
        """The error says so in one line."""
        served.start()
        served.stop_all()
        with sqlite3.connect(served.home / "pipeyard.db") as database:
            database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.close()

        assert served.start()["error"]["code"] == "newer-home"

    @pytest.mark.parametrize("place", ["/proc/pipeyard", "/dev/null/pipeyard"])
    def test_a_home_that_cannot_be_is_one_clear_line(self, served, place):
        """No trace, and the way out."""
        served.home = Path(place)
        error = served.start()["error"]

        assert error["code"] in ("home-not-usable", "home-not-writable")
        assert place in error["message"]
        assert "Traceback" not in error["message"]

    def test_a_damaged_token_is_made_anew(self, served):
        """An empty one would let anybody in."""
        served.home.mkdir()
        (served.home / "token").write_text("")
        served.start()

        assert len(served.token) >= 32
        assert served.get("/api/v1/health")["active_jobs"] == 0


class TestEnd:
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
    def test_steps_go_on_and_the_next_server_finds_them(self, served, words, tmp_path, number):
        """Whether the server ends in peace or is killed."""
        gate = tmp_path / "gate"
        served.start()
        name = served.submit(slow_step(words, gate))
        step = served.get(f"{words.jobs}/{name}/children")["value"][0]["name"]
        _until_begun(served, words, step)
        served.end(number)
        gate.touch()
        served.start()
        messages = served.follow(name)

        assert messages[-1]["job"]["status"] == "Completed"
        assert [one["text"] for one in messages if one["type"] == "log"] == ["went on\n"]

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
    def test_every_polite_signal_ends_it_in_peace(self, served, number):
        """Exit code 0."""
        served.start()

        assert served.end(number) == 0

    def test_a_request_ends_it(self, served):
        """As `pipeyard server stop` sends it."""
        served.start()

        assert served.ask("POST", "/api/v1/shutdown")[0] == 202
        assert served.process.wait(60) == 0

    def test_followers_do_not_hold_it_up(self, served, words, tmp_path):
        """Their stream ends without an end; the job goes on."""
        gate = tmp_path / "gate"
        served.start()
        name = served.submit(slow_step(words, gate))
        with socket.create_connection(("127.0.0.1", served.port)) as follower:
            request = f"GET {words.jobs}/{name}/stream HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\nAuthorization: Bearer {served.token}\r\n\r\n"
            follower.sendall(request.encode())
            assert b'"type":"job"' in _read_until(follower, b'"type":"step"')
            assert served.end() == 0
            assert b'"type":"end"' not in _read_until(follower, None)
        gate.touch()
        served.start()
        assert served.follow(name)[-1]["job"]["status"] == "Completed"


PROGRAM = """
import os, sys
from pipeyard.launcher import mounts
mounts.enter_namespace(mounts.ROOT)
home = sys.argv[1]
assert os.system(f"mount -t tmpfs -o size=1m tmpfs '{home}'") == 0
with open(home + "/filler", "ab", buffering=0) as file:
    for size in (65536, 4096, 1):
        try:
            while file.write(b"x" * size):
                pass
        except OSError:
            pass
from pathlib import Path
from pipeyard.app import run_server
from pipeyard.model.errors import PipeyardError
try:
    run_server(Path(home))
except PipeyardError as error:
    print(error.code, error.message)
"""


@pytest.mark.skipif(os.getuid() != 0, reason="making a small disk needs root")
def test_a_full_disk_is_one_clear_line(tmp_path):
    """The server does not start, and says why."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PROGRAM), str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if "PermissionError" in done.stderr:
        pytest.skip("this machine allows no mount namespace")

    assert "disk is full" in done.stdout
    assert "Traceback" not in done.stderr


def _until_begun(served, words, step):
    """Return once a step's command has begun: it says so by a file that the server can list."""
    served.until(lambda: b"begun" in served.ask("GET", f"{words.jobs}/{step}/outputs/o/files")[1])


def _read_until(connection, wanted):
    connection.settimeout(60)
    data = b""
    while wanted is None or wanted not in data:
        piece = connection.recv(65536)
        if not piece:
            break
        data += piece
    return data
