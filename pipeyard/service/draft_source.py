"""
What a draft begins with: nothing, a text, an example, a job, a folder, another draft.

In:       what was asked; examples and jobs that are there.
Out:      a `Source`; nothing is stored.
Not here: a job turned into files (`draft_job.py`), storing it (`drafts.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeyard.model.draft_record import MAIN_FILE, DraftContent, Origin
from pipeyard.model.errors import NotFound, OutsideError
from pipeyard.model.nearest import nearest
from pipeyard.model.value import dataclass
from pipeyard.service.draft_files import FileChange, Folder, checked_path, folder_of, main_of, text_of, unzipped
from pipeyard.service.draft_job import files_of_job
from pipeyard.service.draft_request import NAME_LETTERS_MAX, NewDraft
from pipeyard.service.drafts import Source, bytes_of, show_draft
from pipeyard.service.world import World
from pipeyard.spec.document import parse_document
from pipeyard.spec.render_yaml import render_yaml

_NEW = "New pipeline"
_CODE_LEFT_OUT = frozenset({"__pycache__"})


@dataclass(frozen=True, slots=True)
class Template:
    """An example that a draft can begin with."""

    name: str
    title: str
    description: str
    steps: int
    file_count: int


def source_of(world: World, workspace: str, wanted: NewDraft) -> Source:
    """Return what a draft begins with."""
    source = _source(world, workspace, wanted)
    content = source.content if wanted.layout is None else replace(source.content, layout=wanted.layout)
    return replace(source, name=wanted.name or source.name, content=content)


def zip_source(data: bytes, name: str | None, main: str | None) -> Source:
    """Return what a zip holds."""
    source = _of_folder(unzipped(data), main)
    return replace(source, name=name or source.name)


def templates(world: World) -> tuple[Template, ...]:
    """Return the examples, by name."""
    found = []
    for name in _template_names(world):
        files = _files_below(_folder(world) / name)
        value = _value_of(files[MAIN_FILE].data)
        found.append(
            Template(
                name,
                str(value.get("display_name") or name),
                " ".join(str(value.get("description") or "").split()),
                len(value.get("jobs") or ()),
                len(files),
            )
        )
    return tuple(found)


def _source(world: World, workspace: str, wanted: NewDraft) -> Source:
    if wanted.text is not None:
        return Source(_title(wanted.text, _NEW), DraftContent(wanted.text), {}, Origin.TEXT)
    if wanted.template is not None:
        return _of_template(world, wanted.template)
    if wanted.job is not None:
        files = files_of_job(world, workspace, wanted.job)
        source = _of_folder(files, MAIN_FILE)
        return replace(source, origin=Origin.JOB, origin_name=wanted.job)
    if wanted.draft is not None:
        return _copy(world, workspace, wanted.draft)
    if wanted.files is not None:
        return _of_folder(wanted.files, wanted.main)
    name = wanted.name or _NEW
    # `jobs` begins a block, into which steps can be written.
    text = render_yaml({"type": "pipeline", "display_name": name}) + "jobs:\n"
    return Source(name, DraftContent(text), {}, Origin.EMPTY)


def _of_folder(files: Mapping[str, FileChange], main: str | None) -> Source:
    name = main_of(files, main)
    text = text_of(files[name].data, name)
    folder: Folder = folder_of({path: one for path, one in files.items() if path != name})
    content = DraftContent(text, folder.files, name)
    return Source(_title(text, _NEW), content, folder.contents, Origin.FOLDER)


def _of_template(world: World, name: str) -> Source:
    names = list(_template_names(world))
    if name not in names:
        close = nearest(name, names)
        hint = f"did you mean `{close}`?" if close else f"there are {', '.join(f'`{one}`' for one in names)}"
        raise NotFound(f"there is no template `{name}`", code="no-such-template", hint=hint)
    source = _of_folder(_files_below(_folder(world) / name), MAIN_FILE)
    title = _title(source.content.text, name)
    return replace(source, name=title, origin=Origin.TEMPLATE, origin_name=name)


def _copy(world: World, workspace: str, id_: str) -> Source:
    draft = show_draft(world, workspace, id_)
    name = f"{draft.record.name} (copy)"[:NAME_LETTERS_MAX]
    # Their bytes are kept already; handed over once more, they stay even if that draft goes at this moment.
    contents = {file.sha256: bytes_of(world, workspace, file) for file in draft.content.files}
    return Source(name, draft.content, contents, Origin.DRAFT, id_)


def _title(text: str, default: str) -> str:
    """Return what a pipeline calls itself."""
    title = " ".join(str(_value_of(text.encode()).get("display_name") or "").split())
    return title[:NAME_LETTERS_MAX] or default


def _value_of(data: bytes) -> Mapping[str, Any]:
    document, _ = parse_document(data.decode("utf-8", "replace"), source="", file="")
    return document.value if document is not None and isinstance(document.value, Mapping) else {}


def _folder(world: World) -> Path:
    if world.templates is None or not world.templates.is_dir():
        raise NotFound("this installation holds no examples", code="no-such-template")
    return world.templates


def _template_names(world: World) -> Iterator[str]:
    if world.templates is None or not world.templates.is_dir():
        return
    for folder in sorted(world.templates.iterdir()):
        if (folder / MAIN_FILE).is_file():
            yield folder.name


def _files_below(root: Path) -> dict[str, FileChange]:
    found = {}
    try:
        for place in sorted(root.rglob("*")):
            path = place.relative_to(root)
            if place.is_file() and not place.is_symlink() and _CODE_LEFT_OUT.isdisjoint(path.parts):
                is_program = bool(place.stat().st_mode & 0o100)
                found[checked_path(path.as_posix())] = FileChange(place.read_bytes(), is_program)
    except OSError as problem:
        raise OutsideError(f"the example cannot be read: {problem.strerror}") from problem
    return found
