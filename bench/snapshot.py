#!/usr/bin/env python3
"""
Measure how long it takes to know a code folder of 2,000 files and 100 MB.

  .venv/bin/python bench/snapshot.py

Cold: every file is read and hashed. Warm: nothing changed, and nothing is read again. Beside it, in turn, the same
bytes hashed from memory by one thread, which is what a processor can do at most. Nothing fails because of a time.
"""

import argparse
import hashlib
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pipeyard.client.hashing import HashMemory, hash_files
from pipeyard.client.snapshot import snapshot_code

FILES, BYTES = 2_000, 50_000
# Younger files are read once more, since a second write could leave their times as they are.
OLD = (1_600_000_000, 1_600_000_000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pipeyard-bench-") as folder:
        work = Path(folder)
        code = make(work / "code")
        # The change time of a new file is young for two seconds.
        time.sleep(2.1)
        block = os.urandom(1 << 20)
        rows = {"cold": [], "warm": [], "one thread, from memory": []}
        for _ in range(options.times):
            shutil.rmtree(work / "cache", ignore_errors=True)
            rows["cold"].append(timed(lambda: known(code, work)))
            rows["warm"].append(timed(lambda: known(code, work)))
            rows["one thread, from memory"].append(timed(lambda: hashed(block)))
    print("| code folder of 2,000 files, 100 MB | seconds | GB/s | wanted |", "|---|---:|---:|---:|", sep="\n")
    for name, seconds in rows.items():
        median = statistics.median(seconds)
        wanted = "0.2 s" if name == "warm" else ""
        print(f"| {name} | {median:.3f} | {FILES * BYTES / median / 1e9:.2f} | {wanted} |")


def make(code: Path) -> Path:
    for number in range(FILES):
        file = code / f"package{number % 40:02d}" / f"module{number}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(os.urandom(BYTES))
        os.utime(file, OLD)
    return code


def known(code: Path, work: Path) -> None:
    hash_files(snapshot_code(code, (), work), HashMemory(work / "cache", code))


def hashed(block: bytes) -> None:
    whole = hashlib.sha256()
    for _ in range(FILES * BYTES // len(block)):
        whole.update(block)


def timed(action) -> float:
    begun = time.perf_counter()
    action()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
