"""As much of an asset store as the use cases need, in plain dictionaries."""

from pipeyard.model.asset_record import (
    DEFAULT,
    LATEST,
    AssetContainer,
    AssetKey,
    WorkspaceRecord,
)
from pipeyard.model.errors import Conflict, NotFound


class MemoryAssets:
    """Versions by key, in the order of their creation; nothing is safe from races here."""

    def __init__(self):
        self.versions, self.labels, self.archived, self.deleted = {}, {}, set(), set()
        self.audit, self.uses, self.needs = [], [], {}
        self.workspaces = {"default": WorkspaceRecord("default", 0, "")}

    def create_asset(self, asset, audit, *, needs=(), parts=()):
        own = self._of(asset.workspace, asset.kind, asset.name)
        numbers = [int(row.version) for row in own if row.version.isdigit()]
        made = asset.with_(version=asset.version or str(max(numbers, default=0) + 1), serial=len(self.versions) + 1)
        if made.key in self.versions:
            raise Conflict("there", code="version-exists")
        for part in parts:
            self.versions.setdefault(part.key, part)
        self.versions[made.key] = made
        self.needs[made.key] = tuple(needs)
        self.audit.append(audit)
        return made

    def load_asset(self, key):
        return self.versions.get(key)

    def was_deleted(self, key):
        return key in self.deleted

    def load_labeled(self, workspace, kind, name, label):
        version = self.labels.get((workspace, kind, name, label))
        if version is not None:
            return self.versions.get(AssetKey(workspace, kind, name, version))
        shown = [row for row in self._of(workspace, kind, name) if not row.is_archived]
        return shown[-1] if shown and label in (LATEST, DEFAULT) else None

    def set_label(self, key, label, audit):
        self.labels[key.workspace, key.kind, key.name, label] = key.version
        self.audit.append(audit)

    def load_container(self, workspace, kind, name):
        own = self._of(workspace, kind, name)
        if not own:
            return None
        number = max((int(row.version) for row in own if row.version.isdigit()), default=0)
        latest = self.load_labeled(workspace, kind, name, LATEST)
        is_archived = (workspace, kind, name) in self.archived
        return AssetContainer(workspace, kind, name, 0, "", str(number + 1), latest, is_archived)

    def version_names(self, workspace, kind, name):
        return [row.version for row in reversed(self._of(workspace, kind, name))]

    def asset_names(self, workspace, kind):
        return sorted({key.name for key in self.versions if (key.workspace, key.kind) == (workspace, kind)})

    def change_asset(self, key, values, audit):
        if key not in self.versions:
            raise NotFound("no such version")
        self.versions[key] = self.versions[key].with_(**values, changed_at_ms=audit.at_ms, changed_by=audit.by)
        self.audit.append(audit)

    def archive_container(self, workspace, kind, name, audit, *, is_archived):
        (self.archived.add if is_archived else self.archived.discard)((workspace, kind, name))
        self.audit.append(audit)

    def users_of(self, key, *, limit, unfinished_only=False):
        return [use for use in self.uses if use.asset == key][:limit]

    def uses_of(self, workspace, root_name):
        return [use for use in self.uses if use.root_name == root_name]

    def produced_by(self, workspace, root_name):
        return []

    def load_workspace(self, name):
        return self.workspaces.get(name)

    def list_workspaces(self):
        return [self.workspaces[name] for name in sorted(self.workspaces)]

    def _of(self, workspace, kind, name):
        rows = [
            row for key, row in self.versions.items() if (key.workspace, key.kind, key.name) == (workspace, kind, name)
        ]
        return sorted(rows, key=lambda row: row.serial)
