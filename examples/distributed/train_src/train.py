"""Fit a line to points that no process has all of: each learns from its own part, and all of them move together."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

POINTS = 400
SLOPE, START = 3.0, -2.0


def points_of(rank: int, size: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return every size-th point, beginning with the rank-th."""
    generator = torch.Generator().manual_seed(7)
    x = torch.rand(POINTS, 1, generator=generator) * 2 - 1
    y = SLOPE * x + START + 0.01 * torch.randn(POINTS, 1, generator=generator)
    return x[rank::size], y[rank::size]


def main() -> None:
    """Train; the first process writes the model."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--model", type=Path, required=True)
    wanted = parser.parse_args()

    torch.set_num_threads(1)
    # On GPUs: "nccl", and `torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))` first.
    dist.init_process_group("gloo")
    rank, size = dist.get_rank(), dist.get_world_size()
    x, y = points_of(rank, size)
    seen = torch.tensor(len(x))
    dist.all_reduce(seen)
    node, local = os.environ["NODE_RANK"], os.environ["LOCAL_RANK"]
    print(f"rank {rank} of {size}, process {local} on instance {node}: {len(x)} points of {int(seen)}", flush=True)

    torch.manual_seed(rank)
    model = DistributedDataParallel(torch.nn.Linear(1, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
    for _ in range(wanted.epochs):
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
    print(f"rank {rank}: loss {loss.item():.6f}", flush=True)

    if rank == 0:
        line = {"slope": model.module.weight.item(), "start": model.module.bias.item(), "points": int(seen)}
        (wanted.model / "line.json").write_text(json.dumps(line), encoding="utf-8")
        torch.save(model.module.state_dict(), wanted.model / "line.pt")
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
