"""
`pipeyard component download` and `model download`.

In:       a version.
Out:      below `<path>/<name>/`: of a component its YAML and code, ready to be used as files; of a model its files.
Not here: where the server keeps them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from pipeyard.cli import asset_option
from pipeyard.cli.asset_option import assets_of, one_of
from pipeyard.cli.command import command
from pipeyard.cli.fetch import RemoteFile, fetch, inside
from pipeyard.client.assets import Assets
from pipeyard.model.assets import ANONYMOUS, AssetKind
from pipeyard.model.value import dataclass

SPEC_FILE = "component.yml"
# Components inside, each in a folder named by the start of its digest.
_INNER = "components"
_DIGEST_LETTERS = 12


@command(
    "download",
    short_help="Fetch a version's YAML and code.",
    help="Fetch a component into a folder named after it: its YAML, its code, and the components inside it. "
    "What is fetched works as a component file.",
    examples=(
        ("The newest version:", "pipeyard component download -n train --label latest"),
        ("Into another folder:", "pipeyard component download -n train -v 3 -p ./parts"),
    ),
)
@asset_option.asset_name(AssetKind.COMPONENT)
@asset_option.which_version(AssetKind.COMPONENT, "Version to fetch.")
@click.option(
    "-p", "--download-path", type=click.Path(file_okay=False), default=".", metavar="FOLDER", help="Default: here."
)
@asset_option.registry_name()
def download_component(
    *, name: str, version: str | None, label: str | None, download_path: str, registry_name: str | None
) -> None:
    """Fetch a component."""
    wanted = _version_of(AssetKind.COMPONENT, registry_name, name, version=version, label=label)
    found = wanted.assets.files(name, wanted.version)
    target = Path(download_path) / name
    places = _code_places(found["trees"])
    files = list(_code_files(wanted, found["trees"], places, target))
    texts = _yaml_files(found, places, target)
    fetch([*files, *texts], target)


@command(
    "download",
    short_help="Fetch a version's files.",
    help="Fetch the files of a model into a folder named after it.",
    examples=(
        ("A version:", "pipeyard model download -n iris -v 1"),
        ("Into another folder:", "pipeyard model download -n iris -v 1 -p ./models"),
    ),
)
@asset_option.asset_name(AssetKind.MODEL)
@asset_option.which_version(AssetKind.MODEL, "Version to fetch.")
@click.option(
    "-p", "--download-path", type=click.Path(file_okay=False), default=".", metavar="FOLDER", help="Default: here."
)
@asset_option.registry_name()
def download_model(
    *, name: str, version: str | None, label: str | None, download_path: str, registry_name: str | None
) -> None:
    """Fetch a model."""
    wanted = _version_of(AssetKind.MODEL, registry_name, name, version=version, label=label)
    target = Path(download_path) / name
    files = []
    for index, tree in enumerate(wanted.assets.files(name, wanted.version)["trees"]):
        # A file lies in the folder, a folder is in it under its own name.
        folder = target if tree["is_file"] else inside(target, str(tree["name"]))
        files += list(wanted.files(index, tree, folder))
    fetch(files, target)


@dataclass(frozen=True, slots=True)
class _Version:
    assets: Assets
    name: str
    version: str

    def files(self, index: int, tree: Mapping[str, Any], folder: Path) -> Iterator[RemoteFile]:
        """Yield the files of one tree."""
        for item in tree["files"]:
            path = str(item["path"])
            pieces = self.assets.file(self.name, self.version, index, path)
            yield RemoteFile(inside(folder, path), int(item["size"]), pieces)


def _version_of(
    kind: AssetKind, registry: str | None, name: str, *, version: str | None, label: str | None
) -> _Version:
    one_of(version, label)
    assets = assets_of(kind, registry)
    # The number first: a label may stand for another version before all is fetched.
    return _Version(assets, name, version or str(assets.version(name, label=label)["version"]))


# Which document (None: the component's own) and which URI in it, to the path written instead.
Places = dict[tuple[str | None, str], str]


def _code_places(trees: Sequence[Mapping[str, Any]]) -> Places:
    """
    Return the path of each tree, relative to the document that names it.

    Each keeps its base name, so that what was fetched and what was registered are equal.
    """
    places: Places = {}
    taken: dict[str | None, set[str]] = {}
    for tree in trees:
        owner, name = tree["component"], str(tree["name"])
        names = taken.setdefault(owner, {SPEC_FILE, _INNER})
        path, count = name, 1
        while path.partition("/")[0] in names:
            count += 1
            path = f"code-{count}/{name}"
        names.add(path.partition("/")[0])
        places[owner, str(tree["path"])] = path
    return places


def _code_files(
    wanted: _Version, trees: Sequence[Mapping[str, Any]], places: Places, target: Path
) -> Iterator[RemoteFile]:
    for index, tree in enumerate(trees):
        place = inside(_folder_of(target, tree["component"]), places[tree["component"], str(tree["path"])])
        # A tree of one file names that file itself.
        yield from wanted.files(index, tree, place.parent if tree["is_file"] else place)


def _yaml_files(found: Mapping[str, Any], places: Places, target: Path) -> Iterator[RemoteFile]:
    # Imported here: the language costs a library, and other commands print only JSON.
    from pipeyard.spec.render_yaml import render_yaml  # noqa: PLC0415

    for owner, tree in ((None, found["document"]), *found["components"].items()):
        shown = _localized(tree, owner, places)
        text = render_yaml(shown).encode()
        yield RemoteFile(_folder_of(target, owner) / SPEC_FILE, len(text), [text])


def _folder_of(target: Path, owner: str | None) -> Path:
    return target if owner is None else target / _INNER / owner[:_DIGEST_LETTERS]


def _localized(value: Any, owner: str | None, places: Places) -> Any:
    """Return a tree whose URIs of code and references to components inside are paths of what was fetched."""
    if isinstance(value, Mapping):
        return {key: _localized(item, owner, places) for key, item in value.items()}
    if isinstance(value, list):
        return [_localized(item, owner, places) for item in value]
    if not isinstance(value, str):
        return value
    if (owner, value) in places:
        return f"./{places[owner, value]}"
    prefix = f"azureml:{ANONYMOUS}:"
    if value.startswith(prefix):
        inner = value.removeprefix(prefix)[:_DIGEST_LETTERS]
        return f"./{_INNER}/{inner}/{SPEC_FILE}" if owner is None else f"../{inner}/{SPEC_FILE}"
    return value
