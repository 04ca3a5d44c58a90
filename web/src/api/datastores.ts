/** Where data is, and what is there. */

import { queryOptions } from "@tanstack/react-query";
import { API, ask, filePath, part } from "./client";
import type { DatastoreList, Folder } from "./schema.gen";

const base = (workspace: string): string => `/workspaces/${part(workspace)}/datastores`;

export const datastoresQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["datastores", workspace],
    queryFn: async ({ signal }) => (await ask<DatastoreList>(base(workspace), { signal })).value,
  });

export const folderQuery = (workspace: string, name: string, path: string) =>
  queryOptions({
    queryKey: ["datastores", workspace, name, "files", path],
    queryFn: ({ signal }) => ask<Folder>(placeOf(workspace, name, path), { signal }),
    retry: false,
  });

export const placeAddress = (workspace: string, name: string, path: string): string =>
  `${API}${placeOf(workspace, name, path)}`;

const placeOf = (workspace: string, name: string, path: string): string =>
  `${base(workspace)}/${part(name)}/files${path === "" ? "" : `/${filePath(path)}`}`;
