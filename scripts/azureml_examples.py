#!/usr/bin/env python3
"""
Run the files of a checkout of Azure/azureml-examples, unchanged, and compare with what is expected.

  make examples FROM=<checkout>                         all of them
  scripts/azureml_examples.py <checkout> --only 3b      those whose path holds "3b"

examples/azureml-examples.txt says what is expected of each file. Nothing of that checkout is part of this repository.
A file that is not in the checkout is passed over and counted. Exit code 1: something was not as expected.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]
LIST = TOP / "examples" / "azureml-examples.txt"
PIPEYARD = Path(sys.executable).with_name("pipeyard")
KINDS = ("component", "data", "environment", "model")
# Longer than any of them takes.
LIMIT_SECONDS = 600


@dataclass(frozen=True)
class Example:
    """One file, and what becomes of it."""

    # `completes`: it runs to its end. `accepted`: it is valid, but this machine cannot run it.
    # `refused`: `job create` refuses it by name. A kind of asset: it is registered, before the jobs that use it.
    outcome: str
    path: str
    # Why it does not complete.
    reason: str


def listed() -> Iterator[Example]:
    """Yield the committed list: outcome, path below `cli/`, and a reason behind a `#`."""
    for line in LIST.read_text(encoding="utf-8").splitlines():
        words, _, reason = line.partition("#")
        if words.strip():
            outcome, path = words.split()
            yield Example(outcome, path, reason.strip())


def try_out(file: Path, outcome: str, env: dict[str, str]) -> tuple[str, str]:
    """Return what became of the file, and the last lines that were printed."""
    words = ["job", "create", "--stream"]
    if outcome in KINDS:
        words = [outcome, "create"]
    elif outcome == "accepted":
        words = ["job", "validate"]
        # A home without a server: what only a server could look up is left unchecked.
        env = {**env, "PIPEYARD_HOME": env["PIPEYARD_HOME"] + "/nobody"}
    argv = [str(PIPEYARD), *words, "--file", file.name, "--output", "none"]
    try:
        done = subprocess.run(
            argv, cwd=file.parent, env=env, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return "hangs", ""
    printed = done.stdout + done.stderr
    if done.returncode == 0:
        return (outcome if outcome in {"accepted", *KINDS} else "completes"), printed
    return ("refused" if "Nothing was submitted" in printed else "fails"), printed


def main() -> int:
    """Try every listed file that the checkout has; print one line each and a closing line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkout", type=Path, help="a checkout of Azure/azureml-examples")
    parser.add_argument("--only", help="only paths that hold this text")
    options = parser.parse_args()
    folder = options.checkout / "cli"
    if not folder.is_dir():
        parser.error(f"{options.checkout} has no folder `cli`; is it a checkout of Azure/azureml-examples?")

    right = wrong = absent = 0
    with tempfile.TemporaryDirectory(prefix="pipeyard-examples-") as home:
        # Azure's images are gigabytes; the packages in their environments do. Set it to `podman` to pull them.
        env = {"PIPEYARD_CONTAINER_RUNTIME": "none", **os.environ, "PIPEYARD_HOME": home, "NO_COLOR": "1"}
        try:
            for example in listed():
                if options.only and options.only not in example.path:
                    continue
                file = folder / example.path
                if not file.exists():
                    absent += 1
                    continue
                start = time.monotonic()
                found, printed = try_out(file, example.outcome, env)
                verdict = "pass" if found == example.outcome else "FAIL"
                reason = f"  ({example.reason})" if example.reason else ""
                print(f"{verdict}  {found:11} {time.monotonic() - start:6.1f} s  {example.path}{reason}", flush=True)
                if verdict == "pass":
                    right += 1
                else:
                    wrong += 1
                    print(f"      expected: {example.outcome}")
                    print("".join(f"      | {line}\n" for line in printed.strip().splitlines()[-15:]), end="")
        finally:
            subprocess.run([str(PIPEYARD), "server", "stop"], env=env, capture_output=True, check=False)
    print(f"{right} passed, {wrong} failed" + (f"; {absent} not in this checkout" if absent else ""))
    return 1 if wrong or not right else 0


if __name__ == "__main__":
    sys.exit(main())
