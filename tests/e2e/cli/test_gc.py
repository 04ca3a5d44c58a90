"""`pipeyard gc` by whole commands."""

from __future__ import annotations

import json
import os

STEP = """
type: pipeline
jobs:
  a:
    type: command
    command: echo {text} > ${{{{outputs.o}}}}/x
    environment: local
    outputs:
      o: {{type: uri_folder}}
"""


def run_once(line):
    line.write("pipeline.yml", STEP.format(text=os.urandom(8).hex()))
    name = line.value("job", "create", "--file", "pipeline.yml", "--stream", "-o", "json")["name"]
    return line.value("job", "list", "--parent-job-name", name)[0]["name"]


def test_a_dry_run_shows_and_frees_nothing(warm):
    """A table for people, JSON for programs."""
    run_once(warm)
    shown = warm.ask("gc", "--outputs", "--older-than", "0s", "--dry-run", "-o", "table")
    told = json.loads(warm.ask("gc", "--outputs", "--older-than", "0s", "--dry-run"))

    assert "outputs" in shown
    assert "Freed size" in shown
    assert told["count"] >= 1
    assert {"kind", "what", "job", "size", "used_at_ms"} <= set(told["things"][0])
    assert warm.value("gc", "--outputs", "--older-than", "0s", "--dry-run")["count"] == told["count"]


def test_what_is_freed_is_said_when_somebody_asks_for_it(warm):
    """With the day."""
    step = run_once(warm)
    told = warm.value("gc", "--outputs", "--older-than", "0s", "--yes")
    done = warm.run("job", "download", "-n", step, "--output-name", "o")

    assert step in [thing["job"] for thing in told["things"]]
    assert done.returncode == 3
    assert "was freed by gc on 20" in done.stderr
    assert warm.value("job", "show", "-n", step)["outputs"]["o"]["state"] == "removed"


def test_without_a_yes_nothing_goes(warm):
    """Nobody is there to be asked."""
    step = run_once(warm)
    done = warm.run("gc", "--outputs", "--older-than", "0s")

    assert done.returncode == 2
    assert "outputs:" in done.stderr
    assert warm.value("job", "show", "-n", step)["outputs"]["o"]["state"] == "complete"


def test_what_run_step_kept_goes_when_it_is_old(warm):
    """Just kept, it is somebody's; later it is freed like everything else, and a dry run says so before."""
    step = run_once(warm)
    done = warm.run("job", "run-step", step, "--keep")
    assert done.returncode == 0, done.stderr
    (folder,) = (warm.home / "rehearsals").iterdir()
    words = ("gc", "--rehearsals", "--older-than", "1h", "--yes")
    assert warm.value(*words)["count"] == 0
    os.utime(folder, (1, 1))

    assert warm.value(*words, "--dry-run")["count"] == 1
    assert folder.exists()
    assert [thing["what"] for thing in warm.value(*words)["things"]] == [folder.name]
    assert not folder.exists()


def test_with_nothing_to_free_it_says_so(warm):
    """Exit code 0."""
    done = warm.run("gc", "--older-than", "1000w", "--yes")

    assert done.returncode == 0
    assert "nothing to free" in done.stderr


def test_odd_limits_are_wrong_usage(warm):
    """With what would be right."""
    for words, hint in ((("--older-than", "soon"), "30d"), (("--max-size", "lots"), "20GB")):
        done = warm.run("gc", *words)
        assert done.returncode == 2
        assert hint in done.stderr
