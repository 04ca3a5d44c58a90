"""
A node and the facts of one attempt become a launch plan.

In:       a node of a checked graph; what only the engine knows: names, folders, where the inputs are.
Out:      a `LaunchPlan`.
Not here: turning URIs into folders of a machine (`compute/*`), the layout of outputs (`output_path.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from pipeyard.graph.model import Data, Given, Literal, Node, NodeOutput
from pipeyard.launch.command_line import render_command
from pipeyard.launch.container import ContainerImage, PlannedContainer, container_base
from pipeyard.launch.contract import RunIdentity, contract_variables
from pipeyard.launch.driver import DrivenInput, DriverFacts, driver_command, driver_files
from pipeyard.launch.gang import plan_gang
from pipeyard.launch.output_path import plan_outputs
from pipeyard.launch.own_python import PROGRAM, installs, with_own_python
from pipeyard.launch.plan import INPUTS_DIR, WORKING_DIR, LaunchPlan, PlannedFile, PlannedInput, PlannedOutput
from pipeyard.model.component import Scalar
from pipeyard.model.errors import Bug
from pipeyard.model.instance import Share
from pipeyard.model.record import DEFAULT_DATASTORE, DEFAULT_WORKSPACE, user_log
from pipeyard.model.types import EVALUATED, InputMode
from pipeyard.model.value import dataclass

# Section 3: what a step has that does not say.
SHM_SIZE = "2g"


@dataclass(frozen=True, slots=True)
class PlacedData:
    """Where the bytes of a data input are at this moment."""

    # A short datastore URI, or an `http(s)` URL for a `direct` input.
    uri: str
    is_file: bool = False
    # What a file is called where the command sees it; None: the last part of its URI.
    file_name: str | None = None
    # Absolute path of a copy on the compute, for data whose datastore is elsewhere.
    copy: str | None = None
    # Of an MLTable that is evaluated: its files.
    files: tuple[PlannedFile, ...] = ()
    # Of a table whose rows a driver reads: how (`datastore/table_recipe.py`).
    recipe: Mapping[str, Any] | None = None
    # Whether nobody may ever write to it: an upload, or a version's bytes.
    is_original: bool = False


@dataclass(frozen=True, slots=True)
class LaunchFacts:
    """What is known of an attempt besides its node."""

    # The step's own job name, and the submitted job's.
    job_name: str
    root_name: str
    # Counts from 1.
    attempt: int
    # Absolute path of the staging folder as the command sees it.
    root: str
    experiment_name: str
    # Every data input of the node, those from other nodes included.
    inputs: Mapping[str, PlacedData] = field(default_factory=dict)
    # The inputs that are values written by other nodes, as their ports take them.
    values: Mapping[str, Scalar] = field(default_factory=dict)
    workspace: str = DEFAULT_WORKSPACE
    default_datastore: str = DEFAULT_DATASTORE
    # The short datastore URI of the code snapshot.
    code_uri: str | None = None
    # None: nothing answers.
    service_endpoint: str | None = None
    token: str | None = None
    # Where MLflow's clients log to.
    tracking_uri: str | None = None
    # The experiment's number in our own tracking server; None: it is somebody else's.
    experiment_id: str | None = None
    # What a process inherits.
    base_environment: Mapping[str, str] = field(default_factory=dict)
    path_prefix: tuple[str, ...] = ()
    # What the environment itself sets, beside what is inherited.
    environment: Mapping[str, str] = field(default_factory=dict)
    # None: it runs as a process of the machine.
    container: ContainerImage | None = None
    # Absolute folders outside the staging folder that the command may write to.
    writable: tuple[str, ...] = ()
    # What it has of its compute.
    share: Share = field(default_factory=Share)
    # All GPUs of the machine.
    gpus: tuple[str, ...] = ()
    grace_seconds: float = 10.0
    log_bytes_max: int = 1 << 30
    # The texts of our own programs, by file name; for steps that one of them runs.
    programs: Mapping[str, str] = field(default_factory=dict)
    # Of a parallel step whose failed mini-batches alone are to run: what the earlier run left.
    earlier: tuple[PlannedInput, ...] = ()


def plan_launch(node: Node, facts: LaunchFacts) -> LaunchPlan:
    """Return the plan of one attempt. Equal nodes and facts give equal plans."""
    literals = _literals(node, facts)
    planned = _plan_inputs(node, facts)
    seen = {name: item if isinstance(item, str) else f"{facts.root}/{item.path}" for name, item in planned.items()}
    outputs = plan_outputs(node, facts.job_name, facts.default_datastore)
    written = {output.name: output.uri if output.is_direct else f"{facts.root}/{output.path}" for output in outputs}
    is_driven = node.driver is not None
    command = (
        driver_command(node, facts.root)
        if is_driven
        else render_command(node.component.command, {**literals, **seen}, written, paths=seen.keys())
    )
    has_own_python = not is_driven and facts.container is None and installs(node.component.command.text)
    gang = None if is_driven else plan_gang(node, facts.job_name, facts.share.cpus, _gpus_to_part(node, facts))
    return LaunchPlan(
        attempt_id=f"{facts.job_name}.{facts.attempt}",
        job_name=facts.job_name,
        root=facts.root,
        command=with_own_python(command, facts.root) if has_own_python else command,
        environment=contract_variables(
            _identity(facts),
            base=_base(facts),
            literals=literals,
            swept={name: text for name, text in literals.items() if name in node.hyperparameters},
            inputs=seen,
            outputs=written,
            own=node.environment_variables,
        ),
        code_uri=facts.code_uri,
        inputs=(*(item for item in planned.values() if isinstance(item, PlannedInput)), *facts.earlier),
        outputs=outputs,
        log_uri=str(user_log(facts.job_name)) if gang is None else gang.ranks[0].log_uri,
        timeout_seconds=node.timeout_seconds,
        grace_seconds=facts.grace_seconds,
        log_bytes_max=facts.log_bytes_max,
        path_prefix=facts.path_prefix,
        workspace=facts.workspace,
        cpus=facts.share.cpus,
        container=None if facts.container is None else _plan_container(node, facts, facts.container),
        gang=gang,
        files=_files(node, facts, _driver_facts(facts, literals, seen, outputs), has_own_python=has_own_python),
        is_sandboxed=facts.share.is_sandboxed and facts.container is None,
        writable=facts.writable,
    )


def _files(node: Node, facts: LaunchFacts, driver: DriverFacts, *, has_own_python: bool) -> dict[str, str]:
    """Return the texts of our programs that the command needs, by their paths below the staging folder."""
    if node.driver is not None:
        return driver_files(node, driver)
    return {PROGRAM: facts.programs[PROGRAM]} if has_own_python else {}


def _driver_facts(
    facts: LaunchFacts, literals: Mapping[str, str], seen: Mapping[str, str], outputs: tuple[PlannedOutput, ...]
) -> DriverFacts:
    return DriverFacts(
        root=facts.root,
        literals=literals,
        inputs={name: _driven(facts.inputs[name], path) for name, path in seen.items()},
        outputs={output.name: f"{facts.root}/{output.path}" for output in outputs},
        output_files=frozenset(output.name for output in outputs if output.is_file),
        programs=facts.programs,
        earlier={item.name: f"{facts.root}/{item.path}" for item in facts.earlier},
    )


def _driven(placed: PlacedData, path: str) -> DrivenInput:
    return DrivenInput(path, placed.is_file, placed.files, placed.recipe)


def _literals(node: Node, facts: LaunchFacts) -> dict[str, str]:
    """Return the text of each input that is no data, in the order of the inputs."""
    values = {
        name: bound if isinstance(bound, Literal) else Literal(facts.values[name])
        for name, bound in node.inputs.items()
        if isinstance(bound, Literal) or name in facts.values
    }
    return {name: value.text for name, value in values.items()}


def _base(facts: LaunchFacts) -> dict[str, str]:
    if facts.container is None:
        return {**facts.base_environment, **facts.environment, **_share_variables(facts.share)}
    # The GPUs of a container are numbered from 0 in it, so there is nothing to choose.
    return {**container_base(facts.base_environment), **facts.environment}


def _gpus_to_part(node: Node, facts: LaunchFacts) -> tuple[str, ...]:
    """Return the GPUs that a step's instances divide among themselves; none: each sees what there is."""
    gpus = facts.share.gpus
    if gpus is None:
        # Nobody said what an instance has. Two that both took the first GPU would be in each other's way.
        gpus = facts.gpus if node.instance_count > 1 else ()
    return gpus if facts.container is None else tuple(str(number) for number in range(len(gpus)))


def _plan_container(node: Node, facts: LaunchFacts, image: ContainerImage) -> PlannedContainer:
    labels = {
        "pipeyard.job": facts.job_name,
        "pipeyard.root": facts.root_name,
        "pipeyard.step": node.id,
        "pipeyard.attempt": f"{facts.job_name}.{facts.attempt}",
    }
    return PlannedContainer(
        image=image,
        labels=labels,
        shm_size=node.shm_size or SHM_SIZE,
        arguments=node.docker_args,
        memory_gib=facts.share.memory_gib,
        gpus=facts.gpus if facts.share.gpus is None else facts.share.gpus,
    )


def _plan_inputs(node: Node, facts: LaunchFacts) -> dict[str, PlannedInput | str]:
    """Return for each data input how it is put in place, or for a `direct` one its URI."""
    planned: dict[str, PlannedInput | str] = {}
    for name, bound in node.inputs.items():
        if isinstance(bound, Literal) or name in facts.values:
            continue
        if name not in facts.inputs or isinstance(bound, Given):
            raise Bug(f"nobody said where input `{name}` of `{node.id}` is")
        placed = facts.inputs[name]
        planned[name] = placed.uri if bound.mode is InputMode.DIRECT else _plan_input(name, bound, placed)
    return planned


def _plan_input(name: str, bound: Data | NodeOutput, placed: PlacedData) -> PlannedInput:
    # One folder per input, so that two files of one name do not meet, and each keeps its name.
    folder = f"{INPUTS_DIR}/{name}"
    path = f"{folder}/{_file_name(name, placed)}" if placed.is_file else folder
    return PlannedInput(name, placed.uri, _mode(bound, placed).value, path, placed.copy, placed.files)


def _mode(bound: Data | NodeOutput, placed: PlacedData) -> InputMode:
    # What the command changes in data from elsewhere is sent back afterwards (`StoreRequest.write_backs`);
    # until then it is a copy of the step's own, and the one that others read stays as it is.
    # An original never changes at all: of it, too, a command that wants to write has its own.
    if placed.files and bound.mode not in EVALUATED:
        # A driver reads the table: it needs the files, wherever they are.
        return InputMode.EVAL_MOUNT
    is_own = placed.copy is not None or placed.is_original
    return InputMode.DOWNLOAD if is_own and bound.mode is InputMode.RW_MOUNT else bound.mode


def _file_name(name: str, placed: PlacedData) -> str:
    for candidate in (placed.file_name, placed.uri.rstrip("/").rpartition("/")[2]):
        if candidate and "/" not in candidate and candidate not in {".", ".."}:
            return candidate
    return name


def _share_variables(share: Share) -> dict[str, str]:
    # With no GPU of its own a command sees none, as on a machine without.
    return {} if share.gpus is None else {"CUDA_VISIBLE_DEVICES": ",".join(share.gpus)}


def _identity(facts: LaunchFacts) -> RunIdentity:
    return RunIdentity(
        job_name=facts.job_name,
        root_name=facts.root_name,
        experiment_name=facts.experiment_name,
        workspace=facts.workspace,
        working_dir=f"{facts.root}/{WORKING_DIR}",
        service_endpoint=facts.service_endpoint,
        token=facts.token,
        tracking_uri=facts.tracking_uri,
        experiment_id=facts.experiment_id,
    )
