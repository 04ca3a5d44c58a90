import argparse
import csv
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--counts", type=Path)
parser.add_argument("--top", type=int)
parser.add_argument("--title", default="Weather words")
parser.add_argument("--report", type=Path)
args = parser.parse_args()

with args.counts.open(encoding="utf-8", newline="") as source:
    rows = list(csv.DictReader(source))[: args.top]

text = f"# {args.title}\n\n" + "".join(f"- {row['word']}: {row['count']}\n" for row in rows)
(args.report / "report.md").write_text(text, encoding="utf-8")
print(text)
