"""
uvicorn, as a part of a server that has more to close than its requests.

In:       an application.
Out:      what serves it until it is asked to stop.
Not here: when that is (`app.py`), how answers are written (`wire.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from pipeyard.server.wire import WholeAnswers

# Followers are let go at once; everything else that is under way may take so long.
_STOP_SECONDS = 5


class UvicornServer(uvicorn.Server):
    """uvicorn without its own signal handling, which ends the process before we have tidied up."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to us."""
        yield

    def begin_stop(self) -> None:
        """Take no more requests and let those under way finish; a second wish does not wait for them."""
        self.force_exit = self.should_exit
        self.should_exit = True


def uvicorn_settings(app: Any) -> uvicorn.Config:
    """Return how an application is served: no log of its own, answers in one write, no name of the server."""
    return uvicorn.Config(
        app,
        lifespan="off",
        http=WholeAnswers,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_STOP_SECONDS,
    )
