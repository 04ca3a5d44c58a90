"""Count how often a word stands in a text; write the number, and a line with it."""

import argparse
import re
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--text", type=Path, required=True)
parser.add_argument("--word", required=True)
parser.add_argument("--times", type=Path, required=True)
parser.add_argument("--line", type=Path, required=True)
args = parser.parse_args()

words = re.findall(r"\w+", args.text.read_text().lower())
times = words.count(args.word)
args.times.write_text(f"{times}\n")
args.line.write_text(f"{args.word}: {times} of {len(words)} words\n")
print(f"{args.word}: {times}")
