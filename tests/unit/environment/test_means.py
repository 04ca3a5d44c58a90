from __future__ import annotations

import pytest

from pipeyard.environment.means import Interpreter, fits, nearest_to


@pytest.mark.parametrize(
    ("wanted", "yes", "no"),
    [
        ("", "3.6.0", None),
        ("*", "3.6.0", None),
        ("3.8", "3.8.18", "3.9.0"),
        ("3.8.*", "3.8.18", "3.9.0"),
        ("3.8.12", "3.8.12", "3.8.18"),
        ("3", "3.8.12", "2.7.18"),
        ("3.1", "3.1.0", "3.10.1"),
        (">=3.9", "3.9.0", "3.8.18"),
        (">=3.9,<3.12", "3.11.7", "3.12.0"),
        (">3.8", "3.9.0", "3.8.18"),
        (">3.8.5", "3.8.18", "3.8.5"),
        ("<=3.9", "3.9.18", "3.10.0"),
        ("!=3.9", "3.8.0", "3.9.4"),
        ("~=3.8", "3.11.0", "3.7.0"),
        ("~=3.8.2", "3.8.4", "3.9.0"),
        ("3.8|3.10", "3.10.2", "3.9.2"),
        ("whatever", None, "3.10.0"),
    ],
)
def test_a_version_fits_what_a_conda_file_asks_for(wanted, yes, no):
    """A plain version means every one that begins so."""
    versions = {text: tuple(map(int, text.split("."))) for text in (yes, no) if text}

    assert [fits(versions[text], wanted) for text in (yes, no) if text] == [
        expected for text, expected in ((yes, True), (no, False)) if text
    ]


def test_the_nearest_is_the_one_with_the_nearest_minor_version():
    """The newer of two, and of one minor version the newest."""
    known = [Interpreter(text, tuple(map(int, text.split(".")))) for text in ("3.7.1", "3.9.2", "3.9.5", "3.12.0")]

    assert [nearest_to(wanted, known).path for wanted in ("3.8", "3.11.4", "3.6", "any")] == [
        "3.9.5",
        "3.12.0",
        "3.7.1",
        "3.12.0",
    ]
