"""
Run Azure Machine Learning component-pipeline YAML on your own machines.

Not here: any import. `pipeyard --version` must not pay for a library.
"""

__version__ = "0.1.0"
# Raised when the wire format between command line and server changes incompatibly.
API_VERSION = 1
