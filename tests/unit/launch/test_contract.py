from __future__ import annotations

from pipeyard.launch.contract import RunIdentity, contract_variables

ME = RunIdentity("step-1", "root-1", "my experiment", "default", "/s/wd")


def variables(identity=ME, **given):
    known = {"base": {}, "literals": {}, "inputs": {}, "outputs": {}, "own": {}}
    return contract_variables(identity, **{**known, **given})


def test_a_step_knows_who_it_is_and_where():
    """The names are Azure's, so that scripts find what they look for."""
    assert variables() == {
        "AZUREML_RUN_ID": "step-1",
        "AZUREML_ROOT_RUN_ID": "root-1",
        "AZUREML_ARM_PROJECT_NAME": "my experiment",
        "AZUREML_ARM_WORKSPACE_NAME": "default",
        "AZUREML_OUTPUT_DIRECTORY": "/s/wd/outputs",
        "AZUREML_LOGDIRECTORY_PATH": "/s/wd/logs",
        "AZUREML_CR_EXECUTION_WORKING_DIR_PATH": "/s/wd",
        "AZUREML_CR_HT_CAP_logs_PATH": "/s/wd/logs",
        "AZUREML_NODE_COUNT": "1",
        "AZUREML_CR_NODE_RANK": "0",
    }


def test_what_nothing_answers_is_left_out():
    """A script that looks for a service finds either one that answers or no variable."""
    served = RunIdentity("s", "r", "e", "w", "/s/wd", "http://127.0.0.1:1", "token")
    more = variables(served)

    assert more["AZUREML_SERVICE_ENDPOINT"] == "http://127.0.0.1:1"
    assert more["AZUREML_RUN_TOKEN"] == "token"
    assert not any(name.startswith("MLFLOW") for name in more)
    assert not any(name.startswith("MLFLOW") or "TOKEN" in name for name in variables())


OURS = "http://127.0.0.1:1/mlflow/w"
TRACKED = RunIdentity("s", "r", "e", "w", "/s/wd", "http://127.0.0.1:1", "token", OURS, "17")


def test_mlflow_finds_the_steps_own_run():
    """On our own server: the run, the experiment, and the job's own token."""
    more = variables(TRACKED)

    assert {name: more[name] for name in more if name.startswith("MLFLOW")} == {
        "MLFLOW_TRACKING_URI": OURS,
        "MLFLOW_TRACKING_TOKEN": "token",
        "MLFLOW_RUN_ID": "s",
        "MLFLOW_EXPERIMENT_ID": "17",
        "MLFLOW_EXPERIMENT_NAME": "e",
    }
    assert more["AZUREML_EXPERIMENT_ID"] == "17"


def test_another_tracking_server_gets_neither_our_run_nor_our_token():
    """Whether all steps are pointed there, or the step's own variables say so."""
    elsewhere = variables(RunIdentity("s", "r", "e", "w", "/s/wd", "http://127.0.0.1:1", "token", "http://m:5000"))
    own = variables(TRACKED, own={"MLFLOW_TRACKING_URI": "http://m:5000"})

    assert {name for name in elsewhere if name.startswith("MLFLOW")} == {
        "MLFLOW_TRACKING_URI",
        "MLFLOW_EXPERIMENT_NAME",
    }
    assert {name for name in own if name.startswith("MLFLOW")} == {"MLFLOW_TRACKING_URI"}


def test_a_proxy_is_not_asked_for_this_machine():
    """What the person says of proxies stays, and the loopback is added."""
    more = variables(TRACKED, base={"HTTP_PROXY": "http://proxy:1", "no_proxy": "corp"})

    assert more["NO_PROXY"] == more["no_proxy"] == "corp,127.0.0.1,localhost"
    assert "NO_PROXY" not in variables(TRACKED)


def test_ports_are_found_by_name():
    """Paths and literals are there for programs that take no arguments."""
    more = variables(literals={"n": "3"}, inputs={"data": "/s/inputs/data"}, outputs={"model": "/s/outputs/model"})

    assert more["AZUREML_PARAMETER_n"] == "3"
    assert more["AZURE_ML_INPUT_data"] == more["AZUREML_DATAREFERENCE_data"] == "/s/inputs/data"
    assert more["AZURE_ML_OUTPUT_model"] == more["AZUREML_DATAREFERENCE_model"] == "/s/outputs/model"


def test_names_are_made_valid_and_never_hide_each_other():
    """An input called like another one's variable keeps its own."""
    more = variables(inputs={"a-b": "/hyphen", "a_b": "/exact", "g.é": "/dot"}, outputs={"a_b": "/out"})

    assert more["AZURE_ML_INPUT_a_b"] == "/exact"
    assert more["AZURE_ML_INPUT_g__"] == "/dot"
    assert more["AZUREML_DATAREFERENCE_a_b"] == "/exact"
    assert more["AZURE_ML_OUTPUT_a_b"] == "/out"


def test_a_persons_own_variables_win_over_all_but_the_run_ids():
    """Tools find the job by its run ids, so these cannot be changed."""
    own = {
        "AZUREML_RUN_ID": "mine",
        "AZUREML_ROOT_RUN_ID": "mine",
        "AZUREML_NODE_COUNT": "7",
        "HOME": "/h",
        "X": "a b\n'",
    }
    more = variables(base={"HOME": "/root", "LANG": "C"}, own=own)

    assert (more["AZUREML_RUN_ID"], more["AZUREML_ROOT_RUN_ID"]) == ("step-1", "root-1")
    assert (more["AZUREML_NODE_COUNT"], more["HOME"], more["LANG"], more["X"]) == ("7", "/h", "C", "a b\n'")
