"""Every code that a user can meet has a page, and every page a code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from pipeyard.model.codes import PAGES
from tests.shape.source import Module, modules

CODE = re.compile(r"[a-z]+(-[a-z0-9]+)+|bug|canceled|environment|killed|lost|skipped|stopped|stopping|usage")
LITERAL = re.compile(r'"([a-z0-9-]+)"')
# Calls whose first argument is the code of a problem.
MAKERS = {"Diagnostic", "Problem", "Refusal", "error", "warning", "warn", "broken_yaml", "_problem", "_report"}


def _codes(module: Module) -> Iterator[str]:
    """Yield the texts that stand where codes stand: first of a maker, `code=`, `code = ...`, `"code": ...`."""
    for node in ast.walk(module.tree):
        texts: list[ast.expr] = []
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            texts += [keyword.value for keyword in node.keywords if keyword.arg == "code"]
            texts += node.args[:1] if name in MAKERS else []
        elif isinstance(node, ast.Assign) and [getattr(target, "id", "") for target in node.targets] == ["code"]:
            texts.append(node.value)
        elif isinstance(node, ast.Tuple) and len(node.elts) == 2 and _is_sentence(node.elts[1]):
            texts.append(node.elts[0])
        elif isinstance(node, ast.Dict):
            texts += [
                value
                for key, value in zip(node.keys, node.values, strict=True)
                if isinstance(key, ast.Constant) and key.value == "code"
            ]
        for text in texts:
            if isinstance(text, ast.Constant) and isinstance(text.value, str) and CODE.fullmatch(text.value):
                yield text.value


def _is_sentence(node: ast.expr) -> bool:
    # Tables of codes hold pairs of a code and what to say.
    if isinstance(node, ast.JoinedStr):
        return True
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value


def test_every_code_has_a_page():
    """`pipeyard explain CODE` knows every code that stands in the source."""
    # Only a module that spells what may be such a code needs to be parsed.
    suspects = [
        module
        for module in modules()
        if any(CODE.fullmatch(text) for text in set(LITERAL.findall(module.text)) - PAGES.keys())
    ]
    used = {code: module.shown for module in suspects for code in _codes(module)}

    assert {code: place for code, place in used.items() if code not in PAGES} == {}


def test_every_page_says_what_to_do():
    """A page is a meaning and a way out, not a title."""
    short = [code for code, page in PAGES.items() if len(page.text.split()) < 12]

    assert short == []


def test_every_page_belongs_to_a_code():
    """No page explains a code that nothing uses."""
    named = {
        text
        for module in modules()
        if not module.path.name.startswith("codes")
        for text in LITERAL.findall(module.text)
    }

    assert PAGES.keys() - named == set()
