import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--who", default="monde")
args = parser.parse_args()

print(f"Bonjour, {args.who} !")
