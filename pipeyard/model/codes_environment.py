"""
Pages of the codes about environments: why one cannot be had, or could not be made.

Not here: finding these problems (`environment/`).
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeyard.model.code_page import CodePage

_LOG = (
    "The build's log is `azureml-logs/20_image_build_log.txt` of the job: `pipeyard job download -n NAME`. "
    "To try without a job: `pipeyard environment build --file ENV.yml`."
)

ENVIRONMENT_PAGES: Mapping[str, CodePage] = {
    "environment": CodePage(
        "A warning that stays on the job: a step runs in something less than the environment that it names, such as "
        "outside its image, or with another Python. The message says which.",
        "environment:\n  image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04",
        "Install podman or docker to run steps in their images. To have such steps refused instead, set the policy: "
        "`pipeyard workspace update --image-policy require`, or `pipeyard compute update -n NAME --image-policy require`.",
    ),
    "environment-failed": CodePage(
        "What a step should run in could not be made. No step of the job was started.",
        "environment:\n  image: python:3.11\n  conda_file: ./conda.yml",
        _LOG,
    ),
    "build-failed": CodePage(
        "An environment's packages could not be installed; the message says what the installer said last.",
        "dependencies:\n  - python=3.11\n  - pip:\n    - package-that-does-not-build",
        _LOG,
    ),
    "build-program": CodePage(
        "A program that makes environments could not be started.",
        "uv: No such file or directory",
        "Install it, or repair the installation of Pipeyard: `pip install --force-reinstall pipeyard`.",
    ),
    "build-timed-out": CodePage(
        "Making an environment took longer than is allowed, and was stopped.",
        "[environments]\ntimeout_seconds = 3600",
        "Raise `timeout_seconds` under `[environments]` in `config.toml` of the home, and restart the server. " + _LOG,
    ),
    "conda-file": CodePage(
        "A conda file cannot be understood: its `dependencies` are texts and one list under `pip:`. Lines under `pip:` "
        "cannot name other files, since only the conda file itself is sent along.",
        "dependencies:\n  - python=3.11\n  - pip:\n    - -r requirements.txt",
        "Write the requirements out under `pip:`.",
    ),
    "conda-unavailable": CodePage(
        "An environment needs conda packages, and nothing on this machine can install them. The message says what was "
        "looked for.",
        "dependencies:\n  - python=3.11\n  - r-base",
        "Install `pipeyard[conda]`, which brings a solver; or have micromamba, mamba or conda on PATH. To take conda "
        'names for names of pip packages, put `conda = ["translate"]` under `[environments]` in `config.toml` of the '
        "home: each substitution is then listed on the job. Or run the step in an image: install podman or docker.",
    ),
    "unsolvable": CodePage(
        "No set of packages fulfils what an environment asks for. The message names the package.",
        "dependencies:\n  - python=3.11\n  - scikit-learn=99",
        "Correct the package's name or version, or add the channel that has it.",
    ),
    "no-network": CodePage(
        "An environment needs packages that are not on this machine, and the place where they are does not answer.",
        "no network: the index of packages does not answer",
        "Check the connection and the proxy variables, then run the job again. An index of your own is named by "
        "UV_DEFAULT_INDEX or UV_FIND_LINKS, other places of conda channels by `mirrors` under `[environments]` in "
        "`config.toml` of the home. What is installed once works without a network.",
    ),
    "no-compiler": CodePage(
        "A package has no wheel for this Python and has to be built, and a program that this needs is missing.",
        "dependencies:\n  - python=3.13\n  - pip:\n    - numpy==1.21",
        "Install the program that the message names, or ask for a version of the package, or of Python, that has a wheel.",
    ),
    "image-required": CodePage(
        "The image policy of a compute or workspace is `require`, and a step's image cannot be used here: nothing runs "
        "containers, or no image is known for a curated name.",
        "pipeyard workspace update --image-policy require",
        "Install podman or docker; or allow steps outside their images with `--image-policy prefer`.",
    ),
    "curated-unknown": CodePage(
        "A step names an environment of Azure's own, and no table says what is in it.",
        "environment: azureml://registries/azureml/environments/mine/labels/latest",
        "Add the line that the message shows to `curated.yml` in the home, with the packages or the image that you "
        "want. `pipeyard environment list --curated` shows what is known.",
    ),
    "not-built": CodePage(
        "Somebody wants to run something in an environment that is not on this machine yet.",
        "pipeyard environment shell NAME",
        "Make it first: `pipeyard environment build NAME`.",
    ),
    "no-interpreter": CodePage(
        "`environment: local` is the interpreter of whoever submitted the job, and it is not there any more.",
        "environment: local",
        "Submit the job again from the environment that you want, or register an environment.",
    ),
}
