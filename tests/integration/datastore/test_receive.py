import hashlib
import os
import threading
from dataclasses import replace

import pytest

from pipeyard.datastore.manifest import scan
from pipeyard.datastore.receive import LocalUploads
from pipeyard.model.assets import DatastoreUri, FileEntry, Manifest
from pipeyard.model.digest import manifest_digest
from pipeyard.model.errors import Conflict, NotFound, StoreError, UserError

FILES = {"train.py": b"print(1)\n", "deep/ü '\n$HOME.txt": b"data" * 1000, "run.sh": b"#!/bin/sh\n", "empty": b""}


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def manifest_of(files, *, is_file=False):
    entries = [FileEntry(path, len(data), sha256(data), path.endswith(".sh")) for path, data in sorted(files.items())]
    return Manifest(tuple(entries), is_file)


@pytest.fixture
def uploads(home, store, datastores, same_pool):
    return LocalUploads(home, store, datastores, same_pool)


@pytest.fixture
def uploads_again(home, store, datastores, same_pool):
    """The same after a restart of the server."""
    return LocalUploads(home, store, datastores, same_pool)


def send(uploads, ticket, files):
    contents = {sha256(data): data for data in files.values()}
    for key in ticket.missing:
        data = contents[key]
        uploads.receive(ticket.id, key, len(data), [data[:3], data[3:]])


def upload(uploads, name="src", files=FILES, **rest):
    ticket = uploads.begin("default", name, manifest_of(files, **rest))
    if ticket.id is None:
        return ticket.uri
    send(uploads, ticket, files)
    return uploads.complete(ticket.id).uri


def read(datastores, uri):
    root = datastores.local_path("default", uri)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_a_folder_arrives_at_azures_place_for_it(uploads, datastores, store, home):
    """
    Every byte and the permission to run are there; the row and the manifest say so.
    """
    manifest = manifest_of(FILES)
    digest = manifest_digest(manifest)

    uri = upload(uploads)

    assert DatastoreUri("workspaceblobstore", f"LocalUpload/{digest}/src") == uri
    assert FILES == read(datastores, uri)
    root = datastores.local_path("default", uri)
    assert os.access(root / "run.sh", os.X_OK)
    assert not (root / "train.py").stat().st_mode & 0o111
    row = store.find_upload("default", digest, "src")
    assert (4019, 4, False) == (row.size, row.file_count, row.is_file)
    assert manifest == store.load_upload_manifest("default", digest)
    assert [] == list((home / "incoming").iterdir())


def test_a_single_file_arrives_under_its_name(uploads, datastores):
    """
    `LocalUpload/<digest>/<file name>` is the file itself.
    """
    uri = upload(uploads, "my data.csv", {"my data.csv": b"a,b\n"}, is_file=True)

    assert b"a,b\n" == datastores.local_path("default", uri).read_bytes()
    assert uri.path.endswith("/my data.csv")


def test_a_folder_without_files_is_an_upload(uploads, datastores):
    """
    A step may be given an empty folder.
    """
    assert datastores.local_path("default", upload(uploads, "nothing", {})).is_dir()


def test_what_is_here_already_is_not_sent_again(uploads):
    """
    The second announcement of the same tree is done at once.
    """
    uri = upload(uploads)

    ticket = uploads.begin("default", "src", manifest_of(FILES))

    assert (uri, None, ()) == (ticket.uri, ticket.id, ticket.missing)


def test_only_new_contents_are_asked_for(uploads, datastores):
    """
    Changing one file of a folder sends one file; the others come from the earlier upload, as copies.
    """
    first = upload(uploads)
    changed = {**FILES, "train.py": b"print(2)\n"}

    ticket = uploads.begin("default", "src", manifest_of(changed))
    assert (sha256(b"print(2)\n"),) == ticket.missing
    send(uploads, ticket, changed)
    second = uploads.complete(ticket.id).uri

    assert changed == read(datastores, second)
    one, other = (datastores.local_path("default", uri) / "run.sh" for uri in (first, second))
    assert one.stat().st_ino != other.stat().st_ino


def test_a_file_of_an_earlier_upload_that_was_changed_is_asked_for(uploads, datastores):
    """
    A step with `rw_mount` may have written to it; the digest decides and not the row.
    """
    root = datastores.local_path("default", upload(uploads))
    (root / "run.sh").write_bytes(b"#!/bin/SH\n")
    (root / "deep/ü '\n$HOME.txt").unlink()

    ticket = uploads.begin("default", "renamed", manifest_of(FILES))

    assert {sha256(FILES["run.sh"]), sha256(FILES["deep/ü '\n$HOME.txt"])} == set(ticket.missing)


def test_an_upload_whose_files_were_removed_is_received_again(uploads, datastores):
    """
    Somebody who cleans up by hand is not told that everything is there.
    """
    root = datastores.local_path("default", upload(uploads))
    for path in sorted(root.parent.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()

    assert FILES == read(datastores, upload(uploads))


def test_what_arrived_is_kept_when_a_connection_breaks(uploads, uploads_again, datastores):
    """
    The second try asks for less, also after the server was started again.
    """
    ticket = uploads.begin("default", "src", manifest_of(FILES))
    arrived = sha256(b"print(1)\n")
    contents = {sha256(data): data for data in FILES.values()}
    uploads.receive(ticket.id, arrived, len(contents[arrived]), [contents[arrived]])

    def broken():
        yield b"da"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        uploads.receive(ticket.id, sha256(b"data" * 1000), 4000, broken())
    second = uploads_again.begin("default", "src", manifest_of(FILES))

    assert ticket.id == second.id
    assert set(ticket.missing) - {arrived} == set(second.missing)
    send(uploads_again, second, FILES)
    assert FILES == read(datastores, uploads_again.complete(second.id).uri)


def test_contents_put_into_the_drop_folder_need_not_be_sent(uploads, datastores, tmp_path):
    """
    A sender on this machine copies files there; a hard link is copied and a symbolic link ignored.
    """
    ticket = uploads.begin("default", "src", manifest_of(FILES))
    for data in FILES.values():
        (ticket.drop / sha256(data)).write_bytes(data)
    linked, symbolic = ticket.drop / sha256(FILES["train.py"]), ticket.drop / sha256(FILES["run.sh"])
    os.link(linked, tmp_path / "users own")
    symbolic.rename(tmp_path / "elsewhere")
    symbolic.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(Conflict, match=r"`run\.sh`"):
        uploads.complete(ticket.id)
    uploads.receive(ticket.id, sha256(FILES["run.sh"]), len(FILES["run.sh"]), [FILES["run.sh"]])
    uri = uploads.complete(ticket.id).uri
    (tmp_path / "users own").write_bytes(b"changed later")

    assert FILES == read(datastores, uri)


def test_the_drop_folder_is_private(uploads):
    """
    Being able to write there proves to be the same user.
    """
    assert 0 == uploads.begin("default", "src", manifest_of(FILES)).drop.stat().st_mode & 0o077


def test_wrong_bytes_in_the_drop_folder_are_noticed(uploads):
    """
    They are asked for again, and nothing has the final name.
    """
    ticket = uploads.begin("default", "src", manifest_of(FILES))
    for data in FILES.values():
        (ticket.drop / sha256(data)).write_bytes(data)
    (ticket.drop / sha256(FILES["train.py"])).write_bytes(b"print(9)\n")

    with pytest.raises(Conflict, match=r"`train\.py`") as caught:
        uploads.complete(ticket.id)

    assert "upload-incomplete" == caught.value.code
    assert (sha256(FILES["train.py"]),) == uploads.begin("default", "src", manifest_of(FILES)).missing


@pytest.mark.parametrize("data", [b"print(2)\n", b"short", b"much too long for that"])
def test_a_content_that_is_not_what_it_is_said_to_be_is_refused(uploads, data):
    """
    Neither other bytes nor a cut file are kept.
    """
    ticket = uploads.begin("default", "src", manifest_of(FILES))

    with pytest.raises(UserError) as caught:
        uploads.receive(ticket.id, sha256(FILES["train.py"]), 9, [data])

    assert "wrong-content" == caught.value.code
    assert ticket.missing == uploads.begin("default", "src", manifest_of(FILES)).missing


def test_a_content_that_nobody_announced_is_refused(uploads):
    """
    The server keeps no bytes that belong to nothing.
    """
    ticket = uploads.begin("default", "src", manifest_of(FILES))

    for key, size in ((sha256(b"x"), 1), (sha256(FILES["train.py"]), 10)):
        with pytest.raises(UserError, match="not part of upload"):
            uploads.receive(ticket.id, key, size, [b"x"])


@pytest.mark.parametrize("upload_id", ["0" * 32, "x", "a b"])
def test_an_unknown_upload_is_not_found(uploads, upload_id):
    """
    The hint says to announce it again.
    """
    with pytest.raises(NotFound, match="no upload"):
        uploads.receive(upload_id, "0" * 64, 0, [])
    with pytest.raises(NotFound):
        uploads.complete(upload_id)


@pytest.mark.parametrize("upload_id", ["..", "../x", "", "a\0"])
def test_an_id_that_is_a_path_is_refused(uploads, upload_id):
    """
    No request names a folder outside of `incoming`.
    """
    with pytest.raises(UserError):
        uploads.complete(upload_id)


@pytest.mark.parametrize(
    "paths", [["../x"], ["/x"], ["a//b"], ["a/"], ["./a"], ["a\0"], [""], ["a", "a/b"], ["a/b", "a/b"], [".pipeyard-x"]]
)
def test_a_manifest_from_which_no_tree_can_be_made_is_refused(uploads, paths, home):
    """
    Nothing is written for it.
    """
    manifest = Manifest(tuple(FileEntry(path, 0, sha256(b"")) for path in paths))

    with pytest.raises(UserError):
        uploads.begin("default", "src", manifest)
    assert not (home / "incoming").exists()


@pytest.mark.parametrize(
    "entry", [FileEntry("a", -1, "0" * 64), FileEntry("a", 1, "0" * 63), FileEntry("a", 1, "Z" * 64)]
)
def test_an_entry_without_proper_size_and_digest_is_refused(uploads, entry):
    """
    A digest becomes a file name, so it has to be one.
    """
    with pytest.raises(UserError, match="size and SHA-256"):
        uploads.begin("default", "src", Manifest((entry,)))


@pytest.mark.parametrize("name", ["", "..", "a/b", "/", "\0", "x" * 256, "caf\udce9"])
def test_a_name_that_is_no_name_is_refused(uploads, name):
    """
    The name is the last part of the upload's place.
    """
    with pytest.raises(UserError):
        uploads.begin("default", name, manifest_of(FILES))


def test_a_single_file_has_one_entry(uploads):
    """
    Anything else cannot be one file.
    """
    with pytest.raises(UserError, match="exactly one"):
        uploads.begin("default", "src", replace(manifest_of(FILES), is_file=True))


def test_equal_files_of_a_folder_are_sent_once(uploads, datastores):
    """
    They become separate files: writing to one leaves the other.
    """
    files = {"a": b"same", "b/c.sh": b"same", "d": b"same"}
    ticket = uploads.begin("default", "src", manifest_of(files))
    assert 1 == len(ticket.missing)
    send(uploads, ticket, files)

    root = datastores.local_path("default", uploads.complete(ticket.id).uri)

    assert {"a": b"same", "b/c.sh": b"same", "d": b"same"} == read(
        datastores, uploads.begin("default", "src", manifest_of(files)).uri
    )
    assert 3 == len({(root / path).stat().st_ino for path in files})
    assert [False, True, False] == [bool((root / path).stat().st_mode & 0o100) for path in sorted(files)]


def test_two_senders_of_one_tree_at_once_both_succeed(home, store, datastores, pool):
    """
    Four command lines may submit the same folder at the same moment.
    """
    uploads = LocalUploads(home, store, datastores, pool)
    found = []
    threads = [threading.Thread(target=lambda: found.append(upload(uploads))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert 1 == len(set(found))
    assert 4 == len(found)
    assert FILES == read(datastores, found[0])


def test_a_late_sender_of_a_complete_upload_is_told_that_it_is_done(uploads):
    """
    What is still in flight is read and thrown away.
    """
    ticket = uploads.begin("default", "src", manifest_of(FILES))
    send(uploads, ticket, FILES)
    record = uploads.complete(ticket.id)

    uploads.receive(ticket.id, ticket.missing[0], 1, iter([b"x"]))

    assert record == uploads.complete(ticket.id)


def test_a_crash_after_the_final_name_is_repaired(uploads, uploads_again, store, monkeypatch):
    """
    The tree is there and no row says so: the next announcement finds that it is whole.
    """
    ticket = uploads.begin("default", "src", manifest_of(FILES))
    send(uploads, ticket, FILES)

    class CrashError(BaseException):
        pass

    def crash(*_):
        raise CrashError

    with monkeypatch.context() as patch:
        patch.setattr(store, "save_upload", crash)
        with pytest.raises(CrashError):
            uploads.complete(ticket.id)

    again = uploads_again.begin("default", "src", manifest_of(FILES))
    assert again.id is None
    assert store.find_upload("default", manifest_digest(manifest_of(FILES)), "src") is not None


def test_a_damaged_tree_without_a_row_is_replaced(uploads, datastores):
    """
    What has the final name but is not what it should be does not stay.
    """
    digest = manifest_digest(manifest_of(FILES))
    root = datastores.local_path("default", DatastoreUri("workspaceblobstore", f"LocalUpload/{digest}/src"))
    root.mkdir(parents=True)
    (root / "train.py").write_bytes(b"half")

    upload(uploads)

    assert manifest_digest(scan(root)) == digest


def test_a_full_disk_is_said_and_what_arrived_stays(uploads, monkeypatch):
    """
    With space again the sender goes on.
    """
    ticket = uploads.begin("default", "src", manifest_of(FILES))
    send(uploads, ticket, FILES)

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("pipeyard.datastore.assemble.make_folders", full)
        with pytest.raises(StoreError) as caught:
            uploads.complete(ticket.id)

    assert ("disk-full", True) == (caught.value.code, caught.value.may_retry)
    assert () == uploads.begin("default", "src", manifest_of(FILES)).missing
    assert "LocalUpload" in uploads.complete(ticket.id).uri.path


def test_what_was_left_unfinished_for_a_week_is_removed(uploads, home, store, datastores, same_pool):
    """
    Broken-off uploads do not fill the disk.
    """
    ticket = uploads.begin("default", "src", manifest_of(FILES))
    later = uploads._now() + 8 * 24 * 3600

    uploads.clean_up()
    assert (home / "incoming" / ticket.id).exists()
    LocalUploads(home, store, datastores, same_pool, now=lambda: later).clean_up()

    assert [] == list((home / "incoming").iterdir())
