"""
Plain trees as YAML.

In:       a plain tree, as a `Document` holds it.
Out:      YAML as a person would write it.
Not here: JSON (`render.py`), which needs no library.

Invariant: what `render_yaml` writes is read back as the same tree.
"""

from __future__ import annotations

from typing import Any

import yaml


def render_yaml(tree: Any) -> str:
    """Return a tree as block-style YAML in its own order; long commands become `|` blocks."""
    return str(yaml.dump(tree, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_NO_FOLDING))


_NO_FOLDING = 10_000_000
_ODD_LINE_ENDS = "\r\x85\u2028\u2029"


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        # List entries stand further in than their key, as in Azure's examples.
        super().increase_indent(flow, False)  # noqa: FBT003


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = None
    if not set(text).isdisjoint(_ODD_LINE_ENDS):
        # Only as escapes do they come back as what they were.
        style = '"'
    elif "\n" in text and _may_be_block(text):
        style = "|"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _may_be_block(text: str) -> bool:
    """Return whether a `|` block gives back exactly this text; blanks at the ends of lines would be hard to see."""
    lines = text.split("\n")
    return (
        text[0] not in " \n"
        and all(line.isprintable() for line in lines)
        and not any(line.endswith((" ", "\t")) for line in lines)
    )


_Dumper.add_representer(str, _represent_text)
