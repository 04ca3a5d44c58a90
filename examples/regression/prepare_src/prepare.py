import argparse
from pathlib import Path

import pandas as pd

parser = argparse.ArgumentParser()
parser.add_argument("--raw-data", type=Path)
parser.add_argument("--patients", type=Path)
args = parser.parse_args()

clinics = [pd.read_csv(path).assign(clinic=path.stem) for path in sorted(args.raw_data.glob("*.csv"))]
everybody = pd.concat(clinics, ignore_index=True)
patients = everybody.dropna()
patients = patients[(patients["age"] > 0) & (patients["bmi"] > 10)]

patients.to_csv(args.patients, index=False)
print(f"{len(clinics)} clinics, {len(everybody)} patients, {len(everybody) - len(patients)} left out")
