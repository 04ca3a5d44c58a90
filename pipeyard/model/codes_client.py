"""
Pages of the codes about files on the user's machine, and about reaching the server.

Not here: finding these problems (`client/`, `cli/`).
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeyard.model.code_page import CodePage

_AMLIGNORE = "Leave it out with a line in `.amlignore` in the code folder, or mend it."

CLIENT_PAGES: Mapping[str, CodePage] = {
    "missing-file": CodePage(
        "A file or folder that a YAML file names is not there. A path is relative to the folder of the file that it is "
        "written in, also when another file refers to that one.",
        "component: ./trian.yml",
        "Correct the path. The message offers the nearest name that exists.",
    ),
    "not-a-file": CodePage(
        "A folder stands where a file is needed: a YAML file, or data of type `uri_file`.",
        "inputs:\n  table:\n    type: uri_file\n    path: ./data",
        "Name a file in the folder, or write `type: uri_folder`.",
    ),
    "not-a-folder": CodePage(
        "A file stands where a folder is needed: data of type `uri_folder`, a model, a build context.",
        "inputs:\n  tables:\n    type: uri_folder\n    path: ./data/table.csv",
        "Name the folder, or write `type: uri_file`.",
    ),
    "not-an-mltable": CodePage(
        "Data of type `mltable` is a folder with a file called `MLTable` in it, and this folder has none.",
        "inputs:\n  table:\n    type: mltable\n    path: ./data",
        "Add the file `MLTable`, or write `type: uri_folder`.",
    ),
    "not-utf-8": CodePage(
        "A YAML file is not UTF-8 text.",
        "description: caf\\xe9",
        "Save the file as UTF-8 in your editor.",
    ),
    "not-yaml": CodePage(
        "The file is far too large to be YAML that somebody wrote; probably a data file was named.",
        "pipeyard job create --file data.csv",
        "Name the YAML file.",
    ),
    "empty-folder": CodePage(
        "A data folder holds no files, so there is nothing to send.",
        "inputs:\n  data:\n    path: ./empty",
        "Put the data there, or name another folder.",
    ),
    "empty-code": CodePage(
        "The code folder holds no files, or its ignore file leaves out all of them.",
        "code: ./src",
        "Look at `.amlignore` in the code folder; without it, at `.gitignore` there.",
    ),
    "unreadable-file": CodePage(
        "A file is there and cannot be read: it belongs to somebody else, or vanished meanwhile.",
        "chmod 000 src/train.py",
        _AMLIGNORE,
    ),
    "broken-link": CodePage(
        "A symbolic link points to something that does not exist. A link counts as what it points to.",
        "ln -s nowhere src/data",
        _AMLIGNORE,
    ),
    "link-ring": CodePage(
        "A symbolic link points to a folder that contains the link, so there would be no end.",
        "ln -s . src/again",
        _AMLIGNORE,
    ),
    "bad-file-name": CodePage(
        "The name of a file is not valid UTF-8, so it cannot be written in JSON.",
        "touch src/$'\\xff'",
        "Rename the file, or leave it out with a line in `.amlignore`.",
    ),
    "bad-ignore-file": CodePage(
        "`.amlignore` or `.gitignore` has a line that is no pattern.",
        "!",
        "Correct the line. The patterns are those of git.",
    ),
    "bad-include": CodePage(
        "An entry of `additional_includes` cannot be included, such as the root of the file system.",
        "additional_includes:\n  - /",
        "Name the files and folders that the code needs.",
    ),
    "include-clash": CodePage(
        "An entry of `additional_includes` brings a file that the code folder has already. Folders merge; two files of "
        "one name do not.",
        "code: ./src            # has config.yml\nadditional_includes:\n  - ../config.yml",
        "Rename one of the two, or remove the entry.",
    ),
    "file-changed": CodePage(
        "A file changed while it was being sent, so it is not what its digest says.",
        "a program that still writes to the data folder",
        "Submit again when nothing writes to it.",
    ),
    "usage": CodePage(
        "The command line itself is wrong: an unknown flag, a missing one, a value of the wrong form. Exit code 2.",
        "pipeyard job create",
        "See `--help` of the command.",
    ),
    "bad-query": CodePage(
        "The text after `--query` is no JMESPath expression.",
        "pipeyard job list --query '[.name'",
        "For example `--query '[].name'`.",
    ),
    "not-in-this-version": CodePage(
        "Azure's command line has this command; this version of Pipeyard does not.",
        "pipeyard schedule create --file nightly.yml",
        "Look at `pipeyard --help` for what there is; a later version may bring it.",
    ),
    "not-changeable": CodePage(
        "Of a job and of an asset version only tags, properties, display name and description can change; of a model "
        "its stage too.",
        "pipeyard job update -n NAME --set status=Completed",
        "Submit another job if something else should be different.",
    ),
    "home-not-writable": CodePage(
        "The folder that holds everything (`PIPEYARD_HOME`) cannot be made or written.",
        "PIPEYARD_HOME=/ pipeyard job list",
        "Set `PIPEYARD_HOME` to a folder of your own.",
    ),
    "home-not-readable": CodePage(
        "The home belongs to another user; its token is not for you.",
        "sudo pipeyard job list, then pipeyard job list",
        "Set `PIPEYARD_HOME` to a folder of your own, or give the folder back to yourself.",
    ),
    "no-token": CodePage(
        "A server runs and its token file is gone or was not sent, so nobody can prove to be its user.",
        "rm ~/.local/share/pipeyard/token",
        "Stop the server and start it again.",
    ),
    "no-server": CodePage(
        "No server runs for this home. Commands that need one start it; `server status` does not.",
        "pipeyard server status",
        "`pipeyard server start`, or any command that needs a server.",
    ),
    "server-not-started": CodePage(
        "The server ended while it was starting, or did not answer in time.",
        "pipeyard server start",
        "Read `server.log` in the home, or run `pipeyard server run` to see it live.",
    ),
    "server-unreachable": CodePage(
        "The connection to the server broke off. Jobs go on.",
        "pipeyard job stream -n NAME, then pipeyard server stop elsewhere",
        "`pipeyard server status`; any command starts it again.",
    ),
    "server-silent": CodePage(
        "A server holds the home and does not answer, or does not end when asked to.",
        "kill -STOP (the server's process)",
        "Look at its process and at `server.log` in the home.",
    ),
    "server-newer": CodePage(
        "The running server is newer than this command line and speaks another version of the API.",
        "an old virtual environment used next to a new one",
        "Upgrade this installation, or use another `PIPEYARD_HOME`.",
    ),
    "server-older": CodePage(
        "The running server is older than this command line, speaks another version of the API, and has jobs to run.",
        "pip install --upgrade pipeyard, while a job runs",
        "Wait for the jobs, or stop the server: running steps go on and the new server finds them.",
    ),
    "bad-answer": CodePage(
        "Something answered that is no Pipeyard server, or answered nonsense.",
        "another program on the server's port",
        "`pipeyard server stop`, then `pipeyard server start`.",
    ),
    "operating-system": CodePage(
        "The system refused something, such as writing a file; the message is its own.",
        "pipeyard job download -n NAME -p /",
        "Do what the message says, then try again.",
    ),
    "not-found": CodePage(
        "There is no job, compute or file of that name. Exit code 3, so that scripts can tell it from other errors.",
        "pipeyard job show -n nope",
        "The message offers the nearest name; `pipeyard job list` shows all jobs.",
    ),
    "conflict": CodePage(
        "It cannot be done as things are now: something exists already, or has ended already.",
        "pipeyard job cancel -n (a job that has ended)",
        "The message says what is in the way.",
    ),
    "not-allowed": CodePage(
        "You may not do this: there was no token, a wrong one, or one that is not for this.",
        "a request that was sent without a token",
        "Use `pipeyard`, which reads the token from the home.",
    ),
    "invalid-spec": CodePage(
        "What was submitted has problems; each is told with its place and has a code of its own.",
        "pipeyard job create -f broken.yml",
        "Correct the problems, one page each.",
    ),
    "user-error": CodePage(
        "Something was asked for that cannot be.",
        "an error that has no better name",
        "The message says what was expected and what to do.",
    ),
    "outside": CodePage(
        "The world failed, not you: a disk, a connection, another program.",
        "a disk that fails while a job is stored",
        "Often it helps to try again.",
    ),
    "compute": CodePage(
        "The machinery that starts steps failed.",
        "a launcher that was killed",
        "Often it helps to try again; `pipeyard doctor` shows the launcher's state.",
    ),
    "store": CodePage(
        "The database failed.",
        "a full disk under the home",
        "The message says why; `server.log` in the home says more.",
    ),
    "bug": CodePage(
        "Pipeyard made a mistake.",
        "none is known",
        "Please report it with the output of `pipeyard doctor` and the end of `server.log` in the home.",
    ),
    "defaults-unreadable": CodePage(
        "The small file in which `pipeyard configure` keeps defaults cannot be read, or holds something else.",
        "pipeyard configure --list-defaults",
        "Delete the file that the message names and set the defaults again.",
    ),
    "defaults-unwritable": CodePage(
        "The small file in which `pipeyard configure` keeps defaults cannot be written.",
        "pipeyard configure --defaults workspace=vision",
        "Mend the rights of the folder that the message names, or set PIPEYARD_HOME to another one.",
    ),
}
