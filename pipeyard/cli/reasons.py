"""
What becomes of each step, and why, as lines for people.

In:       the server's answers to `job why` and `job create --dry-run`, decoded.
Out:      text lines; rows for `-o table`.
Not here: finding reasons (the server does), printing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pipeyard.cli.duration import duration_text
from pipeyard.cli.terminal import columns_of, harmless, paint

# A longer name of a step has a line of its own.
_STEP_COLUMNS_MAX = 32
_VERBS = {
    "run": "will run",
    "reuse": "will reuse",
    "depends": "will run",
    "bypass": "will not run",
    "ran": "ran",
    "reused": "reused",
    "never": "did not run",
    "open": "not decided",
}
_STYLES = {"reuse": "green", "reused": "green", "run": "yellow", "ran": "yellow"}
_COUNTED = {
    "run": "will run",
    "reuse": "will be reused",
    "depends": "may run, depending on steps before",
    "bypass": "will not run",
    "ran": "ran",
    "reused": "reused",
    "never": "did not run",
    "open": "not decided yet",
}

Step = Mapping[str, Any]


def lines_of(steps: Sequence[Step], *, colour: bool) -> Iterator[str]:
    """Yield one line for each step, and one more for each further reason."""
    names = [harmless(_name(step)) for step in steps]
    width = max((columns_of(name) for name in names if columns_of(name) <= _STEP_COLUMNS_MAX), default=0)
    for name, step in zip(names, steps, strict=True):
        decision = str(step["decision"])
        verb = paint(_VERBS[decision], *_styles(decision), colour=colour)
        said = list(_sentences(step))
        first = said[0] if said else ""
        if columns_of(name) > width:
            yield name
            name = ""  # noqa: PLW2901 - its line is written.
        yield f"{name}{' ' * (width - columns_of(name))}  {verb}{harmless(first)}"
        for sentence in said[1:]:
            yield f"{' ' * (width + 4)}{harmless(sentence)}"
        for hint in dict.fromkeys(reason["hint"] for reason in step["reasons"] if reason.get("hint")):
            yield f"{' ' * (width + 4)}hint: {harmless(hint)}"


def rows_of(steps: Sequence[Step]) -> list[Mapping[str, Any]]:
    """Return one row for each step."""
    return [
        {
            "step": _name(step),
            "decision": step["decision"],
            "job": (step.get("source") or {}).get("job"),
            "why": "; ".join(reason["message"] for reason in step["reasons"]) or None,
        }
        for step in steps
    ]


def count_of(steps: Iterable[Step]) -> str:
    """Return how many steps become what, in one sentence."""
    counted = Counter(str(step["decision"]) for step in steps)
    if not counted:
        return "There are no steps."
    whole = sum(counted.values())
    parts = [f"{counted[word]} {label}" for word, label in _COUNTED.items() if counted[word]]
    return f"{whole} step{'' if whole == 1 else 's'}: {', '.join(parts)}."


def time_of(found: Mapping[str, Any]) -> str:
    """Return how long what will run took before, as a sentence; nothing when nobody knows or nothing will run."""
    running = [step for step in found["steps"] if step["decision"] in ("run", "depends")]
    if not running or found.get("seconds") is None:
        return ""
    unknown = sum(step.get("seconds") is None for step in running)
    said = f"That took {duration_text(found['seconds'])} before"
    return f"{said}, without {unknown} that never ran." if unknown else f"{said}."


def _sentences(step: Step) -> Iterator[str]:
    """Yield what follows the verb, then one whole sentence for each further reason."""
    decision, source = str(step["decision"]), step.get("source")
    reasons = [str(reason["message"]) for reason in step["reasons"]]
    if source is not None:
        yield f" {_result(source, decision)}"
        if step.get("equal"):
            yield f"the same {_listed(step['equal'])}"
    elif reasons:
        first = reasons.pop(0)
        if decision == "depends":
            yield first.removeprefix("it will run")
        else:
            yield (": " if decision in ("open", "never", "bypass") else " because ") + first
    else:
        yield ""
    yield from (f"and because {reason}" if decision in ("run", "ran") else reason for reason in reasons)


def _result(source: Mapping[str, Any], decision: str) -> str:
    job = f"job {source['job']}" if source.get("job") else f"job {source['name']}"
    ended = f", which ended {_time(source['ended_at'])}" if source.get("ended_at") and decision == "reused" else ""
    return f"{job}{ended}"


def _name(step: Step) -> str:
    # A job that is one command has no steps.
    return str(step["step"] or "(the job)")


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _time(text: str) -> str:
    return text[:19].replace("T", " ") + " UTC"


def _styles(decision: str) -> tuple[str, ...]:
    return (_STYLES[decision],) if decision in _STYLES else ()
