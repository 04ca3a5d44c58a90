"""
Which registry an image comes from, and what became of asking it.

In:       a reference such as `python:3.11`; what podman or docker printed.
Out:      the registry; an error in our words; a look-out for a network that does not answer.
Not here: pulling (`image.py`).

A registry that does not answer would be waited for, again and again, for minutes. So while
nothing comes in, we knock ourselves: if nobody opens within seconds, the pull is ended.
"""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit

from pipeyard.model.errors import EnvironmentFailed

_HUB = "docker.io"
# Where what is called docker.io answers.
_HUB_HOST = "registry-1.docker.io"
_HTTPS = 443
_KNOCK_SECONDS_MAX = 5.0
_PATIENCE_SECONDS = 7.0
_TRYING = re.compile(r"Trying to pull (?P<image>\S+?)\.\.\.|load metadata for (?P<other>\S+)")
_UNKNOWN = re.compile(
    r"manifest unknown|name unknown|not found|does not exist|repository name not known|no such image|image not known",
    re.IGNORECASE,
)
_DENIED = re.compile(r"unauthorized|denied|authentication required|forbidden|invalid username/password", re.IGNORECASE)
_UNREACHABLE = re.compile(
    r"no such host|connection refused|network is unreachable|no route to host|i/o timeout|timed? ?out|"
    r"server misbehaving|temporary failure in name resolution|connection reset|TLS handshake|certificate",
    re.IGNORECASE,
)


def registry_of(image: str) -> str:
    """Return the registry that a reference names, or the one that is meant by none."""
    first, slash, _ = image.partition("/")
    return first if slash and ("." in first or ":" in first or first == "localhost") else _HUB


def full_name(image: str) -> str:
    """Return a reference that says where it is to be had, as docker reads it."""
    if registry_of(image) != _HUB or image.startswith(f"{_HUB}/"):
        return image
    return f"{_HUB}/{image}" if "/" in image else f"{_HUB}/library/{image}"


def pull_failed(image: str, said: Sequence[str]) -> EnvironmentFailed:
    """Return why an image could not be had."""
    registry = registry_of(image)
    text = "\n".join(said)
    last = _meaning(said)
    if _UNREACHABLE.search(text):
        return _no_network(image, registry, last, said)
    if _DENIED.search(text):
        return EnvironmentFailed(
            f"the registry {registry} does not give out the image `{image}`: {last}",
            code="image-denied",
            hint=f"log in to it: podman login {registry}, or docker login {registry}; or check the name",
            last_lines=said[-20:],
        )
    if _UNKNOWN.search(text):
        return EnvironmentFailed(
            f"the registry {registry} has no image `{image}`: {last}",
            code="missing-image",
            hint="check name and tag; an image of this machine's own is called as `podman images` or `docker images` shows it",
            last_lines=said[-20:],
        )
    return EnvironmentFailed(
        f"the image `{image}` could not be had from the registry {registry}: {last}",
        code="missing-image",
        last_lines=said[-20:],
    )


class NetworkWatch:
    """Looks on while something is pulled; call it again and again."""

    def __init__(self, last_lines: Sequence[str], environment: Mapping[str, str], image: str | None = None) -> None:
        """Look at the *last_lines* of a build that begins with asking for *image*, if it is given."""
        self._lines = last_lines
        self._environment = environment
        self._mark = ""
        self._image: str | None = None
        self._since = 0.0
        self._knock: _Knock | None = None
        if image is not None:
            self._ask_for(image)

    def __call__(self) -> None:
        """Raise `EnvironmentFailed` when a registry is waited for that does not answer."""
        match = _TRYING.search(self._last())
        asked = (match["image"] or match["other"]) if match is not None else None
        if asked is not None and asked != self._image:
            self._ask_for(asked)
        image, knock = self._image, self._knock
        if image is None or knock is None or time.monotonic() - self._since < _PATIENCE_SECONDS:
            return
        if match is None and self._last() != self._mark:
            # Something has come in since.
            self._image = self._knock = None
        elif knock.problem is not None:
            raise _no_network(image, registry_of(image), knock.problem, list(self._lines))

    def _ask_for(self, image: str) -> None:
        self._image, self._since, self._mark = image, time.monotonic(), self._last()
        self._knock = _Knock(*_door(registry_of(image), self._environment))

    def _last(self) -> str:
        return self._lines[-1] if self._lines else ""


class _Knock:
    """One try to connect, in a thread of its own."""

    def __init__(self, host: str, port: int) -> None:
        # Why nobody opened; None: somebody did, or may yet.
        self.problem: str | None = None
        self._host, self._port = host, port
        threading.Thread(target=self._try, name="pipeyard-knock", daemon=True).start()

    def _try(self) -> None:
        try:
            socket.create_connection((self._host, self._port), timeout=_KNOCK_SECONDS_MAX).close()
        except TimeoutError:
            self.problem = f"{self._host} does not answer"
        except OSError as error:
            self.problem = f"{self._host}: {error.strerror or error}"


def _door(registry: str, environment: Mapping[str, str]) -> tuple[str, int]:
    """Return where a connection to a registry begins: there, or at the proxy."""
    get: Callable[[str], str | None] = lambda name: environment.get(name) or environment.get(name.lower())  # noqa: E731
    proxy = get("HTTPS_PROXY") or get("ALL_PROXY")
    if proxy:
        parts = urlsplit(proxy if "//" in proxy else f"//{proxy}")
        if parts.hostname:
            return parts.hostname, parts.port or 80
    host, _, port = registry.partition(":")
    return (_HUB_HOST if host == _HUB else host), int(port) if port.isdecimal() else _HTTPS


def _no_network(image: str, registry: str, why: str, said: Sequence[str]) -> EnvironmentFailed:
    return EnvironmentFailed(
        f"no network: the registry {registry}, asked for the image `{image}`, could not be reached ({_root_of(why)})",
        code="no-network",
        hint=(
            "check the connection and proxies; an image that is on this machine already needs neither; "
            "to run steps outside their images: pipeyard workspace update --image-policy ignore"
        ),
        last_lines=said[-20:],
    )


def _root_of(why: str) -> str:
    """Return what was wrong without who asked whom to ask: the end of a chain of causes of a program in Go."""
    return re.split(r"dial tcp:? ", why)[-1]


def _meaning(said: Sequence[str]) -> str:
    lines = [line.strip() for line in said if line.strip() and not line.startswith("time=")]
    last = lines[-1] if lines else "it did not say why"
    return last.removeprefix("Error: ").removeprefix("Error response from daemon: ")[:500]
