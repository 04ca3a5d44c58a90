"""
The rules of versioned assets, over `ports.AssetStore`.

Not here: rows (`store/`), decoding what is published and moving its files (`service/`).

Invariant: a version is written once. What may change afterwards changes here, and
never without an entry in the history.
"""
