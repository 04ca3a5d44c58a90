"""Write points of two moons to a CSV file."""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

from moons import draw

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--points", type=Path, required=True)
    arguments = parser.parse_args()
    with arguments.points.open("w", newline="") as file:
        csv.writer(file).writerows(draw(600, seed=1))
