"""
One request of an MLflow client, as its handler sees it.

In:       who asks, in which workspace, and what: JSON, or the query of a GET.
Out:      members of the expected kind; `UserError` for others.
Not here: which address means which handler (`front.py`), what a job may do (`permit.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeyard.api.desk import Desk
from pipeyard.api.gate import Caller
from pipeyard.model.errors import UserError
from pipeyard.model.value import dataclass
from pipeyard.service.world import World

_INT64_MAX = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Ask:
    """A request."""

    desk: Desk
    caller: Caller
    workspace: str
    members: Mapping[str, Any]
    # Parts of the address: the number of a logged model and so on.
    parts: tuple[str, ...] = ()

    @property
    def world(self) -> World:
        """Return the world of the use cases."""
        return self.desk.world

    @property
    def by(self) -> str:
        """Return who is named in the history."""
        return self.desk.owner if self.caller.job is None else f"job {self.caller.job}"

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text; it has to be there unless there is a default."""
        value = self.members.get(name)
        if value is None or value == "":
            if default is None:
                raise UserError(f"Missing value for required parameter '{name}'.", code="bad-request")
            return default
        if isinstance(value, (Mapping, list)):
            raise UserError(f"Invalid value for parameter '{name}': it has to be a text.", code="bad-request")
        return str(value)

    def number(self, name: str, default: int) -> int:
        """Return a whole number."""
        value = self.members.get(name)
        return default if value is None or value == "" else whole_number(value, name)

    def texts(self, name: str) -> list[str]:
        """Return a list of texts; one text alone is a list too, as in a query."""
        value = self.members.get(name)
        if value is None:
            return []
        return [str(item) for item in value] if isinstance(value, (list, tuple)) else [str(value)]

    def entries(self, name: str) -> Sequence[Mapping[str, Any]]:
        """Return a list of objects."""
        value = self.members.get(name)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
            raise UserError(
                f"Invalid value for parameter '{name}': it has to be a list of objects.", code="bad-request"
            )
        return value

    def is_true(self, name: str) -> bool:
        """Return whether a switch is on."""
        return self.members.get(name) in (True, "true", "True", 1, "1")


def whole_number(value: Any, name: str) -> int:
    """Return a value as a whole number that the database can hold."""
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        raise UserError(
            f"Invalid value {value!r} for parameter '{name}': it has to be a number.", code="bad-request"
        ) from None
    if abs(number) > _INT64_MAX:
        raise UserError(f"Invalid value {value!r} for parameter '{name}': it is too large.", code="bad-request")
    return number
