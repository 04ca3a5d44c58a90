"""
Pages of the codes of drafts and of what the Designer asks for.

Not here: finding these problems (`service/draft*.py`, `designer/`).
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeyard.model.code_page import CodePage

_LIST = "`pipeyard draft list` shows the drafts there are; `--include-archived` also those that were put away."

DRAFT_PAGES: Mapping[str, CodePage] = {
    "no-such-draft": CodePage(
        "There is no draft with that id or name, or it was forgotten.", "draft show report", _LIST
    ),
    "which-draft": CodePage(
        "Several drafts have the name that was given.",
        "pipeyard draft show report",
        "Name the draft by its id. " + _LIST,
    ),
    "stale-draft": CodePage(
        "A draft was changed by somebody else, perhaps by another tab of yours, after the change that was to be saved "
        "had begun. Nothing was overwritten.",
        "two tabs in which the same draft is edited",
        "Load the draft again and repeat the change, or save what is there as a new draft. "
        "`pipeyard draft revisions` lists every state that was saved.",
    ),
    "draft-held": CodePage(
        "Another tab edits the draft, so that it can only be read elsewhere.",
        "pipeyard draft update DRAFT --file pipeline.yml",
        "Take it over: in the Studio by its button, on the command line with `--take-over`. What was saved stays.",
    ),
    "draft-archived": CodePage(
        "A draft that was put away is not changed.",
        "pipeyard draft update DRAFT --name report",
        "Bring it back first: `pipeyard draft restore DRAFT`.",
    ),
    "draft-too-large": CodePage(
        "A draft holds a pipeline, its components and their code: at most 5,000 files with 64 MiB.",
        "pipeyard draft create --file pipeline.yml, beside data of many gigabytes",
        "Register data with `pipeyard data create`, and name it in the pipeline as `azureml:NAME:VERSION`.",
    ),
    "draft-has-files": CodePage(
        "A draft with components or code of its own is more than one YAML file.",
        "exporting such a draft as YAML",
        "Export it as a zip; on the command line, `pipeyard draft export` writes a folder.",
    ),
    "outside-draft": CodePage(
        "A draft names a file that is not in it. The server reads no other files of its machine.",
        "component: ../shared/train.yml",
        "Put the file into the draft's folder, or register what it holds and name it as `azureml:NAME:VERSION`. "
        "`pipeyard draft create --file` takes in everything that is named by a relative path.",
    ),
    "not-a-pipeline": CodePage(
        "Only pipelines are composed, and the job that was named is a single command, a sweep, or a step of a job.",
        "pipeyard draft create --job STEP",
        "Name the whole pipeline job.",
    ),
    "no-such-template": CodePage(
        "There is no example of that name.",
        "pipeyard draft create --template regresion",
        "`pipeyard draft templates` lists them.",
    ),
    "which-file": CodePage(
        "In a folder or zip that is to become a draft, no file is clearly the pipeline.",
        "a zip with two pipelines in it",
        "Name the file: `pipeyard draft create --file parts.zip --main a/pipeline.yml`, or call it `pipeline.yml`.",
    ),
    "bad-zip": CodePage(
        "What was sent is no zip file that can be read: it is broken, encrypted, or holds nothing.",
        "pipeyard draft create --file photo.zip",
        "Pack it once more, without a password.",
    ),
    "file-exists": CodePage(
        "A file that is to be written is there already.",
        "pipeyard draft export DRAFT",
        "Give `--overwrite`, or another folder with `--download-path`.",
    ),
    "unknown-kind": CodePage(
        "There is no kind of mapping of that name.",
        "GET /api/v1/schemas/pipline%20job",
        "`GET /api/v1/schemas` lists them.",
    ),
}
