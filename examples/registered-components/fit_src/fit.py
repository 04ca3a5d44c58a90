"""Find the line through the points of spring.csv, and write it as line.json."""

import argparse
import csv
import json
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--measurements", type=Path, required=True)
parser.add_argument("--rounds", type=int, required=True)
parser.add_argument("--step", type=float, required=True)
parser.add_argument("--schedule", choices=["constant", "shrinking"], required=True)
parser.add_argument("--line", type=Path, required=True)
args = parser.parse_args()

with (args.measurements / "spring.csv").open(newline="", encoding="utf-8") as file:
    points = [(float(row["weight_g"]), float(row["length_mm"])) for row in csv.DictReader(file)]

# Weights from 0 to 1, so that one step suits both numbers of the line.
largest = max(weight for weight, _ in points)
slope = offset = 0.0
for number in range(args.rounds):
    step = args.step / (1 + number / args.rounds) if args.schedule == "shrinking" else args.step
    errors = [(weight / largest, offset + slope * weight / largest - length) for weight, length in points]
    slope -= step * sum(error * weight for weight, error in errors) / len(points)
    offset -= step * sum(error for _, error in errors) / len(points)

line = {"slope": slope / largest, "offset": offset}
(args.line / "line.json").write_text(json.dumps(line), encoding="utf-8")
print(f"length = {line['offset']:.1f} mm + {line['slope']:.4f} mm/g")
