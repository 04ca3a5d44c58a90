"""Which files a code snapshot has (section 4.3)."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from pipeyard.client.snapshot import Include, snapshot_code
from pipeyard.model.errors import UserError


@pytest.fixture
def code(tmp_path):
    folder = tmp_path / "src"
    folder.mkdir()
    return folder


@pytest.fixture
def scratch(tmp_path):
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


def put(root: Path, *paths: str) -> None:
    for path in paths:
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(path, "utf-8")


def paths_of(code: Path | None, scratch: Path, *includes: Path) -> list[str]:
    found = snapshot_code(code, [Include(str(place), place) for place in includes], lambda: scratch)
    return [item.path for item in found]


def code_of(code: Path | None, scratch: Path, *includes: Path) -> str:
    with pytest.raises(UserError) as caught:
        paths_of(code, scratch, *includes)
    return caught.value.code


def test_a_folder_gives_all_its_files_sorted(code, scratch):
    """Every file is in the snapshot, whatever its name."""
    put(code, "b.py", "a b/ü $x.txt", "a.py", ".hidden")

    assert paths_of(code, scratch) == [".hidden", "a b/ü $x.txt", "a.py", "b.py"]


@pytest.mark.parametrize("name", ["__pycache__", ".git", ".venv", ".ipynb_checkpoints"])
def test_what_no_step_needs_is_never_sent(code, scratch, name):
    """Caches, repositories and environments are left out at any depth, without an ignore file."""
    put(code, "train.py", f"{name}/x", f"inner/{name}/y")

    assert paths_of(code, scratch) == ["train.py"]


def test_gitignore_in_the_code_folder_counts(code, scratch):
    """Without .amlignore the .gitignore of the code folder decides."""
    put(code, "train.py", "data.csv", "build/x")
    (code / ".gitignore").write_text("*.csv\n/build/\n", "utf-8")

    assert paths_of(code, scratch) == [".gitignore", "train.py"]


def test_amlignore_stands_alone(code, scratch):
    """With .amlignore the .gitignore has no say: never both."""
    put(code, "train.py", "data.csv", "notes.md")
    (code / ".gitignore").write_text("*.csv\n", "utf-8")
    (code / ".amlignore").write_text("*.md\n", "utf-8")

    assert paths_of(code, scratch) == [".amlignore", ".gitignore", "data.csv", "train.py"]


def test_ignore_files_further_down_or_up_have_no_say(code, scratch):
    """Only an ignore file in the code folder itself counts."""
    put(code, "inner/keep.csv")
    (code / "inner" / ".gitignore").write_text("*.csv\n", "utf-8")
    (code.parent / ".gitignore").write_text("*\n", "utf-8")

    assert paths_of(code, scratch) == ["inner/.gitignore", "inner/keep.csv"]


def test_the_last_matching_pattern_wins(code, scratch):
    """A later `!pattern` brings a file back, also out of an ignored folder."""
    put(code, "data/big.csv", "data/small.csv", "train.py")
    (code / ".amlignore").write_text("data/\n!data/small.csv\n.amlignore\n", "utf-8")

    assert paths_of(code, scratch) == ["data/small.csv", "train.py"]


def test_an_ignored_folder_is_not_looked_into(code, scratch):
    """A broken link in a folder that is left out does no harm."""
    put(code, "train.py")
    (code / "tmp").mkdir()
    (code / "tmp" / "gone").symlink_to("nowhere")
    (code / ".amlignore").write_text("tmp/\n.amlignore\n", "utf-8")

    assert paths_of(code, scratch) == ["train.py"]


def test_a_single_file_is_code_too(code, scratch):
    """`code: ./train.py` gives a snapshot of that file."""
    put(code, "train.py", "other.py")

    assert paths_of(code / "train.py", scratch) == ["train.py"]


def test_an_empty_folder_is_an_error(code, scratch):
    """A snapshot without files is a mistake, also when the ignore file made it so."""
    assert code_of(code, scratch) == "empty-code"
    put(code, "x.py")
    (code / ".amlignore").write_text("*\n", "utf-8")
    assert code_of(code, scratch) == "empty-code"


def test_a_missing_folder_is_an_error(code, scratch):
    """A folder that does not exist is named."""
    assert code_of(code / "nope", scratch) == "missing-file"


def test_a_link_counts_as_what_it_points_to(code, scratch, tmp_path):
    """Links to files and folders bring the content of their targets."""
    put(tmp_path, "shared/lib.py", "one.txt")
    put(code, "train.py")
    (code / "lib").symlink_to(tmp_path / "shared")
    (code / "two.txt").symlink_to(tmp_path / "one.txt")

    assert paths_of(code, scratch) == ["lib/lib.py", "train.py", "two.txt"]


def test_a_link_to_a_folder_around_it_is_an_error(code, scratch):
    """A ring of links is refused and not followed for ever."""
    put(code, "inner/x.py")
    (code / "inner" / "again").symlink_to(code)

    assert code_of(code, scratch) == "link-ring"


def test_a_broken_link_is_an_error(code, scratch):
    """A link to nothing is named instead of being left out in silence."""
    put(code, "x.py")
    (code / "gone").symlink_to("nowhere")

    assert code_of(code, scratch) == "broken-link"


@pytest.mark.skipif(os.uname().sysname != "Linux", reason="file names are bytes only there")
def test_a_name_that_is_no_text_is_an_error(code, scratch):
    """A file name that is not UTF-8 could not be named in JSON."""
    os.close(os.open(os.fsencode(code) + b"/\xff.txt", os.O_CREAT))

    assert code_of(code, scratch) == "bad-file-name"


def test_includes_are_put_into_the_root_and_merge(code, scratch, tmp_path):
    """A folder of additional_includes keeps its own name and merges with one of that name."""
    put(code, "train.py", "lib/a.py")
    put(tmp_path, "x/lib/b.py", "x/one.txt")

    assert paths_of(code, scratch, tmp_path / "x/lib", tmp_path / "x/one.txt") == [
        "lib/a.py",
        "lib/b.py",
        "one.txt",
        "train.py",
    ]


def test_includes_alone_are_enough(scratch, tmp_path):
    """A component may have additional_includes and no code."""
    put(tmp_path, "lib/b.py")

    assert paths_of(None, scratch, tmp_path / "lib") == ["lib/b.py"]


@pytest.mark.parametrize("present", ["lib/b.py", "lib"])
def test_two_files_of_one_name_clash(code, scratch, tmp_path, present):
    """An include never replaces what is in the code folder."""
    put(code, present)
    put(tmp_path, "x/lib/b.py")

    assert code_of(code, scratch, tmp_path / "x/lib") == "include-clash"


def test_the_ignore_file_applies_to_includes(code, scratch, tmp_path):
    """Patterns of the code folder also leave out included files."""
    put(code, "train.py")
    put(tmp_path, "x/lib/b.py", "x/lib/big.csv")
    (code / ".amlignore").write_text("*.csv\n.amlignore\n", "utf-8")

    assert paths_of(code, scratch, tmp_path / "x/lib") == ["lib/b.py", "train.py"]


def test_a_zip_is_made_of_a_folder_of_its_name(code, scratch, tmp_path):
    """`lib.zip` where there is a folder `lib` gives a zip of it, the same bytes each time."""
    put(code, "train.py")
    put(tmp_path, "x/lib/b.py")
    include = [Include("lib.zip", tmp_path / "x/lib.zip")]

    first = {item.path: item.source.read_bytes() for item in snapshot_code(code, include, lambda: scratch)}
    os.utime(tmp_path / "x/lib/b.py", (1, 1))
    again = {item.path: item.source.read_bytes() for item in snapshot_code(code, include, lambda: scratch)}

    assert first == again
    archive = tmp_path / "out.zip"
    archive.write_bytes(first["lib.zip"])
    with zipfile.ZipFile(archive) as opened:
        assert opened.namelist() == ["lib/b.py"]


def test_the_root_of_the_file_system_is_refused(code, scratch):
    """Including everything is a mistake."""
    put(code, "train.py")

    assert code_of(code, scratch, Path("/")) == "bad-include"
