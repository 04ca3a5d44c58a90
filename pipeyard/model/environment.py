"""
What is decided about environments, as values.

In:       nothing.
Out:      the words of `image_policy`, and of the states of a build.
Not here: making an environment (`environment/`), what one declares (`model/component.py`).
"""

from __future__ import annotations

from enum import Enum


class ImagePolicy(str, Enum):
    """What becomes of an image that an environment names."""

    # The step runs in it or not at all.
    REQUIRE = "require"
    # In it where something on this machine runs containers, else outside of it, with a warning.
    PREFER = "prefer"
    # Outside of it, always.
    IGNORE = "ignore"


class BuildState(str, Enum):
    """How far an environment is; the words of `environment show`."""

    QUEUED = "queued"
    BUILDING = "building"
    SUCCEEDED = "succeeded"
    FAILED = "failed"

    @property
    def is_over(self) -> bool:
        """Return whether nobody works on it any more."""
        return self in (BuildState.SUCCEEDED, BuildState.FAILED)
