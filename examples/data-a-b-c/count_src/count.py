import argparse
import csv
from collections import Counter
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--words", type=Path)
parser.add_argument("--shortest", type=int)
parser.add_argument("--counts", type=Path)
args = parser.parse_args()

counts = Counter()
for source in sorted(args.words.glob("*.txt")):
    counts.update(word for word in source.read_text(encoding="utf-8").split() if len(word) >= args.shortest)

with args.counts.open("w", encoding="utf-8", newline="") as target:
    writer = csv.writer(target)
    writer.writerow(["word", "count"])
    writer.writerows(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
print(f"{len(counts)} different words")
