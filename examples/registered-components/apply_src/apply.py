"""Compute lengths for the weights of check.csv, beside the measured ones."""

import argparse
import csv
import json
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--line", type=Path, required=True)
parser.add_argument("--measurements", type=Path, required=True)
parser.add_argument("--lengths", type=Path, required=True)
args = parser.parse_args()

line = json.loads((args.line / "line.json").read_text(encoding="utf-8"))
with (args.measurements / "check.csv").open(newline="", encoding="utf-8") as file:
    rows = list(csv.DictReader(file))

with (args.lengths / "lengths.csv").open("w", newline="", encoding="utf-8") as file:
    writer = csv.writer(file)
    writer.writerow(["measured", "computed"])
    for row in rows:
        computed = line["offset"] + line["slope"] * float(row["weight_g"])
        writer.writerow([row["length_mm"], f"{computed:.3f}"])
print(f"{len(rows)} lengths computed")
