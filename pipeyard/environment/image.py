"""
Images made ready: pulled if they are missing, built from a folder, or with packages put on top.

In:       a runtime; an `InContainer` strategy; a build to say things in.
Out:      the id of an image that is on this machine, and what is in it.
Not here: finding the runtime (`runtime.py`), keeping and opening (`container.py`), running steps (`compute/`).
"""

from __future__ import annotations

import json
import re
import shutil
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from pipeyard.environment.build import Build, ProgramFailed
from pipeyard.environment.conda_file import CondaFile
from pipeyard.environment.dockerfile import failed_instruction
from pipeyard.environment.registry import NetworkWatch, full_name, pull_failed, registry_of
from pipeyard.environment.runtime import Runtime
from pipeyard.environment.setting import EnvironmentSettings
from pipeyard.environment.strategy import InContainer
from pipeyard.environment.uv import find_uv
from pipeyard.model.assets import DatastoreUri
from pipeyard.model.errors import EnvironmentFailed
from pipeyard.model.value import dataclass
from pipeyard.spec.reference import parse_datastore_uri

# Where a layer with packages has them, and what was really installed.
PREFIX = "/opt/pipeyard/environment"
_LOCK = "/opt/pipeyard/lock.txt"
_LAYER_SCRIPT = Path(__file__).with_name("layer.sh")
# Docker paints what a build writes to its standard error.
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# Names of what we build; ours to remove.
OWN_NAME = "localhost/pipeyard-environment"


@dataclass(frozen=True, slots=True)
class ReadyImage:
    """An image of this machine."""

    # What the runtime knows it by, whatever becomes of its names.
    id: str
    # Whether we built it.
    is_own: bool
    lock: str


class Images:
    """Makes images ready by one runtime."""

    def __init__(
        self, runtime: Runtime, settings: EnvironmentSettings, local_path: Callable[[str, DatastoreUri], Path]
    ) -> None:
        """Find folders of builds by *local_path*, which takes a workspace and a URI."""
        self._runtime = runtime
        self._settings = settings
        self._local_path = local_path

    def make(self, strategy: InContainer, build: Build) -> ReadyImage:
        """Return the image of a strategy, made if need be. Raises `EnvironmentFailed`."""
        if strategy.build is not None:
            image_id = self._build_folder(strategy, build)
        else:
            assert strategy.image is not None
            image_id = self._have(strategy.image, build)
        if strategy.conda is None:
            return ReadyImage(image_id, strategy.build is not None, self._described(image_id, build))
        layered = self._put_on_top(image_id, strategy.conda, strategy.image or strategy.dockerfile, build)
        lock = self._described(layered, build) + self._file_of(layered, _LOCK, build)
        return ReadyImage(layered, is_own=True, lock=lock)

    # --- pulling -----------------------------------------------------------------------------

    def _have(self, image: str, build: Build) -> str:
        found = self._id_of(image, build)
        if found is not None:
            build.say(f"the image {image} is on this machine")
            return found
        if self._settings.offline:
            raise EnvironmentFailed(
                f"the image `{image}` is not on this machine, and `environments.offline` is set: "
                f"the registry {registry_of(image)} was not asked",
                code="missing-image",
                hint="unset it once, or bring the image here: podman load, docker load",
            )
        name = full_name(image)
        build.say(f"pulling {name} from {registry_of(image)}")
        build.watch = NetworkWatch(build.last_lines, self._runtime.environment, name)
        try:
            self._run(build, ["pull", name])
        except ProgramFailed as problem:
            raise pull_failed(image, problem.lines) from problem
        finally:
            build.watch = None
        found = self._id_of(name, build)
        if found is None:
            raise EnvironmentFailed(f"the image `{image}` was pulled and is not there", code="missing-image")
        return found

    def _id_of(self, image: str, build: Build) -> str | None:
        try:
            said = self._run(build, ["image", "inspect", "--format", "{{.Id}}", image], log=False)
        except EnvironmentFailed:
            build.check()
            return None
        return said.split()[-1] if said.split() else None

    # --- building ----------------------------------------------------------------------------

    def _build_folder(self, strategy: InContainer, build: Build) -> str:
        folder = self._folder_of(strategy)
        dockerfile = folder / strategy.dockerfile
        if not dockerfile.resolve().is_relative_to(folder.resolve()) or not dockerfile.is_file():
            raise EnvironmentFailed(
                f"the folder of the build has no `{strategy.dockerfile}`",
                code="missing-dockerfile",
                hint="`dockerfile_path` is relative to the build's `path`",
            )
        text = dockerfile.read_text("utf-8", "replace")
        return self._build(build, folder, dockerfile, text, label=strategy.dockerfile)

    def _folder_of(self, strategy: InContainer) -> Path:
        uri: DatastoreUri | None = parse_datastore_uri(strategy.build or "")
        folder = None if uri is None else self._local_path(strategy.workspace, uri)
        if folder is None or not folder.is_dir():
            raise EnvironmentFailed(f"the folder of the build, {strategy.build}, is not there", code="missing-data")
        return folder

    def _put_on_top(self, base: str, conda: CondaFile, label: str, build: Build) -> str:
        """Build a layer with packages on an image."""
        build.say(f"putting the packages of the conda file on top of {label}")
        base_name = self._named(base, build)
        build.place.mkdir(parents=True)
        text = _layer_dockerfile(base_name, conda)
        (build.place / "Dockerfile").write_text(text, "utf-8")
        shutil.copyfile(_LAYER_SCRIPT, build.place / "layer.sh")
        (build.place / "environment.yml").write_text(json.dumps(_conda_tree(conda)), "utf-8")
        (build.place / "requirements.txt").write_text("".join(f"{line}\n" for line in conda.requirements), "utf-8")
        with suppress(EnvironmentFailed):
            shutil.copyfile(find_uv(), build.place / "uv")
            (build.place / "uv").chmod(0o755)
        try:
            return self._build(build, build.place, build.place / "Dockerfile", text, label=label, is_layer=True)
        finally:
            shutil.rmtree(build.place)
            build.place.mkdir()

    def _named(self, image_id: str, build: Build) -> str:
        """Return what a Dockerfile may call an image of this machine."""
        if self._runtime.kind == "podman":
            return image_id
        # Newer builders of docker do not find an image by its id.
        name = f"{OWN_NAME}-base:{image_id.removeprefix('sha256:')[:32]}"
        self._run(build, ["tag", image_id, name], log=False)
        return name

    def _build(
        self, build: Build, folder: Path, dockerfile: Path, text: str, *, label: str, is_layer: bool = False
    ) -> str:
        tag = f"{OWN_NAME}:{uuid.uuid4().hex}"
        argv = ["build", "--network", "host", "--tag", tag, "--file", str(dockerfile)]
        if is_layer and self._runtime.kind == "podman":
            # Nobody builds the same packages on the same image twice.
            argv.append("--layers=false")
        argv += [*self._certificates(), *self._proxies(), str(folder)]
        build.watch = NetworkWatch(build.last_lines, self._runtime.environment)
        try:
            self._run(build, argv)
        except ProgramFailed as problem:
            plain = _without_colours(problem)
            raise _layer_failed(plain, label) if is_layer else _build_failed(plain, text, label) from problem
        finally:
            build.watch = None
        found = self._id_of(tag, build)
        if found is None:
            raise EnvironmentFailed(f"the image of `{label}` was built and is not there", code="build-failed")
        return found

    def _certificates(self) -> list[str]:
        extra = self._settings.extra_ca
        if extra is None or self._runtime.kind != "podman":
            # Docker mounts nothing into a build.
            return []
        inside = "/etc/ssl/certs/pipeyard-extra.pem"
        names = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "NODE_EXTRA_CA_CERTS")
        return ["--volume", f"{extra}:{inside}:ro", *(word for name in names for word in ("--env", f"{name}={inside}"))]

    def _proxies(self) -> list[str]:
        # Podman hands its own on; docker has to be told the names.
        if self._runtime.kind == "podman":
            return []
        names = [name for name in self._runtime.environment if name.lower().endswith("_proxy")]
        return [word for name in names for word in ("--build-arg", name)]

    # --- looking into images -----------------------------------------------------------------

    def _described(self, image_id: str, build: Build) -> str:
        """Return what the image is, for the lock."""
        with suppress(EnvironmentFailed, ValueError):
            said = self._run(build, ["image", "inspect", "--format", "{{json .RepoDigests}}", image_id], log=False)
            digests = [digest for digest in json.loads(said) or [] if not digest.startswith(OWN_NAME)]
            return "".join(f"# image {name}\n" for name in [f"id {image_id}", *digests])
        return f"# image id {image_id}\n"

    def _file_of(self, image_id: str, path: str, build: Build) -> str:
        """Return the text of a file in an image; empty if it cannot be had."""
        name = f"pipeyard-look-{uuid.uuid4().hex}"
        with suppress(EnvironmentFailed):
            self._run(
                build, ["create", "--name", name, "--pull", "never", "--network", "none", image_id, "true"], log=False
            )
            target = build.place.with_suffix(".look")
            try:
                self._run(build, ["cp", f"{name}:{path}", str(target)], log=False)
                return target.read_text("utf-8", "replace")
            finally:
                target.unlink(missing_ok=True)
                with suppress(EnvironmentFailed):
                    self._run(build, ["rm", "--force", name], log=False)
        return ""

    def _run(self, build: Build, arguments: Sequence[str], *, log: bool = True) -> str:
        argv = [self._runtime.program, *arguments]
        return build.run(argv, environment=self._runtime.environment, is_quiet=not log)


def _layer_dockerfile(base: str, conda: CondaFile) -> str:
    lines = [
        f"FROM {base}",
        "USER 0:0",
        "COPY . /opt/pipeyard/build",
        f"RUN /bin/bash /opt/pipeyard/build/layer.sh {PREFIX} {_LOCK} {_quoted(conda.python or '')} {len(conda.packages)}",
        f"ENV PATH={PREFIX}/bin:$PATH VIRTUAL_ENV={PREFIX}",
    ]
    lines += [f"ENV {name}={json.dumps(value)}" for name, value in conda.variables]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _conda_tree(conda: CondaFile) -> dict[str, object]:
    dependencies: list[object] = [f"python={conda.python}" if conda.python else "python", *conda.given, *conda.packages]
    if conda.requirements:
        dependencies += [*([] if "pip" in conda.given else ["pip"]), {"pip": list(conda.requirements)}]
    return {"channels": list(conda.channels) or ["conda-forge"], "dependencies": dependencies}


def _without_colours(problem: ProgramFailed) -> ProgramFailed:
    lines = [_COLOUR.sub("", line) for line in problem.lines]
    return ProgramFailed("build", 1, lines)


def _build_failed(problem: ProgramFailed, text: str, label: str) -> EnvironmentFailed:
    network = _network_problem(problem)
    if network is not None:
        return network
    found = failed_instruction(text, problem.lines)
    said = _what_it_said(problem.lines)
    where = f"`{label}`" if found is None else f"{label}:{found.line}: `{found.text[:200]}`"
    return EnvironmentFailed(f"{where} failed: {said}", code="dockerfile", last_lines=problem.lines[-20:])


def _layer_failed(problem: ProgramFailed, label: str) -> EnvironmentFailed:
    marked = [line.partition("pipeyard: ")[2] for line in problem.lines if line.strip().startswith("pipeyard: ")]
    said = marked[-1] if marked else _what_it_said(problem.lines)
    return EnvironmentFailed(
        f"the packages of the conda file could not be put on top of the image `{label}`: {said}",
        code="build-failed",
        last_lines=problem.lines[-20:],
    )


def _network_problem(problem: ProgramFailed) -> EnvironmentFailed | None:
    """Return what is to be said when an image that a Dockerfile begins with could not be had."""
    asked = [line for line in problem.lines if "Trying to pull" in line or "load metadata for" in line]
    if not asked or "Error" not in (problem.lines[-1] if problem.lines else ""):
        return None
    failed = any(
        word in problem.lines[-1] for word in ("initializing source", "pinging container registry", "pull access")
    )
    image = asked[-1].rpartition("pull " if "Trying" in asked[-1] else "for ")[2].rstrip(". ")
    return pull_failed(image, problem.lines) if failed else None


def _what_it_said(lines: Sequence[str]) -> str:
    plain = [line.strip() for line in lines if line.strip() and not line.startswith("time=")]
    errors = [line for line in plain if line.startswith("Error")]
    before = [line for line in plain if not line.lower().startswith(("error", "step ", "-->"))]
    parts = [*before[-1:], *(error.removeprefix("Error: ") for error in errors[-1:])]
    return "; ".join(dict.fromkeys(parts))[:600] or "it did not say why"
