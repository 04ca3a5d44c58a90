"""`config.toml`: where steps log to."""

from __future__ import annotations

import pytest

from pipeyard.model.errors import UserError
from pipeyard.server.setting import config_of, mlflow_uri


def test_steps_are_pointed_to_another_mlflow_server(tmp_path):
    """By one line; without it they log here."""
    assert mlflow_uri(config_of(tmp_path).get("mlflow", {})) is None
    (tmp_path / "config.toml").write_text('[mlflow]\ntracking_uri = "http://127.0.0.1:5000"\n')

    assert mlflow_uri(config_of(tmp_path)["mlflow"]) == "http://127.0.0.1:5000"


@pytest.mark.parametrize("table", [{"tracking_ur": "http://a"}, {"tracking_uri": 3}, {"tracking_uri": "nowhere"}])
def test_what_is_no_address_keeps_the_server_from_starting(table):
    """And says what to write."""
    with pytest.raises(UserError, match=r"mlflow|tracking_uri") as raised:
        mlflow_uri(table)
    assert raised.value.code == "bad-setting"
    assert "tracking_uri" in raised.value.hint
