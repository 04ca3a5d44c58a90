"""
The fields of each kind of mapping, as data.

In:       nothing.
Out:      names, types, defaults and one-line descriptions.
Not here: what decoding does with them (`spec/decode_*.py`).

Source: `azure-ml-v2`, sections 2 to 7. Decoding reads it to find unknown fields and the
nearest known ones; the reference pages and the editor read the same table.
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeyard.spec.field import Field
from pipeyard.spec.schema_driver import DRIVER_FIELDS, DRIVER_SCHEMA
from pipeyard.spec.schema_flow import FLOW_SCHEMA
from pipeyard.spec.schema_sweep import SWEEP_FIELDS, SWEEP_SCHEMA
from pipeyard.spec.schema_table import TABLE_SCHEMA

# Fields that Azure prints and that carry nothing: dropped without a word, anywhere at the top of a mapping.
READ_ONLY = frozenset(
    {
        "$schema",
        "id",
        "creation_context",
        "status",
        "log_files",
        "provisioning_state",
        "provisioning_errors",
        "is_enabled",
        "latest_version",
        "created_on",
        "resourceGroup",
        "is_default",
        "credentials_type",
    }
)


def _f(name: str, type_: str, description: str, default: str | None = None, *, required: bool = False) -> Field:
    return Field(name, type_, description, required, default)


_DESCRIBED = (
    _f("display_name", "text", "Name shown to people; need not be unique.", "the key or a generated name"),
    _f("description", "text", "What this is, in Markdown."),
    _f("tags", "mapping of texts", "Words to find it by."),
    _f("properties", "mapping of texts", "Facts that are only ever added to."),
)

_JOB = (
    _f("type", "text", "The kind of job.", "command"),
    _f("name", "text", "The job's identity, unique for ever.", "generated"),
    _f("experiment_name", "text", "Groups jobs.", "the name of the working folder"),
    *_DESCRIBED,
    _f("compute", "name of a compute", "Where it runs."),
    _f("inputs", "mapping", "Values and data that it reads."),
    _f("outputs", "mapping", "Data that it writes."),
    _f("identity", "mapping", "Accepted; jobs run as you."),
    _f("services", "mapping", "Accepted; interactive services are not started."),
)

_RUN = (
    _f("environment", "reference, file or mapping", "What the command runs in."),
    _f("environment_variables", "mapping of texts", "Variables that the command sees."),
    _f("resources", "mapping", "How much of a compute it takes."),
    _f("distribution", "mapping", "How several processes share the work."),
    _f("limits", "mapping", "When to stop it."),
    _f("services", "mapping", "Accepted; interactive services are not started."),
    _f("identity", "mapping", "Accepted; jobs run as you."),
    _f("queue_settings", "mapping", "Who goes first when several wait for a slot."),
    _f("retry", "mapping or whole number", "How often to try again after which failures; a key of Pipeyard's.", "0"),
)

_CODE = (
    _f("code", "path or reference", "Folder that is copied into the working folder.", "an empty folder"),
    _f("additional_includes", "list of paths", "Files and folders copied into the code."),
)

_COMMAND_BODY = (
    _f("command", "text", "What `bash -c` runs.", required=True),
    *_CODE,
    *_RUN,
)

_STEP = (
    _f("type", "text", "The kind of step.", "what its component is, else command"),
    *_DESCRIBED,
    _f("comment", "text", "A note shown beside the step."),
    _f("name", "text", "Accepted; a step's name is its key."),
    _f("compute", "name of a compute", "Where it runs.", "the pipeline's"),
    _f("inputs", "mapping", "Values for the inputs of its component."),
    _f("outputs", "mapping", "Where its outputs go."),
    _f("is_deterministic", "true or false", "Whether an equal earlier result may be used.", "true"),
    _f("depends_on", "name of a step, or list", "Steps beside it that have to complete first; a key of Pipeyard's."),
    _f("reuse", "true or false", "Whether an earlier result may stand for it here; a key of Pipeyard's.", "true"),
)

_OF_COMMAND_JOB = (
    _f("is_deterministic", "true or false", "Accepted.", "true"),
    _f("reuse", "true or false", "Whether an earlier result may stand for it; a key of Pipeyard's.", "true"),
    _f("parameters", "mapping", "Accepted; Azure prints it."),
    _f("parent_job_name", "text", "Accepted; Azure prints it."),
)

_COMPONENT = (
    _f("type", "text", "The kind of component.", "command"),
    _f("name", "text", "Name to register it under; no matter when it is used as a file."),
    _f("version", "text", "Its version.", "the next free number"),
    *_DESCRIBED,
    _f("is_deterministic", "true or false", "Whether an equal earlier result may be used.", "true"),
    _f("inputs", "mapping", "The inputs that it declares."),
    _f("outputs", "mapping", "The outputs that it declares."),
    _f("auto_delete_setting", "mapping", "Accepted."),
)

_ASSET = (
    _f("name", "text", "Name to register it under.", required=True),
    _f("version", "text", "Its version.", "the next free number"),
    *_DESCRIBED,
)

_COMPUTE = (
    _f("name", "text", "The compute's name.", required=True),
    _f("type", "text", "The kind of compute.", required=True),
    _f("description", "text", "What this is."),
    _f("tags", "mapping of texts", "Words to find it by."),
    _f("location", "text", "Accepted."),
    _f("identity", "mapping", "Accepted."),
)

_SSH = (
    _f("ssh_settings", "mapping", "Who may log in, and how."),
    _f("ssh_public_access_enabled", "true or false", "Accepted."),
)

_DATASTORE = (
    _f("name", "text", "The datastore's name.", required=True),
    _f("type", "text", "The kind of datastore.", required=True),
    _f("description", "text", "What this is."),
    _f("tags", "mapping of texts", "Words to find it by."),
)

_LET_IN = (
    _f("credentials", "mapping", "What lets one in; kept apart, never shown.", "whoever is signed in on this machine"),
    _f("anonymous", "true or false", "Ask without any credentials, for public data.", "false"),
)

_AZURE_ACCOUNT = (
    *_DATASTORE,
    *_LET_IN,
    _f("account_name", "text", "The storage account.", required=True),
    _f("endpoint", "text", "End of the account's address, or all of it.", "core.windows.net"),
    _f("protocol", "https, http, wasbs or abfss", "How it is spoken to.", "https"),
)


def _driven() -> dict[str, tuple[Field, ...]]:
    """Return the kinds of step that a program of ours runs: as a step, with or without a component, and so on."""
    found: dict[str, tuple[Field, ...]] = {}
    for kind, own in DRIVER_FIELDS.items():
        body = (*own, *_RUN, *(_CODE if kind == "spark" else ()))
        component = _f("component", "reference, file or mapping", "What it runs.", required=True)
        found[f"{kind} step"] = (*_STEP, component, *body)
        found[f"inline {kind} step"] = (*_STEP, *body, _f("experiment_name", "text", "Accepted."))
        found[f"{kind} component"] = (*_COMPONENT, *body)
        found[f"{kind} job"] = (*_JOB, *body, *_OF_COMMAND_JOB)
    return found


SCHEMA: Mapping[str, tuple[Field, ...]] = {
    "pipeline job": (
        *_JOB,
        _f("settings", "mapping", "Defaults for the steps, and how failures are met."),
        _f("jobs", "mapping of steps", "The steps.", required=True),
        _f("component", "reference or file", "A pipeline component to run instead of `jobs`."),
        _f("queue_settings", "mapping", "For the steps that have none of their own."),
        _f("retry", "mapping or whole number", "For the steps that have none of their own; a key of Pipeyard's.", "0"),
    ),
    "command job": (
        *_JOB,
        *_COMMAND_BODY,
        *_OF_COMMAND_JOB,
    ),
    "sweep job": (*_JOB, *SWEEP_FIELDS, *_OF_COMMAND_JOB),
    "sweep step": (*_STEP, *SWEEP_FIELDS),
    "step": (*_STEP, _f("component", "reference, file or mapping", "What it runs.", required=True), *_RUN),
    "inline step": (*_STEP, *_COMMAND_BODY, _f("experiment_name", "text", "Accepted; the pipeline's counts.")),
    "command component": (*_COMPONENT, *_COMMAND_BODY),
    "pipeline component": (
        *_COMPONENT,
        _f("jobs", "mapping of steps", "The steps.", required=True),
        _f("retry", "mapping or whole number", "For the steps that have none of their own; a key of Pipeyard's.", "0"),
    ),
    "settings": (
        _f("default_datastore", "name of a datastore", "Where outputs go.", "workspaceblobstore"),
        _f("default_compute", "name of a compute", "Where steps run that name none."),
        _f("continue_on_step_failure", "true or false", "Whether steps that need no failed one still run.", "true"),
        _f("force_rerun", "true or false", "Run every step, whatever there is to reuse.", "false"),
        _f("on_init", "name of a step", "A step that runs before all others."),
        _f("on_finalize", "name of a step", "A step that runs after all others, whatever became of them."),
        _f("continue_run_on_failed_optional_input", "true or false", "Has no effect yet."),
        _f("default_limits", "mapping", "Accepted."),
        _f("retry", "mapping or whole number", "The same as `retry` of the pipeline; a key of Pipeyard's.", "0"),
    ),
    "retry": (
        _f("max", "whole number", "Tries after the first one.", "1"),
        _f("backoff_seconds", "seconds", "Wait before each of them; no part of `limits.timeout`.", "0"),
        _f("when", "kind of failure, or list", "After which failures: kinds, exit codes, signals.", "any failure"),
    ),
    "queue_settings": (
        _f("priority", "low, medium or high", "A step of higher priority gets a free slot first.", "medium"),
        _f("job_tier", "text", "Accepted."),
    ),
    "limits": (_f("timeout", "seconds", "When to stop it."),),
    "resources": (
        _f("instance_count", "whole number", "Machines that it takes.", "1"),
        _f("instance_type", "text", "Kind of machine."),
        _f("shm_size", "text such as 2g", "Size of shared memory in a container."),
        _f("docker_args", "text or list of texts", "More options for a container."),
        _f("properties", "mapping", "Kept as written."),
        _f("locations", "list of texts", "Accepted."),
        _f("max_instance_count", "whole number", "Accepted."),
    ),
    "distribution": (
        _f("type", "pytorch, mpi, tensorflow or ray", "What starts the processes.", required=True),
        _f("process_count_per_instance", "whole number", "Processes on each machine.", "1"),
        _f("worker_count", "whole number", "Workers of TensorFlow.", "instance_count"),
        _f("parameter_server_count", "whole number", "Parameter servers of TensorFlow.", "0"),
        _f("port", "whole number", "Port of Ray."),
        _f("address", "text", "Address of Ray."),
        _f("include_dashboard", "true or false", "Whether Ray shows its dashboard."),
        _f("dashboard_port", "whole number", "Port of that dashboard."),
        _f("head_node_additional_args", "text", "More options for Ray's head."),
        _f("worker_node_additional_args", "text", "More options for Ray's workers."),
    ),
    "input": (
        _f("type", "type of data or value", "What it is.", "uri_folder"),
        _f("path", "path, URI or reference", "Where the data is."),
        _f("mode", "text", "How the data reaches the step.", "ro_mount"),
        _f("value", "number, text or truth value", "The value itself."),
        _f("datastore", "name of a datastore", "Where a local path is sent."),
        _f("path_on_compute", "text", "Accepted."),
        _f("description", "text", "Accepted."),
        _f("optional", "true or false", "Accepted."),
    ),
    "output": (
        _f("type", "type of data", "What it is.", "uri_folder"),
        _f("mode", "text", "How it reaches its datastore.", "rw_mount"),
        _f("path", "datastore URI", "Where it goes.", "a place of its own"),
        _f("name", "text", "Register it under this name."),
        _f("version", "text", "Register it as this version."),
        _f("description", "text", "Accepted."),
        _f("path_on_compute", "text", "Accepted."),
    ),
    "input port": (
        _f("type", "type of data or value", "What it takes.", required=True),
        _f("description", "text", "What it is for."),
        _f("optional", "true or false", "Whether it may be left out.", "false"),
        _f("default", "number, text or truth value", "Its value when left out."),
        _f("min", "number", "Smallest value."),
        _f("max", "number", "Largest value."),
        _f("enum", "list of texts", "The allowed values."),
        _f("mode", "text", "How data reaches the step.", "ro_mount"),
        _f("datastore", "name of a datastore", "Accepted."),
        _f("path", "text", "Accepted."),
    ),
    "output port": (
        _f("type", "type of data or value", "What it writes.", required=True),
        _f("description", "text", "What it is."),
        _f("mode", "text", "How it reaches its datastore.", "rw_mount"),
        _f("is_control", "true or false", "Accepted: an output that is no data is a value anyway.", "false"),
        _f("early_available", "true or false", "Kept for later.", "false"),
        _f("path", "text", "Accepted."),
    ),
    "environment": (
        _f("name", "text", "Name to register it under; no matter inline."),
        _f("version", "text", "Its version; no matter inline."),
        _f("image", "text", "A container image."),
        _f("conda_file", "path or mapping", "Packages to install."),
        _f("build", "mapping", "A Dockerfile to build."),
        _f("os_type", "linux or windows", "Accepted.", "linux"),
        _f("inference_config", "mapping", "Accepted."),
        *_DESCRIBED,
        _f("datastore", "name of a datastore", "Accepted."),
    ),
    "build": (
        _f("path", "path", "Folder of the build context.", required=True),
        _f("dockerfile_path", "text", "The Dockerfile in it.", "Dockerfile"),
    ),
    "data": (
        *_ASSET,
        _f("type", "uri_file, uri_folder or mltable", "What it is.", "uri_folder"),
        _f("path", "path, URI or reference", "Where the data is.", required=True),
        _f("datastore", "name of a datastore", "Where a local path is sent.", "workspaceblobstore"),
        _f("auto_delete_setting", "mapping", "Accepted."),
    ),
    "model": (
        *_ASSET,
        _f("type", "custom_model, mlflow_model or triton_model", "What it is.", "custom_model"),
        _f("path", "path, URI or reference", "Where the model is.", required=True),
        _f("stage", "text", "How far it is, such as Development or Production."),
        _f("flavors", "mapping", "What can load it."),
        _f("datastore", "name of a datastore", "Where a local path is sent.", "workspaceblobstore"),
        _f("auto_delete_setting", "mapping", "Accepted."),
    ),
    "azure_blob": (*_AZURE_ACCOUNT, _f("container_name", "text", "The container.", required=True)),
    "azure_data_lake_gen2": (*_AZURE_ACCOUNT, _f("filesystem", "text", "The file system.", required=True)),
    "s3": (
        *_DATASTORE,
        *_LET_IN,
        _f("bucket", "text", "The bucket.", required=True),
        _f("region", "text", "Its region."),
        _f("endpoint", "address", "Who speaks S3, if it is not Amazon."),
    ),
    "gcs": (
        *_DATASTORE,
        *_LET_IN,
        _f("bucket", "text", "The bucket.", required=True),
        _f("project", "text", "The project that pays."),
        _f("endpoint", "address", "Who speaks it, if it is not Google."),
    ),
    "http": (
        *_DATASTORE,
        _f("credentials", "mapping", "What lets one in; kept apart, never shown."),
        _f("url", "address", "Where the files are; they can only be read.", required=True),
    ),
    "local": (*_DATASTORE, _f("path", "path", "A folder of the server's machine.", required=True)),
    "amlcompute": (
        *_COMPUTE,
        *_SSH,
        _f("size", "text", "Azure's kind of machine: it says what an instance has."),
        _f("cpus", "whole number", "CPUs of an instance; a key of Pipeyard's.", "the size's"),
        _f("memory", "GiB, or text such as 16GB", "Memory of an instance; a key of Pipeyard's.", "the size's"),
        _f("gpus", "whole number", "GPUs of an instance; a key of Pipeyard's.", "the size's"),
        _f(
            "image_policy",
            "require, prefer or ignore",
            "What becomes of images; a key of Pipeyard's.",
            "the workspace's",
        ),
        _f(
            "sandbox",
            "true or false",
            "Whether steps may write to their own folders only; a key of Pipeyard's.",
            "the server's",
        ),
        _f("min_instances", "whole number", "Machines that are always kept.", "0"),
        _f("max_instances", "whole number", "Steps that may run at once.", "1"),
        _f("idle_time_before_scale_down", "seconds", "Accepted.", "120"),
        _f("tier", "dedicated or low_priority", "Accepted.", "dedicated"),
        _f("network_settings", "mapping", "Accepted."),
        _f("enable_node_public_ip", "true or false", "Accepted."),
    ),
    "computeinstance": (
        *_COMPUTE,
        *_SSH,
        _f("size", "text", "Kind of machine."),
        _f("state", "text", "Accepted."),
        _f("idle_time_before_shutdown", "text", "Accepted."),
        _f("idle_time_before_shutdown_minutes", "minutes", "Accepted."),
        _f("schedules", "mapping", "Accepted."),
        _f("setup_scripts", "mapping", "Accepted."),
        _f("custom_applications", "list", "Accepted."),
        _f("create_on_behalf_of", "mapping", "Accepted."),
        _f("network_settings", "mapping", "Accepted."),
        _f("enable_node_public_ip", "true or false", "Accepted."),
        _f("enable_sso", "true or false", "Accepted."),
        _f("enable_root_access", "true or false", "Accepted."),
        _f("enable_os_patching", "true or false", "Accepted."),
    ),
    "virtualmachine": (*_COMPUTE, *_SSH, _f("resource_id", "text", "The machine to attach.")),
    "kubernetes": (
        *_COMPUTE,
        _f("resource_id", "text", "The cluster to attach."),
        _f("namespace", "text", "Its namespace.", "default"),
        _f("properties", "mapping", "Kinds of instance."),
    ),
    "synapsespark": (
        *_COMPUTE,
        _f("resource_id", "text", "The pool to attach."),
        _f("auto_pause_settings", "mapping", "Accepted."),
        _f("scale_settings", "mapping", "Accepted."),
    ),
    **SWEEP_SCHEMA,
    **FLOW_SCHEMA,
    **TABLE_SCHEMA,
    **DRIVER_SCHEMA,
    **_driven(),
}

_NAMES = {kind: dict.fromkeys(field.name for field in fields) for kind, fields in SCHEMA.items()}


def fields_of(kind: str) -> Mapping[str, None]:
    """Return the field names of a kind, in the order of its page, as a set that keeps its order."""
    return _NAMES[kind]
