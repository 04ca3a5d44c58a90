from __future__ import annotations

import pytest

from pipeyard.graph.expand import expand
from pipeyard.graph.model import Data, Literal, NeedAssets, NodeOutput
from pipeyard.graph.references import references_of
from pipeyard.model.assets import AssetKind, AssetRef, LocalPath
from pipeyard.model.types import InputMode, PortType
from pipeyard.spec.decode import decode_job
from pipeyard.spec.document import parse_document

COPY = """
    inputs:
      text: {type: uri_folder}
      times: {type: integer, default: 1, min: 1, max: 5}
      mark: {type: string, optional: true}
    outputs:
      copies: {type: uri_folder}
    command: copy ${{inputs.text}} ${{inputs.times}} $[[${{inputs.mark}}]] ${{outputs.copies}}
    environment: azureml:shell:1
"""


def job_of(text):
    document, _ = parse_document(text, source="", file="pipeline.yml")
    return decode_job(document)[0]


def test_components_are_asked_for_with_the_place_that_names_them():
    """A caller that fetches components can point at the line that names one that does not exist."""
    job = job_of("type: pipeline\njobs:\n  a: {component: azureml:one:1}\n  b: {component: ./two.yml}")
    one, two = AssetRef(AssetKind.COMPONENT, "one", "1"), LocalPath("./two.yml", "")

    answer, problems = expand(job, {})

    assert isinstance(answer, NeedAssets)
    assert answer.wanted == {one, two}
    assert answer.places[two].path == ("jobs", "b", "component")
    assert references_of(job) == answer.places
    assert problems == ()


def test_what_can_be_said_without_a_missing_component_is_said():
    """A job with a registered component can be validated without a server: its other steps are checked."""
    job = job_of(
        """
type: pipeline
jobs:
  a: {component: azureml:one:1, inputs: {x: 1}}
  b:
    command: cat ${{inputs.x}} ${{inputs.y}}
    environment: azureml:shell:1
    inputs: {x: '${{parent.jobs.a.outputs.whatever}}'}
"""
    )

    answer, problems = expand(job, {})

    assert isinstance(answer, NeedAssets)
    # `x` is fine as far as anybody can know.
    assert [problem.message for problem in problems] == ["the command uses input `y`, which is not declared"]


def test_a_component_known_to_be_broken_is_not_asked_for_again():
    """Its own problems were reported; those who bind to it are left alone."""
    job = job_of("type: pipeline\njobs:\n  a: {component: ./a.yml}")

    assert expand(job, {LocalPath("./a.yml", ""): None}) == (None, ())


def test_an_input_without_a_value_makes_no_dependency(check):
    """An optional input that nobody gives is absent from the node, and delays nothing."""
    job = check(
        """
        type: pipeline
        jobs:
          a: {component: ./copy.yml, inputs: {text: {path: ./d}}}
        """,
        copy=COPY,
    )

    assert list(job.graph.nodes["a"].inputs) == ["text", "times"]
    assert job.graph.nodes["a"].upstream == frozenset()


def test_data_knows_where_it_was_written(check):
    """A pipeline input that reaches a command three levels down is still reported at the pipeline's line."""
    job = check(
        """
        type: pipeline
        inputs: {data: {path: azureml:rows:1, mode: download}}
        jobs:
          outer: {component: ./pipe.yml, inputs: {data: '${{parent.inputs.data}}'}}
        """,
        pipe="""
        type: pipeline
        inputs: {data: {type: uri_folder}}
        jobs:
          inner: {component: ./copy.yml, inputs: {text: '${{parent.inputs.data}}'}}
        """,
        copy=COPY,
    )
    bound = job.graph.nodes["outer/inner"].inputs["text"]

    assert isinstance(bound, Data)
    assert bound.place.path == ("inputs", "data")
    assert bound.mode is InputMode.DOWNLOAD


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("${{parent.jobs.a.outputs.copies}}", (PortType.URI_FOLDER, InputMode.RO_MOUNT)),
        ("{path: '${{parent.jobs.a.outputs.copies}}', mode: download}", (PortType.URI_FOLDER, InputMode.DOWNLOAD)),
        (
            "{path: '${{parent.jobs.a.outputs.copies}}', type: mltable, mode: direct}",
            (PortType.MLTABLE, InputMode.DIRECT),
        ),
    ],
)
def test_a_binding_may_change_type_and_mode_on_the_way(check, written, expected):
    """Azure's parallel examples write a binding as a mapping for this."""
    job = check(
        f"""
        type: pipeline
        jobs:
          a: {{component: ./copy.yml, inputs: {{text: {{path: ./d}}}}}}
          b:
            component: ./copy.yml
            inputs:
              text: {written}
        """,
        copy=COPY,
    )
    bound = job.graph.nodes["b"].inputs["text"]

    assert isinstance(bound, NodeOutput)
    assert (bound.type, bound.mode) == expected


@pytest.mark.parametrize(
    ("value", "port", "expected"),
    [
        ("'1e-3'", "number", 0.001),
        ("20", "number", 20),
        ("'20'", "integer", 20),
        ("20.0", "integer", 20),
        ("TRUE", "boolean", True),
        ("'False'", "boolean", False),
        ("false", "string", "False"),
        ("0.5", "string", "0.5"),
        ("''", "string", ""),
        ("'  é $x '", "string", "  é $x "),
    ],
)
def test_a_literal_becomes_what_its_port_declares(check, value, port, expected):
    """The same value means a number or a text, as the component wants it."""
    job = check(
        f"type: pipeline\njobs:\n  a: {{component: ./a.yml, inputs: {{x: {value}}}}}",
        a=f"inputs: {{x: {{type: {port}}}}}\ncommand: echo ${{{{inputs.x}}}}\nenvironment: azureml:shell:1",
    )

    bound = job.graph.nodes["a"].inputs["x"]
    assert bound == Literal(expected)
    assert type(bound.value) is type(expected)


def test_a_pipeline_input_is_checked_against_the_port_that_it_reaches(check):
    """The error is at the value, which is what has to change, not at the binding."""
    job = check(
        """
        type: pipeline
        inputs: {n: many}
        jobs:
          a: {component: ./copy.yml, inputs: {text: {path: ./d}, times: '${{parent.inputs.n}}'}}
          b: {component: ./copy.yml, inputs: {text: {path: ./d}, times: '${{parent.inputs.n}}'}}
        """,
        copy=COPY,
    )

    assert job.errors == ["inputs.n: type-mismatch: input `times` takes an integer, this is the text 'many'"]


def test_a_mistake_in_a_component_is_reported_once_however_often_it_is_used(check):
    """Ten steps with one broken component give one line to read."""
    steps = "\n".join(f"          s{number}: {{component: ./bad.yml}}" for number in range(10))
    job = check(
        f"""
        type: pipeline
        jobs:\n{steps}
        """,
        bad="command: echo ${{inputs.x}}\nenvironment: azureml:shell:1",
    )

    assert len(job.errors) == 1


def test_an_output_is_set_by_the_outermost_that_says_something(check):
    """What a person writes at the top wins over what a component author wrote inside."""
    job = check(
        """
        type: pipeline
        outputs: {result: {mode: upload}}
        jobs:
          outer:
            component: ./pipe.yml
            outputs: {made: '${{parent.outputs.result}}'}
        """,
        pipe="""
        type: pipeline
        outputs: {made: {type: uri_file}}
        jobs:
          inner:
            command: echo > ${{outputs.o}}
            environment: azureml:shell:1
            outputs:
              o: ${{parent.outputs.made}}
        """,
    )
    bound = job.graph.nodes["outer/inner"].outputs["o"]

    # A step that declares nothing takes its type from the interface around it.
    assert (bound.type, bound.mode.value) == (PortType.URI_FILE, "upload")
    assert job.graph.outputs["result"].node == "outer/inner"


def test_a_declared_type_is_not_changed_by_the_pipeline_around_it(check):
    """What the command writes is a file, whatever the interface of the pipeline calls it."""
    job = check(
        """
        type: pipeline
        jobs:
          outer: {component: ./pipe.yml}
        """,
        pipe="""
        type: pipeline
        outputs: {made: {type: uri_folder}}
        jobs:
          inner: {component: ./file.yml, outputs: {o: '${{parent.outputs.made}}'}}
        """,
        file="outputs: {o: {type: uri_file}}\ncommand: echo > ${{outputs.o}}\nenvironment: azureml:shell:1",
    )

    assert job.graph.nodes["outer/inner"].outputs["o"].type is PortType.URI_FILE


def test_an_optional_input_of_an_inline_step_belongs_in_a_section(check):
    """A step without declarations learns from the pipeline component that its input may have no value."""
    pipe = """
        type: pipeline
        inputs: {seed: {type: integer, optional: true}}
        jobs:
          inner:
            command: run COMMAND
            environment: azureml:shell:1
            inputs: {seed: '${{parent.inputs.seed}}'}
        """
    text = "type: pipeline\njobs:\n  outer: {component: ./pipe.yml}"

    assert check(text, pipe=pipe.replace("COMMAND", "$[[--seed ${{inputs.seed}}]]")).lines == []
    assert check(text, pipe=pipe.replace("COMMAND", "${{inputs.seed}}")).codes == ["optional-outside-section"]


def test_a_stand_alone_command_has_no_parent(check):
    """An expression about a pipeline in a job without one is refused where it is written."""
    job = check("command: echo ${{inputs.x}}\nenvironment: azureml:shell:1\ninputs: {x: '${{parent.inputs.y}}'}")

    assert job.errors == [
        "inputs.x: unknown-binding: `${{parent.inputs.y}}` needs a pipeline around this job, and there is none"
    ]


def test_inputs_that_take_their_values_from_each_other_by_the_thousand_are_followed(check):
    """`parent.jobs.<step>.inputs` may lead through every step of a long pipeline."""
    steps = [
        f"  s{number}: {{component: ./copy.yml, inputs: {{text: {{path: ./d}}, "
        f"times: '${{{{parent.jobs.s{number + 1}.inputs.times}}}}'}}}}"
        for number in range(1500)
    ]
    last = "  s1500: {component: ./copy.yml, inputs: {text: {path: ./d}, times: 4}}"
    job = check("\n".join(["type: pipeline", "jobs:", *steps, last]), copy=COPY)

    assert job.graph.nodes["s0"].inputs["times"] == Literal(4)


def test_only_the_cause_is_reported(check):
    """An input that could not be read is not called missing as well, nor is its reader blamed."""
    job = check(
        """
        type: pipeline
        inputs: {n: [1]}
        jobs:
          a: {component: ./copy.yml, inputs: {text: {type: uri_fodler, path: ./d}, times: '${{parent.inputs.n}}'}}
          b: 3
          c: {component: ./copy.yml, inputs: {text: '${{parent.jobs.b.outputs.x}}'}}
        """,
        copy=COPY,
    )

    assert sorted(line.split(":")[0] for line in job.errors) == ["inputs.n", "jobs.a.inputs.text.type", "jobs.b"]
