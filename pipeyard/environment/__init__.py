"""
Environments: what a step's command runs in, chosen, made once, and found again.

Not here: running anything in them (`compute/`).
"""
