"""Folders of scratch attempts: who may remove which."""

from __future__ import annotations

import pytest

from pipeyard.client.rehearse import StepStage, set_stage
from pipeyard.model.errors import OutsideError, PipeyardError


class Server:
    """Answers as a test wrote."""

    def __init__(self, *messages):
        self.messages = messages

    def rehearse(self, _job, _step):
        yield from self.messages


def order(folder):
    return {"type": "order", "folder": str(folder), "root": f"{folder}/attempt", "order": {}}


def test_folders_whose_caller_was_killed_are_swept_and_no_others(tmp_path):
    """A lock that nobody holds tells; what was kept has none."""
    dead, kept, alive = (tmp_path / name for name in ("dead", "kept", "alive"))
    for folder in (dead, kept):
        (folder / "attempt").mkdir(parents=True)
    (dead / "lock").touch()
    living = StepStage(order(alive), iter(()))
    StepStage(order(tmp_path / "new"), iter(())).close(keep=False)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["alive", "kept"]
    living.close(keep=False)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept"]


def test_what_is_kept_is_nobodys_to_sweep(tmp_path):
    """It stays until the person removes it."""
    StepStage(order(tmp_path / "mine"), iter(())).close(keep=True)
    StepStage(order(tmp_path / "next"), iter(())).close(keep=False)

    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_waiting_is_said_until_the_order_comes(tmp_path):
    """An environment may take minutes."""
    beats = []
    server = Server({"type": "beat"}, {"type": "beat"}, order(tmp_path / "a"), {"type": "beat"})
    stage = set_stage(server, "job", "step", lambda: beats.append(1))
    stage.close(keep=False)

    assert len(beats) == 2


def test_a_problem_is_the_one_that_the_server_met():
    """With its code and its hint."""
    said = {"type": "error", "error": {"code": "inputs-not-there", "message": "m", "hint": "h"}}
    with pytest.raises(PipeyardError) as caught:
        set_stage(Server(said), "job", "step", lambda: None)

    assert (caught.value.code, caught.value.hint) == ("inputs-not-there", "h")


def test_a_server_that_ends_meanwhile_is_said():
    """Nothing was run, and trying again may help."""
    with pytest.raises(OutsideError):
        set_stage(Server({"type": "beat"}), "job", "step", lambda: None)
