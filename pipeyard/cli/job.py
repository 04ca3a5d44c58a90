"""
The group `pipeyard job`.

Out:      a group that knows its commands by name.
Not here: the commands: `job_*.py`.
"""

from __future__ import annotations

from pipeyard.cli.command import LazyGroup

_LATER = "`job {}` is not in this version of Pipeyard: steps have no interactive services yet"

job = LazyGroup(
    "job",
    help="Create jobs from YAML files, watch them, look at what became of them.",
    table={
        "create": ("pipeyard.cli.job_create:create", "Check a file and run it."),
        "validate": ("pipeyard.cli.job_create:validate", "Check a file; needs no server."),
        "list": ("pipeyard.cli.job_show:list_", "List jobs, newest first."),
        "show": ("pipeyard.cli.job_show:show", "Show a job, or its whole history."),
        "stream": ("pipeyard.cli.job_stream:stream", "Follow a job's logs and steps until it ends."),
        "trials": ("pipeyard.cli.job_trials:trials", "List the trials of a sweep: values, status, metric, the best."),
        "runs": ("pipeyard.cli.job_runs:runs", "List the iterations of a loop, or the items of a parallel_for."),
        "batches": ("pipeyard.cli.job_batches:batches", "Say how far a parallel step is, and what failed in it."),
        "why": ("pipeyard.cli.job_why:why", "Say why each step ran, or was reused."),
        "metrics": ("pipeyard.cli.job_metrics:metrics", "Show what a job has logged with MLflow."),
        "cancel": ("pipeyard.cli.job_change:cancel", "End a job and all its running steps."),
        "resume": ("pipeyard.cli.job_again:resume", "Go on with a job that failed or was canceled."),
        "rerun": ("pipeyard.cli.job_again:rerun", "Run steps of a job again, with all that depends on them."),
        "resubmit": ("pipeyard.cli.job_again:resubmit", "Create a job like another one, with other inputs."),
        "lineage": ("pipeyard.cli.asset_lineage:lineage_job", "Show what a job read and wrote, and what came of that."),
        "compare": ("pipeyard.cli.job_compare:compare", "Say in what jobs differ: inputs, code, steps, results."),
        "run-step": ("pipeyard.cli.job_run_step:run_step", "Run one step once more in this terminal, or open a shell."),
        "download": ("pipeyard.cli.job_download:download", "Fetch a job's logs and outputs."),
        "update": ("pipeyard.cli.job_change:update", "Change a job's tags, properties, display name or description."),
        "archive": ("pipeyard.cli.job_change:archive", "Hide a job from lists."),
        "restore": ("pipeyard.cli.job_change:restore", "Show an archived job in lists again."),
    },
    later={name: _LATER.format(name) for name in ("show-services", "connect-ssh")},
    examples=(
        ("Run a pipeline and wait for it:", "pipeyard job create -f pipeline.yml --stream"),
        ("What became of it:", "pipeyard job show -n NAME --query status -o tsv"),
    ),
    no_args_is_help=True,
)
