"""Which of two versions is older, and what a starting server tells."""

from __future__ import annotations

import pytest

from pipeyard.client.server import is_older


@pytest.mark.parametrize(
    ("version", "than", "expected"),
    [
        ("0.1.0", "0.1.1", True),
        ("0.9", "0.10", True),
        ("0.1.1", "0.1.0", False),
        ("1.0.0", "1.0.0", False),
        ("1.0.0.dev3", "1.0.0", False),
        ("0.9.9", "1", True),
    ],
)
def test_versions_are_compared_as_numbers(version, than, expected):
    """0.10 comes after 0.9."""
    assert is_older(version, than) is expected
