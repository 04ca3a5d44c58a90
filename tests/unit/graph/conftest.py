from __future__ import annotations

import textwrap

import pytest

from pipeyard.graph.check import check as check_graph
from pipeyard.graph.expand import expand
from pipeyard.graph.model import Graph, NeedAssets
from pipeyard.model.assets import LocalPath
from pipeyard.spec.decode import decode_component, decode_job
from pipeyard.spec.document import parse_document


class Checked:
    """What became of a job given as YAML."""

    def __init__(self, answer, diagnostics):
        self.answer = answer
        self.diagnostics = diagnostics

    @property
    def graph(self):
        assert isinstance(self.answer, Graph), self.lines
        return self.answer

    @property
    def lines(self):
        """`path.to.key: code: message`, warnings marked."""
        return [
            f"{'' if found.is_error else '(warning) '}{found.place}: {found.code}: {found.message}"
            for found in self.diagnostics
        ]

    @property
    def errors(self):
        return [line for line in self.lines if not line.startswith("(warning) ")]

    @property
    def codes(self):
        return [found.code for found in self.diagnostics]


def _tree(text, source, decode, problems):
    document, found = parse_document(textwrap.dedent(text), source=source, file=source or "pipeline.yml")
    assert document is not None, found
    spec, more = decode(document)
    # Style of names is not what these tests are about.
    problems += [item for item in (*found, *more) if item.code != "name-style"]
    return spec


@pytest.fixture
def check():
    """Decode, expand and check a job; components by the name of their file."""

    def run(text, /, **components):
        problems = []
        job = _tree(text, "", decode_job, problems)
        files = {f"./{name}.yml": content for name, content in components.items()}
        known = {}
        while True:
            answer, found = expand(job, known, problems)
            if not isinstance(answer, NeedAssets) or not any(
                isinstance(wanted, LocalPath) and wanted.text in files for wanted in answer.wanted
            ):
                break
            for wanted in answer.wanted:
                if isinstance(wanted, LocalPath) and wanted.text in files:
                    known[wanted] = _tree(files[wanted.text], wanted.text, decode_component, problems)
        problems += found
        if isinstance(answer, Graph):
            problems += check_graph(answer, problems)
        return Checked(answer, tuple(dict.fromkeys(problems)))

    return run
