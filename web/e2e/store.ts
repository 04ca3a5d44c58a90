/** As much of Google Cloud Storage as looking into a bucket asks, on loopback: its kind of datastore needs no key to be tried. */

import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Store {
  endpoint: string;
  close(): Promise<void>;
}

/** A bucket `data` with these files; any other one is missing. */
export async function openStore(files: Record<string, string>): Promise<Store> {
  const server = createServer((request, answer) => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const [bucket = "", key = ""] = (url.pathname.split("/b/")[1] ?? "").split("/o").map(decodeURIComponent);
    const name = key.replace(/^\//, "");
    const text = files[name];
    if (bucket !== "data") {
      answer.writeHead(404).end("The specified bucket does not exist.");
    } else if (name === "") {
      json(answer, listed(files, url.searchParams));
    } else if (text === undefined) {
      answer.writeHead(404).end("No such object");
    } else if (url.searchParams.get("alt") === "media" || url.pathname.includes("/download/")) {
      const bytes = Buffer.from(text);
      const [first = 0, last = bytes.length - 1] = (request.headers.range ?? "")
        .replace("bytes=", "")
        .split("-")
        .map(Number);
      const part = request.headers.range ? bytes.subarray(first, last + 1) : bytes;
      answer.writeHead(request.headers.range ? 206 : 200, { "content-length": part.length }).end(part);
    } else {
      json(answer, facts(name, text));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

const json = (answer: ServerResponse, value: unknown) =>
  answer.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));

const facts = (name: string, text: string) => ({
  kind: "storage#object",
  name,
  bucket: "data",
  size: String(Buffer.byteLength(text)),
  generation: "1",
  etag: "e1",
  updated: "2024-01-01T00:00:00.000Z",
  timeCreated: "2024-01-01T00:00:00.000Z",
});

function listed(files: Record<string, string>, asked: URLSearchParams) {
  const prefix = asked.get("prefix") ?? "";
  const limit = Number(asked.get("maxResults") ?? 1000);
  const names = new Set<string>();
  for (const key of Object.keys(files).filter((one) => one.startsWith(prefix))) {
    const [first = "", ...more] = key.slice(prefix.length).split("/");
    names.add(prefix + first + (more.length > 0 ? "/" : ""));
  }
  const left = [...names].sort().filter((name) => name > (asked.get("pageToken") ?? ""));
  const page = left.slice(0, limit);
  return {
    kind: "storage#objects",
    prefixes: page.filter((name) => name.endsWith("/")),
    items: page.filter((name) => !name.endsWith("/")).map((name) => facts(name, files[name] ?? "")),
    ...(left.length > limit ? { nextPageToken: page.at(-1) } : {}),
  };
}
