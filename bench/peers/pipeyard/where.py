"""Print where the newest job's output of a step is: `where.py s0010`."""
import json
import os
import subprocess
import sys
from pathlib import Path


def ask(*words):
    command = [f"{os.environ['BENCH_BIN']}/pipeyard", *words, "--output", "json"]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


root = ask("job", "list", "--max-results", "1")[0]["name"]
step = next(one for one in ask("job", "list", "--parent-job-name", root) if one["display_name"] == sys.argv[1])
uri = ask("job", "show", "--name", step["name"])["outputs"]["out"]["path"]
datastore, _, path = uri.removeprefix("azureml:").removeprefix("azureml://datastores/").partition("/paths/")
print(Path(os.environ["PIPEYARD_HOME"]) / "workspaces" / "default" / datastore / path)
