#!/bin/bash
# Run a command with a PostgreSQL server of its own:
#
#     tests/postgresql.sh .venv/bin/pytest -m postgresql tests/contract
#
# The server listens on a socket in a temporary folder and on a free port of
# 127.0.0.1, keeps its data in that folder, and is gone when the command ends. The
# command finds its address in PIPEYARD_TEST_POSTGRESQL. Needs Debian's package
# `postgresql`; exits with 69 when there is no server program.
set -euo pipefail

if [ $# -eq 0 ]; then
    echo "usage: tests/postgresql.sh COMMAND [ARGUMENT ...]" >&2
    exit 2
fi

# Debian keeps the server's programs out of PATH, one folder for each version.
programs=""
for folder in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV); do
    if [ -x "$folder/initdb" ]; then programs=$folder; break; fi
done
if [ -z "$programs" ]; then
    found=$(command -v initdb || true)
    if [ -z "$found" ]; then
        echo "tests/postgresql.sh: no PostgreSQL server here; on Debian: apt-get install postgresql" >&2
        exit 69
    fi
    programs=$(dirname "$(readlink -f "$found")")
fi

folder=$(mktemp -d "${TMPDIR:-/tmp}/pipeyard-postgresql.XXXXXX")
chmod 700 "$folder"
as_user=()
if [ "$(id -u)" -eq 0 ]; then
    # The server refuses to run as root. `nobody` always exists; `postgres` comes with the package.
    user=nobody
    if id postgres >/dev/null 2>&1; then user=postgres; fi
    chown "$user" "$folder"
    as_user=(setpriv "--reuid=$user" "--regid=$(id -g "$user")" --clear-groups env "HOME=$folder")
fi

stop() {
    "${as_user[@]}" "$programs/pg_ctl" -D "$folder/data" -m immediate -w stop >/dev/null 2>&1 || true
    rm -rf -- "$folder"
}
trap stop EXIT

cd "$folder"
"${as_user[@]}" "$programs/initdb" -D "$folder/data" -U pipeyard -A trust -E UTF8 --no-locale --no-sync >"$folder/initdb.log" 2>&1 || {
    cat "$folder/initdb.log" >&2
    exit 1
}
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"${as_user[@]}" "$programs/pg_ctl" -D "$folder/data" -w -l "$folder/server.log" \
    -o "-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories=$folder -c fsync=off" start >/dev/null || {
    cat "$folder/server.log" >&2
    exit 1
}
cd "$OLDPWD"
export PIPEYARD_TEST_POSTGRESQL="postgresql://pipeyard@127.0.0.1:$port/postgres"
"$@"
