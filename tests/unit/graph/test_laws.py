from __future__ import annotations

import sys

from hypothesis import given
from hypothesis import strategies as st

from pipeyard.graph.check import check
from pipeyard.graph.expand import expand
from pipeyard.graph.model import Data, Graph, Literal, NodeOutput
from pipeyard.model.assets import DataUri
from pipeyard.spec.decode import decode_job
from pipeyard.spec.document import document_of

# Few names, so that generated bindings hit something as often as they miss.
NAMES = st.sampled_from(["a", "b", "c"])
PORTS = st.sampled_from(["x", "y", "g.z"])
TYPES = st.sampled_from(["string", "integer", "uri_folder", "uri_file", "boolean"])
WHERE = st.sampled_from(["parent.inputs", "inputs"])


@st.composite
def bindings(draw):
    kind = draw(st.integers(0, 4))
    if kind == 0:
        return f"${{{{parent.inputs.{draw(PORTS)}}}}}"
    if kind == 1:
        return f"${{{{parent.jobs.{draw(NAMES)}.inputs.{draw(PORTS)}}}}}"
    if kind == 2:
        return {"path": f"${{{{parent.jobs.{draw(NAMES)}.outputs.{draw(PORTS)}}}}}", "mode": "download"}
    if kind == 3:
        return f"text ${{{{parent.inputs.{draw(PORTS)}}}}} and ${{{{parent.jobs.a.inputs.x}}}}"
    return f"${{{{parent.jobs.{draw(NAMES)}.outputs.{draw(PORTS)}}}}}"


VALUES = st.one_of(
    bindings(),
    bindings(),
    st.integers(-3, 3),
    st.booleans(),
    st.sampled_from(["", "word", "azureml:rows:1", {"path": "https://example.org/a"}, None]),
)
OUTPUTS = st.dictionaries(
    PORTS, st.sampled_from([None, {"mode": "upload"}, "${{parent.outputs.x}}", "${{parent.outputs.y}}"])
)
COMMANDS = st.sampled_from(
    ["echo", "echo ${{inputs.x}}", "echo $[[${{inputs.y}}]] > ${{outputs.x}}", "echo ${{inputs.g.z}}"]
)
GIVEN = st.dictionaries(st.sampled_from(["x", "y", "g", "g.z"]), VALUES)


def ports(types=TYPES):
    port = st.fixed_dictionaries({"type": types}, optional={"optional": st.booleans()})
    return st.dictionaries(PORTS, port)


def commands():
    return st.fixed_dictionaries(
        {
            "command": COMMANDS,
            "environment": st.just("local"),
            "inputs": ports(),
            "outputs": ports(st.just("uri_folder")),
        }
    )


def steps(component):
    whole = st.fixed_dictionaries({"component": component, "inputs": GIVEN, "outputs": OUTPUTS})
    inline = st.fixed_dictionaries(
        {"command": COMMANDS, "environment": st.just("local"), "inputs": GIVEN, "outputs": OUTPUTS}
    )
    return st.dictionaries(NAMES, st.one_of(whole, inline), min_size=1)


def pipelines(inner):
    return st.fixed_dictionaries(
        {
            "type": st.just("pipeline"),
            "inputs": ports(),
            "outputs": ports(st.just("uri_folder")),
            "jobs": steps(st.one_of(commands(), inner)),
        }
    )


jobs = st.fixed_dictionaries(
    {
        "type": st.just("pipeline"),
        "inputs": st.dictionaries(PORTS, st.sampled_from([1, "text", "", {"path": "https://example.org/b"}])),
        "outputs": st.dictionaries(st.sampled_from(["x", "y"]), st.none()),
        "jobs": steps(st.one_of(commands(), pipelines(commands()), pipelines(pipelines(commands())))),
    }
)


COPY = {
    "command": "cp ${{inputs.d}} ${{outputs.o}} $[[${{inputs.n}}]]",
    "environment": "local",
    "inputs": {"d": {"type": "uri_folder"}, "n": {"type": "integer", "optional": True}},
    "outputs": {"o": {"type": "uri_folder"}},
}
PIPE_PORTS = {"d": {"type": "uri_folder"}, "n": {"type": "integer"}}


@st.composite
def good_steps(draw, depth):
    """Steps that read the pipeline's inputs and each other, in any order in the file, and one that writes its output."""
    written = {}
    for number in range(draw(st.integers(1, 4))):
        earlier = list(written)
        data = ["${{parent.inputs.d}}", {"path": "https://example.org/a"}]
        data += [f"${{{{parent.jobs.{key}.outputs.o}}}}" for key in earlier] * 2
        data += [f"${{{{parent.jobs.{key}.inputs.d}}}}" for key in earlier]
        numbers = [number, "${{parent.inputs.n}}", *(f"${{{{parent.jobs.{key}.inputs.n}}}}" for key in earlier)]
        inner = depth > 0 and draw(st.booleans())
        component = draw(good_pipelines(depth - 1)) if inner else COPY
        given_ = {"d": draw(st.sampled_from(data)), "n": draw(st.sampled_from(numbers))}
        written[f"s{number}"] = {"component": component, "inputs": given_}
    last = draw(st.sampled_from(list(written)))
    written[last] = {**written[last], "outputs": {"o": "${{parent.outputs.o}}"}}
    return dict(draw(st.permutations(list(written.items()))))


def good_pipelines(depth):
    outputs = {"o": {"type": "uri_folder"}}
    return st.fixed_dictionaries(
        {
            "type": st.just("pipeline"),
            "inputs": st.just(PIPE_PORTS),
            "outputs": st.just(outputs),
            "jobs": good_steps(depth),
        }
    )


good_jobs = st.fixed_dictionaries(
    {
        "type": st.just("pipeline"),
        "inputs": st.just({"d": {"path": "https://example.org/b"}, "n": 3}),
        "outputs": st.just({"o": None}),
        "jobs": good_steps(2),
    }
)


def expanded(tree):
    job, problems = decode_job(document_of(tree, source=""))
    answer, found = expand(job, {}, problems)
    return answer, [*problems, *found]


@given(jobs)
def test_whatever_is_written_becomes_a_graph_or_errors(tree):
    """Expansion never raises: a job gives a graph, or at least one error that says why not."""
    answer, problems = expanded(tree)

    assert isinstance(answer, Graph) or any(problem.is_error for problem in problems)
    if isinstance(answer, Graph):
        check(answer)


@given(good_jobs)
def test_every_binding_of_a_graph_ends_somewhere(tree):
    """An input of a node is a literal, data, or what an earlier node writes; nothing else, and nothing dangling."""
    answer, problems = expanded(tree)
    assert problems == []
    done = set()
    for node in answer.nodes.values():
        read = [bound.node for bound in node.inputs.values() if isinstance(bound, NodeOutput)]
        assert node.upstream == set(read)
        assert node.upstream <= done
        for name, bound in node.inputs.items():
            assert isinstance(bound, Literal | Data | NodeOutput)
            assert name in node.component.inputs
            if isinstance(bound, NodeOutput):
                assert bound.output in answer.nodes[bound.node].outputs
        for name, port in node.component.inputs.items():
            assert name in node.inputs or not port.is_required
        done.add(node.id)
    assert check(answer) == ()
    assert answer.outputs["o"].node in answer.nodes


@given(good_jobs)
def test_groups_and_nodes_are_the_tree_that_was_written(tree):
    """Every node and group stands below exactly one other, in the order of the file."""
    answer, _ = expanded(tree)
    below = [*answer.children, *(child for group in answer.groups.values() for child in group.children)]

    assert sorted(below) == sorted([*answer.nodes, *answer.groups])
    assert list(answer.children) == list(tree["jobs"])


def chain(length):
    component = {
        "command": "cp ${{inputs.x}} ${{outputs.x}} $[[${{inputs.y}}]]",
        "environment": "local",
        "inputs": {"x": {"type": "uri_folder"}, "y": {"type": "integer", "optional": True}},
        "outputs": {"x": {"type": "uri_folder"}},
    }
    steps_ = {
        f"s{number}": {
            "component": component,
            "inputs": {"x": f"${{{{parent.jobs.s{number - 1}.outputs.x}}}}", "y": "${{parent.inputs.y}}"},
        }
        for number in range(1, length)
    }
    first = {"component": component, "inputs": {"x": {"path": "https://example.org/a"}}}
    return {"type": "pipeline", "inputs": {"y": 3}, "jobs": {"s0": first, **steps_}}


def calls_of(length):
    """Return how many functions are called to expand and check a chain of steps."""
    job, problems = decode_job(document_of(chain(length), source=""))
    assert problems == ()
    counted = 0

    def count(frame, event, argument):
        nonlocal counted
        counted += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        graph, _ = expand(job, {})
        check(graph)
    finally:
        sys.setprofile(before)
    assert len(graph.nodes) == length
    return counted


def test_the_work_grows_with_the_number_of_steps_and_no_faster():
    """Four times the steps take about four times the work: five thousand are no problem."""
    assert calls_of(800) < 4.4 * calls_of(200)


def test_data_of_the_web_stays_a_uri(check):
    """Nothing is fetched to make a graph."""
    job = check("command: cat ${{inputs.x}}\nenvironment: local\ninputs: {x: {path: 'https://example.org/a'}}")

    assert job.graph.inputs["x"].path == DataUri("https://example.org/a")
