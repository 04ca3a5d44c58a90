"""
What is said of a kind of step that this version keeps and does not run.

In:       a kind, and what tells it from others of its kind.
Out:      a sentence, and what to do instead.
Not here: finding such steps (`graph/tree.py`).
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeyard.model.component import StepKind

_AUTOML = "Azure's service chooses and trains the models of an `automl` step; nothing on this machine does"
_TUNING = "is done by Azure's own service and models; nothing on this machine does it"
_IN_PIPELINE = "write it under the `jobs:` of a `type: pipeline`, beside the steps that it names"
_KEPT = "the component can be registered and shown all the same"

# (sentence, hint), by the kind and, where one kind can do several things, by which.
_SENTENCES: Mapping[str, tuple[str, str]] = {
    "automl": (_AUTOML, f"write the training as a command or a sweep; {_KEPT}"),
    "import": (
        "a step of type `import` reads from a database or from S3 through a connection of Azure's, which is not here",
        f"write a command that reads it, or make a datastore for files; {_KEPT}",
    ),
    "data_transfer/import_data": (
        "`task: import_data` reads through a connection of Azure's, which is not here; `copy_data` runs",
        f"write a command that reads the database, or make a datastore for files; {_KEPT}",
    ),
    "data_transfer/export_data": (
        "`task: export_data` writes through a connection of Azure's, which is not here; `copy_data` runs",
        f"write a command that writes to it, or give the output a `path` in a datastore; {_KEPT}",
    ),
    **{
        kind: (f"`{kind}` is a step of a pipeline, and neither a job nor a component", _IN_PIPELINE)
        for kind in ("if_else", "do_while", "parallel_for")
    },
    "finetuning": (f"`finetuning` {_TUNING}", f"write the training as a command; {_KEPT}"),
    "distillation": (f"`distillation` {_TUNING}", f"write the training as a command; {_KEPT}"),
    "parallel/prompt-flow": (
        "this component is a prompt flow, which runs in Azure's prompt flow service and not here",
        "write a parallel component whose entry script does what the flow does to each item",
    ),
}


def refusal_of(kind: StepKind, task: str | None = None) -> tuple[str, str | None, str]:
    """Return what is wrong with a step of a kind, what is expected instead if that is known, and a hint."""
    found = _SENTENCES.get(f"{kind.value}/{task}") or _SENTENCES.get(kind.value)
    if found is not None:
        return found[0], None, found[1]
    if kind is StepKind.DATA_TRANSFER:
        return (
            f"a `data_transfer` step cannot `{task}`",
            "`task: copy_data`",
            "Azure knows `import_data` and `export_data` too, which need connections that are not here",
        )
    return (
        f"steps of type `{kind.value}` cannot run in this version of Pipeyard",
        "`command` or `pipeline`",
        "a later version brings them; leave the step out, or write it as a command, to run the rest now",
    )
