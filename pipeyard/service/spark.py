"""
Whether the Spark steps of a job can run here: said before anything runs.

In:       a graph, and the Python that `environment: local` stands for.
Out:      problems, one for each thing that is missing.
Not here: running Spark (`pipeyard/drivers/spark.py`).

An environment with a conda file brings its own pyspark (`graph/lower.py` sees to that);
Java never comes with one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

from pipeyard.graph.control import every_node
from pipeyard.graph.model import Graph, Node
from pipeyard.model.diagnostic import Diagnostic
from pipeyard.model.driver import SparkTask

_ASK = "import importlib.util, sys; sys.exit(importlib.util.find_spec('pyspark') is None)"
_SECONDS_MAX = 20.0


def spark_problems(graph: Graph, python: str | None) -> tuple[Diagnostic, ...]:
    """Return what keeps the Spark steps of a job from running; nothing is asked when it has none."""
    nodes = [node for node in every_node(graph) if isinstance(node.driver, SparkTask)]
    return tuple(_problems(nodes, python or sys.executable)) if nodes else ()


def _problems(nodes: list[Node], python: str) -> Iterator[Diagnostic]:
    if not has_java():
        yield Diagnostic(
            "no-spark",
            f"{_named(nodes[0])} runs on Spark, which needs Java, and there is no Java on this machine",
            nodes[0].step.place,
            expected="`java` on PATH of the server, or JAVA_HOME",
            hint="install a Java runtime, such as `apt-get install openjdk-17-jre-headless`, and restart the server",
        )
    local = next((node for node in nodes if node.environment == "local"), None)
    if local is not None and not has_pyspark(python):
        yield Diagnostic(
            "no-spark",
            f"{_named(local)} runs on Spark, and the Python that it would run with has no pyspark ({python})",
            local.step.place,
            expected="pyspark in that Python, or an environment of the step's own",
            hint="pip install 'pipeyard[spark]', or give the step an `environment:` with a conda file",
        )


def _named(node: Node) -> str:
    # A job that is one program has one node, without a name.
    return f"step `{node.id}`" if node.id else "the job"


def has_java() -> bool:
    """Return whether Spark would find a Java."""
    home = os.environ.get("JAVA_HOME")
    return shutil.which("java") is not None or (home is not None and os.path.exists(f"{home}/bin/java"))  # noqa: PTH110


def has_pyspark(python: str) -> bool:
    """Return whether a Python has pyspark, without importing it."""
    try:
        asked = subprocess.run([python, "-c", _ASK], capture_output=True, timeout=_SECONDS_MAX, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0
