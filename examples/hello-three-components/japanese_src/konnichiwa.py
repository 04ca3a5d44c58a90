import argparse
import sys

parser = argparse.ArgumentParser()
parser.add_argument("--who", default="世界")
args = parser.parse_args()

sys.stdout.reconfigure(encoding="utf-8")
print(f"こんにちは、{args.who}！")
