"""`job list --since`."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from pipeyard.cli.job_show import since_text
from pipeyard.model.errors import UsageError

NOW = datetime(2026, 3, 31, 12, 0, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("30m", NOW - timedelta(minutes=30)),
        ("12h", NOW - timedelta(hours=12)),
        ("7d", NOW - timedelta(days=7)),
        ("2w", NOW - timedelta(weeks=2)),
        ("2026-03-01T10:00:00Z", datetime(2026, 3, 1, 10, tzinfo=timezone.utc)),
        ("2026-03-01T10:00:00+02:00", datetime(2026, 3, 1, 8, tzinfo=timezone.utc)),
    ],
)
def test_ages_and_dates_become_utc(text, moment):
    """An age counts back from now; a date may name its zone."""
    assert since_text(text, NOW) == f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"


def test_a_date_without_a_zone_is_meant_locally():
    """As the clock on the wall shows it."""
    local = datetime(2026, 3, 1).astimezone(timezone.utc)

    assert since_text("2026-03-01", NOW) == f"{local:%Y-%m-%dT%H:%M:%S}.000Z"


@pytest.mark.parametrize("text", ["", "yesterday", "7x", "d", "2026-13-01"])
def test_anything_else_is_wrong_usage(text):
    """The message shows both forms."""
    with pytest.raises(UsageError):
        since_text(text, NOW)
