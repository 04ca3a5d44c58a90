"""Who submits, and from which state of a repository (section 10.3)."""

from __future__ import annotations

import subprocess

import pytest

from pipeyard.client import identity
from pipeyard.client.identity import git_facts, user_name, without_credentials

# Apart from what follows it, so that no test of addresses takes a user for a host.
HTTPS = "https://"


@pytest.fixture(autouse=True)
def own_git(tmp_path, monkeypatch):
    """No settings of this machine or of a job around the test count."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", "/dev/null")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    for name in ("URI", "BRANCH", "COMMIT", "DIRTY", "BUILD_ID", "BUILD_URI", "REPOSITORY_URI"):
        monkeypatch.delenv(f"AZUREML_GIT_{name}", raising=False)


def git(folder, *words):
    who = ["-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run(["git", "-C", folder, *who, *words], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path):
    folder = tmp_path / "work"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "trunk")
    (folder / "a.txt").write_text("a", "utf-8")
    git(folder, "add", "a.txt")
    git(folder, "commit", "-q", "-m", "one")
    return folder


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        (f"{HTTPS}user:secret@example.org/a/b.git", "https://example.org/a/b.git"),
        (f"{HTTPS}token@example.org/a/b.git", "https://example.org/a/b.git"),
        ("https://example.org:8443/a?token=x", "https://example.org:8443/a"),
        ("ssh://git@example.org/a.git", "ssh://git@example.org/a.git"),
        ("ssh://git:secret@example.org/a.git", "ssh://example.org/a.git"),
        ("git@example.org:a/b.git", "git@example.org:a/b.git"),
        ("/srv/git/a.git", "/srv/git/a.git"),
        (f"{HTTPS}[broken/a", ""),
    ],
)
def test_credentials_never_leave_the_machine(url, kept):
    """Users, passwords and tokens are cut out of a remote's address."""
    assert without_credentials(url) == kept


def test_a_repository_is_described(repository):
    """Address, branch, commit and whether files were changed become properties."""
    git(repository, "remote", "add", "origin", f"{HTTPS}me:secret@example.org/r.git")
    (repository / "deep").mkdir()

    facts = git_facts(repository / "deep")

    assert facts["mlflow.source.git.repoURL"] == "https://example.org/r.git"
    assert facts["mlflow.source.git.branch"] == "trunk"
    assert len(facts["mlflow.source.git.commit"]) == 40
    assert facts["azureml.git.dirty"] == "False"
    (repository / "a.txt").write_text("b", "utf-8")
    assert git_facts(repository)["azureml.git.dirty"] == "True"


def test_no_repository_means_no_facts_and_no_git(tmp_path, monkeypatch):
    """Without a `.git` above the file, git is not asked at all."""
    monkeypatch.setattr(subprocess, "run", None)

    assert git_facts(tmp_path) is None


def test_the_environment_wins(repository, monkeypatch):
    """A build machine says itself what it builds."""
    monkeypatch.setenv("AZUREML_GIT_BRANCH", "release")
    monkeypatch.setenv("AZUREML_GIT_BUILD_ID", "42")
    monkeypatch.setenv("AZUREML_GIT_REPOSITORY_URI", f"{HTTPS}a:b@example.org/x")

    facts = git_facts(repository)

    assert facts["mlflow.source.git.branch"] == "release"
    assert facts["azureml.git.build_id"] == "42"
    assert facts["mlflow.source.git.repoURL"] == "https://example.org/x"


def test_a_slow_git_is_not_waited_for(repository, monkeypatch):
    """After two seconds in all the job is submitted without facts."""

    def slow(words, **options):
        raise subprocess.TimeoutExpired(words, options["timeout"])

    monkeypatch.setattr(subprocess, "run", slow)

    assert git_facts(repository) is None


def test_a_user_without_a_name_has_a_number(monkeypatch):
    """In a container a user may have no entry anywhere."""

    def nobody():
        raise KeyError("uid")

    monkeypatch.setattr(identity.getpass, "getuser", nobody)

    assert user_name().isdecimal()
