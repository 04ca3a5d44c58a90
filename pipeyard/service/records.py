"""
The records that a submitted job starts with: itself, the pipelines in it, its steps.

In:       a draft, its resolution, where its steps run, and who asked.
Out:      `JobRecord` values, the root first, parents before children.
Not here: deciding whether the job may start (`submit.py`), drawing a record (`view.py`).

`detail` holds what the views show and no query asks for:
    inputs      {name: {value} | {path, type, mode, digest?} | {from: {job, node, output}, type, mode?}}
    outputs     {name: {type, mode, path?, from?: {job, output}}}
    pool        where a step runs; its `compute` is what was written
    warnings    on the root: every warning of the submit, and later of its steps
    resolved    on the root: data paths that mean another URI than they say
    contents    on the root: digests of the bytes that registered data stands for, by the same paths
    pinned      on the root: the version of each registered asset, by kind and reference as written
    reuse_plan  on the root of a resumed or rerun job: {source, rerun: [node ids]}
    depends_on  the steps beside it that it waits for, as written
    retry       {max, backoff_seconds, when}, as it counts for the step
    tries       later: why each try failed that was followed by another, and where its log is
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from pipeyard.graph.model import BoundInput, BoundOutput, Data, Given, Group, Literal, Node, NodeId, NodeOutput
from pipeyard.model.assets import AssetRef, LocalPath
from pipeyard.model.component import InlineEnvironment, OutputSetting, Step
from pipeyard.model.diagnostic import Diagnostic
from pipeyard.model.environment import ImagePolicy
from pipeyard.model.job import JobHead, PipelineJob, PipelineSettings
from pipeyard.model.record import JobRecord
from pipeyard.model.status import JobStatus
from pipeyard.model.value import dataclass
from pipeyard.service.draft import Draft
from pipeyard.service.flow_view import flow_detail
from pipeyard.service.naming import display_name
from pipeyard.service.placing import Placing
from pipeyard.service.request import JobRequest
from pipeyard.service.resolve import Resolution, path_key
from pipeyard.service.sweep_view import sweep_detail
from pipeyard.service.wire import diagnostic_json, plain

PIPELINE = "pipeline"
COMMAND = "command"


@dataclass(frozen=True, slots=True)
class Birth:
    """What all records of one submit share."""

    workspace: str
    name: str
    experiment_name: str
    user: str
    at_ms: int
    # A job name for every node and group.
    names: Mapping[NodeId, str]


def records_of(
    draft: Draft, birth: Birth, request: JobRequest, resolution: Resolution, placing: Placing
) -> tuple[JobRecord, ...]:
    """Return the records of a whole job."""
    maker = _Maker(draft, birth, request, resolution, placing)
    root = maker.root()
    return (root, *maker.below(root, draft.graph.children)) if draft.graph.is_pipeline else (root,)


class _Maker:
    def __init__(
        self, draft: Draft, birth: Birth, request: JobRequest, resolution: Resolution, placing: Placing
    ) -> None:
        self._pins = resolution.pins
        self._found = resolution.found
        self._environments = draft.environments
        self._graph = draft.graph
        self._spec = draft.spec
        self._birth = birth
        self._request = request
        self._placing = placing
        # What is equal in many steps is kept once: in thousands of them, most of a record is.
        self._kept: dict[str, Any] = {}

    def _once(self, value: Any) -> Any:
        """Return a value that nobody will change, or the equal one that came before."""
        return self._kept.setdefault(repr(value), value)

    def root(self) -> JobRecord:
        head, graph = self._spec.head, self._graph
        shared = {
            "file": self._request.file,
            "host": self._request.host,
            **({"verify": True} if self._request.verify else {}),
            **({} if self._request.python is None else {"python": self._request.python}),
        }
        record = JobRecord(
            workspace=self._birth.workspace,
            name=self._birth.name,
            root_name=self._birth.name,
            parent_name=None,
            kind=PIPELINE if graph.is_pipeline else _kind_of(graph.nodes[""]),
            node_id="",
            position=0,
            display_name=head.display_name or display_name(self._birth.name),
            experiment_name=self._birth.experiment_name,
            status=JobStatus.PREPARING,
            created_at_ms=self._birth.at_ms,
            created_by=self._birth.user,
            description=head.description,
            tags=dict(head.tags),
            properties=self._root_properties(head),
        )
        if not graph.is_pipeline:
            (node,) = graph.nodes.values()
            return self._with_step(record, node, shared)
        detail: dict[str, Any] = {
            **shared,
            "inputs": self._inputs(graph.inputs),
            "outputs": self._promoted(graph.outputs, graph.output_settings),
            "settings": self._settings(),
        }
        if isinstance(self._spec, PipelineJob) and isinstance(self._spec.component, AssetRef):
            detail["component"] = self._reference(self._spec.component)
        return replace(record, detail=detail)

    def below(self, parent: JobRecord, children: tuple[NodeId, ...]) -> Iterator[JobRecord]:
        for position, node_id in enumerate(children):
            group = self._graph.groups.get(node_id)
            if group is None:
                yield self._step(parent, position, self._graph.nodes[node_id])
                continue
            record = self._group(parent, position, group)
            yield record
            yield from self.below(record, group.children)

    def _group(self, parent: JobRecord, position: int, group: Group) -> JobRecord:
        detail = {
            "component": self._reference(group.component_ref),
            "inputs": self._inputs(group.inputs),
            "outputs": self._promoted(group.outputs, group.step.outputs),
            **_order_and_retry(group.step),
        }
        return self._child(parent, position, group, PIPELINE, detail)

    def _step(self, parent: JobRecord, position: int, node: Node) -> JobRecord:
        return self._with_step(self._child(parent, position, node, _kind_of(node), {}), node, {})

    def _child(
        self, parent: JobRecord, position: int, item: Node | Group, kind: str, detail: Mapping[str, Any]
    ) -> JobRecord:
        step = item.step
        return JobRecord(
            workspace=self._birth.workspace,
            name=self._birth.names[item.id],
            root_name=self._birth.name,
            parent_name=parent.name,
            kind=kind,
            node_id=item.id,
            position=position,
            display_name=step.display_name or step.key,
            experiment_name=self._birth.experiment_name,
            status=JobStatus.NOT_STARTED,
            created_at_ms=self._birth.at_ms,
            created_by=self._birth.user,
            description=step.description,
            tags=self._once(dict(step.tags)),
            properties=dict(step.properties),
            detail=detail,
        )

    def _with_step(self, record: JobRecord, node: Node, shared: Mapping[str, Any]) -> JobRecord:
        component = node.component
        detail = {
            **shared,
            "pool": self._placing.pools[node.id],
            **self._image_policy(node),
            "component": self._reference(node.component_ref),
            "command": component.command.text,
            "code": _path_text(component.code),
            "environment": self._once(self._environment(node)),
            "environment_variables": self._once(dict(node.environment_variables)),
            "inputs": self._once(self._inputs(node.inputs)),
            "outputs": self._once({name: _output(output) for name, output in node.outputs.items()}),
            "resources": self._once(_resources(node)),
            "distribution": None
            if node.distribution is None
            else {"type": node.distribution.type, **plain(node.distribution.settings)},
            **({"process_count": node.process_count} if node.process_count > 1 else {}),
            "limits": self._once({"timeout": node.timeout_seconds}),
            **sweep_detail(node),
            **flow_detail(node),
            **_driver(node),
            "queue_settings": self._once({"priority": node.priority.value}),
            **_order_and_retry(node.step, node),
        }
        properties = {"azureml.moduleName": component.head.name or node.step.key, **record.properties}
        return replace(record, compute=node.compute, properties=properties, detail=detail)

    def _image_policy(self, node: Node) -> dict[str, Any]:
        policy = self._placing.policies.get(node.id, ImagePolicy.PREFER)
        # Not said of every step of a thousand that it is as usual.
        return {} if policy is ImagePolicy.PREFER else {"image_policy": policy.value}

    def _inputs(self, inputs: Mapping[str, BoundInput]) -> dict[str, Any]:
        return {name: self._input(value) for name, value in inputs.items()}

    def _input(self, value: BoundInput) -> dict[str, Any]:
        if isinstance(value, Literal):
            return {"value": value.value}
        if isinstance(value, NodeOutput):
            source = {"job": self._birth.names[value.node], "node": value.node, "output": value.output}
            shown: dict[str, Any] = {"from": source, "type": value.type.value}
            # A value is put into the command, and is mounted nowhere.
            return shown if value.type.is_literal else {**shown, "mode": value.mode.value}
        if isinstance(value, Given):
            return {"given": value.name, "type": value.type.value}
        return self._data(value)

    def _data(self, data: Data) -> dict[str, Any]:
        found = self._found.get(path_key(data.path))
        text = str(found.pinned) if found is not None and found.pinned is not None else _path_text(data.path) or ""
        shown: dict[str, Any] = {"path": text, "type": data.type.value, "mode": data.mode.value}
        if found is not None:
            # The exact version that the step reads.
            shown |= {"uri": found.uri} if found.uri != text else {}
            shown |= {"digest": found.digest} if found.digest else {}
        return shown

    def _reference(self, reference: AssetRef | LocalPath | None) -> str | None:
        if reference is None:
            return None
        return str(self._pins.exact(reference) or reference) if isinstance(reference, AssetRef) else reference.text

    def _environment(self, node: Node) -> Any:
        # What a node repeats may be one command, whose environment is then shown as its own.
        named = self._environments.get((node.id,)) or self._environments.get((node.id, ""))
        return _environment(node) if named is None else self._reference(named)

    def _promoted(
        self, outputs: Mapping[str, NodeOutput], settings: Mapping[str, OutputSetting]
    ) -> dict[str, dict[str, Any]]:
        shown = {}
        for name, output in outputs.items():
            node = self._graph.nodes[output.node]
            bound = node.outputs.get(output.output)
            shown[name] = {
                **(_output(bound) if bound is not None else {"type": output.type.value, "mode": "rw_mount"}),
                "from": {"job": self._birth.names[output.node], "node": output.node, "output": output.output},
            }
        for name, setting in settings.items():
            # A pipeline output that no step writes to is shown, and stays empty.
            shown.setdefault(name, {"type": setting.type.value if setting.type else "uri_folder"})
        return shown

    def _settings(self) -> dict[str, Any]:
        settings = self._spec.settings if isinstance(self._spec, PipelineJob) else None
        default_compute = settings.default_compute if settings is not None else None
        return {
            "continue_on_step_failure": self._graph.continue_on_step_failure,
            "default_compute": None if default_compute is None else str(default_compute),
            "default_datastore": self._graph.default_datastore,
            "force_rerun": self._graph.force_rerun,
            **_edges(settings),
        }

    def _root_properties(self, head: JobHead) -> dict[str, str]:
        literals = {name: value.text for name, value in self._graph.inputs.items() if isinstance(value, Literal)}
        properties = {key: str(value) for key, value in (self._request.git or {}).items()}
        if self._graph.is_pipeline:
            properties |= {
                "azureml.continue_on_step_failure": str(self._graph.continue_on_step_failure),
                "azureml.parameters": json.dumps(literals, ensure_ascii=False),
                "azureml.pipelineComponent": "pipelinerun",
                "azureml.runsource": "azureml.PipelineRun",
                "runSource": "MFE",
                "runType": "HTTP",
            }
        return {**properties, **head.properties}


def with_warnings(root: JobRecord, warnings: tuple[Diagnostic, ...], resolution: Resolution) -> JobRecord:
    """Return the root record with what has to be remembered of its submit."""
    return replace(
        root,
        detail={
            **root.detail,
            "warnings": [diagnostic_json(warning) for warning in warnings],
            "resolved": dict(resolution.renamed),
            "contents": dict(resolution.contents),
            "pinned": resolution.pins.shown(),
        },
    )


def _edges(settings: PipelineSettings | None) -> dict[str, Any]:
    """Return the first and the last step; nothing is said of a job that has neither."""
    if settings is None:
        return {}
    named = {"on_init": settings.on_init, "on_finalize": settings.on_finalize}
    return {name: setting[0] for name, setting in named.items() if setting is not None}


def _kind_of(node: Node) -> str:
    return COMMAND if node.control is None or node.step.kind is None else node.step.kind.value


def _driver(node: Node) -> dict[str, Any]:
    """Return which program of ours runs in a step's place; nothing is said of a command."""
    return {} if node.driver is None else {"driver": node.driver.word}


def _order_and_retry(step: Step, node: Node | None = None) -> dict[str, Any]:
    """Return what Pipeyard's own keys say of a step; nothing is said of a step that has none of them."""
    shown: dict[str, Any] = {}
    if step.depends_on:
        shown["depends_on"] = [name for name, _ in step.depends_on]
    if node is None:
        return shown
    if node.retry is not None:
        when, seconds = list(node.retry.when), node.retry.backoff_seconds
        shown["retry"] = {"max": node.retry.retries_max, "backoff_seconds": seconds, "when": when}
    if not node.reuse:
        # `reuse` itself is what was decided when it came to run.
        shown["may_reuse"] = False
    return shown


def _output(output: BoundOutput) -> dict[str, Any]:
    shown: dict[str, Any] = {"type": output.type.value, "mode": output.mode.value}
    if output.path is not None:
        shown["path"] = str(output.path)
    if output.register_name is not None:
        shown |= {"name": output.register_name, "version": output.register_version}
    return shown


def _resources(node: Node) -> dict[str, Any]:
    return {
        "instance_count": node.instance_count,
        "instance_type": node.instance_type,
        "shm_size": node.shm_size,
        "docker_args": " ".join(node.docker_args) or None,
    }


def _environment(node: Node) -> Any:
    environment = node.environment
    if not isinstance(environment, InlineEnvironment):
        return None if environment is None else str(environment)
    shown: dict[str, Any] = {"image": environment.image}
    if environment.conda is not None:
        shown["conda_file"] = plain(environment.conda)
    if environment.build is not None:
        shown["build"] = {"path": _path_text(environment.build), "dockerfile_path": environment.dockerfile}
    return shown


def _path_text(path: Any) -> str | None:
    if path is None:
        return None
    return str(path) if isinstance(path, AssetRef) else str(path.text)
