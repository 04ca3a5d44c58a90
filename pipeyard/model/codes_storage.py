"""
Pages of the codes about the database, outputs, uploads and data from the Web.

Not here: finding these problems (`store/`, `datastore/`).
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeyard.model.code_page import CodePage

_BACKUP = "Stop the server, then put back a copy of `pipeyard.db`, or move it aside to start with an empty one."
_SUBMIT_AGAIN = "Submit again. What the server has already is not sent twice."

_DATABASE: Mapping[str, CodePage] = {
    "newer-home": CodePage(
        "The home was last used by a newer version of Pipeyard. Its database was not touched.",
        "pipeyard job list",
        "Upgrade Pipeyard, or choose another home with `PIPEYARD_HOME`.",
    ),
    "foreign-database": CodePage(
        "The database holds tables of another program.",
        "postgresql://host/accounting",
        "Name a database, or a schema, that Pipeyard has for itself.",
    ),
    "database-address": CodePage(
        "The address of the database cannot be used: it cannot be read, or names a kind that Pipeyard does not know.",
        "mysql://host/jobs",
        "Write `postgresql://user@host/name`, or leave it out to use SQLite.",
    ),
    "database-locked": CodePage(
        "Another program holds the database and did not let go of it for ten seconds.",
        "sqlite3 pipeyard.db 'BEGIN EXCLUSIVE'",
        "Close programs that have `pipeyard.db` open, and try again.",
    ),
    "database-read-only": CodePage(
        "The database cannot be written.",
        "chmod a-w pipeyard.db",
        "Check the owner and the permissions of the home folder and of `pipeyard.db`.",
    ),
    "database-corrupt": CodePage("The database is damaged, or is no database.", "echo hello > pipeyard.db", _BACKUP),
    "database-unreachable": CodePage(
        "The database cannot be opened, or the connection to it was lost.",
        "postgresql://host-that-is-down/pipeyard",
        "Check that the home folder exists, or that the database server runs, and try again.",
    ),
    "database": CodePage(
        "The database failed in a way that has no name of its own; the message repeats its words.",
        "pipeyard job list",
        "Try again. If it stays, the database's own documentation knows the words.",
    ),
    "disk-error": CodePage(
        "The disk failed to read or write.",
        "pipeyard job create --file pipeline.yml",
        "Look at the system's log for errors of the disk, and back up what matters.",
    ),
    "disk-full": CodePage(
        "The disk is full. Nothing that was stored is lost, and nothing half-written has its final name.",
        "dd if=/dev/zero of=$HOME/fill",
        "Free some space and try again.",
    ),
    "job-exists": CodePage(
        "A job with this name exists already. A job's name is unique for ever, steps included.",
        "name: my_job",
        "Choose another name, or leave `name` out to be given one.",
    ),
}

_OUTPUTS: Mapping[str, CodePage] = {
    "output-missing": CodePage(
        "The step ended well without writing an output of type `uri_file`. An output folder may be empty; a file has to be there.",
        "outputs:\n  model:\n    type: uri_file\ncommand: echo done",
        "Write one file to the path that `${{outputs.NAME}}` stands for.",
    ),
    "output-not-a-file": CodePage(
        "The step made a folder at the path of an output of type `uri_file`. It was kept, to look at.",
        "outputs:\n  model:\n    type: uri_file\ncommand: mkdir ${{outputs.model}}",
        "Write to the path itself, or declare the output as `uri_folder`.",
    ),
    "output-not-a-folder": CodePage(
        "The step put a file in the place of an output folder. It was kept, to look at.",
        "command: rmdir ${{outputs.out}} && echo x > ${{outputs.out}}",
        "Write files into the folder, or declare the output as `uri_file`.",
    ),
    "output-in-the-way": CodePage(
        "An output with a `path` of its own has a file where its place holds a folder of that name, or the other way round.",
        "path: azureml://datastores/workspaceblobstore/paths/shared",
        "Remove what is there, or choose another path.",
    ),
    "special-file": CodePage(
        "An output holds a socket, a pipe or a device, which have no bytes to keep.",
        "command: mkfifo ${{outputs.out}}/pipe",
        "Remove it before the step ends, or make it in `/tmp`.",
    ),
    "link-leads-out": CodePage(
        "A symbolic link leads out of its datastore, or to a folder that holds the output itself.",
        "command: ln -s / ${{outputs.out}}/root",
        "Copy into the output what it should hold.",
    ),
    "changed-while-read": CodePage(
        "A file changed each time it was read, so no digest of it would be true.",
        "command: yes > ${{outputs.out}}/endless &",
        "End background processes before the step ends.",
    ),
    "copy-differs": CodePage(
        "A copy to another file system differs from the original.",
        "pipeyard job create --file pipeline.yml",
        "Let no process write to outputs after the step has ended; else look for errors of the disk.",
    ),
    "not-writable": CodePage(
        "A file or folder cannot be written.",
        "chmod a-w workspaces/default/workspaceblobstore",
        "Check the owner and the permissions of the folder that the message names.",
    ),
    "not-stored": CodePage(
        "Something could not be stored; the message repeats the words of the operating system.",
        "pipeyard job create --file pipeline.yml",
        "Mend what the message names, and submit again.",
    ),
    "worker-killed": CodePage(
        "The process that hashes and moves files was killed three times at the same work; the message says by what.",
        "pipeyard job create --file pipeline.yml",
        "Look at the system's log, and let fewer steps run at once.",
    ),
    "no-workers": CodePage(
        "The server cannot start the processes that hash and move files, mostly because Pipeyard was upgraded under it. "
        "Steps that ended well wait in `Finalizing` and lose nothing.",
        "pip install --upgrade pipeyard",
        "Restart the server: `pipeyard server stop`; the next command starts it, and it goes on where it was.",
    ),
    "stopping": CodePage("The server is stopping.", "pipeyard server stop", "Try again; the server starts itself."),
}

_PATHS: Mapping[str, CodePage] = {
    "bad-path": CodePage(
        "A path cannot be used: it is absolute, holds `..`, a NUL or a name that is too long, or begins with our own prefix.",
        "path: azureml://datastores/workspaceblobstore/paths/../x",
        "Write it relative to the datastore, and without `..`.",
    ),
    "not-local": CodePage(
        "The datastore has no folder on this machine.",
        "path: azureml://datastores/cloud/paths/x",
        "Use one of the datastores that `pipeyard datastore list` shows as local.",
    ),
    "bad-upload": CodePage(
        "A list of files that a client announced makes no tree: a path is there twice, or is a file and a folder at once.",
        '{"files": [{"path": "a"}, {"path": "a/b"}]}',
        "This comes from a client other than the `pipeyard` command; send each path once.",
    ),
    "not-announced": CodePage(
        "A content was sent that is not part of the announced upload, probably because a file changed meanwhile.",
        "pipeyard job create --file pipeline.yml",
        _SUBMIT_AGAIN,
    ),
    "wrong-content": CodePage(
        "A content arrived with another length or SHA-256 than announced, probably because the file changed meanwhile.",
        "pipeyard job create --file pipeline.yml",
        _SUBMIT_AGAIN,
    ),
    "upload-incomplete": CodePage(
        "An upload was said to be complete while contents were missing.",
        "pipeyard job create --file pipeline.yml",
        _SUBMIT_AGAIN,
    ),
}

_WEB: Mapping[str, CodePage] = {
    "bad-url": CodePage(
        "A Web address does not begin with `http://` or `https://`, or names no host.",
        "path: https:/example.org/data.csv",
        "Write it as in `https://example.org/data.csv`.",
    ),
    "web-refused": CodePage(
        "A Web server refused to give the data: the address is wrong, or it wants credentials.",
        "path: https://example.org/no-such-file.csv",
        "Open the address in a browser. A signature in it may have expired.",
    ),
    "web-unreachable": CodePage(
        "A Web server did not answer, or broke off, four times in a row.",
        "path: https://example.invalid/data.csv",
        "Check the address and this machine's connection and proxy settings, and try again.",
    ),
}

_ELSEWHERE: Mapping[str, CodePage] = {
    "datastore-refused": CodePage(
        "A datastore did not let us in: its key, token or signature is wrong, has expired, or does not allow this.",
        "credentials:\n  account_key: an-old-key",
        "Give new credentials: `pipeyard datastore create --file` with the same name, or `datastore update --set`.",
    ),
    "datastore-missing": CodePage(
        "The account, container or bucket of a datastore does not exist, or what was asked for in it is gone.",
        "container_name: no-such-container",
        "Check the names in the datastore's file. Pipeyard makes no containers and no buckets.",
    ),
    "datastore-unreachable": CodePage(
        "A datastore did not answer, or broke off, several times in a row.",
        "endpoint: http://127.0.0.1:1",
        "Check the endpoint, this machine's connection and its proxy settings, and try again.",
    ),
    "datastore-failed": CodePage(
        "A datastore failed in a way that has no name of its own; the message repeats its words.",
        "pipeyard job create --file pipeline.yml",
        "Try again. If it stays, the store's own documentation knows the words.",
    ),
    "datastore-http": CodePage(
        "A datastore of type `http` can only be read, file by file: the Web lists no folders and takes no outputs.",
        "path: azureml://datastores/web/paths/folder/",
        "Name one file as the input's path, and write to a datastore of another type.",
    ),
    "datastore-type": CodePage(
        "Nothing here speaks to a datastore of this type.",
        "type: azure_file",
        "Use one of the types that the message lists. A share that is mounted here can be of type `local`.",
    ),
    "missing-extra": CodePage(
        "A datastore of this type needs a library that is not installed with Pipeyard by itself.",
        "pipeyard datastore create --file s3.yml",
        "Run the `pip install` that the message shows, in the environment of Pipeyard. Nothing has to be restarted.",
    ),
    "unfit-key": CodePage(
        "A name cannot be kept as it is: a blob's name that can be no file on a disk, or a file's name that the store "
        "would change without a word.",
        "command: touch '${{outputs.out}}/a\\b'",
        "Rename it. Letters of any alphabet, blanks and most signs are fine; control characters and `..` are not.",
    ),
    "changed-data": CodePage(
        "What a step wrote to a datastore was changed there afterwards. Nothing reads it under the step's name any more.",
        "az storage blob upload --overwrite --name azureml/<step>/out/a.csv",
        "Run the step again, or give the changed data to the pipeline as an input of its own.",
    ),
    "bad-credentials": CodePage(
        "The credentials of a datastore lack one of their parts, or are of two kinds at once.",
        "credentials:\n  access_key_id: AKIA",
        "Give all parts of one kind, as the message lists them, and nothing else.",
    ),
    "bad-setting": CodePage(
        "An environment variable that sets something about the server has a value that means nothing.",
        "PIPEYARD_CACHE_SIZE=lots pipeyard server start",
        "Write it as the message shows, or leave the variable out.",
    ),
}

_FREEING: Mapping[str, CodePage] = {
    "output-freed": CodePage(
        "The files of an output were freed by `pipeyard gc`. The job still shows what was in it, and when it was freed.",
        "path: azureml://jobs/my_job/outputs/model",
        "Run the job again. Steps whose outputs are still there are reused.",
    ),
    "being-freed": CodePage(
        "A job speaks of outputs that `pipeyard gc` is freeing at this moment.",
        "pipeyard gc --yes & pipeyard job create --file reads_old_outputs.yml",
        "Submit again a moment later; what is gone by then is named.",
    ),
    "gc-running": CodePage(
        "Somebody frees space with `pipeyard gc` already. Two at once would count the same bytes twice.",
        "pipeyard gc --yes & pipeyard gc --yes",
        "Wait until the first has ended.",
    ),
}

STORAGE_PAGES: Mapping[str, CodePage] = {**_DATABASE, **_OUTPUTS, **_PATHS, **_WEB, **_ELSEWHERE, **_FREEING}
