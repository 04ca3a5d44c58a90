"""What the pages promise exists."""

from __future__ import annotations

import re

import pytest

from tests.docs.pages import ROOT, blocks, links, pages

every_page = pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(ROOT).as_posix())


@every_page
def test_a_link_to_a_file_leads_somewhere(page):
    """Each relative link names a file or folder that is there, and each link into a page a heading of it."""
    broken = []
    for link in links(page):
        path, _, heading = link.partition("#")
        target = page if not path else page.parent / path
        if "://" in link:
            continue
        if not target.exists() or (heading and heading not in _headings(target.read_text(encoding="utf-8"))):
            broken.append(link)

    assert broken == []


def _headings(text: str) -> set[str]:
    titles = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def test_every_shell_block_of_the_readme_is_run_by_something():
    """No command stands in the README that no test or CI runs."""
    shell = [block for block in blocks(ROOT / "README.md") if block.language in {"sh", "bash", "shell", "console", ""}]

    assert [block.line for block in shell if block.runs not in {"make", "walk"}] == []
    assert {block.runs for block in shell} == {"make", "walk"}


def test_every_block_of_the_studios_page_is_run_and_every_picture_is_there():
    """Each picture in both colours; `scripts/pictures.py` makes them."""
    page = ROOT / "docs" / "studio.md"
    pictures = re.findall(r'(?:src|srcset)="([^"]+)"', page.read_text("utf-8"))

    assert {block.runs for block in blocks(page)} == {"walk"}
    assert [name for name in pictures if not (page.parent / name).is_file()] == []
    assert {name.replace("-dark", "-light") for name in pictures} == {name for name in pictures if "-light" in name}


def test_every_make_word_that_a_page_names_exists():
    """`make test` on a page is a target of the Makefile, and CI calls those that the README shows."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {word for page in pages() for word in re.findall(r"`make ([a-z-]+)", page.read_text(encoding="utf-8"))} | {
        word
        for block in blocks(ROOT / "README.md")
        if block.runs == "make"
        for word in re.findall(r"^make ([a-z-]+)", block.text, re.MULTILINE)
    }

    assert named - targets == set()


def test_every_decision_is_listed_and_says_what_breaks_it():
    """The list of decisions is complete, and each has its four parts."""
    folder = ROOT / "decisions"
    listed = set(re.findall(r"\((\d{4}-[a-z0-9-]+\.md)\)", (folder / "README.md").read_text()))
    records = {path.name: path.read_text() for path in folder.glob("[0-9]*.md")}
    parts = ["## Context", "## Decision", "## Consequences", "## A change breaks this decision when"]

    assert listed == set(records)
    assert {name for name, text in records.items() if re.findall(r"^## .*$", text, re.MULTILINE) != parts} == set()


def test_a_change_is_told_in_one_sentence():
    """Each fragment of the changelog is one line for users."""
    fragments = [path for path in (ROOT / "changelog.d").glob("*.md") if path.name != "README.md"]

    assert fragments != []
    assert [path.name for path in fragments if len(path.read_text().strip().splitlines()) != 1] == []


def test_the_glossary_has_one_row_for_each_word():
    """No word is explained twice."""
    rows = re.findall(r"^\| ([^|]+) \|", (ROOT / "GLOSSARY.md").read_text(), re.MULTILINE)
    words = [word.strip() for row in rows[1:] for word in row.split(",")]

    assert sorted(words) == sorted(set(words))
