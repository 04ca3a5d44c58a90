"""What jobs differ in, the code that they ran, and many jobs changed at once."""

from __future__ import annotations

import io
import zipfile
from hashlib import sha256

import pytest

from pipeyard.model.assets import DatastoreUri, FileEntry, Manifest
from pipeyard.model.record import UploadRecord
from pipeyard.model.status import JobStatus


@pytest.fixture
def send(api):
    """Keep a folder of code as the client sends it, and return its URI."""

    def send(files):
        entries = tuple(FileEntry(path, len(data), sha256(data).hexdigest()) for path, data in sorted(files.items()))
        manifest = Manifest(entries)
        digest = sha256(repr(entries).encode()).hexdigest()
        uri = DatastoreUri("workspaceblobstore", f"LocalUpload/{digest}/src")
        api.store.save_upload(
            "default",
            UploadRecord(digest, "src", uri, sum(map(len, files.values())), len(files), is_file=False),
            manifest,
        )
        root = api.datastores.local_path("default", uri)
        for path, data in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(data)
        return str(uri)

    return send


def compared(api, words, *names):
    answer = api.client.get(f"{words.jobs}:compare", params={"job": list(names)})
    assert answer.status_code == 200, answer.text
    return answer.json()


class TestCompare:
    def test_equal_jobs_differ_in_nothing(self, api, words):
        """All their steps are the same, and there is no difference to show."""
        names = [api.submit(display_name="one")["name"] for _ in range(2)]
        found = compared(api, words, *names)

        assert [row["change"] for row in found["steps"]] == ["same"]
        assert (found["yaml"][0]["diff"], found["code"]) == ("", [])

    def test_inputs_steps_and_yaml_are_aligned(self, api, words):
        """Steps by their place; what only one job has is added or removed as seen from the first."""
        one = api.submit({"a": words.step(), "b": words.step()}, inputs={"x": 1, "y": 2})["name"]
        two = api.submit({"a": words.step("echo other"), "c": words.step()}, inputs={"x": 1, "y": 3})["name"]
        found = compared(api, words, one, two)

        assert {row["name"]: (row["values"], row["same"]) for row in found["inputs"]} == {
            "x": ([1, 1], True),
            "y": ([2, 3], False),
        }
        assert {row["step"]: row["change"] for row in found["steps"]} == {"a": "changed", "b": "removed", "c": "added"}
        changed = next(row for row in found["steps"] if row["step"] == "a")
        assert [one["name"] for one in changed["differences"]] == ["command"]
        assert "+    command: echo other" in found["yaml"][0]["diff"]

    def test_graphs_lie_over_one_another(self, api, words):
        """One for each job but the first: also what was renamed, and what flows otherwise."""
        steps = {"a": words.step("echo a > ${{outputs.out}}/x", outputs={"out": {"type": "uri_folder"}})}
        reads = {"i": {"path": "${{parent.jobs.a.outputs.out}}", "type": "uri_folder"}}
        one = api.submit({**steps, "b": words.step("cat", inputs=reads)})["name"]
        two = api.submit({**steps, "c": words.step("cat", inputs=reads)})["name"]
        (found,) = compared(api, words, one, two)["graph"]

        assert (found["before"], found["after"]) == (one, two)
        assert [(row["key"], row["after"], row["change"]) for row in found["steps"]] == [
            ("a", "a", "same"),
            ("b", "c", "changed"),
        ]
        assert [(edge["from"], edge["to"], edge["change"]) for edge in found["edges"]] == [("a", "b", "same")]

    def test_code_is_compared_file_by_file(self, api, words, send):
        """What is text with its lines; what is not only by name."""
        one = send({"run.py": b"a = 1\nb = 2\n", "gone.txt": b"x\n", "data.bin": b"\0\1", "same.txt": b"s\n"})
        two = send({"run.py": b"a = 1\nb = 3\n", "new.txt": b"y\n", "data.bin": b"\0\2", "same.txt": b"s\n"})
        names = [api.submit({"a": words.step(code=code)})["name"] for code in (one, two)]
        (found,) = compared(api, words, *names)["code"]

        assert (found["job"], found["step"]) == (names[1], "a")
        assert {file["path"]: (file["change"], file["diff"]) for file in found["files"]} == {
            "run.py": ("changed", "@@ -1,2 +1,2 @@\n a = 1\n-b = 2\n+b = 3"),
            "data.bin": ("changed", None),
            "new.txt": ("added", "@@ -0,0 +1 @@\n+y"),
            "gone.txt": ("removed", "@@ -1 +0,0 @@\n-x"),
        }

    @pytest.mark.parametrize("count", [0, 1, 9])
    def test_too_few_and_too_many_are_refused(self, api, words, count):
        """One job is compared with nothing."""
        answer = api.client.get(f"{words.jobs}:compare", params={"job": [f"j{n}" for n in range(count)]})

        assert answer.status_code == 400

    def test_a_job_that_is_not_there_is_named(self, api, words):
        """As when it is shown."""
        name = api.submit()["name"]
        answer = api.client.get(f"{words.jobs}:compare", params={"job": [name, "nobody"]})

        assert answer.status_code == 404
        assert "nobody" in answer.json()["error"]["message"]


class TestCode:
    def test_is_listed_and_sent_as_it_was(self, api, words, send):
        """File by file."""
        name = api.submit({"a": words.step(code=send({"lib/run.py": b"print(1)\n"})), "b": words.step()})["name"]
        step = api.steps(name)["a"].name
        listed = api.client.get(f"{words.jobs}/{step}/code").json()

        assert [(file["path"], file["size"]) for file in listed["value"]] == [("lib/run.py", 9)]
        assert api.client.get(f"{words.jobs}/{step}/code/lib/run.py").text == "print(1)\n"

    @pytest.mark.parametrize("path", ["../../secret", "lib/ruin.py", "lib", "%2e%2e/x"])
    def test_nothing_else_is_sent(self, api, words, send, path):
        """No folder, nothing outside, nothing that is not there."""
        name = api.submit({"a": words.step(code=send({"lib/run.py": b"print(1)\n"}))})["name"]
        answer = api.client.get(f"{words.jobs}/{api.steps(name)['a'].name}/code/{path}")

        assert answer.status_code in (400, 404)

    def test_a_step_without_code_says_so(self, api, words):
        """It is no mistake of whoever asks."""
        name = api.submit()["name"]
        answer = api.client.get(f"{words.jobs}/{api.steps(name)['a'].name}/code")

        assert (answer.status_code, "has no code" in answer.json()["error"]["message"]) == (404, True)


class TestMany:
    def test_one_that_cannot_be_changed_stops_no_other(self, api, words):
        """Each answer says what became of that job."""
        done, running = api.submit()["name"], api.submit()["name"]
        api.end(done)
        answer = api.client.post(f"{words.jobs}:act", json={"action": "archive", "names": [running, done, "nobody"]})

        assert [row["error"] and row["error"]["code"] for row in answer.json()["value"]] == [
            "not-ended",
            None,
            "not-found",
        ]
        assert api.client.get(f"{words.jobs}/{done}").json()["archived"]

    @pytest.mark.parametrize("body", [None, {"action": "burn", "names": []}, {"action": "cancel", "names": "x"}])
    def test_a_request_of_a_wrong_shape_is_refused(self, api, words, body):
        """Nothing is changed."""
        assert api.client.post(f"{words.jobs}:act", json=body).status_code == 400

    def test_jobs_are_counted_by_status_and_experiment(self, api, words):
        """Archived ones only when asked for."""
        names = [api.submit(experiment_name=name)["name"] for name in ("x", "x", "y")]
        api.end(names[0], JobStatus.FAILED)
        found = api.client.get(f"{words.jobs}:counts").json()

        assert found == {"total": 3, "status": {"Failed": 1, "Preparing": 2}, "experiments": {"x": 2, "y": 1}}
        assert api.client.get(f"{words.jobs}:counts", params={"archived": "archived"}).json()["total"] == 0


class TestOrder:
    @pytest.mark.parametrize("order", ["created", "name", "experiment", "duration"])
    def test_pages_in_any_order_hold_each_job_once(self, api, words, order):
        """Backwards they are the reverse."""
        for place, name in enumerate("bCadB"):
            made = api.submit(display_name=name, experiment_name=f"e{place % 2}")["name"]
            api.end(made)

        def walk(sort):
            found, token = [], None
            while True:
                query = {"sort": sort, "limit": 2, **({"before": token} if token else {})}
                page = api.client.get(words.jobs, params=query).json()
                found += [job["display_name"] for job in page["value"]]
                token = page["next"]
                if token is None:
                    return found

        assert sorted(walk(order)) == sorted("bCadB")
        assert walk(f"-{order}") == walk(order)[::-1]
        if order == "name":
            assert [name.lower() for name in walk(order)] == ["a", "b", "b", "c", "d"]

    def test_an_order_that_is_none_is_refused_with_the_nearest(self, api, words):
        """By name."""
        answer = api.client.get(words.jobs, params={"sort": "-durations"})

        assert answer.status_code == 400
        assert answer.json()["error"]["hint"] == "did you mean `duration`?"


class TestFiles:
    def test_a_folder_is_sent_as_a_zip(self, api, words):
        """With the names and bytes that it has."""
        name = api.submit()["name"]
        step = api.steps(name)["a"].name
        api.artifact(step, "outputs/ä #1.txt", b"x" * 300_000)
        answer = api.client.get(f"{words.jobs}/{step}/files", params={"format": "zip"})

        archive = zipfile.ZipFile(io.BytesIO(answer.content))
        assert archive.namelist() == ["outputs/ä #1.txt"]
        assert archive.read("outputs/ä #1.txt") == b"x" * 300_000
