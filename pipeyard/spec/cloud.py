"""
The addresses by which clouds name data: `wasbs://`, `abfss://`, `s3://`, `gs://` (section 1.3).

In:       a text.
Out:      which container or bucket it names, and the path in that.
Not here: which datastore that is here (`service/elsewhere.py`).
"""

from __future__ import annotations

import re

from pipeyard.model.value import dataclass

_AZURE = re.compile(
    r"(?:wasbs?|abfss?)://(?P<root>[^@/]+)@(?P<account>[^./]+)\.(?:blob|dfs)\.[^/]+(?:/(?P<path>.*))?",
    re.IGNORECASE | re.DOTALL,
)
_BUCKET = re.compile(r"(?P<scheme>s3|gs)://(?P<root>[^/]+)(?:/(?P<path>.*))?", re.IGNORECASE | re.DOTALL)
_TYPES = {"s3": frozenset({"s3"}), "gs": frozenset({"gcs"})}
# Both are one kind of account; a datastore of either reaches the other's data.
_AZURE_TYPES = frozenset({"azure_blob", "azure_data_lake_gen2"})


@dataclass(frozen=True, slots=True)
class CloudUri:
    """A place in a cloud."""

    # Types of datastore that can be it.
    types: frozenset[str]
    # The container, file system or bucket.
    root: str
    path: str
    # Azure's storage account; None for buckets, whose names are unique by themselves.
    account: str | None = None

    @property
    def shown(self) -> str:
        """Return what it is, for messages."""
        return f"bucket `{self.root}`" if self.account is None else f"container `{self.root}` of `{self.account}`"


def parse_cloud_uri(text: str) -> CloudUri | None:
    """Return the place that a cloud's own address names; None for any other text."""
    uri = text[len("azureml:") :] if text.lower().startswith("azureml:") else text
    match = _AZURE.fullmatch(uri)
    if match is not None:
        return CloudUri(_AZURE_TYPES, match["root"], match["path"] or "", match["account"])
    match = _BUCKET.fullmatch(uri)
    if match is not None:
        return CloudUri(_TYPES[match["scheme"].lower()], match["root"], match["path"] or "")
    return None
