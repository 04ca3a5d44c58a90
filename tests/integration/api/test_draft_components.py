"""The component files of a draft over HTTP: listed, registered, and named by what they became."""

from __future__ import annotations

from pipeyard.model.errors import StoreError
from pipeyard.service import draft_components
from tests.integration.api.test_drafts import DRAFTS, error, new, save

PIPELINE = """\
# Kept.
type: pipeline
display_name: Parts
jobs:
  first:
    component: ./parts/make.yml  # by path
    inputs: {top: 3}
  inner:
    type: pipeline
    component:
      type: pipeline
      jobs:
        again: {type: command, component: 'file:parts/make.yml', inputs: {top: 4}}
  last:
    component: "./count.yml"
    inputs: {numbers: "${{parent.jobs.first.outputs.numbers}}"}
"""
MAKE = """\
type: command
name: make_numbers
version: 3
inputs: {top: {type: integer, min: 1}}
outputs: {numbers: {type: uri_folder}}
code: ./src
command: bash make.sh ${{inputs.top}} ${{outputs.numbers}}/n.txt
environment: {image: busybox}
"""
COUNT = """\
type: command
name: count_lines
inputs: {numbers: {type: uri_folder}}
command: wc -l ${{inputs.numbers}}/n.txt
environment: {image: busybox}
"""
SCRIPT = 'seq "$1" > "$2"\n'


def folder(**other):
    files = {
        "pipeline.yml": PIPELINE,
        "parts/make.yml": MAKE,
        "parts/src/make.sh": SCRIPT,
        "count.yml": COUNT,
        **other,
    }
    return [{"path": path, "text": text} for path, text in files.items()]


def register(api, draft, **wanted):
    return api.client.post(f"{DRAFTS}/{draft['id']}/components:register", json=wanted)


def found(answer):
    assert answer.status_code == 200, answer.text
    return {one["file"]: one for one in answer.json()["components"]}


def states(answer):
    return {file: (one["state"], one["reference"]) for file, one in found(answer).items()}


def test_what_registering_would_do_is_said_before(api):
    """Names, versions, code and who names it; nothing is written by that."""
    draft = new(api, files=folder())
    answer = register(api, draft, dry_run=True)
    make, count = found(answer).values()

    assert (make["file"], make["name"], make["version"], make["type"]) == (
        "parts/make.yml",
        "make_numbers",
        "3",
        "command",
    )
    assert make["steps"] == ["first", "inner/again"]
    assert (make["code_files"], make["code_bytes"]) == (1, len(SCRIPT))
    assert (make["state"], make["reference"]) == ("new", "azureml:make_numbers:3")
    assert (count["version"], count["next_version"], count["reference"]) == (None, "1", "azureml:count_lines:1")
    assert answer.json()["text"] == PIPELINE
    assert api.client.get("/api/v1/workspaces/default/components").json()["value"] == []


def test_all_are_registered_and_the_text_names_them(api):
    """In one save, comments and quotes kept; their code came along; the draft is sound and runs by reference."""
    draft = new(api, files=folder())
    answer = register(api, draft)
    text = (
        PIPELINE.replace("./parts/make.yml", "azureml:make_numbers:3")
        .replace("file:parts/make.yml", "azureml:make_numbers:3")
        .replace("./count.yml", "azureml:count_lines:1")
    )
    saved = api.client.get(f"{DRAFTS}/{draft['id']}").json()
    version = api.client.get("/api/v1/workspaces/default/components/make_numbers/versions/3").json()
    trees = api.client.get("/api/v1/workspaces/default/components/make_numbers/versions/3/files").json()["trees"]

    assert states(answer) == {
        "parts/make.yml": ("registered", "azureml:make_numbers:3"),
        "count.yml": ("registered", "azureml:count_lines:1"),
    }
    assert (answer.json()["registered"], answer.json()["kept"]) == (2, [])
    assert (saved["text"], saved["revision"]) == (text, 2)
    assert version["code"].startswith("azureml://datastores/")
    assert [file["path"] for tree in trees for file in tree["files"]] == ["make.sh"]
    assert api.client.post(f"{DRAFTS}/{draft['id']}/validate", json={}).json()["problems"] == []


def test_to_ask_again_registers_nothing_twice(api):
    """A version that is there with an equal body, and the newest of what says none, are only referred to."""
    register(api, new(api, files=folder()))
    draft = new(api, files=folder())

    assert {one["state"] for one in found(register(api, draft, dry_run=True)).values()} == {"same"}
    answer = register(api, draft)
    assert states(answer) == {
        "parts/make.yml": ("same", "azureml:make_numbers:3"),
        "count.yml": ("same", "azureml:count_lines:1"),
    }
    assert "component: azureml:make_numbers:3  # by path" in answer.json()["text"]
    versions = api.client.get("/api/v1/workspaces/default/components/count_lines/versions").json()["value"]
    assert len(versions) == 1


def test_another_body_under_a_version_is_told_and_the_rest_is_registered(api):
    """What differs is named; the path of the refused one stays; the next number can be taken for it."""
    register(api, new(api, files=folder()), only=["parts/make.yml"])
    other = MAKE.replace("min: 1", "min: 2")
    draft = new(api, files=folder(**{"parts/make.yml": other}))
    answer = register(api, draft)
    make = found(answer)["parts/make.yml"]

    assert (make["state"], make["differs"], make["reference"]) == ("differs", ["inputs.top.min"], None)
    assert "`inputs.top.min`" in make["message"]
    assert found(answer)["count.yml"]["state"] == "registered"
    assert "./parts/make.yml" in answer.json()["text"]
    assert "azureml:count_lines:1" in answer.json()["text"]
    again = register(api, draft, only=["parts/make.yml"], next=["parts/make.yml"])
    assert states(again) == {"parts/make.yml": ("registered", f"azureml:make_numbers:{make['next_version']}")}
    assert "parts/make.yml" not in again.json()["text"]


def test_a_component_with_problems_stands_in_nobodys_way(api):
    """A missing file, one without a name, code that is not there: each is told with its file and line."""
    text = PIPELINE + "  gone: {component: ./gone.yml}\n  out: {component: ../../out.yml}\n"
    files = folder(
        **{
            "pipeline.yml": text,
            "count.yml": COUNT.replace("name: count_lines\n", ""),
            "parts/make.yml": MAKE.replace("./src", "./other"),
        }
    )
    answer = register(api, new(api, files=files))
    parts = found(answer)

    assert {file: one["state"] for file, one in parts.items()} == {
        "parts/make.yml": "wrong",
        "count.yml": "wrong",
        "gone.yml": "wrong",
    }
    assert parts["parts/make.yml"]["problems"][0]["span"]["line"] == 6
    assert parts["parts/make.yml"]["problems"][0]["span"]["file"] == "parts/make.yml"
    assert "gone.yml" in parts["gone.yml"]["message"]
    assert "/tmp" not in answer.text
    assert (answer.json()["text"], answer.json()["draft"]["revision"]) == (text, 1)


def test_a_component_without_a_name_is_given_one(api):
    """By whoever registers it; the file stays as it is."""
    draft = new(api, files=folder(**{"count.yml": COUNT.replace("name: count_lines\n", "")}))
    answer = register(api, draft, only=["count.yml"], names={"count.yml": "counted"})
    wrong = register(api, draft, only=["parts/make.yml"], names={"parts/make.yml": "no such/name"})

    assert states(answer) == {"count.yml": ("registered", "azureml:counted:1")}
    assert found(wrong)["parts/make.yml"]["state"] == "wrong"


def test_a_failure_while_registering_is_told_by_itself(api, monkeypatch):
    """The disk was full for one of them: the other is registered and referred to, and nothing is lost."""
    create = draft_components.create_asset

    def full(world, workspace, kind, request, by):
        if request.document["name"] == "make_numbers":
            raise StoreError("no space is left", hint="free some")
        return create(world, workspace, kind, request, by)

    monkeypatch.setattr(draft_components, "create_asset", full)
    draft = new(api, files=folder())
    answer = register(api, draft)
    parts = found(answer)

    assert parts["parts/make.yml"]["state"] == "failed"
    assert parts["parts/make.yml"]["error"]["message"] == "no space is left"
    assert parts["count.yml"]["state"] == "registered"
    assert "./parts/make.yml" in answer.json()["text"]
    monkeypatch.undo()
    assert found(register(api, draft))["parts/make.yml"]["state"] == "registered"


def test_a_draft_that_was_changed_meanwhile_is_refused_before_anything_is_registered(api):
    """Held by another, changed, or put away; with paths that are kept, only what is asked of the state counts."""
    draft = new(api, files=folder(), holder="tab")
    changed = save(api, draft, text=PIPELINE + "# more\n", holder="tab").json()

    assert error(register(api, draft)) == (409, "draft-held")
    assert error(register(api, draft, revision=1, holder="tab")) == (409, "stale-draft")
    assert api.client.get("/api/v1/workspaces/default/components").json()["value"] == []
    kept = register(api, draft, refer=False, revision=changed["revision"], holder="tab")
    assert kept.json()["registered"] == 2
    assert kept.json()["text"].count("azureml:") == 3
    assert api.client.get(f"{DRAFTS}/{draft['id']}").json() == changed


def test_what_makes_no_sense_to_register_is_refused(api):
    """A file that the pipeline does not name, a pipeline that cannot be read, a wrong body."""
    draft = new(api, files=folder())

    assert error(register(api, draft, only=["parts/src/make.sh"])) == (404, "missing-file")
    assert error(register(api, draft, only="count.yml")) == (400, "bad-request")
    assert error(register(api, draft, names={"count.yml": 3})) == (400, "bad-request")
    broken = register(api, new(api, text="type: pipeline\njobs: ["), dry_run=True)
    assert broken.status_code == 422
    assert broken.json()["problems"][0]["span"]["line"] == 3
    assert found(register(api, new(api, text="type: pipeline\njobs: {}\n"))) == {}
