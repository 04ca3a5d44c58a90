"""
Logs that grow beyond their limit.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeyard.launcher import log_cap, system

LIMIT = 64 << 10
LINES = 20_000


def _numbers(text: str) -> list[int]:
    return [int(line) for line in text.splitlines() if line.isdecimal()]


def _check(text: str, dropped: tuple[int, int] | None, written: str) -> None:
    assert dropped is not None
    start, end = dropped
    marker = f"[pipeyard: {end - start} bytes of this log were dropped here]\n"
    assert text == written[:start] + marker + written[end:]
    assert len(text) < LIMIT + (LIMIT >> 1)


def test_a_log_that_is_too_long_at_the_end_loses_its_middle(bench):
    """Head and tail stay, in whole lines; the line between says how much is gone."""
    ended = bench.run(f"seq {LINES}", log_bytes_max=LIMIT)

    _check(bench.log(), ended.log_dropped, "".join(f"{number}\n" for number in range(1, LINES + 1)))


def test_the_middle_goes_while_the_command_still_writes(bench, eventually, tmp_path):
    """A chatty step cannot fill the disk before it ends."""
    go_on = tmp_path / "go on"
    command = f"seq {LINES}; while ! test -e '{go_on}'; do sleep 0.01; done; seq {LINES}"
    bench.launch(command, log_bytes_max=LIMIT)
    path = bench.store / "logs/step.1.txt"
    eventually(lambda: bench.compute.look(["step.1"])["step.1"].log_dropped)

    held = path.stat()
    assert held.st_blocks * 512 <= LIMIT + 8192 < held.st_size
    go_on.touch()

    once = "".join(f"{number}\n" for number in range(1, LINES + 1))
    dropped = bench.wait().log_dropped
    _check(path.read_text(), dropped, once + once)


def test_a_log_within_its_limit_is_not_touched(bench):
    """Nothing is dropped that fits."""
    ended = bench.run("seq 100", log_bytes_max=LIMIT)

    assert (ended.log_dropped, _numbers(bench.log())) == (None, list(range(1, 101)))


def test_where_no_hole_can_be_punched_the_middle_goes_at_the_end(tmp_path, monkeypatch):
    """File systems without holes keep the whole log until the command has ended."""

    def refuse(*_arguments: object) -> None:
        raise OSError(95, "not supported")

    path = tmp_path / "log"
    written = "".join(f"{number}\n" for number in range(LINES))
    path.write_text(written)
    monkeypatch.setattr(system, "punch_hole", refuse)

    with pytest.raises(OSError, match="not supported"):
        log_cap.punch_middle(str(path), LIMIT, None)

    assert path.read_text() == written
    dropped = log_cap.compact(str(path), LIMIT, None)
    _check(path.read_text(), dropped, written)


def test_a_log_without_line_ends_is_cut_all_the_same(tmp_path):
    """A progress bar of a gigabyte is one line; the marker still stands on its own."""
    path = tmp_path / "log"
    path.write_bytes(b"x" * 300_000)

    start, end = log_cap.compact(str(path), LIMIT, None) or (0, 0)

    expected = b"x" * start + b"\n[pipeyard: %d bytes of this log were dropped here]\n" % (end - start)
    assert path.read_bytes() == expected + b"x" * (300_000 - end)


def test_the_time_limit_still_holds_while_the_log_is_shortened(bench):
    """A step that writes without end is ended by its limit, with a log that fits."""
    ended = bench.run("yes", timeout_seconds=0.5, log_bytes_max=LIMIT)

    assert (ended.signal, ended.timed_out) == ("SIGTERM", True)
    assert (bench.store / "logs/step.1.txt").stat().st_size < LIMIT + (LIMIT >> 1)


def test_a_log_of_gigabytes_costs_neither_memory_nor_disk(bench):
    """A step may write three of them: head and tail stay, the launcher stays small, the disk holds the limit."""
    ended = bench.run("echo first; truncate -s 3G /proc/self/fd/1; echo; echo last", log_bytes_max=LIMIT)

    path = bench.store / "logs/step.1.txt"
    status = Path(f"/proc/{bench.launcher_pid()}/status").read_text()
    peak = int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])
    start, end = ended.log_dropped
    assert end - start > 2 << 30
    assert path.stat().st_size < 2 * LIMIT
    assert path.read_bytes().startswith(b"first\n")
    assert path.read_bytes().endswith(b"last\n")
    assert peak < 40_000
