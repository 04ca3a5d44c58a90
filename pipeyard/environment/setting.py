"""
What a person may set about environments: `[environments]` in `config.toml` of the home.

In:       that table as plain data.
Out:      settings with their defaults, or `UserError` naming the key.
Not here: reading the file (`server/setting.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
    # Whether steps outside of containers may write to their own folders only, where a compute does not say.
    sandbox: bool = False


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
    "sandbox": "sandbox",
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
    read, problem, hint = _KINDS.get(key, (_text, "has to be text", None))
    try:
        return read(value)
    except (AttributeError, TypeError, ValueError) as error:
        raise _bad(key, problem, hint) from error


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise TypeError
    return tuple(_text(one) for one in value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _seconds(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise ValueError
    return float(value)


_KINDS: Mapping[str, tuple[Callable[[Any], Any], str, str | None]] = {
    "conda": (
        lambda value: tuple(CondaWay(word) for word in _texts(value)),
        "has to be a list",
        f"of {', '.join(way.value for way in CondaWay)}, in the order in which they are tried",
    ),
    "image_policy": (ImagePolicy, "is no policy", "it is require, prefer or ignore"),
    "channels": (_texts, "has to be a list of texts", None),
    "python": (_texts, "has to be a list of texts", "absolute paths of interpreters"),
    "sandbox": (_flag, "has to be true or false", None),
    "offline": (_flag, "has to be true or false", None),
    "python_downloads": (_flag, "has to be true or false", None),
    "mirrors": (
        lambda value: {str(name): _text(place) for name, place in value.items()},
        "has to be a table of texts",
        '"conda-forge" = "file:///srv/conda-forge"',
    ),
    "timeout_seconds": (_seconds, "has to be a number of seconds", None),
}


def _bad(key: str, what: str, hint: str | None = None) -> UserError:
    return UserError(f"`environments.{key}` in config.toml {what}", code="bad-setting", hint=hint)
