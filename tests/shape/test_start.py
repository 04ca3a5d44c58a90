"""
What is imported before the first answer: facts that keep the command line quick.

Times are measured by the bench; here the lists of modules are held.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

_REPORT = """
import sys
before = set(sys.modules)
sys.argv = ["pipeyard", *{words!r}]
from pipeyard.cli.entry import main
try:
    main()
except SystemExit:
    pass
import json
sys.stderr.write(json.dumps(sorted(set(sys.modules) - before)))
"""
# Outside the standard library, only these may be imported to print help.
_HELP = {"click"}
_OURS = {
    "pipeyard.cli",
    "pipeyard.cli.command",
    "pipeyard.cli.entry",
    "pipeyard.cli.notice",
    "pipeyard.cli.root",
    "pipeyard.cli.terminal",
}
# One of these holds the names of the group that was asked for.
_GROUPS = {"pipeyard.cli.compute", "pipeyard.cli.datastore", "pipeyard.cli.job", "pipeyard.cli.server"}
# Libraries that cost more than a whole command may.
_HEAVY = {
    "alembic", "asyncio", "fastapi", "httpx", "jmespath", "logging", "pathspec", "pydantic", "requests", "rich",
    "sqlalchemy", "ssl", "starlette", "uvicorn", "yaml",
}  # fmt: skip


def imported_by(*words: str, home: str = "/nonexistent") -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", _REPORT.format(words=words)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PIPEYARD_HOME": home},
    )
    return set(json.loads(done.stderr.splitlines()[-1]))


def test_the_version_is_answered_before_any_library():
    """`--version` imports two modules of ours, their package, and nothing else."""
    assert imported_by("--version") - imported_by_json() == {
        "__future__",
        "pipeyard",
        "pipeyard.cli",
        "pipeyard.cli.entry",
    }


def imported_by_json() -> set[str]:
    # The report itself needs these.
    code = "import sys; before = set(sys.modules); import json; print(*(set(sys.modules) - before))"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


@pytest.mark.parametrize(
    "words", [["--help"], ["job", "--help"], ["compute", "--help"], ["server", "--help"], ["datastore"]]
)
def test_help_imports_click_and_nothing_heavy(words):
    """Help of groups loads no command, no server, no YAML."""
    found = imported_by(*words)

    others = {name.partition(".")[0] for name in found} - set(sys.stdlib_module_names) - {"pipeyard"}
    assert others == _HELP
    assert {name for name in found if name.startswith("pipeyard.")} - _GROUPS <= _OURS
    assert not {name.partition(".")[0] for name in found} & _HEAVY


@pytest.mark.parametrize(
    "words", [["job", "list"], ["job", "show", "-n", "x"], ["job", "stream", "-n", "x"], ["compute", "list"]]
)
def test_a_question_to_the_server_imports_no_language(words, tmp_path):
    """Commands that only ask the server load neither YAML nor the language nor the server."""
    # A home that cannot be made: the command ends before a server is started.
    (tmp_path / "file").write_text("", "utf-8")
    found = imported_by(*words, home=str(tmp_path / "file"))

    assert "pipeyard.client.http" in found
    assert not {name.partition(".")[0] for name in found} & (_HEAVY - {"ssl", "logging", "asyncio"})
    assert not {name for name in found if name.startswith(("pipeyard.spec", "pipeyard.graph", "pipeyard.app"))}


@pytest.mark.parametrize("verb", ["create", "validate"])
def test_help_of_a_check_imports_no_language(verb):
    """What checks and sends a file is loaded when a file is checked, not to say how that is asked for."""
    found = imported_by("job", verb, "--help")

    assert not {name.partition(".")[0] for name in found} & _HEAVY
    assert not {name for name in found if name.startswith(("pipeyard.spec", "pipeyard.graph", "pipeyard.client"))}
