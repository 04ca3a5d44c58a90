"""
A step that a program of ours runs, made one attempt like any command.

In:       the node of a parallel, Spark or copying step.
Out:      the node with its whole task, and with inputs and outputs as paths of the machine.
Not here: whether the task makes sense (`graph/check_driver.py`), its command line (`launch/driver.py`).

Azure's own drivers read and write URIs (`mode: direct`). Ours run where datastores can be mounted,
so what is direct there is mounted here: entry scripts and Spark find plain paths.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pipeyard.graph.model import BoundInput, BoundOutput, Data, Node, NodeOutput
from pipeyard.model.component import EnvironmentValue, InlineEnvironment
from pipeyard.model.driver import CopyTask, Driver, SparkTask, merged
from pipeyard.model.types import InputMode, OutputMode, PortType

# The Python that Pipeyard itself runs with, for what needs nothing of the step's own.
_LOCAL = "local"


def lowered(node: Node) -> Node:
    """Return the node of a driver's step ready to be checked and planned; any other node as it is."""
    if node.component.driver is None:
        return node
    driver = _whole(node.step.driver, node.component.driver)
    return replace(
        node,
        driver=driver,
        inputs={name: _mounted(bound) for name, bound in node.inputs.items()},
        outputs={name: _mounted_output(driver, bound) for name, bound in node.outputs.items()},
        environment=_environment(driver, node.environment),
    )


def _whole(step: Driver | None, component: Driver) -> Driver:
    return merged(step, component) if step is None or type(step) is type(component) else component


def _mounted(bound: BoundInput) -> BoundInput:
    if isinstance(bound, Data | NodeOutput) and bound.mode is InputMode.DIRECT:
        return replace(bound, mode=InputMode.RO_MOUNT)
    return bound


def _mounted_output(driver: Driver, bound: BoundOutput) -> BoundOutput:
    if isinstance(driver, SparkTask) and bound.type is PortType.URI_FILE:
        # What Spark calls a file is a folder with parts.
        bound = replace(bound, type=PortType.URI_FOLDER)
    return replace(bound, mode=OutputMode.RW_MOUNT) if bound.mode is OutputMode.DIRECT else bound


def _environment(driver: Driver, environment: EnvironmentValue | None) -> EnvironmentValue | None:
    if isinstance(driver, CopyTask):
        return _LOCAL
    if not isinstance(driver, SparkTask):
        return environment
    if environment is None:
        return _LOCAL
    if isinstance(environment, InlineEnvironment) and environment.conda is not None:
        # Section 3.5: of a Spark step's environment only the conda part counts.
        return replace(environment, image=None, build=None, conda=_with_spark(environment.conda, driver))
    return environment


def _with_spark(conda: Mapping[str, Any], driver: SparkTask) -> Mapping[str, Any]:
    """Return a conda file that holds pyspark; the version that was asked for, unless it says so itself."""
    listed = conda.get("dependencies")
    dependencies = list(listed) if isinstance(listed, list | tuple) else []
    pip = next((item["pip"] for item in dependencies if isinstance(item, Mapping) and "pip" in item), None)
    texts = [item for item in (*dependencies, *(pip or ())) if isinstance(item, str)]
    if any(text.replace(" ", "").lower().startswith("pyspark") for text in texts):
        return conda
    version = (driver.runtime_version or "").strip()
    wanted = f"pyspark=={version}.*" if version.count(".") == 1 else f"pyspark=={version}" if version else "pyspark"
    others = [item for item in dependencies if not (isinstance(item, Mapping) and "pip" in item)]
    return {**conda, "dependencies": [*others, {"pip": [*(pip or ()), wanted]}]}
