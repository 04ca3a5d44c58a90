"""The pages of error codes."""

from __future__ import annotations

import re

import pytest

from pipeyard.model.codes import PAGES


@pytest.mark.parametrize("code", sorted(PAGES))
def test_a_page_says_what_it_means_with_an_example_and_what_to_do(code):
    """Every code is a few words, and every page has its three parts."""
    page = PAGES[code]

    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code)
    assert page.meaning.endswith(".")
    assert page.fix.strip()
    assert page.text.count("```") == 2
    assert page.example.strip() in page.text
