"""Files that are put into a document, and local things that it names."""

from __future__ import annotations

from pipeyard.model.assets import LocalReference
from pipeyard.model.assets import LocalRole as Role
from pipeyard.spec.decode import decode_component_and_locals, decode_job, decode_job_and_locals
from pipeyard.spec.document import document_of, parse_document
from pipeyard.spec.inline import inline, wanted_files

JOB = """\
type: pipeline
inputs:
  raw: {type: uri_folder, path: ./data}
  old: {dataset: {local_path: ./old}}
  elsewhere: {path: azureml:d:1}
jobs:
  a:
    component: file:./a.yml
    environment: ./env.yml
  b:
    command: echo
    code: {local_path: ../src}
    additional_includes: [../lib, x.zip]
    environment: {image: a, conda_file: file:./conda.yml}
    inputs: {f: {type: uri_file, path: ./f.csv}}
  c:
    overrides: {environment: ./other/env.yml}
    component:
      command: echo
      code: ./inner
      environment: {build: {path: ./ctx}}
  d:
    command: echo
    environment: azureml:e:1
  e: {command: echo, environment: local}
  f: {command: echo, environment: "${{parent.inputs.x}}"}
  g: {command: echo, environment: {image: a, conda_file: "azureml:x:1"}}
  h: nothing
"""


def parse(text, source=""):
    document, problems = parse_document(text, source=source, file=source or "job.yml")
    assert document is not None, problems
    return document


def test_environment_and_conda_files_are_wanted():
    """Every file that has to be read before decoding is named, with where it goes."""
    assert wanted_files(parse(JOB)) == (
        (("jobs", "a", "environment"), "./env.yml", Role.ENVIRONMENT_FILE),
        (("jobs", "b", "environment", "conda_file"), "./conda.yml", Role.CONDA_FILE),
        (("jobs", "c", "overrides", "environment"), "./other/env.yml", Role.ENVIRONMENT_FILE),
    )


def test_a_component_and_an_environment_file_want_files_too():
    """Not only jobs name environments."""
    assert wanted_files(parse("command: echo\nenvironment: e.yaml\n")) == (
        (("environment",), "e.yaml", Role.ENVIRONMENT_FILE),
    )
    assert wanted_files(parse("image: a\nconda_file: ./c.yml\n")) == ((("conda_file",), "./c.yml", Role.CONDA_FILE),)
    assert wanted_files(parse("command: echo\n")) == ()


def test_inlined_files_name_files_relative_to_themselves():
    """An environment file in a folder of its own finds its conda file and its build context there."""
    document = parse("command: echo\nenvironment: ./env/env.yml\n")
    environment = parse("conda_file: ./conda.yml\nbuild: {path: ./ctx}\n", "env/env.yml")
    once = inline(document, {("environment",): environment})

    (wanted,) = wanted_files(once)
    assert wanted == (("environment", "conda_file"), "./conda.yml", Role.CONDA_FILE)
    assert once.source_at(wanted[0]) == "env/env.yml"

    twice = inline(once, {wanted[0]: parse("dependencies: [pip]\n", "env/conda.yml")})
    assert wanted_files(twice) == ()
    assert twice.value["environment"]["conda_file"] == {"dependencies": ["pip"]}
    assert twice.span(("environment", "conda_file", "dependencies", 0)).file == "env/conda.yml"
    assert twice.span(("environment", "build", "path")).file == "env/env.yml"

    spec, problems = decode_job(twice)
    assert problems == ()
    assert spec.step.settings.environment.build.source == "env/env.yml"
    assert [(item.role, item.text, item.source) for item in decode_job_and_locals(twice)[1]] == [
        (Role.BUILD, "./ctx", "env/env.yml")
    ]


def test_every_local_thing_of_a_job_is_listed_at_its_leaf():
    """Replacing the leaf replaces the path, whatever the spelling around it."""
    document = parse(JOB)
    references = {(item.role, item.path): (item.text, item.type) for item in decode_job_and_locals(document)[1]}

    assert references == {
        (Role.COMPONENT, ("jobs", "a", "component")): ("./a.yml", None),
        (Role.ENVIRONMENT_FILE, ("jobs", "a", "environment")): ("./env.yml", None),
        (Role.CODE, ("jobs", "b", "code", "local_path")): ("../src", None),
        (Role.INCLUDE, ("jobs", "b", "additional_includes", 0)): ("../lib", None),
        (Role.INCLUDE, ("jobs", "b", "additional_includes", 1)): ("x.zip", None),
        (Role.CONDA_FILE, ("jobs", "b", "environment", "conda_file")): ("./conda.yml", None),
        (Role.DATA, ("jobs", "b", "inputs", "f", "path")): ("./f.csv", "uri_file"),
        (Role.ENVIRONMENT_FILE, ("jobs", "c", "overrides", "environment")): ("./other/env.yml", None),
        (Role.CODE, ("jobs", "c", "component", "code")): ("./inner", None),
        (Role.BUILD, ("jobs", "c", "component", "environment", "build", "path")): ("./ctx", None),
        (Role.DATA, ("inputs", "raw", "path")): ("./data", "uri_folder"),
        (Role.DATA, ("inputs", "old", "dataset", "local_path")): ("./old", "uri_folder"),
    }


def test_a_component_is_listed_as_a_component():
    """Its ports are not taken for data."""
    text = "$schema: x/commandComponent.schema.json\ncommand: echo\ncode: ./src\ninputs: {x: {type: uri_file}}\n"

    assert decode_component_and_locals(parse(text, "c.yml"))[1] == (
        LocalReference(Role.CODE, ("code",), "./src", "c.yml"),
    )


def test_a_document_that_is_no_mapping_names_nothing():
    """What came over the network may be anything."""
    assert decode_job_and_locals(document_of([1], source=""))[1] == ()
    assert wanted_files(document_of(None, source="")) == ()
    assert decode_job(document_of(["x"], source=""))[0] is None
    assert decode_job(document_of(None, source=""))[0] is None
