"""What this machine has."""

from __future__ import annotations

import os

import pytest

from pipeyard.model.instance import Machine
from pipeyard.server import machine
from pipeyard.server.machine import look_at_machine


@pytest.fixture
def look(tmp_path, monkeypatch):
    """Looks at a machine whose driver and control group are folders of the test."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    (tmp_path / "bin").mkdir()

    def looked(**environment) -> Machine:
        return look_at_machine(environment, driver=tmp_path / "driver", groups=tmp_path / "groups")

    return looked


def test_cpus_are_those_that_the_server_may_use(look):
    """Not all that the machine has."""
    assert look().cpus == (tuple(sorted(os.sched_getaffinity(0))) if hasattr(os, "sched_getaffinity") else ())


@pytest.mark.parametrize(
    ("visible", "gpus"),
    [
        ("0,1", ("0", "1")),
        ("3", ("3",)),
        (" GPU-a , MIG-b", ("GPU-a", "MIG-b")),
        ("", ()),
        ("-1", ()),
        ("2,-1,3", ("2",)),
    ],
)
def test_gpus_are_those_that_the_server_sees(look, visible, gpus):
    """As CUDA reads that variable."""
    assert look(CUDA_VISIBLE_DEVICES=visible).gpus == gpus


def test_without_that_variable_the_driver_is_asked(look, tmp_path):
    """It has a folder for each GPU; without a driver there are none."""
    assert look().gpus == ()
    for name in ("0000:01:00.0", "0000:02:00.0"):
        (tmp_path / "driver" / name).mkdir(parents=True)
    assert look().gpus == ("0", "1")


@pytest.mark.parametrize(
    ("script", "gpus"),
    [
        ("echo 'GPU 0: x (UUID: a)'; echo '  MIG 1g'; echo 'GPU 1: y (UUID: b)'", ("0", "1")),
        ("exit 9", ()),
        ("echo no", ()),
    ],
)
def test_else_the_drivers_own_program_is_asked(look, tmp_path, script, gpus):
    """One that fails has seen nothing."""
    program = tmp_path / "bin" / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)

    assert look().gpus == gpus


@pytest.mark.parametrize(("limit", "is_limit"), [("1073741824\n", True), ("max\n", False)])
def test_memory_is_that_of_the_control_group(look, tmp_path, limit, is_limit):
    """Where it has a limit; else that of the machine."""
    whole = look().memory_gib
    (tmp_path / "groups").mkdir()
    (tmp_path / "groups" / "memory.max").write_text(limit)

    assert look().memory_gib == (1.0 if is_limit else whole)


def test_memory_that_nobody_tells_is_unknown(look, monkeypatch):
    """It is not counted then."""

    def refuse(_name):
        raise ValueError

    monkeypatch.setattr(machine.os, "sysconf", refuse)
    assert look().memory_gib is None
