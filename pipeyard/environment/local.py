"""
`ports.Environments` of one home.

In:       requests.
Out:      plans at once; environments, made once for each digest by the builder of their strategy.
Not here: choosing (`resolve.py`), building (`uv.py`, `conda.py`, what is given for containers), keeping (`store.py`).
"""

from __future__ import annotations

import importlib.util
import shutil
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from pipeyard.environment.build import Builder, Made
from pipeyard.environment.conda import CondaBuilder
from pipeyard.environment.curated import CuratedTable
from pipeyard.environment.identity import identity_of
from pipeyard.environment.installed import Installed
from pipeyard.environment.means import NO_RUNTIME, Interpreter, Means
from pipeyard.environment.python import Interpreters
from pipeyard.environment.resolve import Known, choose
from pipeyard.environment.setting import CondaWay, EnvironmentSettings
from pipeyard.environment.store import BuildStore, Order
from pipeyard.environment.strategy import (
    Choice,
    CondaPrefix,
    InContainer,
    OwnPython,
    PipPrefix,
    Strategy,
    digest_of,
    strategy_json,
)
from pipeyard.environment.uv import PipBuilder, Uv
from pipeyard.model.errors import Bug, EnvironmentFailed, UserError
from pipeyard.model.reuse import EnvironmentIdentity
from pipeyard.ports import (
    BuiltEnvironment,
    EnvironmentPlan,
    EnvironmentRequest,
    PreparedEnvironment,
    Refusal,
    Waiter,
)

# In the order in which they are looked for on PATH.
CONDA_PROGRAMS = ("micromamba", "mamba", "conda")
_NOBODY = Waiter()


class ContainerBuilder(Builder, Protocol):
    """Makes images ready, by a runtime of this machine."""

    @property
    def kind(self) -> str | None:
        """Return `podman` or `docker`; None while there is nothing that runs containers. Cheap."""

    @property
    def why(self) -> str:
        """Return why there is nothing that runs containers, once `kind` was asked for."""


class LocalEnvironments:
    """The environments of one home."""

    def __init__(
        self,
        home: Path,
        python: str,
        *,
        settings: EnvironmentSettings | None = None,
        environment: Mapping[str, str] | None = None,
        containers: ContainerBuilder | None = None,
    ) -> None:
        """
        Take the home (its `environments/` is ours) and the interpreter that steps run with.

        Programs are looked for, and run, in *environment*. Without *containers* none are run.
        """
        self._settings = settings or EnvironmentSettings()
        found = dict(environment or {})
        self._python = python
        self._containers = containers
        self._interpreters = Interpreters(found, self._settings.python)
        self._installed = Installed(found)
        self._curated = CuratedTable(home)
        self._built = BuildStore(home / "environments", self._settings.timeout_seconds)
        uv = Uv(self._settings, found)
        self._builders: dict[type, Builder] = {
            PipPrefix: PipBuilder(uv),
            CondaPrefix: CondaBuilder(uv, self._settings, found),
        }
        if containers is not None:
            self._builders[InContainer] = containers
        self._path = found.get("PATH")
        self._lock = threading.Lock()
        self._own: Interpreter | None = None
        self._conda_program: str | None = None
        self._has_rattler = False
        if CondaWay.RATTLER in self._settings.conda:
            self._has_rattler = importlib.util.find_spec("rattler") is not None
        if CondaWay.PROGRAM in self._settings.conda:
            programs = (shutil.which(name, path=self._path) for name in CONDA_PROGRAMS)
            self._conda_program = next((program for program in programs if program is not None), None)

    # --- asking ------------------------------------------------------------------------------

    def plan(self, request: EnvironmentRequest) -> EnvironmentPlan:
        """Return what an environment will be."""
        return self._plan(self._choice(request))

    def identity(self, request: EnvironmentRequest) -> EnvironmentIdentity:
        """Return what of an environment a step's results may depend on."""
        return identity_of(self._choice(request), self._installed.packages)

    def find(self, request: EnvironmentRequest) -> PreparedEnvironment | None:
        """Return an environment that is ready, at once; None if it has to be made, or cannot be had."""
        choice = self._choice(request)
        return None if choice.strategy is None else self._find(choice, choice.strategy, self._plan(choice))

    def prepare(self, request: EnvironmentRequest, waiter: Waiter = _NOBODY) -> PreparedEnvironment:
        """Return an environment, made first if need be. Raises `EnvironmentFailed`."""
        choice = self._choice(request)
        if choice.refusal is not None or choice.strategy is None:
            code, message, hint = choice.refusal or ("environment-failed", "it cannot be had", None)
            raise EnvironmentFailed(message, code=code, hint=hint)
        plan, strategy = self._plan(choice), choice.strategy
        found = self._find(choice, strategy, plan)
        if found is not None:
            return found
        builder = self._builders[type(strategy)]
        detail = {"parts": dict(plan.parts), "substitutions": list(choice.substitutions)}
        order = Order(plan.digest, plan.strategy, choice.label, lambda build: builder.build(strategy, build), detail)
        made = self._built.obtain(order, waiter)
        opened = builder.open(strategy, made)
        if opened is None:
            raise EnvironmentFailed("what was just made is not there", code="build-failed")
        return _with_plan(opened, plan, choice, made)

    def begin(self, request: EnvironmentRequest) -> EnvironmentPlan:
        """Begin to make an environment unless it is there, and do not wait."""
        plan = self.plan(request)
        if plan.refusal is None and self.find(request) is None:
            seen = threading.Event()
            work = threading.Thread(
                target=self._prepare_alone, args=(request, seen), name="pipeyard-begin", daemon=True
            )
            work.start()
            # Whoever asks next sees the build.
            seen.wait(5)
        return plan

    def curated_names(self) -> Sequence[Mapping[str, Any]]:
        """Return what curated names are here, a person's own entries first. Raises `UserError`."""
        return [
            {
                "name": entry.pattern,
                "python": entry.python,
                "pip": list(entry.pip),
                "image": entry.image,
                "description": entry.description,
                "file": str(self._curated.file) if entry.is_own else None,
            }
            for entry in self._curated.entries()
        ]

    def list_built(self) -> Sequence[BuiltEnvironment]:
        """Return everything that was made or is being made, the newest first."""
        return self._built.list_built()

    def find_built(self, digest: str) -> BuiltEnvironment | None:
        """Return one of them."""
        return self._built.show(digest)

    def remove(self, digest: str) -> None:
        """Remove what was made. Raises `Conflict` while it is being made, `NotFound`."""
        made = self._built.remove(digest)
        if made is not None:
            for builder in self._builders.values():
                builder.remove(None, made)

    def clean_up(self) -> None:
        """Throw away what earlier servers left half-made."""
        self._built.clean_up()

    def close(self) -> None:
        """Stop what is being built; whoever waits is told."""
        self._built.close()

    # --- small parts -------------------------------------------------------------------------

    def _prepare_alone(self, request: EnvironmentRequest, seen: threading.Event) -> None:
        # Its end, good or bad, is in the state of the build.
        with suppress(EnvironmentFailed):
            self.prepare(request, Waiter(on_build=lambda _log: seen.set()))
        seen.set()

    def _choice(self, request: EnvironmentRequest) -> Choice:
        try:
            return choose(request, self._known())
        except UserError as problem:
            # A table that cannot be read.
            return Choice(None, refusal=(problem.code, problem.message, problem.hint))

    def _known(self) -> Known:
        containers = self._containers
        runtime = None if containers is None else containers.kind
        means = Means(
            own=self._own_python(),
            interpreters=self._interpreters.all,
            runtime=runtime,
            no_runtime=NO_RUNTIME if containers is None or runtime is not None else containers.why,
            has_rattler=self._has_rattler,
            conda_program=self._conda_program,
        )
        return Known(means, self._settings, self._curated.find, str(self._curated.file), self._interpreters.one)

    def _own_python(self) -> Interpreter:
        if self._own is None:
            found = self._interpreters.one(self._python)
            if found is None:
                raise Bug(f"the server's own interpreter `{self._python}` does not run")
            self._own = found
        return self._own

    def _plan(self, choice: Choice) -> EnvironmentPlan:
        refusal = None if choice.refusal is None else Refusal(*choice.refusal)
        if choice.strategy is None:
            parts: dict[str, Any] = {"strategy": "refused", **choice.source}
            return EnvironmentPlan(digest_of(parts), "refused", parts, choice.warning, refusal)
        parts = strategy_json(choice.strategy)
        return EnvironmentPlan(digest_of(parts), choice.strategy.word, parts, choice.warning, refusal)

    def _find(self, choice: Choice, strategy: Strategy, plan: EnvironmentPlan) -> PreparedEnvironment | None:
        if isinstance(strategy, OwnPython):
            opened = PreparedEnvironment((str(Path(strategy.python).parent),))
            return _with_plan(opened, plan, choice, None)
        made = self._built.find(plan.digest)
        if made is None:
            return None
        found = self._builders[type(strategy)].open(strategy, made)
        if found is None:
            self._built.forget(plan.digest)
            return None
        with suppress(OSError):
            self._built.touch(plan.digest)
        return _with_plan(found, plan, choice, made)


def _with_plan(
    prepared: PreparedEnvironment, plan: EnvironmentPlan, choice: Choice, made: Made | None
) -> PreparedEnvironment:
    return replace(
        prepared,
        warning=plan.warning,
        digest=plan.digest,
        strategy=plan.strategy,
        lock="" if made is None else made.built.lock,
        substitutions=choice.substitutions,
    )
