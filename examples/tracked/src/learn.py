"""Teach a network of three neurons what "one or the other, and not both" is; log each step of it with MLflow."""

import argparse
import json
import math
import random
from pathlib import Path

import mlflow

parser = argparse.ArgumentParser()
parser.add_argument("--rounds", type=int, required=True)
parser.add_argument("--speed", type=float, required=True)
parser.add_argument("--learned", type=Path, required=True)
args = parser.parse_args()

CASES = (((0, 0), 0), ((0, 1), 1), ((1, 0), 1), ((1, 1), 0))


def squash(x):
    return 1 / (1 + math.exp(-x))


def learn(seed):
    """Return the weights after all rounds, and how wrong they still are."""
    chance = random.Random(seed)
    hidden = [[chance.uniform(-1, 1) for _ in range(3)] for _ in range(2)]
    last = [chance.uniform(-1, 1) for _ in range(3)]
    points = []
    for round_ in range(args.rounds):
        loss = 0.0
        for _ in range(10):
            for (a, b), wanted in CASES:
                middle = [squash(w[0] * a + w[1] * b + w[2]) for w in hidden]
                said = squash(last[0] * middle[0] + last[1] * middle[1] + last[2])
                wrong = said - wanted
                loss += wrong * wrong
                slope = wrong * said * (1 - said)
                for place, w in enumerate(hidden):
                    back = slope * last[place] * middle[place] * (1 - middle[place])
                    w[0] -= args.speed * back * a
                    w[1] -= args.speed * back * b
                    w[2] -= args.speed * back
                for place in range(2):
                    last[place] -= args.speed * slope * middle[place]
                last[2] -= args.speed * slope
        points.append((round_, loss / 40))
    return {"hidden": hidden, "last": last}, points


# The step's own run: Pipeyard has set MLFLOW_TRACKING_URI and MLFLOW_RUN_ID.
with mlflow.start_run():
    mlflow.log_params({"rounds": args.rounds, "speed": args.speed})
    best = None
    for seed in range(3):
        # One run below it for each start.
        with mlflow.start_run(nested=True, run_name=f"seed {seed}"):
            weights, points = learn(seed)
            mlflow.log_param("seed", seed)
            client = mlflow.MlflowClient()
            now = 1_700_000_000_000
            batch = [mlflow.entities.Metric("loss", loss, now + step, step) for step, loss in points]
            client.log_batch(mlflow.active_run().info.run_id, metrics=batch)
        if best is None or points[-1][1] < best[1][-1][1]:
            best = (weights, points, seed)
    weights, points, seed = best
    for step, loss in points[:: max(1, len(points) // 20)]:
        mlflow.log_metric("loss", loss, step=step)
    mlflow.log_metric("final_loss", points[-1][1])
    mlflow.set_tag("best_seed", seed)
    mlflow.log_dict(weights, "learned/weights.json")

args.learned.write_text(json.dumps(weights), encoding="utf-8")
print(f"seed {seed} learned best: {points[-1][1]:.4f}")
