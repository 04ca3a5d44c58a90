"""Documents as jobs: what was written becomes a typed spec."""

from __future__ import annotations

import pytest

from pipeyard.model.assets import AssetKind, AssetRef, DataUri, LocalPath
from pipeyard.model.component import (
    CommandComponent,
    DataInput,
    InlineEnvironment,
    LiteralInput,
    PipelineComponent,
    StepKind,
    TemplateInput,
)
from pipeyard.model.diagnostic import Place
from pipeyard.model.job import CommandJob, PipelineJob
from pipeyard.model.types import InputMode, OutputMode, PortType
from pipeyard.spec.decode import decode_job
from pipeyard.spec.document import parse_document


def decode(text):
    document, problems = parse_document(text, source="", file="job.yml")
    spec, found = decode_job(document)
    return spec, [*problems, *found]


def job(text, *codes):
    """Return the job; *codes* are the problems that it must have."""
    spec, problems = decode(text)
    assert [problem.code for problem in problems] == list(codes), problems
    return spec


def step(body, *codes, key="a"):
    text = f"type: pipeline\njobs:\n  {key}:\n" + "".join(f"    {line}\n" for line in body.strip().splitlines())
    return job(text, *codes).jobs[key]


def test_a_pipeline_says_everything_of_itself():
    """Every field of a pipeline job is in the spec."""
    spec = job(
        """\
$schema: https://example.org/pipelineJob.schema.json
type: Pipeline
name: hello_1
display_name: Hello
experiment_name: greetings
description: says hello
tags: {owner: me, year: 2022, done: true}
properties: {a: b}
id: /subscriptions/x
creation_context: {created_by: me}
status: Completed
services: {Studio: {endpoint: x}}
settings:
  default_compute: azureml:cpu-cluster
  default_datastore: azureml:workspaceblobstore
  continue_on_step_failure: false
  force_rerun: True
inputs: {epochs: 3}
outputs: {model: }
jobs:
  train: {component: ./train.yml}
"""
    )

    assert isinstance(spec, PipelineJob)
    assert spec.head.name == "hello_1"
    assert spec.head.display_name == "Hello"
    assert spec.head.experiment_name == "greetings"
    assert spec.head.description == "says hello"
    assert spec.head.tags == {"owner": "me", "year": "2022", "done": "True"}
    assert spec.head.properties == {"a": "b"}
    assert str(spec.settings.default_compute) == "cpu-cluster"
    assert spec.settings.default_compute_place == Place("", ("settings", "default_compute"))
    assert spec.settings.default_datastore == "workspaceblobstore"
    assert spec.settings.continue_on_step_failure is False
    assert spec.settings.force_rerun is True
    assert spec.inputs == {"epochs": LiteralInput(3, Place("", ("inputs", "epochs")))}
    assert spec.outputs["model"].place == Place("", ("outputs", "model"))
    assert spec.jobs["train"].component == LocalPath("./train.yml", "")


def test_what_is_not_written_has_its_default():
    """An empty `settings` is Azure's current default: other steps go on when one fails."""
    spec = job("type: pipeline\njobs: {a: {component: ./a.yml}}\n")

    assert spec.settings.continue_on_step_failure is True
    assert spec.settings.force_rerun is False
    assert spec.settings.default_compute is None
    assert spec.head.name is None


def test_the_compute_of_the_job_is_the_default_of_its_steps():
    """`compute` at the top fills in when `settings.default_compute` is not written."""
    spec = job("type: pipeline\ncompute: azureml:c\njobs: {a: {component: ./a.yml}}\n")

    assert str(spec.settings.default_compute) == "c"
    assert spec.settings.default_compute_place == Place("", ("compute",))


def test_inputs_of_every_form():
    """Literals, data objects, groups, and inputs that are named and given nothing."""
    spec = job(
        """\
type: pipeline
inputs:
  n: 3
  f: 0.5
  t: hello
  b: yes
  late: 1e-3
  value: {value: x}
  typed: {type: number, value: "1e-3"}
  local: {type: uri_file, path: ./a.csv, mode: download, datastore: azureml:files}
  bare: {path: ./folder}
  asset: {type: mltable, path: azureml:d:1, mode: eval_mount}
  model: {type: MLflow_Model, path: azureml:m@latest}
  uri: {path: azureml://datastores/d/paths/p, type: uri_folder}
  type: uri_file
  group:
    lr: 0.1
    inner: {data: {path: ./d}, type: x}
  nothing:
  empty: ""
jobs: {a: {component: ./a.yml}}
"""
    )
    values = {name: value.value for name, value in spec.inputs.items() if isinstance(value, LiteralInput)}

    assert values == {
        "n": 3,
        "f": 0.5,
        "t": "hello",
        "b": True,
        "late": "1e-3",
        "value": "x",
        "typed": 0.001,
        "type": "uri_file",
        "group.lr": 0.1,
        "group.inner.type": "x",
    }
    assert spec.inputs["local"] == DataInput(
        LocalPath("./a.csv", ""), Place("", ("inputs", "local")), PortType.URI_FILE, InputMode.DOWNLOAD, "files"
    )
    assert spec.inputs["bare"].type is None
    assert spec.inputs["asset"].path == AssetRef(AssetKind.DATA, "d", "1")
    assert spec.inputs["asset"].mode is InputMode.EVAL_MOUNT
    assert spec.inputs["model"].path == AssetRef(AssetKind.MODEL, "m", label="latest")
    assert spec.inputs["uri"].path == DataUri("azureml://datastores/d/paths/p")
    assert spec.inputs["group.inner.data"].path == LocalPath("./d", "")
    assert spec.inputs["group.inner.data"].place == Place("", ("inputs", "group", "inner", "data"))
    assert spec.unset_inputs == {
        "nothing": Place("", ("inputs", "nothing"), on_key=True),
        "empty": Place("", ("inputs", "empty")),
    }


def test_bindings_are_texts_or_mappings():
    """A binding may change type and mode on the way, and stand in the middle of a text."""
    inputs = step(
        """\
component: ./a.yml
inputs:
  whole: ${{parent.inputs.x}}
  part: "${{parent.inputs.x}}_v1"
  mapped: {path: "${{parent.jobs.b.outputs.t}}", type: mltable, mode: direct}
  inside: {path: "azureml://datastores/d/paths/${{parent.inputs.x}}", type: uri_file}
  given: {value: "${{parent.inputs.x}}", type: number}
"""
    ).inputs

    assert all(isinstance(value, TemplateInput) for value in inputs.values())
    assert inputs["whole"].template.single.names == ("parent", "inputs", "x")
    assert inputs["part"].template.single is None
    assert (inputs["mapped"].type, inputs["mapped"].mode) == (PortType.MLTABLE, InputMode.DIRECT)
    assert inputs["mapped"].place == Place("", ("jobs", "a", "inputs", "mapped"))
    assert inputs["inside"].template.single is None
    assert inputs["given"].type is PortType.NUMBER


def test_outputs_of_every_form():
    """Nothing, a promotion, a mapping with macros, a promotion in a mapping."""
    outputs = step(
        """\
component: ./a.yml
outputs:
  plain:
  promoted: ${{parent.outputs.model}}
  placed:
    type: uri_file
    mode: mount
    path: azureml://datastores/${{default_datastore}}/paths/x/${{name}}/out.csv
    name: scores
    version: 3
  bound: {path: "${{parent.outputs.a}}", mode: Upload}
  open: {path: "${{parent.inputs.where}}/x"}
"""
    ).outputs

    assert outputs["plain"].promoted_to is None
    assert outputs["promoted"].promoted_to == "model"
    assert outputs["placed"].type is PortType.URI_FILE
    assert outputs["placed"].mode is OutputMode.RW_MOUNT
    assert str(outputs["placed"].path) == "azureml://datastores/${{default_datastore}}/paths/x/${{name}}/out.csv"
    assert (outputs["placed"].name, outputs["placed"].version) == ("scores", "3")
    assert (outputs["bound"].promoted_to, outputs["bound"].mode) == ("a", OutputMode.UPLOAD)
    assert str(outputs["open"].path) == "${{parent.inputs.where}}/x"


def test_a_step_says_how_its_component_runs():
    """Every setting that a step may override is in the spec."""
    found = step(
        """\
type: command
component: azureml:train@latest
compute: azureml:gpu
environment: azureml:sklearn:2
environment_variables: {A: 1, B: "${{parent.inputs.b}}", C: , D: yes it is}
resources: {instance_count: 2, instance_type: big, shm_size: 2g, docker_args: [--ipc, host], properties: {x: {y: 1}}}
distribution: {type: PyTorch, process_count_per_instance: 4}
limits: {timeout: 3600}
services: {nb: {type: jupyter_lab}}
queue_settings: {priority: high}
identity: {type: user_identity}
display_name: Train
description: trains
comment: watch this
tags: {a: b}
properties: {c: d}
""",
        "no-effect",  # No Jupyter is started.
    )
    settings = found.settings

    assert found.kind is StepKind.COMMAND
    assert found.component == AssetRef(AssetKind.COMPONENT, "train", label="latest")
    assert found.component_place == Place("", ("jobs", "a", "component"))
    assert (found.display_name, found.description, found.comment) == ("Train", "trains", "watch this")
    assert (found.tags, found.properties) == ({"a": "b"}, {"c": "d"})
    assert str(settings.compute) == "gpu"
    assert settings.environment == AssetRef(AssetKind.ENVIRONMENT, "sklearn", "2")
    assert {name: str(value) for name, value in settings.environment_variables.items()} == {
        "A": "1",
        "B": "${{parent.inputs.b}}",
        "C": "",
        "D": "yes it is",
    }
    assert (settings.resources.instance_count, settings.resources.instance_type) == (2, "big")
    assert (settings.resources.shm_size, settings.resources.docker_args) == ("2g", ("--ipc", "host"))
    assert settings.resources.properties == {"x": {"y": 1}}
    assert (settings.distribution.type, settings.distribution.settings) == (
        "pytorch",
        {"process_count_per_instance": 4},
    )
    assert settings.timeout_seconds == 3600.0


def test_settings_may_hold_expressions():
    """Compute, limits and resources may depend on inputs of the pipeline."""
    settings = step(
        """\
component: ./a.yml
compute: ${{parent.inputs.compute}}
limits: {timeout: "${{parent.inputs.seconds}}"}
resources: {instance_count: "${{parent.inputs.count}}"}
"""
    ).settings

    assert str(settings.compute) == "${{parent.inputs.compute}}"
    assert str(settings.timeout_seconds) == "${{parent.inputs.seconds}}"
    assert str(settings.resources.instance_count) == "${{parent.inputs.count}}"


def test_an_inline_step_is_a_component_of_its_own():
    """A step with a command declares its ports by giving them values; how it runs stands on the step."""
    found = step(
        """\
command: python a.py --x ${{inputs.x}} $[[--o ${{inputs.o}}]]
code: ./src
additional_includes: [../lib, a.zip]
environment: {image: "debian:12", conda_file: {dependencies: [python]}}
compute: azureml:cpu
is_deterministic: false
inputs:
  x: 3
  r: 0.5
  t: hello
  b: true
  raw: {type: uri_file, path: ./a.csv}
  up: ${{parent.jobs.b.outputs.o}}
  mix: "${{parent.inputs.a}}-${{parent.inputs.b}}"
  o:
outputs:
  model: {type: mlflow_model}
  plain:
"""
    )
    component = found.component

    assert found.kind is None or found.kind is StepKind.COMMAND
    assert isinstance(component, CommandComponent)
    assert component.head.is_deterministic is False
    assert component.code == LocalPath("./src", "")
    assert component.additional_includes == (LocalPath("../lib", ""), LocalPath("a.zip", ""))
    assert {name: port.type.value for name, port in component.inputs.items()} == {
        "x": "integer",
        "r": "number",
        "t": "string",
        "b": "boolean",
        "raw": "uri_file",
        "up": "uri_folder",
        "mix": "string",
        "o": "string",
    }
    assert all(port.is_derived for port in component.inputs.values())
    assert component.inputs["o"].optional
    assert {name: port.type.value for name, port in component.outputs.items()} == {
        "model": "mlflow_model",
        "plain": "uri_folder",
    }
    assert "o" not in found.inputs
    assert str(found.settings.compute) == "cpu"
    assert isinstance(found.settings.environment, InlineEnvironment)
    assert found.settings.environment.conda == {"dependencies": ["python"]}


def test_a_step_without_a_type_is_what_its_component_is():
    """Twenty-nine steps of Azure's examples have no type."""
    assert step("component: ./a.yml").kind is None


def test_a_component_may_be_written_out_under_a_step():
    """A mapping under `component` is a component, with its own places."""
    found = step("component:\n  command: echo ${{inputs.x}}\n  inputs: {x: {type: string}}")

    assert isinstance(found.component, CommandComponent)
    assert found.component.inputs["x"].place == Place("", ("jobs", "a", "component", "inputs", "x"))
    inner = step("type: pipeline\ncomponent:\n  jobs: {b: {component: ./b.yml}}")
    assert isinstance(inner.component, PipelineComponent)


def test_a_pipeline_component_may_be_run_as_a_job():
    """`component` stands in for `jobs`."""
    spec = job("type: pipeline\ncomponent: azureml:inner:1\ninputs: {x: 1}\n")

    assert spec.component == AssetRef(AssetKind.COMPONENT, "inner", "1")
    assert spec.component_place == Place("", ("component",))
    assert spec.jobs == {}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("type: automl\ntask: regression\ntraining_data: ${{parent.inputs.x}}", StepKind.AUTOML),
        ("type: import\nsource: {type: s3}", StepKind.IMPORT),
    ],
)
def test_a_kind_that_cannot_run_yet_is_kept_by_name(body, kind):
    """Its own keys are no problem of the language: the graph refuses it by its kind."""
    found = step(body + "\ninputs: {x: '${{parent.jobs.b.outputs.y}}'}\ncompute: azureml:c")

    assert found.kind is kind
    assert found.component is None or isinstance(found.component, LocalPath)
    assert list(found.inputs) == ["x"]


def test_a_stand_alone_job_of_another_kind_is_kept_by_name():
    """Model training by Azure's service is refused by its kind outside of a pipeline too."""
    spec = job("type: automl\ntask: regression\n")

    assert isinstance(spec, CommandJob)
    assert spec.step.kind is StepKind.AUTOML


def test_a_job_without_a_type_is_one_command():
    """The hello-world example of Azure: a command and an environment."""
    spec = job(
        """\
command: |
  echo "--iris-csv: ${{inputs.iris_csv}}"
  python hello-iris.py --iris-csv ${{inputs.iris_csv}}
code: src
inputs:
  type: uri_file
  iris_csv: https://example.org/iris.csv
outputs: {o: }
environment: azureml://registries/azureml/environments/sklearn-1.5/labels/latest
compute: azureml:cpu-cluster
limits: {timeout: 60}
parameters: {}
"""
    )

    assert isinstance(spec, CommandJob)
    assert spec.step.key == ""
    assert {name: value.value for name, value in spec.step.inputs.items()} == {
        "type": "uri_file",
        "iris_csv": "https://example.org/iris.csv",
    }
    assert spec.step.component.command.text.endswith("${{inputs.iris_csv}}\n")
    assert spec.step.settings.environment.registry == "azureml"
    assert spec.step.settings.timeout_seconds == 60.0


@pytest.mark.parametrize("word", ["local", " Local "])
def test_the_current_interpreter_is_an_environment(word):
    """`environment: local` needs no building."""
    assert step(f"command: echo\nenvironment: '{word}'").settings.environment == "local"


def test_an_environment_in_a_file_is_kept_as_the_file():
    """Files that nobody has put in their place yet are named in the spec."""
    by_file = step("command: echo\nenvironment: ./env.yml").settings.environment
    by_conda = step("command: echo\nenvironment: {image: a, conda_file: ./conda.yml}").settings.environment
    by_build = step("command: echo\nenvironment: {build: {path: ./ctx, dockerfile_path: D}, os_type: Linux}").settings

    assert by_file.file == LocalPath("./env.yml", "")
    assert by_conda.conda_file == LocalPath("./conda.yml", "")
    assert (by_build.environment.build, by_build.environment.dockerfile) == (LocalPath("./ctx", ""), "D")
    assert by_build.environment.os_type == "linux"


def test_code_comes_from_a_folder_a_datastore_an_asset_or_git():
    """Every form of `code` that Azure knows is understood."""

    def code(text):
        return step(f"command: echo\ncode: {text}").component.code

    assert code("azureml:c:1") == AssetRef(AssetKind.CODE, "c", "1")
    assert code("azureml://datastores/d/paths/p") == DataUri("azureml://datastores/d/paths/p")
    assert code("git+https://example.org/r.git#path") == DataUri("git+https://example.org/r.git#path")


OLD = """\
type: pipeline
defaults: {component_job: {compute: azureml:cpu, datastore: azureml:blob}}
inputs:
  a: {dataset: azureml:iris:1}
  b: {data: {local_path: ./data}}
  c: {file: https://example.org/a.csv}
  d: {dataset: {paths: [{folder: azureml://datastores/d/paths/x}]}}
  e: {dataset: azureml:iris:1, mode: mount}
jobs:
  train:
    type: component_job
    component: file:./train.yml
    overrides: {resources: {instance_count: 2}, compute: azureml:gpu}
    compute: azureml:own
    inputs: {raw: "${{inputs.a}}", other: "${{jobs.prepare.outputs.out}}"}
    outputs: {model: "${{outputs.model}}"}
  prepare:
    type: command_job
    command: python a.py {inputs.raw}
    code: {local_path: ./src}
    environment: {docker: {image: debian}}
    compute: {target: azureml:gpu, instance_count: 4}
    inputs: {raw: "${{parent.inputs.a}}"}
"""


def test_the_spellings_of_2021_mean_those_of_today():
    """An old file decodes to what a new one would; each old spelling is a warning."""
    spec, problems = decode(OLD)
    train, prepare = spec.jobs["train"], spec.jobs["prepare"]

    assert {problem.code for problem in problems} == {"old-spelling"}
    assert not any(problem.is_error for problem in problems)
    assert str(spec.settings.default_compute) == "cpu"
    assert spec.settings.default_datastore == "blob"
    assert {name: (value.type.value, str(value.path)) for name, value in spec.inputs.items() if name != "b"} == {
        "a": ("uri_folder", "azureml:iris:1"),
        "c": ("uri_file", "DataUri(text='https://example.org/a.csv')"),
        "d": ("uri_folder", "DataUri(text='azureml://datastores/d/paths/x')"),
        "e": ("uri_folder", "azureml:iris:1"),
    }
    assert spec.inputs["b"].path == LocalPath("./data", "")
    assert spec.inputs["e"].mode is InputMode.RO_MOUNT
    assert train.kind is None
    assert train.component == LocalPath("./train.yml", "")
    assert train.settings.resources.instance_count == 2
    assert str(train.settings.compute) == "own"
    assert str(train.inputs["raw"].template) == "${{parent.inputs.a}}"
    assert str(train.inputs["other"].template) == "${{parent.jobs.prepare.outputs.out}}"
    assert train.outputs["model"].promoted_to == "model"
    assert prepare.kind is StepKind.COMMAND
    assert prepare.component.code == LocalPath("./src", "")
    assert str(prepare.settings.compute) == "gpu"
    assert prepare.settings.compute_place == Place("", ("jobs", "prepare", "compute", "target"))
    assert prepare.settings.resources.instance_count == 4
    assert prepare.settings.environment.image == "debian"
    assert [str(item) for item in prepare.component.command.expressions] == ["${{inputs.raw}}"]


def test_a_group_with_an_input_called_data_is_no_old_spelling():
    """`data: ${{...}}` inside a group is a binding of an input of that name."""
    found = step("component: ./a.yml\ninputs:\n  g: {data: '${{parent.inputs.x}}'}")

    assert list(found.inputs) == ["g.data"]


def test_everything_wrong_is_said_and_the_rest_is_kept():
    """One wrong step does not hide what is wrong, or right, in the others."""
    spec, problems = decode(
        "type: pipeline\njobs:\n  a: {component: 3}\n  b: {component: ./b.yml, limits: {timeout: x}}\n  c: 5\n  d: {type: x}\n"
    )

    assert [problem.code for problem in problems] == ["wrong-type", "wrong-type", "wrong-type", "unknown-value"]
    assert list(spec.jobs) == ["a", "b"]


@pytest.mark.parametrize("text", ["type: 3\n", "type: [pipeline]\n", "type: nothing\n", "type: ${{parent.inputs.x}}\n"])
def test_a_job_of_no_known_kind_is_no_job(text):
    """Without a kind there is nothing to decode."""
    spec, problems = decode(text)

    assert spec is None
    assert [problem.is_error for problem in problems] == [True]
