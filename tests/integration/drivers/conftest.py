"""A step's folder, as the launcher would have made it for one of our programs."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from pipeyard.engine.planning import driver_programs

FILES = "driver/pipeyard_drivers"


class Step:
    """One attempt of a parallel step."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.logs = root / "wd" / "logs"
        self.data = root / "data"
        self.rows = root / "outputs" / "rows.txt"
        for folder in (self.logs, self.data, self.rows.parent, root / FILES):
            folder.mkdir(parents=True)
        for name, text in driver_programs().items():
            (root / FILES / name).write_text(text)
        (root / "driver" / "run.py").write_text(driver_programs()["run.py"])

    def files(self, count: int, text: str = "{}") -> None:
        """Put files into the input: `000.txt` and so on."""
        for number in range(count):
            (self.data / f"{number:03d}.txt").write_text(text.format(number))

    def script(self, text: str) -> None:
        """Write the entry script."""
        (self.root / "wd" / "score.py").write_text(textwrap.dedent(text))

    def start(self, **task) -> subprocess.Popen:
        """Start the driver with a task; what is not said is as in a step that says nothing."""
        table = {"input": {"name": "d", "path": str(self.data), "files": None, "table": None}}
        value = {
            "root": str(self.root),
            "working_dir": str(self.root / "wd"),
            "entry_script": "score.py",
            "append_to": str(self.rows),
            "mini_batch_files": 2,
            "instances": 1,
            "concurrency": 2,
            "max_retries": 1,
            "timeout_seconds": 30,
            **table,
            **task,
        }
        (self.root / "driver" / "task.json").write_text(json.dumps(value))
        argv = [sys.executable, "../driver/run.py", "parallel", str(self.root / "driver" / "task.json")]
        return subprocess.Popen(
            argv,
            cwd=self.root / "wd",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, **task) -> int:
        """Run it to its end; what it printed is in `said`."""
        process = self.start(**task)
        self.said = process.communicate(timeout=60)[0]
        return process.returncode

    def progress(self) -> dict:
        """Return what the last progress file says."""
        return json.loads((self.logs / "parallel" / "progress.json").read_text())

    def lines(self) -> list[str]:
        """Return the rows that were put together."""
        return self.rows.read_text().splitlines()


@pytest.fixture
def step(tmp_path):
    """An empty step."""
    return Step(tmp_path / "a step's folder")
