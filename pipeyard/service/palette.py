"""
What can be put into a pipeline, all of it at once: the Designer's palette.

In:       a workspace.
Out:      components with their ports, data, models, environments, computes, names of experiments, as plain data.
Not here: pages of lists (`assets.py`), words to find something by (`search.py`).

One answer, because a palette is searched by each key that is typed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeyard.model.asset_record import AssetVersion, registry_of
from pipeyard.model.assets import AssetKind, AssetRef
from pipeyard.model.draft_record import Offer
from pipeyard.service.computes import compute_facts, list_computes
from pipeyard.service.drafts import store_of
from pipeyard.service.wire import plain, time_text
from pipeyard.service.world import World

_KINDS = (AssetKind.COMPONENT, AssetKind.DATA, AssetKind.MODEL, AssetKind.ENVIRONMENT)
_PORT_KEYS = ("type", "description", "optional", "default", "min", "max", "enum", "mode")
_EXPERIMENTS_MAX = 200


def palette(world: World, workspace: str) -> dict[str, Any]:
    """Return everything that a pipeline in this workspace may name, registries included."""
    world.known_workspace(workspace)
    homes = [workspace, *(row.name for row in world.assets.list_workspaces() if registry_of(row.name) is not None)]
    drafts = store_of(world)
    found = {
        kind.plural: [offer_json(one) for home in homes for one in drafts.list_offers(home, kind)] for kind in _KINDS
    }
    experiments = [one.name for one in world.tracking.list_experiments(workspace) if not one.is_deleted]
    return {
        **found,
        "computes": [
            {"name": row.name, "type": row.type, "slots": compute_facts(world, row)["slots"]}
            for row in list_computes(world, workspace)
        ],
        "experiments": experiments[:_EXPERIMENTS_MAX],
    }


def offer_json(offer: Offer) -> dict[str, Any]:
    """Return one asset."""
    asset = offer.asset
    registry = registry_of(asset.workspace)
    return {
        "kind": asset.kind.value,
        "name": asset.name,
        "reference": str(AssetRef(asset.kind, asset.name, asset.version, registry=registry)),
        "registry": registry,
        "version": asset.version,
        "versions": list(offer.versions),
        "type": asset.type or None,
        "display_name": asset.display_name,
        "description": asset.description,
        "tags": dict(asset.tags),
        "inputs": _ports(asset, "inputs"),
        "outputs": _ports(asset, "outputs"),
        "changed_at": time_text(asset.created_at_ms),
        "used_at": time_text(offer.used_at_ms),
    }


def _ports(asset: AssetVersion, side: str) -> dict[str, Any]:
    """Return what a component declares; of what is no port as this version knows them, nothing."""
    ports = asset.body.get(side) if asset.kind is AssetKind.COMPONENT else None
    if not isinstance(ports, Mapping):
        return {}
    return {
        str(name): {key: plain(port[key]) for key in _PORT_KEYS if key in port}
        for name, port in ports.items()
        if isinstance(port, Mapping)
    }
