import argparse
import re
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--notes", type=Path)
parser.add_argument("--words", type=Path)
args = parser.parse_args()

for source in sorted(args.notes.glob("*.txt")):
    words = re.findall(r"\w+", source.read_text(encoding="utf-8").lower())
    (args.words / source.name).write_text("\n".join(words) + "\n", encoding="utf-8")
    print(f"{source.name}: {len(words)} words")
