"""Write the largest difference between measured and computed lengths."""

import argparse
import csv
import json
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--lengths", type=Path, required=True)
parser.add_argument("--verdict", type=Path, required=True)
args = parser.parse_args()

with (args.lengths / "lengths.csv").open(newline="", encoding="utf-8") as file:
    worst = max(abs(float(row["measured"]) - float(row["computed"])) for row in csv.DictReader(file))

(args.verdict / "verdict.json").write_text(json.dumps({"worst_mm": round(worst, 3)}), encoding="utf-8")
print(f"worst difference: {worst:.2f} mm")
