"""
Answers about drafts, and what the Designer needs besides: its palette, templates and the fields of each kind.

Not here: the job that a draft becomes (`job.py`), versions of assets as their own pages show them (`asset.py`).
"""

from __future__ import annotations

from typing import Any, TypedDict

from pipeyard.api.describe.creation import Problem


class DraftHead(TypedDict):
    """A draft without what is in it."""

    id: str
    name: str
    # Grows with every save; a save names the one that it began with.
    revision: int
    created_at: str
    created_by: str
    modified_at: str
    modified_by: str
    archived: bool
    # Which tab edits it, by the name that the tab gave itself; null: none, or nothing was heard of it for too long.
    holder: str | None
    held_by: str | None
    # The file that is the pipeline, and how many others there are.
    main: str
    file_count: int
    # What it was made of: `empty`, `text`, `template`, `job`, `folder` or `draft`, and which one.
    origin: str
    origin_name: str | None


class DraftFile(TypedDict):
    """A file that belongs to a draft: a component, or a piece of its code."""

    path: str
    size: int
    sha256: str
    executable: bool


class Draft(DraftHead):
    """A pipeline that is being composed. `layout` is what its editor keeps of positions, and means nothing to us."""

    text: str
    layout: dict[str, Any]
    files: list[DraftFile]


class DraftPage(TypedDict):
    """Drafts, changed last first."""

    value: list[DraftHead]
    next: str | None


class DraftRevision(TypedDict):
    """An earlier state of a draft."""

    revision: int
    name: str
    saved_at: str
    saved_by: str
    # Why it was kept: `created`, `saved`, `restored` or `submitted`.
    reason: str
    # Bytes of text, and the job when it was submitted.
    size: int
    job: str | None


class DraftRevisionList(TypedDict):
    """The states of a draft that are kept, newest first."""

    value: list[DraftRevision]


class DraftConflict(TypedDict):
    """Why a save was refused (409): `stale-draft` or `draft-held`. With the state that there is now."""

    error: Problem
    draft: Draft


class DraftSpan(TypedDict):
    """A stretch of text in one of the draft's files. Lines and columns count from 1; the end is exclusive."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int


class DraftRelated(TypedDict):
    """A second place that explains the first."""

    message: str
    span: DraftSpan | None


class DraftProblem(TypedDict):
    """What is wrong with a draft, and where."""

    code: str
    # `error` or `warning`.
    severity: str
    message: str
    expected: str | None
    found: str | None
    hint: str | None
    # The file that it stands in, and the way to the value there: keys and numbers.
    file: str
    path: list[Any]
    on_key: bool
    # The step in the main file, null: none; and what of it (of the pipeline), such as `inputs.rate`.
    step: str | None
    field: str | None
    # Null when it stands in no file: in a registered component, for one.
    span: DraftSpan | None
    related: list[DraftRelated]


class DraftCheck(TypedDict):
    """Everything that is wrong with a draft, in the order of its files."""

    problems: list[DraftProblem]
    errors: int
    warnings: int
    # How many problems were left out, because nobody reads so many.
    left_out: int


class _Reason(TypedDict):
    code: str
    message: str


class PlanReason(_Reason, total=False):
    """One reason why a step runs, and what to do if that was not wanted."""

    hint: str


class PlanSource(TypedDict):
    """The earlier result that stands for a step."""

    name: str
    job: str
    step: str
    ended_at: str | None


class DraftRefusal(TypedDict):
    """Why nothing can be planned or submitted (422, or 404 for what is not registered), problem by problem."""

    error: Problem
    problems: list[DraftProblem]


class PlannedStep(TypedDict):
    """What would become of a step if the draft were submitted now."""

    step: str
    # `reuse`, `run`, `depends` (on what steps before it write) or `bypass` (in the block that a choice does not take).
    decision: str
    reasons: list[PlanReason]
    source: PlanSource | None
    # How long it took when it ran last; null: it never did. A step that is reused takes 0.
    seconds: float | None


class DraftPlan(TypedDict):
    """What would be reused and what would run, and why; how long that took before; and the same as a command."""

    steps: list[PlannedStep]
    reused: int
    # Those that run, and those of which it is not known yet.
    running: int
    # Along the longest way through them; null: nothing is known of any of them.
    seconds: float | None
    # Of them, those that never ran before: they are not in `seconds`.
    without_time: int
    problems: list[DraftProblem]
    command: str


class DraftSubmitted(TypedDict):
    """The job that a draft became. `command` does the same to the exported draft."""

    job: str
    status: str
    draft: DraftHead
    problems: list[DraftProblem]
    command: str


class DraftComponent(TypedDict):
    """A component file that a draft's pipeline names, and what registering it would do or did."""

    file: str
    # The steps that name it.
    steps: list[str]
    # What the file says; null: nothing.
    name: str | None
    version: str | None
    type: str | None
    display_name: str | None
    description: str | None
    # Of everything that is sent with it.
    code_files: int
    code_bytes: int
    # `new`, `same` (it is registered already), `differs` (another body is there under that version), `wrong` (its file
    # has problems); after registering also `registered` and `failed`.
    state: str
    # As a pipeline names it; null while it cannot be registered.
    reference: str | None
    # The number that it would get without a version.
    next_version: str | None
    # Why it is not registered, and in what the version that is there differs.
    message: str | None
    differs: list[str]
    problems: list[DraftProblem]
    warnings: list[str]
    # What the server said when it refused.
    error: Problem | None


class DraftComponents(TypedDict):
    """The component files of a draft; `text` is its pipeline with references to those that are registered."""

    components: list[DraftComponent]
    registered: int
    text: str
    # Files that the text still names, because it cannot be changed there.
    kept: list[str]
    draft: DraftHead


class Template(TypedDict):
    """An example that a draft can begin with."""

    name: str
    title: str
    description: str
    steps: int
    file_count: int


class TemplateList(TypedDict):
    """All of them."""

    value: list[Template]


class PalettePort(TypedDict, total=False):
    """What a component declares of an input or output; a key that it leaves out is missing."""

    type: str
    description: str
    optional: bool
    default: Any
    min: Any
    max: Any
    enum: list[Any]
    mode: str


class PaletteItem(TypedDict):
    """A component, data or model as the Designer's palette shows it; by its newest version."""

    kind: str
    name: str
    # As a pipeline names it: `azureml:train:3`, `azureml://registries/team/components/train/versions/3`.
    reference: str
    registry: str | None
    version: str | None
    # Newest first, at most 50.
    versions: list[str]
    type: str | None
    display_name: str | None
    description: str | None
    tags: dict[str, str]
    # In the order of the file; of data and models there are none.
    inputs: dict[str, PalettePort]
    outputs: dict[str, PalettePort]
    changed_at: str
    # When a job last used it; null: none did.
    used_at: str | None


class PaletteCompute(TypedDict):
    """A compute that a step may name."""

    name: str
    type: str
    slots: int


class Palette(TypedDict):
    """What can be put into a pipeline: of each kind, used or made last first."""

    components: list[PaletteItem]
    data: list[PaletteItem]
    models: list[PaletteItem]
    environments: list[PaletteItem]
    computes: list[PaletteCompute]
    # Names of experiments, used last first.
    experiments: list[str]


class SchemaList(TypedDict):
    """The kinds of mapping that `GET /api/v1/schemas/{schema}` describes."""

    value: list[str]
