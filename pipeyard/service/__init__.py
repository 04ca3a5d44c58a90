"""
One function per thing a user can ask, over the ports and the pure core.

Not here: HTTP (`api/`), SQL (`store/`), running anything (`engine/`).
"""
