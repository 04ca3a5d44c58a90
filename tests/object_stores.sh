#!/bin/bash
# Run a command with two object stores of its own:
#
#     tests/object_stores.sh .venv/bin/pytest tests/integration/datastore/test_azurite.py
#
# Azurite stands for Azure Blob Storage, moto's server for S3. Both listen on free ports of
# 127.0.0.1, keep everything in memory, and are gone when the command ends. The command
# finds their addresses in PIPEYARD_TEST_AZURITE (whose account `pipeyard` has the key
# PIPEYARD_TEST_AZURITE_KEY) and PIPEYARD_TEST_S3. Needs `npm`; exits
# with 69 without it. What npm installs is locked in tests/azurite.
set -euo pipefail

if [ $# -eq 0 ]; then
    echo "usage: tests/object_stores.sh COMMAND [ARGUMENT ...]" >&2
    exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
bin=$here/../.venv/bin

azurite=$here/azurite/node_modules/.bin/azurite-blob
lock=$here/azurite/package-lock.json
installed=$here/azurite/node_modules/.package-lock.json
if ! [ -x "$azurite" ] || [ "$lock" -nt "$installed" ]; then
    command -v npm >/dev/null || {
        echo "tests/object_stores.sh: no npm here; on Debian: apt-get install nodejs npm" >&2
        exit 69
    }
    npm ci --prefix "$here/azurite" --ignore-scripts --no-audit --no-fund --silent
    touch "$installed"
fi

folder=$(mktemp -d "${TMPDIR:-/tmp}/pipeyard-stores.XXXXXX")
started=()
stop() {
    for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf -- "$folder"
}
trap stop EXIT

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

PIPEYARD_TEST_AZURITE_KEY=$(head -c 48 /dev/urandom | base64 -w 0)
export PIPEYARD_TEST_AZURITE_KEY
# Without --disableTelemetry it would look for a host outside.
azurite_port=$(free_port)
(cd "$folder" && AZURITE_ACCOUNTS="pipeyard:$PIPEYARD_TEST_AZURITE_KEY" exec "$azurite" --silent --disableTelemetry --inMemoryPersistence --skipApiVersionCheck \
    --blobHost 127.0.0.1 --blobPort "$azurite_port") >"$folder/azurite.log" 2>&1 &
started+=($!)
s3_port=$(free_port)
(cd "$folder" && exec "$bin/moto_server" -H 127.0.0.1 -p "$s3_port") >"$folder/s3.log" 2>&1 &
started+=($!)

wait_for() { # PORT LOG PID
    for _ in $(seq 1200); do
        if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then return; fi
        kill -0 "$3" 2>/dev/null || break
        sleep 0.1
    done
    echo "tests/object_stores.sh: no answer on port $1" >&2
    cat "$2" >&2
    exit 1
}
wait_for "$azurite_port" "$folder/azurite.log" "${started[0]}"
wait_for "$s3_port" "$folder/s3.log" "${started[1]}"

export PIPEYARD_TEST_AZURITE="http://127.0.0.1:$azurite_port/pipeyard"
export PIPEYARD_TEST_S3="http://127.0.0.1:$s3_port"
"$@"
