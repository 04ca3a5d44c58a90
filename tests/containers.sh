#!/bin/bash
# Run a command with podman and an image to try it on:
#
#     tests/containers.sh .venv/bin/python -m pytest tests/integration/container
#
# No registry is asked: the image is made from Debian packages by mmdebstrap, once, and kept by
# podman. The command finds its name in PIPEYARD_TEST_IMAGE; bash, Python with venv and pip are in it.
# Needs podman, runc and mmdebstrap; exits with 69 without them.
#
# Where this machine does not let podman raise limits, podman gets a settings file of its own
# (CONTAINERS_CONF) with lower ones. No file of the system is touched.
set -euo pipefail

if [ $# -eq 0 ]; then
    echo "usage: tests/containers.sh COMMAND [ARGUMENT ...]" >&2
    exit 2
fi
for program in podman mmdebstrap; do
    command -v "$program" >/dev/null || {
        echo "tests/containers.sh: no $program here; on Debian: apt-get install podman buildah runc catatonit mmdebstrap" >&2
        exit 69
    }
done

# A new number makes a new image.
export PIPEYARD_TEST_IMAGE=localhost/pipeyard-test:2
packages=python3,python3-venv,ca-certificates

folder=$(mktemp -d "${TMPDIR:-/tmp}/pipeyard-containers.XXXXXX")
trap 'rm -rf -- "$folder"' EXIT

if ! podman image exists "$PIPEYARD_TEST_IMAGE"; then
    echo "tests/containers.sh: making $PIPEYARD_TEST_IMAGE from Debian packages" >&2
    # Pages that nobody reads here are a fifth of it.
    mmdebstrap --quiet --variant=minbase --include="$packages" \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
        bookworm "$folder/root.tar"
    podman import --quiet --change 'CMD ["/bin/bash"]' "$folder/root.tar" "$PIPEYARD_TEST_IMAGE" >/dev/null
    rm "$folder/root.tar"
fi

if [ -z "${CONTAINERS_CONF:-}" ] &&
    ! podman run --rm --pull never --network none "$PIPEYARD_TEST_IMAGE" true >/dev/null 2>&1; then
    # crun and the usual limits want more than an unprivileged virtual machine gives.
    printf '%s\n' '[containers]' 'default_ulimits = ["nofile=16384:16384", "nproc=4096:4096"]' \
        '[engine]' 'runtime = "runc"' >"$folder/containers.conf"
    export CONTAINERS_CONF="$folder/containers.conf"
fi
"$@"
