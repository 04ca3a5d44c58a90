import argparse
import json
from pathlib import Path

import pandas as pd
import yaml
from sklearn.metrics import mean_absolute_error, r2_score

parser = argparse.ArgumentParser()
parser.add_argument("--predictions", type=Path)
parser.add_argument("--model", type=Path)
parser.add_argument("--report", type=Path)
args = parser.parse_args()

results = pd.read_csv(args.predictions / "predictions.csv")
report = {
    "patients": len(results),
    "r2": round(r2_score(results["actual"], results["predicted"]), 3),
    "mean_absolute_error": round(mean_absolute_error(results["actual"], results["predicted"]), 1),
    "model": yaml.safe_load((args.model / "MLmodel").read_text())["model_uuid"],
}
(args.report / "score.json").write_text(json.dumps(report, indent=2) + "\n")
print(json.dumps(report, indent=2))
