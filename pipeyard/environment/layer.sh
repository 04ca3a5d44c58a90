#!/bin/bash
# Put the packages of a conda file into an image that is being built.
#
#     layer.sh PREFIX LOCK PYTHON_VERSION CONDA_PACKAGES
#
# Runs inside the image, with nothing but what is in it and beside this script: with its own
# conda, mamba or micromamba if it has one, else, for pip packages only, with uv or pip.
set -euo pipefail
prefix=$1 lock=$2 version=$3 conda_packages=$4
here=$(cd "$(dirname "$0")" && pwd)
fail() {
    echo "pipeyard: $*" >&2
    exit 1
}
mkdir -p "$(dirname "$prefix")"

for program in micromamba mamba conda /opt/conda/bin/conda /opt/miniconda/bin/conda; do
    command -v "$program" >/dev/null 2>&1 || continue
    if [ "${program##*/}" = micromamba ]; then
        "$program" create --yes --prefix "$prefix" --file "$here/environment.yml"
    else
        "$program" env create --quiet --prefix "$prefix" --file "$here/environment.yml"
    fi
    "$program" list --prefix "$prefix" --export >"$lock" || true
    rm -rf "$here"
    exit 0
done
[ "$conda_packages" = 0 ] ||
    fail "the conda file asks for conda packages, and the image has neither conda, mamba nor micromamba; take an image that has one"

found=
for python in "python$version" python3 python; do
    command -v "$python" >/dev/null 2>&1 || continue
    has=$("$python" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])')
    case "$version" in
        # A range is more than a shell can judge: what is there is taken.
        '' | *[!0-9.]*) found=$python ;;
        *) case "$has." in "$version".*) found=$python ;; esac ;;
    esac
    [ -z "$found" ] || break
done
[ -n "${has:-}" ] || fail "the conda file asks for Python ${version:-of any version}, and the image has none"
[ -n "$found" ] || fail "the conda file asks for Python $version, and the image has Python $has; take an image that has it"

if [ -x "$here/uv" ] && "$here/uv" --version >/dev/null 2>&1; then
    export UV_PYTHON_DOWNLOADS=never UV_NO_PROGRESS=1 UV_LINK_MODE=copy UV_NO_CACHE=1
    "$here/uv" venv --quiet --python "$(command -v "$found")" "$prefix"
    # With a pip of its own, so that a step's `pip install` is not another environment's; no network is needed.
    "$prefix/bin/python" -m ensurepip --default-pip >/dev/null 2>&1 || true
    "$here/uv" pip install --python "$prefix/bin/python" -r "$here/requirements.txt"
    "$here/uv" pip freeze --quiet --python "$prefix/bin/python" >"$lock"
else
    "$found" -m venv "$prefix" || fail "the image's Python cannot make a virtual environment"
    "$prefix/bin/python" -m pip install --no-cache-dir --disable-pip-version-check -r "$here/requirements.txt"
    "$prefix/bin/python" -m pip freeze >"$lock"
fi
rm -rf "$here"
