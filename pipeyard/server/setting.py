"""
What a person may set about a server, by environment variables and in `config.toml` of the home.

In:       the environment in which the server was started; that file, which need not exist.
Out:      values with their defaults; tables of the file as plain data.
Not here: the home (`home.py`), the port (`port.py`), what keys of a table mean (whoever it is for).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeyard.model.errors import UserError
from pipeyard.model.nearest import nearest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # type: ignore[import-not-found,unused-ignore]

CONFIG = "config.toml"
TABLES = ("environments", "mlflow")

MLFLOW_URI = "tracking_uri"
CACHE_VARIABLE = "PIPEYARD_CACHE_SIZE"
_SIZE = re.compile(r"(?P<number>\d+)\s*(?P<unit>[KMGT]i?B?|B)?", re.IGNORECASE)
_UNITS = {"": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}


def cache_bytes(environment: Mapping[str, str], default: int) -> int:
    """Return how much of remote data may be kept on this machine while nobody uses it."""
    text = environment.get(CACHE_VARIABLE, "").strip()
    if not text:
        return default
    match = _SIZE.fullmatch(text)
    if match is None:
        raise UserError(
            f"{CACHE_VARIABLE} is `{text}`, which is no size",
            code="bad-setting",
            hint="write for example 20GiB, or 0 to keep nothing that is not in use",
        )
    return int(match["number"]) * _UNITS[(match["unit"] or "")[:1].lower()]


def config_of(home: Path) -> Mapping[str, Mapping[str, Any]]:
    """Return the tables of `config.toml`; nothing when there is none. Raises `UserError` when it cannot be read."""
    path = home / CONFIG
    try:
        found: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as problem:
        raise UserError(f"`{path}` cannot be read: {problem}", code="bad-setting") from problem
    for name, table in found.items():
        if name not in TABLES or not isinstance(table, Mapping):
            close = nearest(name, TABLES)
            raise UserError(
                f"`{name}` in `{path}` is no table of settings",
                code="bad-setting",
                hint=f"did you mean `[{close}]`?" if close else f"there is {', '.join(f'[{one}]' for one in TABLES)}",
            )
    return found


def mlflow_uri(table: Mapping[str, Any]) -> str | None:
    """Return the MLflow server that the table `[mlflow]` points steps to; None: they log to this server."""
    unknown = sorted(set(table) - {MLFLOW_URI})
    if unknown:
        raise UserError(
            f"`[mlflow]` in `{CONFIG}` has no setting `{unknown[0]}`",
            code="bad-setting",
            hint=f"there is `{MLFLOW_URI}`",
        )
    uri = table.get(MLFLOW_URI)
    if uri is None:
        return None
    if not isinstance(uri, str) or "://" not in uri:
        raise UserError(
            f"`{MLFLOW_URI}` in `{CONFIG}` is `{uri}`, which is no address",
            code="bad-setting",
            hint='write for example tracking_uri = "http://127.0.0.1:5000"',
        )
    return uri
