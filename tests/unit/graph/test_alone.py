"""A component checked by itself, before any job uses it."""

from __future__ import annotations

import pytest

from pipeyard.graph.alone import check_alone
from pipeyard.model.assets import AssetKind, AssetRef, LocalPath
from pipeyard.spec.decode import decode_component
from pipeyard.spec.document import parse_document

EVERY_PORT = """\
name: all
inputs:
  folder: {type: uri_folder}
  file: {type: uri_file}
  table: {type: mltable}
  model: {type: mlflow_model}
  truth: {type: boolean}
  text: {type: string}
  word: {type: string, enum: [a, b]}
  count: {type: integer, min: 3, max: 9}
  share: {type: number, max: -1.5}
  maybe: {type: uri_folder, optional: true}
outputs:
  out: {type: uri_folder}
environment: {image: x}
command: >-
  ls ${{inputs.folder}} ${{inputs.file}} ${{inputs.table}} ${{inputs.model}} ${{inputs.truth}} ${{inputs.text}}
  ${{inputs.word}} ${{inputs.count}} ${{inputs.share}} $[[${{inputs.maybe}}]] ${{outputs.out}}
"""


def component(text, source=""):
    document, problems = parse_document(text, source=source, file="c.yml")
    assert problems == ()
    found, problems = decode_component(document)
    assert problems == ()
    return found


def check(text, components=None):
    need, problems = check_alone(component(text), components or {})
    return need, [(item.code, str(item.place)) for item in problems]


def test_every_kind_of_input_gets_a_value_that_fits():
    """A component is not blamed for the values that only a job can give."""
    assert check(EVERY_PORT) == (None, [])


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("ls ${{inputs.folder_}}", ("unknown-input", "command")),
        ("ls ${{outputs.other}}", ("unknown-output", "command")),
        ("ls ${{inputs.maybe}}", ("optional-outside-section", "command")),
    ],
)
def test_a_command_is_held_to_what_the_component_declares(command, problem):
    """The rules are those of a step that uses the component."""
    head, _, _ = EVERY_PORT.partition("command:")

    assert check(f"{head}command: {command}\n") == (None, [problem])


def test_a_missing_environment_is_the_components_own():
    """A registered component cannot count on the steps that use it."""
    need, problems = check_alone(component("name: c\ncommand: ls\n"), {})

    assert need is None
    assert [(item.code, item.message) for item in problems] == [
        ("missing-environment", "this component has no environment to run in")
    ]


def test_components_inside_are_asked_for_and_then_checked():
    """Bindings between the steps are followed as in a job."""
    pipeline = (
        "name: p\ntype: pipeline\ninputs: {raw: {type: uri_folder}}\n"
        "jobs:\n"
        "  a: {component: ./a.yml, inputs: {data: '${{parent.inputs.rav}}'}}\n"
        "  b: {component: 'azureml:b@latest'}\n"
    )
    first, second = LocalPath("./a.yml", ""), AssetRef(AssetKind.COMPONENT, "b", label="latest")
    need, _ = check_alone(component(pipeline), {})
    assert need is not None
    assert need.wanted == {first, second}

    inner = component(
        "inputs: {data: {type: uri_folder}}\nenvironment: {image: x}\ncommand: ls ${{inputs.data}}\n", "a"
    )
    assert check(pipeline, {first: inner, second: component("environment: {image: x}\ncommand: ls\n", "b")}) == (
        None,
        [("unknown-binding", "jobs.a.inputs.data")],
    )


@pytest.mark.parametrize(
    "text",
    [
        "type: automl\nname: s\n",
        "type: pipeline\nname: p\njobs:\n  s: {type: automl, component: './x.yml'}\n",
    ],
)
def test_kinds_that_cannot_run_yet_are_kept(text):
    """A component may be registered before anything here can run it."""
    assert check(text) == (None, [])
