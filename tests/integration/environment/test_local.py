from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeyard.environment.python import Interpreters
from pipeyard.model.environment import BuildState
from pipeyard.model.errors import Conflict, EnvironmentFailed, NotFound
from pipeyard.model.tidy import Kind
from pipeyard.ports import EnvironmentRequest, Waiter
from pipeyard.service.tidy import Tidier, limits_of
from tests.integration.environment.parts import make_source, make_wheel

OWN = (str(Path(sys.executable).parent),)
SLOW = """
import pathlib, time
def build_wheel(folder, *_):
    here = pathlib.Path(__file__).parent
    (here / "begun").touch()
    while not (here / "go").exists():
        time.sleep(0.01)
    raise SystemExit("it went")
"""


def said_by(prepared, code):
    program = f"{prepared.path_prefix[0]}/python"
    return subprocess.run([program, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def slow(tmp_path):
    """A package whose build waits for a file."""
    requirement = make_source(tmp_path / "slow", "slow", SLOW)
    return requirement, tmp_path / "slow"


@pytest.fixture
def begun(slow):
    """Wait until its build has begun."""

    def wait():
        deadline = time.monotonic() + 60
        while not (slow[1] / "begun").exists():
            assert time.monotonic() < deadline
            time.sleep(0.01)

    return wait


@pytest.mark.parametrize("environment", [None, "local"])
def test_the_servers_python_is_there_at_once(environments, environment):
    """Its programs come first on PATH, and nothing is said."""
    prepared = environments.find(EnvironmentRequest(environment))

    assert (prepared.path_prefix, prepared.warning, prepared.strategy) == (OWN, None, "python")


def test_a_pip_list_becomes_an_environment_once(environments, wanting):
    """Three that ask at the same moment get the same one, with what was really installed."""
    found, logs = [], []
    request = wanting("python", {"pip": ["small<2"]})

    def ask():
        found.append(environments.prepare(request, Waiter(on_build=logs.append)))

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({prepared.path_prefix for prepared in found}) == 1
    assert said_by(found[0], "import small; print(small.version)") == "1.0"
    assert "small==1.0" in found[0].lock.splitlines()
    # One build, whose log all of them were shown.
    (log,) = set(logs)
    assert log.read_text("utf-8").count("made in") == 1


def test_a_second_use_builds_nothing_and_takes_no_time(environments, environments_of, wanting):
    """Also of a later server."""
    request = wanting({"pip": ["small"]})
    first = environments.prepare(request)
    later = environments_of()
    later.find(request)
    begun = time.perf_counter()
    again = later.find(request)
    took = time.perf_counter() - begun

    assert again == first
    assert took < 0.005


def test_pip_is_in_it(environments, wanting):
    """So that `pip install` of a step does not change another environment."""
    prepared = environments.prepare(wanting({"pip": ["small"]}))

    assert prepared.path_prefix[0] in said_by(prepared, "import pip, sys; print(sys.prefix + '/bin')")


def test_packages_that_cannot_be_had_are_named(environments, wanting):
    """With the end of the log; the failure is kept, and the next try builds again."""
    request = wanting({"pip": ["small==9"]})
    with pytest.raises(EnvironmentFailed) as raised:
        environments.prepare(request)

    assert raised.value.code == "unsolvable"
    assert "small==9" in raised.value.message
    assert any("small==9" in line for line in raised.value.last_lines)
    (built,) = environments.list_built()
    assert (built.state, built.error.code) == (BuildState.FAILED, "unsolvable")
    assert environments.find(request) is None


def test_without_a_network_that_is_said_soon(environments_of, variables, wanting):
    """After one more try, not after as many as a program that waits for a network makes."""
    with _hanging_up() as (address, calls):
        variables |= {"UV_DEFAULT_INDEX": f"{address}/simple", "UV_FIND_LINKS": ""}
        with pytest.raises(EnvironmentFailed) as raised:
            environments_of().prepare(wanting({"pip": ["nothing-of-that-name"]}))

    assert raised.value.code == "no-network"
    assert "UV_DEFAULT_INDEX" in raised.value.hint
    assert len(calls) == 2


@contextmanager
def _hanging_up():
    """An address where each caller is listened to and left without an answer, and one entry for each of them."""
    calls = []
    with socket.create_server(("127.0.0.1", 0)) as door:

        def serve():
            with suppress(OSError):
                while True:
                    with door.accept()[0] as caller:
                        calls.append(caller.recv(1 << 16))

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{door.getsockname()[1]}", calls
        finally:
            door.shutdown(socket.SHUT_RDWR)
            thread.join()


def test_offline_asks_nobody(environments_of, variables, wanting):
    """What is missing is said to be missing here."""
    del variables["UV_DEFAULT_INDEX"]
    with pytest.raises(EnvironmentFailed) as raised:
        environments_of({"offline": True}).prepare(wanting({"pip": ["nothing-of-that-name"]}))

    assert raised.value.code in {"no-network", "unsolvable"}


def test_a_package_that_needs_a_compiler_names_it(environments, wanting, tmp_path):
    """And what has to be built with it."""
    backend = "def build_wheel(*_):\n    raise RuntimeError(\"error: command 'gfortran' failed: No such file\")\n"
    requirement = make_source(tmp_path / "fortran", "fortran", backend)
    with pytest.raises(EnvironmentFailed) as raised:
        environments.prepare(wanting({"pip": [requirement]}))

    assert raised.value.code == "no-compiler"
    assert "`gfortran`" in raised.value.message
    assert "fortran" in raised.value.message


def test_a_build_that_nobody_waits_for_any_more_is_stopped(environments, wanting, slow, begun):
    """And leaves nothing that looks like an environment."""
    is_wanted, raised = threading.Event(), []
    is_wanted.set()
    request = wanting({"pip": [slow[0]]})

    def ask():
        try:
            environments.prepare(request, Waiter(is_wanted=is_wanted.is_set))
        except EnvironmentFailed as problem:
            raised.append(problem.code)

    thread = threading.Thread(target=ask)
    thread.start()
    begun()
    (built,) = environments.list_built()
    assert built.state is BuildState.BUILDING
    with pytest.raises(Conflict):
        environments.remove(built.digest)
    is_wanted.clear()
    thread.join()
    environments.close()

    assert raised == ["canceled"]
    assert environments.list_built() == []


def test_one_who_leaves_does_not_stop_a_build_for_others(environments, wanting, slow, begun):
    """It goes on for whoever still waits."""
    request, ended = wanting({"pip": [slow[0]]}), []

    def ask(is_wanted):
        try:
            environments.prepare(request, Waiter(is_wanted=is_wanted))
        except EnvironmentFailed as problem:
            ended.append(problem.code)

    stays = threading.Thread(target=ask, args=(lambda: True,))
    stays.start()
    begun()
    ask(lambda: False)
    (slow[1] / "go").touch()
    stays.join()

    # The second came to its own end.
    assert ended == ["canceled", "build-failed"]


def test_what_was_left_half_made_is_thrown_away(environments, environments_of, wanting):
    """A later server begins anew."""
    request = wanting({"pip": ["small"]})
    prepared = environments.prepare(request)
    place = Path(prepared.path_prefix[0]).parent
    folder = place.parent
    (folder / "state.json").unlink()
    (folder.parent / "deadbeef").mkdir()
    later = environments_of()

    assert later.find(request) is None
    later.clean_up()
    assert list(folder.parent.iterdir()) == []
    assert later.prepare(request).path_prefix != prepared.path_prefix


def test_an_environment_whose_python_is_gone_is_made_again(environments, wanting):
    """A link that leads nowhere is no interpreter."""
    request = wanting({"pip": ["small"]})
    first = environments.prepare(request)
    (Path(first.path_prefix[0]) / "python").unlink()

    assert environments.find(request) is None
    assert environments.prepare(request).path_prefix != first.path_prefix


def test_what_was_removed_is_made_again_when_it_is_needed(environments, wanting):
    """Nothing is left of it meanwhile."""
    request = wanting({"pip": ["small"]})
    environments.prepare(request)
    (built,) = environments.list_built()
    assert built.size > 0
    assert built.used_at_ms is not None
    environments.remove(built.digest)

    assert environments.list_built() == []
    with pytest.raises(NotFound):
        environments.remove(built.digest)
    assert environments.prepare(request).digest == built.digest


def test_a_build_can_be_begun_and_left_alone(environments, wanting):
    """It goes on, and is there afterwards."""
    request = wanting({"pip": ["small"]})
    digest = environments.begin(request).digest
    environments.prepare(request)

    assert environments.find_built(digest).state is BuildState.SUCCEEDED


def test_the_python_of_a_conda_file_is_found(environments_of, wanting, tmp_path, variables):
    """Among those that a person has named, too; a link of a version manager is passed over."""
    found = Interpreters(variables).all()
    # A bare machine has one only; then it is looked for all the same.
    other = next((one for one in found if one.version[:2] not in {sys.version_info[:2], (3, 7)}), found[0])
    wanted = ".".join(map(str, other.version[:2]))
    prepared = environments_of({"python": [other.path]}).prepare(wanting(f"python={wanted}", {"pip": ["small"]}))

    assert said_by(prepared, "import sys; print('%d.%d' % sys.version_info[:2])") == wanted
    assert prepared.warning is None


def test_a_persons_own_table_of_curated_names_wins(environments, tmp_path):
    """It is read again when it changes, and a mistake in it is said."""
    from pipeyard.model.assets import AssetKind, AssetRef

    request = EnvironmentRequest(AssetRef(AssetKind.ENVIRONMENT, "AzureML-sklearn-1.5", label="latest"))
    shipped = environments.plan(request)
    table = tmp_path / "home" / "curated.yml"
    table.parent.mkdir(exist_ok=True)
    table.write_text("sklearn-1.5: {pip: [small]}\n")
    own = environments.plan(request)
    table.write_text("sklearn-1.5: [small, other]\n")
    broken = environments.plan(request)

    assert any("scikit-learn" in line for line in shipped.parts["requirements"])
    assert own.parts["requirements"] == ["small"]
    assert broken.refusal.code == "bad-setting"
    assert "`sklearn-1.5` has to be a mapping" in broken.refusal.message


def test_the_shipped_table_knows_the_names_of_the_reference(environments):
    """Section 6 of the language reference."""
    from pipeyard.model.assets import AssetKind, AssetRef

    names = [
        "AzureML-sklearn-0.24-ubuntu18.04-py37-cpu",
        "AzureML-tensorflow-2.16-cuda12",
        "AzureML-pytorch-1.9-ubuntu18.04",
        "sklearn-1.5",
        "tensorflow-2.16-cuda12",
        "acpt-pytorch-2.8-cuda12.6",
        "responsibleai-tabular",
        "minimal",
        "python-sdk-v2",
    ]
    plans = [environments.plan(EnvironmentRequest(AssetRef(AssetKind.ENVIRONMENT, name))) for name in names]

    assert {plan.strategy for plan in plans} == {"uv"}


def test_freeing_leaves_alone_what_is_being_built_at_that_moment(environments, wanting, tmp_path):
    """Neither its folder nor what is half made in it goes; what was built before does, and the build ends well."""
    old = environments.prepare(wanting("python", {"pip": ["small<2"]}))
    make_wheel(tmp_path, "slow", "1")
    (wheel,) = tmp_path.glob("slow-*.whl")
    copies = f"""
import pathlib, shutil, time
def build_wheel(folder, *_):
    here = pathlib.Path(__file__).parent
    (here / "begun").touch()
    until = time.monotonic() + 60
    while not (here / "go").exists() and time.monotonic() < until:
        time.sleep(0.01)
    shutil.copy({str(wheel)!r}, folder)
    return {wheel.name!r}
"""
    request = wanting("python", {"pip": [make_source(tmp_path / "slow", "slow", copies)]})
    plan = environments.begin(request)
    deadline = time.monotonic() + 60
    while not (tmp_path / "slow/begun").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    folder = environments.find_built(plan.digest).log.parent
    before = {path.name for path in folder.iterdir()}
    now_ms = time.time_ns() // 1_000_000 + 1000
    world = SimpleNamespace(
        store=SimpleNamespace(roots=list, removed_outputs=list, outputs=list),
        trash=SimpleNamespace(empty=lambda _: 0, empty_all=lambda: None),
        clock=SimpleNamespace(now_ms=lambda: now_ms),
        environments=environments,
    )
    limits = limits_of(now_ms, [Kind.ENVIRONMENTS], older_than_seconds=0)
    tidier = Tidier(world)
    planned = [thing.label for thing in tidier.plan(limits)[1]]
    *_, end = tidier.free(limits, "ann")
    after = {path.name for path in folder.iterdir()}
    (tmp_path / "slow/go").touch()
    made = environments.prepare(request)

    assert planned == [thing["what"] for thing in end["things"]] == [old.digest]
    assert before <= after
    assert len(after) > 1
    assert said_by(made, "import slow; print(slow.version)") == "1"
    assert environments.find_built(plan.digest).state is BuildState.SUCCEEDED
