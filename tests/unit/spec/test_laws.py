"""Laws that hold for every document, however broken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeyard.spec.decode import (
    decode_component,
    decode_compute,
    decode_environment,
    decode_job,
    decode_job_and_locals,
)
from pipeyard.spec.document import document_of, parse_document
from pipeyard.spec.inline import inline, wanted_files
from pipeyard.spec.render import replace_leaves
from pipeyard.spec.render_yaml import render_yaml
from pipeyard.spec.schema import SCHEMA, Field

WORDS = [
    *dict.fromkeys(field.name for fields in SCHEMA.values() for field in fields),
    *["defaults", "component_job", "overrides", "local_path", "paths", "dataset", "data", "file", "folder", "docker"],
    *["target", "schedule", "$schema", "a", "b", "group", "trial", "on", "ü x", "../x", ""],
]
TEXTS = [
    *["pipeline", "command", "component", "spark", "amlcompute", "uri_folder", "integer", "number", "boolean", "group"],
    *["./a.yml", "azureml:a:1", "azureml:a@b", "azureml:", "a:1", "https://x/y", "azureml://datastores/d/paths/p", "x"],
    *["${{parent.inputs.a}}", "${{inputs.a}}", "${{a", "x $[[--a ${{inputs.a}}]] {inputs.b}", "$[[", "1e-3", "", "\0"],
    *["pytorch", "2g", "local", "ro_mount", "true", "\ud800", "file:./x", "dependencies"],
]
scalars = st.none() | st.booleans() | st.integers(-2, 99) | st.floats(allow_nan=True) | st.sampled_from(TEXTS)
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=5),
    max_leaves=25,
)
documents = st.dictionaries(st.sampled_from(WORDS), trees, max_size=6)
jobs = st.builds(
    lambda top, steps: {**top, "type": "pipeline", "jobs": steps},
    documents,
    st.dictionaries(st.sampled_from(["a", "b", "c d"]), documents | scalars, max_size=3),
)


@pytest.mark.parametrize("decode", [decode_job, decode_component, decode_environment, decode_compute])
@given(tree=documents | jobs | trees)
def test_no_tree_makes_decoding_fail(decode, tree):
    """Whatever came over the network, there is a spec or an error, and every problem says where."""
    document = document_of(tree, source="s")
    spec, problems = decode(document)

    assert spec is not None or any(problem.is_error for problem in problems) or tree is None
    for problem in problems:
        assert problem.place.source == "s"
        assert problem.message
        _walk(tree, problem.place.path)


@given(jobs)
def test_local_things_stand_at_leaves_that_can_be_replaced(tree):
    """Each path that a document names is a text of its tree, and replacing it replaces just that."""
    document = document_of(tree, source="")
    for reference in decode_job_and_locals(document)[1]:
        leaf = _walk(tree, reference.path)
        assert isinstance(leaf, str)
        assert leaf.endswith(reference.text)
        changed = replace_leaves(tree, {reference.path: "azureml:x:1"})
        assert _walk(changed, reference.path) == "azureml:x:1"
    files = {path: document_of({"image": "x"}, source="f") for path, _, _ in wanted_files(document)}
    assert all(_walk(inline(document, files).value, path) == {"image": "x"} for path in files)


@given(jobs)
def test_decoding_what_was_rendered_gives_the_same_spec(tree):
    """A tree that the Studio writes as YAML means what it meant."""
    document = document_of(tree, source="")
    try:
        text = render_yaml(tree)
    except UnicodeError:
        return
    again, found = parse_document(text, source="", file="f")
    if again is None or found or again.value != tree:
        # Numbers that are not finite, NUL and half characters have no YAML that we read.
        return

    assert decode_job(again)[0] == decode_job(document)[0]
    plain = [(problem.code, problem.place) for problem in decode_job(document)[1]]
    located = [(problem.code, problem.place) for problem in decode_job(again)[1]]
    assert sorted(plain, key=repr) == sorted((item for item in located if item[0] != "scalar-reread"), key=repr)


def test_every_field_is_described():
    """The table that pages and editor read has whole sentences."""
    fields = [field for kind in SCHEMA.values() for field in kind]

    assert all(isinstance(field, Field) and field.description.endswith(".") and field.type for field in fields)
    assert all(len({field.name for field in kind}) <= len(kind) for kind in SCHEMA.values())


def _walk(tree, path):
    """Return what is at a path, or nothing where it was not written."""
    for item in path:
        if isinstance(tree, dict):
            tree = tree.get(item)
        elif isinstance(tree, list) and isinstance(item, int) and item < len(tree):
            tree = tree[item]
        else:
            return None
    return tree
