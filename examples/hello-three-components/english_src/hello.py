import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--who", default="world")
args = parser.parse_args()

print(f"Hello, {args.who}!")
