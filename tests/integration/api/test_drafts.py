"""Drafts over HTTP: saved, held, looked at, taken in from hostile places, and submitted."""

from __future__ import annotations

import io
import shlex
import stat
import threading
import zipfile

import pytest

from pipeyard.api import graph
from pipeyard.service import draft_files
from tests.integration.api.test_assets import TRAIN as REGISTERED
from tests.integration.api.test_assets import create

DRAFTS = "/api/v1/workspaces/default/drafts"
TEXT = """\
type: pipeline
display_name: Two steps
jobs:
  first:
    type: command
    command: echo hello > ${{outputs.out}}/x
    environment: {image: busybox}
    outputs: {out: {type: uri_folder}}
  second:
    type: command
    command: cat ${{inputs.data}}/x
    environment: {image: busybox}
    inputs: {data: "${{parent.jobs.first.outputs.out}}"}
"""


def new(api, **what):
    answer = api.client.post(DRAFTS, json=what)
    assert answer.status_code == 201, answer.text
    return answer.json()


def save(api, draft, **what):
    return api.client.put(f"{DRAFTS}/{draft['id']}", json={"revision": draft["revision"], **what})


def error(answer):
    return answer.status_code, answer.json()["error"]["code"]


def zip_of(files, *, links=()):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            archive.writestr(zipfile.ZipInfo(path), data)
        for path in links:
            entry = zipfile.ZipInfo(path)
            entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
            archive.writestr(entry, "/etc/passwd")
    return target.getvalue()


def take_in(api, data, **query):
    return api.client.post(f"{DRAFTS}:import", content=data, params=query)


def test_a_draft_is_what_was_saved_last(api):
    """Text, name and positions; whoever looks sees the newest."""
    draft = new(api, text=TEXT)
    saved = save(api, draft, text=TEXT + "# more\n", name="Other", layout={"first": [1, 2]}).json()

    assert (draft["name"], draft["origin"], draft["revision"]) == ("Two steps", "text", 1)
    assert api.client.get(f"{DRAFTS}/{draft['id']}").json() == saved
    assert (saved["name"], saved["revision"], saved["layout"]) == ("Other", 2, {"first": [1, 2]})
    assert saved["text"].endswith("# more\n")


# --- two tabs, two people ------------------------------------------------------------------------


def test_a_save_that_began_earlier_overwrites_nothing(api):
    """It is refused with the state that there is; what the other one saved stays, and both can be had."""
    draft = new(api, text=TEXT)
    theirs = save(api, draft, text="theirs").json()
    refused = save(api, draft, text="mine")

    assert error(refused) == (409, "stale-draft")
    assert refused.json()["draft"] == theirs
    assert api.client.get(f"{DRAFTS}/{draft['id']}").json()["text"] == "theirs"


def test_a_save_whose_answer_got_lost_may_be_sent_again(api):
    """The server died after it had stored it: the same save once more is no conflict, and no new state."""
    draft = new(api, text=TEXT)
    first = save(api, draft, text="new", layout={"a": 1}).json()
    again = save(api, draft, text="new", layout={"a": 1})

    assert (again.status_code, again.json()) == (200, first)


def test_of_two_saves_at_the_same_moment_one_is_stored(api):
    """Whoever is second is told, however close it was."""
    draft = new(api, text=TEXT)
    start = threading.Barrier(4)
    found = []

    def one(number):
        start.wait()
        found.append(save(api, draft, text=f"text {number}").status_code)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(found) == [200, 409, 409, 409]
    assert len(api.client.get(f"{DRAFTS}/{draft['id']}/revisions").json()["value"]) == 2


def test_a_second_tab_only_reads_until_it_takes_over(api):
    """Then the first learns of it by its next save; what it had saved stays."""
    draft = new(api, text=TEXT, holder="one")
    hold = f"{DRAFTS}/{draft['id']}/hold"

    assert api.client.post(hold, json={"holder": "two"}).json()["holder"] == "one"
    assert error(save(api, draft, text="two", holder="two")) == (409, "draft-held")
    assert error(save(api, draft, text="nobody")) == (409, "draft-held")
    mine = save(api, draft, text="one", holder="one").json()
    assert api.client.post(hold, json={"holder": "two", "take_over": True}).json()["holder"] == "two"
    refused = save(api, mine, text="one again", holder="one")
    assert error(refused) == (409, "draft-held")
    assert refused.json()["draft"]["holder"] == "two"
    assert save(api, mine, text="two", holder="two").json()["revision"] == 3


def test_a_tab_that_is_gone_holds_nothing(api):
    """It said so, or nothing was heard of it for some minutes."""
    draft = new(api, text=TEXT, holder="one")
    address = f"{DRAFTS}/{draft['id']}"

    assert api.client.post(f"{address}/release", json={"holder": "other"}).json()["holder"] == "one"
    assert api.client.post(f"{address}/release", json={"holder": "one"}).json()["holder"] is None
    assert api.client.post(f"{address}/hold", json={"holder": "two"}).json()["holder"] == "two"
    api.desk.world.clock.ms += 200_000
    assert api.client.get(address).json()["holder"] is None
    assert save(api, draft, text="three", holder="three").json()["holder"] == "three"


def test_whoever_looks_on_is_told_of_a_take_over(api):
    """By the one stream that a browser has; the draft's text is not sent along."""
    draft = new(api, text=TEXT, holder="one")
    drafts = graph._Drafts(api.desk, "default", [draft["id"], "gone"])
    drafts.look()
    api.client.post(f"{DRAFTS}/{draft['id']}/hold", json={"holder": "two", "take_over": True})
    (told,) = drafts.look()

    assert (told["id"], told["holder"], "text" in told) == (draft["id"], "two", False)
    assert drafts.look() == []
    api.client.delete(f"{DRAFTS}/{draft['id']}?forever=true")
    assert drafts.look() == [{"id": draft["id"]}]


# --- what was ------------------------------------------------------------------------------------


def test_every_state_can_be_looked_at_and_brought_back(api):
    """A state that is restored is a new one: nothing is lost by it."""
    draft = new(api, text="first")
    second = save(api, draft, text="second", files={"a.py": {"text": "print()"}}).json()
    address = f"{DRAFTS}/{draft['id']}/revisions"
    restored = api.client.post(f"{address}/1/restore", json={"revision": second["revision"]}).json()

    assert api.client.get(f"{address}/1").json()["text"] == "first"
    assert (restored["text"], restored["revision"], restored["files"]) == ("first", 3, [])
    listed = api.client.get(address).json()["value"]
    assert [(one["revision"], one["reason"]) for one in listed] == [(3, "restored"), (2, "saved"), (1, "created")]
    assert error(api.client.get(f"{address}/9")) == (404, "no-such-draft")
    assert error(api.client.get(f"{address}/{10**30}")) == (404, "no-such-draft")


def test_what_was_put_away_can_be_brought_back(api):
    """It is not listed, and not changed; forgotten, nothing of it is there."""
    draft = new(api, text=TEXT, files=None)
    address = f"{DRAFTS}/{draft['id']}"

    assert api.client.delete(address).status_code == 204
    assert api.client.get(DRAFTS).json()["value"] == []
    assert error(save(api, draft, text="x")) == (409, "draft-archived")
    assert api.client.post(f"{address}/restore").json()["archived"] is False
    assert [one["id"] for one in api.client.get(DRAFTS).json()["value"]] == [draft["id"]]
    assert api.client.delete(f"{address}?forever=true").status_code == 204
    assert error(api.client.get(address)) == (404, "no-such-draft")


def test_drafts_are_listed_page_by_page(api):
    """Changed last first; found by words of their names."""
    made = [new(api, text=TEXT, name=f"Report {number}")["id"] for number in range(3)]
    page = api.client.get(DRAFTS, params={"limit": 2}).json()
    rest = api.client.get(DRAFTS, params={"limit": 2, "before": page["next"]}).json()

    assert [one["id"] for one in page["value"] + rest["value"]] == made[::-1]
    assert rest["next"] is None
    assert [one["name"] for one in api.client.get(DRAFTS, params={"text": "2 report"}).json()["value"]] == ["Report 2"]


@pytest.mark.parametrize(
    "name", ["a/b", "ü 漢字 😀", "'; DROP TABLE drafts", "x" * 200, "  spaces\tand\nlines  ", "%_"]
)
def test_a_draft_may_be_called_anything(api, name):
    """What is exported has a name that file systems like."""
    draft = new(api, text=TEXT, name=name)
    sent = api.client.get(f"{DRAFTS}/{draft['id']}/export")

    assert draft["name"] == " ".join(name.split())
    assert sent.text == TEXT
    assert "/" not in sent.headers["content-disposition"].partition("''")[2]


@pytest.mark.parametrize(
    "body",
    [
        {"name": ""},
        {"name": "x" * 201},
        {"text": 3},
        {"layout": []},
        {"files": {"a": {}}},
        {"files": {"../a": {"text": ""}}},
        {"files": {"a": {"text": ""}, "a/b": {"text": ""}}},
        {"files": [{"text": ""}]},
        {"holder": "x" * 101},
        {"holder": "a\0b"},
        {"files": {"pipeline.yml": {"text": "jobs:"}}},
        {"files": {"a": {"base64": "?"}}},
    ],
)
def test_what_makes_no_sense_is_refused(api, body):
    """With one sentence, and nothing is stored."""
    draft = new(api, text=TEXT)

    assert 400 <= save(api, draft, **body).status_code < 500
    assert api.client.get(f"{DRAFTS}/{draft['id']}").json() == draft


# --- folders and zips ----------------------------------------------------------------------------

PIPELINE = """\
type: pipeline
jobs:
  train:
    component: ./parts/train.yml
    inputs: {rate: 0.5}
"""
TRAIN = """\
type: command
name: train
version: 1
inputs: {rate: {type: number}}
code: ./src
command: python train.py ${{inputs.rate}}
environment: {image: busybox}
"""
FOLDER = {"pipeline.yml": PIPELINE, "parts/train.yml": TRAIN, "parts/src/train.py": "print('train')\n"}


def test_a_zip_becomes_a_draft_with_its_components(api):
    """The one folder around everything is taken away; what a working folder has besides is left out."""
    junk = {"top/.git/config": "x", "top/__pycache__/a.pyc": "x"}
    answer = take_in(api, zip_of({f"top/{path}": data for path, data in FOLDER.items()} | junk), name="Mine")
    draft = answer.json()

    assert answer.status_code == 201, answer.text
    assert (draft["name"], draft["main"], draft["text"]) == ("Mine", "pipeline.yml", PIPELINE)
    assert [file["path"] for file in draft["files"]] == ["parts/src/train.py", "parts/train.yml"]
    found = api.client.post(f"{DRAFTS}/{draft['id']}/validate", json={}).json()
    assert found == {"problems": [], "errors": 0, "warnings": 0, "left_out": 0}
    assert api.client.get(f"{DRAFTS}/{draft['id']}/files/parts/train.yml").text == TRAIN


def test_an_exported_zip_is_taken_in_as_the_same(api):
    """Byte for byte, also the executable bit; and two exports are equal."""
    files = {"pipeline.yml": {"text": PIPELINE}, "parts/train.yml": {"text": TRAIN}}
    draft = new(api, files={**files, "parts/src/train.py": {"base64": "AP8=", "executable": True}})
    data = api.client.get(f"{DRAFTS}/{draft['id']}/export").content
    again = take_in(api, data).json()

    assert data == api.client.get(f"{DRAFTS}/{draft['id']}/export?form=zip").content
    assert (again["text"], again["files"]) == (draft["text"], draft["files"])
    assert error(api.client.get(f"{DRAFTS}/{draft['id']}/export?form=yaml")) == (400, "draft-has-files")


@pytest.mark.parametrize(
    "path",
    [
        "../evil",
        "/etc/evil",
        "a/../../evil",
        "a//b",
        "./a",
        "C:/evil",
        "a\\..\\evil",
        "x" * 300,
        "a/" * 600 + "b",
    ],
)
def test_a_path_that_leads_out_is_refused(api, path):
    """Whatever else the zip holds; nothing is stored."""
    answer = take_in(api, zip_of({"pipeline.yml": TEXT, path: "x"}))

    assert error(answer) == (400, "bad-path")
    assert api.client.get(DRAFTS).json()["value"] == []


def test_a_name_that_no_system_knows_is_refused(api):
    """Half of a letter, and the end of a text in its middle."""
    data = zip_of({"pipeline.yml": TEXT, "a@b": "x"}).replace(b"a@b", b"a\0b")
    draft = new(api, text=TEXT)

    assert error(take_in(api, data)) == (400, "bad-path")
    for what in ('"text": "\\ud800"', '"layout": {"x": NaN}', '"layout": ' + '{"a":' * 900 + "1" + "}" * 900):
        answer = api.client.put(f"{DRAFTS}/{draft['id']}", content='{"revision": 1, ' + what + "}")
        assert error(answer) == (400, "bad-request")


def test_a_link_in_a_zip_is_refused(api):
    """It would be followed by whoever reads the folder."""
    assert error(take_in(api, zip_of({"pipeline.yml": TEXT}, links=["passwords"]))) == (400, "bad-path")


@pytest.mark.parametrize("data", [b"", b"no zip", zip_of({}), zip_of({"pipeline.yml": TEXT})[:-30]])
def test_what_is_no_zip_is_refused(api, data):
    """Nothing, something else, an empty one, one that broke off."""
    assert error(take_in(api, data)) == (400, "bad-zip")


def test_a_zip_is_as_large_as_it_is_when_it_is_unpacked(api, monkeypatch):
    """A few bytes that stand for many are counted as many; so are many small files."""
    monkeypatch.setattr(draft_files, "BYTES_MAX", 100_000)
    monkeypatch.setattr(draft_files, "FILES_MAX", 10)

    assert error(take_in(api, zip_of({"pipeline.yml": TEXT, "zeros": "0" * 200_000}))) == (400, "draft-too-large")
    many = {f"{number}.py": "" for number in range(11)}
    assert error(take_in(api, zip_of({"pipeline.yml": TEXT, **many}))) == (400, "draft-too-large")
    draft = new(api, text=TEXT)
    assert error(save(api, draft, files={"a": {"text": "0" * 100_001}})) == (400, "draft-too-large")


def test_which_file_is_the_pipeline_is_guessed_or_said(api):
    """By its name, else by what is in it; where two may be meant, both are named."""
    component = "$schema: .../commandComponent.schema.json\njobs: {}\n"
    one = take_in(api, zip_of({"train.yml": component, "weekly.yml": TEXT}))
    two = {"a.yml": TEXT, "b.yml": TEXT}

    assert one.json()["main"] == "weekly.yml"
    assert error(take_in(api, zip_of(two))) == (400, "which-file")
    assert take_in(api, zip_of(two)).json()["files"] == ["a.yml", "b.yml"]
    assert take_in(api, zip_of(two), main="b.yml").json()["main"] == "b.yml"
    assert error(take_in(api, zip_of(two), main="c.yml")) == (400, "missing-file")
    assert error(take_in(api, zip_of({"a.txt": "x"}))) == (400, "which-file")


# --- what it means -------------------------------------------------------------------------------


def validated(api, text, **files):
    return api.client.post(f"{DRAFTS}:validate", json={"text": text, "files": files}).json()


def test_problems_have_their_place_in_the_text_and_in_the_pipeline(api):
    """File, line and column; step and field; what may have been meant."""
    problems = validated(api, TEXT.replace("    inputs: {data", "    inptus: {data"))["problems"]
    found = next(one for one in problems if one["code"] == "unknown-field")

    assert (found["severity"], found["step"], found["field"]) == ("error", "second", "inptus")
    assert (found["file"], found["span"]["line"], found["span"]["column"]) == ("pipeline.yml", 13, 5)
    assert "inputs" in found["hint"]


def test_problems_of_a_component_stand_in_its_file(api):
    """Named as the draft names it, never by where the server put it."""
    broken = TRAIN.replace("type: number", "type: nmber")
    found = validated(api, PIPELINE, **{"parts/train.yml": {"text": broken}, "parts/src/train.py": {"text": "x"}})
    told = found["problems"][0]

    assert (told["file"], told["span"]["file"], told["span"]["line"], told["step"]) == (
        "parts/train.yml",
        "parts/train.yml",
        4,
        None,
    )
    assert str(api.home) not in str(found)


def test_broken_yaml_is_a_problem_with_a_line(api):
    """The Designer keeps its last good picture, and marks the line."""
    found = validated(api, "type: pipeline\njobs: [\n")

    assert (found["errors"], found["problems"][0]["span"]["line"]) == (1, 3)


@pytest.mark.parametrize(
    "text",
    [
        "type: pipeline\njobs: {a: {component: ../../../../../../../../etc/passwd}}\n",
        "type: pipeline\njobs: {a: {component: /etc/passwd}}\n",
        "type: pipeline\njobs: {a: {component: file:/etc/passwd}}\n",
        "type: pipeline\njobs: {a: {component: ~/.ssh/id_rsa.yml}}\n",
        "type: pipeline\njobs: {a: {type: command, command: ls, code: /etc, environment: {image: x}}}\n",
        "type: pipeline\njobs: {a: {type: command, command: ls, code: ./x/../.., environment: {image: x}}}\n",
        "type: pipeline\njobs: {a: {type: command, command: ls, environment: {image: x, conda_file: /etc/passwd}}}\n",
        "type: pipeline\njobs: {a: {type: command, command: ls, environment: {build: {path: ..}}}}\n",
        "type: pipeline\njobs: {a: {type: command, command: ls, environment: /etc/passwd}}\n",
        "type: pipeline\ninputs: {d: {type: uri_file, path: /etc/passwd}}\njobs: {a: {component: x.yml}}\n",
        "type: pipeline\njobs: {a: {type: command, command: ls, code: ., additional_includes: [../..]}}\n",
    ],
)
def test_no_path_is_followed_out_of_the_draft(api, text):
    """Not even to look whether something is there; nothing of it is in what is said."""
    found = validated(api, text, **{"x/y.py": {"text": ""}})

    assert "outside-draft" in [one["code"] for one in found["problems"]]
    assert "root:" not in str(found)
    assert str(api.home) not in str(found)


def test_a_table_of_a_draft_names_no_files_outside(api):
    """Its own file is read, and what that names is looked for in the draft only."""
    text = (
        "type: pipeline\ninputs: {d: {type: mltable, path: ./table}}\n"
        "jobs: {a: {type: command, command: 'ls ${{inputs.d}}', environment: {image: x}, "
        "inputs: {d: '${{parent.inputs.d}}'}}}\n"
    )
    table = "paths:\n- file: ../../../../../../../../etc/passwd\n"
    found = validated(api, text, **{"table/MLTable": {"text": table}})

    assert [(one["code"], one["file"]) for one in found["problems"]] == [("outside-table", "table/MLTable")]


def test_registered_components_are_those_of_the_workspace(api):
    """A port that one of them lacks is a problem with its line; one that is not there names what is near."""
    create(api, {**REGISTERED, "name": "train_line"})
    text = "type: pipeline\njobs:\n  a:\n    component: azureml:train_line:1\n    inputs: {rat: 1}\n"
    used = validated(api, text)["problems"]
    missing = validated(api, text.replace("train_line", "train_lin"))["problems"]

    assert {one["span"]["line"] for one in used} == {4, 5} or {one["span"]["line"] for one in used} == {5}
    assert [(one["code"], one["span"]["line"]) for one in missing] == [("asset-not-found", 4)]
    assert "train_line" in missing[0]["hint"]


def test_what_only_the_server_knows_is_a_problem_too(api):
    """Data that is not there, as `job validate` says it with a server."""
    text = TEXT + "inputs:\n  gone: {type: uri_file, path: azureml://datastores/nowhere/paths/x}\n"

    assert [one["code"] for one in validated(api, text)["problems"]] == ["unknown-datastore"]


def test_every_example_can_be_drafted_and_is_sound(api):
    """But for the one whose components have to be registered first."""
    found = {}
    for template in api.client.get("/api/v1/templates").json()["value"]:
        draft = new(api, template=template["name"])
        assert draft["file_count"] == template["file_count"] - 1
        answer = api.client.post(f"{DRAFTS}/{draft['id']}/validate", json={}).json()
        found[template["name"]] = {one["code"] for one in answer["problems"] if one["severity"] == "error"}

    assert found.pop("registered-components") == {"asset-not-found"}
    assert len(found) > 8
    assert {name: codes for name, codes in found.items() if codes} == {}
    assert error(api.client.post(DRAFTS, json={"template": "regresion"})) == (404, "no-such-template")


# --- jobs ----------------------------------------------------------------------------------------


def test_a_draft_becomes_a_job_as_wished(api):
    """What is wished wins over the text, and stands in the command that does the same."""
    draft = new(api, files={path: {"text": text} for path, text in FOLDER.items()}, name="My report")
    wishes = {"display_name": "it's me", "experiment_name": "e", "tags": {"a b": "c"}, "default_compute": "local"}
    answer = api.client.post(f"{DRAFTS}/{draft['id']}/submit", json={**wishes, "force_rerun": True, "name": "mine"})
    job = api.client.get("/api/v1/workspaces/default/jobs/mine").json()

    assert answer.status_code == 201, answer.text
    assert (job["display_name"], job["experiment_name"], job["tags"]) == ("it's me", "e", {"a b": "c"})
    assert (job["settings"]["force_rerun"], job["settings"]["default_compute"]) == (True, "local")
    assert shlex.split(answer.json()["command"]) == [
        *("pipeyard", "job", "create", "--file", "my-report/pipeline.yml", "--set", 'display_name="it\'s me"'),
        *("experiment_name=e", 'tags={"a b": "c"}', "settings.default_compute=azureml:local"),
        *("settings.force_rerun=true", "--name", "mine"),
    ]
    (last,) = api.client.get(f"{DRAFTS}/{draft['id']}/revisions").json()["value"]
    assert (last["reason"], last["job"]) == ("submitted", "mine")


def test_a_draft_with_problems_is_not_submitted(api):
    """All of them are told with their lines; nothing else has happened."""
    draft = new(api, text=TEXT.replace("first.outputs", "frist.outputs"))
    for verb in ("plan", "submit"):
        answer = api.client.post(f"{DRAFTS}/{draft['id']}/{verb}", json={})
        assert answer.status_code == 422
        assert [one["span"]["line"] for one in answer.json()["problems"]] == [13]
    assert api.client.get("/api/v1/workspaces/default/jobs").json()["value"] == []


def test_a_draft_that_was_changed_meanwhile_is_not_submitted(api):
    """What runs is what was looked at."""
    draft = new(api, text=TEXT)
    save(api, draft, text=TEXT + "#\n")

    assert error(api.client.post(f"{DRAFTS}/{draft['id']}/submit", json={"revision": 1})) == (409, "stale-draft")


def test_a_name_that_is_taken_is_no_other_job(api):
    """A second submit under the same name changes nothing."""
    draft = new(api, text=TEXT)
    address = f"{DRAFTS}/{draft['id']}/submit"

    assert api.client.post(address, json={"name": "mine"}).status_code == 201
    assert error(api.client.post(address, json={"name": "mine"})) == (409, "name-taken")


def test_a_job_becomes_a_draft_that_means_the_same(api):
    """Its components are files again, with their code; its name is used up."""
    first = new(api, files={path: {"text": text} for path, text in FOLDER.items()})
    job = api.client.post(f"{DRAFTS}/{first['id']}/submit", json={"name": "one"}).json()["job"]
    draft = new(api, job=job)
    again = api.client.post(f"{DRAFTS}/{draft['id']}/submit", json={"name": "two"})
    one, two = (api.store.load_submission("default", name) for name in ("one", "two"))

    assert (draft["origin"], draft["origin_name"]) == ("job", "one")
    assert [file["path"] for file in draft["files"]] == ["code/src/train.py", "components/train.yml"]
    assert again.status_code == 201, again.text
    assert set(one.components) == set(two.components)
    assert one.document == two.document
    step_name = api.steps("one")["train"].name
    assert error(api.client.post(DRAFTS, json={"job": step_name})) == (400, "not-a-pipeline")
    assert error(api.client.post(DRAFTS, json={"job": "nobody"}))[0] == 404


def test_the_same_code_is_sent_once(api):
    """A second submit finds everything there."""
    draft = new(api, files={path: {"text": text} for path, text in FOLDER.items()})
    for name in ("one", "two"):
        assert api.client.post(f"{DRAFTS}/{draft['id']}/submit", json={"name": name}).status_code == 201
    one, two = (api.store.load_submission("default", name) for name in ("one", "two"))

    assert one.components == two.components


# --- what the Designer asks besides --------------------------------------------------------------


def test_the_palette_is_everything_that_can_be_used(api):
    """Components with their ports, newest version first; what was made or used last stands first."""
    create(
        api, {**REGISTERED, "name": "old", "inputs": {"rate": {"type": "number", "min": 0, "max": 1, "default": 0.5}}}
    )
    create(api, {**REGISTERED, "name": "new", "tags": {"team": "a"}})
    create(api, {**REGISTERED, "name": "new", "version": "2", "command": "echo 2"})
    api.submit({"a": {"component": "azureml:old:1"}})
    found = api.client.get("/api/v1/workspaces/default/palette").json()
    first, second = found["components"]

    assert (first["name"], first["reference"], first["used_at"] is None) == ("old", "azureml:old:1", False)
    assert first["inputs"] == {"rate": {"type": "number", "default": 0.5, "min": 0, "max": 1}}
    assert (second["name"], second["version"], second["versions"]) == ("new", "2", ["2", "1"])
    assert [one["name"] for one in found["computes"]] == ["local"]
    assert found["data"] == found["models"] == []


def test_each_kind_of_mapping_has_a_schema(api):
    """What an editor completes and explains: keys with their descriptions."""
    kinds = api.client.get("/api/v1/schemas").json()["value"]
    found = api.client.get("/api/v1/schemas/pipeline job").json()

    assert {"pipeline job", "command component", "step", "settings"} <= set(kinds)
    assert found["properties"]["experiment_name"]["description"] == "Groups jobs."
    assert found["additionalProperties"] is False
    assert error(api.client.get("/api/v1/schemas/pipline job")) == (404, "unknown-kind")
