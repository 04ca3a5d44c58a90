"""Amounts of memory."""

from __future__ import annotations

import pytest

from pipeyard.spec.memory import memory_gib


@pytest.mark.parametrize(
    ("value", "gib"),
    [
        (8, 8),
        (0.5, 0.5),
        ("16", 16),
        ("16GB", 16),
        ("16 GiB", 16),
        ("512MB", 0.5),
        ("512m", 0.5),
        ("1.5g", 1.5),
        ("2T", 2048),
        (str(1 << 30) + "B", 1),
        ("", None),
        ("0", None),
        (0, None),
        (-1, None),
        (True, None),
        (float("inf"), None),
        (float("nan"), None),
        ("much", None),
        ("1e3", None),
        ([], None),
    ],
)
def test_memory_is_written_as_people_write_it(value, gib):
    """A number is GiB; a GB of memory is one too."""
    assert memory_gib(value) == gib
