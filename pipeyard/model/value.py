"""
`@dataclass(slots=True)` as the standard library makes it, in a fifth of the time.

In:       a class with annotations; `field(...)` as its author knows it.
Out:      the class, which `dataclasses.replace`, `fields` and `asdict` take for one of theirs.
Not here: what nobody of us uses: `order`, `kw_only`, `InitVar`, fields without slots.

The standard library writes and compiles six functions for each class, half a
millisecond in all. A command line that loads eighty such classes before it can say
anything is felt to be slow. Here `__init__` alone is compiled, and not before the first value
is made: of most classes a command makes none. The others are the same for every class.

Type checkers see the original.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(*, slots: bool, frozen: bool = False, eq: bool = True) -> Callable[[type], type]:
        """Return what makes a class one of values; *slots* is there to be seen, and always true."""
        if not slots:
            raise TypeError("these classes have slots; take the standard library's for others")
        return lambda cls: _made(cls, is_frozen=frozen, has_eq=eq)


__all__ = ["dataclass"]

_NONE = dataclasses.MISSING
# What tells a field from a variable of the class.
_is_field = dataclasses._FIELD  # type: ignore[attr-defined]  # noqa: SLF001


def _made(cls: type, *, is_frozen: bool, has_eq: bool) -> type:
    own = {name: _field_of(cls, name, kind) for name, kind in inspect.get_annotations(cls).items()}
    inherited: dict[str, Any] = {}
    for base in reversed(cls.__mro__[1:]):
        inherited |= getattr(base, "__dataclass_fields__", {})
    all_fields = {**inherited, **own}
    names = {name: value for name, value in cls.__dict__.items() if name not in own}
    for left_behind in ("__dict__", "__weakref__"):
        names.pop(left_behind, None)
    slots = tuple(name for name in own if name not in inherited)
    names |= {
        "__slots__": slots,
        "__dataclass_fields__": all_fields,
        "__dataclass_params__": _Params(is_frozen, has_eq),
        "__match_args__": tuple(name for name, one in all_fields.items() if one.init),
        "__qualname__": cls.__qualname__,
        "__getstate__": _get_state,
        "__setstate__": _set_state,
    }
    names.setdefault("__repr__", _representation([name for name, one in all_fields.items() if one.repr]))
    if is_frozen:
        names |= {"__setattr__": _refuse_to_set, "__delattr__": _refuse_to_delete}
    if has_eq:
        _add_equality(names, all_fields, is_frozen=is_frozen)
    made = type(cls)(cls.__name__, cls.__bases__, names)
    if "__init__" not in names:
        made.__init__ = _first_initializer(made, all_fields, is_frozen=is_frozen)  # type: ignore[misc]
    return made


def _field_of(cls: type, name: str, kind: Any) -> Any:
    given = cls.__dict__.get(name, _NONE)
    found: Any = given if isinstance(given, dataclasses.Field) else dataclasses.field(default=given)
    found.name, found.type, found.kw_only = name, kind, False
    found._field_type = _is_field  # noqa: SLF001 - as above
    return found


class _Params:
    """What the standard library asks of a class that another one is derived from."""

    __slots__ = ("eq", "frozen", "init", "order", "repr", "unsafe_hash")

    def __init__(self, is_frozen: bool, has_eq: bool) -> None:  # noqa: FBT001 - their own order
        self.frozen, self.eq = is_frozen, has_eq
        self.init = self.repr = True
        self.order = self.unsafe_hash = False


# --- the one function that differs from class to class -----------------------------------------


def _first_initializer(cls: type, all_fields: dict[str, Any], *, is_frozen: bool) -> Callable[..., None]:
    """Return what makes `__init__` and gives way to it."""

    def initialize(self: Any, *words: Any, **named: Any) -> None:
        # Two threads may each make one: they are alike.
        made = _initializer(cls, all_fields, is_frozen=is_frozen)
        cls.__init__ = made  # type: ignore[misc]
        made(self, *words, **named)

    initialize.__qualname__ = f"{cls.__qualname__}.__init__"
    return initialize


def _initializer(cls: type, all_fields: dict[str, Any], *, is_frozen: bool) -> Callable[..., None]:
    """Return `__init__`, which sets each slot by itself: quicker than any `__setattr__`."""
    known: dict[str, Any] = {"_MAKE": _NONE}
    parameters, lines = [], []
    for name, one in all_fields.items():
        default, value = "", name
        if one.default_factory is not _NONE:
            known[f"_make_{name}"] = one.default_factory
            default, value = "=_MAKE", f"_make_{name}()"
            if one.init:
                value += f" if {name} is _MAKE else {name}"
        elif one.default is not _NONE:
            known[f"_default_{name}"] = one.default
            default = f"=_default_{name}"
            value = name if one.init else f"_default_{name}"
        if one.init:
            parameters.append(name + default)
        elif not default:
            # Set by `__post_init__`.
            continue
        known[f"_set_{name}"] = _slot(cls, name).__set__
        lines.append(f"_set_{name}(self, {value})" if is_frozen else f"self.{name} = {value}")
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    text = f"def __init__(self, {', '.join(parameters)}):\n " + "\n ".join(lines or ["pass"])
    exec(text, known)  # noqa: S102 - our own text, as in the standard library
    made: Callable[..., None] = known["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    return made


def _slot(cls: type, name: str) -> Any:
    return next(base.__dict__[name] for base in cls.__mro__ if name in base.__dict__)


# --- the same for all --------------------------------------------------------------------------


def _add_equality(names: dict[str, Any], all_fields: dict[str, Any], *, is_frozen: bool) -> None:
    compared = [name for name, one in all_fields.items() if one.compare]
    values = attrgetter(*compared) if compared else type
    has_own_hash = names.get("__hash__") is not None

    def is_equal(self: Any, other: object) -> Any:
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    names.setdefault("__eq__", is_equal)
    if not has_own_hash:
        # What can change is no key.
        names["__hash__"] = (lambda self: hash(values(self))) if is_frozen else None


def _representation(shown: list[str]) -> Callable[[Any], str]:
    def represent(self: Any) -> str:
        return f"{self.__class__.__qualname__}({', '.join([f'{name}={getattr(self, name)!r}' for name in shown])})"

    return represent


def _refuse_to_set(_self: Any, name: str, _value: object) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(_self: Any, name: str) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _get_state(self: Any) -> list[Any]:
    return [getattr(self, name) for name in self.__dataclass_fields__]


def _set_state(self: Any, state: list[Any]) -> None:
    for name, value in zip(self.__dataclass_fields__, state, strict=True):
        object.__setattr__(self, name, value)
