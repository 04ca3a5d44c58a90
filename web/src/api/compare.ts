/** What jobs differ in, and the code that a step ran. */

import { queryOptions } from "@tanstack/react-query";
import { API, ask, filePath, part } from "./client";
import type { FileRow } from "./jobs";

export interface Compared {
  name: string;
  values: unknown[];
  same: boolean;
}

export interface ComparedStep {
  step: string;
  kind: string;
  change: "same" | "added" | "removed" | "changed";
  labels: (string | null)[];
  durations: (number | null)[];
  jobs: (string | null)[];
  differences: Compared[];
}

interface FileDifference {
  path: string;
  change: "changed" | "added" | "removed";
  /** Null: no text, or too large. */
  diff: string | null;
}

export interface Comparison {
  jobs: {
    name: string;
    display_name: string;
    experiment_name: string;
    label: string;
    created_at: string;
    created_by: string;
    duration_seconds: number | null;
    tags: Record<string, string>;
    steps: number;
    reused: number;
  }[];
  inputs: Compared[];
  settings: Compared[];
  params: (Compared & { step: string })[];
  metrics: (Compared & { step: string })[];
  steps: ComparedStep[];
  yaml: { job: string; diff: string }[];
  code: { job: string; step: string; files: FileDifference[] }[];
}

const base = (workspace: string): string => `/workspaces/${part(workspace)}/jobs`;

export const compareQuery = (workspace: string, jobs: readonly string[]) =>
  queryOptions({
    queryKey: ["compare", workspace, ...jobs],
    queryFn: ({ signal }) =>
      ask<Comparison>(`${base(workspace)}:compare?${new URLSearchParams(jobs.map((job) => ["job", job]))}`, { signal }),
  });

export interface Code {
  name: string;
  path: string;
  value: FileRow[];
}

export const codeQuery = (workspace: string, name: string) =>
  queryOptions({
    queryKey: ["code", workspace, name],
    queryFn: ({ signal }) => ask<Code>(`${base(workspace)}/${part(name)}/code`, { signal }),
  });

export const codeAddress = (workspace: string, name: string, path: string): string =>
  `${API}${base(workspace)}/${part(name)}/code/${filePath(path)}`;
