"""
Attempts as processes of this machine, started by the resident launcher.
"""

from pipeyard.compute.local.compute import LocalCompute

__all__ = ["LocalCompute"]
