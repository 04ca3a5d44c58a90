"""A container as command lines of podman and docker."""

from __future__ import annotations

import shlex
from dataclasses import replace

import pytest

from pipeyard.compute.local.container import container_name, container_order, script_text
from pipeyard.launch.container import ContainerImage, PlannedContainer
from pipeyard.launch.plan import LaunchPlan
from pipeyard.launcher.order import ContainerOrder
from pipeyard.launcher.refusal import Refusal
from pipeyard.model.errors import ComputeError

IMAGE = ContainerImage(
    "sha256:1", "team/image:1", "podman", "/usr/bin/podman", limits=frozenset({"cpu", "cpuset", "memory"})
)
CONTAINER = PlannedContainer(IMAGE, {"pipeyard.job": "step"}, "2g")
PLAN = LaunchPlan(
    attempt_id="step.2",
    job_name="step",
    root="/x, y/attempts/step.2",
    command="echo 'a b'",
    environment={},
    code_uri=None,
    inputs=(),
    outputs=(),
    log_uri="azureml://datastores/artifacts/paths/log.txt",
)


def create(plan: LaunchPlan = PLAN, **changes) -> list[str]:
    return container_order(plan, replace(CONTAINER, **changes), {})["create"]


def value_of(words: list[str], option: str) -> str:
    return words[words.index(option) + 1]


def test_the_folder_is_mounted_at_its_own_path():
    """A comma in it is no end of it."""
    words = create()

    assert value_of(words, "--mount") == 'type=bind,"source=/x, y/attempts/step.2","target=/x, y/attempts/step.2"'
    assert value_of(words, "--workdir") == "/x, y/attempts/step.2/wd"
    assert value_of(words, "--network") == "host"


def test_limits_that_the_runtime_cannot_keep_are_not_asked_for():
    """Without the rights of root some systems keep none."""
    plan = replace(PLAN, cpus=(0, 2))
    asked = create(plan, memory_gib=1.5)
    only_time = create(plan, image=replace(IMAGE, limits=frozenset({"cpu"})), memory_gib=1.5)

    assert (value_of(asked, "--memory"), value_of(asked, "--cpuset-cpus")) == (str(3 << 29), "0,2")
    assert value_of(only_time, "--cpus") == "2"
    assert "--memory" not in only_time


def test_each_runtime_hears_of_gpus_in_its_own_words():
    """Podman takes devices one by one, docker a list in one value."""
    docker = replace(IMAGE, kind="docker")

    assert [word for word in create(gpus=("0", "1")) if "nvidia" in word] == [
        "--device=nvidia.com/gpu=0",
        "--device=nvidia.com/gpu=1",
    ]
    assert '--gpus="device=0,1"' in create(image=docker, gpus=("0", "1"))
    assert not [word for word in create() if "gpu" in word]


def test_what_a_person_writes_comes_last_and_is_read_as_a_shell_reads_it():
    """One text with several options, or a list of them."""
    words = create(arguments=("--ipc host --label 'a=b c'", "--user=5"))

    assert words[-5:] == ["--ipc", "host", "--label", "a=b c", "--user=5"]
    with pytest.raises(ComputeError, match="No closing quotation"):
        create(arguments=("--label 'a",))


def test_only_podman_is_told_where_its_monitor_is_noted():
    """Docker has no such process."""
    assert "--conmon-pidfile" in create()
    assert "--conmon-pidfile" not in create(image=replace(IMAGE, kind="docker"))


def test_names_differ_between_homes():
    """Two homes may have attempts of one name."""
    assert container_name(PLAN).startswith("pipeyard-step.2-")
    assert container_name(PLAN) != container_name(replace(PLAN, root="/other/attempts/step.2"))


def test_the_script_sets_each_variable_as_it_is():
    """Whatever is in them, one word of the shell each; names that no shell holds go another way."""
    strange = "a 'b' \"c\" $X `id` \\ \n ü"
    text = script_text(PLAN, {"GOOD": strange, "not-good": strange, "ü": "1"})

    assert f"export GOOD={shlex.quote(strange)}\n" in text
    assert f"/usr/bin/env not-good={shlex.quote(strange)} 'ü'=1 /bin/bash -c {shlex.quote(PLAN.command)} " in text


def test_the_launcher_takes_what_the_compute_writes():
    """Both sides of the socket agree on the form, and a note of it can be read again without the script."""
    order = ContainerOrder(container_order(PLAN, CONTAINER, {}))

    assert order.name == container_name(PLAN)
    assert "script" not in order.value
    assert ContainerOrder(order.value).remove == order.remove


@pytest.mark.parametrize(
    "changes",
    [{"name": "--all"}, {"create": []}, {"start": ["podman"]}, {"environment": {"a=b": ""}}, {"writable": ["x"]}],
)
def test_an_order_that_makes_no_sense_is_refused(changes):
    """A name that is an option, a program that would be looked for, a folder that lies anywhere."""
    with pytest.raises(Refusal):
        ContainerOrder(container_order(PLAN, CONTAINER, {}) | changes)
