"""The rows of a table."""

from __future__ import annotations

import json

import pytest

from pipeyard.datastore.table_source import Source
from pipeyard.model.errors import UserError
from pipeyard.spec.decode import decode_table
from pipeyard.spec.document import parse_document

pd = pytest.importorskip("pandas")
pytest.importorskip("pyarrow")

from pipeyard.datastore import table_read  # noqa: E402 - needs what was just looked for
from pipeyard.datastore.table_read import head  # noqa: E402

CSV = "name,age,score,since,ok\nann,30,1.5,2020-01-02,true\nbob,,2.5,2021-03-04,false\n\u00fc$ x,41,,,\n"


@pytest.fixture
def shown(tmp_path):
    """Reads the head of a table of some files by some transformations."""

    def read(files, *steps, rows=100):
        sources = []
        for name, content in files.items():
            place = tmp_path / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content if isinstance(content, bytes) else content.encode())
            sources.append(Source(str(place), f"azureml://datastores/d/paths/{name}"))
        text = json.dumps({"paths": [{"file": "a"}], "transformations": list(steps)})
        document, _ = parse_document(text, source="", file="MLTable")
        table, problems = decode_table(document)
        assert problems == ()
        return head(table, sources, rows, 60)

    return read


def values(found, *names):
    return [tuple(row[name] for name in names) if len(names) > 1 else row[names[0]] for row in found["rows"]]


def types(found):
    return {column["name"]: column["type"] for column in found["columns"]}


def test_types_are_guessed_from_the_first_rows(shown):
    """Whole numbers with gaps stay whole; nothing is no value."""
    found = shown({"a.csv": CSV}, "read_delimited")

    assert types(found) == {"name": "string", "age": "int", "score": "float", "since": "datetime", "ok": "boolean"}
    assert values(found, "name", "age") == [("ann", 30), ("bob", None), ("ü$ x", 41)]
    assert values(found, "score", "ok", "since")[0] == (1.5, True, "2020-01-02T00:00:00")
    assert (found["is_complete"], found["file_count"]) == (True, 1)
    json.dumps(found)


def test_what_does_not_fit_the_guess_is_no_value(shown):
    """The guess is made once, for all rows and files."""
    rows = "".join(f"{number}\n" for number in range(1500))
    found = shown({"a.csv": "n\n" + rows + "many\n", "b.csv": "n\n7\n"}, "read_delimited", rows=2000)

    assert types(found) == {"n": "int"}
    assert values(found, "n")[-2:] == [None, 7]


def test_guessing_can_be_left_out(shown):
    """Everything is text then, and nothing may be a text too."""
    found = shown({"a.csv": CSV}, {"read_delimited": {"infer_column_types": False, "empty_as_string": True}})

    assert set(types(found).values()) == {"string"}
    assert values(found, "age") == ["30", "", "41"]


@pytest.mark.parametrize(
    ("header", "columns", "count"),
    [
        ("all_files_same_headers", ["x", "y"], 2),
        ("from_first_file", ["x", "y"], 3),
        ("no_header", ["Column1", "Column2"], 4),
        ("all_files_different_headers", ["x", "y", "u", "v"], 2),
    ],
)
def test_headers_are_where_they_are_said_to_be(shown, header, columns, count):
    """Azure's four words."""
    files = {"a.csv": "x,y\n1,2\n", "b.csv": "u,v\n3,4\n"}
    found = shown(files, {"read_delimited": {"header": header, "infer_column_types": False}})

    assert (list(types(found)), len(found["rows"])) == (columns, count)


@pytest.mark.parametrize(
    ("encoding", "codec"),
    [
        ("utf8", "utf-8"),
        ("utf8", "utf-8-sig"),
        ("utf8bom", "utf-8-sig"),
        ("utf16", "utf-16"),
        ("utf32", "utf-32"),
        ("latin1", "latin-1"),
        ("windows1252", "cp1252"),
    ],
)
def test_every_encoding_is_read(shown, encoding, codec):
    """A byte-order mark is no part of the first name."""
    found = shown(
        {"a.csv": "näme;b\nü;1\n".encode(codec)}, {"read_delimited": {"delimiter": ";", "encoding": encoding}}
    )

    assert found["rows"] == [{"näme": "ü", "b": 1}]


def test_json_lines_and_parquet(shown, tmp_path):
    """Values inside values are kept; binary values are told by their size."""
    lines = '{"a": 1, "b": {"c": [1, null]}}\n\n{"a": 2}\n'
    found = shown({"a.jsonl": lines}, {"read_json_lines": {"include_path_column": True}})
    assert values(found, "a", "b") == [(1, {"c": [1, None]}), (2, None)]
    assert values(found, "Path")[0] == "azureml://datastores/d/paths/a.jsonl"

    pd.DataFrame({"a": [1, 2], "b": [b"xyz", None]}).to_parquet(tmp_path / "p.parquet")
    found = shown({"a.parquet": (tmp_path / "p.parquet").read_bytes()}, "read_parquet")
    assert found["rows"] == [{"a": 1, "b": "(3 bytes)"}, {"a": 2, "b": None}]


def test_lines_that_are_no_json_are_an_error_or_left_out(shown):
    """As `invalid_lines` says; the error names the line."""
    files = {"a.jsonl": '{"a": 1}\nno\n[1]\n{"a": 2}\n'}
    found = shown(files, {"read_json_lines": {"invalid_lines": "drop"}})
    assert values(found, "a") == [1, 2]

    with pytest.raises(UserError, match="line 2") as raised:
        shown(files, "read_json_lines")
    assert raised.value.code == "unreadable-table"


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ('col("age") > 30', ["ü$ x"]),
        ('col("age") >= 30 and col("ok") == True', ["ann"]),
        ('col("age") is None', ["bob"]),
        ('not col("age") > 30', ["ann", "bob"]),
        ('col("name") in ["ann", "bob"] and col("score") * 2 == 3', ["ann"]),
        ('col("name") not in ["ann"]', ["bob", "ü$ x"]),
        ('col("since") < "2021-01-01"', ["ann"]),
        ('-col("age") + 1 < -29 or col("name") == "bob"', ["bob", "ü$ x"]),
        ("1 == 1", ["ann", "bob", "ü$ x"]),
        ("1 > 2", []),
        ('col("name") in []', []),
    ],
)
def test_a_filter_keeps_the_rows_it_holds_for(shown, condition, names):
    """A comparison with nothing holds for no row."""
    found = shown({"a.csv": CSV}, "read_delimited", {"filter": condition})

    assert values(found, "name") == names


def test_columns_are_picked_dropped_and_converted(shown):
    """In the order in which they are written."""
    found = shown(
        {"a.csv": "a,b,c,d,e\n1,yes,31/12/2020,5,x\n2,NO,2021,6,y\n"},
        {"read_delimited": {"infer_column_types": False}},
        {"drop_columns": "e"},
        {
            "convert_column_types": [
                {"columns": "a", "column_type": "int"},
                {"columns": "b", "column_type": {"boolean": {"true_values": ["yes"], "false_values": ["no"]}}},
                {"columns": "c", "column_type": {"datetime": {"formats": ["%d/%m/%Y", "%Y"]}}},
                {"columns": "d", "column_type": "float"},
            ]
        },
        {"keep_columns": ["d", "c", "b", "a"]},
    )

    assert types(found) == {"d": "float", "c": "datetime", "b": "boolean", "a": "int"}
    assert found["rows"][0] == {"d": 5.0, "c": "2020-12-31T00:00:00", "b": True, "a": 1}
    assert found["rows"][1]["c"] == "2021-01-01T00:00:00"


def test_rows_are_taken_and_skipped_across_files(shown):
    """As one table; a sample is the same for the same seed."""
    files = {f"{name}.csv": "n\n" + "".join(f"{number}\n" for number in range(100)) for name in "ab"}
    found = shown(files, "read_delimited", {"skip": 98}, {"take": 4})
    assert values(found, "n") == [98, 99, 0, 1]

    sample = {"take_random_sample": {"probability": 0.1, "seed": 3}}
    once, again = shown(files, "read_delimited", sample), shown(files, "read_delimited", sample)
    assert once["rows"] == again["rows"]
    assert 5 < len(once["rows"]) < 40


def test_columns_come_from_the_path(shown):
    """Texts and dates; a path that does not fit is an error."""
    step = {"extract_columns_from_partition_format": "/{team}/{day:yyyy/MM/dd}/{name}.csv"}
    found = shown({"ops/2020/01/02/a.csv": "n\n1\n"}, "read_delimited", step)
    assert found["rows"] == [{"n": 1, "team": "ops", "day": "2020-01-02T00:00:00", "name": "a"}]

    with pytest.raises(UserError, match="does not fit"):
        shown({"a.csv": "n\n1\n"}, "read_delimited", step)


def test_only_the_head_is_read(shown):
    """And it is said that there is more."""
    found = shown({"a.csv": "n\n" + "1\n" * 5000, "b.csv": b"\xff\xfe broken"}, "read_delimited", rows=3)

    assert (len(found["rows"]), found["is_complete"], found["is_cut"]) == (3, False, False)


def test_reading_ends_when_it_takes_too_long(shown, monkeypatch):
    """A filter that lets nothing through would read for hours."""
    monkeypatch.setattr(table_read.time, "monotonic", iter(range(0, 10_000, 61)).__next__)
    found = shown({"a.csv": "n\n" + "1\n" * 5000}, "read_delimited", {"filter": 'col("n") > 1'})

    assert (found["rows"], found["is_complete"], found["is_cut"]) == ([], False, True)


def test_a_table_that_reads_nothing_shows_its_files(shown):
    """One row for each."""
    found = shown({"a.png": b"", "b.png": b""})

    assert values(found, "Path") == ["azureml://datastores/d/paths/a.png", "azureml://datastores/d/paths/b.png"]


@pytest.mark.parametrize(
    ("files", "step", "code"),
    [
        ({"a.csv": b"n\n\xff\n"}, "read_delimited", "unreadable-table"),
        ({"a.csv": "a,b\n1,2\n1,2,3,4\n"}, "read_delimited", "unreadable-table"),
        ({"a.parquet": "no"}, "read_parquet", "unreadable-table"),
        ({"a": ""}, "read_delta_lake", "no-table-reader"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_file(shown, files, step, code):
    """By the name that people know."""
    with pytest.raises(UserError) as raised:
        shown(files, step)

    assert raised.value.code == code


@pytest.mark.parametrize(
    "step",
    [
        {"keep_columns": ["nam"]},
        {"drop_columns": ["nam"]},
        {"filter": 'col("nam") == 1'},
        {"convert_column_types": [{"columns": "nam", "column_type": "int"}]},
    ],
)
def test_a_column_that_is_not_there_names_the_nearest(shown, step):
    """Whatever asks for it."""
    with pytest.raises(UserError) as raised:
        shown({"a.csv": CSV}, "read_delimited", step)

    assert (raised.value.code, raised.value.hint) == ("unknown-column", "did you mean `name`?")


def test_texts_and_numbers_are_not_compared(shown):
    """The sentence shows the filter and says what to do."""
    with pytest.raises(UserError, match="compares what cannot be compared") as raised:
        shown({"a.csv": CSV}, "read_delimited", {"filter": 'col("name") > 1'})

    assert "convert_column_types" in raised.value.hint


def test_an_empty_file_has_no_rows(shown):
    """Nor columns; others go on."""
    found = shown({"a.csv": "", "b.csv": "n\n1\n"}, "read_delimited")

    assert found["rows"] == [{"n": 1}]
    assert shown({"a.csv": ""}, "read_delimited")["rows"] == []
