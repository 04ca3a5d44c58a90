"""Nodes, keys and results as tests of reuse need them."""

from __future__ import annotations

import json
import textwrap
from dataclasses import replace

from pipeyard.graph.expand import expand
from pipeyard.model.assets import FileEntry, Manifest
from pipeyard.model.component import CommandComponent
from pipeyard.model.reuse import EnvironmentIdentity, ResultRecord
from pipeyard.reuse.parts import KeyFacts, key_of, key_parts
from pipeyard.spec.decode import decode_job
from pipeyard.spec.document import parse_document

CODE = "a" * 64
PIPELINE = f"""
type: pipeline
settings: {{default_compute: local}}
jobs:
  make:
    command: make ${{{{outputs.model}}}}
    environment: {{image: python}}
    outputs: {{model: {{type: uri_folder}}}}
  train:
    command: python train.py ${{{{inputs.rate}}}} ${{{{inputs.raw}}}} ${{{{inputs.model}}}} ${{{{outputs.out}}}}
    code: azureml://datastores/workspaceblobstore/paths/LocalUpload/{CODE}/src
    environment: {{image: python}}
    environment_variables: {{MODE: fast}}
    inputs:
      rate: 0.1
      raw: {{type: uri_folder, path: "azureml://datastores/workspaceblobstore/paths/raw/"}}
      model: ${{{{parent.jobs.make.outputs.model}}}}
    outputs: {{out: {{type: uri_folder}}}}
"""
ENVIRONMENT = EnvironmentIdentity("e1", {"kind": "pip", "python": "3.11.7", "pip": ["numpy==1.25", "pandas"]})
FACTS = KeyFacts(ENVIRONMENT, CODE, {"raw": "r1", "model": "m1"})


def graph_of(text=PIPELINE):
    """Return the graph of a pipeline."""
    document, _ = parse_document(textwrap.dedent(text), source="", file="pipeline.yml")
    job, problems = decode_job(document)
    assert not [problem for problem in problems if problem.is_error], problems
    graph, found = expand(job, {})
    assert not [problem for problem in found if problem.is_error], found
    return graph


def train(text=PIPELINE):
    """Return the step that these tests are mostly about."""
    return graph_of(text).nodes["train"]


def parts_of(node, facts=FACTS):
    """Return the parts of a key as a store gives them back: as JSON."""
    return json.loads(json.dumps(key_parts(node, facts), default=_plain))


def key(node, facts=FACTS):
    """Return a key."""
    return key_of(key_parts(node, facts))


def result(parts, **changes):
    """Return an earlier result."""
    made = ResultRecord("default", key_of(parts), "step-1", "happy_cat", "train", "train", 1000, parts)
    return replace(made, **changes)


def with_component(node, **changes):
    """Return a node with another component."""
    assert isinstance(node.component, CommandComponent)
    return replace(node, component=replace(node.component, **changes))


def manifest(*, is_file=False, **files):
    """Return a tree of files: name and content, `_` for a dot and `__` for a slash."""
    entries = [
        FileEntry(name.replace("__", "/").replace("_", "."), len(content), content) for name, content in files.items()
    ]
    return Manifest(tuple(entries), is_file)


def _plain(value):
    return dict(value) if hasattr(value, "keys") else list(value)
