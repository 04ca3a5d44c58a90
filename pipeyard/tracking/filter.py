"""
MLflow's search filters: `metrics.loss < 0.1 AND params.depth = '3'`.

In:       the text of a filter, what may be said about the kind of thing that is searched.
Out:      conditions, and whether a thing meets them.
Not here: the order of what is found (`order.py`), what there is (`service/`).

The grammar is a list of comparisons joined by AND. A key with odd signs is quoted by backticks or double quotes,
a text by single or double quotes. A thing that lacks the key meets no condition but IS NULL, as in MLflow.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import Any

from pipeyard.model.errors import UserError
from pipeyard.model.nearest import nearest
from pipeyard.model.value import dataclass

METRIC, PARAM, TAG, ATTRIBUTE, DATASET = "metric", "param", "tag", "attribute", "dataset"
# The words for each kind of key, as MLflow takes them.
_WORDS = {
    METRIC: ("metric", "metrics"),
    PARAM: ("param", "params", "parameter", "parameters"),
    TAG: ("tag", "tags"),
    ATTRIBUTE: ("attribute", "attributes", "attr", "run"),
    DATASET: ("dataset", "datasets"),
}
_ENTITIES = {word: entity for entity, words in _WORDS.items() for word in words}
_IS_PROMPT = "mlflow.prompt.is_prompt"
_DATASET_KEYS = ("name", "digest", "context")

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<text>'(?:[^']|'')*')
    |(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))
    |(?P<sign>>=|<=|!=|<>|=|<|>)
    |(?P<mark>[(),])
    |(?P<name>(?:[^\W\d]\w*|`[^`]*`|"[^"]*")(?:\.(?:`[^`]*`|"[^"]*"|[\w/:-]+))*)
    )""",
    re.VERBOSE,
)
_NUMBERS: Mapping[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
    "<=": operator.le,
    "<": operator.lt,
}
_TEXTS = ("=", "!=", "LIKE", "ILIKE", "IN", "NOT IN")
_NULLS = ("IS NULL", "IS NOT NULL")


@dataclass(frozen=True, slots=True)
class Grammar:
    """What can be asked of one kind of thing."""

    # What it is called in messages.
    what: str
    texts: tuple[str, ...]
    numbers: tuple[str, ...] = ()
    entities: tuple[str, ...] = (ATTRIBUTE, TAG)
    # Other names for attributes.
    aliases: Mapping[str, str] = field(default_factory=dict)


RUNS = Grammar(
    "runs",
    texts=("run_id", "run_name", "status", "artifact_uri", "user_id"),
    numbers=("start_time", "end_time"),
    entities=(METRIC, PARAM, TAG, ATTRIBUTE, DATASET),
    aliases={
        "created": "start_time",
        "Created": "start_time",
        "run name": "run_name",
        "Run name": "run_name",
        "Run Name": "run_name",
    },
)
EXPERIMENTS = Grammar("experiments", texts=("name", "experiment_id"), numbers=("creation_time", "last_update_time"))
LOGGED_MODELS = Grammar(
    "logged models",
    texts=("name", "model_id", "model_type", "status", "source_run_id"),
    numbers=("creation_timestamp", "last_updated_timestamp"),
    entities=(METRIC, PARAM, TAG, ATTRIBUTE),
    aliases={"creation_time": "creation_timestamp", "last_updated_time": "last_updated_timestamp"},
)
REGISTERED_MODELS = Grammar(
    "registered models",
    texts=("name",),
    numbers=("creation_timestamp", "last_updated_timestamp"),
    aliases={"timestamp": "last_updated_timestamp"},
)
MODEL_VERSIONS = Grammar(
    "model versions",
    texts=("name", "run_id", "source_path", "user_id", "status"),
    numbers=("version_number", "creation_timestamp", "last_updated_timestamp"),
)


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison."""

    entity: str
    key: str
    # In capitals.
    comparator: str
    # A number, a text, or texts for IN; None for IS NULL.
    value: Any


# What a thing says of itself: by kind of key, then by key. Of data sets a list of such.
Subject = Mapping[str, Any]


def parse_filter(text: str | None, grammar: Grammar) -> tuple[Condition, ...]:
    """Return the conditions of a filter; none for no text. Raises `UserError` for what is no filter."""
    if not text or not text.strip():
        return ()
    return _Parser(text, grammar).conditions()


def meets(subject: Subject, conditions: Sequence[Condition]) -> bool:
    """Return whether a thing meets all conditions."""
    return all(_meets_one(subject, condition) for condition in conditions)


def key_of(text: str, grammar: Grammar, whole: str) -> tuple[str, str]:
    """Return which kind of key a name is, and the key."""
    head, dot, rest = _split(text)
    if not dot:
        return ATTRIBUTE, _attribute(_bare(head), grammar, whole)
    entity = _ENTITIES.get(_bare(head))
    if entity is None or entity not in grammar.entities:
        words = ", ".join(f"`{_WORDS[one][-1] if one != PARAM else 'params'}.`" for one in grammar.entities)
        raise _refused(whole, f"`{head}` is no kind of key of {grammar.what}", f"there are {words}")
    key = _bare(rest)
    if entity == ATTRIBUTE:
        return entity, _attribute(key, grammar, whole)
    if entity == DATASET and key not in _DATASET_KEYS:
        raise _refused(whole, f"a data set has no `{key}`", f"it has {', '.join(_DATASET_KEYS)}")
    return entity, key


class _Parser:
    def __init__(self, text: str, grammar: Grammar) -> None:
        self._text = text
        self._grammar = grammar
        self._tokens = list(self._read())
        self._place = 0

    def _read(self) -> list[tuple[str, str]]:
        tokens, place, end = [], 0, len(self._text.rstrip())
        while place < end:
            match = _TOKEN.match(self._text, place)
            if match is None or match.lastgroup is None:
                raise _refused(self._text, f"`{self._text[place:].strip()[:20]}` cannot be read")
            tokens.append((match.lastgroup, match[match.lastgroup]))
            place = match.end()
        return tokens

    def conditions(self) -> tuple[Condition, ...]:
        found = [self._condition()]
        while self._place < len(self._tokens):
            joint = self._take("name")
            if joint.upper() != "AND":
                raise _refused(self._text, f"`{joint}` cannot join comparisons", "join them with AND")
            found.append(self._condition())
        return tuple(found)

    def _condition(self) -> Condition:
        entity, key = key_of(self._take("name"), self._grammar, self._text)
        comparator = self._comparator()
        is_number = entity == METRIC or (entity == ATTRIBUTE and key in self._grammar.numbers)
        allowed = tuple(_NUMBERS) if is_number else (*_TEXTS, *(_NULLS if entity in (PARAM, TAG) else ()))
        if comparator not in allowed:
            raise _refused(
                self._text, f"`{key}` cannot be compared with {comparator}", f"it can with {' '.join(allowed)}"
            )
        return Condition(entity, key, comparator, self._value(comparator, key, is_number=is_number))

    def _comparator(self) -> str:
        kind, text = self._next()
        if kind == "sign":
            return "!=" if text == "<>" else text
        word = text.upper()
        if word == "NOT":
            word = f"NOT {self._take('name').upper()}"
        elif word == "IS":
            following = self._take("name").upper()
            word = f"IS {following}" if following != "NOT" else f"IS NOT {self._take('name').upper()}"
        return word

    def _value(self, comparator: str, key: str, *, is_number: bool) -> Any:
        if comparator in _NULLS:
            return None
        if comparator in ("IN", "NOT IN"):
            return self._texts()
        kind, text = self._next()
        if is_number:
            if kind != "number":
                raise _refused(self._text, f"`{key}` is compared with a number, and this is `{text}`")
            return float(text)
        return self._as_text(kind, text, key)

    def _texts(self) -> tuple[str, ...]:
        found = []
        self._expect("(")
        while True:
            found.append(self._as_text(*self._next(), "a list"))
            kind, text = self._next()
            if (kind, text) == ("mark", ")"):
                return tuple(found)
            if (kind, text) != ("mark", ","):
                raise _refused(self._text, f"`{text}` is no comma", "write a list as ('a', 'b')")

    def _as_text(self, kind: str, text: str, key: str) -> str:
        if kind == "text" or (kind == "name" and text.startswith('"') and text.endswith('"')):
            return text[1:-1]
        raise _refused(
            self._text, f"`{key}` is compared with a text in quotes, and this is `{text}`", f"write '{text}'"
        )

    def _expect(self, mark: str) -> None:
        kind, text = self._next()
        if (kind, text) != ("mark", mark):
            raise _refused(self._text, f"`{text}` stands where `{mark}` is expected")

    def _take(self, wanted: str) -> str:
        kind, text = self._next()
        if kind != wanted:
            raise _refused(self._text, f"`{text}` stands where a {wanted} is expected")
        return text

    def _next(self) -> tuple[str, str]:
        if self._place >= len(self._tokens):
            raise _refused(self._text, "it ends in the middle of a comparison")
        self._place += 1
        return self._tokens[self._place - 1]


def _meets_one(subject: Subject, condition: Condition) -> bool:
    if condition.entity == DATASET:
        return any(_compared(one.get(condition.key), condition) for one in subject.get(DATASET, ()))
    return _compared(subject.get(condition.entity, {}).get(condition.key), condition)


def _compared(value: Any, condition: Condition) -> bool:
    comparator, wanted = condition.comparator, condition.value
    if comparator in _NULLS:
        return (value is None) is (comparator == "IS NULL")
    if value is None:
        # Clients say this with every search for models, to leave out prompts, and expect those that say nothing.
        return comparator == "!=" and condition.key == _IS_PROMPT
    if comparator in ("IN", "NOT IN"):
        return (value in wanted) is (comparator == "IN")
    if comparator in ("LIKE", "ILIKE"):
        flags = re.DOTALL | (re.IGNORECASE if comparator == "ILIKE" else 0)
        pattern = "".join({"%": ".*", "_": "."}.get(sign, re.escape(sign)) for sign in wanted)
        return re.fullmatch(pattern, str(value), flags) is not None
    return _NUMBERS[comparator](value, wanted)


def _split(text: str) -> tuple[str, str, str]:
    """Return the first part of a name and the rest; a dot inside quotes parts nothing."""
    match = re.match(r'`[^`]*`|"[^"]*"|[^.]*', text)
    assert match is not None
    return match[0], text[match.end() : match.end() + 1], text[match.end() + 1 :]


def _bare(text: str) -> str:
    is_quoted = len(text) > 1 and text[0] == text[-1] and text[0] in '`"'
    return text[1:-1] if is_quoted else text


def _attribute(key: str, grammar: Grammar, whole: str) -> str:
    key = grammar.aliases.get(key, key)
    known = (*grammar.texts, *grammar.numbers)
    if key not in known:
        close = nearest(key, known)
        hint = f"did you mean `{close}`?" if close else f"there are {', '.join(known)}"
        raise _refused(whole, f"{grammar.what} have no attribute `{key}`", hint)
    return key


def _refused(text: str, why: str, hint: str | None = None) -> UserError:
    return UserError(f"`{text}` cannot be searched by: {why}", code="bad-filter", hint=hint)
