"""As much of Google Cloud Storage's JSON interface as a datastore uses, on loopback: there is no server of it to install."""

from __future__ import annotations

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

BUCKET = "data"


class FakeGcs(ThreadingHTTPServer):
    """One bucket in memory, with the words of the contract's fixture."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.objects, self.generation = {}, 0
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def document(self):
        endpoint = f"http://127.0.0.1:{self.server_port}"
        return {"type": "gcs", "bucket": BUCKET, "project": "p", "endpoint": endpoint, "anonymous": True}

    def put(self, key, data):
        self.generation += 1
        self.objects[key] = (data, self.generation)

    def get(self, key):
        return self.objects[key][0]

    def remove(self, key):
        del self.objects[key]

    def names(self):
        return sorted(self.objects)

    def close(self):
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path, query = self._asked()
        bucket, _, key = path.partition("/o")
        key = unquote(key.removeprefix("/"))
        if unquote(bucket) != BUCKET:
            self._answer(404, b"The specified bucket does not exist.")
        elif not key:
            self._list(query)
        elif key not in self.server.objects:
            self._answer(404, b"No such object")
        elif query.get("alt") == "media" or "/download/" in self.path:
            data = self.server.get(key)
            span = self.headers.get("Range")
            first, last = (int(part) for part in span.removeprefix("bytes=").split("-")) if span else (0, len(data) - 1)
            self._answer(206 if span else 200, data[first : last + 1], "application/octet-stream")
        else:
            self._json(self._facts(key))

    def do_DELETE(self):
        path, _ = self._asked()
        key = unquote(path.partition("/o/")[2])
        if key in self.server.objects:
            self.server.remove(key)
            self._answer(204, b"")
        else:
            self._answer(404, b"No such object")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        boundary = self.headers["Content-Type"].partition("boundary=")[2].strip("\"'").encode()
        _, head, content, _ = body.split(b"--" + boundary)
        key = json.loads(head.partition(b"\n\n")[2] or head.partition(b"\r\n\r\n")[2])["name"]
        separator = b"\r\n\r\n" if b"\r\n\r\n" in content else b"\n\n"
        data = content.partition(separator)[2]
        self.server.put(key, data.removesuffix(b"\n").removesuffix(b"\r"))
        self._json(self._facts(key))

    def _list(self, query):
        prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
        items, folders = [], set()
        for key in self.server.names():
            rest = key.removeprefix(prefix)
            if not key.startswith(prefix):
                continue
            if delimiter and delimiter in rest:
                folders.add(prefix + rest.partition(delimiter)[0] + delimiter)
            else:
                items.append(self._facts(key))
        after, limit = query.get("pageToken", ""), int(query.get("maxResults", 1000))
        both = sorted([*((item["name"], item) for item in items), *((name, None) for name in folders)])
        page = [one for one in both if one[0] > after][:limit]
        more = {} if not page or page[-1] == both[-1] else {"nextPageToken": page[-1][0]}
        found = {"items": [item for _, item in page if item], "prefixes": [name for name, item in page if not item]}
        self._json({"kind": "storage#objects", **found, **more})

    def _facts(self, key):
        data, generation = self.server.objects[key]
        return {
            "kind": "storage#object",
            "name": key,
            "bucket": BUCKET,
            "size": str(len(data)),
            "generation": str(generation),
            "etag": f"e{generation}",
            "md5Hash": hashlib.md5(data).hexdigest(),
            "updated": "2024-01-01T00:00:00.000Z",
            "timeCreated": "2024-01-01T00:00:00.000Z",
        }

    def _asked(self):
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        return parts.path.partition("/b/")[2], query

    def _json(self, value):
        self._answer(200, json.dumps(value).encode(), "application/json")

    def _answer(self, status, data, kind="text/plain"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass
