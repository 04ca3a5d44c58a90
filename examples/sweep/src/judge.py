"""Judge the best network on points that no trial has seen."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from moons import Network, draw

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--verdict", type=Path, required=True)
    arguments = parser.parse_args()
    network = Network(**json.loads((arguments.model / "network.json").read_text()))
    verdict = {"accuracy": network.accuracy(draw(1000, seed=3)), "width": len(network.hidden)}
    arguments.verdict.write_text(json.dumps(verdict) + "\n")
    print(f"On 1000 new points the best network is right in {verdict['accuracy']:.1%}.")
