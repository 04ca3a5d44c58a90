/** What one step does many times: mini-batches, iterations, items. */

import { queryOptions } from "@tanstack/react-query";
import { ask, part } from "./client";
import type { Parallel, Runs } from "./schema.gen";

export type { FailedMiniBatch, Parallel, ParallelWorker, Run, Runs } from "./schema.gen";

const one = (workspace: string, name: string): string => `/workspaces/${part(workspace)}/jobs/${part(name)}`;

/** The driver writes its progress twice a second. */
const PROGRESS_MS = 1000;
const RUNS_MS = 2000;
/** Of very many runs the answer is long: they are asked for less often. */
const RUNS_MANY = 500;

export const parallelQuery = (workspace: string, name: string, isOver: boolean) =>
  queryOptions({
    queryKey: ["parallel", workspace, name, isOver],
    queryFn: ({ signal }) => ask<Parallel>(`${one(workspace, name)}/parallel`, { signal }),
    refetchInterval: isOver ? false : PROGRESS_MS,
  });

export const runsQuery = (workspace: string, name: string, isOver: boolean) =>
  queryOptions({
    queryKey: ["runs", workspace, name, isOver],
    queryFn: ({ signal }) => ask<Runs>(`${one(workspace, name)}/runs`, { signal }),
    refetchInterval: ({ state }) =>
      isOver ? false : RUNS_MS * (1 + Math.floor((state.data?.value.length ?? 0) / RUNS_MANY)),
  });
