"""Why a step cannot take an earlier result, word for word."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeyard.graph.model import Literal
from pipeyard.model.expression import CommandText, Template
from pipeyard.model.reuse import EnvironmentIdentity
from pipeyard.model.types import InputMode, OutputMode
from pipeyard.reuse.reason import Details, reasons_of
from tests.unit.reuse.build import ENVIRONMENT, FACTS, manifest, parts_of, result, train, with_component

NODE = train()
EARLIER = result(parts_of(NODE))
OTHER_CODE = "b" * 64


def said(node=NODE, facts=FACTS, details=Details()):  # noqa: B008 - a frozen value
    """Return the sentences about a step that ran before as `NODE`."""
    return [reason.message for reason in reasons_of(node, parts_of(node, facts), EARLIER, details)]


def code_details(before, now):
    """Return details that know the files of the code, before and now."""
    return Details(upload={FACTS.code: before, OTHER_CODE: now}.get)


def in_environment(**parts):
    """Return the sentences about a step in another environment."""
    return said(facts=replace(FACTS, environment=EnvironmentIdentity("e2", {**ENVIRONMENT.parts, **parts})))


def test_equal_steps_have_nothing_to_say():
    """There is no reason where there is no difference."""
    assert said() == []


def test_a_changed_code_file_is_named():
    """With the folder as people know it, and since when."""
    details = code_details(manifest(train_py="1", a_py="1"), manifest(train_py="2", a_py="1"))

    assert said(facts=replace(FACTS, code=OTHER_CODE), details=details) == [
        "code file `src/train.py` changed since job `happy_cat`"
    ]


def test_new_and_removed_code_files_are_named():
    """One sentence for each, while they are few."""
    details = code_details(manifest(old_py="1"), manifest(lib__new_py="1"))

    assert said(facts=replace(FACTS, code=OTHER_CODE), details=details) == [
        "code file `src/lib/new.py` is new since job `happy_cat`",
        "code file `src/old.py` is gone since job `happy_cat`",
    ]


def test_many_code_files_are_counted():
    """The first ones are named."""
    names = ("a_py", "b_py", "c_py", "d_py", "e_py")
    details = code_details(manifest(**dict.fromkeys(names, "1")), manifest(**dict.fromkeys(names, "2")))

    assert said(facts=replace(FACTS, code=OTHER_CODE), details=details) == [
        "5 code files differ since job `happy_cat`: `src/a.py`, `src/b.py`, `src/c.py` and 2 more"
    ]


def test_a_stray_file_comes_with_advice():
    """The commonest surprise: a cache that Python or an editor left in the folder."""
    entry = manifest(x="1").entries[0]
    now = replace(manifest(), entries=(replace(entry, path="__pycache__/train.cpython-311.pyc"),))
    facts = replace(FACTS, code=OTHER_CODE)
    (reason,) = reasons_of(NODE, parts_of(NODE, facts), EARLIER, code_details(manifest(), now))

    assert reason.code == "code-changed"
    assert reason.hint == "name it in `.amlignore` if it is no code of yours"


def test_code_whose_files_nobody_knows_changed():
    """No file is made up."""
    assert said(facts=replace(FACTS, code=OTHER_CODE)) == ["the code changed since job `happy_cat`"]
    assert said(facts=replace(FACTS, code=None)) == ["the step has no code, and had some in job `happy_cat`"]


def test_a_literal_is_shown_before_and_after():
    """Texts in quotes, so that blanks are seen; booleans as Azure writes them."""

    def with_rate(value):
        return said(replace(NODE, inputs={**NODE.inputs, "rate": Literal(value)}))

    assert with_rate(0.2) == ["input `rate`: 0.1 -> 0.2 since job `happy_cat`"]
    assert with_rate("a b ") == ['input `rate`: 0.1 -> "a b " since job `happy_cat`']
    assert with_rate(value=True) == ["input `rate`: 0.1 -> True since job `happy_cat`"]


def test_a_changed_command_is_shown_around_its_change():
    """A long command is cut where it is the same."""
    text = NODE.component.command.text.replace("${{inputs.raw}}", "--raw ${{inputs.raw}}")
    node = with_component(NODE, command=CommandText(text, (text,)))

    assert said(node) == [
        (
            "the command changed since job `happy_cat`: "
            "`...${{inputs.raw}} ${{inputs.model}} ${{outputs.out}}` -> "
            "`...--raw ${{inputs.raw}} ${{inputs.model}} ${{outputs.out}}`"
        )
    ]


def test_changed_data_names_the_file():
    """Of a folder on a datastore, as far as its files are known."""
    details = Details(
        input_before={"raw": manifest(a_csv="1", b_csv="1")}.get, input_now={"raw": manifest(a_csv="2", c_csv="1")}.get
    )
    facts = replace(FACTS, contents={**FACTS.contents, "raw": "r2"})

    assert said(facts=facts) == ["the data of input `raw` changed since job `happy_cat`"]
    assert said(facts=facts, details=details) == [
        "the data of input `raw` changed since job `happy_cat`: `a.csv` changed, `c.csv` is new, `b.csv` is gone"
    ]


def test_one_changed_file_of_data_has_one_name():
    """A single file counts by its bytes, whatever it is called now."""
    details = Details(upload={"r1": manifest(is_file=True, a_csv="1"), "r2": manifest(is_file=True, b_csv="2")}.get)

    assert said(facts=replace(FACTS, contents={**FACTS.contents, "raw": "r2"}), details=details) == [
        "the data of input `raw` changed since job `happy_cat`: `b.csv` changed"
    ]


def test_another_output_of_the_step_before_is_said_so():
    """The step that wrote it is named, and the file."""
    details = Details(input_before={"model": manifest(w_bin="1")}.get, input_now={"model": manifest(w_bin="2")}.get)
    facts = replace(FACTS, contents={**FACTS.contents, "model": "m2"})
    (reason,) = reasons_of(NODE, parts_of(NODE, facts), EARLIER, details)

    assert (reason.code, reason.message) == (
        "upstream-changed",
        "output `model` of step `make` is not what it was since job `happy_cat`: `w.bin` changed",
    )


def test_a_line_of_the_conda_file_is_shown():
    """Before and after, by package; new ones and those that are gone."""
    assert in_environment(pip=["numpy==1.26", "scipy"]) == [
        (
            "the environment changed since job `happy_cat`: `numpy==1.25` -> `numpy==1.26` in its pip packages; "
            "`scipy` is new in its pip packages; `pandas` is gone from its pip packages"
        )
    ]


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"python": "3.12.1"}, "Python `3.11.7` -> `3.12.1`"),
        ({"kind": "container", "image": "ubuntu"}, "it was a virtual environment and is a container"),
        ({"variables": {"OMP": "1"}}, "its variables `OMP`"),
        ({"channels": ["conda-forge"]}, "channels none -> `conda-forge`"),
        ({"pip": ["pandas", "numpy==1.25"]}, "another order in its pip packages"),
    ],
)
def test_other_changes_of_an_environment(parts, words):
    """Each is told by itself."""
    assert in_environment(**parts) == [f"the environment changed since job `happy_cat`: {words}"]


def test_packages_beside_the_server_are_told():
    """A step without an environment of its own depends on what is installed there."""
    before = EnvironmentIdentity("s1", {"kind": "python", "installed": ["click==8.0", "numpy==1.25"]})
    now = EnvironmentIdentity("s2", {"kind": "python", "installed": ["click==8.1", "numpy==1.25"]})
    earlier = result(parts_of(NODE, replace(FACTS, environment=before)))
    (reason,) = reasons_of(NODE, parts_of(NODE, replace(FACTS, environment=now)), earlier)

    assert reason.message == (
        "the environment changed since job `happy_cat`: `click==8.0` -> `click==8.1` in the server's Python"
    )


def test_a_changed_build_context_names_the_file():
    """An image that is built from a folder changes with its Dockerfile."""
    place = "azureml://datastores/workspaceblobstore/paths/LocalUpload/{}/docker"
    before = EnvironmentIdentity("b1", {"kind": "container", "build": place.format("c" * 64)})
    now = EnvironmentIdentity("b2", {"kind": "container", "build": place.format("d" * 64)})
    details = Details(upload={"c" * 64: manifest(Dockerfile="1"), "d" * 64: manifest(Dockerfile="2")}.get)
    earlier = result(parts_of(NODE, replace(FACTS, environment=before)))
    (reason,) = reasons_of(NODE, parts_of(NODE, replace(FACTS, environment=now)), earlier, details)

    assert reason.message.endswith(": the folder it is built from, where `Dockerfile` changed")


def test_settings_of_outputs_and_inputs_are_told():
    """Where an output goes, how data comes, what is new and what is gone."""
    here = Template(("azureml://datastores/workspaceblobstore/paths/here/",))
    out, raw = NODE.outputs["out"], NODE.inputs["raw"]
    changed = replace(
        NODE,
        outputs={"out": replace(out, path=here, mode=OutputMode.UPLOAD), "more": out},
        inputs={"raw": replace(raw, mode=InputMode.DOWNLOAD), "rate": raw, "model": NODE.inputs["model"]},
        environment_variables={"MODE": "slow", "NEW": ""},
        instance_count=2,
    )

    assert said(changed) == [
        'the mode of input `raw`: "ro_mount" -> "download" since job `happy_cat`',
        "input `rate` is data and was 0.1 since job `happy_cat`",
        'environment variable `MODE`: "fast" -> "slow" since job `happy_cat`',
        "environment variable `NEW` is new since job `happy_cat`",
        'the mode of output `out`: "rw_mount" -> "upload" since job `happy_cat`',
        (
            "output `out` goes to `azureml://datastores/workspaceblobstore/paths/here/` "
            "and not to its default place since job `happy_cat`"
        ),
        "output `more` is new since job `happy_cat`",
        "`resources.instance_count`: none -> 2 since job `happy_cat`",
    ]
