"""
Whole commands, without a server: what is typed, and all that comes out.

Each folder beside this file is a case: the files of a working folder, `command` (the
words behind `pipeyard`, as a shell splits them), and `expected`: exit code, stdout and
stderr. `PIPEYARD_WRITE_GOLDEN=1` writes `expected` again, to be read before it is kept.
"""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path

import pytest

from pipeyard.cli.root import run

HERE = Path(__file__).parent
CASES = sorted(path.parent.name for path in HERE.glob("*/command"))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder apart from everything on this machine, and no home yet."""
    work = tmp_path / "work"
    monkeypatch.setenv("PIPEYARD_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PIPEYARD_WORKSPACE", raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return work


@pytest.mark.parametrize("case", CASES)
def test_a_command_prints_what_it_always_printed(case, folder, monkeypatch, capsys):
    """A change of any word that users see is a change of a file in this folder."""
    shutil.copytree(HERE / case, folder)
    monkeypatch.chdir(folder)
    words = shlex.split((folder / "command").read_text("utf-8"))

    code = run(words)

    out, err = capsys.readouterr()
    found = f"exit code {code}\n--- stdout\n{out}--- stderr\n{err}".replace(str(folder.parent / "home"), "HOME")
    expected = HERE / case / "expected"
    if os.environ.get("PIPEYARD_WRITE_GOLDEN"):
        expected.write_text(found, "utf-8")
    assert found == expected.read_text("utf-8")
    # Whatever was asked: nothing here may have started a server or made a home.
    assert not (folder.parent / "home").exists()
