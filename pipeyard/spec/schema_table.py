"""
The fields of an `MLTable` file, as data.

In:       nothing.
Out:      one more part of `spec/schema.py`, which it looks like.
Not here: what decoding does with them (`spec/decode_table.py`).

Source: `reference-yaml-mltable`; section 8.3 of the language reference.
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeyard.spec.field import Field

_PATH_COLUMN = Field("include_path_column", "true or false", "Add a column with each row's file.", default="false")
_ENCODING = Field("encoding", "name of an encoding", "How bytes become text.", default="utf8")

TABLE_SCHEMA: Mapping[str, tuple[Field, ...]] = {
    "mltable": (
        Field("type", "mltable", "Nothing else.", default="mltable"),
        Field("paths", "list of mappings", "The files.", is_required=True),
        Field("transformations", "list of mappings", "What is done with them, in order."),
        Field("name", "text", "Accepted."),
        Field("version", "text", "Accepted."),
        Field("description", "text", "Accepted."),
        Field("metadata", "mapping", "Accepted."),
        Field("traits", "mapping", "Accepted."),
    ),
    "table path": (
        Field("file", "path or URI", "One file."),
        Field("folder", "path or URI", "Every file in a folder and below it."),
        Field("pattern", "path or URI with wildcards", "Every file that fits."),
    ),
    "read_delimited": (
        Field("delimiter", "text", "What stands between two values.", default=","),
        Field("header", "text", "Which files begin with column names.", default="all_files_same_headers"),
        _ENCODING,
        Field("infer_column_types", "true or false", "Guess types from the first rows.", default="true"),
        Field("empty_as_string", "true or false", "Whether nothing is an empty text.", default="false"),
        _PATH_COLUMN,
        Field("support_multi_line", "true or false", "Whether a line may end inside quotes.", default="false"),
        Field("partition_size", "whole number", "Accepted."),
    ),
    "read_parquet": (_PATH_COLUMN,),
    "read_json_lines": (
        Field("invalid_lines", "error or drop", "What becomes of a line that is no JSON.", default="error"),
        _ENCODING,
        _PATH_COLUMN,
        Field("partition_size", "whole number", "Accepted."),
    ),
    "read_delta_lake": (
        Field("timestamp_as_of", "time", "As it was then."),
        Field("version_as_of", "whole number", "As that version."),
        _PATH_COLUMN,
    ),
    "take_random_sample": (
        Field("probability", "number from 0 to 1", "How likely each row is taken.", is_required=True),
        Field("seed", "whole number", "The same rows for the same number."),
    ),
    "column conversion": (
        Field("columns", "text or list of texts", "The columns.", is_required=True),
        Field("column_type", "text or mapping", "Their new type.", is_required=True),
        Field("formats", "list of texts", "How dates are written."),
        Field("true_values", "list of texts", "What counts as true."),
        Field("false_values", "list of texts", "What counts as false."),
        Field("mismatch_as", "text", "Accepted."),
    ),
    "partition": (
        Field("partition_format", "text", "A path with `{column}` and `{column:yyyy/MM/dd}`.", is_required=True),
    ),
}
