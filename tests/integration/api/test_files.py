from __future__ import annotations

import io
import os
import tarfile
from urllib.parse import quote

import pytest

from pipeyard.datastore.manifest import scan
from pipeyard.model.assets import DatastoreUri
from pipeyard.model.digest import manifest_digest
from pipeyard.model.record import Batch, OutputRecord

# As `os.fsdecode` has the name b"caf\xe9.txt", and one whose bytes are the start of a character.
NO_UTF8 = ["caf\udce9.txt", "\udcf0\udc9f/\udcff"]
ODD_NAMES = ["a b.txt", "q\"'.txt", "$HOME", "日本.csv", "new\nline", "#?&=%41", "..dots", "a\\b"]


@pytest.fixture
def name(api):
    """A step's job that has written a little."""
    found = api.steps(api.submit()["name"])["a"].name
    api.artifact(found, "outputs/x.txt", b"0123456789")
    return found


class TestArtifacts:
    def test_every_name_a_step_can_give_comes_back(self, api, words, name):
        """In the listing and as an address."""
        for odd in ODD_NAMES:
            api.artifact(name, f"outputs/{odd}", odd.encode())
        listed = [row["path"] for row in api.client.get(f"{words.jobs}/{name}/files").json()["value"]]

        assert set(listed) == {"outputs/x.txt", *(f"outputs/{odd}" for odd in ODD_NAMES)}
        for odd in ODD_NAMES:
            answer = api.client.get(f"{words.jobs}/{name}/files/outputs/{quote(odd, safe='')}")
            assert answer.content == odd.encode()
            assert "\n" not in answer.headers["content-disposition"]

    @pytest.mark.parametrize("odd", NO_UTF8)
    def test_a_name_that_is_no_utf8_keeps_its_bytes(self, api, words, name, odd):
        """In the listing as an escape of JSON, in an address as its bytes, and in a tar."""
        api.artifact(name, f"outputs/{odd}", b"found")
        answer = api.client.get(f"{words.jobs}/{name}/files")
        address = quote(f"outputs/{odd}", errors="surrogateescape")

        assert f"outputs/{odd}" in [row["path"] for row in answer.json()["value"]]
        assert "\\udc" in answer.content.decode("utf-8")
        assert api.client.get(f"{words.jobs}/{name}/files/{address}").content == b"found"
        assert api.client.get(f"{words.jobs}/{name}/files/{address.replace('/', '%2F')}").content == b"found"
        tar = api.client.get(f"{words.jobs}/{name}/files/outputs?format=tar").content
        with tarfile.open(fileobj=io.BytesIO(tar)) as opened:
            assert odd in opened.getnames()

    @pytest.mark.parametrize(
        "path",
        [
            "../token",
            "%2e%2e/token",
            "outputs/../../../../token",
            "..%2f..%2ftoken",
            "outputs/%2e/x.txt",
            "outputs//x.txt",
            "/etc/passwd",
            "%00",
            "outputs/%2e%2e",
        ],
    )
    def test_no_path_leads_out(self, api, words, name, path):
        """Neither plainly nor in disguise."""
        (api.home / "token").write_text("secret")
        answer = api.client.get(f"{words.jobs}/{name}/files/{path}")

        assert answer.status_code in (400, 404)
        assert "secret" not in answer.text

    def test_no_link_leads_out(self, api, words, name):
        """A step may make any link it likes; what is inside stays readable."""
        (api.home / "token").write_text("secret")
        folder = api.artifact(name, "outputs/real.txt", b"fine").parent
        (folder / "out").symlink_to(api.home / "token")
        (folder / "up").symlink_to(api.home)
        (folder / "in").symlink_to("real.txt")
        listed = {row["path"] for row in api.client.get(f"{words.jobs}/{name}/files").json()["value"]}

        assert listed == {"outputs/x.txt", "outputs/real.txt", "outputs/in"}
        assert api.client.get(f"{words.jobs}/{name}/files/outputs/out").status_code == 404
        assert api.client.get(f"{words.jobs}/{name}/files/outputs/up/token").status_code == 404
        assert api.client.get(f"{words.jobs}/{name}/files/outputs/in").content == b"fine"

    def test_a_pipe_is_no_file(self, api, words, name):
        """Opening one would wait for ever."""
        os.mkfifo(api.artifact(name, "outputs/y", b"").parent / "pipe")

        assert api.client.get(f"{words.jobs}/{name}/files/outputs/pipe").status_code == 404

    def test_what_a_running_step_writes_is_there_already(self, api, words, name):
        """From its working folder, until it ends."""
        live = api.home / "attempts" / f"{name}.1" / "wd" / "outputs" / "live.txt"
        live.parent.mkdir(parents=True)
        live.write_bytes(b"so far")
        listed = [row["path"] for row in api.client.get(f"{words.jobs}/{name}/files").json()["value"]]

        assert listed == ["outputs/live.txt", "outputs/x.txt"]
        assert api.client.get(f"{words.jobs}/{name}/files/outputs/live.txt").content == b"so far"

    def test_a_slip_of_a_finger_names_the_nearest(self, api, words, name):
        """404 with a hint."""
        answer = api.client.get(f"{words.jobs}/{name}/files/outputs/x.tx")

        assert answer.json()["error"]["hint"] == "did you mean `outputs/x.txt`?"

    def test_html_of_a_step_cannot_run(self, api, words, name):
        """It is shown as text, in a sandbox."""
        api.artifact(name, "outputs/r.html", b"<script>alert(1)</script>")
        answer = api.client.get(f"{words.jobs}/{name}/files/outputs/r.html")

        assert answer.headers["content-type"].startswith("text/plain")
        assert "sandbox" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"


class TestRanges:
    @pytest.mark.parametrize(
        ("asked", "body", "told"),
        [
            ("bytes=0-3", b"0123", "bytes 0-3/10"),
            ("bytes=7-", b"789", "bytes 7-9/10"),
            ("bytes=-2", b"89", "bytes 8-9/10"),
            ("bytes=-99", b"0123456789", "bytes 0-9/10"),
            ("bytes=8-99", b"89", "bytes 8-9/10"),
        ],
    )
    def test_a_part_is_sent_as_asked(self, api, name, asked, body, told):
        """206, with what it is a part of."""
        url = f"/api/v1/workspaces/default/jobs/{name}/files/outputs/x.txt"
        answer = api.client.get(url, headers={"range": asked})

        assert (answer.status_code, answer.content, answer.headers["content-range"]) == (206, body, told)

    @pytest.mark.parametrize("asked", ["bytes=10-", "bytes=5-2", "bytes=-", "lines=1-2", "bytes=0-1,3-4"])
    def test_a_part_that_is_not_there_is_416(self, api, words, name, asked):
        """Also several parts at once, which nobody needs."""
        answer = api.client.get(f"{words.jobs}/{name}/files/outputs/x.txt", headers={"range": asked})

        assert answer.status_code == 416

    def test_an_empty_file_is_sent_whole(self, api, words, name):
        """It has no parts."""
        api.artifact(name, "outputs/empty", b"")
        url = f"{words.jobs}/{name}/files/outputs/empty"

        assert api.client.get(url).content == b""
        assert api.client.get(url, headers={"range": "bytes=0-"}).status_code == 416


class TestOutputs:
    @pytest.fixture
    def written(self, api, name):
        """Output `o` of the step: two files and a folder, stored."""
        uri = DatastoreUri("workspaceblobstore", f"azureml/{name}/o/")
        root = api.datastores.local_path("default", uri)
        (root / "sub").mkdir(parents=True)
        (root / "a b.txt").write_bytes(b"a")
        (root / "sub" / "é").write_bytes(b"e" * 1000)
        manifest = scan(root)
        record = OutputRecord(
            name, "o", uri, "uri_folder", "complete", manifest_digest(manifest), manifest.size, len(manifest.entries)
        )
        api.store.commit(Batch(outputs=((record, manifest),)))
        return root

    def test_an_output_is_listed_and_read_by_path(self, api, words, name, written):
        """From its manifest."""
        url = f"{words.jobs}/{name}/outputs"
        assert [row["name"] for row in api.client.get(url).json()["value"]] == ["o"]
        files = api.client.get(f"{url}/o/files").json()["value"]

        assert files == [{"path": "a b.txt", "size": 1}, {"path": "sub/é", "size": 1000}]
        assert api.client.get(f"{url}/o/files/a%20b.txt").content == b"a"
        assert api.client.get(f"{url}/o/files/../../../token").status_code in (400, 404)

    def test_a_folder_comes_as_one_tar(self, api, words, name, written):
        """With names and bytes as they are."""
        answer = api.client.get(f"{words.jobs}/{name}/outputs/o/files?format=tar")
        with tarfile.open(fileobj=io.BytesIO(answer.content)) as tar:
            found = {entry.name: tar.extractfile(entry).read() for entry in tar}

        assert found == {"a b.txt": b"a", "sub/é": b"e" * 1000}

    def test_an_unknown_output_names_the_nearest(self, api, words, name, written):
        """404."""
        answer = api.client.get(f"{words.jobs}/{name}/outputs/oo/files")

        assert answer.status_code == 404
        assert answer.json()["error"]["hint"] == "did you mean `o`?"


class TestLog:
    def test_lines_are_numbered_and_counted(self, api, words, name):
        """With where to go on, and whether more may come."""
        api.log(name).write_text("one\ntwo\nthree\n")
        page = api.client.get(f"{words.jobs}/{name}/log?from_line=2&lines=1").json()

        assert page["value"] == [{"line": 2, "text": "two"}]
        assert (page["line_count"], page["next"], page["is_complete"]) == (3, 3, False)

    def test_the_end_is_asked_for_by_a_negative_number(self, api, words, name):
        """The last two lines."""
        api.log(name).write_text("one\ntwo\nthree\n")
        page = api.client.get(f"{words.jobs}/{name}/log?from_line=-2").json()

        assert [row["line"] for row in page["value"]] == [2, 3]

    def test_a_search_finds_in_any_case(self, api, words, name):
        """By plain text, not by a pattern."""
        api.log(name).write_text("a.c\nabc\nA.C\n")
        page = api.client.get(f"{words.jobs}/{name}/log?search=a.c").json()

        assert [row["line"] for row in page["value"]] == [1, 3]
