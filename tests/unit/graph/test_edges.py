"""
Facts about rare shapes, which the golden cases leave out.
"""

from __future__ import annotations

import dataclasses

import pytest

from pipeyard.graph.expand import expand
from pipeyard.graph.model import Literal, NodeOutput
from pipeyard.graph.references import references_of
from pipeyard.model.assets import AssetKind, AssetRef, LocalPath
from pipeyard.model.types import PortType
from pipeyard.spec.decode import decode_component, decode_job
from pipeyard.spec.document import document_of

LEAF = """
    inputs:
      x: {type: uri_folder, optional: true}
      n: {type: integer, default: 1, PORT}
    outputs: {o: {type: uri_folder}}
    command: run $[[${{inputs.x}}]] ${{inputs.n}} ${{outputs.o}}
    environment: local
"""


def leaf(port="min: 0"):
    return LEAF.replace("PORT", port)


@pytest.mark.parametrize(
    ("port", "expected"),
    [
        ("min: 2", "an integer of at least 2"),
        ("max: 5", "an integer of at most 5"),
        ("min: 2, max: 5", "an integer from 2 to 5"),
    ],
)
def test_a_wrong_value_is_told_the_bounds(check, port, expected):
    """A person who wrote a word where a number belongs learns which numbers are good."""
    text = "type: pipeline\njobs:\n  a: {component: ./leaf.yml, inputs: {n: two}}"
    component = leaf(port).replace("default: 1, ", "")

    [found] = check(text, leaf=component).diagnostics
    assert found.expected == expected


def test_an_unwritten_output_is_reported_once_whoever_reads_it(check):
    """The mistake is in the pipeline that promises the output, not in its reader."""
    job = check(
        """
        type: pipeline
        jobs:
          inner: {component: ./pipe.yml}
          reader: {component: ./leaf.yml, inputs: {x: '${{parent.jobs.inner.outputs.nothing}}'}}
        """,
        pipe="""
        type: pipeline
        outputs: {nothing: {type: uri_folder}}
        jobs:
          a: {component: ./leaf.yml}
        """,
        leaf=leaf(),
    )

    assert job.errors == ["outputs.nothing: output-not-written: no step writes output `nothing` of this pipeline"]


def test_an_output_that_was_promised_from_nothing_is_reported_where_it_is_written(check):
    """The step inside names an output that its component lacks; the reader outside is left alone."""
    job = check(
        """
        type: pipeline
        jobs:
          inner: {component: ./pipe.yml}
          reader: {component: ./leaf.yml, inputs: {x: '${{parent.jobs.inner.outputs.made}}'}}
        """,
        pipe="""
        type: pipeline
        outputs: {made: {type: uri_folder}}
        jobs:
          a: {component: ./leaf.yml, outputs: {wrong: '${{parent.outputs.made}}'}}
        """,
        leaf=leaf(),
    )

    assert job.codes == ["undeclared-output"]


def test_a_real_output_may_be_called_artifacts(check):
    """A command that writes to it, or a step that gives it a type, means a real one."""
    job = check(
        """
        type: pipeline
        jobs:
          by_command:
            command: echo > ${{outputs.artifacts}}/x
            environment: local
            outputs: {artifacts: }
          by_type:
            command: echo
            environment: local
            outputs: {artifacts: {type: uri_file}}
          implicit:
            command: echo
            environment: local
            outputs: {artifacts: }
        """
    )

    assert {key: list(node.outputs) for key, node in job.graph.nodes.items()} == {
        "by_command": ["artifacts"],
        "by_type": ["artifacts"],
        "implicit": [],
    }


def test_a_step_can_feed_itself_through_another_steps_input(check):
    """The ring is found although no expression names the step itself."""
    job = check(
        """
        type: pipeline
        jobs:
          a: {component: ./leaf.yml, inputs: {x: '${{parent.jobs.b.inputs.x}}'}}
          b: {component: ./leaf.yml, inputs: {x: '${{parent.jobs.a.outputs.o}}'}}
        """,
        leaf=leaf(),
    )

    assert job.errors == ["jobs.a.inputs.x: self-reference: step `a` reads its own output"]


def test_rings_are_found_beside_steps_that_cannot_be_opened(check):
    """One mistake does not hide the other."""
    job = check(
        """
        type: pipeline
        jobs:
          tune: {type: automl}
          a: {component: ./leaf.yml, inputs: {x: '${{parent.jobs.b.outputs.o}}'}}
          b: {component: ./leaf.yml, inputs: {x: '${{parent.jobs.a.outputs.o}}'}}
        """,
        leaf=leaf(),
    )

    assert sorted(job.codes) == ["graph-ring", "kind-not-yet"]


GROUPED = """
    inputs:
      g: {type: group, values: {a: {type: integer}, b: {type: integer, optional: true}}}
    command: run ${{inputs.g.a}} $[[${{inputs.g.b}}]]
    environment: local
"""


@pytest.mark.parametrize(
    ("inputs", "binding", "expected"),
    [
        ("{g: {a: 1}}", "${{parent.inputs.g}}", None),
        ("{g: {b: 1}}", "${{parent.inputs.g}}", "missing-input"),
        ("{g: 1}", "${{parent.inputs.g}}", "type-mismatch"),
        ("{h: {a: 1}}", "${{parent.inputs.g}}", "unknown-binding"),
        ("{g: {a: 1}}", "${{parent.jobs.first.inputs.g}}", None),
        ("{g: {a: 1}}", "${{parent.jobs.first.outputs.g}}", "unknown-binding"),
        ("{g: {a: 1}}", "${{parent.jobs.none.inputs.g}}", "unknown-binding"),
        ("{g: {a: 1}}", "${{parent}}", "missing-input"),
    ],
)
def test_a_group_is_bound_item_by_item(check, inputs, binding, expected):
    """Binding a whole group is binding each of its items; what cannot be is said once."""
    job = check(
        f"""
        type: pipeline
        inputs: {inputs}
        jobs:
          first: {{component: ./grouped.yml, inputs: {{g: {{a: 2, b: 3}}}}}}
          second: {{component: ./grouped.yml, inputs: {{g: '{binding}'}}}}
        """,
        grouped=GROUPED,
    )

    assert job.codes == ([expected] if expected else [])
    if not expected:
        assert job.graph.nodes["second"].inputs["g.a"] == Literal(1 if "first" not in binding else 2)


def test_one_value_cannot_be_bound_to_a_group(check):
    """A whole group where one number belongs is explained as what it is."""
    job = check(
        """
        type: pipeline
        inputs: {g: {a: 1}}
        jobs:
          a: {component: ./leaf.yml, inputs: {n: '${{parent.inputs.g}}'}}
        """,
        leaf=leaf(),
    )

    assert "`g` is a group of inputs" in job.errors[0]


def test_settings_that_need_a_missing_input_say_so(check):
    """A compute that comes from a required input of the pipeline component is as missing as any value."""
    pipe = """
        type: pipeline
        inputs: {where: {type: string}, count: {type: integer, optional: true}}
        jobs:
          a:
            component: ./leaf.yml
            compute: ${{parent.inputs.where}}
            resources: {instance_count: '${{parent.inputs.count}}'}
        """
    text = "type: pipeline\njobs:\n  inner: {component: ./pipe.yml, inputs: {GIVEN}}"

    missing = check(text.replace("GIVEN", ""), pipe=pipe, leaf=leaf())
    given = check(text.replace("GIVEN", "where: gpu"), pipe=pipe, leaf=leaf())

    assert missing.errors == [
        "jobs.inner: missing-input: step `inner` does not give `where`, which its component requires"
    ]
    assert (given.graph.nodes["inner/a"].compute, given.graph.nodes["inner/a"].instance_count) == ("gpu", 1)


def test_a_port_that_could_not_be_read_is_not_called_undeclared(check):
    """Whoever gives or uses a broken port hears of the port only."""
    job = check(
        """
        type: pipeline
        outputs: {all: 3}
        jobs:
          a:
            component: ./bad.yml
            inputs: {x: 1}
            outputs: {o: '${{parent.outputs.all}}'}
          b:
            command: cat ${{inputs.i}}
            environment: local
            inputs: {i: '${{parent.jobs.a.outputs.o}}', j: '${{parent.jobs.a.inputs.y}}'}
        """,
        bad="""
        inputs: {x: {type: nubmer}}
        outputs: {o: {type: uri_fodler}}
        command: run ${{inputs.x}} ${{outputs.o}}
        environment: local
        """,
    )

    assert {line.split(":")[0] for line in job.errors} == {
        "inputs.x.type",
        "jobs.b.inputs.j",
        "outputs.all",
        "outputs.o.type",
    }


def test_a_version_is_a_name_too(check):
    """A registered version may stand in references, so it has no blanks."""
    job = check("command: x\nenvironment: local\noutputs: {o: {name: model, version: '1 b'}}")

    assert job.codes == ["bad-name"]


def test_references_are_found_in_every_kind_of_spec():
    """A job, a component and a pipeline written out inside a step may all name components."""
    pipe = {"type": "pipeline", "jobs": {"a": {"component": "./a.yml"}, "b": {"component": "azureml:b@latest"}}}
    outer = {"type": "pipeline", "jobs": {"in": {"component": pipe}, "c": {"component": "./a.yml"}}}
    whole = {"type": "pipeline", "component": "azureml:whole"}
    named = {LocalPath("./a.yml", ""), AssetRef(AssetKind.COMPONENT, "b", label="latest")}

    assert references_of(decode_job(document_of(outer, source=""))[0]).keys() == named
    assert references_of(decode_component(document_of(pipe, source=""))[0]).keys() == named
    assert references_of(decode_job(document_of(whole, source=""))[0]).keys() == {
        AssetRef(AssetKind.COMPONENT, "whole")
    }
    assert references_of(decode_job(document_of({"command": "x"}, source=""))[0]) == {}


def test_a_command_job_cannot_hold_a_pipeline():
    """A caller that builds such a job by hand is told, and nothing is raised."""
    job, _ = decode_job(document_of({"command": "x", "environment": "local"}, source=""))
    pipe, _ = decode_component(document_of({"type": "pipeline", "jobs": {"a": {"component": "./a.yml"}}}, source="p"))

    made, problems = expand(dataclasses.replace(job, step=dataclasses.replace(job.step, kind=None, component=pipe)), {})

    assert made is None
    assert [problem.code for problem in problems] == ["kind-mismatch"]


def test_the_same_file_decoded_twice_is_still_the_same_component():
    """A pipeline reached by two paths contains itself all the same."""
    tree = {"type": "pipeline", "jobs": {"again": {"component": "../x/a.yml"}}}
    first, _ = decode_component(document_of(tree, source="x/a.yml"))
    second, _ = decode_component(document_of(tree, source="x/a.yml"))
    job, _ = decode_job(document_of({"type": "pipeline", "jobs": {"s": {"component": "x/a.yml"}}}, source=""))

    _, problems = expand(job, {LocalPath("x/a.yml", ""): first, LocalPath("../x/a.yml", "x/a.yml"): second})

    assert [problem.code for problem in problems] == ["component-ring"]


def test_a_step_that_holds_its_component_declares_its_ports(check):
    """An inline component is a component: its declared types count, and its undeclared inputs are warned of."""
    job = check(
        """
        type: pipeline
        jobs:
          a:
            component:
              inputs: {n: {type: number}}
              outputs: {o: {type: uri_file}}
              command: echo ${{inputs.n}} > ${{outputs.o}}
              environment: local
            inputs: {n: '1e2', m: 1}
          b:
            command: cat ${{inputs.o}}
            environment: local
            inputs: {o: '${{parent.jobs.a.outputs.o}}'}
        """
    )

    assert job.graph.nodes["a"].inputs == {"n": Literal(100.0)}
    assert isinstance(job.graph.nodes["b"].inputs["o"], NodeOutput)
    assert job.graph.nodes["b"].component.inputs["o"].type is PortType.URI_FILE
    assert job.codes == ["undeclared-input"]


@pytest.mark.parametrize("mode", ["eval_mount", "eval_download"])
def test_only_a_table_is_evaluated(check, mode):
    """By its own type, or by the type that the step's input declares for what another step writes."""
    step = "type: command\ncommand: ls ${{inputs.t}}\nenvironment: local\ninputs: {t: {type: %s}}\n"
    write = (
        "  a: {type: command, command: 'x ${{outputs.o}}', environment: local, outputs: {o: {type: uri_folder}}}\n"
        "  b: {component: ./step.yml, inputs: {t: {type: mltable, path: '${{parent.jobs.a.outputs.o}}', mode: %s}}}\n"
    )
    data = (
        "type: command\ncommand: ls ${{inputs.t}}\nenvironment: local\ninputs: {t: {type: %s, path: ./t, mode: %s}}\n"
    )

    assert check("type: pipeline\njobs:\n" + write % mode, step=step % "mltable").errors == []
    assert check(data % ("mltable", mode)).errors == []
    for type_ in ("uri_folder", "uri_file", "custom_model"):
        (line,) = check(data % (type_, mode)).errors
        assert f"mode-mismatch: input `t` has the mode `{mode}`, which gives the files that an MLTable names" in line
