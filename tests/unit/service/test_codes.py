from __future__ import annotations

import re
from pathlib import Path

import pipeyard
from pipeyard.model.codes import PAGES

CODE = re.compile(r'(?:code ?= ?|Diagnostic\(\s*|_problem\(\s*|IN_USE = |NOT_REGISTERED = )"([a-z]+(?:-[a-z]+)+)"')


def test_every_code_that_a_server_answers_with_has_a_page():
    """`pipeyard explain CODE` knows it."""
    root = Path(pipeyard.__file__).parent
    files = [path for name in ("service", "api", "server") for path in (root / name).rglob("*.py")]
    used = {code for path in [*files, root / "app.py"] for code in CODE.findall(path.read_text("utf-8"))}

    assert used - PAGES.keys() == set()
    assert len(used) > 30
