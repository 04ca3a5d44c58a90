/** What jobs differ in, and the code that a step ran. */

import { queryOptions } from "@tanstack/react-query";
import { API, ask, filePath, part } from "./client";
import type { CodeFiles, Comparison } from "./schema.gen";

export type { Compared, ComparedStep, Comparison } from "./schema.gen";

const base = (workspace: string): string => `/workspaces/${part(workspace)}/jobs`;

export const compareQuery = (workspace: string, jobs: readonly string[]) =>
  queryOptions({
    queryKey: ["compare", workspace, ...jobs],
    queryFn: ({ signal }) =>
      ask<Comparison>(`${base(workspace)}:compare?${new URLSearchParams(jobs.map((job) => ["job", job]))}`, { signal }),
  });

export const codeQuery = (workspace: string, name: string) =>
  queryOptions({
    queryKey: ["code", workspace, name],
    queryFn: ({ signal }) => ask<CodeFiles>(`${base(workspace)}/${part(name)}/code`, { signal }),
  });

export const codeAddress = (workspace: string, name: string, path: string): string =>
  `${API}${base(workspace)}/${part(name)}/code/${filePath(path)}`;
