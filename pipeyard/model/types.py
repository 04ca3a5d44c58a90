"""
Input and output types and modes, and which value fits which.

Source: `reference-yaml-component-command`, and the tolerances that Azure's own
examples need (a `uri_file` bound to a `uri_folder` port, and so on).
"""

from __future__ import annotations

from enum import Enum


class PortType(str, Enum):
    """What an input or output declares itself to be, in Azure's spelling."""

    STRING = "string"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    URI_FILE = "uri_file"
    URI_FOLDER = "uri_folder"
    MLTABLE = "mltable"
    MLFLOW_MODEL = "mlflow_model"
    CUSTOM_MODEL = "custom_model"
    TRITON_MODEL = "triton_model"

    @property
    def is_literal(self) -> bool:
        """Return whether values of this type are written in the file, not behind a path."""
        return self in _LITERALS

    @property
    def is_data(self) -> bool:
        """Return whether values of this type are bytes somewhere."""
        return self not in _LITERALS


_LITERALS = frozenset({PortType.STRING, PortType.NUMBER, PortType.INTEGER, PortType.BOOLEAN})


class InputMode(str, Enum):
    """How a data input reaches the step."""

    RO_MOUNT = "ro_mount"
    RW_MOUNT = "rw_mount"
    DOWNLOAD = "download"
    DIRECT = "direct"
    EVAL_MOUNT = "eval_mount"
    EVAL_DOWNLOAD = "eval_download"


# Modes in which the files of an MLTable take the place of its folder.
EVALUATED = frozenset({InputMode.EVAL_MOUNT, InputMode.EVAL_DOWNLOAD})


class OutputMode(str, Enum):
    """How a step's output reaches its datastore."""

    RW_MOUNT = "rw_mount"
    UPLOAD = "upload"
    DIRECT = "direct"


class Fit(Enum):
    """How well a producing type fits a consuming port."""

    EXACT = "exact"
    TOLERATED = "tolerated"
    NO = "no"


def fit_of(produced: PortType, wanted: PortType) -> Fit:
    """
    Return whether a value of type *produced* may feed a port of type *wanted*.

    All data types fit one another, because Azure runs them (section 1.7 of the
    language reference); a literal never fits a data port, nor data a literal one.
    Among literals every type fits `string`, and `integer` fits `number`.
    """
    if produced is wanted:
        return Fit.EXACT
    if produced.is_data and wanted.is_data:
        return Fit.TOLERATED
    if produced.is_literal and wanted is PortType.STRING:
        return Fit.TOLERATED
    if produced is PortType.INTEGER and wanted is PortType.NUMBER:
        return Fit.EXACT
    return Fit.NO
