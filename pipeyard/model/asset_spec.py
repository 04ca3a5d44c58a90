"""
Data, models and environments as a file describes them, before they are registered.

Not here: components (`model/component.py`), what becomes of them (`model/asset_record.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from pipeyard.model.assets import AssetKind, AssetRef, DataUri, LocalPath
from pipeyard.model.component import InlineEnvironment
from pipeyard.model.diagnostic import Place
from pipeyard.model.types import PortType
from pipeyard.model.value import dataclass


@dataclass(frozen=True, slots=True)
class AssetHead:
    """What every asset says of itself."""

    place: Place
    # None: the command line gives it, or it is missing.
    name: str | None = None
    # None: the next free number.
    version: str | None = None
    display_name: str | None = None
    description: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DataSpec:
    """A data asset: bytes somewhere, and what they are."""

    head: AssetHead
    # `uri_file`, `uri_folder` or `mltable`.
    type: PortType
    # None: missing, which was reported.
    path: LocalPath | DataUri | AssetRef | None
    # Where a local path is uploaded to; None: the default datastore.
    datastore: str | None = None

    kind = AssetKind.DATA


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model: bytes somewhere, and what can read them."""

    head: AssetHead
    # `custom_model`, `mlflow_model` or `triton_model`.
    type: PortType
    path: LocalPath | DataUri | AssetRef | None
    stage: str | None = None
    datastore: str | None = None

    kind = AssetKind.MODEL


@dataclass(frozen=True, slots=True)
class EnvironmentSpec:
    """An environment to be registered."""

    head: AssetHead
    # None: what it holds could not be decoded, which was reported.
    environment: InlineEnvironment | None

    kind = AssetKind.ENVIRONMENT


AssetSpec = DataSpec | ModelSpec | EnvironmentSpec
