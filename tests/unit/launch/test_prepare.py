from __future__ import annotations

import dataclasses
import textwrap

import pytest

from pipeyard.graph.expand import expand
from pipeyard.graph.model import NodeOutput
from pipeyard.launch.output_path import plan_outputs
from pipeyard.launch.plan import PlannedFile, PlannedInput, PlannedOutput
from pipeyard.launch.prepare import LaunchFacts, PlacedData, plan_launch
from pipeyard.model.errors import Bug
from pipeyard.model.instance import Share
from pipeyard.model.types import InputMode, PortType
from pipeyard.spec.decode import decode_job
from pipeyard.spec.document import parse_document

FACTS = LaunchFacts("job-7", "root-1", 2, "/home/a b/attempts/job-7.2", "exp")
STORE = "azureml://datastores/workspaceblobstore/paths"


def node_of(text):
    document, _ = parse_document(textwrap.dedent(text), source="", file="job.yml")
    job, problems = decode_job(document)
    graph, found = expand(job, {})
    assert [*problems, *found] == []
    return graph.nodes[""]


def plan(text, inputs=None, **facts):
    return plan_launch(node_of(text), dataclasses.replace(FACTS, inputs=inputs or {}, **facts))


def outputs_of(text, datastore="workspaceblobstore"):
    return plan_outputs(node_of("command: x\nenvironment: local\n" + text), "job-7", datastore)


def test_a_plan_says_everything_about_one_attempt():
    """It names files below its root and data by URI, so that it can be carried out anywhere."""
    found = plan(
        """
        command: python main.py ${{inputs.data}} --n ${{inputs.n}} $[[--m ${{inputs.m}}]] ${{outputs.model}}
        environment: local
        limits: {timeout: 60}
        inputs:
          data: {path: ./data}
          n: 3
          m:
        outputs: {model: }
        """,
        {"data": PlacedData(f"{STORE}/LocalUpload/1/data")},
        code_uri=f"{STORE}/LocalUpload/2/src",
        path_prefix=("/venv/bin",),
    )

    assert found.attempt_id == "job-7.2"
    assert found.command == (
        "python main.py '/home/a b/attempts/job-7.2/inputs/data' --n 3  '/home/a b/attempts/job-7.2/outputs/model'"
    )
    assert found.inputs == (PlannedInput("data", f"{STORE}/LocalUpload/1/data", "ro_mount", "inputs/data"),)
    assert found.outputs == (
        PlannedOutput("model", "uri_folder", "outputs/model", is_file=False, uri=f"{STORE}/azureml/job-7/model/"),
    )
    assert found.environment["AZUREML_PARAMETER_n"] == "3"
    assert "AZUREML_PARAMETER_m" not in found.environment
    assert (found.timeout_seconds, found.path_prefix) == (60.0, ("/venv/bin",))
    assert found.code_uri == f"{STORE}/LocalUpload/2/src"
    assert found.log_uri == (
        "azureml://datastores/workspaceartifactstore/paths/ExperimentRun/dcid.job-7/user_logs/std_log.txt"
    )


ONE_INPUT = """
command: cat ${{inputs.x}}
environment: local
inputs: {x: {path: ./d, mode: MODE}}
"""


@pytest.mark.parametrize("mode", ["ro_mount", "rw_mount", "download"])
def test_a_file_keeps_its_name(mode):
    """Programs look at the ending of a file's name; two inputs with files of one name do not meet."""
    placed = PlacedData(f"{STORE}/a/my table.csv", is_file=True)
    found = plan(ONE_INPUT.replace("MODE", mode), {"x": placed}, root="/r")

    assert found.inputs == (PlannedInput("x", f"{STORE}/a/my table.csv", mode, "inputs/x/my table.csv"),)
    assert found.command == "cat '/r/inputs/x/my table.csv'"


@pytest.mark.parametrize(
    ("placed", "path"),
    [
        (PlacedData("u/a.csv", is_file=True, file_name="b.csv"), "inputs/x/b.csv"),
        (PlacedData("u/a.csv", is_file=True, file_name="../b.csv"), "inputs/x/a.csv"),
        (PlacedData("u/..", is_file=True), "inputs/x/x"),
        (PlacedData("u/a/"), "inputs/x"),
    ],
)
def test_no_name_of_a_file_leads_out_of_its_folder(placed, path):
    """A name comes from elsewhere, so it is not believed."""
    assert plan(ONE_INPUT.replace("MODE", "download"), {"x": placed}).inputs[0].path == path


def test_a_direct_input_is_its_uri():
    """Nothing is put in place: the command reads the URI itself."""
    found = plan(ONE_INPUT.replace("MODE", "direct"), {"x": PlacedData("https://example.org/a?b=1&c=2")})

    assert found.inputs == ()
    assert found.command == "cat 'https://example.org/a?b=1&c=2'"
    assert found.environment["AZURE_ML_INPUT_x"] == "https://example.org/a?b=1&c=2"


def test_an_input_that_nobody_placed_is_a_bug():
    """The engine places every data input before it plans."""
    with pytest.raises(Bug, match="`x`"):
        plan(ONE_INPUT.replace("MODE", "download"))


def test_a_file_output_is_named_after_the_output_or_its_path():
    """The last part of a custom path is the file's name; without one it is the output's."""
    named, plain = outputs_of(
        f"outputs:\n  a: {{type: uri_file, path: '{STORE}/x/${{{{name}}}}/t.csv'}}\n  b: {{type: uri_file}}"
    )

    assert (named.path, named.uri) == ("outputs/a/t.csv", f"{STORE}/x/job-7/t.csv")
    assert (plain.path, plain.uri) == ("outputs/b/b", f"{STORE}/azureml/job-7/b/b")
    assert named.is_file
    assert plain.is_file


def test_macros_of_a_path_become_what_they_mean():
    """`name` is the step's own job, as in Azure; the datastore is the pipeline's default."""
    path = "azureml://datastores/${{default_datastore}}/paths//a/./${{name}}/${{output_name}}/"
    [found] = outputs_of(f"outputs: {{o: {{path: '{path}'}}}}", datastore="other")

    assert found.uri == "azureml://datastores/other/paths/a/job-7/o/"
    assert found.path == "outputs/o"


def test_a_long_datastore_uri_becomes_a_short_one():
    """Subscription, group and workspace of a copied URI mean nothing here."""
    long = "azureml://subscriptions/1/resourcegroups/2/workspaces/3/datastores/workspacefilestore/paths/a"
    [found] = outputs_of(f"outputs: {{o: {{path: '{long}'}}}}")

    assert found.uri == "azureml://datastores/workspacefilestore/paths/a"


def test_a_direct_output_is_written_by_the_command_itself():
    """It sees the URI, and nothing is moved afterwards."""
    found = plan("command: put ${{outputs.o}}\nenvironment: local\noutputs: {o: {mode: direct}}")

    assert found.outputs[0].is_direct
    assert found.command == f"put {STORE}/azureml/job-7/o/"


def test_equal_facts_give_equal_plans():
    """A plan made again after a restart is the same plan."""
    text = ONE_INPUT.replace("MODE", "download")
    placed = {"x": PlacedData("u/a")}

    assert plan(text, placed) == plan(text, placed)


def test_a_share_of_the_machine_reaches_the_command():
    """CPUs to be bound to, and the variable by which programs see their GPUs; the person's own value wins."""
    text = "command: x\nenvironment: local\n"
    base = {"CUDA_VISIBLE_DEVICES": "0,1,2"}
    found = plan(text, base_environment=base, share=Share(("c-0",), (2, 3), ("1",)))
    assert (found.cpus, found.environment["CUDA_VISIBLE_DEVICES"]) == ((2, 3), "1")

    none = plan(text, base_environment=base, share=Share(("c-0",), (), ()))
    unsaid = plan(text, base_environment=base)
    own = plan(text + "environment_variables: {CUDA_VISIBLE_DEVICES: '7'}\n", share=Share(gpus=("1",)))
    assert [one.environment["CUDA_VISIBLE_DEVICES"] for one in (none, unsaid, own)] == ["", "0,1,2", "7"]
    assert unsaid.cpus == ()


def test_a_table_that_is_evaluated_brings_its_files():
    """They take the place of the folder, under the input's own path."""
    files = (PlannedFile("a/b.csv", "/store/t/a/b.csv"),)
    found = plan(
        "command: ls ${{inputs.t}}\nenvironment: local\ninputs: {t: {type: mltable, path: ./t, mode: eval_mount}}\n",
        {"t": PlacedData(f"{STORE}/t", copy="/store/t", files=files)},
    )

    (item,) = found.inputs
    assert (item.mode, item.path, item.source, item.files) == ("eval_mount", "inputs/t", "/store/t", files)


def test_a_value_of_another_step_is_put_into_the_command_like_any_other():
    """Where a number comes from makes no difference to what runs."""
    text = """
        command: echo ${{inputs.a}} ${{inputs.b}} ${{outputs.n}}
        environment: local
        inputs: {a: 1, b: 2}
        outputs: {n: {type: integer}}
        """
    written = node_of(text)
    node = dataclasses.replace(
        written, inputs={**written.inputs, "b": NodeOutput("other", "n", PortType.INTEGER, InputMode.RO_MOUNT)}
    )

    found = plan_launch(node, dataclasses.replace(FACTS, values={"b": 2}))

    assert found.command == plan(text).command
    assert found.environment == plan(text).environment
    assert found.inputs == ()
    assert [(output.path, output.is_file) for output in found.outputs] == [("outputs/n/n", True)]
