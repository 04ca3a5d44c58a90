"""
Parts of addresses that several routes share.

In:       the words of a path.
Out:      values that the service knows.

`home` is a workspace or a registry: `workspaces/default`, `registries/team`. `kind` is a
kind of asset.
"""

from __future__ import annotations

from urllib.parse import unquote

from fastapi import Request
from starlette.convertors import Convertor, register_url_convertor

from pipeyard.model.asset_record import registry_of, registry_workspace
from pipeyard.model.assets import AssetKind

_REGISTRIES = "registries/"
_KINDS = {kind.plural: kind for kind in AssetKind if kind is not AssetKind.CODE}


class _Home(Convertor[str]):
    """A workspace's name, or a registry's as `registry_workspace` writes it."""

    # A workspace cannot be called as a registry is kept.
    regex = r"(?:registries/[^/]+|workspaces/(?!registry:)[^/]+)"

    def convert(self, value: str) -> str:
        """Return the name that the store knows."""
        place, _, name = value.partition("/")
        return registry_workspace(name) if f"{place}/" == _REGISTRIES else name

    def to_string(self, value: str) -> str:
        """Return the words of the address."""
        registry = registry_of(value)
        return f"workspaces/{value}" if registry is None else f"{_REGISTRIES}{registry}"


class _Kind(Convertor[str]):
    """A kind of asset, in the plural."""

    regex = "|".join(_KINDS)

    def convert(self, value: str) -> str:
        """Return the word as it is."""
        return value

    def to_string(self, value: str) -> str:
        """Return the word as it is."""
        return value


class _Which(Convertor[str]):
    """A version or a label: `versions/3`, `labels/latest`."""

    regex = r"(?:versions|labels)/[^/]+"

    def convert(self, value: str) -> str:
        """Return the words as they are."""
        return value

    def to_string(self, value: str) -> str:
        """Return the words as they are."""
        return value


register_url_convertor("home", _Home())
register_url_convertor("kind", _Kind())
register_url_convertor("which", _Which())

# Where the things of a workspace or a registry are.
HOME = "/api/v1/{workspace:home}"


def exact_path(request: Request, path: str) -> str:
    """
    Return the end of an address, which the framework decoded to *path*, as the file system has it.

    A name that is no UTF-8 keeps its bytes, as in `os.fsdecode`; decoded, they would be lost.
    """
    decoded: str = request.scope["path"]
    slashes = decoded.count("/") - path.count("/")
    raw: bytes = request.scope["raw_path"]
    return unquote(raw.decode("ascii", "replace"), errors="surrogateescape").split("/", slashes)[slashes]


def kind_of(word: str) -> AssetKind:
    """Return the kind of asset that a word in an address means."""
    return _KINDS[word]
