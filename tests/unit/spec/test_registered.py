from pipeyard.model.assets import AssetKind
from pipeyard.spec.registered import registered_references


def test_every_reference_of_a_pipeline_is_found_with_its_place():
    """
    Inline steps and components included; what only looks like a reference is not one.
    """
    tree = {
        "type": "pipeline",
        "component": "azureml:whole:1",
        "inputs": {
            "data": {"type": "uri_folder", "path": "azureml:iris@latest"},
            "model": {"type": "mlflow_model", "path": "azureml:net:3"},
            "group": {"inner": {"path": "azureml:deep:1"}},
            "text": "azureml:not_this:1",
            "file": {"path": "./local"},
        },
        "environment_variables": {"environment": "azureml:not_this:1"},
        "jobs": {
            "environment": {"component": "azureml:train", "inputs": {"component": "azureml:not_this:1"}},
            "inline": {
                "command": "echo azureml:not_this:1",
                "environment": "azureml://registries/r/environments/e/labels/latest",
            },
            "nested": {"component": {"jobs": {"x": {"component": "azureml:azureml_anonymous:ff"}}}},
            "sweep": {"type": "sweep", "trial": "azureml:trial:1"},
            "file": {"component": "./train.yml"},
            "odd": {"component": "${{parent.inputs.x}}"},
            "local": {"command": "x", "environment": "local"},
        },
    }

    found = {".".join(path): (reference.kind, str(reference)) for path, reference in registered_references(tree)}

    assert {
        "component": (AssetKind.COMPONENT, "azureml:whole:1"),
        "inputs.data.path": (AssetKind.DATA, "azureml:iris@latest"),
        "inputs.model.path": (AssetKind.MODEL, "azureml:net:3"),
        "inputs.group.inner.path": (AssetKind.DATA, "azureml:deep:1"),
        "jobs.environment.component": (AssetKind.COMPONENT, "azureml:train"),
        "jobs.inline.environment": (AssetKind.ENVIRONMENT, "azureml://registries/r/environments/e/labels/latest"),
        "jobs.nested.component.jobs.x.component": (AssetKind.COMPONENT, "azureml:azureml_anonymous:ff"),
        "jobs.sweep.trial": (AssetKind.COMPONENT, "azureml:trial:1"),
    } == found


def test_a_document_of_odd_shapes_is_no_error():
    """
    What is wrong with it is said by whoever decodes it.
    """
    for tree in ({"jobs": 3}, {"jobs": {"a": 1}}, {"inputs": []}, {"component": 1}, {"environment": "azureml:"}, {}):
        assert [] == list(registered_references(tree))
