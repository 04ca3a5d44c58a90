"""Patterns for paths in an MLTable."""

from __future__ import annotations

import re

import pytest

from pipeyard.spec.pattern import pattern_of, static_part


@pytest.mark.parametrize(
    ("pattern", "fits", "others"),
    [
        ("*.csv", ["a.csv", ".csv"], ["a.csv.gz", "b/a.csv", "acsv"]),
        ("**/*.csv", ["a.csv", "b/a.csv", "b/c/a.csv"], ["b/a.txt"]),
        ("b/**", ["b/a", "b/c/a"], ["b", "c/a"]),
        ("**", ["a", "b/c"], []),
        ("?.png", ["a.png", "ü.png"], ["/.png", "ab.png", ".png"]),
        ("[ab].png", ["a.png", "b.png"], ["c.png"]),
        ("[a-c]x", ["bx"], ["dx"]),
        ("[!ab].png", ["c.png"], ["a.png", "/.png"]),
        ("[z-a]", [], ["a", "z"]),
        ("[", ["["], ["a"]),
        ("a[]b", ["a[]b"], ["ab"]),
        ("[]]", ["]"], ["a"]),
        ("[^a]", ["^", "a"], ["b"]),
        ("a+(b).$x|y", ["a+(b).$x|y"], ["aab"]),
        ("ünï code/*", ["ünï code/a b"], ["uni code/a"]),
        ("a\nb*", ["a\nbc"], ["a b"]),
    ],
)
def test_a_pattern_fits_whole_paths(pattern, fits, others):
    """`*` and `?` stay within one name, `**` goes through folders; everything else is itself."""
    found = re.compile(pattern_of(pattern))

    assert [path for path in fits if not found.fullmatch(path)] == []
    assert [path for path in others if found.fullmatch(path)] == []


@pytest.mark.parametrize(
    ("pattern", "parts"),
    [
        ("a/b/*.csv", ("a/b", "*.csv")),
        ("a/b*/c/*.csv", ("a", "b*/c/*.csv")),
        ("*.csv", ("", "*.csv")),
        ("a/b.csv", ("a", "b.csv")),
        ("b.csv", ("", "b.csv")),
    ],
)
def test_the_part_without_wildcards_is_a_folder(pattern, parts):
    """Only what lies below it has to be listed."""
    assert static_part(pattern) == parts
