"""
Pages of the codes about the language: fields, values, names, references, expressions.

Not here: finding these problems (`spec/`), problems between steps (`graph/`).
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeyard.model.code_page import CodePage

SPEC_PAGES: Mapping[str, CodePage] = {
    "unknown-field": CodePage(
        "A mapping has a key that nothing reads. At the top of a job and in a step that is written out it is an error, "
        "as in Azure; elsewhere a warning, because Azure drops such keys without a word and existing files have them.",
        "settings:\n  default_datestore: azureml:workspaceblobstore",
        "Correct the spelling, move the key to where it belongs, or remove it.",
    ),
    "missing-field": CodePage(
        "Something that must be written is not there.",
        "jobs:\n  train:\n    type: command",
        "Add the field that the message names.",
    ),
    "wrong-type": CodePage(
        "A value is of another type than its field takes: a list where a text belongs, a text where a number belongs.",
        "limits:\n  timeout: one hour",
        "Write a value of the type that the message names.",
    ),
    "wrong-value": CodePage(
        "A value has the right type, and still cannot be: a time limit of 0, an output on a local path, a `min` above its "
        "`max`.",
        "limits:\n  timeout: 0",
        "Write a value as the message expects it.",
    ),
    "unknown-value": CodePage(
        "A field takes one of a few words, and this is none of them. Capitals do not matter.",
        "outputs:\n  model:\n    mode: mounted",
        "Use one of the words that the message lists.",
    ),
    "type-mismatch": CodePage(
        "A value does not fit the declared type. Nothing is rounded or guessed: an integer is not `3.7`, and a boolean is "
        "`true` or `false`.",
        "inputs:\n  epochs:\n    type: integer\n    default: 3.7",
        "Give a value of the declared type, or declare another type.",
    ),
    "value-not-allowed": CodePage(
        "A value has the declared type and lies outside `min` and `max`, or is none of `enum`.",
        "inputs:\n  rate:\n    type: number\n    max: 1\n    default: 2",
        "Give a value inside the bounds, or widen them.",
    ),
    "default-of-data": CodePage(
        "An input that takes data declares a default. Only numbers, texts and truth values can have one.",
        "inputs:\n  raw:\n    type: uri_folder\n    default: ./data",
        "Make the input `optional: true`, or give the data in the pipeline.",
    ),
    "old-spelling": CodePage(
        "This was the spelling of 2021 or 2022. It is read as the spelling of today, which the hint shows; Azure's current "
        "client refuses it.",
        "code:\n  local_path: ./src",
        "Write it as the hint says.",
    ),
    "no-effect": CodePage(
        "A field is known, and does nothing in this place.",
        "# in a component file\ncompute: azureml:cpu-cluster",
        "Remove it, or write it where it counts: `compute` belongs to the step or the pipeline job.",
    ),
    "two-defaults": CodePage(
        "A pipeline job has both `compute` and `settings.default_compute`. The second wins.",
        "compute: azureml:small\nsettings:\n  default_compute: azureml:large",
        "Keep one of the two.",
    ),
    "schedule-not-yet": CodePage(
        "A pipeline job has a `schedule`. Schedules do not fire yet: the job runs once, when it is submitted.",
        "type: pipeline\nschedule:\n  type: cron",
        "Nothing has to be done. To run it regularly, submit it from a timer of the system.",
    ),
    "component-as-job": CodePage(
        "The file is a component, and was given where a job is wanted. A component declares inputs; a job gives them values.",
        "name: train\nversion: 1\ntype: command\ncommand: python train.py",
        "Write a pipeline job with a step whose `component` names this file.",
    ),
    "printed-job": CodePage(
        "The file is what `job show` or `job create --save-as` wrote: what is known of a job that exists, mostly what "
        "became of it. Where its code and components came from is not in it.",
        "creation_context: {created_by: me}\nname: good_fox\nroot_job_name: good_fox\ntype: pipeline",
        "Create one like it with `pipeyard job resubmit`, or write its files with `pipeyard draft create --job` and "
        "`pipeyard draft export`.",
    ),
    "two-spellings": CodePage(
        "The same thing is written in two ways at once: `retry` of a pipeline and in its `settings`, or `when` and `on` in "
        "a `retry`. Which of them was meant cannot be known.",
        "retry:\n  max: 2\n  when: lost\n  on: failed",
        "Keep one of the two.",
    ),
    "jobs-and-component": CodePage(
        "A pipeline job has both `jobs`, a graph written out, and `component`, a graph from elsewhere.",
        "type: pipeline\ncomponent: ./pipeline.yml\njobs: {}",
        "Remove one of the two.",
    ),
    "broken-expression": CodePage(
        "What stands in `${{ }}` is not one dotted name, or is never closed. There are no operators, functions or indexes.",
        "epochs: ${{parent.inputs.epochs * 2}}",
        "Write one dotted name, such as `${{parent.inputs.epochs}}`, and do the arithmetic in the command.",
    ),
    "broken-section": CodePage(
        "An optional section `$[[ ]]` is never closed, holds another one, or names no input that could decide about it.",
        "command: python train.py $[[--epochs ${{inputs.epochs}}",
        "Close it with `]]`, and put exactly the words into it that should go when the input is not given.",
    ),
    "expression-not-here": CodePage(
        "A field that must be known before anything runs holds an expression: what a step runs, and in what environment.",
        "component: ${{parent.inputs.which}}",
        "Write the value itself.",
    ),
    "wrong-binding": CodePage(
        "An output of a step is bound to something else than an output of the pipeline.",
        "outputs:\n  model: ${{parent.jobs.train.outputs.model}}",
        "Write `${{parent.outputs.<name>}}`. To read another step's output, bind an input to it.",
    ),
    "broken-reference": CodePage(
        "A text starts like a reference and cannot be one: an empty name, a version and a label at once, another kind of "
        "thing than wanted.",
        "environment: azureml:sklearn:1@latest",
        "Write `azureml:<name>:<version>`, `azureml:<name>@<label>`, or the full id.",
    ),
    "missing-prefix": CodePage(
        "A text looks like the name of something registered, without the `azureml:` that says so.",
        "environment: sklearn:1",
        "Write `azureml:sklearn:1`. If it is a file, write `./` before it.",
    ),
    "unknown-uri": CodePage(
        "Data is named by a URI that nothing here can read.",
        "path: ftp://example.org/data.csv",
        "Use a local path, `https://`, `azureml://datastores/...`, or a registered data asset.",
    ),
    "empty-path": CodePage(
        "A path is empty, or holds a character that no path can hold.",
        'inputs:\n  raw:\n    path: ""',
        "Name a file or folder.",
    ),
    "environment-base": CodePage(
        "An environment has both `image` and `build`, or neither. Exactly one of them says what it is built on.",
        "environment:\n  conda_file: ./conda.yml",
        "Add `image`, or remove one of the two.",
    ),
    "conda-file-as-environment": CodePage(
        "A conda file was given where an environment is wanted. It lists packages; an environment also says on what image.",
        "environment: ./conda.yml",
        "Write `environment: {image: <image>, conda_file: ./conda.yml}`.",
    ),
    "bad-name": CodePage(
        "A name has signs that its kind of name cannot have, because it reaches expressions, paths or addresses.",
        "jobs:\n  train model: {component: ./train.yml}",
        "Use letters, digits and underscores.",
    ),
    "bad-version": CodePage(
        "A version of an asset has signs that no reference could hold.",
        "name: train\nversion: 1/2",
        "Use letters, digits, dots, underscores and hyphens, or leave the version out: the next number is taken.",
    ),
    "name-style": CodePage(
        "A name works here, and Azure would refuse it: hyphens or capitals in the name of a step, for example.",
        "jobs:\n  train-job: {component: ./train.yml}",
        "Nothing has to be done unless the file must also run in Azure.",
    ),
    "reserved-name": CodePage(
        "An input or output of a command, or a compute, has a name that is taken. Inputs become environment variables, and "
        "one called `path` or `home` would hide what the shell needs.",
        "inputs:\n  path: ./data",
        "Choose another name.",
    ),
    "names-too-alike": CodePage(
        "Two names in one mapping differ only in capitals. Azure does not tell them apart.",
        "jobs:\n  train: {component: ./a.yml}\n  Train: {component: ./b.yml}",
        "Rename one of the two.",
    ),
}
