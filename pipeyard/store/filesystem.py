"""
Whether a folder is on a network file system, where a home cannot be.

In:       a path; the kernel's table of mounts.
Out:      the file system's type, if it is one of a network.
Not here: refusing (`app.py` does, in the user's words).

SQLite's write-ahead log is memory shared between processes of one host, and file
locks on network file systems are kept late or not at all: two servers on two hosts
would each believe that the home is theirs. Other systems than Linux are not asked.
"""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath

_MOUNTS = Path("/proc/self/mounts")

# fmt: off
_NETWORK_TYPES = frozenset({
    "9p", "acfs", "afpfs", "afs", "beegfs", "ceph", "cifs", "coda", "davfs",
    "drvfs", "gfs", "gfs2", "glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs4",
    "ocfs2", "orangefs", "panfs", "pvfs2", "smb3", "smbfs", "wekafs",
})
# fmt: on
# After `fuse.`; other FUSE file systems (encrypted folders, for example) are local.
_NETWORK_FUSE = re.compile(
    r"fuse\.(sshfs|glusterfs|ceph|s3fs|s3ql|goofys|geesefs|mount-s3|rclone|gcsfuse|blobfuse2?|davfs2?|juicefs|seaweedfs"
    r"|curlftpfs|smbnetfs|afp|moosefs|mfs|cvmfs2?|onedrive|hdfs|alluxio)"
)


def network_file_system(path: str | Path) -> str | None:
    """
    Return the type of the network file system that holds *path*, such as `nfs4`; None for a local one.

    The path need not exist yet: its nearest existing parent decides.
    """
    try:
        mounts = _MOUNTS.read_text(errors="surrogateescape")
    except OSError:
        return None
    found = mount_type(mounts, os.path.realpath(path))
    return found if found is not None and is_network_type(found) else None


def is_network_file_system(path: str | Path) -> bool:
    """Return whether *path* is, or would be, on a network file system."""
    return network_file_system(path) is not None


def is_network_type(name: str) -> bool:
    """Return whether a file system of this type is shared with other hosts."""
    return name in _NETWORK_TYPES or _NETWORK_FUSE.match(name) is not None


def mount_type(mounts: str, path: str) -> str | None:
    """Return the type of the mount that an absolute, resolved path is in, given `/proc/mounts`."""
    best, depth_max = None, -1
    where = PurePosixPath(path)
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:  # noqa: PLR2004 (device, folder, type)
            continue
        folder = PurePosixPath(_unescape(fields[1]))
        depth = len(folder.parts)
        # Of two mounts on one folder the later one covers the earlier.
        if depth >= depth_max and where.is_relative_to(folder):
            best, depth_max = fields[2], depth
    return best


def _unescape(text: str) -> str:
    """Undo the kernel's octal escapes of blanks, newlines and backslashes."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), text)
