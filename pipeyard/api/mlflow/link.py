"""
The page behind the addresses that MLflow's clients print: `.../mlflow/default/#/experiments/0/runs/<run>`.

Out:      a page that leads on to the job's own; what is behind the `#` only the browser knows.
Not here: the job's page (`api/page`, the Studio), which asks who is looking.
"""

from __future__ import annotations

import base64
import hashlib
import re

from fastapi import Response

ADDRESS = re.compile(r"/mlflow/[^/]+/?\Z")
_SCRIPT = (
    'const run = /[/]runs[/]([A-Za-z0-9_-]+)/.exec(location.hash);location.replace(run ? "/jobs/" + run[1] : "/");'
)
_HASH = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
_PAGE = f'<!doctype html><meta charset="utf-8"><title>Pipeyard</title><a href="/">Jobs</a><script>{_SCRIPT}</script>'


def link_page() -> Response:
    """Return the page. It holds nothing of anybody."""
    headers = {"content-security-policy": f"default-src 'none'; script-src 'sha256-{_HASH}'; frame-ancestors 'none'"}
    return Response(_PAGE, media_type="text/html", headers=headers)
