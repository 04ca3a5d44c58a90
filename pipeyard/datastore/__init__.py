"""
Bytes by datastore URI: uploads, manifests, copies of Web data, outputs given their final names.

Start at `local.py` (where a URI's bytes are) and `publish.py` (how an output gets its
name). What takes long runs in worker processes (`pool.py`, `worker.py`).
"""
