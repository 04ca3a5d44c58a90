"""
HTML from values, escaped by construction.

In:       tag names, attributes, children.
Out:      `Html`, the only text that is taken as it is; everything else is escaped.
"""

from __future__ import annotations

from html import escape

# Elements without an end tag.
_VOID = frozenset({"input", "link", "meta", "br"})


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


Child = str | int | float | None


def element(tag: str, *children: Child, **attributes: str | int | bool | None) -> Html:
    """
    Return an element.

    `class_` is written `class` and `data_x` is written `data-x`. None and False leave
    an attribute or child out; True writes its name alone.
    """
    written = "".join(_attribute(name, value) for name, value in attributes.items() if value not in (None, False))
    if tag in _VOID:
        return Html(f"<{tag}{written}>")
    return Html(f"<{tag}{written}>{joined(*children)}</{tag}>")


def joined(*children: Child) -> Html:
    """Return children one after the other."""
    return Html("".join(_text(child) for child in children if child is not None))


def _text(child: str | float) -> str:
    return child if isinstance(child, Html) else escape(str(child))


def _attribute(name: str, value: str | float | None) -> str:
    name = name.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(str(value))}"'
