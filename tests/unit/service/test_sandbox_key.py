"""`sandbox` among the keys of a compute."""

from __future__ import annotations

import pytest

from pipeyard.model.errors import UserError
from pipeyard.model.record import ComputeRecord
from pipeyard.service.capacity import check_keys, instance_json, instance_of


def _compute(**spec):
    return ComputeRecord("default", "c", "amlcompute", 0, 1, 0, spec)


@pytest.mark.parametrize(("spec", "found"), [({}, None), ({"sandbox": True}, True), ({"sandbox": False}, False)])
def test_a_compute_says_yes_no_or_nothing(spec, found):
    """Nothing means: as the server is set; it says nothing of what an instance has."""
    assert instance_of(_compute(**spec)).is_sandboxed is found
    assert instance_json(instance_of(_compute(**spec))) is None


def test_other_words_are_refused():
    """A text that reads like yes is no yes."""
    with pytest.raises(UserError, match="true or false"):
        check_keys({"sandbox": "require"})
