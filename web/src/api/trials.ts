/** The trials of a sweep. */

import { queryOptions } from "@tanstack/react-query";
import type { Sweep } from "../domain/trials";
import { ask, part } from "./client";

/** While the sweep runs, trials begin, log and end. */
const POLL_MS = 2000;

export const trialsQuery = (workspace: string, name: string, isOver: boolean) =>
  queryOptions({
    queryKey: ["trials", workspace, name, isOver],
    queryFn: ({ signal }) => ask<Sweep>(`/workspaces/${part(workspace)}/jobs/${part(name)}/trials`, { signal }),
    refetchInterval: isOver ? false : POLL_MS,
  });
