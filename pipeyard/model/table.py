"""
An MLTable: files that make up a table, and what is done to get its rows.

In:       made by `spec/decode_table.py` from a file called `MLTable`.
Out:      read by the datastore, which lists the files and reads the rows.
Not here: parsing, files, rows.

Source: `reference-yaml-mltable`; section 8.3 of the language reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from pipeyard.model.diagnostic import Place
from pipeyard.model.value import dataclass

# The name that the file must have in its folder.
TABLE_FILE = "MLTable"
# Text that a person wrote; a longer one is data under a wrong name.
TABLE_BYTES_MAX = 1_000_000


class PathKind(str, Enum):
    """How an entry of `paths` names files."""

    FILE = "file"
    FOLDER = "folder"
    # With `*`, `**`, `?` and `[abc]`.
    PATTERN = "pattern"


@dataclass(frozen=True, slots=True)
class TablePath:
    """One entry of `paths`."""

    kind: PathKind
    # A path relative to the table's folder, never out of it, or a URI.
    text: str
    is_uri: bool
    place: Place


class Header(str, Enum):
    """Which files of a delimited table begin with a line of column names."""

    ALL_SAME = "all_files_same_headers"
    ALL_DIFFERENT = "all_files_different_headers"
    FIRST_FILE = "from_first_file"
    NONE = "no_header"


class Encoding(str, Enum):
    """Azure's names of encodings."""

    UTF_8 = "utf8"
    UTF_8_BOM = "utf8bom"
    UTF_16 = "utf16"
    UTF_32 = "utf32"
    ASCII = "ascii"
    LATIN_1 = "latin1"
    ISO_8859_1 = "iso88591"
    WINDOWS_1252 = "windows1252"


class InvalidLines(str, Enum):
    """What becomes of a line that is no JSON."""

    ERROR = "error"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class ReadDelimited:
    """`read_delimited`: lines of values."""

    delimiter: str = ","
    header: Header = Header.ALL_SAME
    encoding: Encoding = Encoding.UTF_8
    infer_column_types: bool = True
    # Else nothing between two delimiters is no value.
    empty_as_string: bool = False
    include_path_column: bool = False
    # Whether a line may end inside quotes.
    support_multi_line: bool = False


@dataclass(frozen=True, slots=True)
class ReadParquet:
    """`read_parquet`."""

    include_path_column: bool = False


@dataclass(frozen=True, slots=True)
class ReadJsonLines:
    """`read_json_lines`: one object a line."""

    invalid_lines: InvalidLines = InvalidLines.ERROR
    encoding: Encoding = Encoding.UTF_8
    include_path_column: bool = False


@dataclass(frozen=True, slots=True)
class ReadDeltaLake:
    """`read_delta_lake`: a table as it was at one moment or version; neither: as it is."""

    timestamp_as_of: str | None = None
    version_as_of: int | None = None


@dataclass(frozen=True, slots=True)
class Take:
    """`take`: the first rows only."""

    count: int


@dataclass(frozen=True, slots=True)
class Skip:
    """`skip`: not the first rows."""

    count: int


@dataclass(frozen=True, slots=True)
class TakeSample:
    """`take_random_sample`: each row with this probability; the same rows for the same seed."""

    probability: float
    # None: other rows each time.
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """The value of a column in a row: `col("name")`."""

    name: str


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that is written in a filter."""

    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Operation:
    """
    An operator over parts.

    One of `and or not`, `== != < <= > >=`, `in` (the first part is one of the others),
    `null` (there is no value), `+ - * / %`, `negative`.
    """

    operator: str
    parts: tuple[FilterPart, ...]


FilterPart = Column | Constant | Operation


@dataclass(frozen=True, slots=True)
class Filter:
    """`filter`: only rows for which the condition holds."""

    condition: FilterPart
    text: str

    def columns(self) -> Iterator[str]:
        """Yield the names of the columns that the condition reads."""
        parts: list[FilterPart] = [self.condition]
        while parts:
            part = parts.pop()
            if isinstance(part, Column):
                yield part.name
            elif isinstance(part, Operation):
                parts.extend(part.parts)


@dataclass(frozen=True, slots=True)
class KeepColumns:
    """`keep_columns`: these and no others."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DropColumns:
    """`drop_columns`: all but these."""

    names: tuple[str, ...]


class ColumnType(str, Enum):
    """What a column's values can be made."""

    INT = "int"
    FLOAT = "float"
    STRING = "string"
    BOOLEAN = "boolean"
    DATETIME = "datetime"
    # A URI of something to be read; text for us.
    STREAM = "stream_info"


@dataclass(frozen=True, slots=True)
class ConvertColumns:
    """One entry of `convert_column_types`."""

    names: tuple[str, ...]
    type: ColumnType
    # Of dates, in the words of `strptime`; tried in order.
    formats: tuple[str, ...] = ()
    true_values: tuple[str, ...] = ()
    false_values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PartitionColumn:
    """A column that a file's path tells."""

    name: str
    # For a date: what each group of digits is, in the words of `strptime`. Empty: text.
    pieces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExtractColumns:
    """`extract_columns_from_partition_format`."""

    text: str
    # A regular expression for the end of a path; its groups are the pieces of the columns, in order.
    pattern: str
    columns: tuple[PartitionColumn, ...]


ReadStep = ReadDelimited | ReadParquet | ReadJsonLines | ReadDeltaLake
RowStep = Take | Skip | TakeSample | Filter | KeepColumns | DropColumns | ConvertColumns | ExtractColumns


@dataclass(frozen=True, slots=True)
class MLTable:
    """
    A whole table.

    Steps before `read` (or all of them, when nothing is read) work on the list of files;
    those after it work on rows.
    """

    paths: tuple[TablePath, ...]
    file_steps: tuple[RowStep, ...] = ()
    # None: the table is a list of files, such as pictures.
    read: ReadStep | None = None
    row_steps: tuple[RowStep, ...] = ()
