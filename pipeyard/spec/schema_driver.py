"""
The fields of steps that a program of ours runs, as data: parallel, Spark, copying.

In:       nothing.
Out:      parts of `spec/schema.py`, which it looks like.
Not here: what decoding does with them (`spec/decode_parallel.py`, `spec/decode_spark.py`).

Source: sections 3.3, 3.5 and 3.7 of the language reference.
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeyard.spec.field import Field


def _f(name: str, type_: str, description: str, default: str | None = None, *, required: bool = False) -> Field:
    return Field(name, type_, description, required, default)


# What such a step, component or job has beside what every one of its sort has.
DRIVER_FIELDS: Mapping[str, tuple[Field, ...]] = {
    "parallel": (
        _f("task", "mapping", "What is done with each mini-batch.", required=True),
        _f("input_data", "`${{inputs.<name>}}`", "The input that is split into mini-batches.", required=True),
        _f("mini_batch_size", "number of files, or size such as 10kb", "How large a mini-batch is.", "1; tables: 1mb"),
        _f("partition_keys", "list of columns", "Rows with equal values make a mini-batch; tables only."),
        _f("mini_batch_error_threshold", "whole number", "Mini-batches that may fail; -1: any number.", "-1"),
        _f("error_threshold", "whole number", "Items that may fail; -1: any number.", "-1"),
        _f("logging_level", "INFO, WARNING or DEBUG", "What is written to the logs.", "INFO"),
        _f("max_concurrency_per_instance", "whole number", "Worker processes on each instance.", "CPUs; GPUs: 1"),
        _f("retry_settings", "mapping", "How often and how long a mini-batch is tried."),
    ),
    "spark": (
        _f("entry", "mapping", "The program: a file of the code, or a class in a jar.", required=True),
        _f("args", "text", "What the program is called with."),
        _f("py_files", "list of paths", "Modules for the program, as files of the code."),
        _f("jars", "list of paths", "Java libraries, as files of the code."),
        _f("files", "list of paths", "Files put into the working folder of each executor."),
        _f("archives", "list of paths", "Archives unpacked into the working folder of each executor."),
        _f("conf", "mapping", "Settings of Spark.", required=True),
    ),
    "data_transfer": (
        _f("task", "copy_data", "What is done.", required=True),
        _f("data_copy_mode", "merge_with_overwrite or fail_if_conflict", "What becomes of equal names.", required=True),
    ),
}

DRIVER_SCHEMA: Mapping[str, tuple[Field, ...]] = {
    "parallel task": (
        _f("type", "run_function or function", "What kind of task it is.", "run_function"),
        _f("code", "path or reference", "Folder that is copied into the working folder.", required=True),
        _f("entry_script", "path in the code", "The Python file with `init`, `run` and `shutdown`.", required=True),
        _f("environment", "reference, file or mapping", "What the entry script runs in."),
        _f("program_arguments", "text", "What the entry script, and the driver, are called with."),
        _f("append_row_to", "`${{outputs.<name>}}`", "The output whose file gets every returned row."),
        _f("model", "reference", "Accepted."),
    ),
    "retry_settings": (
        _f("max_retries", "whole number", "Tries of a mini-batch after the first one.", "2"),
        _f("timeout", "seconds", "How long a try may take.", "60"),
    ),
    "spark entry": (
        _f("file", "path in the code", "A Python file."),
        _f("class_name", "text", "A class in one of the jars."),
    ),
}
