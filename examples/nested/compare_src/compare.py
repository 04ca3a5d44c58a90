import argparse
import json
import math
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("estimates", type=Path, nargs="+")
parser.add_argument("--samples", type=int)
parser.add_argument("--verdict", type=Path)
args = parser.parse_args()

values = [json.loads(path.read_text())["estimate"] for path in args.estimates]
best = min(values, key=lambda value: abs(value - math.pi))

args.verdict.write_text(json.dumps({"best": best, "samples": args.samples}) + "\n")
print(f"of {values}, {best} is nearest to pi")
