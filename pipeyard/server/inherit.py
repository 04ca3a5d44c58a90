"""
What a step inherits of the server's own environment.

A list of what is passed on, not of what is held back: the shell that the server was
started from may hold keys of its user's, and a step has no business with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

PASSED_ON = (
    "PATH HOME USER LOGNAME SHELL LANG LC_* TZ TMPDIR *_PROXY *_proxy SSL_CERT_* REQUESTS_CA_BUNDLE "
    "CUDA_* NVIDIA_* LD_LIBRARY_PATH PIP_* UV_*"
)


def passed_on(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that every step finds."""
    patterns = PASSED_ON.split()
    return {
        name: value for name, value in environment.items() if any(fnmatchcase(name, pattern) for pattern in patterns)
    }
