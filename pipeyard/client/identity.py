"""
Who submits, from where, and from which state of a repository.

In:       the environment, and `git` when there is a repository.
Out:      texts for the submission.
Not here: what is done with them (`service/`).

Source: section 10.3, "Git info as properties".
"""

from __future__ import annotations

import getpass
import os
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

# For all questions together: a submit must not wait for a slow disk.
_GIT_SECONDS_MAX = 2.0

_FROM_ENVIRONMENT = {
    "mlflow.source.git.repoURL": "AZUREML_GIT_REPOSITORY_URI",
    "mlflow.source.git.branch": "AZUREML_GIT_BRANCH",
    "mlflow.source.git.commit": "AZUREML_GIT_COMMIT",
    "azureml.git.dirty": "AZUREML_GIT_DIRTY",
    "azureml.git.build_id": "AZUREML_GIT_BUILD_ID",
    "azureml.git.build_uri": "AZUREML_GIT_BUILD_URI",
}


def user_name() -> str:
    """Return the name of the person who runs this command."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container may run under a number that has no name.
        return str(os.getuid())


def host_name() -> str:
    """Return this machine's name."""
    return socket.gethostname()


def git_facts(folder: Path) -> dict[str, str] | None:
    """
    Return what git says of the repository around *folder*, as job properties.

    None when there is none and the environment says nothing either.
    """
    facts = _from_repository(folder) if _has_repository(folder) else {}
    for key, variable in _FROM_ENVIRONMENT.items():
        if os.environ.get(variable):
            facts[key] = os.environ[variable]
    if "mlflow.source.git.repoURL" in facts:
        facts["mlflow.source.git.repoURL"] = without_credentials(facts["mlflow.source.git.repoURL"])
    return facts or None


def without_credentials(url: str) -> str:
    """Return an URL without user, password and query; `git@host:path` has none and is kept."""
    if "://" not in url:
        return url
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if parts.scheme == "ssh" and parts.password is None:
        # The user of an ssh address is part of the address.
        return url
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _has_repository(folder: Path) -> bool:
    return any((parent / ".git").exists() for parent in (folder, *folder.parents))


def _from_repository(folder: Path) -> dict[str, str]:
    git = _Git(folder, time.monotonic() + _GIT_SECONDS_MAX)
    found = {
        "mlflow.source.git.repoURL": git.ask("config", "--get", "remote.origin.url"),
        "mlflow.source.git.branch": git.ask("symbolic-ref", "--short", "-q", "HEAD"),
        "mlflow.source.git.commit": git.ask("rev-parse", "--verify", "-q", "HEAD"),
    }
    facts = {key: value for key, value in found.items() if value}
    changes = git.ask("status", "--porcelain", "--untracked-files=no")
    if changes is not None:
        facts["azureml.git.dirty"] = str(bool(changes))
    return facts


class _Git:
    """A repository and the moment after which it is not asked any more."""

    def __init__(self, folder: Path, deadline: float) -> None:
        self._folder = folder
        self._deadline = deadline

    def ask(self, *words: str) -> str | None:
        """Return the trimmed answer, None when git refuses, is slow or is not there."""
        # Imported here: most folders are in no repository.
        import subprocess  # noqa: PLC0415

        left = self._deadline - time.monotonic()
        if left <= 0:
            return None
        try:
            done = subprocess.run(
                ["git", "-c", "core.fsmonitor=false", "-C", str(self._folder), *words],  # noqa: S607 - the user's own git.
                capture_output=True,
                timeout=left,
                check=False,
                stdin=subprocess.DEVNULL,
                env=_quiet_environment(),
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        if done.returncode != 0:
            return None
        return done.stdout.decode("utf-8", "replace").strip()


def _quiet_environment() -> Mapping[str, str]:
    # A repository's own configuration must not run a program or take a lock for this.
    return {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
