"""
From what an environment says to how this machine makes it.

In:       a definition, the image policy, what the machine has, what a person has set.
Out:      a `Choice`: a strategy, or why there is none and what to do; and a warning when it is less than was asked for.
Not here: making it (`store.py` and the builders), looking at the machine (`local.py`).

Pure: the table test needs no machine. The order for conda packages is section 2 of the engine report.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from pipeyard.environment.conda_file import CondaFile, read_conda
from pipeyard.environment.curated import CuratedEntry, ready_line
from pipeyard.environment.means import Interpreter, Means, fits, nearest_to
from pipeyard.environment.setting import CondaWay, EnvironmentSettings
from pipeyard.environment.strategy import Choice, CondaPrefix, InContainer, OwnPython, PipPrefix
from pipeyard.environment.translate import translate
from pipeyard.model.assets import AssetRef
from pipeyard.model.component import InlineEnvironment
from pipeyard.model.environment import ImagePolicy
from pipeyard.model.value import dataclass
from pipeyard.ports import EnvironmentRequest

# `environment: local`: the interpreter of whoever submits.
LOCAL = "local"

_OUTSIDE = (
    "steps run outside their images, in the packages that their environments list, "
    "or in the server's Python where they list none"
)


@dataclass(frozen=True, slots=True)
class Known:
    """What choosing needs beside the request."""

    means: Means
    settings: EnvironmentSettings
    # The entry of the table of curated names for a name; None: it is in neither table.
    curated: Callable[[str], CuratedEntry | None]
    # Where a person says more, for messages.
    curated_file: str
    # What an interpreter is, by its path.
    interpreter: Callable[[str], Interpreter | None] = lambda _path: None


def choose(request: EnvironmentRequest, known: Known) -> Choice:
    """Return how an environment is made here."""
    environment = request.environment
    if isinstance(environment, InlineEnvironment):
        return _inline(environment, request, known)
    if isinstance(environment, AssetRef):
        return _curated(environment, request, known)
    if environment == LOCAL:
        return _local(request, known)
    return Choice(_own(known), label="the server's Python")


def _own(known: Known) -> OwnPython:
    return OwnPython(known.means.own.path, known.means.own.text)


def _local(request: EnvironmentRequest, known: Known) -> Choice:
    if request.python is None:
        return Choice(_own(known), label=LOCAL)
    found = known.interpreter(request.python)
    if found is None:
        message = f"`environment: local` means the interpreter `{request.python}`, which is not there any more"
        return Choice(None, refusal=("no-interpreter", message, "submit the job again"), label=LOCAL)
    return Choice(OwnPython(found.path, found.text), label=LOCAL)


# --- images ------------------------------------------------------------------------------------


def _inline(environment: InlineEnvironment, request: EnvironmentRequest, known: Known) -> Choice:
    file, problem = read_conda(environment.conda)
    source = _source(environment)
    label = environment.image or (
        f"build of {environment.dockerfile}" if environment.build is not None else "conda file"
    )
    if problem is not None:
        hint = "its `dependencies` are texts such as `numpy=1.26` and one list under `pip:`"
        return Choice(None, refusal=("conda-file", f"the conda file: {problem}", hint), label=label, source=source)
    has_image = environment.image is not None or environment.build is not None
    if has_image and request.policy is not ImagePolicy.IGNORE and known.means.runtime is not None:
        inside = InContainer(
            runtime=known.means.runtime,
            image=environment.image,
            conda=None if file.is_empty else file,
            build=None if environment.build is None else _uri(environment.build),
            dockerfile=environment.dockerfile,
            workspace=request.workspace if environment.build is not None else "",
        )
        return Choice(inside, label=label, source=source)
    if has_image and request.policy is ImagePolicy.REQUIRE:
        return Choice(None, refusal=_required(label, known), label=label, source=source)
    found = _packages(file, known)
    outside = _outside(request.policy, known) if has_image else None
    return replace(found, warning=_joined(outside, found.warning), label=label, source=source)


def _required(label: str, known: Known) -> tuple[str, str, str]:
    return (
        "image-required",
        f"`{label}` is a container image, the image policy is `require`, and {known.means.no_runtime}",
        "install podman or docker, or allow steps outside their images: `image_policy: prefer` of the compute or workspace",
    )


def _outside(policy: ImagePolicy, known: Known) -> str:
    why = "the image policy is `ignore`" if policy is ImagePolicy.IGNORE else known.means.no_runtime
    return f"{why}: {_OUTSIDE}"


# --- curated names -----------------------------------------------------------------------------


def _curated(reference: AssetRef, request: EnvironmentRequest, known: Known) -> Choice:
    name, source = reference.name, {"name": str(reference)}
    entry = known.curated(name)
    if entry is None:
        return _unknown(name, request, known)
    policy, runtime = request.policy, known.means.runtime
    if entry.image is not None and policy is not ImagePolicy.IGNORE and runtime is not None:
        return Choice(InContainer(runtime, entry.image), label=name, source=source)
    if policy is ImagePolicy.REQUIRE:
        if entry.image is not None:
            return Choice(None, refusal=_required(name, known), label=name, source=source)
        message = f"the image policy is `require`, and the table of curated names gives no image for `{name}`"
        hint = f"add to {known.curated_file}: {ready_line(name, image=True)}"
        return Choice(None, refusal=("image-required", message, hint), label=name, source=source)
    found = _packages(CondaFile(python=entry.python, requirements=entry.pip), known)
    said = "Azure's own environments are not to be had here: they are made of the packages that `pipeyard environment list --curated` shows"
    return replace(found, warning=_joined(said, found.warning), label=name, source=source)


def _unknown(name: str, request: EnvironmentRequest, known: Known) -> Choice:
    said = f"`{name}` is an environment of Azure's, and no table says what is in it"
    advice = f"add to {known.curated_file}: {ready_line(name, image=request.policy is ImagePolicy.REQUIRE)}"
    if request.policy is ImagePolicy.REQUIRE:
        return Choice(None, refusal=("curated-unknown", said, advice), label=name)
    return Choice(_own(known), f"{said}; its steps run in the server's Python; to have it made, {advice}", label=name)


# --- packages ----------------------------------------------------------------------------------


def _packages(file: CondaFile, known: Known) -> Choice:
    if file.is_empty:
        return Choice(_own(known))
    if file.is_pip_only:
        return _pip(file, known)
    tried: list[str] = []
    for way in known.settings.conda:
        found = _conda(way, file, known)
        if isinstance(found, Choice):
            return found
        tried.append(found)
    if CondaWay.TRANSLATE not in known.settings.conda:
        tried.append("names may not be translated to pip's")
    channels = ", ".join(file.channels) or "any channel"
    message = f"conda packages are needed ({_few(file.packages)} from {channels}): {'; '.join(tried)}"
    hint = (
        'install `pipeyard[conda]`, or let conda names be taken for pip names: `conda = ["translate"]` under '
        "`[environments]` in config.toml of the home"
    )
    return Choice(None, refusal=("conda-unavailable", message, hint))


def _conda(way: CondaWay, file: CondaFile, known: Known) -> Choice | str:
    """Return a choice, or why this way is not open."""
    if way is CondaWay.RATTLER:
        return Choice(CondaPrefix(file)) if known.means.has_rattler else "py-rattler is not installed"
    if way is CondaWay.PROGRAM:
        program = known.means.conda_program
        if program is None:
            return "no micromamba, mamba or conda is on PATH"
        return Choice(CondaPrefix(file, "conda-exe", program))
    translated, substitutions, problem = translate(file)
    if problem is not None:
        return f"translated to pip's names: {problem}"
    found = _pip(translated, known)
    said = f"conda packages were taken for pip packages: {', '.join(substitutions)}"
    strategy = (
        replace(found.strategy, word="pip-translate") if isinstance(found.strategy, PipPrefix) else found.strategy
    )
    return replace(found, strategy=strategy, warning=_joined(said, found.warning), substitutions=substitutions)


def _pip(file: CondaFile, known: Known) -> Choice:
    interpreter, warning = _interpreter(file.python or "", known)
    return Choice(
        PipPrefix(interpreter.path, interpreter.text, file.requirements, variables=file.variables), warning=warning
    )


def _interpreter(wanted: str, known: Known) -> tuple[Interpreter, str | None]:
    """Return the Python to take: the server's own if that fits, then the newest that does, then the nearest."""
    own = known.means.own
    if fits(own.version, wanted):
        return own, None
    there = known.means.interpreters()
    fitting = [one for one in there if fits(one.version, wanted)]
    if fitting:
        return max(fitting, key=lambda one: one.version), None
    if known.settings.may_fetch_python:
        return Interpreter(wanted, ()), None
    near = nearest_to(wanted, (own, *there))
    return near, f"Python {wanted} was asked for and is not on this machine; {near.text} is used"


# --- small parts -------------------------------------------------------------------------------


def _source(environment: InlineEnvironment) -> Mapping[str, Any]:
    shown: dict[str, Any] = {}
    if environment.image is not None:
        shown["image"] = environment.image
    if environment.conda is not None:
        shown["conda_file"] = environment.conda
    if environment.build is not None:
        shown["build"] = {"path": _uri(environment.build), "dockerfile_path": environment.dockerfile}
    return shown


def _uri(place: Any) -> str:
    return str(getattr(place, "text", place))


def _joined(*sentences: str | None) -> str | None:
    return "; ".join(sentence for sentence in sentences if sentence) or None


def _few(names: tuple[str, ...]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"  # noqa: PLR2004
