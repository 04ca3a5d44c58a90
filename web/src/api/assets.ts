/** Components, data, environments, models: names, their versions, and what may be changed of them. */

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { API, ask, filePath, home, part } from "./client";
import type { AssetFiles, AssetNamePage, AssetVersion, AssetVersionPage, Lineage, Preview } from "./schema.gen";

export type { AssetName, AssetVersion } from "./schema.gen";

export const KINDS = ["components", "data", "environments", "models"] as const;
export type Kind = (typeof KINDS)[number];

const base = (workspace: string, kind: Kind): string => `${home(workspace)}/${kind}`;
const ofVersion = (workspace: string, kind: Kind, name: string, version: string): string =>
  `${base(workspace, kind)}/${part(name)}/versions/${part(version)}`;

export interface NameFilter {
  /** Words: each has to be in the name, the type or a tag. */
  text: string;
  isArchived: boolean;
}

export const namesQuery = (workspace: string, kind: Kind, { text, isArchived }: NameFilter) =>
  infiniteQueryOptions({
    queryKey: ["assets", workspace, kind, isArchived, text],
    placeholderData: keepPreviousData,
    queryFn: ({ pageParam, signal }) => {
      const search = new URLSearchParams({ limit: "100", archived: isArchived ? "archived" : "active" });
      if (text !== "") {
        search.set("text", text);
      }
      if (pageParam) {
        search.set("before", pageParam);
      }
      return ask<AssetNamePage>(`${base(workspace, kind)}?${search}`, { signal });
    },
    initialPageParam: "",
    getNextPageParam: (last) => last.next ?? undefined,
  });

export const versionsQuery = (workspace: string, kind: Kind, name: string) =>
  queryOptions({
    queryKey: ["asset", workspace, kind, name],
    queryFn: async ({ signal }) =>
      (
        await ask<AssetVersionPage>(`${base(workspace, kind)}/${part(name)}/versions?archived=all&limit=500`, {
          signal,
        })
      ).value,
  });

export const versionQuery = (workspace: string, kind: Kind, name: string, version: string) =>
  queryOptions({
    queryKey: ["asset", workspace, kind, name, version],
    queryFn: ({ signal }) => ask<AssetVersion>(ofVersion(workspace, kind, name, version), { signal }),
  });

export const lineageQuery = (workspace: string, kind: Kind, name: string, version: string) =>
  queryOptions({
    queryKey: ["asset", workspace, kind, name, version, "jobs"],
    queryFn: ({ signal }) => ask<Lineage>(`${ofVersion(workspace, kind, name, version)}/jobs`, { signal }),
  });

export const treesQuery = (workspace: string, kind: Kind, name: string, version: string) =>
  queryOptions({
    queryKey: ["asset", workspace, kind, name, version, "files"],
    queryFn: async ({ signal }) =>
      (await ask<AssetFiles>(`${ofVersion(workspace, kind, name, version)}/files`, { signal })).trees,
  });

export const treeFileAddress = (
  workspace: string,
  kind: Kind,
  { name, version }: Pick<AssetVersion, "name" | "version">,
  tree: number,
  path: string,
): string => `${API}${ofVersion(workspace, kind, name, version)}/files/${tree}/${filePath(path)}`;

export const previewQuery = (workspace: string, name: string, version: string, rows: number) =>
  queryOptions({
    queryKey: ["asset", workspace, "data", name, version, "preview", rows],
    queryFn: ({ signal }) =>
      ask<Preview>(`${ofVersion(workspace, "data", name, version)}/preview?rows=${rows}`, { signal }),
    retry: false,
  });

export type Changes = Partial<Pick<AssetVersion, "display_name" | "description" | "tags">>;

export const changeVersion = (workspace: string, kind: Kind, asset: AssetVersion, changes: Changes) =>
  ask<AssetVersion>(ofVersion(workspace, kind, asset.name, asset.version), { method: "PATCH", body: changes });

export const archiveVersion = (workspace: string, kind: Kind, asset: AssetVersion, verb: "archive" | "restore") =>
  ask<AssetVersion>(`${ofVersion(workspace, kind, asset.name, asset.version)}/${verb}`, { method: "POST" });
