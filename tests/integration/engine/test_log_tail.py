from __future__ import annotations

import os

from pipeyard.engine.log_tail import read_last_lines


def test_the_last_lines_are_whole_lines(tmp_path):
    """However long the log, the first line shown is not the end of another one."""
    log = tmp_path / "log"
    log.write_text("".join(f"{number:07} some words\n" for number in range(50_000)))

    assert read_last_lines(log) == [f"{number:07} some words" for number in range(49_980, 50_000)]


def test_a_short_log_is_shown_whole(tmp_path):
    """Empty lines between others stay, a missing end of line is no matter."""
    log = tmp_path / "log"
    log.write_text("one\n\nthree")

    assert read_last_lines(log) == ["one", "", "three"]


def test_bytes_that_are_no_text_do_no_harm(tmp_path):
    """Some programs print anything; a progress bar shows what stood last."""
    log = tmp_path / "log"
    log.write_bytes(b"\xff\xfe caf\xc3\xa9\n10%\r50%\r100%\r\n")

    assert read_last_lines(log) == ["\ufffd\ufffd café", "100%"]


def test_a_very_long_line_is_cut(tmp_path):
    """An error fits on a screen."""
    log = tmp_path / "log"
    log.write_text("x" * 200_000)

    (line,) = read_last_lines(log)
    assert len(line) == 1004
    assert line.endswith("x ...")


def test_a_log_that_is_no_file_shows_nothing(tmp_path):
    """A step can put anything in its log's place; nobody is led elsewhere or made to wait."""
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "link").symlink_to(tmp_path / "secret")
    os.mkfifo(tmp_path / "pipe")

    for name in ("link", "pipe", "nothing", "."):
        assert read_last_lines(tmp_path / name) == []
    (tmp_path / "empty").touch()
    assert read_last_lines(tmp_path / "empty") == []
