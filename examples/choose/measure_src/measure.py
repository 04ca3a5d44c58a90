"""Write the mean of some readings, and whether it is above a limit: two values that later steps take."""

import argparse
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--readings", type=Path, required=True)
parser.add_argument("--limit", type=float, required=True)
parser.add_argument("--mean", type=Path, required=True)
parser.add_argument("--is-warm", type=Path, required=True)
args = parser.parse_args()

readings = [float(line) for line in args.readings.read_text().split()]
mean = sum(readings) / len(readings)
# Each value is written to a file of its own, as text.
args.mean.write_text(f"{mean}\n")
args.is_warm.write_text("true\n" if mean > args.limit else "false\n")
print(f"the mean of {len(readings)} readings is {mean}")
