"""What git keeps means the same on every machine."""

from __future__ import annotations

import re
import tempfile
from functools import cache
from pathlib import Path

from tests.shape.source import ROOT, tracked_files

# Domains that a URL in this repository may name: loopback, names kept for examples, licences, and Azure's own.
# Anything else would be an address that is fetched from, and those belong to the machine's settings.
KNOWN_DOMAINS = (
    "127.0.0.1", "example.com", "example.net", "example.org", "invalid", "test",
    "apache.org", "azureedge.net", "windows.net", "azureml.ms", "azure.com", "microsoft.com",
    "github.com", "json-schema.org", "w3.org",
)  # fmt: skip
URL = re.compile(r"\bhttps?://([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)")
REGISTRY = re.compile(r"\b(?:pypi|pythonhosted|npmjs|debian|anaconda|conda-forge|dockerhub)\.(?:org|com|io)\b")
HOME_PATHS = re.compile(r"(?<![\w.$}])/(?:root|home/\w+|Users/\w+)/")


@cache
def _texts() -> list[tuple[str, str]]:
    texts = []
    for path in tracked_files():
        data = path.read_bytes()
        if b"\0" not in data and path != Path(__file__).resolve():
            texts.append((path.relative_to(ROOT).as_posix(), data.decode("utf-8", errors="replace")))
    return texts


def _found(pattern: re.Pattern[str], texts: list[tuple[str, str]]) -> list[tuple[str, re.Match[str]]]:
    return [(name, match) for name, text in texts for match in pattern.finditer(text)]


def test_no_tracked_file_names_a_folder_of_this_machine():
    """No file holds the path of a checkout or of somebody's home."""
    # What lies beside a checkout is of this machine too, but in the folder that everybody has.
    around = ROOT if ROOT.parent == Path(tempfile.gettempdir()) else ROOT.parent
    here = re.compile(re.escape(f"{around}/")) if around != Path("/") else HOME_PATHS
    found = [f"{name}: {match[0]}" for name, match in _found(here, _texts()) + _found(HOME_PATHS, _texts())]

    assert found == []


def test_no_tracked_file_names_a_host_to_fetch_from():
    """URLs name loopback, example hosts, licences and Azure's schemas only; no package registry is named at all."""
    texts = _texts()
    found = {
        f"{name}: {match[1]}"
        for name, match in _found(URL, texts)
        if not any(match[1] == domain or match[1].endswith(f".{domain}") for domain in KNOWN_DOMAINS)
    } | {f"{name}: {match[0]}" for name, match in _found(REGISTRY, texts)}

    assert sorted(found) == []


def test_the_locks_hold_names_versions_and_hashes_only():
    """A lock names no address, so it means the same with any package index."""
    wanted = re.compile(r"[a-z0-9-]+==\S+( ; .+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")
    found = [
        f"{path.name}:{number}: {line}"
        for path in sorted((ROOT / "requirements").glob("*.txt"))
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if not wanted.fullmatch(line)
    ]

    assert found == []


def test_the_locks_cover_what_the_package_asks_for():
    """Every dependency in pyproject.toml is locked, and each lock holds the one before it."""
    project = (ROOT / "pyproject.toml").read_text()
    locked = {
        name: set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements" / f"{name}.txt").read_text(), re.MULTILINE))
        for name in ("base", "dev", "examples")
    }

    def asked(list_name: str) -> set[str]:
        entries = re.search(rf"^{list_name} = \[(.*?)\]$", project, re.MULTILINE | re.DOTALL)
        assert entries is not None
        return set(re.findall(r'(?:^|\s)"([a-z0-9-]+)', entries[1]))

    assert asked("dependencies") <= locked["base"]
    assert asked("dev") <= locked["dev"]
    assert asked("examples") <= locked["examples"]
    assert locked["base"] <= locked["dev"] <= locked["examples"]


def test_nothing_half_merged_is_tracked():
    """No file holds the marks of an unfinished merge."""
    marks = re.compile(r"^(?:<{7} |>{7} |={7}$)", re.MULTILINE)

    assert [name for name, _ in _found(marks, _texts())] == []
