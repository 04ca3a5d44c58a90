"""
A Spark program on this machine: `spark-submit` of the step's own pyspark, with local threads.

In:       a task file: what to run, with which files and settings.
Out:      the exit code of `spark-submit`.
Not here: whether there is a Spark at all (`service/spark.py` asks before anything runs).

Driver and executors are one process here. Sizes of executors have no meaning then: the
driver gets the memory of all of them, and as many threads as all of them have cores, up to
what the machine has.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from typing import Any

_UNITS = {"": 1 << 20, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def main(arguments: list[str]) -> int:
    """Run what the task says."""
    with open(arguments[0], encoding="utf-8") as file:
        task = json.load(file)
    problem = _missing()
    if problem is not None:
        print(problem, file=sys.stderr)
        return 127
    for target in task["outputs"].values():
        # Spark makes its outputs itself, and most ways to write refuse a folder that is there.
        if os.path.isdir(target) and not os.listdir(target):
            os.rmdir(target)
    command = command_of(task, sys.executable)
    print("spark: " + " ".join(command), flush=True)
    env = {**os.environ, "PYSPARK_PYTHON": sys.executable, "PYSPARK_DRIVER_PYTHON": sys.executable}
    env.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    # What it shuffles goes with the attempt, also when it is killed.
    env.setdefault("SPARK_LOCAL_DIRS", os.path.join(task["root"], "spark"))
    # The launcher ends the whole group of processes, so nobody has to hand signals on.
    code = subprocess.run(command, env=env, cwd=task["working_dir"], check=False).returncode
    for target in task["outputs"].values():
        _make_folder(target)
    return code if code >= 0 else 128 - code


def command_of(task: dict[str, Any], python: str) -> list[str]:
    """Return the whole command line of `spark-submit`."""
    conf = dict(task["conf"])
    cores, memory = _cores(conf), _memory(conf)
    conf.setdefault("spark.ui.enabled", "false")
    conf.setdefault("spark.driver.host", "127.0.0.1")
    command = _submit(python)
    command += ["--master", f"local[{cores}]", "--driver-memory", memory]
    for name, value in sorted(conf.items()):
        if name not in ("spark.driver.memory", "spark.master"):
            command += ["--conf", f"{name}={value}"]
    for option, key in (
        ("--py-files", "py_files"),
        ("--jars", "jars"),
        ("--files", "files"),
        ("--archives", "archives"),
    ):
        if task[key]:
            command += [option, ",".join(_place(task, path) for path in task[key])]
    if task["entry_class"]:
        # The first jar holds the class; Spark asks for one as the program itself.
        command += ["--class", task["entry_class"], _place(task, task["jars"][0])]
    else:
        command.append(_place(task, task["entry_file"]))
    return [*command, *task["arguments"]]


def _submit(python: str) -> list[str]:
    """Return how `spark-submit` of this Python's pyspark is called."""
    own = os.path.join(os.path.dirname(python), "spark-submit")
    if os.path.exists(own):
        return [own]
    spec = importlib.util.find_spec("pyspark")
    folder = os.path.dirname(spec.origin or "") if spec is not None else ""
    return [os.path.join(folder, "bin", "spark-submit")]


def _place(task: dict[str, Any], path: str) -> str:
    return path if _URI.match(path) else os.path.join(task["working_dir"], path)


def _make_folder(target: str) -> None:
    """See to it that an output is a folder: one that was never written, and one that the program made a file."""
    if os.path.isfile(target):
        os.rename(target, target + ".file")
        os.mkdir(target)
        os.rename(target + ".file", os.path.join(target, os.path.basename(target)))
    os.makedirs(target, exist_ok=True)


def _cores(conf: dict[str, str]) -> int:
    """Return how many threads: what the executors together have, but no more than there are CPUs."""
    cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cpus, int(conf.get("spark.executor.cores", "1")) * _instances(conf)))


def _memory(conf: dict[str, str]) -> str:
    """Return the memory of the one process: the driver's and that of all executors, at most two thirds of the machine's."""
    wanted = _bytes(conf.get("spark.driver.memory", "1g"))
    wanted += _instances(conf) * _bytes(conf.get("spark.executor.memory", "0m"))
    try:
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        total = wanted
    return f"{max(512, min(wanted, total * 2 // 3) >> 20)}m"


def _instances(conf: dict[str, str]) -> int:
    return int(conf.get("spark.executor.instances") or conf.get("spark.dynamicAllocation.maxExecutors") or "1")


def _bytes(text: str) -> int:
    match = re.match(r"(\d+)([kmgt]?)", text.strip().lower())
    return int(match.group(1)) * _UNITS[match.group(2)] if match is not None else 0


def _missing() -> str | None:
    if importlib.util.find_spec("pyspark") is None:
        return "the environment of this step has no pyspark: add `pyspark` to the pip packages of its conda file"
    if os.environ.get("JAVA_HOME") or shutil.which("java"):
        return None
    return "Spark needs Java, which is not here: install a Java runtime, such as openjdk-17-jre-headless"
