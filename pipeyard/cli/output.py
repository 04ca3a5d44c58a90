"""
Results on stdout, in the format that was asked for.

In:       plain JSON values.
Out:      text.
Not here: problems and messages, which go to stderr (`problems.py`, `notice.py`).

Source: section 15 of the language reference, "Script habits to honour". Keys are sorted;
a null result prints nothing; in `tsv` a row's null is `None`, a nested list its length,
a nested mapping nothing, and a lone boolean is lower-case.
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

from pipeyard.cli.terminal import columns_of, harmless, padded, paint
from pipeyard.model.errors import UsageError

_KEY_IN_BRACKETS = re.compile(r"""\[["']?([A-Za-z_][A-Za-z0-9_-]*)["']?\]""")
# Left out of tables, as Azure's command line does: long, or the same in each row.
_NOT_IN_TABLES = frozenset({"id", "type", "etag", "revision"})


def select(value: Any, query: str) -> Any:
    """Return what a JMESPath expression finds in a result."""
    # Imported here: most commands have no query.
    import jmespath  # noqa: PLC0415
    from jmespath.exceptions import JMESPathError, ParseError  # noqa: PLC0415

    # A mapping made by the query keeps the query's order; Azure's command line does so too.
    options = jmespath.Options(dict_cls=OrderedDict)
    try:
        try:
            return jmespath.search(query, value, options)
        except ParseError:
            # `services["Studio"].endpoint` is what scripts have, and no shell leaves the
            # quotes in it. Strictly neither form is JMESPath.
            if not _KEY_IN_BRACKETS.search(query):
                raise
            return jmespath.search(_KEY_IN_BRACKETS.sub(r'."\1"', query), value, options)
    except JMESPathError as error:
        raise UsageError(
            f"--query `{query}` is not a JMESPath expression: {error}",
            code="bad-query",
            hint="for example: --query name, --query 'services.Studio.endpoint', --query '[].name'",
        ) from error


def render(value: Any, form: str, *, colour: bool = False) -> str:
    """Return a result as text ending in a newline, or nothing."""
    if value is None or form == "none":
        return ""
    if form in {"json", "jsonc"}:
        return _json(value, colour=colour and form == "jsonc") + "\n"
    if form in {"yaml", "yamlc"}:
        return _yaml(_plain(value), colour=colour and form == "yamlc")
    value = _ordered(value)
    if form == "tsv":
        return _tsv(value)
    return _table(value)


def _ordered(value: Any) -> Any:
    """Return the value with the keys of each mapping sorted, but for those whose order was chosen."""
    if isinstance(value, OrderedDict):
        return {key: _ordered(item) for key, item in value.items()}
    if isinstance(value, Mapping):
        return {key: _ordered(value[key]) for key in sorted(value)}
    if isinstance(value, (list, tuple)):
        return [_ordered(item) for item in value]
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _json(value: Any, *, colour: bool) -> str:
    text = json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True)
    if not colour:
        return text
    return "\n".join(_coloured_line(line, '": ', colon=2) for line in text.split("\n"))


def _yaml(value: Any, *, colour: bool) -> str:
    # Imported here: JSON is the default.
    import yaml  # noqa: PLC0415

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    text: str = yaml.dump(value, Dumper=dumper, allow_unicode=True, default_flow_style=False, width=120)
    # A lone scalar is followed by the end-of-document mark, which no script wants.
    text = text.removesuffix("...\n")
    if not colour:
        return text
    return "\n".join(_coloured_line(line, ": ", colon=1) for line in text.split("\n"))


def _coloured_line(line: str, mark: str, *, colon: int) -> str:
    """Colour a line's key; *colon* is how much of the mark belongs to what is coloured or follows it."""
    key, found, rest = line.partition(mark)
    if not found:
        return line
    return paint(key + mark[: colon - 1], "cyan", colour=True) + mark[colon - 1 :] + rest


def _tsv(value: Any) -> str:
    rows = value if isinstance(value, list) else [value]
    return "".join(_tsv_row(row) + "\n" for row in rows)


def _tsv_row(row: Any) -> str:
    if isinstance(row, dict):
        return "\t".join(_tsv_cell(item) for item in row.values())
    if isinstance(row, list):
        return "\t".join(_tsv_cell(item) for item in row)
    if isinstance(row, bool):
        return str(row).lower()
    return _tsv_cell(row)


def _tsv_cell(value: Any) -> str:
    if isinstance(value, list):
        return str(len(value))
    if isinstance(value, dict):
        return ""
    return str(value)


def _table(value: Any) -> str:
    rows = value if isinstance(value, list) else [value]
    if not rows:
        return ""
    if all(isinstance(row, dict) for row in rows):
        return _grid(*_columns_of_mappings(rows))
    if all(isinstance(row, list) for row in rows):
        width = max(map(len, rows))
        heads = [f"Column{number}" for number in range(1, width + 1)]
        return _grid(heads, [[*map(_table_cell, row), *[""] * (width - len(row))] for row in rows])
    return _grid(["Result"], [[_table_cell(row)] for row in rows])


def _columns_of_mappings(rows: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[list[str]]]:
    keys: dict[str, None] = {}
    for row in rows:
        keys.update(
            dict.fromkeys(
                key
                for key, item in row.items()
                if key not in _NOT_IN_TABLES and not key.startswith("$") and not isinstance(item, (list, dict))
            )
        )
    filled = [key for key in keys if any(row.get(key) not in (None, "") for row in rows)]
    heads = [_heading(key) for key in filled]
    return heads, [[_table_cell(row.get(key)) for key in filled] for row in rows]


def _heading(key: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in key.split("_"))


def _table_cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return str(len(value))
    return "" if isinstance(value, dict) else harmless(str(value))


def _grid(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not heads:
        return ""
    widths = [max(columns_of(row[index]) for row in (heads, *rows)) for index in range(len(heads))]
    rule = ["-" * width for width in widths]
    lines = (heads, rule, *rows)
    return "".join(
        "  ".join(padded(cell, width) for cell, width in zip(line, widths, strict=True)).rstrip() + "\n"
        for line in lines
    )
