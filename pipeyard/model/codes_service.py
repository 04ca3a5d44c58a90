"""
Pages of the codes that a server answers with: jobs, computes, data, keys, the server itself.

Not here: finding these problems (`service/`, `api/`, `server/`).
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeyard.model.code_page import CodePage

_LIST = "`pipeyard job list` shows the jobs there are."
_SUBMIT = "Submit with `pipeyard job create`, which reads the file here and sends what it refers to."
_TOKEN = "Send `Authorization: Bearer <token>`; the token is in the file `token` of the server's home."  # noqa: S105
_OTHER_HOME = "Set `PIPEYARD_HOME` to another folder on a local disk."

_JOBS: Mapping[str, CodePage] = {
    "name-taken": CodePage(
        "A job of that name exists and does other work. Under the same name only description, display name and tags "
        "may change.",
        "pipeyard job create --file other.yml --name my-job",
        "Choose another name, or leave it out to get a new one.",
    ),
    "already-ended": CodePage(
        "The job has ended, so it cannot be canceled.", "pipeyard job cancel -n NAME", "There is nothing to do."
    ),
    "not-ended": CodePage(
        "Only a job that has ended can be archived.",
        "pipeyard job archive -n NAME",
        "Wait for it (`pipeyard job stream`) or cancel it (`pipeyard job cancel`) first.",
    ),
    "not-parallel": CodePage(
        "Something was asked of a step's mini-batches, and it is no parallel step.",
        "pipeyard job batches NAME --step prepare",
        "Name a step of `type: parallel`. To run any other step again, leave `--failed-batches` out.",
    ),
    "nothing-failed": CodePage(
        "Only failed mini-batches were to run again, and every one completed.",
        "pipeyard job rerun NAME --step score --failed-batches",
        "There is nothing to do; without `--failed-batches` the whole step runs again.",
    ),
    "no-log": CodePage(
        "The log of one failed mini-batch was asked for, and there is none: it did not fail for good, or more than a "
        "thousand failed, of which the first are kept.",
        "pipeyard job batches NAME --log 7",
        "Name one that failed; the message lists them.",
    ),
    "no-runs": CodePage(
        "Iterations or items were asked for of a step that is neither a `do_while` nor a `parallel_for`.",
        "pipeyard job runs NAME --step prepare",
        "Name a step of one of these kinds; a sweep has trials (`pipeyard job trials`), a pipeline steps.",
    ),
    "which-step": CodePage(
        "The job has several steps of the kind that was asked about, and it was not said which one is meant.",
        "pipeyard job batches NAME",
        "Name one with `--step`; the message lists them.",
    ),
    "not-a-root": CodePage(
        "What was asked for can be done with a whole job only, and this is one of its steps.",
        "pipeyard job cancel -n NAME-OF-A-STEP",
        "Name the job that the step belongs to; the message says which.",
    ),
    "not-a-command": CodePage(
        "`pipeyard job run-step` runs one command, and the step that was named is a pipeline of several.",
        "pipeyard job run-step NAME prepare",
        "Name a step in it, with its path: `prepare/split`. The message lists them.",
    ),
    "not-here": CodePage(
        "`pipeyard job run-step` runs a step on the machine of its server, and this server runs nothing on a machine.",
        "pipeyard job run-step NAME train",
        "Run the whole job again: `pipeyard job rerun NAME --step train`.",
    ),
    "inputs-not-there": CodePage(
        "A step cannot be run once more because something that it reads is not there: the step that writes it has not "
        "completed, or it was removed since.",
        "pipeyard job run-step NAME train",
        "Run the steps before it: `pipeyard job resume NAME`, then name the new job.",
    ),
    "reads-only": CodePage(
        "A step that is run once more (`pipeyard job run-step`) tried to change something of its job. It finds a token that "
        "only reads, so that the job's tags, properties and files stay those of the run that counts.",
        'curl -X PATCH -H "Authorization: Bearer $AZUREML_RUN_TOKEN" ...',
        "Nothing: in a real run the same request is allowed.",
    ),
    "not-kept": CodePage(
        "A job can be run again from what was submitted, and of this one that is not kept any more.",
        "pipeyard job resume NAME",
        "Submit its file again: `pipeyard job create` reuses what did not change.",
    ),
    "unknown-job": CodePage(
        "An input names the output of a job that does not exist.", "path: azureml://jobs/brave_fox/outputs/model", _LIST
    ),
    "no-such-output": CodePage(
        "An input names an output that the job does not have, or not yet.",
        "path: azureml://jobs/brave_fox_1234567890/outputs/modle",
        "`pipeyard job show` lists the outputs. They exist once their step has ended.",
    ),
    "incomplete-output": CodePage(
        "An input names an output of a step that failed or was canceled. Such files are kept to look at only.",
        "path: azureml://jobs/NAME/outputs/model",
        "Run the step to its end, or name the files by their datastore path if you want them as they are.",
    ),
}

_DATA: Mapping[str, CodePage] = {
    "missing-component": CodePage(
        "A submission refers to a component by its digest and does not hold it, or holds another one under that digest.",
        "component: azureml:azureml_anonymous:0000",
        _SUBMIT,
    ),
    "local-path": CodePage(
        "A path of the submitter's machine reached the server, which never opens one.", "code: ./src", _SUBMIT
    ),
    "unknown-path": CodePage(
        "There is nothing at a datastore path, or an upload never arrived.",
        "path: azureml://datastores/workspaceblobstore/paths/not/there",
        "Check the path. Local data is sent by `pipeyard job create`.",
    ),
    "unknown-datastore": CodePage(
        "A datastore is named that does not exist.",
        "path: azureml://datastores/my_store/paths/data",
        "The message lists those that exist, or the nearest name.",
    ),
    "unknown-scheme": CodePage(
        "Data is named by an address of a kind that this version cannot read.",
        "path: abfss://container@account/data",
        "Give a local path, an `http(s)` address, `azureml://datastores/...` or `azureml://jobs/...`.",
    ),
    "cannot-fetch": CodePage(
        "Data behind an `http(s)` address could not be fetched when the job was submitted.",
        "path: https://example.com/gone.csv",
        "Open the address in a browser. With `mode: direct` the command gets the address itself and fetches it.",
    ),
}

_COMPUTES: Mapping[str, CodePage] = {
    "compute-not-created": CodePage(
        "A compute is named that nobody created. On the personal local server its steps run on this machine; with "
        "`--strict` it is an error.",
        "default_compute: azureml:cpu-cluster",
        "Create it: `pipeyard compute create -n cpu-cluster --type amlcompute`.",
    ),
    "too-many-instances": CodePage(
        "A step takes more instances at once than its compute has, so it could never start.",
        "resources: {instance_count: 8}",
        "Lower `instance_count`, or raise the compute's `max_instances`.",
    ),
    "instances-share-slots": CodePage(
        "A step takes more instances at once than this machine has slots. All its processes start all the same; they share "
        "the CPUs, and no other step runs beside them.",
        "resources: {instance_count: 8}",
        "Nothing, if it is only a trial. A compute made by `pipeyard compute create` has as many slots as `--max-instances` says.",
    ),
    "compute-type": CodePage(
        "A compute of a type is asked for that this version cannot create.",
        "pipeyard compute create -n k8s --type kubernetes",
        "Use `amlcompute`: a pool of slots on this machine.",
    ),
    "built-in": CodePage(
        "The computes `local` and `serverless` always exist and cannot be changed.",
        "pipeyard compute delete -n local",
        "Create a compute of another name.",
    ),
    "in-use": CodePage(
        "A compute is needed by a job that has not ended.",
        "pipeyard compute delete -n cpu-cluster",
        "Wait for the job, or cancel it; the message names it.",
    ),
}

_REQUESTS: Mapping[str, CodePage] = {
    "bad-request": CodePage(
        "A request to the server has a part that is missing or of the wrong kind; the message names it.",
        "GET /api/v1/workspaces/default/jobs?limit=many",
        "Correct that part.",
    ),
    "too-large": CodePage(
        "A request is larger than any job needs. Files are sent apart from the job.",
        "POST /api/v1/workspaces/default/jobs",
        _SUBMIT,
    ),
    "bad-range": CodePage(
        "A part of a file is asked for that it does not have, or several parts at once.",
        "Range: bytes=100-50",
        "Ask for one part: `bytes=0-99`, or `bytes=-100` for the end.",
    ),
    "no-such-address": CodePage("The server has nothing at that address.", "GET /api/v1/nothing", "Check the address."),
    "bad-token": CodePage("The token that was sent is not this server's.", "Authorization: Bearer wrong", _TOKEN),
    "not-from-page": CodePage(
        "A browser tried to change something, and not from a page of this server.", "POST .../cancel", _TOKEN
    ),
    "other-job": CodePage(
        "A step used its own token for something else than its own job's record and files.",
        "Authorization: Bearer job:...",
        "Use the user's token for what concerns other jobs.",
    ),
    "job-ended": CodePage(
        "A job's own token is valid until the job ends.", "Authorization: Bearer job:...", "Use the user's token."
    ),
    "wrong-host": CodePage(
        "The request does not name this server. A page on the Web could otherwise use the browser to reach it.",
        "Host: elsewhere:8080",
        "Use `127.0.0.1` or `localhost` with the server's port.",
    ),
}

_SERVER: Mapping[str, CodePage] = {
    "home-in-use": CodePage(
        "Another server serves this home. Two would each believe that the jobs are theirs.",
        "pipeyard server run",
        "Use the one that runs, stop it with `pipeyard server stop`, or set `PIPEYARD_HOME` to another folder.",
    ),
    "network-home": CodePage(
        "The home is on a network file system, where locks and the database cannot be trusted.",
        "PIPEYARD_HOME=/mnt/nfs/pipeyard",
        _OTHER_HOME,
    ),
    "home-not-usable": CodePage(
        "The home cannot be used; the message repeats what the system said.", "PIPEYARD_HOME=/dev/null/x", _OTHER_HOME
    ),
    "port-in-use": CodePage(
        "Another program listens on the port that was asked for.",
        "pipeyard server run --port 8080",
        "Choose another port, or leave it out.",
    ),
    "no-port": CodePage(
        "No port can be opened on the loopback.", "pipeyard server run --port 80", "Choose a port above 1023."
    ),
}

SERVICE_PAGES: Mapping[str, CodePage] = {**_JOBS, **_DATA, **_COMPUTES, **_REQUESTS, **_SERVER}
