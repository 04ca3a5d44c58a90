"""A line through the readings of one station: the mini-batch is a DataFrame with all of them."""

import argparse
import json
from pathlib import Path


def init():
    global models
    parser = argparse.ArgumentParser()
    parser.add_argument("--models", type=Path)
    models = parser.parse_known_args()[0].models


def run(mini_batch, mini_batch_context):
    station = mini_batch_context.partition_key_value["station"]
    model = {"station": station, "mean": round(mini_batch["celsius"].mean(), 2), "readings": len(mini_batch)}
    (models / f"{station}.json").write_text(json.dumps(model))
    return []
