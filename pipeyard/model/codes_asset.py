"""
Pages of the codes about versioned assets: published, named, used, read.

Not here: finding these problems (`registry/`, `service/`, `engine/`).
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeyard.model.code_page import CodePage

ASSET_PAGES: Mapping[str, CodePage] = {
    "asset-not-found": CodePage(
        "A registered component, data asset, environment or model is named that is not there: the name, the version "
        "or the label does not exist. The message names what is near.",
        "component: azureml:train:7",
        "`pipeyard component list -n train` shows the versions there are; `@latest` is the one created last. To use "
        "something without registering it, name its file: `component: ./train.yml`.",
    ),
    "version-exists": CodePage(
        "A version is written once, and the one that is named exists already with other contents.",
        "outputs:\n  model: {type: custom_model, name: my_model, version: 1}",
        "Leave `version` out to get the next number, or choose another one.",
    ),
    "version-deleted": CodePage(
        "The version existed and was deleted. Its number is never used again, so that no two things ever had the "
        "same name.",
        "pipeyard data create --name sample --version 3 --path ./data",
        "Leave the version out to get the next number, or choose another one.",
    ),
    "asset-in-use": CodePage(
        "A version cannot be deleted while a job that has not ended uses it, or while another version is made of it.",
        "pipeyard component delete -n train --version 1",
        "Wait for the job or cancel it; or archive the version, which hides it and lets everything run on.",
    ),
    "asset-changed": CodePage(
        "Files that must never change did: somebody wrote to the bytes of a registered version or of an upload, "
        "behind Pipeyard's back. A step that was about to read them failed instead. The message names the file.",
        "echo more >> <home>/workspaces/default/workspaceblobstore/LocalUpload/<digest>/data.csv",
        "Put the file back as it was, or register the data again, which gives it a new version. To change an input "
        "inside a step, copy it first.",
    ),
    "container-archived": CodePage(
        "A version cannot be restored while its name is archived: archiving a name hides all its versions, whatever "
        "is done with one of them.",
        "pipeyard component restore -n train --version 1",
        "Restore the name first: `pipeyard component restore -n train`.",
    ),
    "bad-label": CodePage(
        "The label cannot be set. `latest` is always the version created last; other labels are letters, digits, "
        "`.`, `_` and `-`.",
        "PUT .../components/train/labels/latest",
        "Choose another label, such as `default`, which `azureml:train` without a version means.",
    ),
    "workspace-exists": CodePage(
        "A workspace or registry of that name exists already.",
        "PUT /api/v1/workspaces/lab",
        "Use it as it is, or choose another name.",
    ),
}
