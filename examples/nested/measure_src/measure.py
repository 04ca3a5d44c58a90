"""Estimate pi by throwing samples at a square; an earlier estimate counts half."""

import argparse
import json
import random
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--samples", type=int)
parser.add_argument("--seed", type=int)
parser.add_argument("--earlier", type=Path)
parser.add_argument("--estimate", type=Path)
args = parser.parse_args()

dice = random.Random(args.seed if args.earlier is None else args.seed + 1000)
inside = sum(dice.random() ** 2 + dice.random() ** 2 <= 1 for _ in range(args.samples))
estimate = 4 * inside / args.samples
if args.earlier is not None:
    estimate = (estimate + json.loads(args.earlier.read_text())["estimate"]) / 2

args.estimate.write_text(json.dumps({"estimate": estimate}))
print(f"pi is about {estimate}")
