"""Images are made ready by a real runtime, or it is said why they cannot be."""

from __future__ import annotations

import io
import os
import socket
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeyard.environment.build import Build, Made
from pipeyard.environment.conda_file import CondaFile
from pipeyard.environment.container import Containers
from pipeyard.environment.runtime import find_runtime
from pipeyard.environment.setting import EnvironmentSettings
from pipeyard.environment.strategy import InContainer
from pipeyard.model.errors import EnvironmentFailed
from tests.integration.container.conftest import IMAGE, PODMAN, ContainerBench, podman

CONTEXT = "azureml://datastores/store/paths/context"


class Workshop:
    """One home's images, with the log of their builds."""

    def __init__(self, folder: Path, **settings: object) -> None:
        self.folder = folder
        self.context = folder / "context"
        self.context.mkdir(parents=True)
        self.log = io.BytesIO()
        self.containers = Containers(
            EnvironmentSettings(**settings),
            {**os.environ, "PIPEYARD_CONTAINER_RUNTIME": PODMAN},
            lambda _workspace, uri: folder / uri.path,  # type: ignore[arg-type]
        )
        self._made: list[Made] = []

    def make(self, strategy: InContainer) -> Made:
        place = self.folder / f"made-{len(self._made)}"
        build = Build(place, self.log, lambda: True, time.monotonic() + 300)
        built = self.containers.build(strategy, build)
        self._made.append(Made(place, built))
        return self._made[-1]

    def text(self) -> str:
        return self.log.getvalue().decode()

    def clear(self) -> None:
        for made in self._made:
            self.containers.remove(None, made)


@pytest.fixture
def make_workshop(tmp_path: Path) -> Iterator[Callable[..., Workshop]]:
    """Make workshops; images that were built go with the test."""
    made: list[Workshop] = []

    def make(**settings: object) -> Workshop:
        made.append(Workshop(tmp_path / f"workshop {len(made)}", **settings))
        return made[-1]

    yield make
    for workshop in made:
        workshop.clear()


@pytest.fixture
def workshop(make_workshop: Callable[..., Workshop]) -> Workshop:
    """One home."""
    return make_workshop()


def wheel(folder: Path) -> Path:
    """Write a package that needs no network to be installed."""
    path = folder / "pipeyard_sample-1.5-py3-none-any.whl"
    info = "pipeyard_sample-1.5.dist-info"
    files = {
        "pipeyard_sample.py": "word = 'from the wheel'\n",
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: pipeyard-sample\nVersion: 1.5\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
        archive.writestr(f"{info}/RECORD", "".join(f"{name},,\n" for name in files) + f"{info}/RECORD,,\n")
    return path


def run_in(bench: ContainerBench, workshop: Workshop, strategy: InContainer, made: Made, command: str) -> str:
    """Return what a command prints in an image that was made ready."""
    opened = workshop.containers.open(strategy, made)
    assert opened is not None
    assert opened.container is not None
    report = bench.run(command, c_image=opened.container)
    assert report.exit_code == 0, bench.log()
    return bench.log()


def test_what_runs_containers_says_what_it_can_do():
    """`doctor` shows program, version and the limits that can be kept."""
    found, why = find_runtime(PODMAN, os.environ)

    assert found is not None, why
    assert found.kind in ("podman", "docker")
    assert found.limits == {"cpu", "cpuset", "memory"} or found.is_rootless
    assert found.version in found.text


def test_an_image_of_this_machine_is_not_pulled(workshop: Workshop, bench: ContainerBench):
    """It is ready at once, by its own id, and a step runs in it."""
    strategy = InContainer("podman", IMAGE)

    made = workshop.make(strategy)

    assert "is on this machine" in workshop.text()
    assert f"id {made.built.facts['image']}" in made.built.lock
    assert run_in(bench, workshop, strategy, made, "cat /etc/debian_version").startswith("12.")


def test_a_build_context_becomes_an_image_and_packages_are_put_on_top(workshop: Workshop, bench: ContainerBench):
    """`build: {path, dockerfile_path}`, then `image` with a `conda_file`: what was installed is in the lock."""
    wheel(workshop.context)
    (workshop.context / "sub").mkdir()
    (workshop.context / "sub/Own.dockerfile").write_text(
        f"FROM {IMAGE}\nCOPY *.whl /wheels/\nENV WORD='built here'\nWORKDIR /nowhere\nUSER 1000\n"
    )
    folder = InContainer("podman", build=CONTEXT, dockerfile="sub/Own.dockerfile")
    base = workshop.make(folder)
    conda = CondaFile(
        python="3.11",
        requirements=("pipeyard-sample @ file:///wheels/pipeyard_sample-1.5-py3-none-any.whl",),
        variables=(("MORE", 'a "b" c'),),
    )
    layered = InContainer("podman", str(base.built.facts["image"]).removeprefix("sha256:"), conda)
    top = workshop.make(layered)

    command = 'python -c \'import os, pipeyard_sample as s; print(s.word, os.environ["WORD"], os.environ["MORE"], os.getcwd())\''
    assert run_in(bench, workshop, layered, top, command) == f'from the wheel built here a "b" c {bench.root()}/wd\n'
    assert "pipeyard-sample" in top.built.lock.lower()
    assert base.built.facts["is_own"] is True


def test_an_image_that_was_removed_is_not_opened(workshop: Workshop, make_workshop: Callable[..., Workshop]):
    """The next server asks once and has it built again."""
    (workshop.context / "Dockerfile").write_text(f"FROM {IMAGE}\nENV A=removed\n")
    strategy = InContainer("podman", build=CONTEXT)
    made = workshop.make(strategy)
    later = make_workshop().containers
    assert later.open(strategy, made) is not None

    podman("rmi", "--force", str(made.built.facts["image"]))

    assert make_workshop().containers.open(strategy, made) is None


def test_opening_an_image_again_asks_nobody(workshop: Workshop):
    """From the second time on it takes less than 5 ms."""
    strategy = InContainer("podman", IMAGE)
    made = workshop.make(strategy)
    began = time.perf_counter()

    workshop.containers.open(strategy, made)

    assert time.perf_counter() - began < 0.005


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("RUN echo about to fail >&2; exit 3", "about to fail"),
        ("RUNN echo", "RUNN"),
        ("COPY no-such-file /x", "no-such-file"),
    ],
)
def test_a_mistake_in_a_dockerfile_is_shown_with_its_line(workshop: Workshop, line: str, said: str):
    """Not the number of a step: the line of the file, and what was printed last."""
    (workshop.context / "Dockerfile").write_text(f"# a comment\nFROM {IMAGE}\n\nENV A=1 \\\n  B=2\n{line}\nRUN true\n")

    with pytest.raises(EnvironmentFailed) as caught:
        workshop.make(InContainer("podman", build=CONTEXT))

    assert caught.value.code == "dockerfile"
    assert caught.value.message.startswith("Dockerfile:6: `")
    assert said in caught.value.message


def test_a_dockerfile_that_is_not_there_is_named(workshop: Workshop):
    """So is one outside of the folder."""
    for name in ("no/Dockerfile", "../Dockerfile"):
        with pytest.raises(EnvironmentFailed, match=name):
            workshop.make(InContainer("podman", build=CONTEXT, dockerfile=name))


def test_python_that_the_image_lacks_is_named(workshop: Workshop):
    """The conda file's Python is not quietly replaced by another."""
    with pytest.raises(EnvironmentFailed, match=r"asks for Python 3\.5, and the image has Python 3\.11"):
        workshop.make(InContainer("podman", IMAGE, CondaFile(python="3.5", requirements=("x",))))


def test_conda_packages_need_an_image_with_conda(workshop: Workshop):
    """It says what kind of image to take."""
    with pytest.raises(EnvironmentFailed, match="neither conda, mamba nor micromamba"):
        workshop.make(InContainer("podman", IMAGE, CondaFile(packages=("numpy=1.26",))))


def test_a_registry_that_refuses_connections_is_named(workshop: Workshop):
    """Which registry was asked is in the message."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        registry = f"127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(EnvironmentFailed) as caught:
            workshop.make(InContainer("podman", f"{registry}/team/image:3"))

    assert caught.value.code == "no-network"
    assert registry in caught.value.message


def test_a_registry_that_never_answers_is_given_up_before_the_runtime_does_so(workshop: Workshop):
    """A listener that accepts nobody stands for a network that swallows everything."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        # Its queue is full: the next connection hangs.
        waiting = [socket.socket() for _ in range(3)]
        for one in waiting:
            one.setblocking(False)  # noqa: FBT003 - the standard library's own signature
            one.connect_ex(("127.0.0.1", port))
        with pytest.raises(EnvironmentFailed) as caught:
            workshop.make(InContainer("podman", f"127.0.0.1:{port}/image:1"))
        for one in waiting:
            one.close()

    assert caught.value.code == "no-network"
    assert "does not answer" in caught.value.message
    # The runtime is still at it, and would be for minutes.
    assert workshop.text().splitlines()[-1].startswith("Trying to pull")


def test_offline_asks_no_registry(make_workshop: Callable[..., Workshop]):
    """`environments.offline` is kept to for images too."""
    with pytest.raises(EnvironmentFailed, match=r"registry docker\.io was not asked"):
        make_workshop(offline=True).make(InContainer("podman", "no-such-image:1"))
