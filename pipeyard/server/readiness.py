"""
What a server tells whoever started it: one line of JSON on an inherited pipe.

`{"ready": true}`, or `{"error": {"code", "message", "hint"}}` and nothing serves.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress

from pipeyard.model.errors import PipeyardError


class Readiness:
    """The pipe, if there is one. It is told once."""

    def __init__(self, handle: int | None) -> None:
        """Take the inherited end of the pipe; None: nobody waits."""
        self._handle = handle
        if handle is not None:
            # The launcher and its steps must not hold it open.
            os.set_inheritable(handle, False)  # noqa: FBT003 - the standard library's signature.

    def tell_ready(self) -> None:
        """Say that requests are answered."""
        self._tell({"ready": True})

    def tell_failure(self, error: PipeyardError) -> None:
        """Say why nothing serves."""
        self._tell({"error": {"code": error.code, "message": error.message, "hint": error.hint}})

    def _tell(self, verdict: object) -> None:
        if self._handle is None:
            return
        handle, self._handle = self._handle, None
        # Whoever waited may have gone; that is no reason not to serve.
        with suppress(OSError):
            os.write(handle, json.dumps(verdict).encode() + b"\n")
        os.close(handle)
