#!/usr/bin/env python3
"""
Measure what an environment costs a step, inside one run.

  bench/environments.py             twenty times each, interleaved

A virtual environment with one package is made by uv from a wheel that is written here, so
no index is asked. Then: finding it again (of the same server, and of a new one), and a
process in it against its bare interpreter. Nothing fails because of a time.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pipeyard.environment.local import LocalEnvironments
from pipeyard.model.component import InlineEnvironment
from pipeyard.model.diagnostic import Place
from pipeyard.ports import EnvironmentRequest


def wheel(folder):
    with zipfile.ZipFile(folder / "small-1-py3-none-any.whl", "w") as file:
        file.writestr("small.py", "")
        file.writestr("small-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: small\nVersion: 1\n")
        file.writestr("small-1.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr("small-1.dist-info/RECORD", "")


def timed(action):
    begun = time.perf_counter()
    action()
    return (time.perf_counter() - begun) * 1000


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=20)
    times = parser.parse_args().times
    with tempfile.TemporaryDirectory(prefix="pipeyard-bench-") as name:
        measure(Path(name), times)


def measure(folder, times):
    wheel(folder)
    variables = dict(os.environ, UV_NO_INDEX="1", UV_FIND_LINKS=str(folder), UV_CACHE_DIR=str(folder / "cache"))

    def server():
        return LocalEnvironments(folder / "home", sys.executable, environment=variables)

    def wanting(*more):
        conda = {"dependencies": ["python", {"pip": ["small", *more]}]}
        return EnvironmentRequest(InlineEnvironment(Place(), conda=conda))

    environments, request = server(), wanting()
    first = timed(lambda: environments.prepare(request))
    second = timed(lambda: environments.prepare(wanting("small==1")))
    prepared = environments.find(request)
    inside = f"{prepared.path_prefix[0]}/python"
    bare = os.path.realpath(inside)
    path = f"{prepared.path_prefix[0]}:{os.environ['PATH']}"
    rows = {"find": [], "find, new server": [], "bare": [], "inside": []}
    for _ in range(times):
        newer = server()
        rows["find"].append(timed(lambda: environments.find(request)))
        rows["find, new server"].append(timed(lambda: newer.find(request)))
        # Without `site`: what else is installed for the bare one is no matter of the environment.
        rows["bare"].append(timed(lambda: subprocess.run([bare, "-S", "-c", ""], check=True)))
        variables_of_step = {**os.environ, **prepared.variables, "PATH": path}
        rows["inside"].append(
            timed(lambda: subprocess.run([inside, "-S", "-c", ""], check=True, env=variables_of_step))
        )
    median = {name: statistics.median(values) for name, values in rows.items()}
    print(f"made by uv, first {first:8.1f} ms   second {second:.1f} ms")
    print(
        f"found again       {median['find']:8.2f} ms   by a new server {median['find, new server']:.2f} ms   wanted: 5"
    )
    print(
        f"python in it      {median['inside']:8.1f} ms   bare {median['bare']:.1f} ms   "
        f"more: {median['inside'] - median['bare']:.1f} ms   wanted: 5"
    )


if __name__ == "__main__":
    main()
