"""
Real containers: a home with a launcher whose steps run in podman.

`tests/containers.sh` brings podman and an image; without them these tests are skipped, and a
skip counts as a failure where everything is checked.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeyard.environment.runtime import find_runtime
from pipeyard.launch.container import ContainerImage, PlannedContainer
from tests.integration.launcher.conftest import Bench, eventually

IMAGE = os.environ.get("PIPEYARD_TEST_IMAGE", "")
# `docker` runs the same tests with an engine that DOCKER_HOST names and that has the image.
PODMAN = shutil.which(os.environ.get("PIPEYARD_TEST_RUNTIME", "podman")) or ""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs podman where there is none."""
    if IMAGE and PODMAN:
        return
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip(reason="needs podman and an image: tests/containers.sh"))


def podman(*arguments: str) -> str:
    """Return what podman prints."""
    return subprocess.run([PODMAN, *arguments], check=True, capture_output=True, text=True).stdout


def _listed(label: str) -> list[str] | None:
    # It fails when a container goes while it is looked at.
    asked = [PODMAN, "ps", "--all", "--quiet", "--no-trunc", "--filter", f"label={label}"]
    done = subprocess.run(asked, check=False, capture_output=True, text=True)
    return done.stdout.split() if done.returncode == 0 else None


class ContainerBench(Bench):
    """One home whose plans have containers."""

    @property
    def mark(self) -> str:
        """Return what this home's containers are labelled with; podman splits filters at commas."""
        return hashlib.sha256(str(self.home).encode()).hexdigest()

    def plan(self, command: str, attempt: str = "step.1", **changes: Any) -> Any:
        """Return a plan; what its container has is said by keywords that begin with `c_`."""
        own = {name.removeprefix("c_"): changes.pop(name) for name in list(changes) if name.startswith("c_")}
        labels = {"pipeyard.attempt": attempt, "pipeyard.test": self.mark}
        container = PlannedContainer(
            image=own.pop("image", None) or self.image(), labels=labels, **{"shm_size": "64m", **own}
        )
        made = super().plan(command, attempt, container=container, **changes)
        # The bench gives processes the PATH of the machine.
        environment = {name: value for name, value in made.environment.items() if name != "PATH"}
        return replace(made, environment=environment)

    @staticmethod
    def image(**changes: Any) -> ContainerImage:
        """Return the image of the tests."""
        runtime, why = find_runtime(PODMAN, os.environ)
        assert runtime is not None, why
        known: dict[str, Any] = {
            "image": IMAGE,
            "label": IMAGE,
            "kind": runtime.kind,
            "program": runtime.program,
            "program_environment": runtime.environment,
            "limits": runtime.limits,
            "user": runtime.user,
            "options": runtime.options,
        }
        return ContainerImage(**{**known, **changes})

    def containers(self) -> list[str]:
        """Return the ids of the containers that are there, ended ones too."""
        seen: list[list[str] | None] = []

        def look() -> bool:
            seen.append(_listed(f"pipeyard.test={self.mark}"))
            return seen[-1] is not None

        eventually(look)
        return seen[-1] or []

    def wait_until_removed(self) -> None:
        """Wait until no container is left, nor a note of one."""
        eventually(lambda: not self.containers())
        notes = self.home / "launcher/containers"
        eventually(lambda: not notes.exists() or not any(notes.iterdir()))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[ContainerBench]:
    """A home; when the test ends nothing of it may be left."""
    made = ContainerBench(tmp_path / "home of containers, 1")
    try:
        yield made
        made.wait_until_removed()
    finally:
        made.compute.close()
        made.kill_launcher(signal.SIGTERM)
