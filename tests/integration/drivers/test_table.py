"""Tables as mini-batches, read by the pandas of the step's Python."""

from __future__ import annotations

import pytest

from pipeyard.datastore.table_recipe import recipe_of
from pipeyard.spec.decode import decode_table
from pipeyard.spec.document import parse_document

pytest.importorskip("pandas")

SCRIPT = """
    def run(frame, context):
        return [f"{context.partition_key_value}/{list(frame.iloc[0])}/{len(frame)}"] + [""] * (len(frame) - 1)
"""


def table(step, transformations, **texts):
    """Write files and return the task's input for a table of them."""
    document, problems = parse_document(
        f"paths: [{{pattern: './*'}}]\ntransformations: {transformations}", source="t", file="t"
    )
    found, more = decode_table(document)
    assert not (*problems, *more)
    files = []
    for name, text in texts.items():
        place = step.data / name.replace("__", "/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        path = place.relative_to(step.data).as_posix()
        files.append({"path": path, "uri": f"azureml://datastores/x/paths/{path}"})
    step.script(SCRIPT)
    return {"name": "d", "path": str(step.data), "files": files, "table": recipe_of(found)}


def shown(step):
    return [line for line in step.lines() if line]


def test_rows_are_split_by_keys_in_order(step):
    """A mini-batch has all rows with equal values, from every file; its context says which."""
    wanted = table(
        step,
        "[read_delimited: {}, {filter: 'col(\"n\") > 1'}, {drop_columns: [x]}]",
        a="k,n,x\nb,2,9\na,3,9\na,1,9\n",
        b="k,n,x\nb,4,9\na,5,9\n",
    )

    assert step.run(input=wanted, partition_keys=["k"]) == 0, step.said
    assert shown(step) == ["{'k': 'a'}/['a', 3]/2", "{'k': 'b'}/['b', 2]/2"]
    assert step.progress()["failed"] == []


def test_rows_are_split_by_size(step):
    """As many rows as have that size in their file; small files are put together."""
    rows = "".join(f"{number:03d}\n" for number in range(100))
    wanted = table(step, "[read_delimited: {header: no_header, infer_column_types: false}]", a=rows, b="xxx\nyyy\n")

    assert step.run(input=wanted, mini_batch_bytes=160) == 0, step.said
    sizes = [int(line.rpartition("/")[2]) for line in shown(step)]
    assert sizes == [40, 40, 22]
    assert step.progress()["items"] == {"total": 102, "done": 102, "failed": 0}


def test_columns_may_come_from_paths(step):
    """As in Azure's example of training a model for each store and brand."""
    wanted = table(
        step,
        "[read_delimited: {include_path_column: true}, "
        "{extract_columns_from_partition_format: {partition_format: '/{store}/{file}.csv'}}, {drop_columns: [Path, file]}]",
        **{"1005__p.csv": "n\n1\n2\n", "1004__p.csv": "n\n3\n"},
    )

    assert step.run(input=wanted, partition_keys=["store"]) == 0, step.said
    assert shown(step) == ["{'store': 1004}/[3, 1004]/1", "{'store': 1005}/[1, 1005]/2"]


def test_lines_of_json_are_rows_too(step):
    """Bad lines are left out where that is asked for."""
    wanted = table(step, "[read_json_lines: {invalid_lines: drop}, {take: 2}]", a='{"n": 1}\nno\n{"n": 2}\n{"n": 3}\n')

    assert step.run(input=wanted) == 0, step.said
    assert shown(step) == ["{}/[1]/2"]


@pytest.mark.parametrize(
    ("transformations", "task", "said"),
    [
        ("[read_delimited: {}]", {"partition_keys": ["nope"]}, "the partition key `nope` is no column"),
        ("[read_delimited: {}, {keep_columns: [z]}]", {}, "`keep_columns` names the column `z`"),
        ("[read_json_lines: {}]", {}, "line 1 of `a` is no JSON object"),
    ],
)
def test_a_table_that_is_not_as_it_says_fails_the_step(step, transformations, task, said):
    """In one sentence."""
    wanted = table(step, transformations, a="n,m\n1,2\n")

    assert step.run(input=wanted, **task) == 1
    assert said in step.said


def test_missing_pandas_is_said(step):
    """The step's own environment has to have it."""
    wanted = table(step, "[read_delimited: {}]", a="n\n1\n")
    hiding = step.root / "driver" / "pandas.py"
    hiding.write_text("raise ImportError('none here')\n")

    assert step.run(input=wanted) == 1
    assert "has no pandas, which is needed to split a table" in step.said
