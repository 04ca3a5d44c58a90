"""Bayesian sampling by optuna, in its own process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pipeyard.model.errors import ComputeError
from pipeyard.model.sweep import Choice, Goal, Uniform
from pipeyard.ports import Tried
from pipeyard.suggest import bayesian
from pipeyard.suggest.bayesian import OptunaSuggester

SPACE = {"x": Uniform(0, 10), "kind": Choice(("a", "b", 3)), "size": Uniform(1, 20, quantum=4)}


@pytest.fixture
def suggester():
    """A suggester whose process ends with the test."""
    it = OptunaSuggester()
    yield it
    it.close()


def tries(suggester: OptunaSuggester, count: int, seed: str) -> list[Tried]:
    """Return trials of which the best have an `x` near 3 and the kind `b`."""
    tried: list[Tried] = []
    for number in range(count):
        values = suggester.suggest(SPACE, Goal.MINIMIZE, f"{seed} {number}", tried)
        tried.append(Tried(values, (float(values["x"]) - 3) ** 2 + (values["kind"] != "b")))
    return tried


def test_it_learns_and_a_seed_gives_the_same_again(suggester):
    """Later trials are better than earlier ones; the same seed and results give the same values."""
    tried = tries(suggester, 30, "1")
    early, late = ([one.score for one in part] for part in (tried[:10], tried[-10:]))

    assert sum(late) < sum(early)
    assert [one.values for one in tries(suggester, 12, "1")] == [one.values for one in tried[:12]]
    assert {type(one.values["size"]) for one in tried} == {int}
    assert {one.values["size"] % 4 for one in tried} == {0}


def test_trials_that_run_or_failed_do_no_harm(suggester):
    """A value of a running trial is known and not judged; one outside the bounds by rounding is taken."""
    tried = [
        Tried({"x": 1.0, "kind": "a", "size": 0}, is_running=True),
        Tried({"x": 2.0, "kind": 3, "size": 4}),
        Tried({"x": 3.0, "kind": "b", "size": 20}, 0.5),
    ]

    assert suggester.suggest(SPACE, Goal.MAXIMIZE, "7", tried).keys() == SPACE.keys()


def test_a_process_that_ended_is_started_again(suggester):
    """It ends when nobody asks for a while."""
    first = suggester.suggest(SPACE, Goal.MINIMIZE, "7", [])
    process = suggester._process
    process.kill()
    process.wait(60)

    assert suggester.suggest(SPACE, Goal.MINIMIZE, "7", []) == first


def test_without_optuna_a_person_is_told_what_to_install(suggester, monkeypatch, tmp_path):
    """The message has the line to type."""
    worker = tmp_path / "worker.py"
    # As if it were not installed: the import finds nothing.
    worker.write_text(f"import sys\nsys.modules['optuna'] = None\n{Path(bayesian._WORKER).read_text()}")
    worker.write_text(worker.read_text().replace("from __future__ import annotations\n", ""))
    monkeypatch.setattr(bayesian, "_WORKER", worker)

    with pytest.raises(ComputeError, match="needs optuna") as caught:
        suggester.suggest(SPACE, Goal.MINIMIZE, "7", [])
    assert "pip install 'pipeyard[sweep]'" in (caught.value.hint or "")


def test_the_server_never_imports_optuna():
    """It would cost every server half a second and its memory."""
    said = subprocess.run(
        [sys.executable, "-c", "import sys, pipeyard.app; print('optuna' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert said.stdout == "False\n"
