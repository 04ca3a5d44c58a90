"""
Name a tree of files by what is in it.

In:       a `Manifest`: paths, sizes and digests of files.
Out:      one SHA-256 in hex.
Not here: reading files (`datastore/manifest.py`, `client/pack.py`).

Invariant: equal digests mean equal bytes under equal names. The executable bit is
kept in the manifest but is not part of the digest (language reference, section 4.2).
"""

from __future__ import annotations

import hashlib

from pipeyard.model.assets import Manifest


def manifest_digest(manifest: Manifest) -> str:
    """
    Return the digest of a tree, the same for every order of its entries.

    A path that is no valid Unicode keeps its bytes (`surrogateescape`).
    """
    whole = hashlib.sha256(b"file\n" if manifest.is_file else b"folder\n")
    # Sorted by code point, which is also the order of the UTF-8 bytes.
    for entry in sorted(manifest.entries, key=lambda entry: entry.path):
        # NUL separates: no path holds one, so no two trees share a listing.
        line = f"{entry.path}\0{entry.size}\0{entry.sha256}\n"
        whole.update(line.encode("utf-8", "surrogateescape"))
    return whole.hexdigest()
