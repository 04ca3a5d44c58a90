"""Inputs from datastores elsewhere: brought before a launch, held while the attempt lives."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from pipeyard.compute.fake import Answer
from pipeyard.engine.loop import Engine
from pipeyard.model.assets import DatastoreUri
from pipeyard.model.errors import StoreError
from pipeyard.ports import LocalCopy, WriteBack
from tests.integration.engine.world import WORKSPACE

READS = """
type: pipeline
jobs:
  read:
    type: command
    command: cat ${{inputs.data}}/a ${{inputs.told}} ${{inputs.near}}
    environment: {image: i}
    inputs:
      data: {type: uri_folder, path: azureml://datastores/cloud/paths/raw}
      told: {type: uri_folder, path: azureml://datastores/cloud/paths/other, mode: direct}
      near: {type: uri_folder, path: azureml://datastores/here/paths/near}
"""

CHAIN = """
type: pipeline
settings: {default_datastore: cloud}
jobs:
  make:
    type: command
    command: echo > ${{outputs.own}}/a
    outputs: {own: {type: uri_folder}, shared: {type: uri_folder, path: azureml://datastores/cloud/paths/shared}}
    environment: {image: i}
  use:
    type: command
    command: ls ${{inputs.own}} ${{inputs.shared}}
    inputs:
      own: {path: "${{parent.jobs.make.outputs.own}}", mode: rw_mount}
      shared: "${{parent.jobs.make.outputs.shared}}"
    environment: {image: i}
"""


@dataclass
class FakeTransfers:
    """`cloud` is elsewhere; what is asked of it is here at once, unless a test holds it up."""

    folder: Path
    asked: list = field(default_factory=list)
    released: list = field(default_factory=list)
    problem: Exception | None = None
    gate: threading.Event | None = None

    def is_remote(self, workspace, datastore):
        return datastore == "cloud"

    def bring(self, workspace, uri, *, holder=None, digest=None):
        self.asked.append((str(uri), holder, digest))
        if self.gate is not None:
            assert self.gate.wait(60)
        if self.problem is not None:
            raise self.problem
        path = self.folder / uri.path.strip("/").replace("/", "_")
        return LocalCopy(path, is_file=False, digest="d" * 64, size=2_000_000, file_count=2, fetched_bytes=2_000_000)

    def release(self, holder):
        self.released.append(holder)


@pytest.fixture
def cloudy(play, tmp_path):
    """Runs a scene in a world with a datastore elsewhere."""
    (tmp_path / "data" / WORKSPACE / "here" / "near").mkdir(parents=True)

    def run(scene):
        async def with_transfers(world):
            await world.engine.stop()
            world.transfers = FakeTransfers(tmp_path / "cache")
            world.surroundings = replace(world.surroundings, transfers=world.transfers)
            world.engine = Engine(world.surroundings)
            await world.start()
            await scene(world)

        play(with_transfers)

    return run


def test_only_what_is_elsewhere_is_brought(cloudy, tmp_path):
    """A folder of this machine is used in place, a `direct` input is left to the command."""

    async def scene(world):
        await world.submit(READS)
        await world.run_to_end()

        (plan,) = world.compute.launched
        sources = {item.name: item.source for item in plan.inputs}
        assert world.status("read") == "Completed"
        assert world.transfers.asked == [("azureml://datastores/cloud/paths/raw", "job-read.1", None)]
        assert sources == {"data": str(tmp_path / "cache" / "raw"), "near": None}
        assert "azureml://datastores/cloud/paths/other" in plan.command

    cloudy(scene)


def test_what_was_brought_is_let_go_when_the_attempt_ended(cloudy):
    """The cache may remove it then, and not before."""

    async def scene(world):
        await world.submit(READS)
        await world.run_to_end()

        assert world.transfers.released == ["job-read.1"]

    cloudy(scene)


def test_the_record_and_the_log_say_what_was_brought(cloudy):
    """Bytes and files of each input are on the step, and one line is in the pipeline's log."""

    async def scene(world):
        await world.submit(READS)
        await world.run_to_end()
        await world.engine.stop()

        kept = world.job("read").detail["transfers"]["data"]
        lines = [path.read_text() for path in world.datastores.root.rglob("executionlogs.txt")]
        assert kept == {"datastore": "cloud", "files": 2, "bytes": 2_000_000, "fetched_bytes": 2_000_000}
        assert "step read (job-read) fetched input `data`: 2 files, 2.0 MB from `cloud`" in lines[0]

    cloudy(scene)


def test_a_transfer_that_fails_fails_its_step(cloudy):
    """The step's error names the datastore and says that trying again may help; nothing is launched."""

    async def scene(world):
        world.transfers.problem = StoreError(
            "datastore `cloud` cannot be reached", code="datastore-unreachable", hint="try again", may_retry=True
        )
        await world.submit(READS)
        await world.run_to_end()

        error = world.job("read").error
        assert world.status("read") == "Failed"
        assert ("datastore-unreachable", True) == (error["code"], error["may_retry"])
        assert "`cloud`" in error["message"]
        assert world.launched() == []

    cloudy(scene)


def test_a_cancel_does_not_wait_for_a_transfer(cloudy):
    """A job whose data still comes ends at once, and its command never starts."""

    async def scene(world):
        world.transfers.gate = threading.Event()
        await world.submit(READS)
        await world.until(lambda: world.transfers.asked)
        await world.engine.cancel(WORKSPACE, "job", "ann")
        await world.run_to_end()
        status = world.status("read")
        world.transfers.gate.set()

        assert (status, world.launched()) == ("Canceled", [])

    cloudy(scene)


def test_an_earlier_steps_output_is_asked_for_by_its_digest(cloudy):
    """In a step's own place the digest says what must be there; a shared place may hold more."""

    async def scene(world):
        await world.submit(CHAIN)
        await world.run_to_end()

        digests = {uri: digest for uri, _, digest in world.transfers.asked}
        made = {row.output: row.digest for row in world.store.load_outputs(WORKSPACE, "job-make")}
        assert digests == {
            "azureml://datastores/cloud/paths/azureml/job-make/own/": made["own"],
            "azureml://datastores/cloud/paths/shared": None,
        }

    cloudy(scene)


def test_a_copy_that_may_have_changed_goes_back_after_success(cloudy):
    """`rw_mount` of data elsewhere is a copy; only a command that ended well sends it back."""

    async def scene(world):
        await world.submit(CHAIN)
        await world.run_to_end()
        world.answer("use", Answer(exit_code=1), "second")
        await world.submit(CHAIN, "second")
        await world.run_to_end("second")

        backs = {request.job_name: request.write_backs for request in world.outputs.requests}
        plans = {plan.attempt_id: plan for plan in world.compute.launched}
        own = DatastoreUri("cloud", "azureml/job-make/own/")
        assert backs["job-use"] == (WriteBack("own", "inputs/own", own),)
        assert backs["second-use"] == ()
        assert {item.name: item.mode for item in plans["job-use.1"].inputs} == {"own": "download", "shared": "ro_mount"}

    cloudy(scene)
