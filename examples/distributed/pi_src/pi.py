"""Add up Leibniz's series for pi, each process every size-th term."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from mpi4py import MPI


def main() -> None:
    """Add; the first process writes the sum."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--terms", type=int, required=True)
    parser.add_argument("--result", type=Path, required=True)
    wanted = parser.parse_args()

    world = MPI.COMM_WORLD
    rank, size = world.Get_rank(), world.Get_size()
    own = sum((-1) ** term * 4 / (2 * term + 1) for term in range(rank, wanted.terms, size))
    found = world.allreduce(own)
    print(
        f"rank {rank} of {size} on instance {os.environ['AZUREML_CR_NODE_RANK']}: {own:.6f} of {found:.6f}", flush=True
    )
    if rank == 0:
        (wanted.result / "pi.txt").write_text(f"{found:.5f}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
