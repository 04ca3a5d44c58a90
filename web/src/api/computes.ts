/** Where steps run: how full it is, who has it, who waits for it. */

import { queryOptions } from "@tanstack/react-query";
import { ask, part } from "./client";
import type { Compute, ComputeList, NodeList, WaitingList } from "./schema.gen";

const LOOK_MS = 3000;
const base = (workspace: string): string => `/workspaces/${part(workspace)}/computes`;
const one = (workspace: string, name: string): string => `${base(workspace)}/${part(name)}`;

export const computesQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["computes", workspace],
    queryFn: async ({ signal }) => (await ask<ComputeList>(base(workspace), { signal })).value,
    refetchInterval: LOOK_MS,
  });

export const computeQuery = (workspace: string, name: string) =>
  queryOptions({
    queryKey: ["compute", workspace, name],
    queryFn: ({ signal }) => ask<Compute>(one(workspace, name), { signal }),
    refetchInterval: LOOK_MS,
  });

export const nodesQuery = (workspace: string, name: string) =>
  queryOptions({
    queryKey: ["compute", workspace, name, "nodes"],
    queryFn: async ({ signal }) => (await ask<NodeList>(`${one(workspace, name)}/nodes`, { signal })).value,
    refetchInterval: LOOK_MS,
  });

export const waitingQuery = (workspace: string, name: string) =>
  queryOptions({
    queryKey: ["compute", workspace, name, "waiting"],
    queryFn: async ({ signal }) => (await ask<WaitingList>(`${one(workspace, name)}/waiting`, { signal })).value,
    refetchInterval: LOOK_MS,
  });

export interface ComputeChanges {
  min_instances: number;
  max_instances: number;
  size: string | null;
  description: string | null;
}

export const createCompute = (workspace: string, name: string, changes: ComputeChanges) =>
  ask<Compute>(one(workspace, name), { method: "PUT", body: { type: "amlcompute", ...changes } });

export const changeCompute = (workspace: string, name: string, changes: ComputeChanges) =>
  ask<Compute>(one(workspace, name), { method: "PATCH", body: changes });

export const deleteCompute = (workspace: string, name: string) => ask<void>(one(workspace, name), { method: "DELETE" });
