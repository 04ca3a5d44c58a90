"""What holds for every test: nobody's own folders are read or written."""

from __future__ import annotations

import gc
import os
import signal

import pytest
from hypothesis import settings

# The fast circle looks at some examples of each law; `scripts/check` looks at many, on the other Pythons.
settings.register_profile("some", max_examples=40, deadline=None)
settings.register_profile("many", max_examples=150, deadline=None)
settings.load_profile(os.environ.get("PIPEYARD_TEST_EXAMPLES", "some"))

# Where programs look for what belongs to the user: (variable, folder below the user's own).
USER_FOLDERS = (
    ("HOME", ""),
    ("XDG_CONFIG_HOME", ".config"),
    ("XDG_CACHE_HOME", ".cache"),
    ("XDG_DATA_HOME", ".local/share"),
    ("XDG_STATE_HOME", ".local/state"),
    ("PIPEYARD_HOME", "pipeyard"),
)


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """
    Keep what collecting makes out of the garbage collector's sight.

    Those are half a million objects that live to the end. Walking them again and again took a fifth of
    the fast circle's time.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(10_000, 10, 10)
        gc.enable()


@pytest.fixture(scope="session", autouse=True)
def user_apart(tmp_path_factory):
    """A user without any files, for this process and all that it starts; tests with a home of their own name that."""
    root = tmp_path_factory.mktemp("user")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("PIPEYARD_") and "_TEST_" not in name]:
            if name != "PIPEYARD_WRITE_GOLDEN":
                patch.delenv(name)
        for variable, folder in USER_FOLDERS:
            patch.setenv(variable, str(root / folder))
        # Images that examples name are not pulled for a test; tests of containers say what runs them.
        patch.setenv("PIPEYARD_CONTAINER_RUNTIME", "none")
        yield root


@pytest.fixture(scope="session", autouse=True)
def signals_heard():
    """What tests start hears signals, also when a script runs all this in the background (`&` and `nohup` ignore them)."""
    ignored = [one for one in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT) if signal.getsignal(one) is signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, signal.default_int_handler if number is signal.SIGINT else signal.SIG_DFL)
