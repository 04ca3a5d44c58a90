/** Components, data, environments, models: names, their versions, and what may be changed of them. */

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { API, ask, filePath, part } from "./client";

export const KINDS = ["components", "data", "environments", "models"] as const;
export type Kind = (typeof KINDS)[number];

interface Creation {
  created_at: string;
  created_by: string;
  last_modified_at?: string;
  last_modified_by?: string;
}

export interface AssetName {
  name: string;
  latest_version: string | null;
  display_name: string | null;
  description: string | null;
  type?: string;
  tags: Record<string, string>;
  creation_context: Creation;
  archived: boolean;
}

export interface AssetVersion {
  name: string;
  version: string;
  type?: string;
  display_name: string | null;
  description: string | null;
  tags: Record<string, string>;
  creation_context: Creation;
  archived: boolean;
  digest: string;
  path?: string;
  produced_by: { job: string; output: string } | null;
  [more: string]: unknown;
}

export interface Lineage {
  produced_by: { job: string; root_job: string; output: string } | null;
  used_by: { job: string; root_job: string; role: string }[];
  needed_by: string[];
  needs: { role: string; id: string }[];
}

interface Page<T> {
  value: T[];
  next: string | null;
}

const base = (workspace: string, kind: Kind): string => `/workspaces/${part(workspace)}/${kind}`;
const ofVersion = (workspace: string, kind: Kind, name: string, version: string): string =>
  `${base(workspace, kind)}/${part(name)}/versions/${part(version)}`;

export const namesQuery = (workspace: string, kind: Kind, isArchived: boolean) =>
  infiniteQueryOptions({
    queryKey: ["assets", workspace, kind, isArchived],
    queryFn: ({ pageParam, signal }) => {
      const search = new URLSearchParams({ limit: "500", archived: isArchived ? "archived" : "active" });
      if (pageParam) {
        search.set("before", pageParam);
      }
      return ask<Page<AssetName>>(`${base(workspace, kind)}?${search}`, { signal });
    },
    initialPageParam: "",
    getNextPageParam: (last) => last.next ?? undefined,
  });

export const versionsQuery = (workspace: string, kind: Kind, name: string) =>
  queryOptions({
    queryKey: ["asset", workspace, kind, name],
    queryFn: async ({ signal }) =>
      (
        await ask<Page<AssetVersion>>(`${base(workspace, kind)}/${part(name)}/versions?archived=all&limit=500`, {
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

export interface Tree {
  role: string;
  name: string;
  files: { path: string; size: number }[];
}

export const treesQuery = (workspace: string, kind: Kind, name: string, version: string) =>
  queryOptions({
    queryKey: ["asset", workspace, kind, name, version, "files"],
    queryFn: async ({ signal }) =>
      (await ask<{ trees: Tree[] }>(`${ofVersion(workspace, kind, name, version)}/files`, { signal })).trees,
  });

export const treeFileAddress = (
  workspace: string,
  kind: Kind,
  { name, version }: Pick<AssetVersion, "name" | "version">,
  tree: number,
  path: string,
): string => `${API}${ofVersion(workspace, kind, name, version)}/files/${tree}/${filePath(path)}`;

export type Changes = Partial<Pick<AssetVersion, "display_name" | "description" | "tags">>;

export const changeVersion = (workspace: string, kind: Kind, asset: AssetVersion, changes: Changes) =>
  ask<AssetVersion>(ofVersion(workspace, kind, asset.name, asset.version), { method: "PATCH", body: changes });

export const archiveVersion = (workspace: string, kind: Kind, asset: AssetVersion, verb: "archive" | "restore") =>
  ask<AssetVersion>(`${ofVersion(workspace, kind, asset.name, asset.version)}/${verb}`, { method: "POST" });
