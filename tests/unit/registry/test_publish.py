import pytest

from pipeyard.model.errors import Conflict
from pipeyard.registry.publish import publish


def draft(shelf, **rest):
    """A version that is not in the store yet."""
    asset = shelf.put(**rest)
    del shelf.versions[asset.key]
    return asset


def test_a_new_version_is_stored_with_its_entry(shelf):
    """
    Who and when are those of the version.
    """
    made, is_new = publish(shelf, draft(shelf, version=""))

    assert ("1", True) == (made.version, is_new)
    (entry,) = shelf.audit
    assert ("create", "component", "train", "ann", 1) == (entry.action, entry.kind, entry.name, entry.by, entry.at_ms)


def test_the_same_body_again_writes_nothing(shelf):
    """
    Also when what may change is said as it is.
    """
    first = shelf.put(description="d", tags={"a": "b"})

    assert (first, False) == publish(shelf, first)
    assert [] == shelf.audit


def test_the_same_body_with_another_description_is_an_update(shelf):
    """
    What the file does not say stays; the history has both values.
    """
    first = shelf.put(description="old", tags={"a": "b"}, stage="Production")

    again, is_new = publish(
        shelf, first.with_(description="new", tags={}, stage=None, created_by="bo", created_at_ms=9)
    )

    assert not is_new
    assert ("new", {"a": "b"}, "Production", "bo", 9) == (
        again.description,
        again.tags,
        again.stage,
        again.changed_by,
        again.changed_at_ms,
    )
    assert "ann" == again.created_by
    assert {"description": {"before": "old", "after": "new"}} == shelf.audit[0].detail


def test_another_body_is_refused_with_the_fields_that_differ(shelf):
    """
    And with the number that is free.
    """
    first = shelf.put()

    with pytest.raises(Conflict, match="`command`") as caught:
        publish(shelf, first.with_(body={"command": "y"}, digest="e"))

    assert "version-exists" == caught.value.code
    assert "version 2" in caught.value.hint


def test_who_comes_second_by_a_moment_is_told_the_same(shelf):
    """
    The store refuses, and what is there by then decides.
    """
    asset = draft(shelf)
    shelf.load_asset = lambda key: None if not shelf.audit else shelf.versions[key]
    other = asset.with_(body={"command": "y"}, digest="e")

    def lose(wanted, audit, **rest):
        shelf.audit.append(audit)
        shelf.versions[wanted.key] = other
        raise Conflict("there", code="version-exists")

    shelf.create_asset = lose

    assert (other, False) == publish(shelf, other)
    with pytest.raises(Conflict, match="`command`"):
        publish(shelf, asset)


def test_a_deleted_version_stays_deleted(shelf):
    """
    There is nothing to compare with.
    """
    asset = draft(shelf)

    def refuse(wanted, audit, **rest):
        raise Conflict("deleted", code="version-deleted")

    shelf.create_asset = refuse

    with pytest.raises(Conflict, match="deleted"):
        publish(shelf, asset)
