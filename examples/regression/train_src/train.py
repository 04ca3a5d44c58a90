import argparse
from importlib.metadata import version
from pathlib import Path

import mlflow.sklearn
import pandas as pd
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

parser = argparse.ArgumentParser()
parser.add_argument("--train-data", type=Path)
parser.add_argument("--alpha", type=float)
parser.add_argument("--model", type=Path)
args = parser.parse_args()

train = pd.read_csv(args.train_data / "train.csv")
features = train.drop(columns="progression")
model = make_pipeline(StandardScaler(), Ridge(alpha=args.alpha))
model.fit(features, train["progression"])
print(f"learned from {len(train)} patients, R2 on them {model.score(features, train['progression']):.3f}")

# Naming the requirement saves MLflow from starting a process to find it out.
mlflow.sklearn.save_model(model, str(args.model), pip_requirements=[f"scikit-learn=={version('scikit-learn')}"])
