"""
Environments that are containers: which runtime there is, and images by what they were made from.

In:       `InContainer` strategies.
Out:      a `PreparedEnvironment` with an image in it.
Not here: making images (`image.py`), looking for the runtime (`runtime.py`), running steps (`compute/`).

Whether an image is still there is asked once, and again now and then behind the back of
whoever opens it: asking takes longer than starting a small step. An image that somebody
removed meanwhile is missed when the container is made.
"""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pipeyard.environment.build import Build, Built, Made
from pipeyard.environment.image import Images
from pipeyard.environment.runtime import Runtime, find_runtime
from pipeyard.environment.setting import EnvironmentSettings
from pipeyard.environment.strategy import InContainer, Strategy
from pipeyard.launch.container import ContainerImage
from pipeyard.model.assets import DatastoreUri
from pipeyard.model.errors import EnvironmentFailed
from pipeyard.ports import PreparedEnvironment

# What `environments.container_runtime` says, for a home whose config.toml says nothing.
RUNTIME_VARIABLE = "PIPEYARD_CONTAINER_RUNTIME"
# A runtime that was not there may be installed, or its daemon started.
_LOOK_AGAIN_SECONDS = 30.0
_ASK_AGAIN_SECONDS = 60.0
_ASK_SECONDS_MAX = 10.0


class Containers:
    """Implements `ContainerBuilder` by podman or docker."""

    def __init__(
        self,
        settings: EnvironmentSettings,
        environment: Mapping[str, str],
        local_path: Callable[[str, DatastoreUri], Path],
    ) -> None:
        """Look for programs in the server's own *environment*; folders of builds are found by *local_path*."""
        self._settings = settings
        self._environment = environment
        self._local_path = local_path
        self._lock = threading.Lock()
        self._runtime: Runtime | None = None
        self._why = ""
        self._looked_at: float | None = None
        # When each image was last seen, by its id.
        self._seen: dict[str, float] = {}
        self._asking: set[str] = set()

    @property
    def kind(self) -> str | None:
        """Return `podman` or `docker`; None while there is nothing that runs containers."""
        found = self.runtime()
        return None if found is None else found.kind

    def runtime(self) -> Runtime | None:
        """Return what runs containers, looked for when first asked for."""
        with self._lock:
            if self._runtime is None and self._may_look():
                setting = self._settings.container_runtime or self._environment.get(RUNTIME_VARIABLE) or None
                self._runtime, self._why = find_runtime(setting, self._environment)
                self._looked_at = time.monotonic()
            return self._runtime

    @property
    def why(self) -> str:
        """Return why there is nothing that runs containers, once `kind` was asked for."""
        return self._why

    def describe(self) -> str:
        """Return in one line what runs containers here, or why nothing does."""
        found = self.runtime()
        return f"none: {self._why}" if found is None else found.text

    # --- Builder -----------------------------------------------------------------------------

    def build(self, strategy: InContainer, build: Build) -> Built:
        """Make an image ready. Raises `EnvironmentFailed`."""
        runtime = self.runtime()
        if runtime is None:
            raise EnvironmentFailed(f"nothing here runs containers: {self._why}", code="container-runtime")
        build.say(runtime.text)
        ready = Images(runtime, self._settings, self._local_path).make(strategy, build)
        # The folder of a build is made by whoever fills it; an image is elsewhere.
        build.place.mkdir(parents=True, exist_ok=True)
        self._seen[ready.id] = time.monotonic()
        label = strategy.image or strategy.dockerfile
        return Built(ready.lock, {"image": ready.id, "label": label, "is_own": ready.is_own, "runtime": runtime.kind})

    def open(self, strategy: InContainer, made: Made) -> PreparedEnvironment | None:  # noqa: ARG002 - the image is named by what was made
        """Return an image that was made ready earlier; None when it is gone."""
        runtime, facts = self.runtime(), made.built.facts
        image = str(facts.get("image") or "")
        # What podman has, docker has not.
        if runtime is None or not image or facts.get("runtime") != runtime.kind or not self._is_there(runtime, image):
            return None
        container = ContainerImage(
            image=image,
            label=str(facts.get("label") or image),
            kind=runtime.kind,
            program=runtime.program,
            program_environment=runtime.environment,
            user=runtime.user,
            limits=runtime.limits,
            options=runtime.options,
        )
        return PreparedEnvironment(container=container)

    def remove(self, strategy: Strategy | None, made: Made) -> None:
        """Remove an image that we built; one that was pulled may be somebody else's too."""
        del strategy
        runtime, facts = self.runtime(), made.built.facts
        image = facts.get("image")
        if image and runtime is not None and facts.get("is_own"):
            self._seen.pop(str(image), None)
            _ends_well([runtime.program, "rmi", "--force", str(image)], runtime.environment)

    # --- small parts -------------------------------------------------------------------------

    def _may_look(self) -> bool:
        return self._looked_at is None or time.monotonic() - self._looked_at > _LOOK_AGAIN_SECONDS

    def _is_there(self, runtime: Runtime, image: str) -> bool:
        seen = self._seen.get(image)
        if seen is None:
            return self._ask(runtime, image)
        if time.monotonic() - seen > _ASK_AGAIN_SECONDS and image not in self._asking:
            self._asking.add(image)
            threading.Thread(target=self._ask, args=(runtime, image), name="pipeyard-image", daemon=True).start()
        return True

    def _ask(self, runtime: Runtime, image: str) -> bool:
        found = _ends_well([runtime.program, "image", "inspect", "--format", "{{.Id}}", image], runtime.environment)
        if found:
            self._seen[image] = time.monotonic()
        else:
            self._seen.pop(image, None)
        self._asking.discard(image)
        return found


def _ends_well(argv: Sequence[str], environment: Mapping[str, str]) -> bool:
    try:
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=dict(environment),
            timeout=_ASK_SECONDS_MAX,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
