"""What podman and docker say of themselves, understood."""

from __future__ import annotations

import os

import pytest

from pipeyard.environment.runtime import _docker, _podman, find_runtime, own_variables


def podman(rights: str, version: str, controllers: list[str]):
    host = {"security": {"rootless": rights == "rootless"}, "cgroupVersion": version, "cgroupControllers": controllers}
    return _podman("/usr/bin/podman", {"host": host, "version": {"Version": "4.3.1"}}, {})


def test_limits_are_those_that_can_be_kept():
    """Without the rights of root: none on the first version of control groups, on the second what was handed down."""
    assert podman("root", "v1", []).limits == {"cpu", "cpuset", "memory"}
    assert podman("rootless", "v1", ["cpu", "memory"]).limits == frozenset()
    assert podman("rootless", "v2", ["memory", "pids"]).limits == {"memory"}
    assert (
        podman("rootless", "v2", ["memory", "pids"]).text
        == "podman 4.3.1 (rootless) at /usr/bin/podman; limits: memory"
    )


def test_commands_run_as_somebody_whose_files_are_ours():
    """Root in a container without rights is us; docker's root is not."""
    info = {"ServerVersion": "27.1", "MemoryLimit": True, "CPUSet": False, "SecurityOptions": ["name=seccomp"]}

    assert podman("rootless", "v2", []).user == "0:0"
    assert _docker("/usr/bin/docker", info, {}).user == f"{os.getuid()}:{os.getgid()}"
    assert _docker("/usr/bin/docker", info | {"SecurityOptions": ["name=rootless"]}, {}).user == "0:0"
    assert _docker("/usr/bin/docker", info, {}).limits == {"memory"}


def test_docker_without_its_daemon_is_none():
    """What its client says of the daemon is why."""
    with pytest.raises(ValueError, match="Cannot connect"):
        _docker("/usr/bin/docker", {"ServerErrors": ["Cannot connect to the Docker daemon"]}, {})


def test_nothing_is_looked_for_when_none_is_set():
    """And what is named and not there is named."""
    assert find_runtime("none", {}) == (None, "`container_runtime` is set to `none`")
    assert find_runtime("podman", {"PATH": "/nowhere"}) == (None, "there is no `podman`")
    assert find_runtime(None, {"PATH": "/nowhere"}) == (None, "neither podman nor docker was found")


def test_the_programs_get_their_own_variables_and_no_others():
    """Secrets of the server's shell are none of theirs."""
    given = {"PATH": "p", "DOCKER_HOST": "d", "CONTAINERS_CONF": "c", "https_proxy": "h", "AWS_SECRET_ACCESS_KEY": "s"}

    assert own_variables(given) == {name: value for name, value in given.items() if name != "AWS_SECRET_ACCESS_KEY"}
