#!/usr/bin/env python3
"""
Measure uploads to object stores against the vendors' own clients, as ratios inside one run.

  tests/object_stores.sh .venv/bin/python bench/stores.py          three times each, interleaved
  tests/object_stores.sh .venv/bin/python bench/stores.py --times 1 --files 1000 --megabytes 100

Ours is what stores a step's output: hash every file, send it, list the place, compare, keep the bytes in the cache.
Theirs only sends: azure-storage-blob in 16 threads, boto3's own transfer manager. Nothing fails because of a time.
"""

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pipeyard.datastore.manifest import scan
from pipeyard.datastore.remote import work
from tests.integration.datastore.elsewhere import AzureContainer, Bucket, place_of

THREADS = 16
WANTED = {"files to Azure": 2.0, "bytes to S3": 2.0}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--megabytes", type=int, default=1000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pipeyard-bench-") as folder:
        work_folder = Path(folder)
        print(f"{'upload':34}  {'ours':>8}  {'theirs':>8}  {'ratio':>6}  wanted at most")
        measure(
            "files to Azure", f"{options.files} files of 1 KB to Azurite", options.times, azure(work_folder, options)
        )
        measure("bytes to S3", f"{options.megabytes} MB to moto", options.times, s3(work_folder, options))


def measure(name, label, times, pair):
    ours, theirs = [], []
    make, send_ours, send_theirs = pair
    for _ in range(times):
        # Interleaved: what else the machine does meets both alike.
        ours.append(timed(send_ours, make()))
        theirs.append(timed(send_theirs, make()))
    one, other = statistics.median(ours), statistics.median(theirs)
    print(f"{label:34}  {one:7.2f}s  {other:7.2f}s  {one / other:6.2f}  {WANTED[name]}", flush=True)


def timed(action, source):
    begun = time.perf_counter()
    action(source)
    seconds = time.perf_counter() - begun
    shutil.rmtree(source, ignore_errors=True)
    return seconds


def azure(folder, options):
    container = AzureContainer()

    def make():
        source = folder / uuid.uuid4().hex
        for number in range(options.files):
            file = source / f"part{number % 100:02d}" / f"{number}.bin"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(os.urandom(1024))
        return source

    def ours(source):
        work.send_tree(place_of(container.document), source, scan(source), f"ours/{source.name}", folder / "cache")

    def theirs(source):
        def send(file):
            with file.open("rb") as data:
                container._client.upload_blob(f"theirs/{file.relative_to(folder).as_posix()}", data)

        with ThreadPoolExecutor(THREADS) as threads:
            list(threads.map(send, [file for file in source.rglob("*") if file.is_file()]))

    return make, ours, theirs


def s3(folder, options):
    bucket = Bucket()

    def make():
        source = folder / uuid.uuid4().hex
        source.mkdir()
        with (source / "big.bin").open("wb") as file:
            for _ in range(options.megabytes):
                file.write(os.urandom(1_000_000))
        return source

    def ours(source):
        work.send_tree(place_of(bucket.document), source, scan(source), "ours", folder / "cache")
        bucket.remove("ours/big.bin")
        shutil.rmtree(folder / "cache", ignore_errors=True)

    def theirs(source):
        bucket._client.upload_file(str(source / "big.bin"), bucket.name, "theirs/big.bin")
        bucket.remove("theirs/big.bin")

    return make, ours, theirs


if __name__ == "__main__":
    main()
