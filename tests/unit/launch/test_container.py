"""A plan says what container its command runs in."""

from __future__ import annotations

import dataclasses
import textwrap

from pipeyard.graph.expand import expand
from pipeyard.launch.container import ContainerImage
from pipeyard.launch.prepare import LaunchFacts, plan_launch
from pipeyard.model.instance import Share
from pipeyard.spec.decode import decode_job
from pipeyard.spec.document import parse_document

IMAGE = ContainerImage("sha256:1", "team/image:1", "podman", "/usr/bin/podman")
FACTS = LaunchFacts("job-7", "root-1", 2, "/home/a b/attempts/job-7.2", "exp", container=IMAGE)
STEP = "command: x\nenvironment: {image: 'team/image:1'}\n"


def plan(text: str = STEP, **facts):
    document, _ = parse_document(textwrap.dedent(text), source="", file="job.yml")
    job, problems = decode_job(document)
    graph, found = expand(job, {})
    assert [*problems, *found] == []
    return plan_launch(graph.nodes[""], dataclasses.replace(FACTS, **facts))


def test_the_container_is_known_by_its_job_and_step():
    """Whoever lists containers can tell whose one is."""
    labels = plan().container.labels

    assert labels["pipeyard.job"] == "job-7"
    assert labels["pipeyard.root"] == "root-1"
    assert labels["pipeyard.attempt"] == "job-7.2"
    assert "pipeyard.step" in labels


def test_a_step_that_says_nothing_has_azures_shared_memory():
    """2 GiB, as there."""
    assert plan().container.shm_size == "2g"
    assert plan(STEP + "resources: {shm_size: 512m, docker_args: --x y}").container.shm_size == "512m"
    assert plan(STEP + "resources: {docker_args: --x y}").container.arguments == ("--x y",)


def test_of_the_servers_own_variables_only_proxies_and_the_time_zone_go_in():
    """The image has its own PATH and HOME, and files that are named outside are not in it."""
    inherited = {
        "PATH": "/bin",
        "HOME": "/root",
        "https_proxy": "p",
        "NO_PROXY": "n",
        "TZ": "UTC",
        "SSL_CERT_FILE": "f",
    }

    found = plan(base_environment=inherited, environment={"OWN": "1"}).environment

    assert {name for name in (*inherited, "OWN") if name in found} == {"https_proxy", "NO_PROXY", "TZ", "OWN"}
    assert found["AZUREML_RUN_ID"] == "job-7"


def test_gpus_are_handed_in_and_not_chosen_inside():
    """A container's GPUs are numbered from 0, whichever they are outside."""
    shared = plan(share=Share(gpus=("2",)), gpus=("0", "1", "2"))
    all_of_them = plan(gpus=("0", "1"))

    assert shared.container.gpus == ("2",)
    assert all_of_them.container.gpus == ("0", "1")
    assert "CUDA_VISIBLE_DEVICES" not in shared.environment


def test_a_container_needs_no_sandbox():
    """It writes to nothing but its own folders anyway."""
    share = Share(memory_gib=4.0, is_sandboxed=True)

    assert plan(share=share).is_sandboxed is False
    assert plan(share=share).container.memory_gib == 4.0
    assert plan(share=share, container=None).is_sandboxed is True
    assert plan(share=share, container=None).container is None
