#!/usr/bin/env python3
"""
A sweep of 100 trials of `true` beside a pipeline of 100 steps of `true`: what it costs that each trial is a job.

  bench/sweep.py [--trials N] [--times N]

Both run on the same warm server of a scratch home, in turn, and both are counted from the moment that the command line
is started to its end. Every trial has values of its own, drawn at random, so that nothing is reused on either side.
`true` logs no metric, so the sweep ends by saying that; all of its trials have completed by then, which is checked.
Wanted: at most 2 times the plain steps. Nothing here ever fails because of a time.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PIPEYARD = str(Path(sys.executable).with_name("pipeyard"))
WANTED = 2.0

SWEEP = """
type: sweep
trial: {{command: "true", environment: local}}
sampling_algorithm: random
search_space:
  rate: {{type: uniform, min_value: 0, max_value: 1}}
objective: {{goal: minimize, primary_metric: loss}}
limits: {{max_total_trials: {count}, max_concurrent_trials: {count}}}
"""
STEP = '  s{number}: {{command: "true", environment: local, inputs: {{rate: 0.{number}}}, reuse: false}}\n'


def main() -> None:
    """Measure both in turn, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--times", type=int, default=5)
    args = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="bench-sweep-"))
    env = {**os.environ, "PIPEYARD_HOME": str(folder / "home")}
    (folder / "sweep.yml").write_text(SWEEP.format(count=args.trials))
    steps = "".join(STEP.format(number=number) for number in range(args.trials))
    (folder / "plain.yml").write_text(f"type: pipeline\njobs:\n{steps}")
    try:
        for file in ("plain", "sweep"):  # Warms the server and its launcher; not counted.
            timed(folder, env, file, f"warm-{file}", args.trials)
        pairs = []
        for turn in range(args.times):
            plain = timed(folder, env, "plain", f"plain-{turn}", args.trials)
            sweep = timed(folder, env, "sweep", f"sweep-{turn}", args.trials)
            pairs.append((plain, sweep))
            print(f"  {turn + 1}/{args.times} plain {plain:.3f} s, sweep {sweep:.3f} s", file=sys.stderr, flush=True)
    finally:
        subprocess.run([PIPEYARD, "server", "stop"], env=env, capture_output=True, check=False)
        shutil.rmtree(folder, ignore_errors=True)
    plain, sweep = (statistics.median(side) for side in zip(*pairs, strict=True))
    # Each sweep is divided by the pipeline right before it, so that a busy moment of the machine cancels out.
    ratio = statistics.median(one / other for other, one in pairs)
    print("| what | seconds | plain steps | ratio | wanted at most |")
    print("|---|---:|---:|---:|---:|")
    print(f"| sweep of {args.trials} trials of `true` | {sweep:.3f} | {plain:.3f} | {ratio:.2f} | {WANTED:g} |")


def timed(folder: Path, env: dict[str, str], file: str, name: str, count: int) -> float:
    """Run a job to its end, see that everything in it ran, and return its wall seconds."""
    start = time.perf_counter()
    argv = [PIPEYARD, "job", "create", "-f", f"{file}.yml", "-n", name, "--stream", "-o", "none"]
    subprocess.run(argv, cwd=folder, env=env, capture_output=True, check=False)
    seconds = time.perf_counter() - start
    argv = [PIPEYARD, "job", "list", "--parent-job-name", name, "--all-results", "--query", "[].label"]
    said = subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True, check=True)
    ran = sum(label == "Completed" for label in json.loads(said.stdout))
    if ran != count:
        sys.exit(f"bench: in {name} {ran} ran instead of {count}")
    return seconds


if __name__ == "__main__":
    main()
