"""
Bytes by datastore URI: uploads, snapshots, manifests, outputs moved to their final names.
"""
