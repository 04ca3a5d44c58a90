/** Where steps run, and how full it is. */

import { queryOptions } from "@tanstack/react-query";
import { ask, part } from "./client";

export interface Compute {
  name: string;
  type: string;
  description?: string;
  min_instances: number;
  max_instances: number;
  size?: string;
  slots?: number;
  slots_in_use?: number;
  slots_waited_for?: number;
  waiting?: number;
  [more: string]: unknown;
}

export const computesQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["computes", workspace],
    queryFn: async ({ signal }) =>
      (await ask<{ value: Compute[] }>(`/workspaces/${part(workspace)}/computes`, { signal })).value,
    refetchInterval: 3000,
  });
