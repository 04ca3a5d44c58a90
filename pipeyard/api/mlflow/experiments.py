"""
`mlflow/experiments/...`: experiments are what jobs and runs have in common by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pipeyard.api.mlflow.ask import Ask
from pipeyard.model.errors import UserError
from pipeyard.model.tracking import Experiment
from pipeyard.service import tracking_runs as service
from pipeyard.tracking.run import ARTIFACTS, experiment_json, mapping

Handler = Callable[[Ask], Mapping[str, Any]]
_PAGE = 1000


def named(ask: Ask) -> Experiment:
    """Return the experiment that is meant."""
    return service.experiment_numbered(ask.world, ask.workspace, ask.text("experiment_id"))


def _create(ask: Ask) -> Mapping[str, Any]:
    place = ask.text("artifact_location", "")
    if place and not place.startswith(ARTIFACTS):
        raise UserError(
            f"files are kept with each job by this server, and not at `{place}`: leave `artifact_location` out",
            code="bad-request",
        )
    tags = mapping(ask.entries("tags"))
    return {"experiment_id": service.create_experiment(ask.world, ask.workspace, ask.text("name"), tags).id}


def _get(ask: Ask) -> Mapping[str, Any]:
    return {"experiment": experiment_json(named(ask))}


def _get_by_name(ask: Ask) -> Mapping[str, Any]:
    found = service.experiment_called(ask.world, ask.workspace, ask.text("experiment_name"))
    return {"experiment": experiment_json(found)}


def _search(ask: Ask) -> Mapping[str, Any]:
    found, following = service.search_experiments(
        ask.world,
        ask.workspace,
        text=ask.text("filter", ""),
        orders=ask.texts("order_by"),
        view=ask.text("view_type", "ACTIVE_ONLY"),
        token=ask.text("page_token", ""),
        limit=ask.number("max_results", _PAGE),
    )
    return {"experiments": [experiment_json(one) for one in found], **next_page(following)}


def _delete(ask: Ask) -> Mapping[str, Any]:
    service.set_experiment_deleted(ask.world, named(ask), is_deleted=True)
    return {}


def _restore(ask: Ask) -> Mapping[str, Any]:
    service.set_experiment_deleted(ask.world, named(ask), is_deleted=False)
    return {}


def _rename(ask: Ask) -> Mapping[str, Any]:
    experiment, new = named(ask), ask.text("new_name", "")
    if new in ("", experiment.name):
        return {}
    raise UserError(
        f"experiment `{experiment.name}` cannot be renamed: its jobs were submitted under this name",
        code="not-changeable",
    )


def _set_tag(ask: Ask) -> Mapping[str, Any]:
    service.tag_experiment(ask.world, named(ask), {ask.text("key"): ask.text("value", "")})
    return {}


def _delete_tag(ask: Ask) -> Mapping[str, Any]:
    service.tag_experiment(ask.world, named(ask), {ask.text("key"): None})
    return {}


def next_page(token: str | None) -> dict[str, str]:
    """Return the member that says where the next page begins; none at the end."""
    return {} if token is None else {"next_page_token": token}


ROUTES: Mapping[tuple[str, str], Handler] = {
    ("POST", "experiments/create"): _create,
    ("GET", "experiments/get"): _get,
    ("GET", "experiments/get-by-name"): _get_by_name,
    ("POST", "experiments/search"): _search,
    ("GET", "experiments/search"): _search,
    ("POST", "experiments/delete"): _delete,
    ("POST", "experiments/restore"): _restore,
    ("POST", "experiments/update"): _rename,
    ("POST", "experiments/set-experiment-tag"): _set_tag,
    ("POST", "experiments/delete-experiment-tag"): _delete_tag,
}
# Only the user's: a step may make experiments and log to them.
OF_USERS = frozenset({"experiments/delete", "experiments/restore", "experiments/update"})
