"""Assets from a file or flags to the jobs that use them, over a real server."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "registered-components"
COUNT = """\
name: count
type: command
inputs: {table: {type: uri_folder}}
outputs: {lines: {type: uri_folder}}
environment: {image: x}
code: ./src
command: bash count.sh "${{inputs.table}}" > ${{outputs.lines}}/n.txt
"""
USES = """\
type: pipeline
outputs:
  result: {type: uri_folder}
jobs:
  count:
    component: azureml:count@latest
    inputs: {table: {type: uri_folder, path: "azureml:table@latest"}}
    outputs: {lines: "${{parent.outputs.result}}"}
"""


@pytest.fixture(scope="module", autouse=True)
def files(warm):
    warm.write("count.yml", COUNT)
    warm.write("src/count.sh", 'cat "$1"/*.csv | wc -l\n')
    warm.write("table/ü $x.csv", "1\n2\n3\n")
    warm.write("uses.yml", USES)


@pytest.fixture(scope="module")
def counted(warm):
    """The name of a job that used a registered component and registered data."""
    warm.ask("component", "create", "-f", "count.yml")
    warm.ask("data", "create", "-n", "table", "-p", "./table")
    done = warm.run("job", "create", "-f", "uses.yml", "--stream", "--query", "name", "-o", "tsv")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_article_registers_components_and_uses_them(cold):
    """Its lines, one after the other, in a folder made like Azure's: three components, then a pipeline of them."""
    shutil.copytree(EXAMPLE, cold.folder, dirs_exist_ok=True)
    lines = cold.shell(
        "set -e\n"
        'eval "$(pipeyard az-alias)"\n'
        "az ml compute create -n cpu-cluster --type amlcompute --min-instances 0 --max-instances 10 -o none\n"
        "az ml component create --file fit.yml --query version -o tsv\n"
        "az ml component create --file apply.yml --query version -o tsv\n"
        "az ml component create --file judge.yml --query version -o tsv\n"
        "az ml component create --file fit.yml --set version=7 --query version -o tsv\n"
        "az ml job create --file pipeline.yml --name spring --stream -o none\n"
        "az ml job create --file pipeline.yml --set settings.default_compute=local --query name -o none\n"
    )
    assert lines.returncode == 0, lines.stderr
    assert lines.stdout.split() == ["1", "1", "1", "7"]
    assert "judge_job | worst difference: 0.18 mm" in lines.stderr

    job = cold.value("job", "show", "-n", "spring")
    assert job["status"] == "Completed"
    # `@latest` is the one created last, and is pinned.
    assert job["jobs"]["fit_job"]["component"] == "azureml:fit_spring:7"
    cold.ask("job", "download", "-n", "spring", "--output-name", "verdict", "-p", "got")
    assert json.loads((cold.folder / "got/spring/named-outputs/verdict/verdict.json").read_text()) == {
        "worst_mm": 0.177
    }


def test_a_registered_component_runs_with_registered_data(warm, counted):
    """Both are pinned in the job, and both know the job."""
    job = warm.value("job", "show", "-n", counted)
    assert job["status"] == "Completed"
    assert job["jobs"]["count"]["component"] == "azureml:count:1"

    for kind, name in (("component", "count"), ("data", "table")):
        lineage = warm.value(kind, "show", "-n", name, "-v", "1", "--lineage")
        assert counted in {use["root_job"] for use in lineage["used_by"]}
    used = warm.value("job", "show", "-n", counted, "--assets", "--query", "uses[].id")
    assert {name.partition("/default/")[2] for name in used} == {"components/count/versions/1", "data/table/versions/1"}


def test_a_version_is_written_once(warm, counted):
    """The same again changes nothing; something else is refused, and what differs is named."""
    again = warm.value("component", "create", "-f", "count.yml", "-v", "1")
    assert again["version"] == "1"

    warm.write("other.yml", COUNT.replace("wc -l", "wc -c").replace("n.txt", "m.txt"))
    refused = warm.run("component", "create", "-f", "other.yml", "--version", "1")
    assert refused.returncode == 1
    assert "error[version-exists]" in refused.stderr
    assert refused.stderr.endswith("Nothing was created.\n")
    assert "command" in refused.stderr

    assert warm.value("component", "create", "-f", "other.yml", "--query", "version") != "1"


def test_versions_are_listed_shown_changed_and_hidden(warm):
    """The whole life of an asset, by the flags of Azure."""
    warm.write("life/conda.yml", "dependencies: [python]\n")
    first = warm.value("environment", "create", "-n", "life", "-i", "python:3.11", "--tags", "a=1", "b=2")
    warm.ask("environment", "create", "-n", "life", "-i", "python:3.12", "-c", "life/conda.yml")
    assert (first["version"], first["tags"]) == ("1", {"a": "1", "b": "2"})
    assert first["id"].endswith("/environments/life/versions/1")

    assert warm.value("environment", "show", "-n", "life")["image"] == "python:3.12"
    assert warm.value("environment", "show", "-n", "life", "-v", "2")["conda_file"] == {"dependencies": ["python"]}
    assert warm.value("environment", "list", "-n", "life", "--query", "[].version") == ["2", "1"]
    assert warm.value("environment", "list", "--query", "[?name=='life'].latest_version") == ["2"]

    changed = warm.value(
        "environment",
        "update",
        "-n",
        "life",
        "-v",
        "1",
        "--set",
        "tags.a=9",
        "description=old one",
        "--remove",
        "tags.b",
    )
    assert (changed["tags"], changed["description"]) == ({"a": "9"}, "old one")
    refused = warm.run("environment", "update", "-n", "life", "-v", "1", "--set", "image=x")
    assert "error[not-changeable]" in refused.stderr

    warm.ask("environment", "archive", "-n", "life", "-v", "2")
    assert warm.value("environment", "show", "-n", "life", "-l", "latest")["version"] == "1"
    assert warm.value("environment", "list", "-n", "life", "--query", "[].version") == ["1"]
    assert warm.value("environment", "list", "-n", "life", "--archived-only", "--query", "[].version") == ["2"]
    warm.ask("environment", "restore", "-n", "life", "-v", "2")
    assert warm.value("environment", "list", "-n", "life", "-r", "1", "--query", "[].version") == ["2"]


def test_tables_are_for_reading(warm, counted):
    """Columns are few and in a fixed order."""
    table = warm.ask("component", "list", "-n", "count", "-o", "table").splitlines()
    assert table[0].split() == ["Name", "Version", "Kind", "Created"]
    assert table[-1].split()[:3] == ["count", "1", "command"]

    names = warm.ask("data", "list", "-o", "table").splitlines()
    assert names[0].split() == ["Name", "LatestVersion", "Kind", "Created"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("component", "show", "-n", "cuont"), "did you mean `count`"),
        (("component", "show", "-n", "count", "-v", "99"), "has no version 99"),
        (("data", "show", "-n", "table", "-l", "lastest"), "latest"),
        (("component", "list", "--registry-name", "nowhere"), "there is no registry `nowhere`"),
    ],
)
def test_what_is_not_there_is_named_with_what_is_near(warm, counted, words, says):
    """Exit code 3, so that scripts can tell."""
    done = warm.run(*words)

    assert done.returncode == 3
    assert says in done.stderr


def test_a_pipeline_is_checked_against_registered_components_with_lines(warm, counted):
    """Before anything is sent, and by `validate` when a server runs."""
    warm.write("wrong.yml", USES.replace("inputs: {table", "inputs: {tabel"))

    for verb in ("validate", "create"):
        done = warm.run("job", verb, "-f", "wrong.yml", "--format", "short")
        assert done.returncode == 1
        assert "wrong.yml:5:3: error[missing-input]: step `count` does not give `table`" in done.stdout + done.stderr

    warm.write("missing.yml", USES.replace("count@latest", "counts@latest"))
    done = warm.run("job", "create", "-f", "missing.yml")
    assert done.returncode == 3
    assert "missing.yml:6:16: error[asset-not-found]" in done.stderr
    assert done.stderr.endswith("Nothing was submitted.\n")


def test_data_of_a_type_that_does_not_fit_is_refused_naming_both(warm, counted):
    """A file where a component wants a number's worth of folder is found at submit."""
    warm.write("literal.yml", USES.replace('{type: uri_folder, path: "azureml:table@latest"}', "3"))
    done = warm.run("job", "create", "-f", "literal.yml")

    assert done.returncode == 1
    assert "uri_folder" in done.stderr


def test_validate_without_a_server_says_what_it_could_not_see(cold):
    """Nothing is started; what only a server knows is listed."""
    cold.write("uses.yml", USES)
    done = cold.run("job", "validate", "-f", "uses.yml")

    assert done.returncode == 0
    assert "Not checked, because only a server knows them: azureml:count@latest" in done.stderr
    assert not cold.home.exists()


def test_what_a_job_wrote_becomes_a_model_and_comes_back(warm, counted, tmp_path):
    """`model create` takes a job's output by its URI; `model download` brings the same bytes."""
    uri = f"azureml://jobs/{counted}/outputs/result"
    made = warm.value("model", "create", "-n", "counts", "-p", uri, "-s", "Production", "-t", "custom_model")
    assert (made["version"], made["type"], made["stage"]) == ("1", "custom_model", "Production")
    assert warm.value("model", "list", "--stage", "Production", "--query", "[].name") == ["counts"]

    warm.ask("model", "download", "-n", "counts", "-v", "1", "-p", str(tmp_path))
    assert [path.read_text() for path in (tmp_path / "counts").rglob("n.txt")] == ["3\n"]


def test_a_local_file_becomes_a_model_and_comes_back(warm, tmp_path):
    """A file lies in the folder named after the model."""
    warm.write("model ü.pkl", "bytes")
    warm.ask("model", "create", "--name", "local", "--path", "model ü.pkl")
    warm.ask("model", "download", "-n", "local", "-l", "latest", "-p", str(tmp_path))

    assert (tmp_path / "local/model ü.pkl").read_text() == "bytes"


def test_a_downloaded_component_works_as_a_file(warm, counted, tmp_path):
    """Its YAML names the code that came with it; also when components lie inside it."""
    warm.write(
        "outer.yml",
        "name: outer\ntype: pipeline\ninputs: {table: {type: uri_folder}}\n"
        "jobs:\n  inner:\n    component: ./count.yml\n    inputs: {table: '${{parent.inputs.table}}'}\n",
    )
    warm.ask("component", "create", "-f", "outer.yml")
    warm.ask("component", "download", "-n", "outer", "-v", "1", "-p", str(tmp_path))
    warm.ask("component", "download", "-n", "count", "-v", "1", "-p", str(tmp_path))

    assert (tmp_path / "count/src/count.sh").read_text() == 'cat "$1"/*.csv | wc -l\n'
    copy = USES.replace("azureml:count@latest", str(tmp_path / "count/component.yml"))
    warm.write("copy.yml", copy)
    assert warm.run("job", "create", "-f", "copy.yml", "-s", "-o", "none").returncode == 0
    again = warm.value("component", "create", "-f", str(tmp_path / "outer/component.yml"))
    assert again["version"] == "1"


def test_a_version_is_shared_with_a_registry_and_used_from_there(warm, counted):
    """What it needs goes with it; another workspace can use it."""
    warm.ask("registry", "create", "-n", "team")
    shared = warm.value(
        "component", "share", "-n", "count", "-v", "1", "--registry-name", "team", "--share-with-name", "counter"
    )
    assert shared["id"] == "azureml://registries/team/components/counter/versions/1"
    assert warm.value("component", "list", "--registry-name", "team", "--query", "[].name") == ["counter"]

    warm.write(
        "from.yml", USES.replace("azureml:count@latest", shared["id"]).replace("azureml:table@latest", "./table")
    )
    warm.ask("workspace", "create", "-n", "elsewhere")
    done = warm.run("job", "create", "-f", "from.yml", "-w", "elsewhere", "-s", "-o", "none")
    assert done.returncode == 0, done.stderr


def test_creates_at_the_same_moment_get_versions_of_their_own(warm):
    """Nobody's version is lost."""
    for number in range(4):
        warm.write(f"race/{number}.csv", str(number))
    processes = [
        warm.start("data", "create", "-n", "race", "-t", "uri_file", "-p", f"race/{number}.csv", "--query", "version")
        for number in range(4)
    ]
    found = sorted(json.loads(process.communicate(timeout=180)[0]) for process in processes)

    assert found == ["1", "2", "3", "4"]


def test_a_used_version_cannot_be_deleted_and_an_unused_one_can(warm):
    """The number of a deleted one is never given again."""
    for _ in range(2):
        warm.write("gone.txt", str(_))
        warm.ask("data", "create", "-n", "gone", "-t", "uri_file", "-p", "gone.txt")
    warm.ask("data", "delete", "-n", "gone", "-v", "2", "--yes")
    warm.write("gone.txt", "x")

    assert warm.value("data", "create", "-n", "gone", "-t", "uri_file", "-p", "gone.txt")["version"] == "3"


def test_names_of_assets_are_completed(warm, counted):
    """A shell offers what the running server knows."""
    done = warm.shell(
        "COMP_WORDS='pipeyard component show -n co' COMP_CWORD=4 _PIPEYARD_COMPLETE=bash_complete pipeyard"
    )

    assert "plain,count" in done.stdout.split()
