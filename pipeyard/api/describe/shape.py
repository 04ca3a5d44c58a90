"""
What the main answers look like, field by field.

In:       nothing.
Out:      types of plain JSON; `document.py` makes OpenAPI's schemas of them, and from those come the Studio's types.
Not here: making the answers (`service/`). Tests compare real answers with these types, so that neither
          drifts from the other, and no request pays for it.

A field of a `total=False` part may be missing. `MORE` names the types that carry keys beside
those named here: what an asset's own file says, for one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, is_typeddict

from pipeyard.api.describe import asset, creation, draft, finding, job, many, place

# Where each part is described.
_PARTS = (creation, job, many, finding, asset, place, draft)
# They carry keys beside those above.
MORE = frozenset({"Job", "JobError", "Port", "AssetVersion", "Compute", "Datastore"})


def shapes() -> Mapping[str, Any]:
    """Return every type by its name, private parts left out."""
    found = {name: value for part in _PARTS for name, value in vars(part).items() if is_typeddict(value)}
    return {name: value for name, value in found.items() if not name.startswith("_")}
