"""
Why a step cannot take an earlier result, in sentences that name what changed.

In:       a node, the parts of its key, the nearest earlier run of it, and who knows the files of folders.
Out:      one `Reason` for each thing that changed, the likeliest first.
Not here: what differs (`compare.py`), which earlier run is the nearest (`engine/`), rules against reuse (`choice.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from pipeyard.graph.model import Node, NodeOutput
from pipeyard.model.assets import Manifest
from pipeyard.model.record import upload_root
from pipeyard.model.reuse import Reason, ResultRecord
from pipeyard.model.value import dataclass
from pipeyard.reuse.compare import Difference, differences
from pipeyard.reuse.environment import build_of, environment_words
from pipeyard.reuse.files import FileDifference, file_differences
from pipeyard.reuse.parts import KeyParts
from pipeyard.reuse.words import around_first_difference, few, in_ticks, shown
from pipeyard.spec.reference import parse_datastore_uri

NOTHING_EARLIER = Reason("nothing-earlier", "no step like it has completed in this experiment before")

# As many files are named one by one.
_FILES_MAX = 3
_VERBS = {"changed": "changed", "added": "is new", "removed": "is gone"}
# Files that come into a code folder by themselves.
_STRAY = ("__pycache__/", ".ipynb_checkpoints/", ".pytest_cache/", ".mypy_cache/", ".ruff_cache/", "mlruns/")
_IGNORE = "name it in `.amlignore` if it is no code of yours"
_DEFAULT_PLACE = "its default place"


def _unknown(_: str) -> Manifest | None:
    return None


@dataclass(frozen=True, slots=True)
class Details:
    """Who knows which files were in a folder; None from any of them: nobody does."""

    # Of an upload, by digest.
    upload: Callable[[str], Manifest | None] = _unknown
    # Of a data input, in the earlier run and now.
    input_before: Callable[[str], Manifest | None] = _unknown
    input_now: Callable[[str], Manifest | None] = _unknown


_NO_DETAILS = Details()


def reasons_of(node: Node, now: KeyParts, earlier: ResultRecord, details: Details = _NO_DETAILS) -> tuple[Reason, ...]:
    """Return why a node cannot take the result of an earlier run; nothing when they are the same."""
    since = f"since job `{earlier.root_name}`"
    found: list[Reason] = []
    for difference in differences(now, earlier.parts):
        found += _Teller(node, since, details).tell(difference)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Teller:
    node: Node
    since: str
    details: Details

    def tell(self, difference: Difference) -> Iterator[Reason]:
        match difference.code:
            case "code-changed":
                yield from self._code(difference)
            case "command-changed":
                before, now = around_first_difference(str(difference.before), str(difference.now))
                yield self._reason(
                    difference, f"the command changed {self.since}: {in_ticks(before)} -> {in_ticks(now)}"
                )
            case "environment-changed":
                yield from self._environment(difference)
            case "content-changed":
                yield self._content(difference)
            case _:
                yield self._reason(difference, f"{_sentence(difference)} {self.since}")

    def _code(self, difference: Difference) -> Iterator[Reason]:
        if difference.before is None or difference.now is None:
            has = "has code, and had none" if difference.before is None else "has no code, and had some"
            yield self._reason(difference, f"the step {has} in {self.since.removeprefix('since ')}")
            return
        files = self._files(self.details.upload(difference.before), self.details.upload(difference.now))
        if not files:
            yield self._reason(difference, f"the code changed {self.since}")
            return
        folder = _folder_of(self.node)
        if len(files) > _FILES_MAX:
            named = few([in_ticks(f"{folder}{file.path}") for file in files])
            yield self._reason(difference, f"{len(files)} code files differ {self.since}: {named}", _hint(files))
            return
        for file in files:
            words = f"code file {in_ticks(f'{folder}{file.path}')} {_VERBS[file.verb]} {self.since}"
            yield self._reason(difference, words, _hint([file]))

    def _environment(self, difference: Difference) -> Iterator[Reason]:
        words = list(environment_words(difference.before, difference.now))
        old, new = build_of(difference.before), build_of(difference.now)
        if old is not None and new is not None and old != new:
            files = self._files(self._upload_at(old), self._upload_at(new))
            named = few([f"{in_ticks(file.path)} {_VERBS[file.verb]}" for file in files])
            words.append(f"the folder it is built from, where {named}" if named else "the folder it is built from")
        if not words:
            yield self._reason(difference, f"the environment changed {self.since}")
            return
        shown_words = "; ".join(words[:_FILES_MAX])
        more = f"; and {len(words) - _FILES_MAX} more" if len(words) > _FILES_MAX else ""
        yield self._reason(difference, f"the environment changed {self.since}: {shown_words}{more}")

    def _content(self, difference: Difference) -> Reason:
        assert difference.name is not None
        files = self._input_files(difference)
        named = ": " + few([f"{in_ticks(file.path)} {_VERBS[file.verb]}" for file in files]) if files else ""
        bound = self.node.inputs.get(difference.name)
        if isinstance(bound, NodeOutput):
            what = f"output `{bound.output}` of step `{bound.node}`"
            return Reason("upstream-changed", f"{what} is not what it was {self.since}{named}")
        return self._reason(difference, f"the data of input `{difference.name}` changed {self.since}{named}")

    def _input_files(self, difference: Difference) -> Sequence[FileDifference]:
        assert difference.name is not None
        before = self.details.upload(str(difference.before)) or self.details.input_before(difference.name)
        now = self.details.upload(str(difference.now)) or self.details.input_now(difference.name)
        return self._files(before, now)

    def _files(self, before: Manifest | None, now: Manifest | None) -> Sequence[FileDifference]:
        if before is None or now is None:
            return ()
        if before.is_file and now.is_file and before.entries and now.entries:
            # One file is one file, whatever it is called.
            before = replace(before, entries=(replace(before.entries[0], path=now.entries[0].path),))
        return file_differences(before, now)

    def _upload_at(self, uri: str) -> Manifest | None:
        place = parse_datastore_uri(uri)
        found = None if place is None else upload_root(place)
        return None if found is None else self.details.upload(found[1])

    def _reason(self, difference: Difference, message: str, hint: str | None = None) -> Reason:
        return Reason(difference.code, message, hint)


def _sentence(difference: Difference) -> str:
    """Return what changed, without since when."""
    name, before, now = difference.name, difference.before, difference.now
    side, _, rest = difference.code.partition("-")
    match side, rest:
        case "literal", _:
            words = f"input `{name}`: {shown(before)} -> {shown(now)}"
        case "variable", _:
            words = f"environment variable `{name}`{_change(rest, before, now)}"
        case "setting", _:
            words = f"`{_SETTINGS.get(str(name), str(name))}`{_change('changed', before, now)}"
        case _, "path-changed":
            words = f"output `{name}` goes to {_place(now)} and not to {_place(before)}"
        case _, "changed":
            # A number or text in place of data, or data in place of it.
            words = f"input `{name}` is {_kind(now)} and was {_kind(before)}"
        case _, ("added" | "removed"):
            words = f"{side} `{name}`{_change(rest, before, now)}"
        case _:
            words = f"the {rest.partition('-')[0]} of {side} `{name}`{_change('changed', before, now)}"
    return words


_SETTINGS = {"instances": "resources.instance_count", "format": "the form of keys"}


def _change(verb: str, before: Any, now: Any) -> str:
    if verb == "added":
        return " is new"
    return " is gone" if verb == "removed" else f": {_value(before)} -> {_value(now)}"


def _value(value: Any) -> str:
    return "none" if value is None else shown(value) if isinstance(value, str | int | float) else in_ticks(value)


def _place(path: Any) -> str:
    return _DEFAULT_PLACE if path is None else in_ticks(path)


def _kind(part: Any) -> str:
    return shown(part["value"]) if "value" in part else "data"


def _folder_of(node: Node) -> str:
    """Return how people know the folder of the code, with a slash; "" where they do not."""
    code = node.component.code
    text = getattr(code, "text", "")
    place = parse_datastore_uri(text) if text else None
    found = None if place is None else upload_root(place)
    return "" if found is None else f"{found[0].path.rpartition('/')[2]}/"


def _hint(files: Sequence[FileDifference]) -> str | None:
    return _IGNORE if any(stray in f"/{file.path}" for file in files for stray in _STRAY) else None
