"""
Files of a draft as an upload, as if somebody had sent them.

In:       a folder or file that is packed, its bytes still there.
Out:      an upload; one that is there already is not stored twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipeyard.ports import PackedTree
from pipeyard.service.world import World

_READ_BYTES = 1 << 20


def store_tree(world: World, workspace: str, tree: PackedTree) -> None:
    """Keep a folder or file as an upload."""
    ticket = world.uploads.begin(workspace, tree.name, tree.manifest, tree.uri.datastore)
    if ticket.id is None:
        return
    sizes = {entry.sha256: entry.size for entry in tree.manifest.entries}
    for sha256 in ticket.missing:
        world.uploads.receive(ticket.id, sha256, sizes[sha256], _pieces(tree.places[sha256]))
    world.uploads.complete(ticket.id)


def _pieces(place: Path) -> Iterator[bytes]:
    with place.open("rb") as file:
        while piece := file.read(_READ_BYTES):
            yield piece
