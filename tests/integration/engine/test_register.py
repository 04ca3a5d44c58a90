from __future__ import annotations

import pytest

from pipeyard.compute.fake import Answer
from pipeyard.model.asset_record import AssetFilter, AssetVersion, AuditEntry
from pipeyard.model.assets import AssetKind
from tests.integration.engine.test_recover import kill_at, submit_if_not_there
from tests.integration.engine.world import WORKSPACE


def writing(version: str = "", type_: str = "custom_model") -> str:
    number = f", version: '{version}'" if version else ""
    return f"""
type: pipeline
outputs:
  best: {{type: {type_}, name: my_model{number}}}
jobs:
  train:
    type: command
    command: echo > ${{{{outputs.model}}}}
    outputs: {{model: "${{{{parent.outputs.best}}}}"}}
    environment: {{image: i}}
"""


def versions(world, kind=AssetKind.MODEL, name="my_model"):
    found = world.store.assets.list_versions(WORKSPACE, kind, name, AssetFilter("all"), limit=9)
    return sorted(found, key=lambda version: version.serial)


def put(world, version, content):
    asset = AssetVersion(
        WORKSPACE, AssetKind.MODEL, "my_model", version, "custom_model", 1, "ann", {"path": "x"}, "d", content=content
    )
    world.store.assets.create_asset(asset, AuditEntry(WORKSPACE, 1, "ann", "create", "model", "my_model"))


def test_an_output_with_a_name_becomes_the_next_version(play):
    """Each job makes one; it says which step wrote it and where the bytes are."""

    async def scene(world):
        for name in ("one", "two"):
            await world.submit(writing(), name)
            await world.run_to_end(name)

        first, second = versions(world)
        assert (first.version, second.version) == ("1", "2")
        assert (first.type, first.created_by) == ("custom_model", "ann")
        assert (second.produced_by, second.produced_output) == ("two-train", "model")
        (output,) = world.store.load_outputs(WORKSPACE, "two-train")
        assert (second.uri, second.content) == (output.uri, output.digest)
        assert world.store.assets.produced_by(WORKSPACE, "two") == (second,)

    play(scene)


@pytest.mark.parametrize(("type_", "kind"), [("mlflow_model", "model"), ("uri_file", "data"), ("mltable", "data")])
def test_the_type_decides_what_it_becomes(play, type_, kind):
    """A model, or a data asset."""

    async def scene(world):
        await world.submit(writing(type_=type_))
        await world.run_to_end()

        (made,) = versions(world, AssetKind(kind))
        assert made.type == type_

    play(scene)


def test_a_version_made_meanwhile_with_other_bytes_fails_the_step(play):
    """What it wrote is kept to look at; nothing is registered."""

    async def scene(world):
        put(world, "7", "other bytes")
        await world.submit(writing("7"))
        await world.run_to_end()

        step = world.job("train")
        assert step.status.value == "Failed"
        assert step.error["code"] == "version-exists"
        assert "version 7 of model `my_model`" in step.error["message"]
        assert [output.state for output in world.store.load_outputs(WORKSPACE, "job-train")] == ["kept"]
        assert [version.content for version in versions(world)] == ["other bytes"]

    play(scene)


def test_the_same_bytes_again_need_no_other_version(play):
    """The step completes, and the version stays whose it was."""

    async def scene(world):
        for name in ("one", "two"):
            await world.submit(writing("7"), name)
            await world.run_to_end(name)

        assert world.status("train", "two") == "Completed"
        (only,) = versions(world)
        assert (only.version, only.produced_by) == ("7", "one-train")

    play(scene)


@pytest.mark.parametrize("answer", [Answer(exit_code=1), Answer(running_seconds=None)])
def test_a_step_that_did_not_complete_registers_nothing(play, answer):
    """Neither one that failed nor one that was canceled."""

    async def scene(world):
        world.answer("train", answer)
        await world.submit(writing())
        if answer.running_seconds is None:
            await world.until(lambda: world.status("train") == "Running")
            await world.engine.cancel(WORKSPACE, "job", "ann")
        await world.run_to_end()

        assert versions(world) == []

    play(scene)


@pytest.mark.parametrize("commit", range(1, 7))
def test_an_engine_that_dies_registers_an_output_once(play, commit):
    """The version is stored together with the step's completion, or not at all."""

    async def scene(world):
        happened = kill_at(world, commit)
        await submit_if_not_there(world, writing())
        await world.until(lambda: happened or world.job().status.is_terminal)
        await world.restart()
        await world.run_to_end()

        assert [version.version for version in versions(world)] == ["1"]
        assert world.status("train") == "Completed"

    play(scene)


def test_the_files_of_a_new_version_are_vouched_for(play):
    """The step that reads them first need not hash them again."""

    async def scene(world):
        await world.submit(writing())
        await world.run_to_end()

        (made,) = versions(world)
        assert world.originals.vouched == [str(made.uri)]

    play(scene)


def test_of_two_jobs_that_end_together_one_gets_the_version(play):
    """The other one's step fails, whichever comes first."""

    async def scene(world):
        other = writing("7", "uri_folder").replace("model:", "other:").replace("outputs.model", "outputs.other")
        await world.submit(writing("7", "uri_folder"), "one")
        await world.submit(other, "two")
        await world.run_to_end("one")
        await world.run_to_end("two")

        assert sorted(world.status("train", name) for name in ("one", "two")) == ["Completed", "Failed"]
        assert len(versions(world, AssetKind.DATA)) == 1

    play(scene)


def test_a_number_that_was_deleted_is_not_given_again(play):
    """The step fails and says so."""

    async def scene(world):
        put(world, "7", "bytes")
        world.store.assets.delete_asset(
            versions(world)[0].key, AuditEntry(WORKSPACE, 1, "ann", "delete", "model", "my_model", "7")
        )
        await world.submit(writing("7"))
        await world.run_to_end()

        assert world.job("train").error["code"] == "version-deleted"

    play(scene)
