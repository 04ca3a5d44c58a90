from __future__ import annotations

import pytest

from pipeyard.datastore.credential import CredentialFiles
from pipeyard.model.errors import UserError

KEY = {"account_key": "c2VjcmV0"}


def test_only_their_owner_reads_credentials(home):
    """The file is for its owner alone, and so are the folders around it."""
    files = CredentialFiles(home)
    files.save("default", "blob", KEY)

    file = home / "credentials" / "default" / "blob.json"

    assert KEY == files.load("default", "blob")
    assert [0o600, 0o700, 0o700] == [path.stat().st_mode & 0o777 for path in (file, file.parent, file.parent.parent)]


def test_no_credentials_are_no_file(home):
    """Empty ones remove what was kept; a datastore without any has none."""
    files = CredentialFiles(home)
    files.save("default", "blob", KEY)
    files.save("default", "blob", {})

    assert files.load("default", "blob") == {}
    assert list((home / "credentials" / "default").iterdir()) == []


def test_a_name_cannot_lead_out(home):
    """A datastore called like a path keeps nothing anywhere."""
    with pytest.raises(UserError):
        CredentialFiles(home).save("default", "../../token", KEY)
