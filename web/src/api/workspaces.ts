/** Workspaces, and the registries that they share. */

import { queryOptions } from "@tanstack/react-query";
import { ask } from "./client";
import type { WorkspaceList } from "./schema.gen";

export const workspacesQuery = () =>
  queryOptions({
    queryKey: ["workspaces"],
    queryFn: async ({ signal }) => (await ask<WorkspaceList>("/workspaces", { signal })).value,
  });

export const registriesQuery = () =>
  queryOptions({
    queryKey: ["registries"],
    queryFn: async ({ signal }) => (await ask<WorkspaceList>("/registries", { signal })).value,
  });
