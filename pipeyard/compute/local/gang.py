"""
Several processes for one command, as a script that starts them and waits for them.

In:       a `LaunchPlan` with a gang; where its logs are.
Out:      the `gang` part of an order: the script, how many ports, the logs.
Not here: who is in a gang (`launch/gang.py`), ports and what becomes of the others when one
          has failed (`pipeyard/launcher/gang.py`).

One script, run where a single command would be: so a gang is one process to the launcher, and
lives in a sandbox or a container like any other. It needs bash alone. All processes share
the working folder, `/tmp` and `/dev/shm`.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pipeyard.launch.plan import LaunchPlan, PlannedGang, PlannedRank
from pipeyard.launcher.gang import ENDS, FAILED, NO_MPIRUN, PORTS, RANK_SCRIPT, SCRIPT

_PORT = re.compile(r"@port (\d+)@")
# How long the script waits for news before it looks whether everybody is still there.
_LOOK_SECONDS = 5
# How long servers have to notice that they are needed no more, before they are asked to end.
_SERVED_SECONDS = 2


def gang_order(plan: LaunchPlan, gang: PlannedGang, place: Callable[[str], str] | None) -> dict[str, Any]:
    """Return what the launcher needs; without *place*, which says where a log is, everybody writes to standard output."""
    logs = None if place is None else [place(rank.log_uri) for rank in gang.ranks]
    return {
        "script": gang_script(plan, gang, logs),
        "rank_script": mpi_rank_script(plan, gang, logs) if gang.is_mpi else None,
        "ports": gang.port_count,
        "ranks": [
            {"name": rank.name, "log": None if logs is None else logs[number]} for number, rank in enumerate(gang.ranks)
        ],
    }


def gang_command(plan: LaunchPlan) -> str:
    """Return what runs in the command's place."""
    # The same bash that reads this, wherever it is.
    return f'"$BASH" {shlex.quote(f"{plan.root}/{SCRIPT}")}'


def gang_script(plan: LaunchPlan, gang: PlannedGang, logs: list[str] | None) -> str:
    """Return the script. What a person wrote is quoted, and runs as `bash -c` runs it."""
    head = f"_gang_root={shlex.quote(plan.root)}\n{_PORTS if gang.port_count else ''}"
    head += "".join(f"export {word}\n" for word in _assignments(gang.environment))
    if gang.is_mpi:
        return head + _MPI.format(count=len(gang.ranks))
    return (
        head
        + _START.format(command=shlex.quote(plan.command))
        + "".join(_begin(number, rank, logs) for number, rank in enumerate(gang.ranks))
        + _WAIT.format(needed=sum(1 for rank in gang.ranks if not rank.is_server))
    )


def mpi_rank_script(plan: LaunchPlan, gang: PlannedGang, logs: list[str] | None) -> str:
    """Return what `mpirun` starts as each of its processes: it learns which one it is, and runs the command."""
    cases = "".join(
        _CASE.format(
            number=number,
            exports="".join(f"    export {word}\n" for word in _assignments(rank.environment)),
            log="" if logs is None else f"    exec >>{shlex.quote(logs[number])} 2>&1\n",
            cpus=shlex.quote(_cpu_list(rank)),
        )
        for number, rank in enumerate(gang.ranks)
    )
    return _MPI_RANK.format(cases=cases, command=shlex.quote(plan.command), root=shlex.quote(plan.root))


def _begin(number: int, rank: PlannedRank, logs: list[str] | None) -> str:
    log = "" if logs is None else logs[number]
    words = [str(number), shlex.quote(log), shlex.quote(_cpu_list(rank)), "server" if rank.is_server else "worker"]
    return f"_gang_begin {' '.join(words)} {' '.join(_assignments(rank.environment))}\n"


def _assignments(variables: Mapping[str, str]) -> Iterator[str]:
    for name, value in variables.items():
        # Plain text and ports take turns.
        pieces = _PORT.split(value)
        words = [
            shlex.quote(piece) if at % 2 == 0 else f'"${{_gang_ports[{piece}]}}"'
            for at, piece in enumerate(pieces)
            if at % 2 or piece
        ]
        yield f"{name}={''.join(words)}"


def _cpu_list(rank: PlannedRank) -> str:
    return ",".join(map(str, rank.cpus))


# Their own names begin with `_gang_`: a variable that the step has, exported, would be changed with one of its name.
_PORTS = f"""\
_gang_ports=()
while read -r _gang_port; do _gang_ports+=("$_gang_port"); done <"$_gang_root/{PORTS}"
"""

# A rank's shell stays when it is asked to end, so that it can say how its command did; the command
# itself is asked too, and finds every signal as it always is. What the shell says of its end belongs in nobody's log.
_START = f"""\
_gang_command={{command}}
exec 9<>"$_gang_root/{ENDS}"
_gang_processes=()
_gang_servers=()
_gang_begin() {{{{ # INDEX LOG CPUS KIND NAME=VALUE...
    (
        trap - INT QUIT
        trap : TERM
        _gang_index=$1
        if [ -n "$2" ]; then exec >>"$2" 2>&1; fi
        if [ -n "$3" ]; then taskset -cp "$3" "$BASHPID" >/dev/null 2>&1; fi
        shift 4
        if [ "$#" != 0 ]; then export "$@"; fi
        exec 8>&2 2>/dev/null
        "$BASH" -c "$_gang_command" 2>&8 8>&- 9>&-
        _gang_code=$?
        echo "$_gang_index $_gang_code" >&9
        exit "$_gang_code"
    ) &
    _gang_processes[$1]=$!
    if [ "$4" = server ]; then _gang_servers[$1]=1; fi
}}}}
_gang_ended() {{{{ # INDEX CODE
    [ -n "${{{{_gang_processes[$1]:-}}}}" ] || return 0
    unset "_gang_processes[$1]"
    if [ "$2" != 0 ]; then
        echo "$1 $2" >"$_gang_root/{FAILED}"
        # Whoever started this script ends the others.
        exit "$2"
    fi
    if [ -z "${{{{_gang_servers[$1]:-}}}}" ]; then _gang_needed=$((_gang_needed - 1)); fi
}}}}
"""

_WAIT = f"""\
_gang_needed={{needed}}
while [ "$_gang_needed" -gt 0 ] && [ "${{{{#_gang_processes[@]}}}}" -gt 0 ]; do
    if read -r -t {_LOOK_SECONDS} _gang_index _gang_code <&9; then
        _gang_ended "$_gang_index" "$_gang_code"
        continue
    fi
    # One whose shell was killed cannot say so.
    for _gang_index in "${{{{!_gang_processes[@]}}}}"; do
        kill -0 "${{{{_gang_processes[_gang_index]}}}}" 2>/dev/null && continue
        wait "${{{{_gang_processes[_gang_index]}}}}"
        _gang_ended "$_gang_index" "$?"
    done
done
# Those that served the others may end by themselves, now that nobody needs them.
while [ "$_gang_needed" = 0 ] && [ "${{{{#_gang_processes[@]}}}}" -gt 0 ]; do
    read -r -t {_SERVED_SECONDS} _gang_index _gang_code <&9 || break
    unset "_gang_processes[$_gang_index]"
done
exit "$_gang_needed"
"""

# All by variables: each maker of `mpirun` knows its own and passes over the others'. It is not to
# bind: two steps at once would be bound to the same first CPUs.
_MPI = f"""\
if ! command -v mpirun >/dev/null; then
    echo {NO_MPIRUN} >"$_gang_root/{FAILED}"
    exit 127
fi
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export PRTE_ALLOW_RUN_AS_ROOT=1 PRTE_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_rmaps_base_oversubscribe=1 PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe
export OMPI_MCA_hwloc_base_binding_policy=none PRTE_MCA_hwloc_default_binding_policy=none
exec mpirun -n {{count}} "$BASH" "$_gang_root/{RANK_SCRIPT}"
"""

_MPI_RANK = f"""\
_gang_root={{root}}
_gang_rank="${{{{OMPI_COMM_WORLD_RANK:-${{{{PMIX_RANK:-$PMI_RANK}}}}}}}}"
case "$_gang_rank" in
{{cases}}esac
if [ -n "$_gang_cpus" ]; then taskset -cp "$_gang_cpus" "$$" >/dev/null 2>&1; fi
trap : TERM
exec 8>&2 2>/dev/null
"$BASH" -c {{command}} 2>&8 8>&-
_gang_code=$?
if [ "$_gang_code" != 0 ]; then echo "$_gang_rank $_gang_code" >>"$_gang_root/{FAILED}"; fi
exit "$_gang_code"
"""

_CASE = """\
{number})
{exports}{log}    _gang_cpus={cpus}
    ;;
"""
