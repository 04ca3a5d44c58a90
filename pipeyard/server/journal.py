"""
The server's own log: `server.log` in the home, of bounded size, free of secrets.
"""

from __future__ import annotations

import logging
import sys
import time
from logging.handlers import RotatingFileHandler
from pathlib import Path

BYTES_MAX = 4 << 20
_COPIES = 1
# Libraries that tell of every step they take.
_TALKATIVE = ("alembic", "uvicorn", "asyncio")


class _Line(logging.Formatter):
    """One line per message: UTC with milliseconds, level, who, what; secrets blotted out."""

    converter = staticmethod(time.gmtime)

    def __init__(self, secrets: tuple[str, ...]) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self.default_time_format = "%Y-%m-%dT%H:%M:%S"
        self.default_msec_format = "%s.%03dZ"
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text


def open_journal(home: Path, *, secrets: tuple[str, ...] = ()) -> None:
    """Send everything that is logged to the home, and to the terminal if there is one."""
    to_file = RotatingFileHandler(home / "server.log", maxBytes=BYTES_MAX, backupCount=_COPIES, encoding="utf-8")
    (home / "server.log").chmod(0o600)
    handlers: list[logging.Handler] = [to_file]
    if sys.stderr is not None and sys.stderr.isatty():
        handlers.append(logging.StreamHandler())
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    for old in root.handlers[:]:
        root.removeHandler(old)
    for handler in handlers:
        handler.setFormatter(_Line(secrets))
        root.addHandler(handler)


def close_journal() -> None:
    """Flush and close what `open_journal` opened."""
    root = logging.getLogger()
    for handler in root.handlers[:]:
        root.removeHandler(handler)
        handler.close()
