from __future__ import annotations

import pytest

from pipeyard.graph.derive import fill
from pipeyard.graph.model import Literal
from pipeyard.graph.sweep import TRIAL

STEP = """
command: run
environment: azureml:shell:1
resources: {instance_count: 2, shm_size: 1g, docker_args: --ipc=host}
environment_variables: {LEVEL: low, COLOUR: red}
limits: {timeout: 10}
"""


def node_of(check, step, more=""):
    text = f"type: pipeline\n{more}\njobs:\n  a: {{component: ./step.yml{step}}}"
    return check(text, step=STEP).graph.nodes["a"]


def test_what_a_step_does_not_say_its_component_says(check):
    """A component brings the settings that it needs."""
    node = node_of(check, "")

    assert (node.instance_count, node.shm_size, node.timeout_seconds) == (2, "1g", 10.0)
    assert node.environment_variables == {"LEVEL": "low", "COLOUR": "red"}
    assert str(node.environment) == "azureml:shell:1"
    assert node.compute is None


def test_a_step_wins_field_by_field(check):
    """To change one variable or size does not lose the others."""
    node = node_of(
        check,
        ", resources: {instance_count: 1, instance_type: big}, environment_variables: {LEVEL: high}, environment: local",
    )

    assert (node.instance_count, node.instance_type, node.shm_size) == (1, "big", "1g")
    assert node.environment_variables == {"LEVEL": "high", "COLOUR": "red"}
    assert node.environment == "local"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("cpu", "cpu"),
        ("azureml:cpu", "cpu"),
        ("${{parent.inputs.where}}", "gpu"),
        ("azureml:${{parent.inputs.name}}-pool", "fast-pool"),
        ("${{parent.inputs.empty}}", "default"),
    ],
)
def test_a_compute_is_named_by_itself_or_by_an_input(check, written, expected):
    """An input that is empty leaves the job's default compute in place."""
    more = "settings: {default_compute: default}\ninputs: {where: 'azureml:gpu', name: fast, empty: ''}"

    assert node_of(check, f", compute: '{written}'", more).compute == expected


def test_the_default_compute_may_be_an_input_too(check):
    """One `--set inputs.where=...` moves a whole pipeline."""
    node = node_of(check, "", "settings: {default_compute: '${{parent.inputs.where}}'}\ninputs: {where: gpu}")

    assert node.compute == "gpu"
    assert node.compute_place.path == ("settings", "default_compute")


def test_a_variable_of_an_input_without_value_is_left_out(check):
    """A script can tell that nothing was given."""
    node = node_of(
        check,
        ", environment_variables: {LEVEL: '${{parent.inputs.x}}', N: 'é ${{parent.inputs.y}} $HOME'}",
        "inputs: {x: , y: true}",
    )

    assert node.environment_variables == {"LEVEL": "low", "COLOUR": "red", "N": "é True $HOME"}


def test_a_variable_may_hold_the_commands_own_input(check):
    """A component's author knows the component's inputs, not the pipeline's."""
    job = check(
        "type: pipeline\njobs:\n  a: {component: ./step.yml, inputs: {n: 3}}",
        step="""
        inputs: {n: {type: integer}}
        command: run
        environment: local
        environment_variables: {N: 'n=${{inputs.n}}'}
        """,
    )

    assert job.graph.nodes["a"].environment_variables == {"N": "n=3"}


@pytest.mark.parametrize(
    ("step", "more", "expected"),
    [
        (", compute: 'a b'", "", "broken-reference"),
        (", compute: '${{parent.inputs.x}}'", "inputs: {x: 'a b'}", "broken-reference"),
        (", compute: '${{parent.inputs.x}}'", "inputs: {x: {path: ./d}}", "data-in-text"),
        (", compute: '${{parent.inputs.y}}'", "inputs: {x: 1}", "unknown-binding"),
        (", resources: {instance_count: '${{parent.inputs.x}}'}", "inputs: {x: 1.5}", "type-mismatch"),
        (", resources: {instance_count: '${{parent.inputs.x}}'}", "inputs: {x: -1}", "wrong-value"),
        (", limits: {timeout: '${{parent.inputs.x}}'}", "inputs: {x: -3}", "wrong-value"),
        (", limits: {timeout: -3}", "", "wrong-value"),
        (", resources: {instance_count: 0}", "", "wrong-value"),
    ],
)
def test_a_setting_that_cannot_be_is_an_error_at_its_place(check, step, more, expected):
    """Settings are checked like inputs, also when they come from one."""
    job = check(f"type: pipeline\n{more}\njobs:\n  a: {{component: ./step.yml{step}}}", step=STEP)

    [line] = job.errors
    assert f": {expected}:" in line
    assert line.startswith("jobs.a.")


@pytest.mark.parametrize(
    ("step", "job", "priority"),
    [
        ("", "", "medium"),
        (", queue_settings: {priority: High, job_tier: Spot}", "", "high"),
        ("", "queue_settings: {priority: low}", "low"),
        (", queue_settings: {priority: high}", "queue_settings: {priority: low}", "high"),
        (", queue_settings: {job_tier: premium}", "queue_settings: {priority: low}", "low"),
    ],
)
def test_a_step_has_its_own_priority_or_its_jobs(check, step, job, priority):
    """`queue_settings` of the pipeline holds for the steps that have none."""
    assert node_of(check, step, job).priority.value == priority


def test_a_priority_is_one_of_three_words(check):
    """Anything else is a problem with its place."""
    found = check("type: command\ncommand: x\nenvironment: local\nqueue_settings: {priority: urgent, prioriy: low}")

    assert [line for line in found.lines if "queue_settings" in line] == [
        "queue_settings.priority: unknown-value: `priority` cannot be `urgent`",
        "(warning) queue_settings.prioriy: unknown-field: `queue_settings` has no field `prioriy`",
    ]


DISTRIBUTED = STEP + "distribution: {type: pytorch, process_count_per_instance: 4}\n"


@pytest.mark.parametrize(
    ("step", "kind", "counts", "processes"),
    [
        ("", "pytorch", {"process_count_per_instance": 4}, 8),
        (", resources: {instance_count: 3}", "pytorch", {"process_count_per_instance": 4}, 12),
        (", distribution: {type: MPI}", "mpi", {"process_count_per_instance": 1}, 2),
        (
            ", distribution: {type: TensorFlow, parameter_server_count: '${{parent.inputs.n}}'}",
            "tensorflow",
            {"worker_count": 2, "parameter_server_count": 3},
            5,
        ),
        (
            ", overrides: {distribution: {type: pytorch}, resources: {instance_count: 1}}",
            "pytorch",
            {"process_count_per_instance": 1},
            1,
        ),
    ],
)
def test_a_step_overrides_how_processes_share_its_work(check, step, kind, counts, processes):
    """`resources` and `distribution` of the step win, each for itself; counts that nobody gives are the usual ones."""
    text = f"type: pipeline\ninputs: {{n: 3}}\njobs:\n  a: {{component: ./step.yml{step}}}"
    node = check(text, step=DISTRIBUTED).graph.nodes["a"]

    assert (node.distribution.type, node.distribution.settings) == (kind, counts)
    assert node.process_count == processes


SWEEP = """
type: sweep
inputs: {unit: mm}
sampling_algorithm: random
trial:
  command: ./run ${{search_space.rate}}
  environment: azureml:shell:1
  environment_variables: {RATE: 'at ${{search_space.rate}} ${{inputs.unit}}', MORE: '${{search_space.depth}}', SAME: '1'}
search_space:
  rate: {type: uniform, min_value: 0, max_value: 1}
  kind: {type: choice, values: [{depth: {type: choice, values: [1, 2]}}, plain]}
objective: {goal: minimize, primary_metric: loss}
limits: {max_total_trials: 2}
"""


def test_variables_of_a_trial_hold_its_hyperparameters(check):
    """Each trial has them with its own values; one that names what this trial has not is left out."""
    job = check(SWEEP)
    (node,) = job.graph.nodes.values()
    filled = {
        depth: fill(node.control.body, {"rate": Literal(0.25), **({"depth": Literal(depth)} if depth else {})})
        for depth in (2, None)
    }
    variables = {depth: graph.nodes[TRIAL].environment_variables for depth, graph in filled.items()}

    assert variables == {
        2: {"RATE": "at 0.25 mm", "MORE": "2", "SAME": "1"},
        None: {"RATE": "at 0.25 mm", "SAME": "1"},
    }
