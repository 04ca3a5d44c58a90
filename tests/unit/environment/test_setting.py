from __future__ import annotations

import pytest

from pipeyard.environment.setting import CondaWay, EnvironmentSettings, settings_of
from pipeyard.model.environment import ImagePolicy
from pipeyard.model.errors import UserError


def test_without_a_table_everything_is_as_usual():
    """Names of conda's are not translated unless somebody asks."""
    assert settings_of({}) == EnvironmentSettings()
    assert CondaWay.TRANSLATE not in EnvironmentSettings().conda


def test_every_setting_is_read():
    """By the names that the table has."""
    found = settings_of(
        {
            "conda": ["program", "translate"],
            "channel_alias": "file:///srv",
            "mirrors": {"conda-forge": "file:///srv/forge"},
            "channels": ["own"],
            "offline": True,
            "python": ["/opt/python"],
            "python_downloads": True,
            "image_policy": "ignore",
            "timeout_seconds": 60,
            "container_runtime": "podman",
            "extra_ca": "/etc/ca.pem",
        }
    )

    assert found == EnvironmentSettings(
        conda=(CondaWay.PROGRAM, CondaWay.TRANSLATE),
        channel_alias="file:///srv",
        mirrors={"conda-forge": "file:///srv/forge"},
        channels=("own",),
        offline=True,
        python=("/opt/python",),
        may_fetch_python=True,
        image_policy=ImagePolicy.IGNORE,
        timeout_seconds=60.0,
        container_runtime="podman",
        extra_ca="/etc/ca.pem",
    )


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"offlien": True}, "did you mean `offline`"),
        ({"conda": ["pip"]}, "rattler, program, translate"),
        ({"conda": "rattler"}, "has to be a list"),
        ({"image_policy": "always"}, "require, prefer or ignore"),
        ({"offline": "yes"}, "true or false"),
        ({"mirrors": ["x"]}, "table of texts"),
        ({"timeout_seconds": 0}, "number of seconds"),
        ({"timeout_seconds": True}, "number of seconds"),
        ({"channel_alias": 3}, "has to be text"),
        ({"python": [3]}, "list of texts"),
    ],
)
def test_a_setting_that_means_nothing_is_refused_by_name(table, said):
    """With what it may be."""
    with pytest.raises(UserError) as raised:
        settings_of(table)

    assert said in f"{raised.value.message} {raised.value.hint}"
    assert raised.value.code == "bad-setting"
