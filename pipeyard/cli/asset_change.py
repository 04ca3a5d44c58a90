"""
`update`, `archive`, `restore`, `share` and `delete` of components, data, environments and models.

Not here: what may be changed when (the server decides).
"""

from __future__ import annotations

import click

from pipeyard.cli import asset_option, notice, option
from pipeyard.cli.asset_option import NOUNS, ONE, assets_of, one_of
from pipeyard.cli.asset_show import version_row
from pipeyard.cli.change import FIELDS, changed_fields
from pipeyard.cli.command import Command, command
from pipeyard.model.assets import AssetKind
from pipeyard.model.errors import UsageError


def _update_of(kind: AssetKind) -> Command:
    word = kind.value
    fields = (*FIELDS, "stage") if kind is AssetKind.MODEL else FIELDS

    @command(
        "update",
        short_help="Change a version's description or tags.",
        help=f"Change {', '.join(fields)} of a version. What else its file says never changes: "
        "create a new version instead. Without a version: the default one.",
        examples=(
            ("Set tags:", f"pipeyard {word} update -n NAME -v 1 --set tags.team=vision tags.year=2022"),
            ("Describe it:", f'pipeyard {word} update -n NAME --label latest --set description="As in the paper"'),
            ("Remove a tag:", f"pipeyard {word} update -n NAME -v 1 --remove tags.year"),
        ),
    )
    @asset_option.asset_name(kind)
    @asset_option.which_version(kind, "Version to change.")
    @option.words("--set", "KEY=VALUE...", "Set values by path, such as tags.team=vision.")
    @option.words("--add", "PATH KEY=VALUE...", "Add entries to a mapping, such as --add tags team=vision.")
    @option.words("--remove", "PATH...", "Remove a value, such as --remove tags.team.")
    @option.flag("--force-string", text="Take values as text even where they read as JSON.")
    @asset_option.registry_name()
    def update(
        *,
        name: str,
        version: str | None,
        label: str | None,
        set: tuple[tuple[str, ...], ...],  # noqa: A002 - the name of the flag.
        add: tuple[tuple[str, ...], ...],
        remove: tuple[tuple[str, ...], ...],
        force_string: bool,
        registry_name: str | None,
    ) -> None:
        """Change a version."""
        one_of(version, label)
        if not (set or add or remove):
            raise UsageError("nothing to change", hint="give --set, --add or --remove")
        assets = assets_of(kind, registry_name)
        found = assets.version(name, version=version, label=label)
        changes = changed_fields(found, NOUNS[kind], fields, set=set, add=add, remove=remove, force_string=force_string)
        # By its number: a label may stand for another version by now.
        changed = assets.change(name, changes, version=str(found["version"]), label=None)
        notice.show(changed, table=[version_row(changed)])

    return update


def _archive_of(kind: AssetKind, verb: str) -> Command:
    word = kind.value
    says = {
        "archive": f"Hide {ONE[kind]}, or one version of it, from lists. Nothing is deleted: what refers to it works.",
        "restore": f"Show an archived {NOUNS[kind]}, or an archived version of it, in lists again.",
    }[verb]
    shorts = {"archive": f"Hide {ONE[kind]} or a version from lists.", "restore": "Show it in lists again."}

    @command(
        verb,
        short_help=shorts[verb],
        help=says,
        examples=(
            ("All versions:", f"pipeyard {word} {verb} -n NAME"),
            ("One version:", f"pipeyard {word} {verb} -n NAME -v 1"),
        ),
    )
    @asset_option.asset_name(kind)
    @asset_option.which_version(kind, "Only this version.")
    @asset_option.registry_name()
    def act(*, name: str, version: str | None, label: str | None, registry_name: str | None) -> None:
        """Hide or show."""
        one_of(version, label)
        assets_of(kind, registry_name).act(name, verb, version=version, label=label)

    return act


def _share_of(kind: AssetKind) -> Command:
    word = kind.value

    @command(
        "share",
        short_help="Put a version into a registry.",
        help=f"Put a version of {ONE[kind]}, and what it needs, into a registry, from where every workspace can use it.",
        examples=(
            ("Under its own name:", f"pipeyard {word} share -n NAME -v 1 --registry-name team"),
            (
                "Under another:",
                f"pipeyard {word} share -n NAME -v 1 --registry-name team --share-with-name OTHER --share-with-version 7",
            ),
        ),
    )
    @asset_option.asset_name(kind)
    @asset_option.which_version(kind, "Version to share.")
    @asset_option.registry_name(required=True, text="The registry.")
    @click.option("--share-with-name", metavar="NAME", help="Its name there. Default: the same.")
    @click.option("--share-with-version", metavar="VERSION", help="Its version there. Default: the same.")
    def share(
        *,
        name: str,
        version: str | None,
        label: str | None,
        registry_name: str,
        share_with_name: str | None,
        share_with_version: str | None,
    ) -> None:
        """Put a version into a registry."""
        one_of(version, label)
        if version is None and label is None:
            raise UsageError("which version is to be shared?", hint="give --version, or --label latest")
        target = {"registry": registry_name, "name": share_with_name, "version": share_with_version}
        shared = assets_of(kind, None).share(
            name, {key: value for key, value in target.items() if value is not None}, version=version, label=label
        )
        notice.show(shared, table=[version_row(shared)])

    return share


def _delete_of(kind: AssetKind) -> Command:
    word = kind.value

    @command(
        "delete",
        short_help="Forget a version for good.",
        help=f"Forget a version of {ONE[kind]} for good; its number is never given again. "
        "Refused while a job or another version uses it. To only hide it, archive it.",
        examples=(("Without being asked:", f"pipeyard {word} delete -n NAME -v 1 --yes"),),
    )
    @asset_option.asset_name(kind)
    @click.option("-v", "--version", required=True, metavar="VERSION", help="Version to forget.")
    @option.flag("-y", "--yes", text="Do not ask.")
    @asset_option.registry_name()
    def delete(*, name: str, version: str, yes: bool, registry_name: str | None) -> None:
        """Forget a version."""
        option.confirm(f"Delete version {version} of the {NOUNS[kind]} `{name}`?", yes=yes)
        assets_of(kind, registry_name).delete(name, version)

    return delete


update_component = _update_of(AssetKind.COMPONENT)
update_data = _update_of(AssetKind.DATA)
update_environment = _update_of(AssetKind.ENVIRONMENT)
update_model = _update_of(AssetKind.MODEL)
archive_component = _archive_of(AssetKind.COMPONENT, "archive")
archive_data = _archive_of(AssetKind.DATA, "archive")
archive_environment = _archive_of(AssetKind.ENVIRONMENT, "archive")
archive_model = _archive_of(AssetKind.MODEL, "archive")
restore_component = _archive_of(AssetKind.COMPONENT, "restore")
restore_data = _archive_of(AssetKind.DATA, "restore")
restore_environment = _archive_of(AssetKind.ENVIRONMENT, "restore")
restore_model = _archive_of(AssetKind.MODEL, "restore")
share_component = _share_of(AssetKind.COMPONENT)
share_data = _share_of(AssetKind.DATA)
share_environment = _share_of(AssetKind.ENVIRONMENT)
share_model = _share_of(AssetKind.MODEL)
delete_component = _delete_of(AssetKind.COMPONENT)
delete_data = _delete_of(AssetKind.DATA)
delete_environment = _delete_of(AssetKind.ENVIRONMENT)
delete_model = _delete_of(AssetKind.MODEL)
