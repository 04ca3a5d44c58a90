"""One trial: learn from the points, and log after each round how good the network is by now."""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path

import mlflow
from moons import Network

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--points", type=Path, required=True)
    parser.add_argument("--speed", type=float, required=True)
    parser.add_argument("--width", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--model", type=Path, required=True)
    arguments = parser.parse_args()

    with arguments.points.open(newline="") as file:
        points = [(float(x), float(y), int(moon)) for x, y, moon in csv.reader(file)]
    learning, held_back = points[:400], points[400:]

    network = Network.of_width(arguments.width, seed=2)
    mlflow.log_params({"speed": arguments.speed, "width": arguments.width})
    for number in range(arguments.rounds):
        network.learn(learning, arguments.speed)
        # A sweep judges by it, and stops a trial that falls behind.
        mlflow.log_metric("accuracy", network.accuracy(held_back), step=number)
    print(f"speed {arguments.speed:.4f}, width {arguments.width}: accuracy {network.accuracy(held_back):.3f}")
    (arguments.model / "network.json").write_text(json.dumps({"hidden": network.hidden, "outer": network.outer}))
