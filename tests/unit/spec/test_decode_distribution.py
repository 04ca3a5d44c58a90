"""`distribution` as it is written; mistakes in it are in `tests/golden`."""

from __future__ import annotations

import pytest

from pipeyard.model.expression import Template
from pipeyard.spec.decode import decode_job
from pipeyard.spec.document import parse_document


def decoded(text):
    document, _ = parse_document(f"command: x\nenvironment: local\ndistribution: {text}\n", source="", file="job.yml")
    job, problems = decode_job(document)
    return job.step.settings.distribution, [problem.code for problem in problems]


@pytest.mark.parametrize(
    ("text", "kind", "settings"),
    [
        ("{type: PyTorch}", "pytorch", {}),
        ("{type: ' MPI ', process_count_per_instance: '2'}", "mpi", {"process_count_per_instance": 2}),
        ("{type: tensorFlow, worker_count: 2, parameter_server_count: 0}", "tensorflow", None),
        ("{type: pytorch, process_count_per_instance: }", "pytorch", {}),
        ("{type: Ray, port: 6379, include_dashboard: true}", "ray", {"port": 6379, "include_dashboard": True}),
    ],
)
def test_a_type_is_known_in_any_case_of_its_letters(text, kind, settings):
    """What is not written is left open; what Ray wants is kept as it is."""
    found, problems = decoded(text)

    assert problems == []
    assert found.type == kind
    assert found.settings == ({"worker_count": 2, "parameter_server_count": 0} if settings is None else settings)


def test_a_count_may_be_an_input():
    """It is known when the job is."""
    found, problems = decoded("{type: pytorch, process_count_per_instance: '${{inputs.n}}'}")

    assert problems == []
    assert isinstance(found.settings["process_count_per_instance"], Template)


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("{type: pytorch, process_count_per_instance: many}", ["wrong-type"]),
        ("{type: pytorch, process_count_per_instance: 1.5}", ["wrong-type"]),
        ("{type: mpi, process_count_per_instance: 0}", ["wrong-value"]),
        ("{type: tensorflow, parameter_server_count: -1}", ["wrong-value"]),
        ("{type: tensorflow, process_count_per_instance: 2}", ["unknown-field"]),
        ("{type: ray, prot: 1}", ["unknown-field"]),
        ("{type: '${{inputs.x}}'}", ["expression-not-here"]),
        ("{type: }", ["missing-field"]),
        ("pytorch", ["wrong-type"]),
    ],
)
def test_a_count_that_would_quietly_be_another_is_an_error(text, problems):
    """A misspelt or impossible count never runs one process instead."""
    assert decoded(text)[1] == problems
