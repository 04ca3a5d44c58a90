"""
Pages of the codes about MLTables.
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeyard.model.code_page import CodePage

TABLE_PAGES: Mapping[str, CodePage] = {
    "bad-filter": CodePage(
        "The condition of a `filter` in an MLTable cannot be read, or holds something that filters do not know. "
        'They know columns as `col("name")`, numbers, quoted texts, `True`, `False`, `None`, comparisons, '
        "`in [...]`, `and`, `or`, `not` and arithmetic.",
        "transformations:\n  - read_delimited:\n  - filter: temperature > 32",
        'Write `filter: \'col("temperature") > 32 and col("location") == "UK"\'`.',
    ),
    "bad-partition-format": CodePage(
        "A partition format says which parts of a file's path are columns: `{name}` is a text, `{name:yyyy/MM/dd}` a date. "
        "It reaches to the end of the path.",
        "transformations:\n  - read_parquet:\n  - extract_columns_from_partition_format: /{year/{month}/data.parquet",
        "Close each brace, give each column a name of its own, and each date its `yyyy`.",
    ),
    "outside-table": CodePage(
        "An MLTable names a file by an absolute path, or by one that leads out of its folder. "
        "Only the folder itself is stored with the table, so such a file would be missing wherever the table is read.",
        "paths:\n  - file: ../data/rows.csv",
        "Move the data into the table's folder, or store it in a datastore and name it by "
        "`azureml://datastores/<datastore>/paths/<path>`.",
    ),
    "too-early": CodePage(
        "A transformation that works on rows stands before the one that reads them. "
        "Without one of `read_delimited`, `read_parquet`, `read_json_lines` and `read_delta_lake` a table is a list of files.",
        "transformations:\n  - drop_columns: [b]\n  - read_delimited:",
        "Put the transformation that reads the files above it.",
    ),
    "nothing-matches": CodePage(
        "No file fits a pattern of an MLTable, or the whole table has no file at all. "
        "`*` and `?` stay within one name, `**` goes through folders.",
        "paths:\n  - pattern: ./*.csv",
        "Look at the folder; to reach into folders write `./**/*.csv`.",
    ),
    "table-clash": CodePage(
        "Two files of an MLTable would be seen by the step under the same path. Files below the table's folder keep their "
        "path; files that are named by URI are seen below the name of their datastore or host.",
        "paths:\n  - file: ./blob/a.csv\n  - file: azureml://datastores/blob/paths/a.csv",
        "Rename the folder in the table.",
    ),
    "table-too-large": CodePage(
        "An MLTable stands for more files than can be put in place one by one.",
        "paths:\n  - pattern: ./**/*.jpg",
        "Use the mode `ro_mount`, which shows the whole folder at once, or narrow the pattern.",
    ),
    "unreadable-table": CodePage(
        "A file of a table is not what the transformation that reads it expects: other text than its encoding says, rows of "
        "different lengths, lines that are no JSON.",
        "transformations:\n  - read_delimited: {delimiter: ';', encoding: ascii}",
        "Look at the file, and say how it is written: `delimiter`, `encoding`, `header`, `invalid_lines`.",
    ),
    "unknown-column": CodePage(
        "A transformation of an MLTable names a column that the table does not have at that point.",
        "transformations:\n  - read_delimited:\n  - keep_columns: [nam]",
        "Use a name from the table's header; transformations work in the order in which they are written.",
    ),
    "no-table-reader": CodePage(
        "The rows of a table cannot be read here: pandas and pyarrow, which do it, are not installed, "
        "or the table is of a kind that this version cannot read.",
        "pipeyard data preview --name titanic",
        "Install the extra: `pip install 'pipeyard[tables]'`. Steps read tables with whatever their own environment has.",
    ),
    "not-a-table": CodePage(
        "Only tables can be previewed: data of type `mltable`, and single files whose name ends in `.csv`, `.tsv`, "
        "`.parquet` or `.jsonl`.",
        "pipeyard data preview --name pictures",
        "Register the folder as `mltable`, with a file `MLTable` in it that says how it is read.",
    ),
}
