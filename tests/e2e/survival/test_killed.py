"""
The real server is killed at every fact of real jobs, and started again: the end is the same.

Reference: one run in which nobody is killed. Compared: statuses, error codes, every
output's state, manifest and bytes, every file in the datastores, and how often each
command began. What holds is written in `decisions/0017`.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest

from tests.e2e.survival.jobs import pipeline, to_be_canceled
from tests.e2e.survival.world import NotYetError

# Each of them mostly waits for disks and processes.
AT_ONCE = 3
# What a failed try wrote is kept, whole, until the next one takes its place.
KEPT_OF_FIRST_TRY = {("default/workspaceblobstore/azureml/flaky/o/f", sha256(b"half\n").hexdigest())}


def run_pipeline(home):
    """Submit the pipeline, and see it to its end."""
    home.submit(pipeline())
    home.follow("job")


def run_pipeline_of_stubborn_steps(home):
    """The same, of steps that are tried again when they were lost."""
    home.submit(pipeline(retry={"max": 3}))
    home.follow("job")


def cancel_a_job(home):
    """Submit a job, cancel it when its first step runs, and see it to its end."""
    home.submit(to_be_canceled())
    children = home.get("/api/v1/workspaces/default/jobs/job/children")["value"]
    if next(one["status"] for one in children if one["step"] == "long") in ("NotStarted", "Queued", "Preparing"):
        raise NotYetError
    status, said = home.ask("POST", "/api/v1/workspaces/default/jobs/job/cancel", {"user": "ann"})
    assert status in (200, 202, 409), said
    home.follow("job")


class Reference:
    """A run in which nobody is killed."""

    def __init__(self, home, act):
        self.act = act
        home.start()
        assert home.patiently(lambda: act(home))
        home.end()
        self.facts = home.facts("job")
        self.picture = home.picture("job")
        self.executions = home.executions()
        assert home.processes() == []


def killed(make_home, reference, fact, when, whom):
    """Run with somebody killed at a fact; return what is different at the end, in words."""
    home = make_home()
    kind, node, attempt = fact
    home.start({"kind": kind, "node": node, "attempt": attempt, "when": when, "whom": whom})
    has_ended = home.patiently(lambda: reference.act(home))
    if not has_ended:
        half = home.bytes_of_job("job").items() - reference.picture["bytes"].items() - KEPT_OF_FIRST_TRY
        home.start()
        assert home.patiently(lambda: reference.act(home))
    home.end()
    found = []
    if has_ended is (whom != "launcher"):
        found.append("nobody was killed")
    if not has_ended and half:
        found.append(f"half visible while no server was there: {sorted(half)}")
    picture = home.picture("job")
    for part, expected in reference.picture.items():
        for key in sorted({*expected, *picture[part]}, key=str):
            before, after = expected.get(key), picture[part].get(key)
            if before != after:
                found.append(f"{part} of {key}: {before} became {after}")
    executions = home.executions()
    if whom == "server" and executions != reference.executions:
        found.append(f"ran {dict(executions)} instead of {dict(reference.executions)}")
    twice = [line for line, times in executions.items() if times > 1]
    found += [f"began twice: {line}" for line in twice]
    found += [f"still there: {what}" for what in (*home.leftovers(), *home.processes())]
    where = f"{whom} killed {when} {kind} of {node} attempt {attempt}"
    return [f"{where}: {what}" for what in found]


def killed_everywhere(make_home, act, when, whom, is_wanted=lambda fact: True):
    """Return everything that is different at the end, for all facts of a run that are wanted."""
    reference = Reference(make_home(), act)
    assert len(reference.facts) == len(set(reference.facts))
    facts = [fact for fact in reference.facts if is_wanted(fact)]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        runs = [threads.submit(killed, make_home, reference, fact, when, whom) for fact in facts]
        return [what for run in runs for what in run.result()]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("act", [run_pipeline, cancel_a_job])
def test_a_server_killed_at_any_fact_changes_nothing(make_home, act, when):
    """Right before a fact is stored, and right after, before it is acted on: same end, and nothing runs twice."""
    # What is not stored yet was not acted on, but for these: a job that somebody waits for, outputs that are
    # being stored, and decisions that another run may take in another order.
    matters = ("JobSubmitted", "CancelAsked", "ReuseFound", "SlotsTaken", "AttemptExited", "OutputsStored")

    def is_wanted(fact):
        return when == "after" or fact[0] in matters

    assert killed_everywhere(make_home, act, when, "server", is_wanted) == []


@pytest.mark.parametrize("whom", ["launcher", "both"])
def test_what_a_dead_launcher_lost_is_ended_and_tried_again(make_home, whom):
    """Its processes are found by number and start time and ended; no attempt begins twice; the end is the same."""
    steps = ("first", "left", "flaky", "bad", "inner/deep")

    def is_wanted(fact):
        return fact[0] in ("SlotsTaken", "AttemptStarted", "AttemptExited") and fact[1] in steps

    assert killed_everywhere(make_home, run_pipeline_of_stubborn_steps, "after", whom, is_wanted) == []
