"""One line for each district, from the files that Spark wrote."""

import argparse
import csv
from pathlib import Path


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--busiest")
    parser.add_argument("--report")
    args = parser.parse_args()

    lines = []
    for part in sorted(Path(args.busiest).glob("part-*.csv")):
        with part.open(newline="") as file:
            lines += [
                f"{row['district']}: {row['name']}, {row['trips']} trips of {row['minutes']} minutes on average\n"
                for row in csv.DictReader(file)
            ]
    Path(args.report).write_text("".join(lines), encoding="utf-8")
    print("".join(lines), end="")


if __name__ == "__main__":
    main()
