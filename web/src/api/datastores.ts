/** Where data is, and what is there. */

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { API, ask, filePath, part } from "./client";
import type { DatastoreList, Folder, Reached } from "./schema.gen";

/** Of one folder in one answer: as many as somebody looks through. */
const ENTRIES = 200;

const base = (workspace: string): string => `/workspaces/${part(workspace)}/datastores`;
const files = (workspace: string, name: string): string => `${base(workspace)}/${part(name)}/files`;

export const datastoresQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["datastores", workspace],
    queryFn: async ({ signal }) => (await ask<DatastoreList>(base(workspace), { signal })).value,
  });

/** What is directly in a folder, some at a time. */
export const folderQuery = (workspace: string, name: string, path: string) =>
  infiniteQueryOptions({
    queryKey: ["datastore-files", workspace, name, path],
    queryFn: ({ pageParam, signal }) => {
      const search = new URLSearchParams({ limit: String(ENTRIES), ...(pageParam ? { before: pageParam } : {}) });
      // The slash says that a folder is meant, also where a file is called the same.
      const place = path === "" ? "" : `/${filePath(path)}/`;
      return ask<Folder>(`${files(workspace, name)}${place}?${search}`, { signal });
    },
    initialPageParam: "",
    getNextPageParam: (last) => last.next ?? undefined,
    // A store that does not answer takes its time; whoever looks can ask again.
    retry: false,
  });

export const fileAddressIn = (workspace: string, name: string, path: string): string =>
  `${API}${files(workspace, name)}/${filePath(path)}`;

/** How long a file is that no folder was listed for. */
export const sizeQuery = (address: string) =>
  queryOptions({
    queryKey: ["size", address],
    retry: false,
    queryFn: async ({ signal }) => {
      const answer = await fetch(address, { headers: { range: "bytes=0-0" }, credentials: "same-origin", signal });
      await answer.body?.cancel();
      const size = Number(answer.headers.get("content-range")?.split("/")[1]);
      if (answer.ok && Number.isFinite(size)) {
        return size;
      }
      // An empty file has no first byte.
      if (answer.status === 416) {
        return 0;
      }
      throw new Error(answer.status === 404 ? "there is no such file" : `the server answered ${answer.status}`);
    },
  });

/** Reach a datastore with what is kept for it. */
export const reach = (workspace: string, name: string) =>
  ask<Reached>(`${base(workspace)}/${part(name)}/test`, { method: "POST" });
