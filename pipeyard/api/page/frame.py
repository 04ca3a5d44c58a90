"""
What surrounds every page: head, colours, top bar, and the policy that lets nothing foreign in.

In:       a title and a body.
Out:      a response whose style and script carry a nonce made for it alone.
"""

from __future__ import annotations

import secrets
from functools import cache
from importlib.resources import files

from fastapi.responses import HTMLResponse

from pipeyard.api.page.html import Html, element, joined


def page_response(title: str, crumbs: Html | str, body: Html, *, script: str = "", status: int = 200) -> HTMLResponse:
    """Return a whole page; *script* names a file beside this one."""
    nonce = secrets.token_urlsafe(16)
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"{title} - Pipeyard"),
        element("link", rel="icon", href="data:,"),
        element("style", _asset("page.css"), nonce=nonce),
    )
    bar = element("header", element("a", "Pipeyard", href="/", class_="brand"), element("nav", crumbs), class_="bar")
    code = element("script", _asset(script), nonce=nonce) if script else None
    document = element("html", head, element("body", bar, element("main", body), code), lang="en")
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return HTMLResponse(
        # The name of a file may be no UTF-8.
        joined(Html("<!doctype html>"), document).encode("utf-8", "backslashreplace"),
        status_code=status,
        headers={"content-security-policy": policy},
    )


@cache
def _asset(name: str) -> Html:
    return Html(files(__package__).joinpath(name).read_text("utf-8"))
