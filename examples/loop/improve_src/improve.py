"""Bring a guess closer to a square root (Heron's method), and write whether that is to be done again."""

import argparse
import shutil
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--number", type=float, required=True)
parser.add_argument("--guess", type=float, required=True)
parser.add_argument("--notes-so-far", type=Path)
parser.add_argument("--better-guess", type=Path, required=True)
parser.add_argument("--goes-on", type=Path, required=True)
parser.add_argument("--notes", type=Path, required=True)
args = parser.parse_args()

better = (args.guess + args.number / args.guess) / 2
if args.notes_so_far:
    shutil.copy(args.notes_so_far / "notes.txt", args.notes)
with (args.notes / "notes.txt").open("a") as notes:
    notes.write(f"{args.guess:.6f} -> {better:.6f}\n")
args.better_guess.write_text(str(better))
args.goes_on.write_text("true" if abs(better - args.guess) > 1e-6 else "false")
print(f"{args.guess} -> {better}")
