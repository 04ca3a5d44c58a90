"""
The texts that name assets, data, datastores and computes (sections 1.2 and 1.3).

In:       a text, and which kind of thing is meant.
Out:      what it names, or a `Problem` that says what is wrong with the text.
Not here: whether the thing exists.

Invariant: subscription, resource group and workspace of a full resource id are read
and forgotten: there is one workspace to speak of.
"""

from __future__ import annotations

import re

from pipeyard.model.assets import AssetKind, AssetRef, DatastoreUri, DataUri, JobOutputUri, LocalPath
from pipeyard.spec.binding import Problem

PREFIX = "azureml:"
FILE_PREFIX = "file:"
# The output that every job has without declaring it: its logs and what it left in `outputs/`.
ARTIFACTS = "artifacts"

_KIND_WORDS = {
    "components": AssetKind.COMPONENT,
    "environments": AssetKind.ENVIRONMENT,
    "data": AssetKind.DATA,
    "datasets": AssetKind.DATA,
    "models": AssetKind.MODEL,
    "codes": AssetKind.CODE,
    "code": AssetKind.CODE,
}

_NOUNS = {
    AssetKind.COMPONENT: "a component",
    AssetKind.ENVIRONMENT: "an environment",
    AssetKind.DATA: "a data asset",
    AssetKind.MODEL: "a model",
    AssetKind.CODE: "a code asset",
}

_VERSION = re.compile(r"[A-Za-z0-9._-]+")
_TAIL = r"(?P<kind>[A-Za-z]+)/(?P<name>[^/]+)(?:/versions/(?P<version>[^/]+)|/labels/(?P<label>[^/]+))?/?"
_RESOURCE_ID = re.compile(
    r"(?:azureml:)?/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.MachineLearningServices"
    rf"/workspaces/[^/]+/{_TAIL}",
    re.IGNORECASE,
)
_REGISTRY = re.compile(rf"(?:azureml:)?azureml://(?:registries|feeds)/(?P<registry>[^/]+)/{_TAIL}", re.IGNORECASE)
_LOCATION = re.compile(rf"(?:azureml:)?azureml://locations/[^/]+/workspaces/[^/]+/{_TAIL}", re.IGNORECASE)
_SHORT = re.compile(
    r"(?:azureml:)?azureml://(?P<kind>components|environments|data|models|codes)/(?P<name>[^/]+)"
    r"(?:/versions/(?P<version>[^/]+)|/labels/(?P<label>[^/]+))?/?",
    re.IGNORECASE,
)
_ASSET_URIS = (_RESOURCE_ID, _REGISTRY, _LOCATION, _SHORT)

_DATASTORE = re.compile(
    r"azureml://datastores/(?P<datastore>[^/]+)(?:/paths/?(?P<path>.*))?", re.IGNORECASE | re.DOTALL
)
_DATASTORE_LONG = re.compile(
    r"azureml://subscriptions/[^/]*/resourcegroups/[^/]*/(?:providers/Microsoft\.MachineLearningServices/)?"
    r"workspaces/[^/]*/datastores/(?P<datastore>[^/]+)(?:/paths/?(?P<path>.*))?",
    re.IGNORECASE | re.DOTALL,
)
_JOB_OUTPUT = re.compile(
    r"azureml://jobs/(?P<job>[^/]+)/outputs/(?P<output>[^/]+)(?:/paths/?(?P<path>.*))?", re.IGNORECASE | re.DOTALL
)
# MLflow's word for a file among a run's artifacts.
_RUN = re.compile(r"runs:/+(?P<job>[^/]+)(?:/(?P<path>.*))?", re.IGNORECASE | re.DOTALL)
_SCHEME = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+):")
# Bytes elsewhere: understood here, fetched by whoever can.
_DATA_SCHEMES = frozenset(
    {"http", "https", "wasb", "wasbs", "abfs", "abfss", "adl", "s3", "gs", "hdfs", "runs", "azureml"}
)
# A dot behind an `@` is the ending of a file, such as `data@2021.csv`.
_MISSING_PREFIX = re.compile(r"[A-Za-z0-9][\w.-]*(?::[A-Za-z0-9._-]+|@[A-Za-z0-9_-]+)")
_BARE_NAME = re.compile(r"[\w.-]+")


def parse_reference(text: str, kind: AssetKind, source: str) -> AssetRef | LocalPath | Problem:
    """
    Return what `component:`, `environment:` or `code:` names.

    A text without a known prefix is a local path, relative to the folder of *source*.
    """
    if text.lower().startswith(PREFIX) or _RESOURCE_ID.fullmatch(text):
        return _parse_asset(text, kind)
    if text.lower().startswith(FILE_PREFIX):
        return _local(_strip_file(text), source)
    if _MISSING_PREFIX.fullmatch(text):
        return _missing_prefix(text, kind)
    return _local(text, source)


def is_file_like(text: str) -> bool:
    """Return whether a text is more likely the path of a YAML file than a name that lost its prefix."""
    return "/" in text or "\\" in text or text.lower().endswith((".yml", ".yaml"))


def parse_data_path(
    text: str, source: str, kind: AssetKind = AssetKind.DATA
) -> LocalPath | DataUri | AssetRef | Problem:
    """Return what the `path` of an input or output names."""
    uri = _unwrapped(text)
    scheme = _scheme_of(uri)
    if any(pattern.fullmatch(text) for pattern in _ASSET_URIS) or (
        scheme == "azureml" and not uri.lower().startswith("azureml://")
    ):
        return _parse_asset(text, kind)
    if scheme == "file":
        return _local(_strip_file(uri), source)
    if scheme in _DATA_SCHEMES:
        return _parse_uri(uri)
    if scheme is not None and uri[len(scheme) :].startswith("://"):
        return Problem(
            "unknown-uri",
            f"nothing here can read `{scheme}://`",
            0,
            len(text),
            expected="a local path, `azureml:name:version`, `azureml://datastores/...`, or an `https://` address",
        )
    return _missing_prefix(uri, kind) if _MISSING_PREFIX.fullmatch(uri) else _local(uri, source)


def parse_datastore_uri(text: str) -> DatastoreUri | None:
    """Return the datastore and path of a URI, short or long, in any case of its fixed words."""
    uri = _unwrapped(text)
    match = _DATASTORE.fullmatch(uri) or _DATASTORE_LONG.fullmatch(uri)
    return DatastoreUri(match["datastore"], match["path"] or "") if match is not None else None


def parse_job_output_uri(text: str) -> JobOutputUri | None:
    """Return the job and output of an `azureml://jobs/...` or `runs:/...` URI."""
    uri = _unwrapped(text)
    run = _RUN.fullmatch(uri)
    if run is not None:
        return JobOutputUri(run["job"], ARTIFACTS, run["path"] or "")
    match = _JOB_OUTPUT.fullmatch(uri)
    return JobOutputUri(match["job"], match["output"], match["path"] or "") if match is not None else None


def parse_compute(text: str) -> str | Problem:
    """Return the bare name of a compute: `azureml:cpu-cluster` and `cpu-cluster` are the same."""
    return _parse_name(text, "computes", "compute")


def parse_datastore_name(text: str) -> str | Problem:
    """Return the bare name of a datastore."""
    return _parse_name(text, "datastores", "datastore")


def _parse_name(text: str, word: str, noun: str) -> str | Problem:
    match = _RESOURCE_ID.fullmatch(text)
    if match is not None and match["kind"].lower() == word:
        return match["name"]
    name = text[len(PREFIX) :] if text.lower().startswith(PREFIX) else text
    if not name:
        return Problem("broken-reference", f"`{text}` names no {noun}", 0, len(text), expected=f"`azureml:<{noun}>`")
    if not _BARE_NAME.fullmatch(name):
        message = f"`{text}` is no name of a {noun}"
        hint = f"a {noun} has no version" if re.search("[:@]", name) else None
        return Problem("broken-reference", message, 0, len(text), expected=f"`azureml:<{noun}>`", hint=hint)
    return name


def _parse_asset(text: str, kind: AssetKind) -> AssetRef | Problem:
    for pattern in _ASSET_URIS:
        match = pattern.fullmatch(text)
        if match is not None:
            return _asset_of(text, match, kind)
    rest = text[len(PREFIX) :]
    if "/" in rest:
        return Problem(
            "broken-reference",
            f"`{text}` cannot name {_NOUNS[kind]}",
            0,
            len(text),
            expected="`azureml:name:version`, `azureml:name@label`, or `azureml://registries/...`",
        )
    return _parse_short(text, rest, kind)


def _parse_short(text: str, rest: str, kind: AssetKind) -> AssetRef | Problem:
    # The last colon parts name and version (section 1.2).
    head, _, label = rest.partition("@")
    name, colon, version = head.rpartition(":")
    if not colon:
        name, version = head, ""
    if colon and "@" in rest:
        return _broken(text, kind, "has both a version and a label", "keep one of the two")
    if not name:
        return _broken(text, kind, "names nothing", None)
    if colon and not version:
        return _broken(text, kind, "has an empty version", "write the version, or drop the last colon")
    if "@" in rest and not label:
        return _broken(text, kind, "has an empty label", "write `@latest`")
    for word, value in (("version", version), ("label", label)):
        if value and not _VERSION.fullmatch(value):
            return _broken(
                text, kind, f"has a {word} with signs that none may have", "use letters, digits, `.`, `_`, `-`"
            )
    return AssetRef(kind, name, version or None, label or None)


def _asset_of(text: str, match: re.Match[str], kind: AssetKind) -> AssetRef | Problem:
    groups = match.groupdict()
    found = _KIND_WORDS.get(groups["kind"].lower())
    if found is None:
        return _broken(text, kind, f"names `{groups['kind']}`", None)
    # Data and models may stand for each other: both are bytes somewhere.
    if found is not kind and {found, kind} != {AssetKind.DATA, AssetKind.MODEL}:
        return _broken(text, kind, f"names {_NOUNS[found]}", None)
    return AssetRef(found, groups["name"], groups["version"], groups["label"], groups.get("registry"))


def _parse_uri(uri: str) -> DataUri | Problem:
    lowered = uri.lower()
    if not lowered.startswith("azureml:"):
        return DataUri(uri)
    if parse_datastore_uri(uri) is not None or parse_job_output_uri(uri) is not None:
        return DataUri(uri)
    return Problem(
        "unknown-uri",
        f"`{uri}` is no URI of data",
        0,
        len(uri),
        expected="`azureml://datastores/<datastore>/paths/<path>` or `azureml://jobs/<job>/outputs/<output>/paths/<path>`",
    )


def _unwrapped(text: str) -> str:
    """Return a URI without one more `azureml:` before it, which the service prints."""
    rest = text[len(PREFIX) :]
    return rest if text.lower().startswith(PREFIX) and re.match(r"[A-Za-z][A-Za-z0-9+.-]*:/", rest) else text


def _scheme_of(text: str) -> str | None:
    """Return what stands before the first colon, in small letters; one letter is a drive of Windows."""
    match = _SCHEME.match(text)
    return match["scheme"].lower() if match is not None else None


def _strip_file(text: str) -> str:
    rest = text[len(FILE_PREFIX) :]
    # `file:///a/b` is the absolute path /a/b.
    return rest[2:] if rest.startswith("///") else rest


def _local(text: str, source: str) -> LocalPath | Problem:
    if not text.strip():
        return Problem("empty-path", "this path is empty", 0, len(text), expected="a file or folder")
    if "\0" in text:
        return Problem("empty-path", "a path cannot hold a NUL character", 0, len(text))
    return LocalPath(text, source)


def _missing_prefix(text: str, kind: AssetKind) -> Problem:
    return Problem(
        "missing-prefix",
        f"`{text}` looks like the name of {_NOUNS[kind]} without its prefix",
        0,
        len(text),
        expected="`azureml:` before the name of something registered, or a path",
        hint=f"write `{PREFIX}{text}`; for a file of that name, `./{text}`",
    )


def _broken(text: str, kind: AssetKind, what: str, hint: str | None) -> Problem:
    return Problem(
        "broken-reference",
        f"`{text}` {what}",
        0,
        len(text),
        expected=f"{_NOUNS[kind]}: `azureml:name:version` or `azureml:name@label`",
        hint=hint,
    )
