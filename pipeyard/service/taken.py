"""
Outputs that shall become a version that is there already.

In:       a graph, and the versions there are.
Out:      a problem for each such output: better now than after hours of training.
Not here: a version that somebody makes while the job runs (`engine/register.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeyard.graph.check_outputs import places_of_settings
from pipeyard.graph.model import Graph
from pipeyard.model.asset_record import AssetKey, kind_of_output
from pipeyard.model.diagnostic import Diagnostic
from pipeyard.ports import AssetStore
from pipeyard.registry.missing import NOUNS


def taken_versions(assets: AssetStore, workspace: str, graph: Graph) -> Iterator[Diagnostic]:
    """Yield a problem for each output whose name and version are taken."""
    places = places_of_settings(graph)
    for node in graph.nodes.values():
        for name, output in node.outputs.items():
            if output.register_name is None or output.register_version is None:
                continue
            key = AssetKey(workspace, kind_of_output(output.type), output.register_name, output.register_version)
            is_deleted = assets.was_deleted(key)
            if not is_deleted and assets.load_asset(key) is None:
                continue
            own = node.step.outputs.get(name)
            following = assets.load_container(workspace, key.kind, key.name)
            number = f" and get version {following.next_version}" if following is not None else ""
            why = "was deleted; its number is never used again" if is_deleted else "exists already; it is written once"
            yield Diagnostic(
                "version-deleted" if is_deleted else "version-exists",
                f"output `{name}` is to become version {key.version} of {NOUNS[key.kind]} `{key.name}`, which {why}",
                places.get((node.id, name)) or (own.place if own is not None else node.step.place),
                hint=f"leave `version` out{number}, or choose another version",
            )
