"""
Datastores: what there is, creating one, changing it, forgetting it.

In:       a datastore's keys as its file says them.
Out:      records without credentials; those go to a store of their own.
Not here: reaching a store (`ports.Transfers`), the language of the file (`spec/decode_datastore.py`).

Invariant: a credential is in nothing that leaves this file, but for the call that keeps it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipeyard.model.asset_record import AssetFilter, AssetVersion, AuditEntry
from pipeyard.model.assets import AssetKind
from pipeyard.model.datastore import DatastoreSpec
from pipeyard.model.diagnostic import Diagnostic
from pipeyard.model.errors import Conflict, NotFound, StoreError, UserError
from pipeyard.model.nearest import nearest
from pipeyard.model.record import BUILT_IN_DATASTORES, DatastoreRecord
from pipeyard.service.unknown import refuse
from pipeyard.service.wire import plain
from pipeyard.service.world import World
from pipeyard.spec.decode import decode_datastore
from pipeyard.spec.document import document_of

LOCAL = "local"
# Versions read at a time.
_PAGE = 500
# Settings that describe a datastore, as opposed to saying where it is.
_DESCRIBING = frozenset({"description", "tags"})


def list_datastores(world: World, workspace: str) -> Sequence[DatastoreRecord]:
    """Return every datastore, built-in ones first."""
    return world.store.list_datastores(world.known_workspace(workspace))


def show_datastore(world: World, workspace: str, name: str) -> DatastoreRecord:
    """Return one datastore."""
    known = {row.name: row for row in list_datastores(world, workspace)}
    if name not in known:
        close = nearest(name, list(known))
        raise NotFound(
            f"there is no datastore `{name}`",
            hint=f"did you mean `{close}`?" if close else f"there are: {', '.join(known)}",
        )
    return known[name]


def credentials_type(world: World, datastore: DatastoreRecord) -> str | None:
    """Return what kind of credential is kept for a datastore, as `account_key`; None: none is."""
    kept = world.credentials.load(datastore.workspace, datastore.name) if world.credentials is not None else {}
    kinds = ("account_key", "sas_token", "client_secret", "certificate", "access_key_id", "service_account_key")
    return next((kind for kind in (*kinds, "token", "username") if kind in kept), None)


def save_datastore(
    world: World, workspace: str, name: str, body: Any, *, by: str = "", probes: bool = True
) -> tuple[DatastoreRecord, tuple[Diagnostic, ...]]:
    """
    Return the datastore as created or changed, and what is worth saying about it.

    It is reached first, unless *probes* is false: a credential that is wrong is found
    now, and not by a step tonight. Credentials that the body does not speak of stay
    as they are, as long as the datastore stays the same place.
    """
    world.known_workspace(workspace)
    if not isinstance(body, Mapping):
        raise UserError("the request has to be a JSON object", code="bad-request")
    if name in BUILT_IN_DATASTORES:
        raise Conflict(f"the datastore `{name}` always exists and cannot be changed", code="built-in")
    spec, problems = decode_datastore(document_of({**plain(body), "name": name}, source=""))
    refuse(problems)
    assert spec is not None
    record = DatastoreRecord(workspace, name, spec.type, spec.settings)
    earlier = next((row for row in world.store.list_datastores(workspace) if row.name == name), None)
    is_same = earlier is not None and _where(earlier) == _where(record)
    if earlier is not None and not is_same:
        _refuse_if_used(world, earlier, "would be another place")
    credentials = _credentials(world, record, spec, is_same=is_same)
    if probes:
        _probe(world, record, credentials)
    if world.credentials is not None:
        world.credentials.save(workspace, name, credentials)
    world.store.save_datastore(record, _entry(world, record, by, earlier, has_secrets=spec.credentials is not None))
    _forget(world, record)
    return record, problems


def reach_datastore(world: World, workspace: str, name: str) -> None:
    """Return if a datastore can be reached now and lets us in with what is kept; `StoreError` that says why not."""
    record = show_datastore(world, workspace, name)
    kept = world.credentials.load(workspace, name) if world.credentials is not None else {}
    _probe(world, record, kept)


def delete_datastore(world: World, workspace: str, name: str, by: str = "") -> None:
    """Forget a datastore, not what is in it; `Conflict` while a job that has not ended may still need it."""
    if name in BUILT_IN_DATASTORES:
        raise Conflict(f"the datastore `{name}` always exists", code="built-in")
    record = show_datastore(world, workspace, name)
    _refuse_if_used(world, record, "is needed")
    _refuse_if_assets(world, record)
    entry = AuditEntry(workspace, world.clock.now_ms(), by, "delete", "datastore", name)
    world.store.delete_datastore(workspace, name, entry)
    if world.credentials is not None:
        world.credentials.save(workspace, name, {})
    _forget(world, record)


def _entry(
    world: World, record: DatastoreRecord, by: str, earlier: DatastoreRecord | None, *, has_secrets: bool
) -> AuditEntry:
    """Return what the history keeps of a change: of credentials, only that there were new ones."""
    changed: dict[str, Any] = {}
    if earlier is not None:
        one, other = ({"type": row.type, **row.spec} for row in (earlier, record))
        names = [name for name in {**one, **other} if one.get(name) != other.get(name)]
        changed = {name: {"before": one.get(name), "after": other.get(name)} for name in names}
        if has_secrets:
            changed["credentials"] = {"before": None, "after": "changed"}
    action = "create" if earlier is None else "update"
    return AuditEntry(
        record.workspace, world.clock.now_ms(), by, action, "datastore", record.name, detail=plain(changed)
    )


def _where(record: DatastoreRecord) -> tuple[str, Mapping[str, Any]]:
    return record.type, {key: value for key, value in record.spec.items() if key not in _DESCRIBING}


def _credentials(world: World, record: DatastoreRecord, spec: DatastoreSpec, *, is_same: bool) -> Mapping[str, str]:
    if spec.credentials is not None:
        return spec.credentials
    # A key is not handed to another address only because that has the same name here.
    if is_same and world.credentials is not None:
        return world.credentials.load(record.workspace, record.name)
    return {}


def _probe(world: World, record: DatastoreRecord, credentials: Mapping[str, str]) -> None:
    if record.type != LOCAL:
        if world.transfers is None:
            raise UserError(f"this server reaches no datastore of type `{record.type}`", code="datastore-type")
        world.transfers.probe(record, credentials)
        return
    try:
        world.datastores.check_folder(record)
    except OSError as problem:
        raise StoreError(
            f"datastore `{record.name}`: the folder `{record.spec['path']}` cannot be used: {problem.strerror}",
            code="not-writable",
            hint="check that it exists or can be made, and its permissions",
        ) from problem


def _refuse_if_used(world: World, record: DatastoreRecord, what: str) -> None:
    """Raise `Conflict` if a job that has not ended names the datastore anywhere."""
    needle = f"datastores/{record.name}/"
    for root in world.store.unfinished():
        if root.workspace != record.workspace:
            continue
        for row in world.store.load_tree(record.workspace, root.name):
            settings = row.detail.get("settings") or {}
            if settings.get("default_datastore") == record.name or needle in json.dumps(plain(row.detail)):
                raise Conflict(
                    f"datastore `{record.name}` {what}, and job `{root.name}` uses it",
                    code="in-use",
                    hint=f"wait for it or cancel it: pipeyard job cancel -n {root.name}",
                )


def _refuse_if_assets(world: World, record: DatastoreRecord) -> None:
    """Raise `Conflict` if a data asset or model that is not archived lies in the datastore."""
    for kind in (AssetKind.DATA, AssetKind.MODEL):
        for version in _versions(world, record.workspace, kind):
            if version.uri is not None and version.uri.datastore == record.name:
                raise Conflict(
                    f"{kind.value} `{version.name}:{version.version}` lies in datastore `{record.name}`",
                    code="in-use",
                    hint=f"archive it first: pipeyard {kind.value} archive -n {version.name} -v {version.version}",
                )


def _versions(world: World, workspace: str, kind: AssetKind) -> Iterator[AssetVersion]:
    """Yield every version of a kind that is not archived, page by page."""
    name: str | None = None
    while containers := world.assets.list_containers(workspace, kind, AssetFilter(), limit=_PAGE, after=name):
        for container in containers:
            serial: int | None = None
            while found := world.assets.list_versions(
                workspace, kind, container.name, AssetFilter(), limit=_PAGE, before=serial
            ):
                yield from found
                serial = found[-1].serial
        name = containers[-1].name


def _forget(world: World, record: DatastoreRecord) -> None:
    world.datastores.forget(record.workspace, record.name)
    if world.transfers is not None:
        world.transfers.forget(record.workspace)
