import pytest

from pipeyard.store.filesystem import is_network_type, mount_type

MOUNTS = r"""/dev/vda / ext4 rw,relatime 0 0
proc /proc proc rw 0 0
server:/net /net nfs4 rw 0 0
/dev/vdb /net/ann/local xfs rw 0 0
//nas/share /mnt/with\040blank cifs rw 0 0
one /stacked ext4 rw 0 0
two /stacked nfs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", "ext4"),
        ("/var/lib/pipeyard", "ext4"),
        ("/net", "nfs4"),
        ("/net/ann/pipeyard", "nfs4"),
        ("/net/ann/local/pipeyard", "xfs"),
        ("/net/ann/localish", "nfs4"),
        ("/nets", "ext4"),
        ("/mnt/with blank/x", "cifs"),
        ("/stacked/x", "nfs"),
    ],
)
def test_the_nearest_mount_above_a_path_decides(path, expected):
    """
    A local disk below a network home is local, and the last of two mounts on one folder is seen.
    """
    assert expected == mount_type(MOUNTS, path)


def test_without_any_mounts_nothing_is_known():
    """
    An empty table gives no type.
    """
    assert mount_type("\nnonsense\n", "/net") is None


@pytest.mark.parametrize("name", ["nfs", "nfs4", "cifs", "smb3", "9p", "lustre", "fuse.sshfs", "fuse.blobfuse2"])
def test_types_that_are_shared_with_other_hosts(name):
    """
    A home is refused on these.
    """
    assert is_network_type(name)


@pytest.mark.parametrize("name", ["ext4", "xfs", "btrfs", "tmpfs", "overlay", "fuse.gocryptfs", "fuseblk", "apfs"])
def test_types_that_are_this_hosts_own(name):
    """
    A home may be on these.
    """
    assert not is_network_type(name)
