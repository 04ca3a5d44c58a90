"""
What a parallel step is asked to do.

In:       the task file; the driver's own arguments among those of the entry script.
Out:      a `Task`.
Not here: doing it (`parallel.py`).
"""

from __future__ import annotations

import argparse
import json
import os
from typing import Any

_TRUE = ("true", "1", "yes")


class Task:
    """The task of one attempt; plain attributes, made once."""

    def __init__(self, value: dict[str, Any]) -> None:
        """Take what the task file holds."""
        self.root: str = value["root"]
        self.working_dir: str = value["working_dir"]
        self.logs: str = os.path.join(self.working_dir, "logs")
        self.entry_script: str = value["entry_script"]
        self.input: dict[str, Any] = value["input"]
        self.append_to: str | None = value.get("append_to")
        self.outputs: dict[str, str] = value.get("outputs") or {}
        self.mini_batch_files: int | None = value.get("mini_batch_files")
        self.mini_batch_bytes: int | None = value.get("mini_batch_bytes")
        self.partition_keys: list[str] = value.get("partition_keys") or []
        self.batch_threshold: int = value.get("mini_batch_error_threshold", -1)
        self.logging_level: str = value.get("logging_level") or "INFO"
        self.instances: int = max(1, value.get("instances") or 1)
        self.concurrency: int = value.get("concurrency") or _concurrency(self.instances)
        self.max_retries: int = value["max_retries"]
        self.timeout_seconds: float = value["timeout_seconds"]
        # Where an earlier run left finished mini-batches, and its outputs; None: everything runs.
        self.earlier: dict[str, Any] | None = value.get("earlier")
        own, self.arguments = _own_arguments(value.get("arguments") or [])
        self.item_threshold: int = own.error_threshold
        if value.get("error_threshold") is not None and own.error_threshold == -1:
            self.item_threshold = value["error_threshold"]
        self.allowed_failed_percent: float = own.allowed_failed_percent
        self.overhead_seconds: float = own.task_overhead_timeout
        self.progress_seconds: float | None = own.progress_update_timeout
        self.first_task_seconds: float = own.first_task_creation_timeout
        self.monitor_seconds: float = own.resource_monitor_interval
        self.without_effect: list[str] = [
            name for name in ("copy_logs_to_parent", "push_metrics_to_parent") if _is_true(getattr(own, name))
        ] + (["metrics_name_prefix"] if own.metrics_name_prefix else [])

    @property
    def worker_count(self) -> int:
        """Return how many worker processes there shall be."""
        return self.instances * self.concurrency

    @property
    def is_counting_rows(self) -> bool:
        """Return whether fewer returned rows than inputs are a failure: somebody has to want the rows."""
        return self.append_to is not None or self.item_threshold >= 0


def read_task(path: str) -> Task:
    """Return the task in a file."""
    with open(path, encoding="utf-8") as file:
        return Task(json.load(file))


def _own_arguments(arguments: list[str]) -> tuple[argparse.Namespace, list[str]]:
    """Part the driver's arguments from those of the entry script."""
    parser = argparse.ArgumentParser(prog="program_arguments", add_help=False, allow_abbrev=False)
    parser.add_argument("--error_threshold", type=int, default=-1)
    parser.add_argument("--allowed_failed_percent", type=float, default=100.0)
    parser.add_argument("--task_overhead_timeout", type=float, default=600.0)
    parser.add_argument("--progress_update_timeout", type=float)
    parser.add_argument("--first_task_creation_timeout", type=float, default=600.0)
    parser.add_argument("--copy_logs_to_parent", default="False")
    parser.add_argument("--metrics_name_prefix", default="")
    parser.add_argument("--push_metrics_to_parent", default="False")
    parser.add_argument("--resource_monitor_interval", type=float, default=600.0)
    return parser.parse_known_args(arguments)


def _is_true(text: str) -> bool:
    return str(text).strip().lower() in _TRUE


def _concurrency(instances: int) -> int:
    """Return how many workers an instance has that does not say: one with GPUs, else its share of the CPUs."""
    if os.environ.get("CUDA_VISIBLE_DEVICES", "").strip() not in ("", "-1"):
        return 1
    cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cpus // instances)
