"""
What a person may set about environments: `[environments]` in `config.toml` of the home.

In:       that table as plain data.
Out:      settings with their defaults, or `UserError` naming the key.
Not here: reading the file (`server/setting.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import Enum
from typing import Any

from pipeyard.model.environment import ImagePolicy
from pipeyard.model.errors import UserError
from pipeyard.model.nearest import nearest
from pipeyard.model.value import dataclass


class CondaWay(str, Enum):
    """How conda packages may be had."""

    RATTLER = "rattler"
    PROGRAM = "program"
    TRANSLATE = "translate"


@dataclass(frozen=True, slots=True)
class EnvironmentSettings:
    """Settings; each is what `config.toml` calls it."""

    # Ways to conda packages, in the order in which they are tried. Translating is never done unasked.
    conda: tuple[CondaWay, ...] = (CondaWay.RATTLER, CondaWay.PROGRAM)
    # What a channel without an address is below, such as a company's own server.
    channel_alias: str | None = None
    # Other places of channels, by name or address.
    mirrors: Mapping[str, str] = field(default_factory=dict)
    # For conda files that name none.
    channels: tuple[str, ...] = ("conda-forge",)
    # Nothing is asked of the network.
    offline: bool = False
    # More interpreters: absolute paths.
    python: tuple[str, ...] = ()
    # Whether uv may download a Python that is not there.
    may_fetch_python: bool = False
    # Of computes and workspaces that say nothing.
    image_policy: ImagePolicy = ImagePolicy.PREFER
    # A build that takes longer is stopped.
    timeout_seconds: float = 3600.0
    # `podman`, `docker`, an absolute path, or `none`; None: whichever is there.
    container_runtime: str | None = None
    # A file with certificates that builds trust too.
    extra_ca: str | None = None


_NAMES = {
    "conda": "conda",
    "channel_alias": "channel_alias",
    "mirrors": "mirrors",
    "channels": "channels",
    "offline": "offline",
    "python": "python",
    "python_downloads": "may_fetch_python",
    "image_policy": "image_policy",
    "timeout_seconds": "timeout_seconds",
    "container_runtime": "container_runtime",
    "extra_ca": "extra_ca",
}


def settings_of(table: Mapping[str, Any]) -> EnvironmentSettings:
    """Return the settings. Raises `UserError` for a key or a value that means nothing."""
    values = {}
    for key, value in table.items():
        if key not in _NAMES:
            close = nearest(key, list(_NAMES))
            raise _bad(key, "is no setting", f"did you mean `{close}`?" if close else f"there are {', '.join(_NAMES)}")
        values[_NAMES[key]] = _value(key, value)
    return EnvironmentSettings(**values)


def _value(key: str, value: Any) -> Any:
    if key == "conda":
        words = [way.value for way in CondaWay]
        if not _is_texts(value) or any(word not in words for word in value):
            raise _bad(key, "has to be a list", f"of {', '.join(words)}, in the order in which they are tried")
        return tuple(CondaWay(word) for word in value)
    if key == "image_policy":
        if value not in [policy.value for policy in ImagePolicy]:
            raise _bad(key, f"is `{value}`", "it is require, prefer or ignore")
        return ImagePolicy(value)
    if key in ("channels", "python"):
        if not _is_texts(value):
            raise _bad(key, "has to be a list of texts")
        return tuple(value)
    if key in ("offline", "python_downloads"):
        if not isinstance(value, bool):
            raise _bad(key, "has to be true or false")
        return value
    if key == "mirrors":
        if not isinstance(value, Mapping) or not all(isinstance(one, str) for one in value.values()):
            raise _bad(key, "has to be a table", '"conda-forge" = "file:///srv/conda-forge"')
        return dict(value)
    if key == "timeout_seconds":
        if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
            raise _bad(key, "has to be a number of seconds")
        return float(value)
    if not isinstance(value, str):
        raise _bad(key, "has to be text")
    return value


def _is_texts(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)


def _bad(key: str, what: str, hint: str | None = None) -> UserError:
    return UserError(f"`environments.{key}` in config.toml {what}", code="bad-setting", hint=hint)
