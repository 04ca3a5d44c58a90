import pytest

from pipeyard.model.assets import AssetKind
from pipeyard.model.errors import Conflict, UserError
from pipeyard.registry.archive import archive_name, archive_version, restore_name, restore_version
from pipeyard.registry.entry import Who
from pipeyard.registry.label import set_label
from pipeyard.registry.missing import AssetMissing

BO = Who("bo", 7)
TRAIN = ("default", AssetKind.COMPONENT, "train")


def test_a_version_is_hidden_and_shown_again(shelf):
    """
    Twice is no error and no second entry.
    """
    asset = shelf.put()

    hidden = archive_version(shelf, archive_version(shelf, asset, BO), BO)
    shown = restore_version(shelf, restore_version(shelf, hidden, BO), BO)

    assert (True, False) == (hidden.is_archived, shown.is_archived)
    assert [("archive", "1", "bo"), ("restore", "1", "bo")] == [
        (entry.action, entry.version, entry.by) for entry in shelf.audit
    ]


def test_a_version_stays_hidden_while_its_name_is(shelf):
    """
    Section 4.2: the name is restored first.
    """
    asset = archive_version(shelf, shelf.put(), BO)
    assert archive_name(shelf, *TRAIN, BO).is_archived

    with pytest.raises(Conflict) as caught:
        restore_version(shelf, asset, BO)

    assert "container-archived" == caught.value.code
    assert not restore_name(shelf, *TRAIN, BO).is_archived
    assert not restore_version(shelf, asset, BO).is_archived


def test_a_name_that_is_not_there_cannot_be_archived(shelf):
    """
    A slip is told.
    """
    with pytest.raises(AssetMissing, match="`train`"):
        archive_name(shelf, *TRAIN, BO)


def test_a_label_is_set_and_latest_is_not(shelf):
    """
    It is in the history.
    """
    asset = shelf.put()

    set_label(shelf, asset, "default", BO)

    assert {"label": "default"} == shelf.audit[0].detail
    for label in ("latest", "", "a b", "x" * 300):
        with pytest.raises(UserError) as caught:
            set_label(shelf, asset, label, BO)
        assert "bad-label" == caught.value.code
