"""
The environment variables that a command finds: Azure's run-time contract.

In:       the facts of one attempt, and what its inputs and outputs are.
Out:      every variable of its process.
Not here: PATH of the environment (`plan.path_prefix`), the command (`command_line.py`).

Source: section 10.1 of the language reference. A variable that nothing answers is
left out rather than made up: a script that looks for it can tell. So there is no
subscription, and with a tracking server elsewhere no `MLFLOW_RUN_ID`, which that server
would not know; nor is our token sent there. The
person's own `environment_variables` win over all others except the two run ids, by which
tools find the job.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from pipeyard.model.value import dataclass

_INVALID = re.compile(r"[^A-Za-z0-9_]")
_TRACKING_URI = "MLFLOW_TRACKING_URI"
RUN_ID, EXPERIMENT_ID, TRACKING_TOKEN = "MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID", "MLFLOW_TRACKING_TOKEN"
_PROXIES = frozenset({"http_proxy", "all_proxy"})
_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class RunIdentity:
    """Who this attempt is, and whom it may ask."""

    job_name: str
    root_name: str
    experiment_name: str
    workspace: str
    # Absolute path of the working folder.
    working_dir: str
    # None: nothing answers there.
    service_endpoint: str | None = None
    token: str | None = None
    # Of MLflow.
    tracking_uri: str | None = None
    # The experiment's number in our own tracking server; None: `tracking_uri` is somebody else's.
    experiment_id: str | None = None


def contract_variables(
    identity: RunIdentity,
    *,
    base: Mapping[str, str],
    literals: Mapping[str, str],
    inputs: Mapping[str, str],
    outputs: Mapping[str, str],
    own: Mapping[str, str],
    swept: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, str]:
    """
    Return the variables, each name once.

    *base* is what the process inherits, *literals* are numbers and texts, *inputs* and
    *outputs* paths or URIs, *own* is what the person asked for, *swept* what a sweep chose.
    """
    run_ids = {"AZUREML_RUN_ID": identity.job_name, "AZUREML_ROOT_RUN_ID": identity.root_name}
    tracked = _tracking(identity)
    if own.get(_TRACKING_URI, identity.tracking_uri) != identity.tracking_uri:
        # The person's own tracking server: it does not know our runs, and must not see our token.
        tracked = {}
    return {
        **base,
        **_past_proxy(base, tracked.get(_TRACKING_URI)),
        **_ports("AZUREML_PARAMETER_", literals),
        **_ports("AZUREML_SWEEP_", swept),
        # One datastore of names for both, as in Azure; an input is never hidden by an output.
        **_ports("AZUREML_DATAREFERENCE_", {**outputs, **inputs}),
        **_ports("AZURE_ML_INPUT_", inputs),
        **_ports("AZURE_ML_OUTPUT_", outputs),
        **_identity(identity),
        **tracked,
        **own,
        **run_ids,
    }


def variable_name(prefix: str, name: str) -> str:
    """Return a name that every shell can say: signs that it cannot become underscores."""
    return prefix + _INVALID.sub("_", name)


def _ports(prefix: str, values: Mapping[str, str]) -> dict[str, str]:
    named: dict[str, str] = {}
    # Names that need no change first: they may not lose to one that only looks like them.
    for name in _plain_first(values):
        named.setdefault(variable_name(prefix, name), values[name])
    return named


def _plain_first(names: Iterable[str]) -> list[str]:
    return sorted(names, key=lambda name: _INVALID.search(name) is not None)


def _identity(identity: RunIdentity) -> dict[str, str]:
    outputs, logs = f"{identity.working_dir}/outputs", f"{identity.working_dir}/logs"
    variables: dict[str, str | None] = {
        "AZUREML_ARM_PROJECT_NAME": identity.experiment_name,
        "AZUREML_ARM_WORKSPACE_NAME": identity.workspace,
        "AZUREML_SERVICE_ENDPOINT": identity.service_endpoint,
        "AZUREML_RUN_TOKEN": identity.token,
        "AZUREML_OUTPUT_DIRECTORY": outputs,
        "AZUREML_LOGDIRECTORY_PATH": logs,
        "AZUREML_CR_EXECUTION_WORKING_DIR_PATH": identity.working_dir,
        "AZUREML_CR_HT_CAP_logs_PATH": logs,
        "AZUREML_NODE_COUNT": "1",
        "AZUREML_CR_NODE_RANK": "0",
        "AZUREML_EXPERIMENT_ID": identity.experiment_id,
    }
    return {name: value for name, value in variables.items() if value is not None}


def _tracking(identity: RunIdentity) -> dict[str, str]:
    if identity.tracking_uri is None:
        return {}
    found: dict[str, str | None] = {
        _TRACKING_URI: identity.tracking_uri,
        "MLFLOW_EXPERIMENT_NAME": identity.experiment_name,
    }
    if identity.experiment_id is not None:
        found |= {
            RUN_ID: identity.job_name,
            EXPERIMENT_ID: identity.experiment_id,
            TRACKING_TOKEN: identity.token,
        }
    return {name: value for name, value in found.items() if value is not None}


def _past_proxy(base: Mapping[str, str], uri: str | None) -> dict[str, str]:
    """Return what keeps a client from asking a proxy for a server of this machine."""
    if uri is None or _LOOPBACK not in uri or not any(name.lower() in _PROXIES for name in base):
        return {}
    return {
        name: ",".join(filter(None, (base.get(name) or base.get(name.swapcase()), _LOOPBACK, "localhost")))
        for name in ("NO_PROXY", "no_proxy")
    }
