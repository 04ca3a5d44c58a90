"""Print what to do about a room."""

import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--advice", required=True)
parser.add_argument("--mean", type=float, required=True)
args = parser.parse_args()

print(f"{args.mean} degrees: {args.advice}")
