"""Trees as text, and trees with leaves replaced."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from pipeyard.spec.document import parse_document
from pipeyard.spec.render import DELETE, canonical_json, replace_leaves, tree_digest
from pipeyard.spec.render_yaml import render_yaml

# Characters that YAML can hold; half surrogates are no text.
texts = st.text(
    alphabet=st.characters(exclude_categories=["Cs"]),
    max_size=20,
) | st.sampled_from(
    [
        "yes",
        "010",
        "1:30",
        "1e-3",
        "~",
        "",
        " ",
        "<<",
        "=",
        "2021-01-01",
        ".nan",
        "- a",
        "a: b",
        "# c",
        "a #b",
        "\n",
        "a\n\n",
        " a\nb",
        "a \nb",
        "\ta",
        "---",
        "...",
        "%a",
        "@a",
        "`a",
        "!a",
        "&a",
        "*a",
        "|",
        ">",
        "${{parent.inputs.x}}",
        "$[[--x ${{inputs.x}}]]",
        "'",
        '"',
        "\\",
        "a'b\"c",
        "é ü 漢字 😀",
        "x" * 300,
    ]
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
trees = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=4), max_leaves=12
)
documents = st.dictionaries(texts, trees, max_size=4)


@given(documents)
def test_what_was_rendered_is_read_back_as_the_same_tree(tree):
    """Whatever a tree holds, its YAML means that tree, and has no problem."""
    document, problems = parse_document(render_yaml(tree), source="", file="f")

    assert document is not None, problems
    assert document.value == tree
    assert problems == ()


@given(documents)
def test_canonical_json_is_the_same_for_every_order_of_keys(tree):
    """Two trees with equal content have one text, and so one digest."""
    turned = json.loads(json.dumps(dict(reversed(tree.items()))))

    assert canonical_json(turned) == canonical_json(tree)
    assert tree_digest(turned) == tree_digest(tree)
    assert json.loads(canonical_json(tree)) == tree


def test_canonical_json_is_compact_and_keeps_letters():
    """The exact text is a promise between client and server."""
    assert canonical_json({"b": [1, 0.5, True, None], "a": "ü"}) == '{"a":"ü","b":[1,0.5,true,null]}'


def test_the_digest_of_a_component_leaves_out_its_schema():
    """`$schema` at the top changes nothing; anything else does."""
    assert tree_digest({"a": 1, "$schema": "x"}) == tree_digest({"a": 1})
    assert tree_digest({"a": 1}) != tree_digest({"a": 2})
    assert tree_digest({"a": {"$schema": "x"}}) != tree_digest({"a": {}})
    assert tree_digest({"a": 1}) == "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"
    assert len(tree_digest({"a": "\ud800"})) == 64


def test_yaml_is_written_as_a_person_would():
    """Keys keep their order, commands are blocks, lists stand inside their key."""
    tree = {
        "type": "pipeline",
        "jobs": {"a": {"command": "echo one\necho two\n", "inputs": {"x": "${{parent.inputs.x}}", "on": "yes"}}},
        "includes": ["a", "b"],
        "again": ["a", "b"],
    }
    assert (
        render_yaml(tree)
        == """\
type: pipeline
jobs:
  a:
    command: |
      echo one
      echo two
    inputs:
      x: ${{parent.inputs.x}}
      'on': 'yes'
includes:
  - a
  - b
again:
  - a
  - b
"""
    )


def test_leaves_are_replaced_and_the_rest_is_shared():
    """Only what is on the way to a leaf is copied, and the tree before stays as it was."""
    tree = {"a": {"b": 1, "c": [1, 2, 3]}, "d": {"e": 1}}
    changed = replace_leaves(tree, {("a", "b"): 2, ("a", "c", 1): DELETE, ("a", "c", 2): "x", ("a", "new"): {"f": 1}})

    assert changed == {"a": {"b": 2, "c": [1, "x"], "new": {"f": 1}}, "d": {"e": 1}}
    assert changed["d"] is tree["d"]
    assert tree == {"a": {"b": 1, "c": [1, 2, 3]}, "d": {"e": 1}}


def test_keys_may_go_and_the_whole_may_be_replaced():
    """A key that is not there may be taken away too."""
    assert replace_leaves({"a": 1, "b": 2}, {("a",): DELETE, ("c",): DELETE}) == {"b": 2}
    assert replace_leaves({"a": 1}, {(): 3}) == 3
    assert replace_leaves({"a": [1]}, {("a", 1): 2}) == {"a": [1, 2]}
    assert replace_leaves({"a": None}, {("a", "b"): 2}) == {"a": {"b": 2}}
    assert replace_leaves({"a": 1}, {}) == {"a": 1}
