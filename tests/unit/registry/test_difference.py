import pytest

from pipeyard.registry.difference import differences, shown


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1}, {"a": 1}, ()),
        ({"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"b": 1, "c": 4}, "d": 5}, ("a.c", "d")),
        ({"a": 1}, {"b": 1}, ("a", "b")),
        ({"a": [1, 2]}, {"a": [2, 1]}, ("a",)),
        ({"a": {"b": 1}}, {"a": "b"}, ("a",)),
        ({"a": True}, {"a": 1}, ("a",)),
        ({"a": 1}, {"a": 1.0}, ("a",)),
        ({"a": "1"}, {"a": 1}, ("a",)),
        (1, 2, ("",)),
    ],
)
def test_the_paths_of_what_differs_are_named(before, after, expected):
    """
    A person is told which field stands in the way, however deep it is.
    """
    assert expected == differences(before, after)


def test_a_long_list_of_fields_is_cut():
    """
    A message stays a sentence.
    """
    assert "`a`" == shown(("a",))
    assert "`a` and `b.c`" == shown(("a", "b.c"))
    assert "`a`, `b`, `c`, `d`, `e`, `f` and 2 more" == shown(tuple("abcdefgh"))
