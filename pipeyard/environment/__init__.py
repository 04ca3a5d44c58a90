"""
Environments: what a step's command finds first on its PATH.

Not here: containers and conda, which come in a later version.
"""
