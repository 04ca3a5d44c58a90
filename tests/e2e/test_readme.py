"""The commands of the README and of the Studio's page do what those say."""

from __future__ import annotations

import os
import re
import subprocess

import pytest

from tests.docs.pages import ROOT, blocks


@pytest.fixture
def home(tmp_path):
    """A home of its own, whose server is stopped at the end."""
    home = tmp_path / "home"
    yield home
    subprocess.run([ROOT / ".venv/bin/pipeyard", "server", "stop"], env=_env(home), capture_output=True, check=True)


def _env(home):
    return {**os.environ, "PIPEYARD_HOME": str(home), "NO_COLOR": "1"}


def test_the_walk_through_works_line_by_line(home, tmp_path, spark):
    """All lines of the walk-through run in one shell, one after the other, in a copy of the checkout."""
    done = _walk(ROOT / "README.md", home, tmp_path, {name: spark[name] for name in spark if name.startswith("UV_")})

    assert done.returncode == 0, done.stdout + done.stderr
    assert "cpu-cluster" in done.stdout
    assert "# Weather words" in done.stdout
    assert re.search(r"^score +Completed$", done.stdout, re.MULTILINE)


def test_the_article_with_the_studio_works_line_by_line(home, tmp_path):
    """So does the page that walks through the article with the Studio; it ends where the Studio's last picture is."""
    done = _walk(ROOT / "docs" / "studio.md", home, tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    assert '"role": "component"' in done.stdout


def _walk(page, home, tmp_path, more=None):
    copy = tmp_path / "checkout"
    copy.mkdir()
    (copy / ".venv").symlink_to(ROOT / ".venv")
    subprocess.run(["cp", "-r", ROOT / "examples", copy], check=True)
    lines = "".join(block.text for block in blocks(page) if block.runs == "walk")
    return subprocess.run(
        ["/bin/bash", "-euxo", "pipefail", "-c", "shopt -s expand_aliases\n" + lines],
        cwd=copy,
        env={**_env(home), **(more or {})},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def test_make_demo_ends_with_the_address_of_the_job(home):
    """`make demo` runs the example to its end and prints where to look at it."""
    done = subprocess.run(
        ["make", "--no-print-directory", "demo"],
        cwd=ROOT,
        env=_env(home),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "The job's page: http://127.0.0.1:" in "\n".join(done.stdout.splitlines()[-2:])
