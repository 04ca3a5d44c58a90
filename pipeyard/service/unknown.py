"""
How an asset that cannot be found is spoken of.

Not here: a registry; registering assets comes in a later version.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeyard.model.assets import AssetKind, AssetRef
from pipeyard.model.diagnostic import Diagnostic, Place
from pipeyard.model.errors import NotFound, SpecError

NOT_REGISTERED = "asset-not-found"

_INSTEAD = {
    AssetKind.COMPONENT: "name the component's file, such as `component: ./component.yml`",
    AssetKind.DATA: "write the data's own path, such as `path: ./data`",
    AssetKind.ENVIRONMENT: "write the environment out (`image:` and `conda_file:`) or name its file",
    AssetKind.MODEL: "write the model's own path, such as `path: ./model`",
    AssetKind.CODE: "name the folder, such as `code: ./src`",
}


class AssetNotFound(NotFound):
    """Names every asset that does not exist, each with its place."""

    code = NOT_REGISTERED

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        """Take at least one diagnostic; the first gives the message."""
        super().__init__(diagnostics[0].message, hint=diagnostics[0].hint)
        self.diagnostics = tuple(diagnostics)


def not_registered(reference: AssetRef, kind: AssetKind, place: Place) -> Diagnostic:
    """Return the problem that *reference* names nothing here."""
    return Diagnostic(
        NOT_REGISTERED,
        f"there is no {kind.value} `{reference}`; registering assets comes in a later version",
        place,
        hint=f"until then, {_INSTEAD[kind]}",
    )


def refuse(problems: Sequence[Diagnostic]) -> None:
    """Raise if one of *problems* is an error: `AssetNotFound` when nothing else is wrong, else `SpecError`."""
    errors = [problem for problem in problems if problem.is_error]
    if errors and all(error.code == NOT_REGISTERED for error in errors):
        raise AssetNotFound(tuple(problems))
    if errors:
        raise SpecError(tuple(problems))
