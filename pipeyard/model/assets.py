"""
Texts that name things outside the document: registered assets, files, data.

Not here: parsing them (`spec/reference.py`), fetching what they name.
"""

from __future__ import annotations

from dataclasses import field
from enum import Enum

from pipeyard.model.diagnostic import YamlPath
from pipeyard.model.value import dataclass


class AssetKind(str, Enum):
    """The kinds of versioned asset, in Azure's plural-free spelling."""

    COMPONENT = "component"
    ENVIRONMENT = "environment"
    DATA = "data"
    MODEL = "model"
    CODE = "code"

    @property
    def plural(self) -> str:
        """Return the word in addresses and resource ids; `data` is its own plural."""
        return self.value if self is AssetKind.DATA else f"{self.value}s"


# Components used by a file without being registered live under this name; their
# version is the digest of their content. Azure's client uses the same name.
ANONYMOUS = "azureml_anonymous"
# How the digest of bytes elsewhere begins, which is over what their store lists: paths, sizes and tags.
ENTITY_TAG = "etag:"


@dataclass(frozen=True, slots=True)
class AssetRef:
    """`azureml:name:version`, `azureml:name@label`, or the same in a registry."""

    kind: AssetKind
    name: str
    version: str | None = None
    label: str | None = None
    registry: str | None = None

    def __str__(self) -> str:
        if self.registry is not None:
            tail = f"/versions/{self.version}" if self.version else f"/labels/{self.label}" if self.label else ""
            return f"azureml://registries/{self.registry}/{self.kind.plural}/{self.name}{tail}"
        if self.version is not None:
            return f"azureml:{self.name}:{self.version}"
        return f"azureml:{self.name}@{self.label}" if self.label else f"azureml:{self.name}"


@dataclass(frozen=True, slots=True)
class LocalPath:
    """A path as the user wrote it, relative to the folder of the document that holds it."""

    text: str
    # The document (`Place.source`) that holds the text.
    source: str


class LocalRole(str, Enum):
    """What a local path is for."""

    COMPONENT = "component"
    CODE = "code"
    INCLUDE = "include"
    DATA = "data"
    ENVIRONMENT_FILE = "environment_file"
    CONDA_FILE = "conda_file"
    BUILD = "build"
    # A file inside the code that is named beside it.
    ENTRY = "entry"


@dataclass(frozen=True, slots=True)
class LocalReference:
    """A path as it was written, and where."""

    role: LocalRole
    # Where in the document the text stands: to replace that leaf is to replace the path.
    path: YamlPath
    text: str
    # The document whose folder it is relative to: another one inside an inlined file.
    source: str
    # The declared type of data, in Azure's spelling (`uri_file`); None when none was written.
    type: str | None = None


@dataclass(frozen=True, slots=True)
class DataUri:
    """Data named by a URI: a datastore path, a job's output, or the Web."""

    text: str


@dataclass(frozen=True, slots=True)
class DatastoreUri:
    """`azureml://datastores/<datastore>/paths/<path>`, in short form."""

    datastore: str
    path: str

    def __str__(self) -> str:
        return f"azureml://datastores/{self.datastore}/paths/{self.path}"

    def child(self, *parts: str) -> DatastoreUri:
        """Return the URI of something below this folder."""
        return DatastoreUri(self.datastore, "/".join([self.path.rstrip("/"), *parts]).lstrip("/"))


@dataclass(frozen=True, slots=True)
class JobOutputUri:
    """`azureml://jobs/<job>/outputs/<output>/paths/<path>`; the unnamed output is `artifacts`."""

    job: str
    output: str
    path: str = ""

    def __str__(self) -> str:
        return f"azureml://jobs/{self.job}/outputs/{self.output}/paths/{self.path}"


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of a tree: a POSIX path relative to its root, size in bytes, SHA-256 in hex."""

    path: str
    size: int
    sha256: str
    # Whether the owner may execute it. Part of a code snapshot, not of its digest (section 4.2).
    executable: bool = False


# Device, inode, and the times of the last change of the contents and of anything, in nanoseconds.
FileLook = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Manifest:
    """
    The files of an output, an upload or a snapshot, sorted by path.

    A single file is a tree of one entry whose path is the file's name, with
    `is_file` set.
    """

    entries: tuple[FileEntry, ...]
    is_file: bool = False
    # How each file looked when it was known to be this, beside `entries`: while it looks so, and has
    # that size, nobody has to read it again. None: it was too young to be told from a later write.
    # Empty: nobody looked.
    looks: tuple[FileLook | None, ...] = field(default=(), compare=False)

    @property
    def size(self) -> int:
        """Return the bytes in all files together."""
        return sum(entry.size for entry in self.entries)
