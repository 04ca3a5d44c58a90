"""`--set`, `--add` and `--remove` on a job."""

from __future__ import annotations

import pytest

from pipeyard.cli.change import changed_fields
from pipeyard.model.errors import UsageError

JOB = {"name": "j", "tags": {"a": "1"}, "properties": {}, "display_name": "old", "description": None}


@pytest.mark.parametrize(
    ("words", "changes"),
    [
        ({"set": [["tags.b=2", "display_name=New name"]]}, {"tags": {"a": "1", "b": "2"}, "display_name": "New name"}),
        ({"set": [["tags.x.y=z"]]}, {"tags": {"a": "1", "x.y": "z"}}),
        ({"set": [['tags={"n": 3}']]}, {"tags": {"n": "3"}}),
        ({"set": [["tags.b=true"]]}, {"tags": {"a": "1", "b": "true"}}),
        ({"set": [["description=a=b"]]}, {"description": "a=b"}),
        ({"add": [["tags", "b=2", "c=3"]]}, {"tags": {"a": "1", "b": "2", "c": "3"}}),
        ({"remove": [["tags.a"]]}, {"tags": {}}),
        ({"remove": [["description"]]}, {"description": None}),
        ({"set": [['tags.b="quoted"']], "force_string": True}, {"tags": {"a": "1", "b": '"quoted"'}}),
        ({"set": [['tags.b="quoted"']]}, {"tags": {"a": "1", "b": "quoted"}}),
    ],
)
def test_the_fields_that_were_named_are_sent_whole(words, changes):
    """Tags are sent as the whole mapping; what was not named is not sent."""
    assert changed_fields(JOB, "job", **words) == changes


@pytest.mark.parametrize(
    "words",
    [
        {"set": [["status=Completed"]]},
        {"set": [["tagz.a=1"]]},
        {"set": [["tags"]]},
        {"set": [["tags=x"]]},
        {"set": [["display_name.x=1"]]},
        {"add": [["tags"]]},
        {"add": [["display_name", "a=1"]]},
        {"remove": [["tags.nope"]]},
        {"set": [["=1"]]},
    ],
)
def test_what_cannot_be_changed_is_wrong_usage(words):
    """Nothing is sent when one of the words is wrong."""
    with pytest.raises(UsageError):
        changed_fields(JOB, "job", **words)
