"""What `job compare` says for people."""

from __future__ import annotations

from pipeyard.cli.job_compare import lines_of


def comparison(**graph):
    """Return the comparison of two jobs that are equal but for their graphs."""
    heads = [
        {"name": name, "label": "Completed", "duration_seconds": 1, "created_at": "now"} for name in ("one", "two")
    ]
    empty = {key: [] for key in ("inputs", "settings", "params", "metrics", "steps", "yaml", "code")}
    whole = {
        "before": "one",
        "after": "two",
        "steps": [],
        "edges": [],
        "order": [],
        "inputs": [],
        "outputs": [],
        **graph,
    }
    return {"jobs": heads, **empty, "graph": [whole]}


def test_graphs_that_are_alike_are_not_spoken_of():
    """What is the same is left out."""
    edge = {"from": "a", "output": "out", "to": "b", "input": "i", "change": "same"}
    lines = list(lines_of(comparison(edges=[edge]), with_lines=True))

    assert not any("Graph" in line for line in lines)
    assert lines[-1] == "Nothing that was asked of them differs."


def test_what_was_renamed_and_what_flows_otherwise_is_said():
    """A step in a renamed pipeline was not renamed itself."""
    steps = [
        {"before": "a", "after": "b", "change": "changed"},
        {"before": "a/x", "after": "b/x", "change": "changed"},
        {"before": None, "after": "c", "change": "added"},
    ]
    edges = [{"from": "a", "output": "out", "to": "c", "input": "i", "change": "added"}]
    order = [{"from": "a", "to": "d", "change": "removed"}]
    outputs = [{"name": "model", "values": ["a.out", None], "change": "removed"}]
    lines = list(lines_of(comparison(steps=steps, edges=edges, order=order, outputs=outputs), with_lines=True))

    assert lines[lines.index("Graph of two") + 1 :][:4] == [
        "  ~ a is called b",
        "  + a.out -> c.i",
        "  - d waits for a",
        "  - output model: a.out -> -",
    ]
