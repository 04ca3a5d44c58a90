"""
Whole pipelines as files, with their graph or their problems beside them.

A case is a folder: `pipeline.yml`, the components that it names, and `graph.txt` or
`problems.txt`. With `PIPEYARD_WRITE_GOLDEN=1` the expectations are written
anew; read the difference before committing it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

import pipeyard.graph as graph_package
from pipeyard.graph.check import check
from pipeyard.graph.expand import expand
from pipeyard.graph.model import Data, Given, Graph, Literal, NeedAssets, NodeOutput
from pipeyard.model.assets import LocalPath
from pipeyard.model.codes import PAGES
from pipeyard.spec.decode import decode_component, decode_job
from pipeyard.spec.document import located, parse_document

CASES = sorted(path.parent for path in Path(__file__).parent.glob("*/pipeline.yml"))


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_a_pipeline_becomes_the_graph_or_the_problems_beside_it(folder):
    """
    Every shape of pipeline that Azure's examples use, and every mistake that we know, has one written outcome.
    """
    graph, problems = expand_folder(folder)
    expected = {"problems.txt": problems} if problems else {}
    if graph is not None:
        expected["graph.txt"] = describe(graph)
    if os.environ.get("PIPEYARD_WRITE_GOLDEN"):
        for name in ("problems.txt", "graph.txt"):
            (folder / name).unlink(missing_ok=True)
        for name, text in expected.items():
            (folder / name).write_text(text, encoding="utf-8")

    found = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.txt")}
    assert found == expected


def test_every_code_of_the_graph_has_a_page_and_a_case():
    """No code is used in `pipeyard/graph` that nobody could look up or that no case holds."""
    used = set()
    for module in Path(graph_package.__file__).parent.glob("*.py"):
        text = module.read_text(encoding="utf-8")
        used |= set(re.findall(r"(?:error|warning)\(\s*\"([a-z-]+)\"", text))
    shown = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("*/problems.txt"))

    assert len(used) > 20
    assert used - PAGES.keys() == set()
    # Two need more steps than a file for people should have; `tests/unit/graph/test_tree.py` holds them.
    assert {code for code in used if f"[{code}]" not in shown} == {"too-deep", "too-many-steps"}


def expand_folder(folder):
    """Return the graph, and the problems one a line in file order, as a caller with files would have them."""
    documents, problems = {}, []

    def decoded(source, decode):
        text = (folder / (source or "pipeline.yml")).read_text(encoding="utf-8")
        document, found = parse_document(text, source=source, file=source or "pipeline.yml")
        problems.extend(found)
        documents[source] = document
        spec, found = decode(document)
        problems.extend(found)
        return spec

    job = decoded("", decode_job)
    components = {}
    answer, found = expand(job, components, problems)
    while isinstance(answer, NeedAssets):
        wanted = sorted((item for item in answer.wanted if isinstance(item, LocalPath)), key=str)
        if not wanted:
            answer = None
            break
        for path in wanted:
            source = os.path.normpath(Path(path.source).parent / path.text)
            components[path] = decoded(source, decode_component)
        answer, found = expand(job, components, problems)
    problems.extend(found)
    if isinstance(answer, Graph):
        problems.extend(check(answer, problems))
    has_errors = any(problem.is_error for problem in problems)
    lines = "".join(line(problem) for problem in located(dict.fromkeys(problems), documents))
    return (None if has_errors else answer), lines


def line(problem):
    span = problem.span
    head = f"{span.file}:{span.line}:{span.column}" if span else "-"
    text = f"{head}: {problem.severity.value}[{problem.code}]: {problem.message}\n"
    for word, more in (("expected", problem.expected), ("found", problem.found), ("hint", problem.hint)):
        text += f"    {word}: {more}\n" if more else ""
    for related in problem.related:
        where = f"{related.span.file}:{related.span.line}:{related.span.column}" if related.span else "-"
        text += f"    see: {where}: {related.message}\n"
    return text


def describe(graph):
    lines = [f"job: {' '.join(graph.children)}"]
    lines += [f"  default datastore {graph.default_datastore}"]
    lines += [f"  continues on failure: {graph.continue_on_step_failure}, force rerun: {graph.force_rerun}"]
    lines += [f"  input {name} = {value(bound)}" for name, bound in graph.inputs.items()]
    lines += [f"  output {name} = {value(bound)}" for name, bound in graph.outputs.items()]
    for group in graph.groups.values():
        lines.append(f"group {group.id}: {' '.join(group.children)}")
        lines += [f"  input {name} = {value(bound)}" for name, bound in group.inputs.items()]
        lines += [f"  output {name} = {value(bound)}" for name, bound in group.outputs.items()]
    lines += described(graph.nodes)
    return "\n".join(lines) + "\n"


def described(nodes):
    lines = []
    for node in nodes.values():
        after = f" after {' '.join(sorted(node.upstream))}" if node.upstream else ""
        lines.append(f"node {node.id}{after}")
        environment = getattr(node.environment, "image", node.environment)
        lines.append(f"  on {node.compute} in {environment}")
        lines += [f"  input {name} = {value(bound)}" for name, bound in node.inputs.items()]
        for name, output in node.outputs.items():
            more = [f"at {output.path}"] if output.path is not None else []
            more += [f"as {output.register_name}:{output.register_version}"] if output.register_name else []
            lines.append(f"  output {name}: {' '.join([output.type.value, output.mode.value, *more])}")
        lines += [f"  variable {name} = {text!r}" for name, text in node.environment_variables.items()]
        if node.instance_count != 1 or node.timeout_seconds is not None:
            lines.append(f"  instances {node.instance_count}, timeout {node.timeout_seconds}")
        if node.distribution is not None:
            counts = ", ".join(f"{name} {count}" for name, count in node.distribution.settings.items())
            lines.append(f"  {node.process_count} processes: {node.distribution.type}, {counts}")
        if node.retry is not None:
            words = " ".join(str(word) for word in node.retry.when) or "any failure"
            lines.append(f"  {node.retry.retries_max} retries, {node.retry.backoff_seconds} s apart, after {words}")
        lines += [] if node.reuse else ["  never reused"]
        lines += [f"  runs {'last' if node.is_final else 'first'}"] if node.is_edge else []
        lines += controlled(node.control)
    return lines


def controlled(control):
    if control is None:
        return []
    fields = {name: getattr(control, name) for name in control.__dataclass_fields__ if name != "body"}
    lines = [f"  {type(control).__name__}: {', '.join(f'{name} {value}' for name, value in fields.items())}"]
    body = getattr(control, "body", None)
    if body is not None:
        lines += [f"    output {name} = {value(bound)}" for name, bound in body.outputs.items()]
        lines += [f"    {line}" for line in described(body.nodes)]
    return lines


def value(bound):
    if isinstance(bound, Literal):
        return repr(bound.value)
    if isinstance(bound, NodeOutput):
        return f"{bound.node}.{bound.output} ({bound.type.value}, {bound.mode.value})"
    if isinstance(bound, Given):
        return f"given {bound.name} ({bound.type.value}, {bound.mode.value})"
    assert isinstance(bound, Data)
    path = bound.path.text if not hasattr(bound.path, "name") else str(bound.path)
    return f"data {path} ({bound.type.value}, {bound.mode.value})"
