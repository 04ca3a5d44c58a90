"""
Pages of the codes about the graph: steps, what they read from each other, and how they run.

Not here: finding these problems (`graph/`), problems of one value alone (`codes_spec.py`).
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeyard.model.code_page import CodePage

GRAPH_PAGES: Mapping[str, CodePage] = {
    "unknown-binding": CodePage(
        "An expression names a step, an input or an output that does not exist.",
        "inputs:\n  data: ${{parent.jobs.train_jb.outputs.model}}",
        "Correct the name; the message offers the nearest one.",
    ),
    "unknown-step": CodePage(
        "A name is not that of a step. `depends_on` takes steps of the same pipeline; commands take the names that "
        "`pipeyard job show` lists, with `/` between a pipeline and a step in it.",
        "jobs:\n  train:\n    depends_on: [prep]\n    component: ./train.yml",
        "Correct the name; the message offers the nearest one.",
    ),
    "unknown-expression": CodePage(
        "An expression has a good form and means nothing where it stands. A command knows `inputs` and `outputs`, the "
        "input of a step knows `parent`, the path of an output knows `name`, `output_name` and `default_datastore`.",
        "command: python main.py --rate ${{parent.inputs.rate}}",
        "Give the step an input with this value, and use `${{inputs.<input>}}` in its command.",
    ),
    "unknown-input": CodePage(
        "A command uses an input that its component does not declare, or that its step does not give.",
        "command: cat ${{inputs.dta}}\ninputs:\n  data: {type: uri_file, path: ./a.txt}",
        "Correct the name, or declare the input.",
    ),
    "unknown-output": CodePage(
        "A command writes to an output that is not declared.",
        "command: cp a.txt ${{outputs.copy}}",
        "Correct the name, or add the output under `outputs:`.",
    ),
    "undeclared-input": CodePage(
        "A step gives an input that its component does not declare. It is ignored; a warning only, because Azure runs such "
        "pipelines.",
        "jobs:\n  train:\n    component: ./train.yml\n    inputs:\n      max_epocs: 20",
        "Correct the name, declare the input in the component, or remove it.",
    ),
    "undeclared-output": CodePage(
        "A step speaks of an output that its component does not declare.",
        "jobs:\n  train:\n    component: ./train.yml\n    outputs:\n      modle: {mode: upload}",
        "Correct the name, or declare the output in the component.",
    ),
    "missing-input": CodePage(
        "A component requires an input that nobody gives: it is not optional and has no default. An input of the pipeline "
        "that is empty counts as not given.",
        "jobs:\n  train:\n    component: ./train.yml   # requires `data`",
        "Give the input, or make it `optional: true` or give it a `default` in the component.",
    ),
    "optional-to-required": CodePage(
        "An input that may have no value is bound to one that must have a value.",
        "# the pipeline component:  inputs: {data: {type: uri_folder, optional: true}}\n"
        "inputs:\n  data: ${{parent.inputs.data}}   # and this component requires it",
        "Make the input of the pipeline required, or that of the component optional.",
    ),
    "optional-outside-section": CodePage(
        "A command uses an input that may have no value in a place where a value must be.",
        "command: python main.py --seed ${{inputs.seed}}\ninputs:\n  seed: {type: integer, optional: true}",
        "Write `$[[--seed ${{inputs.seed}}]]`: the section is dropped when there is no value. Or give the input a default.",
    ),
    "section-always-kept": CodePage(
        "An optional section `$[[...]]` depends on inputs that always have a value, so that it is never dropped.",
        "command: python main.py $[[--seed ${{inputs.seed}}]]\ninputs:\n  seed: {type: integer}",
        "Make the input `optional: true`, or remove `$[[` and `]]`.",
    ),
    "line-continuation": CodePage(
        "A folded command (`>`, `>-`) has a backslash where its lines end. The lines become one, and the backslash makes a "
        "word of the blank behind it. Azure's documentation warns of the same.",
        "command: >-\n  python main.py \\\n  --rate 1",
        "Remove the backslashes, or write the command as a literal block (`|`).",
    ),
    "binding-not-alone": CodePage(
        "An input that takes data is bound to an expression with text beside it. Data is bound by one expression and "
        "nothing else.",
        "inputs:\n  data: ${{parent.inputs.folder}}/train.csv",
        "Bind the folder, and write the rest of the path in the command: `${{inputs.data}}/train.csv`.",
    ),
    "data-in-text": CodePage(
        "An expression that stands for data is part of a text. Where the data will be is known only when the step runs.",
        "inputs:\n  title: result of ${{parent.jobs.train.outputs.model}}",
        "Give the step two inputs, and put them together in its command.",
    ),
    "self-reference": CodePage(
        "A step reads what it writes itself.",
        "jobs:\n  train:\n    inputs:\n      data: ${{parent.jobs.train.outputs.model}}",
        "Bind the input to another step, or to an input of the pipeline.",
    ),
    "graph-ring": CodePage(
        "Steps wait for each other in a ring, so that none of them could ever start.",
        "jobs:\n  a:\n    inputs: {x: ${{parent.jobs.b.outputs.y}}}\n  b:\n    inputs: {x: ${{parent.jobs.a.outputs.y}}}",
        "Remove one of the bindings that the message lists.",
    ),
    "output-bound-twice": CodePage(
        "Two steps are to write the same output of the pipeline.",
        "outputs: {model: ${{parent.outputs.model}}}   # in two steps",
        "Give each its own output of the pipeline.",
    ),
    "output-not-written": CodePage(
        "A pipeline has an output that none of its steps writes.",
        "outputs:\n  model:\njobs:\n  train:\n    component: ./train.yml",
        "Bind a step's output to it with `${{parent.outputs.model}}`, or remove it.",
    ),
    "shared-output-path": CodePage(
        "Two outputs of one job are stored at the same place. For a file that is an error; folders are merged, and files "
        "of one name overwrite each other.",
        "path: azureml://datastores/workspaceblobstore/paths/results/   # in two outputs",
        "Put `${{name}}` (the step's job) or `${{output_name}}` into the path.",
    ),
    "version-clash": CodePage(
        "Two outputs of one job are to be registered under the same name and version.",
        "outputs:\n  model: {name: regression, version: 1}   # in two steps",
        "Leave `version` out of one of them: it gets the next number.",
    ),
    "value-as-asset": CodePage(
        "An output that is a number, a text or a truth value is to be registered under a name. Only data and models are "
        "assets.",
        "outputs:\n  is_good: {type: boolean, name: is_good}",
        "Leave `name` and `version` out, or declare the output as `uri_file`.",
    ),
    "kind-mismatch": CodePage(
        "A step or job says that it is of one kind, and its component is of another.",
        "jobs:\n  train:\n    type: command\n    component: ./pipeline_component.yml",
        "Correct `type`, or leave it out: it is what the component is.",
    ),
    "kind-not-yet": CodePage(
        "Steps of this type are work of Azure's own services, and cannot run here.",
        "jobs:\n  train:\n    type: automl",
        "Leave the step out, or write it as a command. Its component can be registered and shown.",
    ),
    "no-spark": CodePage(
        "A step runs on Spark, and this machine lacks what Spark needs: Java, or pyspark in the step's Python.",
        "jobs:\n  count:\n    type: spark\n    entry: {file: count.py}",
        "Install a Java runtime, and pyspark by `pip install 'pipeyard[spark]'` or a conda file of the step's own.",
    ),
    "component-ring": CodePage(
        "A pipeline component contains itself, at once or through others.",
        "# a.yml\njobs:\n  again:\n    component: ./a.yml",
        "Take the step out that the message names last.",
    ),
    "too-deep": CodePage(
        "Pipelines are nested more than a hundred deep.",
        "# a1.yml uses a2.yml, which uses a3.yml, and so on",
        "Flatten the pipeline.",
    ),
    "too-many-steps": CodePage(
        "A job has more steps than can be run, mostly because pipelines inside pipelines multiply them.",
        "# ten levels, each of which uses the next one ten times",
        "Split the job, or use the inner pipelines less often.",
    ),
    "missing-environment": CodePage(
        "Neither a step nor its component says what it runs in.",
        "jobs:\n  train:\n    command: python train.py",
        "Write `environment:` in the component or on the step; `environment: local` is the Python that Pipeyard runs with.",
    ),
    "distribution-not-yet": CodePage(
        "A step asks for a `distribution` that this version knows by name and cannot run.",
        "distribution:\n  type: ray",
        "Use `pytorch`, `mpi` or `tensorflow`; with `type: pytorch` and one process on each instance a script can start Ray itself.",
    ),
    "no-distribution": CodePage(
        "A step takes several instances and does not say how its processes work together, so that its command runs once.",
        "resources:\n  instance_count: 2",
        "Write a `distribution`, or leave `instance_count` out.",
    ),
    "too-many-processes": CodePage(
        "A step asks for more processes than may run together. All of them run on this machine.",
        "resources: {instance_count: 100}\ndistribution: {type: pytorch, process_count_per_instance: 100}",
        "Ask for fewer instances, or for fewer processes on each.",
    ),
    "mode-mismatch": CodePage(
        "An input has a mode that data of its type cannot have. `eval_mount` and `eval_download` put the files that an "
        "MLTable names in the place of its folder, so they need one.",
        "inputs:\n  data: {type: uri_folder, path: ./data, mode: eval_mount}",
        "Use `ro_mount`, `rw_mount`, `download` or `direct`.",
    ),
}
