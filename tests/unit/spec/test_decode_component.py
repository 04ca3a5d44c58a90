"""Documents as components, environments and computes."""

from __future__ import annotations

import pytest

from pipeyard.model.component import CommandComponent, OtherComponent, PipelineComponent, StepKind
from pipeyard.model.diagnostic import Place
from pipeyard.model.types import InputMode, OutputMode, PortType
from pipeyard.spec.decode import decode_component, decode_compute, decode_environment
from pipeyard.spec.document import parse_document


def read(decode, text, *codes):
    document, problems = parse_document(text, source="c", file="c.yml")
    spec, found = decode(document)
    assert [problem.code for problem in (*problems, *found)] == list(codes), found
    return spec


def component(text, *codes):
    return read(decode_component, text, *codes)


def test_a_command_component_declares_everything():
    """Every field of a command component is in the spec."""
    found = component(
        """\
$schema: https://example.org/commandComponent.schema.json
name: Train-Model
version: 3
type: command
display_name: Train
description: trains
tags: {a: 1}
is_deterministic: false
inputs:
  epochs: {type: integer, default: "3", min: 1, max: "10", description: how long}
  rate: {type: Number, default: 1e-3}
  verbose: {type: boolean, default: "True"}
  mode: {type: string, enum: [a, b], default: a}
  shrinking: {type: string, default: False}
  raw: {type: uri_folder, mode: download, optional: true}
  group:
    type: group
    left: {type: number}
    right: {values_of: {type: string}}
outputs:
  model: {type: mlflow_model, mode: rw, description: the model}
  score: {type: number, is_control: true, early_available: true}
command: python train.py --epochs ${{inputs.epochs}}
code: ../src
additional_includes: ../lib
environment: azureml:sklearn@latest
environment_variables: {A: b}
limits: {timeout: 5}
resources: {instance_count: 2}
distribution: {type: mpi}
"""
    )

    assert isinstance(found, CommandComponent)
    assert (found.head.name, found.head.version, found.head.display_name) == ("Train-Model", "3", "Train")
    assert (found.head.description, found.head.tags, found.head.is_deterministic) == ("trains", {"a": "1"}, False)
    assert {name: (port.type.value, port.default) for name, port in found.inputs.items()} == {
        "epochs": ("integer", 3),
        "rate": ("number", 0.001),
        "verbose": ("boolean", True),
        "mode": ("string", "a"),
        "shrinking": ("string", "False"),
        "raw": ("uri_folder", None),
        "group.left": ("number", None),
        "group.right.values_of": ("string", None),
    }
    assert (found.inputs["epochs"].minimum, found.inputs["epochs"].maximum) == (1, 10)
    assert found.inputs["mode"].enum == ("a", "b")
    assert found.inputs["raw"].mode is InputMode.DOWNLOAD
    assert found.inputs["raw"].optional
    assert found.inputs["group.left"].place == Place("c", ("inputs", "group", "left"))
    assert not found.inputs["raw"].is_derived
    assert found.outputs["model"].mode is OutputMode.RW_MOUNT
    assert found.outputs["score"].is_control
    assert found.outputs["score"].early_available
    assert [path.text for path in found.additional_includes] == ["../lib"]
    assert found.code.source == "c"
    assert found.settings.timeout_seconds == 5.0
    assert found.command_place == Place("c", ("command",))


def test_a_group_may_list_its_inputs_apart():
    """`values` of a group, as Azure's client writes it, holds its inputs."""
    found = component(
        "command: echo\ninputs: {g: {type: group, values: {a: {type: string}}}, h: {b: {type: number}}}\n"
    )

    assert list(found.inputs) == ["g.a", "h.b"]


def test_a_pipeline_component_holds_steps():
    """Steps of a component are steps like those of a job."""
    found = component(
        "type: pipeline\ninputs: {x: {type: number}}\noutputs: {y: {type: uri_folder}}\n"
        "jobs: {a: {component: ./a.yml, outputs: {o: '${{parent.outputs.y}}'}}}\n"
    )

    assert isinstance(found, PipelineComponent)
    assert found.jobs["a"].outputs["o"].promoted_to == "y"
    assert found.jobs["a"].place == Place("c", ("jobs", "a"))


@pytest.mark.parametrize(("text", "kind"), [("automl", StepKind.AUTOML), ("finetuning", StepKind.FINETUNING)])
def test_a_component_of_another_kind_keeps_its_ports(text, kind):
    """Its bindings can be checked even if it cannot run yet."""
    found = component(f"type: {text}\nname: x\nentry: {{file: a.py}}\ninputs: {{x: {{type: uri_folder}}}}\n")

    assert isinstance(found, OtherComponent)
    assert found.kind is kind
    assert found.inputs["x"].type is PortType.URI_FOLDER


def test_a_component_of_no_known_kind_is_no_component():
    """Without a kind there is nothing to decode."""
    assert component("type: thing\n", "unknown-value") is None


@pytest.mark.parametrize("word", ["CommandComponent", "command_component"])
def test_old_words_for_the_kind_of_a_component_are_read(word):
    """The first previews called it so."""
    assert isinstance(component(f"type: {word}\ncommand: echo\n", "old-spelling"), CommandComponent)


def test_an_environment_file_is_an_environment():
    """Name and version do not matter, everything else does."""
    found = read(decode_environment, "name: e\nversion: 1\nimage: debian:12\nconda_file: {dependencies: [pip]}\n")

    assert (found.image, found.conda, found.build, found.os_type) == (
        "debian:12",
        {"dependencies": ["pip"]},
        None,
        "linux",
    )


def test_a_pool_of_machines_has_azures_defaults():
    """A compute with a name and a type is enough. It has no size: without one only slots count."""
    found = read(
        decode_compute, "name: cpu-cluster\ntype: AmlCompute\nlocation: westeurope\nprovisioning_state: Succeeded\n"
    )

    assert found == {
        "name": "cpu-cluster",
        "type": "amlcompute",
        "location": "westeurope",
        "tags": {},
        "tier": "dedicated",
        "min_instances": 0,
        "max_instances": 1,
        "idle_time_before_scale_down": 120,
    }


def test_a_pool_says_what_its_instances_have():
    """By keys that Azure does not have; memory in GiB, or as a text."""
    found = read(decode_compute, "name: c1\ntype: amlcompute\ncpus: 4\nmemory: 16GB\ngpus: 0\n")

    assert (found["cpus"], found["memory"], found["gpus"]) == (4, "16GB", 0)


def test_every_key_of_a_pool_is_read_by_its_type():
    """Numbers that came as text are numbers, words come in any case."""
    found = read(
        decode_compute,
        "name: c1\ntype: amlcompute\nsize: S\nmin_instances: '1'\nmax_instances: 10\nidle_time_before_scale_down: 0\n"
        "tier: LowPriority\nenable_node_public_ip: false\nidentity: {type: user_assigned}\ntags: {a: 1}\n",
    )

    assert (found["min_instances"], found["max_instances"], found["idle_time_before_scale_down"]) == (1, 10, 0)
    assert (found["tier"], found["enable_node_public_ip"], found["identity"]) == (
        "low_priority",
        False,
        {"type": "user_assigned"},
    )
    assert found["tags"] == {"a": "1"}


@pytest.mark.parametrize(
    "text",
    [
        "name: vm-1\ntype: VirtualMachine\nresource_id: /x\nssh_settings: {admin_username: a}\n",
        "name: k8s\ntype: kubernetes\nnamespace: default\nproperties: {a: {}}\n",
        "name: ci-1\ntype: computeinstance\nsize: S\nidle_time_before_shutdown_minutes: 30\nenable_sso: true\n",
        "name: s1\ntype: synapsespark\nresource_id: /x\n",
    ],
)
def test_computes_of_other_types_are_read(text):
    """Each type has its own keys, and none is a problem."""
    assert read(decode_compute, text)["name"]


def test_a_compute_needs_a_name():
    """Nothing could be said to it without one."""
    assert read(decode_compute, "type: amlcompute\ntier: []\n", "missing-field", "wrong-type")["max_instances"] == 1
