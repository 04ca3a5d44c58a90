"""
What is said when an asset is not there, and what is near.

In:       a reference that names nothing, and the store.
Out:      a `NotFound` that names the nearest there is.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeyard.model.asset_record import DEFAULT, LATEST, home_of, registry_of
from pipeyard.model.assets import AssetKind, AssetRef
from pipeyard.model.errors import NotFound
from pipeyard.model.nearest import nearest
from pipeyard.ports import AssetStore

CODE = "asset-not-found"

NOUNS = {
    AssetKind.COMPONENT: "component",
    AssetKind.ENVIRONMENT: "environment",
    AssetKind.DATA: "data asset",
    AssetKind.MODEL: "model",
    AssetKind.CODE: "code asset",
}

# Azure's own registry, which nobody keeps a copy of here.
AZURE_REGISTRIES = frozenset({"azureml", "azureml-preview", "azureml-meta", "HuggingFace"})
# A component port is either; a name may be registered as the other.
_TWINS = {AssetKind.DATA: AssetKind.MODEL, AssetKind.MODEL: AssetKind.DATA}
_NEAR_COUNT = 3


class AssetMissing(NotFound):
    """There is no such asset, version, label or registry."""

    code = CODE


def missing(store: AssetStore, workspace: str, reference: AssetRef) -> AssetMissing:
    """Return what is to be said of a reference, written in *workspace*, that names nothing."""
    home = home_of(reference, workspace)
    if reference.registry is not None and store.load_workspace(home) is None:
        return missing_registry(reference.registry)
    noun = NOUNS[reference.kind]
    registry = registry_of(home)
    where = "" if registry is None else f" in registry `{registry}`"
    versions = store.version_names(home, reference.kind, reference.name)
    if not versions:
        return AssetMissing(f"there is no {noun} `{reference.name}`{where}", hint=_near_names(store, home, reference))
    if reference.version is not None:
        return AssetMissing(
            f"{noun} `{reference.name}`{where} has no version {reference.version}",
            hint=_near_versions(reference.version, versions),
        )
    if reference.label in (None, LATEST, DEFAULT):
        return AssetMissing(
            f"every version of {noun} `{reference.name}`{where} is archived",
            hint=f"name the version, such as `{reference.name}:{versions[0]}`, or restore one",
        )
    close = nearest(reference.label or "", (LATEST, DEFAULT))
    return AssetMissing(
        f"{noun} `{reference.name}`{where} has no label `{reference.label}`",
        hint=f"did you mean `@{close or LATEST}`?",
    )


def missing_registry(registry: str) -> AssetMissing:
    """Return what is to be said of a registry that is not there."""
    if registry in AZURE_REGISTRIES:
        return AssetMissing(
            f"`{registry}` is a registry of Azure's, and nobody has put a copy of it on this server",
            hint=f"create one of that name (pipeyard registry create -n {registry}) and put into it what you need",
        )
    return AssetMissing(
        f"there is no registry `{registry}` on this server",
        hint=f"`pipeyard registry list` shows them; to create it: pipeyard registry create -n {registry}",
    )


def _near_names(store: AssetStore, home: str, reference: AssetRef) -> str | None:
    twin = _TWINS.get(reference.kind)
    if twin is not None and store.version_names(home, twin, reference.name):
        return f"there is a {NOUNS[twin]} of that name: the `type` of the input has to be that of a {NOUNS[twin]}"
    known = store.asset_names(home, reference.kind)
    close = nearest(reference.name, known)
    if close is not None:
        return f"did you mean `{close}`?"
    listed = f"pipeyard {reference.kind.value} list"
    return (
        f"`{listed}` shows those there are"
        if known
        else f"none is registered: `pipeyard {reference.kind.value} create`"
    )


def _near_versions(wanted: str, versions: Sequence[str]) -> str:
    """Name the versions nearest to the one wanted; *versions* begin with the newest."""
    numbers = [version for version in versions if version.isdecimal() and len(version) < len(wanted) + 3]
    if wanted.isdecimal() and numbers:
        near = sorted(numbers, key=lambda version: abs(int(version) - int(wanted)))[:_NEAR_COUNT]
        near.sort(key=int)
    else:
        close = nearest(wanted, versions)
        near = list(dict.fromkeys([*([close] if close else []), *versions]))[:_NEAR_COUNT]
    listed = ", ".join(f"`{version}`" for version in near)
    return f"the nearest {'is' if len(near) == 1 else 'are'} {listed}; `@latest` is `{versions[0]}`"
