#!/usr/bin/env python3
"""
Measure what a sandbox and a container cost a step, inside one run.

  tests/containers.sh .venv/bin/python bench/containers.py          twenty times each, interleaved

A step is `true`, from the order to the launcher until its report. A sandbox is measured
against the same step without; a container against `podman create` and `podman start
--attach` typed by hand with the same options; opening an environment that is there, by
itself. Nothing fails because of a time.
"""

import argparse
import os
import queue
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pipeyard.compute.local import LocalCompute
from pipeyard.environment.build import Built, Made
from pipeyard.environment.container import Containers
from pipeyard.environment.setting import EnvironmentSettings
from pipeyard.environment.strategy import InContainer
from pipeyard.launch.container import PlannedContainer
from pipeyard.launch.plan import LaunchPlan

IMAGE = os.environ.get("PIPEYARD_TEST_IMAGE", "")
ENDED = ("exited", "refused", "lost")


class Folders:
    """Datastores of a scratch folder."""

    def __init__(self, folder):
        self.folder = folder

    def local_path(self, _workspace, uri):
        return self.folder / uri.path


class Steps:
    """Runs steps by the launcher of a scratch home."""

    def __init__(self, home):
        self.compute = LocalCompute(home, Folders(home / "store"))
        self.reports = queue.Queue()
        self.compute.on_report = self.reports.put
        self.compute.open()
        self.count = 0

    def run(self, **changes):
        self.count += 1
        name = f"step{self.count}.1"
        plan = LaunchPlan(
            attempt_id=name,
            job_name=name,
            root=self.compute.staging_root(name),
            command="true",
            environment={"PATH": os.environ["PATH"]},
            code_uri=None,
            inputs=(),
            outputs=(),
            log_uri=f"azureml://datastores/store/paths/{name}.txt",
            **changes,
        )
        self.compute.launch(plan)
        while (report := self.reports.get(timeout=60)).state not in ENDED or report.attempt_id != name:
            pass
        if report.exit_code != 0:
            sys.exit(f"bench: a step ended with {report}")


def timed(action):
    begun = time.perf_counter()
    action()
    return (time.perf_counter() - begun) * 1000


def by_hand(image, number):
    name = f"pipeyard-bench-{os.getpid()}-{number}"
    options = ["--pull", "never", "--network", "host", "--log-driver", "none", "--shm-size", "64m"]

    def run():
        create = [image.program, "create", "--name", name, *options, image.image, "/bin/bash", "-c", "true"]
        subprocess.run(create, check=True, stdout=subprocess.DEVNULL)
        subprocess.run([image.program, "start", "--attach", name], check=True)

    milliseconds = timed(run)
    subprocess.run([image.program, "rm", "--force", name], check=True, stdout=subprocess.DEVNULL)
    return milliseconds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=20)
    times = parser.parse_args().times
    if not IMAGE:
        sys.exit("bench: no image; run it by tests/containers.sh")
    with tempfile.TemporaryDirectory(prefix="pipeyard-bench-") as folder:
        measure(Path(folder), times)


def measure(folder, times):
    steps = Steps(folder / "home")
    containers = Containers(EnvironmentSettings(), dict(os.environ), Folders(folder).local_path)
    strategy = InContainer(containers.kind or "podman", IMAGE)
    ready = subprocess.run(
        ["podman", "image", "inspect", "--format", "{{.Id}}", IMAGE], check=True, capture_output=True, text=True
    ).stdout.strip()
    made = Made(folder, Built("", {"image": ready, "label": IMAGE, "runtime": strategy.runtime}))
    image = containers.open(strategy, made).container
    container = PlannedContainer(image, {"pipeyard.bench": "1"}, "64m")
    rows = {"bare": [], "sandbox": [], "by hand": [], "container": [], "open": []}
    # The first of each is thrown away: it loads what the others find loaded.
    for number in range(times + 1):
        rows["bare"].append(timed(steps.run))
        rows["sandbox"].append(timed(lambda: steps.run(is_sandboxed=True)))
        rows["by hand"].append(by_hand(image, number))
        # What removes the container before is not a part of this one.
        time.sleep(0.3)
        rows["container"].append(timed(lambda: steps.run(container=container)))
        time.sleep(0.3)
        rows["open"].append(timed(lambda: containers.open(strategy, made)))
    median = {name: statistics.median(found[1:]) for name, found in rows.items()}
    steps.compute.drain()
    steps.compute.close()
    print(f"{'a bare step':44}  {median['bare']:8.1f} ms")
    print(
        f"{'a step in a sandbox, more than bare':44}  {median['sandbox'] - median['bare']:8.1f} ms   wanted: under 10"
    )
    print(f"{'podman create and start --attach by hand':44}  {median['by hand']:8.1f} ms")
    ratio = median["container"] / median["by hand"]
    print(f"{'a step in a container':44}  {median['container']:8.1f} ms   {ratio:.2f} of it; wanted: 1.3 at most")
    print(f"{'opening an image that is there':44}  {median['open']:8.3f} ms   wanted: under 5")


if __name__ == "__main__":
    main()
