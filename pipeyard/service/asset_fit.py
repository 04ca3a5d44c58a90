"""
Whether registered data and models fit the ports that they feed.

In:       a graph, and what its references mean.
Out:      a problem for each input that takes another type.
Not here: values whose type only the file says (`graph/fit.py`), which is lenient: there the
          type is a wish. A version has one for good.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipeyard.graph.model import Data, Graph, Node
from pipeyard.model.assets import AssetRef
from pipeyard.model.diagnostic import Diagnostic, Related
from pipeyard.model.types import PortType
from pipeyard.registry.missing import NOUNS
from pipeyard.service.pins import Pins

# What each port takes besides its own type; a port that is not named here takes anything.
_ALSO_TAKES: Mapping[PortType, frozenset[PortType]] = {
    # A custom model may be a single file.
    PortType.URI_FILE: frozenset({PortType.CUSTOM_MODEL}),
    PortType.MLTABLE: frozenset({PortType.URI_FOLDER}),
    PortType.MLFLOW_MODEL: frozenset({PortType.URI_FOLDER, PortType.CUSTOM_MODEL}),
    PortType.TRITON_MODEL: frozenset({PortType.URI_FOLDER, PortType.CUSTOM_MODEL}),
}


def fits(asset: PortType, port: PortType) -> bool:
    """Return whether an asset of one type can be read as another."""
    return asset is port or port not in _ALSO_TAKES or asset in _ALSO_TAKES[port]


def misfits(graph: Graph, pins: Pins) -> Iterator[Diagnostic]:
    """Yield a problem for each input whose asset is of a type that it does not take."""
    for node in graph.nodes.values():
        for name, data in node.inputs.items():
            if isinstance(data, Data) and isinstance(data.path, AssetRef):
                problem = _misfit(node, name, data, data.path, pins)
                if problem is not None:
                    yield problem


def _misfit(node: Node, name: str, data: Data, reference: AssetRef, pins: Pins) -> Diagnostic | None:
    asset = pins.found(reference)
    if asset is None:
        return None
    port = node.component.inputs.get(name)
    type_ = PortType(asset.type)
    wanted = [data.type] if port is None or port.is_derived else [data.type, port.type]
    unfit = next((one for one in wanted if not fits(type_, one)), None)
    if unfit is None:
        return None
    related = (Related(f"`{name}` is declared here", port.place),) if port is not None and not port.is_derived else ()
    return Diagnostic(
        "type-mismatch",
        f"input `{name}` takes `{unfit.value}`, {NOUNS[asset.kind]} `{asset.name}` version {asset.version} "
        f"is `{type_.value}`",
        data.place,
        expected=f"`{unfit.value}`",
        found=f"`{type_.value}`",
        hint=f"declare the input as `{type_.value}`, or register the {NOUNS[asset.kind]} as `{unfit.value}`",
        related=related,
    )
