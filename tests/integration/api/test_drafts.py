"""Drafts over HTTP: saved, held, looked at, taken in from hostile places, and submitted."""

from __future__ import annotations

import io
import stat
import threading
import zipfile

import pytest

from pipeyard.service import draft_files

DRAFTS = "/api/v1/workspaces/default/drafts"
TEXT = """\
type: pipeline
display_name: Two steps
jobs:
  first:
    type: command
    command: echo hello > ${{outputs.out}}/x
    environment: {image: busybox}
    outputs: {out: {type: uri_folder}}
  second:
    type: command
    command: cat ${{inputs.data}}/x
    environment: {image: busybox}
    inputs: {data: "${{parent.jobs.first.outputs.out}}"}
"""


def new(api, **what):
    answer = api.client.post(DRAFTS, json=what)
    assert answer.status_code == 201, answer.text
    return answer.json()


def save(api, draft, **what):
    return api.client.put(f"{DRAFTS}/{draft['id']}", json={"revision": draft["revision"], **what})


def error(answer):
    return answer.status_code, answer.json()["error"]["code"]


def zip_of(files, *, links=()):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            archive.writestr(zipfile.ZipInfo(path), data)
        for path in links:
            entry = zipfile.ZipInfo(path)
            entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
            archive.writestr(entry, "/etc/passwd")
    return target.getvalue()


def take_in(api, data, **query):
    return api.client.post(f"{DRAFTS}:import", content=data, params=query)


def test_a_draft_is_what_was_saved_last(api):
    """Text, name and positions; whoever looks sees the newest."""
    draft = new(api, text=TEXT)
    saved = save(api, draft, text=TEXT + "# more\n", name="Other", layout={"first": [1, 2]}).json()

    assert (draft["name"], draft["origin"], draft["revision"]) == ("Two steps", "text", 1)
    assert api.client.get(f"{DRAFTS}/{draft['id']}").json() == saved
    assert (saved["name"], saved["revision"], saved["layout"]) == ("Other", 2, {"first": [1, 2]})
    assert saved["text"].endswith("# more\n")
