"""
What the libraries of the stores raise, as errors that name the datastore.

In:       any exception of theirs.
Out:      `StoreError`: who was refused, what is missing, whether trying again may help.
Not here: trying again (`retry.py`).

The libraries are told apart by what their exceptions carry, so that none of them has to
be imported to read one.
"""

from __future__ import annotations

import asyncio
import errno
import http.client
from typing import Any

from pipeyard.datastore.remote.place import RemotePlace
from pipeyard.model.errors import PipeyardError, StoreError

_PASSING_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})
_REFUSED_STATUS = frozenset({401, 403, 407})
_MISSING_STATUS = frozenset({404, 410})
# Words of the stores for a credential that is wrong in itself.
_REFUSALS = (
    "AuthenticationFailed",
    "AuthorizationFailure",
    "AuthorizationPermissionMismatch",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "ExpiredToken",
    "InvalidToken",
    "AccessDenied",
    "NoCredentials",
    "Unable to locate credentials",
    "DefaultAzureCredential failed",
    "PublicAccessNotPermitted",
    "NoAuthenticationInformation",
)
# Names of exceptions about a connection that could not be made or broke.
_CONNECTION = (
    "ServiceRequest",
    "ServiceResponse",
    "IncompleteRead",
    "ClientConnect",
    "ClientOSError",
    "ClientPayload",
    "EndpointConnection",
    "ServerDisconnected",
    "ServerTimeout",
    "ConnectTimeout",
    "ReadTimeout",
    "ConnectionClosed",
    "HTTPClientError",
)
_WORDS_MAX = 300


def remote_error(problem: BaseException, place: RemotePlace, what: str) -> PipeyardError:
    """Return the failure of *what* (such as "fetch `a/b`") with a datastore."""
    if isinstance(problem, PipeyardError):
        return problem
    name = f"datastore `{place.name}`"
    said = _words(problem, place)
    if is_refused(problem):
        return StoreError(
            f"{name} did not let us in: could not {what}: {said}",
            code="datastore-refused",
            hint=f"check the credentials of `{place.name}`: they may be wrong, expired, or not allowed to do this",
        )
    if is_missing(problem):
        return StoreError(
            f"{name}: could not {what}: {said}",
            code="datastore-missing",
            hint="check the account, and that the container or bucket exists",
        )
    if isinstance(problem, OSError) and problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreError(
            f"the disk is full: could not {what} ({name})",
            code="disk-full",
            hint="free some space and try again; nothing was lost",
            may_retry=True,
        )
    if is_passing(problem):
        return StoreError(
            f"{name} cannot be reached: could not {what}: {said}",
            code="datastore-unreachable",
            hint="check the endpoint and this machine's connection, and try again",
            may_retry=True,
        )
    return StoreError(f"{name}: could not {what}: {said}", code="datastore-failed", may_retry=True)


def is_missing(problem: BaseException) -> bool:
    """Return whether a store says that there is no such thing."""
    return isinstance(problem, FileNotFoundError) or _status(problem) in _MISSING_STATUS


def is_refused(problem: BaseException) -> bool:
    """Return whether a store did not let us in."""
    if isinstance(problem, PermissionError) or _status(problem) in _REFUSED_STATUS:
        return True
    names = {kind.__name__ for kind in type(problem).__mro__}
    if names & {"ClientAuthenticationError", "NoCredentialsError", "CredentialUnavailableError", "RefreshError"}:
        return True
    said = str(problem)
    return any(word in said for word in _REFUSALS)


def is_passing(problem: BaseException) -> bool:
    """Return whether the same request may go well in a moment."""
    if isinstance(problem, PipeyardError) or is_missing(problem) or is_refused(problem):
        return False
    if _status(problem) in _PASSING_STATUS:
        return True
    if isinstance(problem, (ConnectionError, TimeoutError, asyncio.TimeoutError, http.client.HTTPException)):
        return True
    return any(word in kind.__name__ for kind in type(problem).__mro__ for word in _CONNECTION)


def _status(problem: Any) -> int | None:
    for name in ("status_code", "status", "code"):
        value = getattr(problem, name, None)
        if isinstance(value, int):
            return value
    response = getattr(problem, "response", None)
    if isinstance(response, dict):
        found = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        return found if isinstance(found, int) else None
    return None


def _words(problem: BaseException, place: RemotePlace) -> str:
    """Return the first line of what was said: the rest is request ids and traces."""
    text = str(problem).strip() or type(problem).__name__
    first = place.without_secrets(text.splitlines()[0])
    return first if len(first) <= _WORDS_MAX else first[:_WORDS_MAX] + "..."
