#!/usr/bin/env python3
"""Put many versions of one component into a home's database: bench/versions.py HOME COUNT. Run by bench/run.py."""

import sys
from pathlib import Path

from pipeyard.model.asset_record import AssetVersion
from pipeyard.model.assets import AssetKind
from pipeyard.store.asset_write import AssetWrites
from pipeyard.store.sql import open_store

NAME = "many"
BODY = {
    "type": "command",
    "command": "python train.py " + " ".join(f"--rate{n} ${{{{inputs.rate{n}}}}}" for n in range(20)),
    "environment": {"image": "python"},
    "inputs": {f"rate{n}": {"type": "number", "default": n} for n in range(20)},
}


def main(home: Path, count: int) -> None:
    store = open_store(home / "pipeyard.db")
    # In one transaction: what is measured is reading them.
    with store._writer.transaction() as transaction:
        writes = AssetWrites(transaction, store._write_assets)
        for number in range(count):
            body = {**BODY, "display_name": f"try {number}"}
            writes.add_version(
                AssetVersion(
                    "default", AssetKind.COMPONENT, NAME, "", "command", number, "bench", body, f"{number:064}"
                )
            )
    store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
