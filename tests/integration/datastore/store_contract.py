"""What every store elsewhere is held to. A kind of store is done when a subclass of `StoreContract` passes."""

from __future__ import annotations

import os

import pytest

from pipeyard.datastore.cache import Cache
from pipeyard.datastore.manifest import scan
from pipeyard.datastore.publish import Publication
from pipeyard.datastore.remote import browse, fetch, filesystem, parts, retry, send, work
from pipeyard.datastore.remote.store import RemoteChange, RemoteOutput, RemoteTask, store_remote
from pipeyard.model.errors import StoreError, UserError
from tests.integration.datastore.elsewhere import place_of

NAMES = ("plain.txt", "sub folder/ä b%20?#.txt", "日本/$HOME 'q' \"w\".csv", "deep/er/and/deeper", "a+b=c&d;e,f@g~h")


class StoreContract:
    """Subclasses give the fixture `bucket`: a fresh container with `document`, `put`, `get`, `remove` and `names`."""

    @pytest.fixture
    def place(self, bucket):
        return place_of(bucket.document)

    @pytest.fixture
    def cache(self, tmp_path):
        return Cache(tmp_path / "cache")

    @pytest.fixture
    def source(self, tmp_path):
        folder = tmp_path / "source"
        for name in NAMES:
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(name)
        (folder / "empty").touch()
        return folder

    @pytest.fixture(autouse=True)
    def quick(self, monkeypatch):
        monkeypatch.setattr(retry, "WAITS_SECONDS", (0.0, 0.0))
        monkeypatch.setattr(fetch, "PIECE_BYTES", 1000)

    def fetched(self, place, path, cache, digest=None):
        """Return the tree at a path, and how many bytes had to come."""
        brought = work.bring(place, path, cache.root, digest)
        return cache.find(brought.digest), brought.fetched_bytes

    # --- looked at ---------------------------------------------------------------------------

    def test_a_folder_is_listed_by_pages(self, bucket, place):
        """Of each page its folders and files; together they are what is directly there, and nothing below."""
        for number in range(5):
            bucket.put(f"raw/{number}.csv", b"12")
        bucket.put("raw/deep/er/a", b"")
        bucket.put("raw/deep/b", b"")
        bucket.put("rawer/c", b"")

        found, after, pages = [], None, 0
        while pages == 0 or after is not None:
            page = browse.list_page(place, "raw", after, 2)
            found += [(entry.name, entry.size) for entry in page.entries]
            after, pages = page.next, pages + 1

        assert [("deep", None), *((f"{number}.csv", 2) for number in range(5))] == sorted(
            found, key=lambda entry: (entry[1] is not None, entry[0])
        )
        assert pages > 1
        assert {"raw", "rawer"} == {entry.name for entry in browse.list_page(place, "", None, 100).entries}

    def test_names_that_lead_out_are_left_out_and_counted(self, bucket, place):
        """A key may hold anything; a path may not."""
        bucket.put("odd//a", b"x")
        bucket.put("odd/fine", b"x")
        page = browse.list_page(place, "odd", None, 100)

        assert (["fine"], 1, None) == ([entry.name for entry in page.entries], page.left_out, page.next)
        with pytest.raises(UserError):
            browse.list_page(place, "odd/../..", None, 100)

    @pytest.mark.parametrize("name", NAMES)
    def test_a_file_is_read_by_pieces_as_long_as_it_stays_the_same(self, bucket, place, name):
        """Once it was changed, what was read of it is no part of it."""
        bucket.put(name, b"0123456789")
        file = browse.file_at(place, name)

        assert (10, b"345") == (file.size, browse.read_piece(place, name, 3, 6, file.tag))
        bucket.put(name, b"abcdefghij")
        with pytest.raises(StoreError) as caught:
            browse.read_piece(place, name, 3, 6, file.tag)
        assert caught.value.code == "changed-while-read"

    def test_nothing_is_neither_a_file_nor_a_folder(self, bucket, place):
        """Also where a longer name begins in the same way."""
        bucket.put("data-1/a", b"x")

        assert browse.list_page(place, "data", None, 10) is None
        assert (None, None) == (browse.file_at(place, "data"), browse.file_at(place, "data-1"))

    # --- there and back ---------------------------------------------------------------------

    def test_a_folder_comes_back_as_it_was_sent(self, place, source, tmp_path):
        """Names of any alphabet, blanks, signs and empty files survive the way to a store and back."""
        manifest = scan(source)
        work.send_tree(place, source, manifest, "up/load", tmp_path / "first")

        tree, count = self.fetched(place, "up/load", Cache(tmp_path / "second"))

        assert (manifest, manifest.size) == (tree.manifest, count)
        assert (tree.path / NAMES[1]).read_text() == NAMES[1]

    def test_one_file_is_a_file(self, place, bucket, cache):
        """A path that names one blob brings that file under its own name."""
        bucket.put("data/a b.csv", b"1,2")

        tree, count = self.fetched(place, "data/a b.csv", cache)

        assert (b"1,2", "a b.csv", 3) == (tree.path.read_bytes(), tree.path.name, count)

    def test_a_large_file_arrives_in_pieces_and_whole(self, place, bucket, cache):
        """Ten pieces, fetched side by side, are the bytes that were there."""
        data = os.urandom(9_999)
        bucket.put("big.bin", data)

        tree, count = self.fetched(place, "big.bin", cache)

        assert (data, len(data)) == (tree.path.read_bytes(), count)

    def test_nothing_is_nothing(self, place, bucket, cache):
        """A path that holds nothing is no empty folder, and a name's beginning is no folder."""
        bucket.put("folder/file", b"x")

        assert work.bring(place, "fold", cache.root) is None
        assert work.look(place, "folder/nothing") is None

    def test_a_look_says_how_much_there_is_and_when_it_changes(self, place, bucket):
        """Files and bytes are counted; the digest of the listing changes with a file and only then."""
        bucket.put("in/a", b"12")
        bucket.put("in/b/c", b"345")
        before = work.look(place, "in")
        again = work.look(place, "in/")
        bucket.put("in/a", b"21")

        assert (False, 5, 2) == (before.is_file, before.size, before.file_count)
        assert before == again
        assert before.listing_digest != work.look(place, "in").listing_digest

    # --- the cache --------------------------------------------------------------------------

    def test_what_did_not_change_is_not_fetched_again(self, place, bucket, cache):
        """The second time nothing comes; when one file changed, that file alone."""
        bucket.put("in/a", b"a" * 100)
        bucket.put("in/b", b"b" * 10)
        first = self.fetched(place, "in", cache)[1]
        second = self.fetched(place, "in", cache)[1]
        bucket.put("in/b", b"c" * 10)
        tree, third = self.fetched(place, "in", cache)

        assert (110, 0, 10) == (first, second, third)
        assert (b"a" * 100, b"c" * 10) == ((tree.path / "a").read_bytes(), (tree.path / "b").read_bytes())

    def test_a_changed_copy_is_not_given_out(self, place, bucket, cache):
        """A program that writes into the cache spoils nobody's input: the file is fetched again."""
        bucket.put("in/a", b"right")
        tree, _ = self.fetched(place, "in", cache)
        (tree.path / "a").write_bytes(b"wrong")

        again, _ = self.fetched(place, "in", cache)

        assert (again.path / "a").read_bytes() == b"right"

    def test_a_broken_download_goes_on_where_it_was(self, place, bucket, cache, monkeypatch):
        """A connection that breaks for good costs the pieces that had not arrived, not those that had."""
        data = os.urandom(10_000)
        bucket.put("big.bin", data)
        read, asked = filesystem.FilesystemFolder.read, []

        async def breaking(self, path, start, end):
            asked.append(start)
            if start >= 5_000:
                raise ConnectionError("broken")
            return await read(self, path, start, end)

        monkeypatch.setattr(filesystem.FilesystemFolder, "read", breaking)
        with pytest.raises(StoreError) as caught:
            work.bring(place, "big.bin", cache.root)
        asked.clear()

        async def counting(self, path, start, end):
            asked.append(start)
            return await read(self, path, start, end)

        monkeypatch.setattr(filesystem.FilesystemFolder, "read", counting)
        tree, _ = self.fetched(place, "big.bin", cache)

        assert ("datastore-unreachable", True) == (caught.value.code, caught.value.may_retry)
        assert data == tree.path.read_bytes()
        assert 0 < len(asked) < 10

    def test_a_moment_of_silence_is_waited_out(self, place, bucket, cache, monkeypatch):
        """What goes well at the second try is no failure."""
        bucket.put("in/a", b"x")
        read, tries = filesystem.FilesystemFolder.read, []

        async def late(self, path, start, end):
            tries.append(path)
            if len(tries) == 1:
                raise TimeoutError
            return await read(self, path, start, end)

        monkeypatch.setattr(filesystem.FilesystemFolder, "read", late)

        assert self.fetched(place, "in", cache)[1] == 1
        assert len(tries) == 2

    def test_data_that_changed_under_its_digest_is_refused(self, place, source, bucket, cache, tmp_path):
        """What a step wrote and somebody changed afterwards is not read under the step's name."""
        digest = work.send_tree(place, source, scan(source), "out", tmp_path / "other")
        bucket.put("out/plain.txt", b"changed")

        with pytest.raises(StoreError) as caught:
            work.bring(place, "out", cache.root, digest)

        assert caught.value.code == "changed-data"
        assert "`cloud`" in caught.value.message

    # --- outputs ----------------------------------------------------------------------------

    def output(self, place, root, *, merges=False, is_file=False, path="azureml/job/out/"):
        source = f"{root}/outputs/out" + ("/m.bin" if is_file else "")
        return RemoteOutput(place, path, Publication("out", source, "", is_file=is_file, merges=merges))

    def task(self, tmp_path, cache, *outputs, changes=(), is_complete=True):
        return RemoteTask(str(tmp_path / "attempt"), cache.root, outputs, tuple(changes), is_complete)

    def written(self, tmp_path, **files):
        folder = tmp_path / "attempt" / "outputs" / "out"
        folder.mkdir(parents=True)
        for name, text in files.items():
            (folder / name).write_text(text)
        return tmp_path / "attempt"

    def test_an_output_replaces_what_an_earlier_attempt_left(self, place, bucket, cache, tmp_path):
        """In a step's own place there is what its last attempt wrote, and nothing else."""
        bucket.put("azureml/job/out/stale", b"x")
        root = self.written(tmp_path, a="1", b="2")

        answer = store_remote(self.task(tmp_path, cache, self.output(place, root)))

        assert answer.error is None
        assert bucket.names() == ["azureml/job/out/a", "azureml/job/out/b"]

    def test_an_output_with_a_path_of_its_own_joins_what_is_there(self, place, bucket, cache, tmp_path):
        """A custom path may be shared: other files stay, equal names are replaced."""
        bucket.put("shared/other", b"x")
        bucket.put("shared/a", b"old")
        root = self.written(tmp_path, a="new")

        answer = store_remote(self.task(tmp_path, cache, self.output(place, root, merges=True, path="shared")))

        assert answer.error is None
        assert {"shared/a": b"new", "shared/other": b"x"} == {key: bucket.get(key) for key in bucket.names()}

    def test_the_next_step_finds_an_output_without_fetching_it(self, place, cache, tmp_path):
        """What was sent is in the cache under its digest."""
        root = self.written(tmp_path, a="1")

        ((_, manifest, digest),) = store_remote(self.task(tmp_path, cache, self.output(place, root))).outputs

        assert cache.find(digest).manifest == manifest
        assert self.fetched(place, "azureml/job/out", cache, digest)[1] == 0

    def test_storing_twice_loses_nothing(self, place, bucket, cache, tmp_path):
        """A server that was killed before it could say so stores again: the same answer, the same blobs."""
        root = self.written(tmp_path, a="1")
        task = self.task(tmp_path, cache, self.output(place, root))

        first, second = store_remote(task), store_remote(task)

        assert first == second
        assert bucket.names() == ["azureml/job/out/a"]

    def test_one_file_goes_to_its_own_name(self, place, bucket, cache, tmp_path):
        """A `uri_file` output is that blob and not a folder with it."""
        root = self.written(tmp_path, **{"m.bin": "model"})
        output = self.output(place, root, is_file=True, path="models/m.bin")

        ((_, manifest, _),) = store_remote(self.task(tmp_path, cache, output)).outputs

        assert (["models/m.bin"], True) == (bucket.names(), manifest.is_file)

    def test_a_missing_file_is_named(self, place, cache, tmp_path):
        """A step that ends without writing its file has failed, wherever the file was to go."""
        root = self.written(tmp_path)

        answer = store_remote(self.task(tmp_path, cache, self.output(place, root, is_file=True, path="m.bin")))

        assert ("output-missing", ()) == (answer.error["code"], answer.outputs)

    def test_an_empty_output_can_be_read(self, place, cache, tmp_path):
        """No store knows empty folders; the next step gets one all the same."""
        root = self.written(tmp_path)
        ((_, _, digest),) = store_remote(self.task(tmp_path, cache, self.output(place, root))).outputs
        elsewhere = Cache(tmp_path / "another cache")

        tree, _ = self.fetched(place, "azureml/job/out", elsewhere, digest)

        assert list(tree.path.iterdir()) == []

    def test_names_that_a_store_would_change_are_refused(self, place, cache, tmp_path):
        """A file that would come back under another name is an error and not a surprise."""
        root = self.written(tmp_path, **{"new\nline": "x"})

        answer = store_remote(self.task(tmp_path, cache, self.output(place, root)))

        assert answer.error["code"] == "unfit-key"
        assert (root / "outputs" / "out" / "new\nline").exists()

    def test_a_changed_copy_of_an_input_goes_back(self, place, bucket, cache, tmp_path):
        """After `rw_mount`: changed and new files are sent, removed ones removed, the rest is left alone."""
        for name in ("same", "changed", "removed"):
            bucket.put(f"in/{name}", name.encode())
        tree, _ = self.fetched(place, "in", cache)
        copy = tmp_path / "attempt" / "inputs" / "data"
        copy.mkdir(parents=True)
        (copy / "same").write_bytes((tree.path / "same").read_bytes())
        (copy / "changed").write_text("other")
        (copy / "new").write_text("new")

        answer = store_remote(
            self.task(tmp_path, cache, changes=[RemoteChange(place, "in", "data", str(copy))], is_complete=True)
        )

        assert answer.error is None
        assert {"in/same": b"same", "in/changed": b"other", "in/new": b"new"} == {
            key: bucket.get(key) for key in bucket.names()
        }

    def test_a_failed_step_changes_no_input(self, place, bucket, cache, tmp_path):
        """What a failed command did to its copy of an input stays in its own folder."""
        bucket.put("in/a", b"before")
        self.fetched(place, "in", cache)
        copy = tmp_path / "attempt" / "inputs" / "data"
        copy.mkdir(parents=True)
        (copy / "a").write_text("after")

        store_remote(
            self.task(tmp_path, cache, changes=[RemoteChange(place, "in", "data", str(copy))], is_complete=False)
        )

        assert bucket.get("in/a") == b"before"

    # --- what goes wrong --------------------------------------------------------------------

    def test_a_container_that_does_not_exist_is_named(self, bucket):
        """The message says which datastore, and trying again is no use."""
        place = place_of(bucket.document, container_name="not-there", bucket="not-there")

        with pytest.raises(StoreError) as caught:
            browse.probe(place)

        assert ("datastore-missing", False) == (caught.value.code, caught.value.may_retry)
        assert "`cloud`" in caught.value.message

    def test_a_server_that_does_not_answer_is_named(self, bucket):
        """The message says which datastore, and that trying again may help."""
        place = place_of(bucket.document, endpoint="http://127.0.0.1:9/none")

        with pytest.raises(StoreError) as caught:
            browse.probe(place)

        assert ("datastore-unreachable", True) == (caught.value.code, caught.value.may_retry)
        assert "`cloud`" in caught.value.message

    def test_a_probe_that_is_let_in_says_nothing(self, place):
        """An empty container is a fine datastore."""
        assert browse.probe(place) is None


class PartsContract(StoreContract):
    """Stores that take large files in parts. Subclasses give `writer` and `forget_uploads(bucket, key)` too."""

    # The class that sends large files in parts.
    writer = None
    # No store takes smaller parts, but for the last.
    part_bytes = 1000

    @pytest.fixture
    def large(self, tmp_path, monkeypatch):
        """A file of four parts, the last one smaller."""
        monkeypatch.setattr(send, "LARGE_BYTES", 1000)
        monkeypatch.setattr(parts, "PART_BYTES", self.part_bytes)
        folder = tmp_path / "large"
        folder.mkdir()
        (folder / "big ä.bin").write_bytes(os.urandom(self.part_bytes * 7 // 2))
        return folder

    def broken_off(self, place, large, cache, monkeypatch):
        """Send a folder whose parts from the third on do not get through; return what was to arrive."""
        manifest, data = scan(large), (large / "big ä.bin").read_bytes()
        put = self.writer.put

        async def breaking(self, key, upload, number, data):
            if number > 2:
                raise ConnectionError("broken")
            return await put(self, key, upload, number, data)

        monkeypatch.setattr(self.writer, "put", breaking)
        with pytest.raises(StoreError) as caught:
            work.send_tree(place, large, manifest, "up", cache.root)
        assert (caught.value.code, caught.value.may_retry) == ("datastore-unreachable", True)
        return manifest, data, put

    def counted(self, monkeypatch, put):
        numbers = []

        async def counting(self, key, upload, number, data):
            numbers.append(number)
            return await put(self, key, upload, number, data)

        monkeypatch.setattr(self.writer, "put", counting)
        return numbers

    def test_a_broken_upload_goes_on_where_it_was(self, place, bucket, cache, large, monkeypatch):
        """Parts that arrived before the connection broke are not sent again, and nothing shows before the end."""
        manifest, data, put = self.broken_off(place, large, cache, monkeypatch)
        assert bucket.names() == []
        numbers = self.counted(monkeypatch, put)

        work.send_tree(place, large, manifest, "up", cache.root)

        assert bucket.get("up/big ä.bin") == data
        assert sorted(numbers) == [3, 4]
        assert list((cache.root / "partial").iterdir()) == []

    def test_other_bytes_begin_anew(self, place, bucket, cache, large, monkeypatch):
        """What was sent of an earlier file is never a part of the next one at the same place."""
        _, _, put = self.broken_off(place, large, cache, monkeypatch)
        (large / "big ä.bin").write_bytes(os.urandom(self.part_bytes * 7 // 2))
        data = (large / "big ä.bin").read_bytes()
        numbers = self.counted(monkeypatch, put)

        work.send_tree(place, large, scan(large), "up", cache.root)

        assert bucket.get("up/big ä.bin") == data
        assert sorted(numbers) == [1, 2, 3, 4]

    def test_an_upload_that_the_store_forgot_begins_anew(self, place, bucket, cache, large, monkeypatch):
        """A note of an upload that is not there any more is no reason to fail."""
        manifest, data, put = self.broken_off(place, large, cache, monkeypatch)
        monkeypatch.setattr(self.writer, "put", put)
        self.forget_uploads(bucket, "up/big ä.bin")

        work.send_tree(place, large, manifest, "up", cache.root)

        assert bucket.get("up/big ä.bin") == data
