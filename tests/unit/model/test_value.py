"""Our quick `dataclass` against the standard library's."""

import dataclasses
import pickle
from dataclasses import field
from typing import Any

import pytest

from pipeyard.model.value import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    x: int
    y: int = 2
    tags: dict[str, str] = field(default_factory=dict)
    secret: str = field(default="", repr=False)
    note: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Named(Point):
    name: str = "p"
    # By `__post_init__`.
    shown: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "shown", f"{self.name}({self.x})")


@dataclass(slots=True)
class Counter:
    count: int = 0
    seen: list[int] = field(default_factory=list)


def _standard(**options: Any) -> type:
    @dataclasses.dataclass(**options)
    class Point:
        x: int
        y: int = 2
        tags: dict[str, str] = field(default_factory=dict)
        secret: str = field(default="", repr=False)
        note: str = field(default="", compare=False)

    Point.__qualname__ = "Point"
    return Point


def test_a_value_is_written_as_the_standard_library_writes_it():
    """`repr` names the class and its fields, and leaves out those that are not to be shown."""
    assert repr(Point(1, secret="s")) == repr(_standard(frozen=True, slots=True)(1, secret="s"))


def test_arguments_go_to_fields_by_place_and_by_name():
    """Fields are arguments in their order; defaults stand for those that are not given."""
    assert dataclasses.astuple(Named(1, name="q", y=5)) == (1, 5, {}, "", "", "q", "q(1)")


def test_each_value_gets_a_default_of_its_own():
    """A default that is made is made for each value anew."""
    assert Counter().seen is not Counter().seen


def test_the_first_value_of_a_class_is_made_as_all_others():
    """`__init__` is compiled by the first call of it, for derived classes too that have none of their own."""

    @dataclass(frozen=True, slots=True)
    class Size:
        width: int
        height: int = 2

    class Large(Size):
        pass

    assert [Large(1), Large(width=1, height=2)] == [Large(1, 2), Large(1)]
    assert Size(3).height == Size(3, 2).height


@pytest.mark.parametrize("words", [(), (1, 2, {}, "", "", 6)])
def test_wrong_arguments_are_refused(words: tuple[Any, ...]):
    """Too few or too many arguments are a mistake of the caller, as with any function."""
    with pytest.raises(TypeError):
        Point(*words)


def test_a_frozen_value_does_not_change():
    """Setting or deleting a field of a frozen value is refused."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        Point(1).x = 3  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        del Point(1).x  # type: ignore[misc]


def test_what_is_not_frozen_changes_and_is_no_key():
    """A class that is not frozen has fields that can be set, and no hash."""
    counter = Counter()
    counter.count = 3

    assert counter == Counter(3)
    with pytest.raises(TypeError):
        hash(counter)


def test_values_are_equal_by_class_and_compared_fields():
    """Equal fields make equal values of one class; fields that are not compared do not count."""
    assert Point(1, note="a") == Point(1, note="b")
    assert Point(1) != Point(2)
    assert Point(1) != Named(1)


def test_equal_values_are_one_key():
    """Equal frozen values have one hash."""

    @dataclass(frozen=True, slots=True)
    class Key:
        job: str
        attempt: int

    assert len({Key("a", 1), Key("a", 1), Key("a", 2)}) == 2


def test_a_value_has_no_room_for_other_attributes():
    """Values have slots for their fields and nothing else."""
    assert not hasattr(Named(1), "__dict__")


def test_the_standard_library_takes_it_for_one_of_its_own():
    """`replace`, `asdict` and `fields` work, and its classes may be derived from ours."""
    derived = dataclasses.make_dataclass("Derived", [("more", int, 7)], bases=(Point,), frozen=True, slots=True)

    assert dataclasses.replace(Named(1), x=4).shown == "p(4)"
    assert dataclasses.asdict(Counter(1)) == {"count": 1, "seen": []}
    assert [one.name for one in dataclasses.fields(derived)] == ["x", "y", "tags", "secret", "note", "more"]


def test_a_value_survives_a_pipe():
    """A value that was sent to another process is equal there."""
    assert pickle.loads(pickle.dumps(Named(1, name="q"))) == Named(1, name="q")


def test_a_value_can_be_taken_apart_by_place():
    """`match` sees the fields in the order of the arguments."""
    match Point(1, 5):
        case Point(x, y):
            assert (x, y) == (1, 5)
