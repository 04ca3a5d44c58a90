"""Versioned assets over HTTP, a real database and real folders."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from pipeyard.model.assets import FileEntry, Manifest
from pipeyard.model.digest import manifest_digest
from pipeyard.spec.render import tree_digest

HOME = "/api/v1/workspaces/default"
TRAIN = {
    "name": "train",
    "type": "command",
    "command": "python train.py --rate ${{inputs.rate}}",
    "environment": {"image": "python"},
    "inputs": {"rate": {"type": "number", "default": 0.1}},
}


def send(api, name, files, home=HOME, *, is_file=False):
    """Upload a tree and return its URI."""
    entries = tuple(
        FileEntry(path, len(data), hashlib.sha256(data).hexdigest()) for path, data in sorted(files.items())
    )
    digest = manifest_digest(Manifest(entries, is_file))
    announced = {
        "digest": digest,
        "name": name,
        "is_file": is_file,
        "files": [{"path": entry.path, "size": entry.size, "sha256": entry.sha256} for entry in entries],
    }
    ticket = api.client.post(f"{home}/uploads", json=announced).json()
    if ticket["upload"] is not None:
        body = b"".join(
            b'{"sha256":"%s","size":%d}\n%s' % (hashlib.sha256(data).hexdigest().encode(), len(data), data)
            for data in {hashlib.sha256(data).hexdigest(): data for data in files.values()}.values()
        )
        assert api.client.put(f"{home}/uploads/{ticket['upload']}/content", content=body).status_code < 300
        assert api.client.post(f"{home}/uploads/{ticket['upload']}/complete").status_code == 200
    return ticket["uri"]


def create(api, body, kind="components", home=HOME, status=201, **more):
    answer = api.client.post(f"{home}/{kind}", json={"body": body, **more})
    assert status == answer.status_code, answer.text
    return answer.json()


def get(api, path, status=200, **query):
    answer = api.client.get(HOME + path, params=query)
    assert status == answer.status_code, answer.text
    return answer.json()


def post(api, path, body=None, status=200):
    answer = api.client.post(HOME + path, json=body)
    assert status == answer.status_code, answer.text
    return answer.json()


def versions(found):
    return [row["version"] for row in found["value"]]


class TestPublishing:
    def test_a_component_gets_the_next_number_and_is_shown_whole(self, api):
        """
        `show` prints what the file said, Azure's keys around it.
        """
        made = create(api, {**TRAIN, "description": "d", "tags": {"a": 1}, "$schema": "x"})

        assert ("train", "1", "d", {"a": "1"}) == (made["name"], made["version"], made["description"], made["tags"])
        assert made["id"].endswith("/workspaces/default/components/train/versions/1")
        assert made["id"].startswith("azureml:/subscriptions/")
        assert "ann" == made["creation_context"]["created_by"]
        assert (TRAIN["command"], TRAIN["inputs"]) == (made["command"], made["inputs"])
        del made["warnings"]
        assert made == get(api, "/components/train") == get(api, "/components/train/versions/1")
        assert "2" == create(api, TRAIN)["version"]
        assert "2" == get(api, "/components/train/labels/latest")["version"]

    def test_what_show_prints_can_be_published_again(self, api):
        """
        It is the same version, and not another one.
        """
        made = create(api, {**TRAIN, "version": "7"})

        again = create(api, made, status=200)

        assert made["digest"] == again["digest"]

    def test_the_same_version_with_the_same_body_is_no_error(self, api):
        """
        What may change takes the new values; what is not said stays.
        """
        create(api, {**TRAIN, "version": "1", "description": "old", "tags": {"a": "b"}})

        again = create(api, {**TRAIN, "version": "1", "description": "new"}, status=200)

        assert ("new", {"a": "b"}) == (again["description"], again["tags"])
        assert "new" == get(api, "/components/train/versions/1")["description"]

    def test_another_body_is_refused_and_the_difference_named(self, api):
        """
        A version is written once.
        """
        create(api, {**TRAIN, "version": "1"})
        changed = {**TRAIN, "version": "1", "command": "true", "inputs": {"rate": {"type": "number", "default": 0.2}}}

        error = create(api, changed, status=409)["error"]

        assert "version-exists" == error["code"]
        assert "`command` and `inputs.rate.default`" in error["message"]
        assert "version 2" in error["hint"]

    def test_values_given_beside_the_file_win(self, api):
        """
        As flags of the command line do.
        """
        made = create(api, TRAIN, name="other", version="v1", description="x", tags={"k": "v"}, display_name="Other")

        assert ("other", "v1", "x", {"k": "v"}, "Other") == tuple(
            made[key] for key in ("name", "version", "description", "tags", "display_name")
        )

    def test_two_creates_at_once_get_two_numbers(self, api):
        """
        Ten people who publish at the same moment are all served, none twice under one number.
        """
        with ThreadPoolExecutor(10) as pool:
            made = list(pool.map(lambda _: create(api, TRAIN)["version"], range(10)))

        assert sorted(made, key=int) == [str(number) for number in range(1, 11)]

    def test_two_creates_of_one_version_at_once_are_one_version(self, api):
        """
        The same body twice is one success and one no-op; another body is one success and one refusal.
        """
        bodies = [{**TRAIN, "version": "1", "command": f"echo {number % 2}"} for number in range(8)]
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda body: api.client.post(HOME + "/components", json={"body": body}), bodies))

        codes = sorted(answer.status_code for answer in answers)
        assert [200] * 3 + [201] + [409] * 4 == codes
        assert ["1"] == versions(get(api, "/components/train/versions"))

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            ({**TRAIN, "name": None}, "missing-field"),
            ({**TRAIN, "name": "../up"}, "bad-name"),
            ({**TRAIN, "name": "azureml_anonymous"}, "reserved-name"),
            ({**TRAIN, "version": ".."}, "bad-version"),
            ({**TRAIN, "version": "a/b"}, "bad-version"),
            ({**TRAIN, "command": "echo ${{inputs.rat}}"}, "unknown-input"),
            ({**TRAIN, "code": "./src"}, "local-path"),
            ({"name": "p", "type": "pipeline", "jobs": {"a": {"component": "./a.yml"}}}, "local-path"),
            (
                {"name": "p", "type": "pipeline", "jobs": {"a": {"component": "azureml:azureml_anonymous:00"}}},
                "missing-component",
            ),
        ],
    )
    def test_everything_wrong_with_a_component_is_said_at_its_place(self, api, body, code):
        """
        As for jobs; nothing is stored.
        """
        error = create(api, body, status=422)["error"]

        assert code in [problem["code"] for problem in error["diagnostics"]]
        assert [] == get(api, "/components")["value"]

    def test_a_check_writes_nothing(self, api):
        """
        It says what a create would say.
        """
        found = post(api, "/components:check", {"body": {**TRAIN, "name": "Train-It", "command": ""}})

        assert {"name-style", "missing-field"} <= {problem["code"] for problem in found["diagnostics"]}
        assert [] == get(api, "/components")["value"]

    def test_a_name_with_capitals_and_hyphens_is_taken(self, api):
        """
        Azure's older examples have them.
        """
        assert "1" == create(api, {**TRAIN, "name": "Train-It.v2"})["version"]

    def test_a_kind_that_cannot_run_here_is_kept_and_shown(self, api):
        """
        Whoever has one keeps it here, too.
        """
        body = {"name": "s", "type": "automl", "task": "regression", "inputs": {"x": {"type": "mltable"}}}

        made = create(api, body)

        assert ("automl", "regression") == (made["type"], made["task"])


class TestReferences:
    def pipeline(self, **step):
        return {"name": "pipe", "type": "pipeline", "jobs": {"a": {"type": "command", **step}}}

    def test_what_a_pipeline_component_names_is_pinned(self, api):
        """
        `@latest` is the version of the moment, for good; its lineage names it.
        """
        create(api, TRAIN)
        made = create(api, self.pipeline(component="azureml:train@latest"))
        create(api, TRAIN)

        assert "azureml:train:1" == made["jobs"]["a"]["component"]
        found = get(api, "/components/train/versions/1/jobs")
        assert [made["id"]] == found["needed_by"]
        (need,) = get(api, "/components/pipe/labels/latest/jobs")["needs"]
        assert ("jobs.a.component", True) == (need["role"], need["id"].endswith("components/train/versions/1"))

    def test_what_is_inside_anonymous_components_is_pinned_too(self, api):
        """
        They get another digest then, under which they are found.
        """
        create(api, TRAIN)
        inner = {"type": "pipeline", "jobs": {"b": {"type": "command", "component": "azureml:train"}}}
        digest = tree_digest(inner)

        made = create(
            api,
            {"name": "pipe", "type": "pipeline", "jobs": {"a": {"component": f"azureml:azureml_anonymous:{digest}"}}},
            components={digest: inner},
        )

        kept = made["jobs"]["a"]["component"].rpartition(":")[2]
        files = get(api, "/components/pipe/versions/1/files")
        assert kept != digest
        assert "azureml:train:1" == files["components"][kept]["jobs"]["b"]["component"]
        (need,) = get(api, "/components/pipe/versions/1/jobs")["needs"]
        assert "jobs.a.component.jobs.b.component" == need["role"]
        assert ["pipe", "train"] == [row["name"] for row in get(api, "/components")["value"]]

    @pytest.mark.parametrize(
        ("written", "message", "hint"),
        [
            ("azureml:trian:1", "no component `trian`", "did you mean `train`?"),
            ("azureml:train:9", "no version 9", "the nearest are `3`, `4` and `5`"),
            ("azureml:train@latst", "no label `latst`", "@latest"),
            ("azureml://registries/team/components/train/versions/1", "no registry `team`", "registry create -n team"),
        ],
    )
    def test_what_is_not_there_names_the_nearest(self, api, written, message, hint):
        """
        At the place where it is written.
        """
        for _ in range(5):
            create(api, TRAIN)

        error = create(api, self.pipeline(component=written), status=404)["error"]

        (problem,) = error["diagnostics"]
        assert "asset-not-found" == problem["code"]
        assert ["jobs", "a", "component"] == problem["place"]["path"]
        assert message in problem["message"]
        assert hint.replace(" and ", ", ") in problem["hint"]

    def test_an_environment_that_is_not_registered_is_a_warning(self, api):
        """
        Its steps run in the server's Python; one that is registered is pinned.
        """
        create(api, {"name": "env", "image": "python:3.11"}, "environments")

        made = create(api, {**TRAIN, "environment": "azureml:env"})
        other = create(api, {**TRAIN, "environment": "azureml:envy:3"})

        assert ("azureml:env:1", []) == (made["environment"], made["warnings"])
        assert "azureml:envy:3" == other["environment"]
        assert "no environment `envy`" in other["warnings"][0]


class TestData:
    def test_a_file_is_registered_with_its_digest_and_read_back(self, api):
        """
        The same content under the same version is no error.
        """
        uri = send(api, "titanic ü.csv", {"titanic ü.csv": b"a,b\n"}, is_file=True)
        body = {"name": "titanic", "version": "1", "type": "uri_file", "path": uri}

        made = create(api, body, "data")

        assert (uri, "uri_file", 64) == (made["path"], made["type"], len(made["content_digest"]))
        create(api, body, "data", status=200)
        (tree,) = get(api, "/data/titanic/versions/1/files")["trees"]
        assert ("path", "titanic ü.csv", True) == (tree["role"], tree["name"], tree["is_file"])
        got = api.client.get(f"{HOME}/data/titanic/versions/1/files/0/titanic ü.csv")
        assert b"a,b\n" == got.content

    @pytest.mark.parametrize(
        ("kind", "type_", "says"),
        [
            ("data", "uri_file", "`uri_file` is a file, and there is a folder"),
            ("data", "mltable", "`MLTable`, and there is none"),
        ],
    )
    def test_a_type_that_does_not_fit_says_both(self, api, kind, type_, says):
        """
        Checked against the bytes that are there.
        """
        uri = send(api, "folder", {"a.csv": b"1", "b/c.csv": b"2"})

        (problem,) = create(api, {"name": "x", "type": type_, "path": uri}, kind, status=422)["error"]["diagnostics"]

        assert says in problem["message"]
        assert ["path"] == problem["place"]["path"]

    def test_a_folder_with_a_table_is_an_mltable(self, api):
        """
        What is wrong in the file MLTable is said with its line.
        """
        good = send(api, "good", {"MLTable": b"type: mltable\npaths:\n  - file: ./a.csv\n", "a.csv": b"1"})
        bad = send(api, "bad", {"MLTable": b"type: mltable\npaths:\n  - file: ./a.csv\ntransformations: 3\n"})

        assert "mltable" == create(api, {"name": "t", "type": "mltable", "path": good}, "data")["type"]
        (problem,) = create(api, {"name": "t", "type": "mltable", "path": bad}, "data", status=422)["error"][
            "diagnostics"
        ]
        assert "`MLTable`:4" in problem["message"]

    @pytest.mark.parametrize(
        ("path", "code"),
        [
            ("./here", "local-path"),
            ("azureml://datastores/workspaceblobstore/paths/not/there", "unknown-path"),
            ("azureml://datastores/workspaceblobstore/paths/../../token", "unknown-path"),
            ("azureml://datastores/nowhere/paths/x", "unknown-path"),
            ("azureml://jobs/nobody/outputs/x", "unknown-job"),
            ("wasbs://data@account.blob.core.windows.net/c", "unknown-datastore"),
            ("hdfs://a/b", "unknown-scheme"),
            ("azureml:other:1", "asset-not-found"),
        ],
    )
    def test_a_path_with_nothing_behind_it_is_refused(self, api, path, code):
        """
        Nothing half-registered stays behind.
        """
        answer = api.client.post(f"{HOME}/data", json={"body": {"name": "x", "path": path}})

        assert answer.status_code in (404, 422)
        assert [code] == [problem["code"] for problem in answer.json()["error"]["diagnostics"]]
        assert [] == get(api, "/data")["value"]

    def test_an_address_on_the_web_is_kept_as_it_is(self, api):
        """
        It is fetched when a job reads it.
        """
        made = create(api, {"name": "x", "type": "uri_file", "path": "https://example.org/a.csv"}, "data")

        assert ("https://example.org/a.csv", None) == (made["path"], made["content_digest"])

    def test_files_that_lie_there_already_are_registered_as_they_are_now(self, api):
        """
        They get a digest, so that a later change is one; the version with other files is another version.
        """
        folder = api.home / "workspaces/default/workspaceblobstore/lying ä"
        folder.mkdir(parents=True)
        (folder / "a.csv").write_bytes(b"1")
        body = {"name": "d", "version": "1", "path": "azureml://datastores/workspaceblobstore/paths/lying ä"}
        made = create(api, body, "data")
        again = api.client.post(f"{HOME}/data", json={"body": body})
        (folder / "a.csv").write_bytes(b"2")

        refused = create(api, body, "data", status=409)

        assert made["content_digest"] == manifest_digest(
            Manifest((FileEntry("a.csv", 1, hashlib.sha256(b"1").hexdigest()),))
        )
        assert 200 == again.status_code
        assert "version-exists" == refused["error"]["code"]
        assert "the files at its path were changed since" in refused["error"]["message"]

    def test_data_may_be_registered_from_other_data(self, api):
        """
        It has the same bytes.
        """
        uri = send(api, "folder", {"a.csv": b"1"})
        create(api, {"name": "x", "path": uri}, "data")

        made = create(api, {"name": "y", "path": "azureml:x@latest"}, "data")

        assert uri == made["path"]

    def test_a_model_has_a_stage_that_may_change(self, api):
        """
        And is found by it.
        """
        uri = send(api, "m.pkl", {"m.pkl": b"1"}, is_file=True)
        create(api, {"name": "m", "path": uri, "stage": "Development"}, "models")

        answer = api.client.patch(f"{HOME}/models/m/versions/1", json={"stage": "Production"})

        assert ("custom_model", "Production") == (answer.json()["type"], answer.json()["stage"])
        assert ["m"] == [row["name"] for row in get(api, "/models", stage="Production")["value"]]
        assert [] == get(api, "/models", stage="Development")["value"]


class TestLists:
    def test_versions_come_in_pages_created_last_first(self, api):
        """
        With a token that leads on.
        """
        for _ in range(5):
            create(api, TRAIN)

        first = get(api, "/components/train/versions", limit=2)
        second = get(api, "/components/train/versions", limit=2, before=first["next"])
        third = get(api, "/components/train/versions", limit=2, before=second["next"])

        assert ["5", "4", "3", "2", "1"] == [*versions(first), *versions(second), *versions(third)]
        assert third["next"] is None
        assert "command" not in first["value"][0]

    def test_names_come_in_pages_with_their_newest_version(self, api):
        """
        One line for each name.
        """
        for name in ("c", "a", "b", "a"):
            create(api, {**TRAIN, "name": name})

        first = get(api, "/components", limit=2)

        assert [("a", "2", "3"), ("b", "1", "2")] == [
            (row["name"], row["latest_version"], row["next_version"]) for row in first["value"]
        ]
        assert ["c"] == [row["name"] for row in get(api, "/components", limit=2, before=first["next"])["value"]]
        assert 400 == api.client.get(f"{HOME}/components", params={"before": "nonsense"}).status_code

    def test_an_unknown_name_is_not_an_empty_list(self, api):
        """
        A slip in a name is told.
        """
        create(api, TRAIN)

        assert "did you mean `train`?" == get(api, "/components/trian/versions", status=404)["error"]["hint"]


class TestArchive:
    def test_an_archived_version_is_hidden_and_still_found_by_number(self, api):
        """
        `@latest` goes back to the one before.
        """
        create(api, TRAIN)
        create(api, TRAIN)

        assert post(api, "/components/train/labels/latest/archive")["archived"]
        assert ["1"] == versions(get(api, "/components/train/versions"))
        assert ["2"] == versions(get(api, "/components/train/versions", archived="archived"))
        assert ["2", "1"] == versions(get(api, "/components/train/versions", archived="all"))
        assert "1" == get(api, "/components/train/labels/latest")["version"]
        assert "2" == get(api, "/components/train/versions/2")["version"]
        assert not post(api, "/components/train/versions/2/restore")["archived"]
        assert "2" == get(api, "/components/train/labels/latest")["version"]

    def test_an_archived_name_hides_all_and_keeps_its_versions_from_coming_back(self, api):
        """
        A version cannot be restored while its name is archived (section 4.2).
        """
        create(api, TRAIN)

        assert post(api, "/components/train/archive")["archived"]

        assert [] == get(api, "/components")["value"]
        assert ["train"] == [row["name"] for row in get(api, "/components", archived="archived")["value"]]
        assert [] == versions(get(api, "/components/train/versions"))
        assert ["1"] == versions(get(api, "/components/train/versions", archived="archived"))
        error = post(api, "/components/train/versions/1/restore", status=409)["error"]
        assert ("container-archived", True) == (error["code"], "component restore -n train" in error["hint"])
        assert "archived" in create(api, TRAIN)["warnings"][0]
        post(api, "/components/train/restore")
        assert ["train"] == [row["name"] for row in get(api, "/components")["value"]]

    def test_every_version_archived_says_so(self, api):
        """
        A reference without a version has nothing to mean then.
        """
        create(api, TRAIN)
        post(api, "/components/train/versions/1/archive")

        error = get(api, "/components/train", status=404)["error"]

        assert "every version of component `train` is archived" == error["message"]
        assert "train:1" in error["hint"]


class TestChanges:
    def test_what_may_change_changes_and_the_rest_does_not(self, api):
        """
        The message says what to do instead.
        """
        create(api, {**TRAIN, "tags": {"a": "b"}})
        one = f"{HOME}/components/train/versions/1"

        changed = api.client.patch(one, json={"description": "new", "tags": {"c": None}, "display_name": ""}).json()
        refused = api.client.patch(one, json={"command": "rm"})
        near = api.client.patch(one, json={"descripton": "x"})

        assert ("new", {"c": ""}, None) == (changed["description"], changed["tags"], changed["display_name"])
        assert "ann" == changed["creation_context"]["last_modified_by"]
        assert (400, "not-changeable") == (refused.status_code, refused.json()["error"]["code"])
        assert "did you mean `description`?" == near.json()["error"]["hint"]
        assert 400 == api.client.patch(one, json={"stage": "x"}).status_code

    def test_a_label_stands_for_a_version(self, api):
        """
        `default` can be set; `latest` moves by itself.
        """
        create(api, TRAIN)
        create(api, TRAIN)
        label = f"{HOME}/components/train/labels"

        assert 200 == api.client.put(f"{label}/default", json={"version": "1"}).status_code
        assert "1" == get(api, "/components/train")["version"]
        assert "2" == get(api, "/components/train/labels/latest")["version"]
        assert "bad-label" == api.client.put(f"{label}/latest", json={"version": "1"}).json()["error"]["code"]
        assert 404 == api.client.put(f"{label}/gold", json={"version": "9"}).status_code

    def test_a_deleted_version_never_comes_back(self, api):
        """
        Its number is not given again.
        """
        create(api, TRAIN)
        assert 204 == api.client.delete(f"{HOME}/components/train/versions/1").status_code

        assert 404 == api.client.get(f"{HOME}/components/train/versions/1").status_code
        assert "version-deleted" == create(api, {**TRAIN, "version": "1"}, status=409)["error"]["code"]
        assert "2" == create(api, TRAIN)["version"]

    def test_a_component_inside_another_cannot_be_deleted(self, api):
        """
        It can be archived.
        """
        create(api, TRAIN)
        create(api, {"name": "pipe", "type": "pipeline", "jobs": {"a": {"component": "azureml:train:1"}}})

        refused = api.client.delete(f"{HOME}/components/train/versions/1")

        assert (409, "asset-in-use") == (refused.status_code, refused.json()["error"]["code"])
        post(api, "/components/train/versions/1/archive")


class TestHistory:
    def test_every_change_is_there_with_time_and_user(self, api):
        """
        Newest first, in pages, and never what was refused.
        """
        create(api, TRAIN)
        create(api, {**TRAIN, "version": "1", "command": "other"}, status=409)
        api.client.patch(f"{HOME}/components/train/versions/1", json={"description": "x"})
        post(api, "/components/train/versions/1/archive")
        post(api, "/components/train/versions/1/restore")
        post(api, "/components/train/archive")
        post(api, "/components/train/restore")
        api.client.delete(f"{HOME}/components/train/versions/1")
        api.client.put(f"{HOME}/computes/pool", json={"type": "amlcompute", "max_instances": 2})
        api.client.put(f"{HOME}/computes/pool", json={"max_instances": 3})
        api.client.delete(f"{HOME}/computes/pool")

        found = get(api, "/history")["value"]

        assert [
            ("compute", "delete", None),
            ("compute", "update", None),
            ("compute", "create", None),
            ("component", "delete", "1"),
            ("component", "restore", None),
            ("component", "archive", None),
            ("component", "restore", "1"),
            ("component", "archive", "1"),
            ("component", "update", "1"),
            ("component", "create", "1"),
        ] == [(row["kind"], row["action"], row["version"]) for row in found]
        assert {"ann"} == {row["by"] for row in found}
        assert all(row["at"].endswith("Z") for row in found)
        assert {"description": {"before": None, "after": "x"}} == found[8]["detail"]
        page = get(api, "/history", limit=3, kind="component")
        assert ["delete", "restore", "archive"] == [row["action"] for row in page["value"]]
        rest = get(api, "/history", kind="component", before=page["next"])["value"]
        assert ["restore", "archive", "update", "create"] == [row["action"] for row in rest]

    def test_the_archive_of_a_job_is_a_change_too(self, api):
        """
        And so is an edit of its tags.
        """
        name = api.submit()["name"]
        api.client.patch(f"{HOME}/jobs/{name}", json={"tags": {"a": "b"}})
        api.end(name)
        post(api, f"/jobs/{name}/archive")

        found = get(api, "/history", kind="job")["value"]

        assert [("archive", name), ("update", name), ("create", name)] == [
            (row["action"], row["name"]) for row in found
        ]


class TestWorkspaces:
    def put(self, api, path, body=None):
        return api.client.put(f"/api/v1/{path}", json=body or {})

    def test_a_workspace_is_created_with_its_datastores_and_works_like_the_first(self, api):
        """
        Jobs, computes and assets of one are not in the other.
        """
        made = self.put(api, "workspaces/lab", {"description": "d", "tags": {"a": 1}, "location": "here"})

        assert (201, "lab", "d", {"a": "1"}) == (
            made.status_code,
            *(made.json()[k] for k in ("name", "description", "tags")),
        )
        stores = api.client.get("/api/v1/workspaces/lab/datastores").json()["value"]
        assert "workspaceblobstore" == stores[0]["name"]
        assert 5 == len(stores)
        create(api, TRAIN, home="/api/v1/workspaces/lab")
        assert [] == get(api, "/components")["value"]
        uri = send(api, "f", {"f": b"1"}, home="/api/v1/workspaces/lab", is_file=True)
        assert (api.home / "workspaces" / "lab" / "workspaceblobstore" / uri.partition("/paths/")[2]).is_file()
        names = [row["name"] for row in api.client.get("/api/v1/workspaces").json()["value"]]
        assert ["default", "lab"] == names
        changed = self.put(api, "workspaces/lab", {"description": "e"})
        assert (200, "e") == (changed.status_code, changed.json()["description"])

    @pytest.mark.parametrize("name", ["a b", "..%2Fx", "-a", "a" * 64, "a:b"])
    def test_a_name_that_could_be_no_folder_is_refused(self, api, name):
        """
        Nothing is made.
        """
        assert self.put(api, f"workspaces/{name}").status_code in (400, 404, 405)
        assert ["default"] == [row["name"] for row in api.client.get("/api/v1/workspaces").json()["value"]]

    def test_an_unknown_workspace_names_the_nearest(self, api):
        """
        Whatever is asked of it.
        """
        self.put(api, "workspaces/production")

        for path in ("jobs", "components", "data/x", "datastores", "computes"):
            error = api.client.get(f"/api/v1/workspaces/prodution/{path}").json()["error"]
            assert "did you mean `production`?" in error["hint"], path

    def test_a_workspace_goes_when_nothing_in_it_runs(self, api):
        """
        The first one never goes.
        """
        self.put(api, "workspaces/lab")
        document = {
            "type": "pipeline",
            "jobs": {"a": {"type": "command", "command": "x", "environment": {"image": "p"}}},
        }
        name = api.client.post("/api/v1/workspaces/lab/jobs", json={"document": document}).json()["name"]

        refused = api.client.delete("/api/v1/workspaces/lab")
        assert (409, "in-use") == (refused.status_code, refused.json()["error"]["code"])
        assert name in refused.json()["error"]["message"]
        assert "built-in" == api.client.delete("/api/v1/workspaces/default").json()["error"]["code"]
        self.put(api, "workspaces/empty")
        assert 204 == api.client.delete("/api/v1/workspaces/empty").status_code
        assert 404 == api.client.get("/api/v1/workspaces/empty").status_code
        kept = api.client.get("/api/v1/workspaces/empty/history").json()["value"]
        assert ["delete", "create"] == [row["action"] for row in kept]


class TestRegistries:
    def test_a_shared_component_is_used_from_every_workspace(self, api):
        """
        Its code goes with it, into the registry's own folder.
        """
        code = send(api, "src", {"train.py": b"print(1)", "lib/ü.py": b""})
        create(api, {"name": "env", "image": "python:3.11"}, "environments")
        create(api, {**TRAIN, "code": code, "environment": "azureml:env@latest"})
        inner = {**TRAIN, "name": "inner", "code": code}
        digest = tree_digest(inner)
        jobs = {"a": {"component": "azureml:train"}, "b": {"component": f"azureml:azureml_anonymous:{digest}"}}
        create(api, {"name": "pipe", "type": "pipeline", "jobs": jobs}, components={digest: inner})
        api.client.put("/api/v1/registries/team", json={})

        shared = post(api, "/components/pipe/versions/1/share", {"registry": "team"}, status=201)

        assert "azureml://registries/team/components/pipe/versions/1" == shared["id"]
        registry = "/api/v1/registries/team"
        held = {row["name"] for row in api.client.get(f"{registry}/components").json()["value"]}
        assert {"pipe", "train"} == held
        assert 200 == api.client.get(f"{registry}/environments/env/versions/1").status_code
        path = code.partition("/paths/")[2]
        assert b"print(1)" == (api.home / "registries/team/workspaceblobstore" / path / "train.py").read_bytes()
        post(api, "/components/pipe/versions/1/share", {"registry": "team"}, status=200)
        self.use(api, "azureml://registries/team/components/pipe/versions/1")

    def use(self, api, reference):
        """Publish, in another workspace, a pipeline that holds what is shared."""
        api.client.put("/api/v1/workspaces/lab", json={})
        body = {"name": "outer", "type": "pipeline", "jobs": {"x": {"component": reference}}}
        made = create(api, body, home="/api/v1/workspaces/lab")
        assert reference == made["jobs"]["x"]["component"]

    def test_a_registry_of_one_name_twice_or_not_at_all(self, api):
        """
        The message says how to make one.
        """
        create(api, TRAIN)

        error = post(api, "/components/train/versions/1/share", {"registry": "team"}, status=404)["error"]
        assert "registry create -n team" in error["hint"]
        assert 404 == api.client.get("/api/v1/registries/team/components").status_code
        assert 201 == api.client.put("/api/v1/registries/team", json={}).status_code
        assert 200 == api.client.put("/api/v1/registries/team", json={}).status_code
        assert ["team"] == [row["name"] for row in api.client.get("/api/v1/registries").json()["value"]]
        assert ["default"] == [row["name"] for row in api.client.get("/api/v1/workspaces").json()["value"]]
        shared = post(
            api, "/components/train/versions/1/share", {"registry": "team", "name": "t", "version": "9"}, status=201
        )
        assert ("t", "9") == (shared["name"], shared["version"])
        assert 204 == api.client.delete("/api/v1/registries/team").status_code

    def test_data_written_by_a_step_can_be_shared(self, api):
        """
        What is no upload becomes one in the registry; files that were changed since then are not shared.
        """
        folder = api.home / "workspaces/default/workspaceblobstore/made by/a step"
        folder.mkdir(parents=True)
        (folder / "x.csv").write_bytes(b"1")
        create(api, {"name": "d", "path": "azureml://datastores/workspaceblobstore/paths/made by/a step"}, "data")
        api.client.put("/api/v1/registries/team", json={})

        shared = post(api, "/data/d/versions/1/share", {"registry": "team"}, status=201)

        assert "/LocalUpload/" in shared["path"]
        got = api.client.get("/api/v1/registries/team/data/d/versions/1/files/0/x.csv")
        assert b"1" == got.content
        (folder / "x.csv").write_bytes(b"22")
        refused = post(api, "/data/d/versions/1/share", {"registry": "team"}, status=503)["error"]
        assert "asset-changed" == refused["code"]
        assert "`x.csv` was changed" in refused["message"]


class TestFiles:
    def test_code_is_listed_and_read_by_its_tree(self, api):
        """
        A path that leads out is not found.
        """
        code = send(api, "src", {"train.py": b"print(1)", "lib/a b.py": b"x"})
        create(api, {**TRAIN, "code": code})

        found = get(api, "/components/train/versions/1/files")

        (tree,) = found["trees"]
        assert ("code", code, ["code"], "src") == (tree["role"], tree["path"], tree["place"], tree["name"])
        assert ["lib/a b.py", "train.py"] == [file["path"] for file in tree["files"]]
        one = f"{HOME}/components/train/labels/latest/files"
        assert b"x" == api.client.get(f"{one}/0/lib/a b.py").content
        for path in ("0/../../../../token", "0/lib", "1/train.py", "-1/train.py"):
            assert 404 == api.client.get(f"{one}/{path}").status_code, path
        for path in ("0/%2e%2e/x", "x/train.py"):
            assert 400 == api.client.get(f"{one}/{path}").status_code, path
        assert "did you mean `train.py`?" == api.client.get(f"{one}/0/trian.py").json()["error"]["hint"]


class TestJobs:
    def test_a_job_of_another_workspace_reads_what_a_registry_holds(self, api):
        """
        Lineage goes both ways, across workspaces; the registry's version stays while the job runs.
        """
        code = send(api, "src", {"a.py": b"1"})
        create(api, {**TRAIN, "code": code, "inputs": {"d": {"type": "uri_folder"}}, "command": "ls ${{inputs.d}}"})
        create(api, {"name": "iris", "path": send(api, "iris", {"x.csv": b"1"})}, "data")
        api.client.put("/api/v1/registries/team", json={})
        api.client.put("/api/v1/workspaces/lab", json={})
        post(api, "/components/train/versions/1/share", {"registry": "team"}, status=201)
        post(api, "/data/iris/versions/1/share", {"registry": "team"}, status=201)
        data = {"type": "uri_folder", "path": "azureml://registries/team/data/iris/labels/latest"}
        steps = {"a": {"component": "azureml://registries/team/components/train", "inputs": {"d": data}}}

        lab = "/api/v1/workspaces/lab"
        made = api.client.post(f"{lab}/jobs", json={"document": {"type": "pipeline", "jobs": steps}, "user": "bo"})

        assert 201 == made.status_code, made.text
        name = made.json()["name"]
        found = api.client.get(f"{lab}/jobs/{name}/assets").json()
        assert {
            ("component", "azureml://registries/team/components/train/versions/1"),
            ("inputs.d", "azureml://registries/team/data/iris/versions/1"),
        } == {(use["role"], use["id"]) for use in found["uses"]}
        team = "/api/v1/registries/team"
        (use,) = api.client.get(f"{team}/data/iris/labels/latest/jobs").json()["used_by"]
        assert ("lab", name) == (use["workspace"], use["root_job"])
        assert "asset-in-use" == api.client.delete(f"{team}/data/iris/versions/1").json()["error"]["code"]
        assert "in-use" == api.client.delete(team).json()["error"]["code"]
        (entry,) = api.client.get(f"{lab}/history", params={"kind": "job"}).json()["value"]
        assert ("create", "bo", name) == (entry["action"], entry["by"], entry["name"])

    def test_nothing_is_written_into_a_registry_by_a_job(self, api):
        """
        Its files are read under a name that no output may have.
        """
        api.client.put("/api/v1/registries/team", json={})
        output = {"type": "uri_folder", "path": "azureml://datastores/registry:team/paths/x"}
        step = {
            "type": "command",
            "command": "ls ${{outputs.o}}",
            "environment": {"image": "python"},
            "outputs": {"o": output},
        }

        answer = api.client.post(f"{HOME}/jobs", json={"document": {"type": "pipeline", "jobs": {"a": step}}})

        assert 422 == answer.status_code
        assert "unknown-datastore" in [problem["code"] for problem in answer.json()["error"]["diagnostics"]]

    def test_a_job_in_any_workspace_has_a_page(self, api):
        """
        The list shows one workspace and the way to the others.
        """
        api.client.put("/api/v1/workspaces/lab", json={})
        document = {"type": "command", "command": "x", "environment": {"image": "p"}, "display_name": "in the lab"}
        name = api.client.post("/api/v1/workspaces/lab/jobs", json={"document": document}).json()["name"]
        browser = api.browser()

        assert "in the lab" in browser.get(f"/jobs/{name}").text
        assert "in the lab" not in browser.get("/").text
        assert "/?workspace=lab" in browser.get("/").text
        assert "in the lab" in browser.get("/?workspace=lab").text
        assert 404 == browser.get("/?workspace=lob").status_code


def test_a_job_may_not_look_at_assets_with_its_own_token(api):
    """
    It opens that job's record and files only.
    """
    create(api, TRAIN)
    own = api.caller({"authorization": f"Bearer {api.gate.job_token('some_job')}"})

    assert 403 == own.get(f"{HOME}/components").status_code
    assert 403 == own.post(f"{HOME}/components", json={"body": TRAIN}).status_code
    assert 403 == own.get("/api/v1/workspaces").status_code
