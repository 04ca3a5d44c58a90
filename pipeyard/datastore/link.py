"""
Symbolic links inside an output, before the output moves to its final place.

In:       the staging folder of one output.
Out:      the same folder, in which every link means after the move what it meant before.
Not here: reading through links (`place.py` refuses those that lead out).

A link to something in the same output stays a link, relative. What lies outside, in
the step's inputs or working folder, would be gone or out of reach later: its bytes
take the link's place. A link to nothing stays as it is.
"""

from __future__ import annotations

import os
from pathlib import Path

from pipeyard.datastore.duplicate import copy_file
from pipeyard.datastore.durable import remove
from pipeyard.datastore.place import RESERVED_PREFIX
from pipeyard.datastore.tree import Tree, walk
from pipeyard.model.errors import UserError


def settle_links(tree: Tree) -> Tree:
    """Return the tree as it is after its links were settled; unchanged when it has none."""
    if not tree.links:
        return tree
    root = Path(os.path.realpath(tree.root))
    for path in tree.links:
        _settle(root, root / path)
    return walk(tree.root)


def _settle(root: Path, link: Path) -> None:
    target = Path(os.path.realpath(link))
    if not target.exists():
        return
    if target == root or root in target.parents:
        # By way of text only: a relative link that stays inside need not be touched.
        if not _stays_inside(root, link):
            _replace(link, Path(os.path.relpath(target, os.path.realpath(link.parent))))
        return
    if target in root.parents:
        raise _holds_itself(str(link.relative_to(root)))
    take_in(link, target)


def _holds_itself(link: str) -> UserError:
    return UserError(
        f"the link `{link}` points to a folder that holds the output itself",
        code="link-leads-out",
        hint="copy into the output what it should hold",
    )


def _stays_inside(root: Path, link: Path) -> bool:
    text = link.readlink()
    whole = os.path.normpath(link.parent / text)
    return not text.is_absolute() and (whole == str(root) or whole.startswith(f"{root}/"))


def _replace(link: Path, text: Path) -> None:
    fresh = link.with_name(f"{RESERVED_PREFIX}link")
    remove(fresh)
    fresh.symlink_to(text)
    fresh.replace(link)


def take_in(link: Path, target: Path) -> None:
    """Put a copy of *target* in the link's place."""
    parent = Path(os.path.realpath(link.parent))
    if target == parent or target in parent.parents:
        raise _holds_itself(link.name)
    fresh = link.with_name(f"{RESERVED_PREFIX}link")
    remove(fresh)
    if target.is_dir():
        copy_folder(target, fresh)
        # A folder cannot be renamed over a link.
        link.unlink()
        fresh.rename(link)
    elif target.is_file():
        copy_file(target, fresh)
        fresh.replace(link)
    else:
        raise UserError(
            f"the link `{link.name}` points to what is no file: `{target}`",
            code="special-file",
            hint="only files and folders can be kept; remove it",
        )


def copy_folder(source: Path, target: Path) -> None:
    """Copy a folder's files into a new folder, links as what they point to."""
    tree = walk(source, follow=True)
    tree.refuse_specials(f"`{source}`")
    target.mkdir()
    for folder in tree.folders:
        (target / folder).mkdir()
    for file in tree.files:
        copy_file(f"{tree.root}/{file}", target / file)
