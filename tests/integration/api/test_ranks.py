"""Logs of steps that several processes share."""

from __future__ import annotations

import pytest

from pipeyard.model.record import user_log
from pipeyard.model.status import JobStatus
from tests.integration.api.conftest import JOBS, lines_of, step


@pytest.fixture
def shared(api):
    """An ended job: `a` has three processes, `b` one; each has written who it is."""
    distribution = {"type": "pytorch", "process_count_per_instance": 3}
    job = api.submit({"a": step(distribution=distribution), "b": step()})
    steps = api.steps(job["name"])
    for rank in range(3):
        uri = user_log(steps["a"].name, rank=rank)
        api.log(steps["a"].name).parent.joinpath(uri.path.rpartition("/")[2]).write_text(f"rank {rank}\n")
    api.log(steps["b"].name).write_text("alone\n")
    return job["name"], steps["a"].name, steps["b"].name


def test_a_log_is_asked_for_by_rank(api, shared):
    """Without one the first is shown; the answer says how many there are."""
    _, a, b = shared
    log = f"{JOBS}/{a}/log"

    assert [line["text"] for line in api.client.get(log).json()["value"]] == ["rank 0"]
    assert [line["text"] for line in api.client.get(log, params={"rank": 2}).json()["value"]] == ["rank 2"]
    assert api.client.get(log).json()["process_count"] == 3
    assert api.client.get(f"{JOBS}/{b}/log", params={"rank": 0}).json()["process_count"] == 1


def test_a_rank_that_is_not_there_is_refused(api, shared):
    """With what there is."""
    _, a, b = shared
    answer = api.client.get(f"{JOBS}/{a}/log", params={"rank": 3})

    assert (answer.status_code, "the ranks 0 to 2" in answer.text) == (404, True)
    assert api.client.get(f"{JOBS}/{b}/log", params={"rank": 1}).status_code == 404
    assert api.client.get(f"{JOBS}/{a}/stream", params={"rank": 3}).status_code == 404


@pytest.mark.parametrize(("rank", "told"), [(None, "rank 0\n"), (1, "rank 1\n"), (9, "rank 0\n")])
def test_a_job_is_followed_by_one_rank_of_each_step(api, shared, rank, told):
    """A step without that rank shows its first, so that nobody's log is missing."""
    job, _, _ = shared
    for name in shared[1:]:
        api.change(job, name, status=JobStatus.RUNNING, started_at_ms=1)
    api.end(job)

    lines = lines_of(api.client.get(f"{JOBS}/{job}/stream", params={} if rank is None else {"rank": rank}))

    assert {line["key"]: line["text"] for line in lines if line["type"] == "log"} == {"a": told, "b": "alone\n"}


def test_every_rank_has_its_file(api, shared):
    """The list of a step's files is what a picker of ranks offers."""
    _, a, _ = shared
    found = api.client.get(f"{JOBS}/{a}/files").json()["value"]

    assert [file["path"] for file in found] == [f"user_logs/std_log_process_{rank}.txt" for rank in range(3)]
