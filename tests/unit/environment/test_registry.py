"""Which registry an image comes from, and what is said when it does not."""

from __future__ import annotations

import pytest

from pipeyard.environment.registry import full_name, pull_failed, registry_of


@pytest.mark.parametrize(
    ("image", "registry", "full"),
    [
        ("python", "docker.io", "docker.io/library/python"),
        ("python:3.11", "docker.io", "docker.io/library/python:3.11"),
        ("team/image@sha256:1", "docker.io", "docker.io/team/image@sha256:1"),
        ("docker.io/python", "docker.io", "docker.io/python"),
        ("registry.example/a/b:1", "registry.example", "registry.example/a/b:1"),
        ("localhost/x:1", "localhost", "localhost/x:1"),
        ("host:5000/x", "host:5000", "host:5000/x"),
    ],
)
def test_a_name_without_a_registry_means_dockers(image, registry, full):
    """As docker reads it; podman is told the whole name, so that it means the same."""
    assert (registry_of(image), full_name(image)) == (registry, full)


@pytest.mark.parametrize(
    ("said", "code", "reason"),
    [
        (
            "Error: reading manifest 9 in docker.io/library/python: manifest unknown",
            "missing-image",
            "reading manifest 9 in docker.io/library/python: manifest unknown",
        ),
        (
            "Error: initializing source: requested access to the resource is denied",
            "image-denied",
            "requested access to the resource is denied",
        ),
        ("Error: unauthorized: authentication required", "image-denied", "authentication required"),
        (
            'Error: pinging container registry: Get "https://x/v2/": dial tcp: lookup x: no such host',
            "no-network",
            "(lookup x: no such host)",
        ),
        (
            "Error: dial tcp 127.0.0.1:1: connect: connection refused",
            "no-network",
            "(127.0.0.1:1: connect: connection refused)",
        ),
        (
            "Error response from daemon: net/http: TLS handshake timeout",
            "no-network",
            "(net/http: TLS handshake timeout)",
        ),
        ("Error: something new", "missing-image", "something new"),
    ],
)
def test_a_pull_that_failed_names_the_registry_and_the_reason(said, code, reason):
    """What docker or podman said last is in it, without their prefixes and who asked whom."""
    problem = pull_failed("python:9", ["Trying to pull docker.io/library/python:9...", 'time="x" level=warning', said])

    assert problem.code == code
    assert "docker.io" in problem.message
    assert "python:9" in problem.message
    assert reason in problem.message
    assert "level=warning" not in problem.message
