import argparse
from pathlib import Path

import mlflow.sklearn
import pandas as pd

parser = argparse.ArgumentParser()
parser.add_argument("--model", type=Path)
parser.add_argument("--test-data", type=Path)
parser.add_argument("--predictions", type=Path)
args = parser.parse_args()

model = mlflow.sklearn.load_model(str(args.model))
test = pd.read_csv(args.test_data / "test.csv")
predicted = model.predict(test.drop(columns="progression"))

results = pd.DataFrame({"actual": test["progression"], "predicted": predicted.round(1)})
results.to_csv(args.predictions / "predictions.csv", index=False)
print(results.head().to_string(index=False))
