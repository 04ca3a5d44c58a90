"""
The names of what is there from the start.

Apart from the records that use them (`record.py`), because commands need the names alone.
"""

from __future__ import annotations

DEFAULT_WORKSPACE = "default"

# The datastores that exist from the start (section 8.1); the first is the default.
BUILT_IN_DATASTORES = (
    "workspaceblobstore",
    "workspaceartifactstore",
    "workspacefilestore",
    "workspaceworkingdirectory",
    "workspacemanageddatastore",
)
DEFAULT_DATASTORE = BUILT_IN_DATASTORES[0]
ARTIFACT_DATASTORE = BUILT_IN_DATASTORES[1]
