"""
Why an attempt did not begin, as a code and a sentence.

In:       an error of the system and what was being done.
Out:      a `Refusal`.
Not here: sending it (`child.py`, `attempts.py`).
"""

from __future__ import annotations

import errno
import os

# What the system says, and the word and advice that we use for it.
_BY_ERRNO = {
    errno.ENOSPC: ("disk-full", "the disk is full; make room and submit again"),
    errno.EDQUOT: ("disk-full", "the disk quota is used up; make room and submit again"),
    errno.EROFS: ("no-permission", "the file system is read-only"),
    errno.EACCES: ("no-permission", "permission denied"),
    errno.EPERM: ("no-permission", "the system does not permit it"),
    errno.ENOENT: ("missing-source", "it does not exist"),
    errno.ENAMETOOLONG: ("name-too-long", "a name is longer than the file system allows"),
    errno.E2BIG: ("command-too-long", "the command or one environment variable is longer than the system allows"),
    errno.EMFILE: ("too-many-files", "too many files are open"),
    errno.ENFILE: ("too-many-files", "too many files are open on this machine"),
    errno.EAGAIN: ("too-many-processes", "no more processes may be started"),
    errno.ENOMEM: ("no-memory", "the machine is out of memory"),
}
_MESSAGE_LENGTH_MAX = 4000


class Refusal(Exception):
    """An attempt that cannot begin: `code` for programs, `message` for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        # Bounded, so that it always fits into a pipe at once.
        self.message = message[:_MESSAGE_LENGTH_MAX]


def refusal_of(error: OSError, doing: str) -> Refusal:
    """Return the refusal for a system error met while *doing* something, such as "copy the code"."""
    code, why = _BY_ERRNO.get(error.errno or 0, ("staging-failed", error.strerror or str(error)))
    where = f" at `{os.fsdecode(error.filename)}`" if isinstance(error.filename, str | bytes) else ""
    return Refusal(code, f"could not {doing}{where}: {why}")
