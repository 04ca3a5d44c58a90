import argparse
from pathlib import Path

import pandas as pd

parser = argparse.ArgumentParser()
parser.add_argument("--patients", type=Path)
parser.add_argument("--test-fraction", type=float)
parser.add_argument("--train-data", type=Path)
parser.add_argument("--test-data", type=Path)
args = parser.parse_args()

patients = pd.read_csv(args.patients)
patients["sex"] = patients["sex"].map({1: 0, 2: 1})
patients["bmi_times_bp"] = patients["bmi"] * patients["bp"] / 1000
patients = patients.drop(columns="clinic").sample(frac=1, random_state=7)

split = int(len(patients) * args.test_fraction)
patients[split:].to_csv(args.train_data / "train.csv", index=False)
patients[:split].to_csv(args.test_data / "test.csv", index=False)
print(f"{len(patients) - split} patients to learn from, {split} to test with")
