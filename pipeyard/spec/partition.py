"""
The language of `partition_format`: `/{Department}/{Date:yyyy/MM/dd}/data.csv`.

In:       a text.
Out:      an `ExtractColumns`: a pattern for the end of a path, and the columns that it fills; or a `Problem`.
Not here: paths.

Source: `MLTable.extract_columns_from_partition_format`. The format reaches from the first
part that tells something to the end of the path; `*` stands for anything within one name.
"""

from __future__ import annotations

import re

from pipeyard.model.table import ExtractColumns, PartitionColumn
from pipeyard.spec.binding import Problem

_PART = re.compile(r"\{(?P<name>[^{}:]*)(?::(?P<date>[^{}]*))?\}|(?P<brace>[{}])|(?P<star>\*+)|(?P<text>[^{}*]+)")
_DATE_PIECE = re.compile(r"yyyy|MM|dd|HH|mm|ss|[^yMdHms]+|.")
# What each piece is in the words of `strptime`, and how it is written.
_PIECES = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}


def parse_partition_format(text: str) -> ExtractColumns | Problem:
    """Return the columns in a format."""
    pattern: list[str] = []
    columns: list[PartitionColumn] = []
    for match in _PART.finditer(text):
        if match["text"] is not None:
            pattern.append(re.escape(match["text"]))
        elif match["star"] is not None:
            pattern.append("[^/]*")
        elif match["brace"] is not None:
            return _broken("this brace has no partner", match, "`{column}` or `{column:yyyy/MM/dd}`")
        elif not match["name"].strip():
            return _broken("this column has no name", match, "`{column}`")
        elif any(column.name == match["name"] for column in columns):
            return _broken(f"the column `{match['name']}` is there twice", match, "each name once")
        elif match["date"] is None:
            pattern.append("([^/]+)")
            columns.append(PartitionColumn(match["name"]))
        else:
            pieces = _date(match, pattern)
            if isinstance(pieces, Problem):
                return pieces
            columns.append(PartitionColumn(match["name"], pieces))
    if not columns:
        return Problem(
            "bad-partition-format", f"`{text}` names no column", 0, len(text), "`{column}` or `{column:yyyy/MM/dd}`"
        )
    return ExtractColumns(text, "".join(pattern), tuple(columns))


def _date(match: re.Match[str], pattern: list[str]) -> tuple[str, ...] | Problem:
    pieces: list[str] = []
    for piece in _DATE_PIECE.findall(match["date"]):
        if piece in _PIECES:
            if _PIECES[piece] in pieces:
                return _broken(f"`{piece}` is there twice", match, "each part of a date once")
            pattern.append(f"([0-9]{{{len(piece)}}})")
            pieces.append(_PIECES[piece])
        elif re.fullmatch(r"[yMdHms]", piece):
            return _broken(f"`{match['date']}` is no form of a date", match, "`yyyy`, `MM`, `dd`, `HH`, `mm` and `ss`")
        else:
            pattern.append(re.escape(piece))
    if "%Y" not in pieces:
        return _broken(f"the date `{match['date']}` has no year", match, "`yyyy` and what follows it")
    return tuple(pieces)


def _broken(message: str, match: re.Match[str], expected: str) -> Problem:
    return Problem("bad-partition-format", message, match.start(), match.end(), expected)
