"""
Write pipeline.yml for a workload.

Plain mode: data goes through ports, as a user of Azure ML writes it, so every result is also synced,
moved to its place and listed with its digest. Mode `outside`: commands read and write files of the work
folder, as the other peers' do, and ports carry nothing but the order; see bench/README.md.
"""
import json
import os

from common import WORK, cmd, dag

OUTSIDE = os.environ.get("BENCH_MODE") == "outside"
steps = dag()
used = {d for s in steps for d in s.deps}


def step(s):
    # Steps of a fan are equal but for their names, so that one result would stand for all of them.
    body = {"type": "command", "environment": "local", "environment_variables": {"BENCH_STEP": s.name}}
    if OUTSIDE:
        body["command"] = f"cd '{WORK}' && {cmd(s.ins, s.out)}"
        inputs = {f"after_{d}": f"${{{{parent.jobs.{d}.outputs.done}}}}" for d in s.deps}
        outputs = {"done": {"type": "uri_folder"}} if s.name in used else {}
    else:
        inputs = {d: f"${{{{parent.jobs.{d}.outputs.out}}}}" for d in s.deps} or {"src": "${{parent.inputs.src}}"}
        outputs = {"out": {"type": "uri_file"}}
        # Our paths need no quotes here, and a quoted expression would be one of its own.
        text = cmd(["@@"], "${{outputs.out}}", log=f"'{WORK}/exec.log'")
        body["command"] = text.replace("@@", " ".join(f"${{{{inputs.{name}}}}}" for name in inputs))
    if inputs:
        body["inputs"] = inputs
    if outputs:
        body["outputs"] = outputs
    return body


document = {
    "$schema": "https://azuremlschemas.azureedge.net/latest/pipelineJob.schema.json",
    "type": "pipeline",
    "settings": {"default_compute": "azureml:bench"},
    "jobs": {s.name: step(s) for s in steps},
}
if not OUTSIDE:
    document["inputs"] = {"src": {"type": "uri_file", "path": "./src.txt"}}
# JSON is YAML.
with open("pipeline.yml", "w") as f:
    json.dump(document, f, indent=1)
