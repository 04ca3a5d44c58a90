"""The warmest and the coldest reading of each file of a mini-batch."""

import argparse
import csv
from pathlib import Path


def init():
    """Once in each worker, which then runs many mini-batches."""
    global unit
    parser = argparse.ArgumentParser()
    parser.add_argument("--unit", default="C")
    unit = parser.parse_known_args()[0].unit


def run(mini_batch):
    """One row for each file."""
    rows = []
    for path in map(Path, mini_batch):
        with path.open(newline="") as file:
            values = [float(row["celsius"]) for row in csv.DictReader(file)]
        low, high = (shown(value) for value in (min(values), max(values)))
        rows.append(f"{path.stem} {low} {high}")
    return rows


def shown(celsius):
    return f"{celsius:.1f}C" if unit == "C" else f"{celsius * 9 / 5 + 32:.1f}F"
