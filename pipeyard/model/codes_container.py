"""
Pages of the codes about containers, images and sandboxes.

Not here: finding these problems (`environment/`, `launcher/`, `compute/local/`), environments in general (`codes_environment.py`).
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeyard.model.code_page import CodePage

CONTAINER_PAGES: Mapping[str, CodePage] = {
    "container-failed": CodePage(
        "Podman or docker could not make or start a step's container; the message is theirs.",
        "the container of image `my/image:1` could not be started: exec: /bin/bash: no such file or directory",
        "Commands are run by `/bin/bash`, so the image needs it. Wrong words in `resources.docker_args` are shown here too. "
        "Where the system allows no raised limits (`setrlimit`), give podman lower ones: `default_ulimits` in a file that "
        "CONTAINERS_CONF names when the server starts.",
    ),
    "container-runtime": CodePage(
        "The program that runs containers was not there, did not answer, or ended while a step ran. The container was stopped.",
        "podman lost sight of the container, which was stopped",
        "Look at `pipeyard doctor` under `containers`, start docker's daemon if it is docker, and run the job again.",
    ),
    "out-of-memory": CodePage(
        "A process in a step's container was ended because the memory that its compute gives to an instance was used up.",
        "pipeyard compute create -n small --type amlcompute --memory 2GB",
        "Give the instances of the compute more memory (`--memory`, `--size`), or use less.",
    ),
    "bad-docker-args": CodePage(
        "`resources.docker_args` is read as a shell reads words, and quotes in it do not match.",
        "resources:\n  docker_args: --label 'a",
        "Close the quotes, or write a list with one option each.",
    ),
    "missing-image": CodePage(
        "An image is not on this machine, and the registry that was asked does not have it. The message names both.",
        "environment:\n  image: docker.io/library/no-such-image:1",
        "Check name and tag. A name without a registry means docker.io. An image of this machine is named as "
        "`podman images` or `docker images` shows it.",
    ),
    "image-denied": CodePage(
        "The registry does not give out an image to whoever asked: it is private, or there is none by that name.",
        "environment:\n  image: registry.example/team/private:1",
        "Log in to the registry as the user that the server runs as: `podman login REGISTRY` or `docker login REGISTRY`.",
    ),
    "missing-dockerfile": CodePage(
        "The folder of an environment's `build` has no Dockerfile by the name that is given, or the name leads out of it.",
        "build:\n  path: ./context\n  dockerfile_path: docker/Dockerfile",
        "`dockerfile_path` is relative to `path`; without it the name is `Dockerfile`.",
    ),
    "dockerfile": CodePage(
        "Building an image failed at a line of its Dockerfile; the message names the line and what was printed last.",
        "Dockerfile:3: `RUN pip install no-such-package` failed",
        "Correct the line. The whole build log is with the job: `azureml-logs/20_image_build_log.txt`.",
    ),
    "no-sandbox": CodePage(
        "A compute asks for its steps to be held to their own folders, and bubblewrap, which does that, is not there or "
        "cannot work on this machine.",
        "pipeyard compute create -n careful --type amlcompute --sandbox",
        "Install bubblewrap (Debian: `apt-get install bubblewrap`), or let steps run without: "
        "`pipeyard compute update -n careful --no-sandbox`.",
    ),
}
