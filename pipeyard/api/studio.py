"""
The Studio's files: one page for every address of it, and what that page loads.

In:       the folder `pipeyard/studio`, made from `web/` when the wheel is built.
Out:      files; the page itself only for a browser with a session.
Not here: what the page shows (`web/`), the plain pages that stand in where the Studio was not built (`page/`).
"""

from __future__ import annotations

import re
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from pipeyard.api.allow import TheDesk
from pipeyard.model.errors import NotFound

router = APIRouter()
_FOLDER = Path(__file__).parent.parent / "studio"
# Nothing from elsewhere, no script but our own files.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_NAME = re.compile(r"[A-Za-z0-9_.-]+")
_FOR_EVER = f"public, max-age={365 * 24 * 3600}, immutable"


def built_studio() -> Path | None:
    """Return this installation's Studio, None when it was not built."""
    return _FOLDER if (_FOLDER / "index.html").is_file() else None


def studio_page(folder: Path) -> Response:
    """Return the page; which address it was asked for is the page's own business."""
    headers = {"content-security-policy": _POLICY, "cache-control": "no-cache"}
    return FileResponse(folder / "index.html", media_type=_TYPES["html"], headers=headers)


@router.get("/studio/{name}")
def loose_file(name: str, desk: TheDesk) -> Response:
    """Send a file that keeps its name from build to build."""
    return _send(_file(desk.studio, name), name, "no-cache")


@router.get("/studio/assets/{name}")
def asset(name: str, request: Request, desk: TheDesk) -> Response:
    """Send a file whose name holds its content's hash, so that it never changes; packed if the browser can unpack."""
    path = _file(desk.studio and desk.studio / "assets", name)
    packed = path.with_name(path.name + ".gz")
    if "gzip" in request.headers.get("accept-encoding", "") and packed.is_file():
        answer = _send(packed, name, _FOR_EVER)
        answer.headers["content-encoding"] = "gzip"
        return answer
    return _send(path, name, _FOR_EVER)


def _file(folder: Path | None, name: str) -> Path:
    path = None if folder is None or _NAME.fullmatch(name) is None else folder / name
    if path is None or not path.is_file():
        raise NotFound(f"the Studio has no file `{name}`")
    return path


def _send(path: Path, name: str, cache: str) -> Response:
    # Workers have a policy of their own, and this one talks to the server.
    headers = {"cache-control": cache, "vary": "accept-encoding", "content-security-policy": _POLICY}
    return FileResponse(path, media_type=_TYPES.get(name.rpartition(".")[2]), headers=headers)


_TYPES = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "woff2": "font/woff2",
}
