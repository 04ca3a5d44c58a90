"""Two graphs over one another: which step is which, and what only one of them has."""

from __future__ import annotations

from pipeyard.model.record import JobRecord
from pipeyard.model.status import JobStatus
from pipeyard.service.compare_graph import graph_difference


def record(job, key, *, kind="command", **detail):
    """Return a step of a job; `reads` says `{input: "node.output"}`."""
    reads = detail.pop("reads", {})
    wires = {
        name: {"from": {"job": f"{job}-{node}", "node": node, "output": output}}
        for name, (node, _, output) in ((name, text.rpartition(".")) for name, text in reads.items())
    }
    inputs = {**wires, **{name: {"value": value} for name, value in detail.pop("values", {}).items()}}
    return JobRecord(
        "default",
        f"{job}-{key}",
        job,
        job,
        kind,
        key,
        0,
        key,
        "e",
        JobStatus.COMPLETED,
        1,
        "me",
        compute=detail.pop("compute", "local"),
        detail={"inputs": inputs, **detail},
    )


def tree(job, *steps, inputs=None, outputs=None):
    """Return the records of a pipeline job; each step is (key, what `record` takes)."""
    root = record(job, "", kind="pipeline", outputs=outputs or {})
    root = root.with_(name=job, detail={"inputs": inputs or {}, "outputs": outputs or {}})
    return [root, *(record(job, key, **detail) for key, detail in steps)]


def changes(found):
    return {row["key"]: row["change"] for row in found["steps"]}


def names(found, key):
    return [one["name"] for row in found["steps"] if row["key"] == key for one in row["differences"]]


class TestSteps:
    def test_only_one_changed_and_alike(self):
        """Seen from the first job, each with the names of what differs."""
        one = tree("a", ("x", {"command": "1"}), ("y", {"command": "2", "values": {"n": 1}}), ("z", {"command": "3"}))
        two = tree(
            "b",
            ("x", {"command": "1"}),
            ("y", {"command": "2", "values": {"n": 2}, "compute": "gpu", "component": "azureml:fit:2"}),
            ("new", {"command": "9"}),
        )
        found = graph_difference(one, two)

        assert changes(found) == {"x": "same", "y": "changed", "z": "removed", "new": "added"}
        assert set(names(found, "y")) == {"inputs.n", "compute", "component"}

    def test_a_renamed_step_that_does_the_same_is_one_step(self):
        """Its edges are the same too, since both ends are."""
        one = tree("a", ("load", {"command": "1"}), ("fit", {"command": "2", "reads": {"data": "load.out"}}))
        two = tree("b", ("fetch", {"command": "1"}), ("fit", {"command": "2", "reads": {"data": "fetch.out"}}))
        found = graph_difference(one, two)

        assert changes(found) == {"load": "changed", "fit": "same"}
        assert [(row["before"], row["after"]) for row in found["steps"]] == [("load", "fetch"), ("fit", "fit")]
        assert [edge["change"] for edge in found["edges"]] == ["same"]

    def test_a_renamed_step_whose_result_was_reused_is_one_step(self):
        """Equal results have equal keys, whatever the steps are called."""
        one = tree("a", ("load", {"command": "1"}), ("other", {"command": "1"}))
        two = tree("b", ("fetch", {"command": "1", "reuse": {"source_job": "a-load"}}), ("more", {"command": "1"}))

        assert graph_difference(one, two)["steps"][0]["after"] == "fetch"

    def test_what_does_the_same_is_told_apart_by_what_it_reads(self):
        """Two steps of one component, both renamed: each is the one at the same place."""
        ends = [("p", {"command": "p"}), ("q", {"command": "q"})]
        one = tree("a", *ends, *((f"one_{n}", {"command": "x", "reads": {"i": f"{n}.o"}}) for n in "pq"))
        two = tree("b", *ends, *((f"two_{n}", {"command": "x", "reads": {"i": f"{n}.o"}}) for n in "qp"))
        found = {row["before"]: row["after"] for row in graph_difference(one, two)["steps"]}

        assert (found["one_p"], found["one_q"]) == ("two_p", "two_q")

    def test_what_may_be_meant_by_two_is_not_guessed(self):
        """Two that went and two that came, all doing the same with nothing to tell them apart."""
        one = tree("a", ("a1", {"command": "x"}), ("a2", {"command": "x"}))
        two = tree("b", ("b1", {"command": "x"}), ("b2", {"command": "x"}))

        assert sorted(changes(graph_difference(one, two)).values()) == ["added", "added", "removed", "removed"]

    def test_steps_of_nested_pipelines_stand_in_their_partner(self):
        """A renamed pipeline takes its steps with it; a new one in it is called by where it would stand."""
        component = {"kind": "pipeline", "component": "azureml:inner:1"}
        one = tree("a", ("prep", component), ("prep/split", {"command": "1"}), ("prep/drop", {"command": "2"}))
        two = tree("b", ("ready", component), ("ready/split", {"command": "1"}), ("ready/add", {"command": "3"}))
        found = graph_difference(one, two)

        assert changes(found) == {"prep": "changed", "prep/split": "same", "prep/drop": "removed", "prep/add": "added"}
        assert [row["key"] for row in found["steps"]] == ["prep", "prep/split", "prep/drop", "prep/add"]

    def test_a_step_that_became_a_pipeline_has_another_kind(self):
        """It is at the same place, so it is the same step; what is in it came."""
        one = tree("a", ("fit", {"command": "1"}))
        two = tree("b", ("fit", {"kind": "pipeline"}), ("fit/part", {"command": "1"}))
        found = graph_difference(one, two)

        assert changes(found) == {"fit": "changed", "fit/part": "added"}
        assert "kind" in names(found, "fit")

    def test_of_a_step_that_repeats_its_settings_are_compared(self):
        """Items, conditions, search spaces: whatever makes it another loop."""
        one = tree("a", ("each", {"kind": "parallel_for", "items": ["1"], "max_concurrency": 2}))
        two = tree("b", ("each", {"kind": "parallel_for", "items": ["1", "2"], "max_concurrency": 2}))

        assert names(graph_difference(one, two), "each") == ["items"]


class TestEdges:
    def test_an_edge_that_only_one_has(self):
        """A step that reads something else is no other step: the edges say it."""
        steps = [("a", {"command": "1"}), ("b", {"command": "2"})]
        one = tree("one", *steps, ("c", {"command": "3", "reads": {"i": "a.out"}}))
        two = tree("two", *steps, ("c", {"command": "3", "reads": {"i": "b.out"}}))
        found = graph_difference(one, two)

        assert set(changes(found).values()) == {"same"}
        assert {(edge["from"], edge["change"]) for edge in found["edges"]} == {("a", "removed"), ("b", "added")}

    def test_what_a_choice_takes_and_what_only_waits(self):
        """Edges without data are compared as well."""
        one = tree("one", ("if", {"kind": "if_else", "true_block": ["a"]}), ("a", {"command": "1"}))
        two = tree("two", ("if", {"kind": "if_else"}), ("a", {"command": "1", "depends_on": ["if"]}))
        three = tree("three", ("if", {"kind": "if_else"}), ("a", {"command": "1"}))

        assert [edge["change"] for edge in graph_difference(one, two)["order"]] == ["same"]
        assert [edge["change"] for edge in graph_difference(one, three)["order"]] == ["removed"]

    def test_inputs_and_outputs_of_the_whole_jobs(self):
        """An output that another step writes is another one, a renamed step is not."""
        out = {"model": {"from": {"job": "j", "node": "load", "output": "out"}}}
        renamed = {"model": {"from": {"job": "j", "node": "fetch", "output": "out"}}}
        one = tree("a", ("load", {"command": "1"}), inputs={"n": {"value": 1}, "gone": {"path": "x"}}, outputs=out)
        two = tree("b", ("fetch", {"command": "1"}), inputs={"n": {"value": 2}}, outputs=renamed)
        found = graph_difference(one, two)

        assert {row["name"]: row["change"] for row in found["inputs"]} == {"n": "changed", "gone": "removed"}
        assert [row["change"] for row in found["outputs"]] == ["same"]
