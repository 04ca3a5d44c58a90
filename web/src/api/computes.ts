/** Where steps run, and how full it is. */

import { queryOptions } from "@tanstack/react-query";
import { ask, part } from "./client";
import type { ComputeList } from "./schema.gen";

export const computesQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["computes", workspace],
    queryFn: async ({ signal }) =>
      (await ask<ComputeList>(`/workspaces/${part(workspace)}/computes`, { signal })).value,
    refetchInterval: 3000,
  });
