"""The file MLTable."""

from __future__ import annotations

import pytest

from pipeyard.model.table import (
    Column,
    ColumnType,
    Constant,
    ConvertColumns,
    DropColumns,
    Encoding,
    Filter,
    Header,
    InvalidLines,
    KeepColumns,
    Operation,
    PathKind,
    ReadDelimited,
    ReadDeltaLake,
    ReadJsonLines,
    ReadParquet,
    Skip,
    Take,
    TakeSample,
)
from pipeyard.spec.binding import Problem
from pipeyard.spec.decode import decode_table
from pipeyard.spec.document import parse_document
from pipeyard.spec.partition import parse_partition_format
from pipeyard.spec.row_filter import parse_filter


def check(text):
    """Return the table, and code and line of each problem."""
    document, problems = parse_document(text, source="t", file="data/MLTable")
    assert problems == ()
    table, found = decode_table(document)
    return table, [(item.code, item.span.line) for item in found]


def steps(*lines):
    """Return what rows go through after a delimited read."""
    table, problems = check("paths: [{file: a}]\ntransformations:\n- read_delimited\n" + "\n".join(lines) + "\n")
    assert problems == []
    return table.row_steps


def test_a_table_of_pictures_reads_nothing():
    """Without transformations a table is a list of files."""
    table, problems = check("$schema: x\ntype: mltable\npaths:\n- file: ./0.png\n- folder: b c\n- pattern: '*.jpg'\n")

    assert problems == []
    assert [(path.kind, path.text, path.is_uri) for path in table.paths] == [
        (PathKind.FILE, "./0.png", False),
        (PathKind.FOLDER, "b c", False),
        (PathKind.PATTERN, "*.jpg", False),
    ]
    assert (table.file_steps, table.read, table.row_steps) == ((), None, ())


def test_files_can_be_chosen_before_they_are_read():
    """`take` above the read takes files, below it rows."""
    table, problems = check("paths: [{file: a}]\ntransformations:\n- take: 2\n- read_parquet:\n- take: 3\n")

    assert problems == []
    assert (table.file_steps, table.read, table.row_steps) == ((Take(2),), ReadParquet(), (Take(3),))


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("read_delimited", ReadDelimited()),
        ("read_delimited: {delimiter: ';', encoding: latin1}", ReadDelimited(";", encoding=Encoding.LATIN_1)),
        ("read_delimited: {delimiter: '\\t', header: no_header}", ReadDelimited("\t", Header.NONE)),
        ("read_delimited: {encoding: UTF-8, empty_as_string: yes}", ReadDelimited(empty_as_string=True)),
        ("read_parquet: {include_path_column: true}", ReadParquet(include_path_column=True)),
        ("read_json_lines: {invalid_lines: drop}", ReadJsonLines(InvalidLines.DROP)),
        ("read_delta_lake: {version_as_of: 3}", ReadDeltaLake(version_as_of=3)),
    ],
)
def test_every_way_to_read_has_its_options(text, read):
    """Options that are left out have Azure's defaults."""
    table, problems = check(f"paths: [{{file: a}}]\ntransformations:\n- {text}\n")

    assert problems == []
    assert table.read == read


def test_steps_keep_their_order():
    """What is done first is done first."""
    assert steps("- skip: 1", "- keep_columns: a", "- drop_columns: [b, c]", "- take: 0") == (
        Skip(1),
        KeepColumns(("a",)),
        DropColumns(("b", "c")),
        Take(0),
    )
    assert steps("- take_random_sample: {probability: 0.5, seed: 7}") == (TakeSample(0.5, 7),)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{columns: a, column_type: int}", ConvertColumns(("a",), ColumnType.INT)),
        ("{columns: [a, b], column_type: Float}", ConvertColumns(("a", "b"), ColumnType.FLOAT)),
        ("{columns: u, column_type: stream_info}", ConvertColumns(("u",), ColumnType.STREAM)),
        (
            "{columns: d, column_type: {datetime: {formats: ['%d.%m.%Y']}}}",
            ConvertColumns(("d",), ColumnType.DATETIME, ("%d.%m.%Y",)),
        ),
        (
            "{columns: d, column_type: datetime, formats: ['%Y']}",
            ConvertColumns(("d",), ColumnType.DATETIME, ("%Y",)),
        ),
        (
            "{columns: b, column_type: {boolean: {true_values: ['yes'], false_values: ['no']}}}",
            ConvertColumns(("b",), ColumnType.BOOLEAN, (), ("yes",), ("no",)),
        ),
    ],
)
def test_a_conversion_names_columns_and_a_type(text, found):
    """Dates and truth values may say how they are written."""
    assert steps(f"- convert_column_types: [{text}]") == (found,)


def test_an_unknown_transformation_is_reported_where_it_stands():
    """With the line, and the nearest that there is."""
    document, _ = parse_document("paths: [{file: a}]\ntransformations:\n  - read_csv:\n", source="", file="d/MLTable")
    _, (problem,) = decode_table(document)

    assert (problem.code, problem.span.file, problem.span.line) == ("unknown-value", "d/MLTable", 3)
    assert "`read_delimited`" in problem.expected


@pytest.mark.parametrize("path", ["../a", "a/../../b", "/etc/passwd", "~/a", "file:../a", "./a/../.."])
def test_a_local_path_stays_in_the_folder(path):
    """What lies elsewhere is not stored with the table."""
    assert check(f"paths: [{{file: '{path}'}}]\n")[1] == [("outside-table", 1)]


@pytest.mark.parametrize("path", ["a/../b", "./a", ".", "ä b/$x'.csv".replace("'", "''"), "...", "a@1.csv"])
def test_any_name_in_the_folder_is_a_path(path):
    """Blanks, quotes, dots and other alphabets are ordinary."""
    assert check(f"paths: [{{pattern: '{path}'}}]\n")[1] == []


def a_filter(text):
    found = parse_filter(text)
    assert isinstance(found, Filter)
    return found.condition


def test_a_filter_is_read_as_python_reads_it():
    """`and` binds closer than `or`, `not` than `and`, and comparisons than all of them."""
    assert a_filter(' col("a") > 1.5 or not col("b") == "x y" and True') == Operation(
        "or",
        (
            Operation(">", (Column("a"), Constant(1.5))),
            Operation("and", (Operation("not", (Operation("==", (Column("b"), Constant("x y"))),)), Constant(True))),  # noqa: FBT003
        ),
    )


@pytest.mark.parametrize(
    ("text", "operator"),
    [
        ('col("a") in [1, 2]', "in"),
        ('col("a") not in ("x",)', "not"),
        ('col("a") is None', "null"),
        ('col("a") != None', "not"),
        ('(col("a") > 1) & (col("b") < 2)', "and"),
        ('1 < col("a") <= 2', "and"),
        ('~(col("a") % 2 == -1)', "not"),
    ],
)
def test_conditions_have_the_usual_forms(text, operator):
    """Both spellings of `and`, lists, chains, and nothing at all."""
    assert a_filter(text).operator == operator


def test_a_filter_knows_its_columns():
    """So that a missing one can be named."""
    found = parse_filter('col("a") > 1 and col("b") in [col("c")]')

    assert sorted(found.columns()) == ["a", "b", "c"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        'col("a")',
        'col("a") + 1',
        "a > 1",
        "col(a) > 1",
        'col("a").x > 1',
        '__import__("os").system("true") == 0',
        '[x for x in "abc"] == 1',
        "(lambda: 1)() == 1",
        'col("a") == ' + "(" * 500 + "1" + ")" * 500,
        'col("a") == 1\n\nx',
        'col("a\\x00',
        'col("a") is 1',
        'col("a") in "abc"',
        'col("a") > 1' + " and True" * 2000,
    ],
)
def test_what_is_no_condition_is_a_problem(text):
    """Nothing of a filter is ever executed."""
    found = parse_filter(text)

    assert isinstance(found, Problem)
    assert found.code == "bad-filter"


def test_a_problem_of_a_filter_knows_its_place():
    """Also behind letters of several bytes."""
    text = '  col("ä") > 1 and wrong == 2'
    found = parse_filter(text)

    assert text[found.start : found.end] == "wrong"


def test_a_partition_format_fits_the_end_of_a_path():
    """Texts and dates, in the words of the reference page."""
    found = parse_partition_format("/{Department}/{Date:yyyy/MM/dd}/data.csv")

    assert [(column.name, column.pieces) for column in found.columns] == [
        ("Department", ()),
        ("Date", ("%Y", "%m", "%d")),
    ]
    assert found.pattern == r"/([^/]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})/data\.csv"


@pytest.mark.parametrize(
    "text", ["", "/data.csv", "/{}/x", "/{a", "/a}", "/{a}/{a}", "/{d:MM}", "/{d:yy}", "/{d:yyyyMMM}"]
)
def test_a_partition_format_that_tells_nothing_is_a_problem(text):
    """A brace without partner, a column without name or twice, a date without year."""
    assert parse_partition_format(text).code == "bad-partition-format"
