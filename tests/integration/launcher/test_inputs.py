"""
How inputs are delivered, and what a command may do to them.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ORDINARY_USER = 12345
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user")


@pytest.fixture
def data(bench) -> Path:
    folder = bench.store / "data"
    (folder / "sub dir").mkdir(parents=True)
    (folder / "sub dir/f").write_text("data\n")
    return folder


def _mounts(bench) -> str:
    return str(bench.compute.describe()["mounts"])


def test_a_read_only_mount_shows_the_data_in_place_and_refuses_writes(bench, data):
    """Not even root can write through a `ro_mount`, and nothing is copied."""
    if _mounts(bench) == "none":
        pytest.skip("this machine lets nobody mount")
    command = (
        "cd ../inputs/in; cat 'sub dir/f'; stat -c %i 'sub dir/f'; "
        "echo x > 'sub dir/f'; rm -f 'sub dir/f'; touch new; chmod 600 'sub dir/f'; test ! -w 'sub dir/f'"
    )

    ended = bench.run(command, inputs=[("in", "data", "ro_mount")])

    lines = bench.log().splitlines()
    assert (ended.exit_code, ended.ways) == (0, {"in": "bind"})
    assert lines[:2] == ["data", str((data / "sub dir/f").stat().st_ino)]
    assert bench.log().count("Read-only file system") == 4
    assert (data / "sub dir/f").read_text() == "data\n"
    assert [entry.name for entry in data.iterdir()] == ["sub dir"]


def test_the_launcher_sees_nothing_of_what_it_mounts_for_a_step(bench, data):
    """Every step has mounts of its own, and the launcher is back in its own after each start, a refused one included."""
    if _mounts(bench) != "root":
        pytest.skip("the launcher may not mount by itself")
    own = str(Path(f"/proc/{bench.launcher_pid()}/ns/mnt").readlink())

    bench.run("readlink /proc/self/ns/mnt", inputs=[("in", "data", "ro_mount")])
    bench.run("true", "gone.1", inputs=[("in", "nowhere", "ro_mount")])
    bench.run("readlink /proc/self/ns/mnt", "other.1")

    assert str(Path(f"/proc/{bench.launcher_pid()}/ns/mnt").readlink()) == own
    assert bench.log() != f"{own}\n"
    assert bench.log("other.1") == f"{own}\n"
    assert Path(f"/proc/{bench.launcher_pid()}/cwd").readlink() == Path("/")
    assert "attempts" not in Path(f"/proc/{bench.launcher_pid()}/mountinfo").read_text()


def test_a_read_only_mount_of_a_file(bench, data):
    """A `uri_file` is bound as a file."""
    ended = bench.run("cat ../inputs/in; echo x >> ../inputs/in", inputs=[("in", "data/sub dir/f", "ro_mount")])

    assert ended.exit_code == 1
    assert bench.log().startswith("data\n")
    assert (data / "sub dir/f").read_text() == "data\n"


def test_mounts_are_private_to_their_step(bench, data):
    """Nobody else sees a step's mounts, and they go with it."""
    before = Path("/proc/self/mountinfo").read_text()

    bench.run("test -e ../inputs/in/'sub dir'", inputs=[("in", "data", "ro_mount")])

    assert Path("/proc/self/mountinfo").read_text() == before
    assert list((bench.root() / "inputs/in").iterdir()) == []


def test_a_download_is_a_private_copy(bench, data):
    """A step may change its download; the data stays, and shares no file with it."""
    (data / "sub dir/f").chmod(0o444)
    command = "echo changed > '../inputs/in/sub dir/f' && stat -c %h '../inputs/in/sub dir/f'"

    ended = bench.run(command, inputs=[("in", "data", "download")])

    assert (ended.exit_code, bench.log()) == (0, "1\n")
    assert ended.ways["in"] in ("copy", "reflink")
    assert (data / "sub dir/f").read_text() == "data\n"


def test_a_download_of_a_file_keeps_its_name_and_content(bench, data):
    """A `uri_file` is copied to the very path that the command was given."""
    big = os.urandom(3_000_000)
    (bench.store / "big.bin").write_bytes(big)

    bench.run("cp ../inputs/in ../outputs/o/x", inputs=[("in", "big.bin", "download")])

    assert (bench.root() / "outputs/o/x").read_bytes() == big


@pytest.mark.parametrize("may_mount", [True, False])
def test_a_writable_mount_is_the_original(make_bench, tmp_path, may_mount):
    """What a step writes to an `rw_mount` input is there afterwards."""
    bench = make_bench(tmp_path / "home", may_mount=may_mount)
    (bench.store / "d").mkdir()
    (bench.store / "d/f").write_text("old")
    (bench.store / "d/f").chmod(0o444)

    ended = bench.run("echo new > ../inputs/in/g; chmod u+w ../inputs/in/f; echo new > ../inputs/in/f",
                      inputs=[("in", "d", "rw_mount")])  # fmt: skip

    assert (ended.exit_code, ended.ways) == (0, {"in": "original"})
    assert [(bench.store / "d" / name).read_text() for name in "fg"] == ["new\n", "new\n"]


def test_several_inputs_of_all_modes_in_one_step(bench, data):
    """Modes do not get in each other's way."""
    modes = ["ro_mount", "rw_mount", "download"]

    ended = bench.run("cat ../inputs/*/'sub dir'/f", inputs=[(mode, "data", mode) for mode in modes])

    assert (ended.exit_code, bench.log()) == (0, "data\n" * 3)
    assert set(ended.ways) == set(modes)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("chmod u+w f; echo x >> f", "changed `f` in input `in`"),
        ("touch new", "added `new` in input `in`"),
        ("rm -f f", "removed `f` in input `in`"),
        ("rm -f f; echo data > f", "changed `f` in input `in`"),
    ],
)
def test_without_mounts_a_changed_input_fails_the_step_by_name(make_bench, tmp_path, change, words):
    """Where nothing can be mounted a clean exit is no success if read-only data was touched."""
    bench = make_bench(tmp_path / "home", may_mount=False)
    (bench.store / "d").mkdir()
    (bench.store / "d/f").write_text("data\n")

    ended = bench.run(f"cd ../inputs/in/ && {{ {change}; }}; true", inputs=[("in", "d", "ro_mount")])

    assert (ended.exit_code, ended.code, ended.ways) == (0, "input-changed", {"in": "permissions"})
    assert words in ended.reason


def test_without_mounts_an_untouched_input_is_no_failure(make_bench, tmp_path):
    """Reading is all right, also by two steps at once."""
    bench = make_bench(tmp_path / "home", may_mount=False)
    (bench.store / "d").mkdir()
    (bench.store / "d/f").write_text("data\n")
    for name in ("a.1", "b.1"):
        bench.launch("cat ../inputs/in/f; test $(stat -Lc %a ../inputs/in/f) = 444", name,
                     inputs=[("in", "d", "ro_mount")])  # fmt: skip

    for name in ("a.1", "b.1"):
        ended = bench.wait(name)
        assert (ended.exit_code, ended.code, bench.log(name)) == (0, None, "data\n")


@contextlib.contextmanager
def _as_ordinary_user(*options: str):
    # The launcher alone, with nothing of ours beside it, as another user.
    folder = Path(tempfile.mkdtemp(prefix="pipeyard-test-"))
    try:
        package = folder / "lib/pipeyard"
        source = Path(sys.modules["pipeyard"].__file__ or "").parent
        package.mkdir(parents=True)
        shutil.copy(source / "__init__.py", package)
        shutil.copytree(source / "launcher", package / "launcher", ignore=shutil.ignore_patterns("__pycache__"))
        home = folder / "home"
        store = home / "workspaces/default/store/d"
        store.mkdir(parents=True)
        (store / "f").write_text("data\n")
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, ORDINARY_USER, ORDINARY_USER)
        python = next(path for path in ("/usr/bin/python3", sys.executable) if os.access(path, os.X_OK))
        subprocess.run(
            [python, "-I", "-S", "-X", "utf8", str(package / "launcher/__main__.py"), str(home), *options],
            check=True, user=ORDINARY_USER, group=ORDINARY_USER, extra_groups=[], cwd="/",
        )  # fmt: skip
        yield home
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def user_bench(make_bench, monkeypatch):
    """A home whose launcher runs as an ordinary user."""
    # Its code was not digested by us, so it would be taken for another version.
    monkeypatch.setattr("pipeyard.compute.local.compute.code_digest", lambda: "")
    with contextlib.ExitStack() as stack:

        def make(*options):
            bench = make_bench(stack.enter_context(_as_ordinary_user(*options)))
            stack.callback(bench.kill_launcher, signal.SIGTERM)
            stack.callback(bench.compute.close)
            return bench

        yield make


@needs_root
def test_an_ordinary_user_gets_read_only_mounts_by_a_user_namespace(user_bench):
    """No root is needed: the step keeps its own user and cannot lift the protection."""
    bench = user_bench()
    if _mounts(bench) == "none":
        pytest.skip("this machine has no user namespaces for ordinary users")
    root = bench.root()
    command = (
        f"id -u; id -g; cat ../inputs/in/f; echo x > ../inputs/in/f; "
        f"mount -o remount,bind,rw {root}/inputs/in; umount {root}/inputs/in; "
        f"unshare -Urm mount -o remount,bind,rw {root}/inputs/in; touch mine; true"
    )

    ended = bench.run(command, inputs=[("in", "d", "ro_mount")])

    assert (ended.exit_code, ended.ways) == (0, {"in": "bind"})
    assert bench.log().splitlines()[:3] == [str(ORDINARY_USER), str(ORDINARY_USER), "data"]
    assert (bench.store / "d/f").read_text() == "data\n"
    assert (root / "wd/mine").stat().st_uid == ORDINARY_USER


@needs_root
def test_an_ordinary_users_orphans_are_found_too(user_bench, is_alive):
    """A daemon in a user namespace cannot hide from its launcher."""
    bench = user_bench()
    command = "(setsid bash -c 'echo $$; exec sleep 300' &); while ! grep -q . $LOG; do :; done; exit 3"

    ended = bench.run(command, inputs=[("in", "d", "ro_mount")],
                      environment={"LOG": str(bench.store / "logs/step.1.txt")})  # fmt: skip

    assert ended.exit_code == 3
    assert not is_alive(int(bench.log()))


@needs_root
def test_an_ordinary_user_without_mounts_is_kept_out_by_permissions(user_bench):
    """Write permission is gone, so the honest mistake fails at once."""
    bench = user_bench("--no-mounts")

    ended = bench.run("echo x > ../inputs/in/f; cat ../inputs/in/f", inputs=[("in", "d", "ro_mount")])

    assert (ended.exit_code, ended.code, ended.ways) == (0, None, {"in": "permissions"})
    assert "Permission denied" in bench.log()
    assert bench.log().endswith("data\n")


@needs_root
def test_data_that_may_not_be_read_is_refused_with_the_reason(user_bench):
    """A permission that is missing is named before the command begins."""
    bench = user_bench()
    (bench.store / "secret").mkdir(mode=0o700)
    (bench.store / "secret/f").write_text("s")

    ended = bench.run("true", inputs=[("in", "secret", "download")])

    assert (ended.state, ended.code) == ("refused", "no-permission")
    assert "`in`" in ended.reason
