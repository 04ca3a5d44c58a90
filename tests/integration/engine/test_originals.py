from __future__ import annotations

DIGEST = "a" * 64
STORE = "azureml://datastores/workspaceblobstore/paths"
CODE = f"{STORE}/LocalUpload/{DIGEST}/src"
DATA = f"{STORE}/LocalUpload/{'b' * 64}/data"


def job(count: int = 1, path: str = f"{DATA}/part", mode: str = "ro_mount") -> str:
    step = f"""
    type: command
    code: {CODE}
    command: cat ${{{{inputs.d}}}}
    inputs: {{d: {{type: uri_folder, path: "{path}", mode: {mode}}}}}
    environment: {{image: i}}
"""
    return "type: pipeline\njobs:\n" + "".join(f"  s{number}:{step}" for number in range(count))


def make(world, path=f"LocalUpload/{'b' * 64}/data/part"):
    (world.datastores.root / "default" / "workspaceblobstore" / path).mkdir(parents=True)


def test_uploads_are_looked_at_as_a_whole_before_a_step_reads_them(play):
    """The code, and the data, of which the step reads a part."""

    async def scene(world):
        make(world)
        await world.submit(job())
        await world.run_to_end()

        assert world.status("s0") == "Completed"
        assert sorted(world.originals.looks) == [f"{CODE} {DIGEST}", f"{DATA} {'b' * 64}"]

    play(scene)


def test_a_job_looks_at_each_place_once(play):
    """However many of its steps read it."""

    async def scene(world):
        make(world)
        await world.submit(job(30))
        await world.run_to_end()

        assert set(world.statuses().values()) == {"Completed"}
        assert len(world.originals.looks) == 2

    play(scene)


def test_a_changed_file_fails_the_step_and_is_named(play):
    """The command never starts."""

    async def scene(world):
        make(world)
        world.originals.differences[DATA] = "`x.csv` was changed"
        await world.submit(job())
        await world.run_to_end()

        error = world.job("s0").error
        assert (error["code"], world.launched()) == ("asset-changed", [])
        assert error["message"].startswith("input `d`: `x.csv` was changed")
        assert DATA in error["message"]

    play(scene)


def test_what_a_command_is_given_as_an_address_is_not_looked_at(play):
    """It reads the bytes itself, or not at all."""

    async def scene(world):
        make(world)
        await world.submit(job(mode="direct"))
        await world.run_to_end()

        assert world.originals.looks == [f"{CODE} {DIGEST}"]

    play(scene)


def test_a_step_that_wants_to_write_gets_a_copy(play):
    """The upload stays as it is, whatever the command does."""

    async def scene(world):
        make(world)
        make(world, "mine/d")
        await world.submit(job(mode="rw_mount"))
        await world.submit(job(path=f"{STORE}/mine/d", mode="rw_mount"), "other")
        await world.run_to_end()
        await world.run_to_end("other")

        modes = {plan.job_name: [item.mode for item in plan.inputs] for plan in world.compute.launched}
        assert modes == {"job-s0": ["download"], "other-s0": ["rw_mount"]}

    play(scene)


def test_other_data_may_change(play):
    """Nobody promised anything about a path in a datastore."""

    async def scene(world):
        make(world, "mine/d")
        await world.submit(job(path=f"{STORE}/mine/d"))
        await world.run_to_end()

        assert world.originals.looks == [f"{CODE} {DIGEST}"]

    play(scene)
