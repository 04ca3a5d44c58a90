"""Which commands install packages, and how they come to a Python of their own."""

from __future__ import annotations

import pytest

from pipeyard.launch.own_python import installs, with_own_python


@pytest.mark.parametrize(
    "command",
    [
        "pip install mlflow && python train.py",
        "pip3 install -q -r requirements.txt",
        "python -m pip install .",
        "pip -q --no-cache-dir install x",
        "/opt/conda/bin/pip install x",
        "cd a; pip3.11 install x",
    ],
)
def test_what_installs_by_pip_is_known(command):
    """Whatever stands around it."""
    assert installs(command)


@pytest.mark.parametrize(
    "command", ["python train.py", "echo pip; install x", "./my-pip install", "pip list", "pip install-x"]
)
def test_what_does_not_is_left_as_it_is(command):
    """No step pays for what it does not do."""
    assert not installs(command)


def test_the_command_itself_is_not_changed():
    """It stands on lines of its own; odd folders are quoted."""
    text = with_own_python("pip install 'a b'\npython x.py", "/a b/it's")

    assert text.endswith("\npip install 'a b'\npython x.py")
    assert "'/a b/it'" in text.splitlines()[0]
