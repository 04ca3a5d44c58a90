"""
Routes of components, data, environments and models.

Not here: rules (`registry/`), their JSON and the list of all these routes (`service/asset_view.py`).
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from pipeyard.api import files as _files  # noqa: F401 - gives addresses the word `anything`.
from pipeyard.api.address import HOME, exact_path, kind_of
from pipeyard.api.allow import Body, TheDesk, UserOnly
from pipeyard.api.answer import Answer
from pipeyard.api.bytes import send_file
from pipeyard.api.query import archived_word, number_place, text_place, token_of_place
from pipeyard.model.asset_record import AssetFilter, AssetVersion
from pipeyard.service import assets as service
from pipeyard.service.asset_files import find_file, parts_of, sound_files_of, trees_of
from pipeyard.service.asset_request import asset_request, changes_of, label_request, share_request
from pipeyard.service.asset_share import share_asset
from pipeyard.service.asset_view import asset_id, asset_json, container_json, tree_json, use_json, used_json
from pipeyard.service.assets import Wanted
from pipeyard.service.environment_build import build_of_asset
from pipeyard.service.wire import diagnostic_json

router = APIRouter(dependencies=[UserOnly])
_KIND = HOME + "/{kind:kind}"
_NAME = _KIND + "/{name}"
_ONE = _NAME + "/{which:which}"


@router.post(_KIND)
def create(workspace: str, kind: str, body: Body, desk: TheDesk) -> Answer:
    """Publish a version. 201; 200 when it was there with an equal body."""
    made, is_new, warnings = service.create_asset(desk.world, workspace, kind_of(kind), asset_request(body), desk.owner)
    return Answer({**asset_json(made), "warnings": list(warnings)}, status_code=201 if is_new else 200)


@router.post(_KIND + ":check")
def check(workspace: str, kind: str, body: Body, desk: TheDesk) -> Answer:
    """Say what a create would say; nothing is written."""
    found = service.check_asset(desk.world, workspace, kind_of(kind), asset_request(body), desk.owner)
    return Answer({"diagnostics": [diagnostic_json(diagnostic) for diagnostic in found]})


@router.get(_KIND)
def names(
    workspace: str,
    kind: str,
    *,
    desk: TheDesk,
    limit: int = 50,
    before: str | None = None,
    archived: str = "active",
    type: str | None = None,  # noqa: A002 - the address says `type`.
    stage: str | None = None,
    text: str | None = None,
) -> Answer:
    """List names, each with what its newest version says; each word of `text` is in its name, type or tags."""
    which = AssetFilter(archived_word(archived), type or None, stage or None, text or None)
    found, following = service.list_names(
        desk.world, workspace, kind_of(kind), which, limit=limit, after=text_place(before)
    )
    return Answer({"value": [container_json(row) for row in found], "next": token_of_place(following)})


@router.get(_NAME + "/versions")
def versions(
    workspace: str,
    kind: str,
    name: str,
    *,
    desk: TheDesk,
    limit: int = 50,
    before: str | None = None,
    archived: str = "active",
    type: str | None = None,  # noqa: A002
    stage: str | None = None,
) -> Answer:
    """List the versions of a name, created last first, without their bodies."""
    which = AssetFilter(archived_word(archived), type or None, stage or None)
    found, following = service.list_versions(
        desk.world, workspace, kind_of(kind), name, which=which, limit=limit, before=number_place(before)
    )
    return Answer({"value": [asset_json(row) for row in found], "next": token_of_place(following)})


@router.get(_NAME)
def show_default(workspace: str, kind: str, name: str, desk: TheDesk) -> Answer:
    """Show the version that a reference without one means."""
    asset = _shown(desk, workspace, Wanted(kind_of(kind), name))
    return Answer({**asset_json(asset), **build_of_asset(desk.world, asset)})


@router.get(_ONE)
def show(workspace: str, kind: str, name: str, *, which: str, desk: TheDesk) -> Answer:
    """Show one version, its whole spec."""
    asset = _shown(desk, workspace, _wanted(kind, name, which))
    return Answer({**asset_json(asset), **build_of_asset(desk.world, asset)})


@router.patch(_ONE)
def update(workspace: str, kind: str, name: str, *, which: str, body: Body, desk: TheDesk) -> Answer:
    """Change what may change: display name, description, tags, properties, a model's stage."""
    wanted = _wanted(kind, name, which)
    values = changes_of(wanted.kind, body)
    return Answer(asset_json(service.update_asset(desk.world, workspace, wanted, values, desk.owner)))


@router.put(_NAME + "/labels/{label}")
def label(workspace: str, kind: str, name: str, *, label: str, body: Body, desk: TheDesk) -> Answer:
    """Let a label stand for a version."""
    wanted = Wanted(kind_of(kind), name, label_request(body))
    return Answer(asset_json(service.label_asset(desk.world, workspace, wanted, label, desk.owner)))


@router.delete(_NAME + "/versions/{version}")
def delete(workspace: str, kind: str, name: str, *, version: str, desk: TheDesk) -> Response:
    """Forget a version for good."""
    service.delete_asset(desk.world, workspace, Wanted(kind_of(kind), name, version), desk.owner)
    return Response(status_code=204)


@router.post(_NAME + "/archive")
def archive_name(workspace: str, kind: str, name: str, desk: TheDesk) -> Answer:
    """Hide a name and all its versions."""
    return Answer(container_json(service.archive_all(desk.world, workspace, kind_of(kind), name, desk.owner)))


@router.post(_NAME + "/restore")
def restore_name(workspace: str, kind: str, name: str, desk: TheDesk) -> Answer:
    """Show a name again."""
    return Answer(container_json(service.restore_all(desk.world, workspace, kind_of(kind), name, desk.owner)))


@router.post(_ONE + "/archive")
def archive(workspace: str, kind: str, name: str, *, which: str, desk: TheDesk) -> Answer:
    """Hide one version."""
    return Answer(asset_json(service.archive_asset(desk.world, workspace, _wanted(kind, name, which), desk.owner)))


@router.post(_ONE + "/restore")
def restore(workspace: str, kind: str, name: str, *, which: str, desk: TheDesk) -> Answer:
    """Show one version again."""
    return Answer(asset_json(service.restore_asset(desk.world, workspace, _wanted(kind, name, which), desk.owner)))


@router.post(_ONE + "/share")
def share(workspace: str, kind: str, name: str, *, which: str, body: Body, desk: TheDesk) -> Answer:
    """Put a version, its files and what it needs into a registry. 201; 200 when it was there."""
    made, is_new = share_asset(desk.world, workspace, _wanted(kind, name, which), share_request(body), desk.owner)
    return Answer(asset_json(made), status_code=201 if is_new else 200)


@router.get(_ONE + "/jobs")
def lineage(workspace: str, kind: str, name: str, *, which: str, desk: TheDesk) -> Answer:
    """Say which job made a version, and what uses it."""
    found = service.lineage_of(desk.world, workspace, _wanted(kind, name, which))
    asset = found.asset
    producer = None
    if asset.produced_by is not None:
        producer = {"job": asset.produced_by, "root_job": found.produced_in, "output": asset.produced_output}
    return Answer(
        {
            "produced_by": producer,
            "used_by": [use_json(use) for use in found.used_by],
            "needed_by": [asset_id(key) for key in found.needed_by],
            "needs": [{"role": need.role, "id": asset_id(need.needed)} for need in found.needs],
        }
    )


@router.get(_ONE + "/files")
def trees(workspace: str, kind: str, name: str, *, which: str, desk: TheDesk) -> Answer:
    """List what a download writes: the spec, the components in it, and the files of each tree."""
    asset = _shown(desk, workspace, _wanted(kind, name, which))
    parts = parts_of(desk.world, asset)
    held = [sound_files_of(desk.world, workspace, tree) for tree in trees_of(asset, parts)]
    return Answer({"document": asset.document, "components": parts, "trees": [tree_json(one) for one in held]})


@router.get(_ONE + "/files/{index}/{path:anything}")
def file(
    request: Request, workspace: str, kind: str, name: str, *, which: str, index: int, path: str, desk: TheDesk
) -> Response:
    """Send one file of one tree."""
    asset = _shown(desk, workspace, _wanted(kind, name, which))
    return send_file(request, find_file(desk.world, workspace, asset, index, exact_path(request, path)))


@router.get("/api/v1/workspaces/{workspace}/jobs/{job}/assets")
def of_job(workspace: str, job: str, desk: TheDesk) -> Answer:
    """List what a job uses and what its steps have registered."""
    uses, made = service.assets_of_job(desk.world, workspace, job)
    return Answer({"uses": [used_json(use) for use in uses], "produced": [asset_json(asset) for asset in made]})


def _shown(desk: TheDesk, workspace: str, wanted: Wanted) -> AssetVersion:
    return service.show_asset(desk.world, workspace, wanted)


def _wanted(kind: str, name: str, which: str) -> Wanted:
    word, _, text = which.partition("/")
    return Wanted(kind_of(kind), name, *((text, None) if word == "versions" else (None, text)))
