"""
The component files that a draft's pipeline names.

In:       a folder that holds a draft, and the text of its pipeline.
Out:      each file once, with the places that name it; and each as `pipeyard component create` would find it.
Not here: registering them (`service/draft_components.py`), components that component files name: those go along inside.
"""

from __future__ import annotations

import os
from pathlib import Path

from pipeyard.client.assetfile import CheckedAsset, Given, check_asset_in
from pipeyard.client.checking import Checker
from pipeyard.client.registered import Components
from pipeyard.client.sourcefile import JOB, read_text
from pipeyard.designer.source import DraftSources
from pipeyard.model.assets import AssetKind, LocalRole
from pipeyard.model.diagnostic import Diagnostic, Place, YamlPath
from pipeyard.model.errors import SpecError, UserError
from pipeyard.model.record import JsonObject
from pipeyard.spec.decode import decode_job_and_locals
from pipeyard.spec.document import located

# What a list shows of a component besides its file.
_HEAD_KEYS = ("name", "version", "type", "display_name", "description")


def components_of(root: Path, main: str, text: str) -> dict[str, tuple[YamlPath, ...]]:
    """Return the component files that a pipeline names, in its order; `SpecError` when it cannot be read."""
    checker = Checker(DraftSources(root, main, text))
    document = checker.read(JOB)
    if document is None:
        raise SpecError(checker.finish())
    spec, references, problems = decode_job_and_locals(document)
    if spec is None:
        raise SpecError(located((*checker.problems, *problems), checker.documents))
    found: dict[str, tuple[YamlPath, ...]] = {}
    for reference in references:
        if reference.role is LocalRole.COMPONENT and reference.source == JOB:
            try:
                place = checker.files.locate(JOB, reference.text)
            except UserError:
                # It is outside: the check of the draft says so.
                continue
            file = os.path.relpath(os.path.normpath(place), root)
            found[file] = (*found.get(file, ()), reference.path)
    return found


def checked_component(root: Path, file: str, name: str | None, registered: Components) -> CheckedAsset:
    """Return what is known of a component's file; one that is not there has a problem that says so."""
    given = () if name is None else (Given("--name", ("name",), name),)
    text, problem = "", None
    try:
        text = read_text(root / file)
    except UserError as error:
        problem = Diagnostic(error.code, error.message, Place(JOB), hint=error.hint)
    files = DraftSources(root, file, text)
    if problem is not None:
        return CheckedAsset(AssetKind.COMPONENT, files, {}, {}, None, (problem,))
    return check_asset_in(files, AssetKind.COMPONENT, given, registered=registered)


def head_of(checked: CheckedAsset) -> JsonObject:
    """Return what a component says of itself, whatever else is wrong with it."""
    document = checked.documents.get(JOB)
    value = document.value if document is not None and isinstance(document.value, dict) else {}
    return {key: value[key] for key in _HEAD_KEYS if isinstance(value.get(key), str | int | float)}
