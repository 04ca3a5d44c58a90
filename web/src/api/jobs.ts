/** Jobs: what can be asked of them and what can be done to them. */

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { API, ask, filePath, part } from "./client";
import type {
  EventList,
  FileList,
  JobCounts,
  JobGraph,
  JobPage,
  JobsDone,
  LogPage,
  Job as ShownJob,
  Why,
} from "./schema.gen";

export type { FileRow, JobCounts, JobDone, LogPage } from "./schema.gen";

/** A job, with what the file that it came from was warned about. */
export type Job = ShownJob & { warnings?: { code: string; message: string; severity: string }[] };

export interface JobFilters {
  text?: string | undefined;
  status?: string[] | undefined;
  experiment?: string | undefined;
  tag?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
  sort?: string | undefined;
  archived?: boolean | undefined;
}

const base = (workspace: string): string => `/workspaces/${part(workspace)}/jobs`;
const one = (workspace: string, name: string): string => `${base(workspace)}/${part(name)}`;

export const jobsQuery = (workspace: string, filters: JobFilters) =>
  infiniteQueryOptions({
    queryKey: ["jobs", workspace, filters],
    queryFn: ({ pageParam, signal }) => ask<JobPage>(`${base(workspace)}?${searchOf(filters, pageParam)}`, { signal }),
    initialPageParam: "",
    getNextPageParam: (last) => last.next ?? undefined,
  });

function searchOf(filters: JobFilters, before: string): URLSearchParams {
  const search = new URLSearchParams({ limit: "50" });
  const put = (key: string, value: string | undefined) => {
    if (value) {
      search.append(key, value);
    }
  };
  put("text", filters.text);
  put("experiment", filters.experiment);
  put("tag", filters.tag);
  put("since", filters.since);
  put("until", filters.until);
  put("sort", filters.sort);
  put("archived", filters.archived ? "archived" : undefined);
  put("before", before);
  for (const status of filters.status ?? []) {
    search.append("status", status);
  }
  return search;
}

/** The newest ones with a text in their names. */
export const findJobs = (workspace: string, text: string) =>
  queryOptions({
    queryKey: ["jobs", workspace, "found", text],
    queryFn: async ({ signal }) =>
      (
        await ask<JobPage>(`${base(workspace)}?${searchOf({ text: text || undefined, archived: undefined }, "")}`, {
          signal,
        })
      ).value,
  });

export const jobQuery = (workspace: string, name: string) =>
  queryOptions({
    queryKey: ["job", workspace, name],
    queryFn: ({ signal }) => ask<Job>(one(workspace, name), { signal }),
  });

export const graphQuery = (workspace: string, name: string) =>
  queryOptions({
    queryKey: ["graph", workspace, name],
    queryFn: ({ signal }) => ask<JobGraph>(`${one(workspace, name)}/graph`, { signal }),
  });

export const whyQuery = (workspace: string, name: string) =>
  queryOptions({
    queryKey: ["job", workspace, name, "why"],
    queryFn: async ({ signal }) => (await ask<Why>(`${one(workspace, name)}/why`, { signal })).steps,
  });

export const filesQuery = (workspace: string, name: string) =>
  queryOptions({
    queryKey: ["files", workspace, name],
    queryFn: async ({ signal }) => (await ask<FileList>(`${one(workspace, name)}/files`, { signal })).value,
  });

export const outputFilesQuery = (workspace: string, name: string, output: string) =>
  queryOptions({
    queryKey: ["files", workspace, name, output],
    queryFn: async ({ signal }) =>
      (await ask<FileList>(`${one(workspace, name)}/outputs/${part(output)}/files`, { signal })).value,
  });

export const eventsQuery = (workspace: string, name: string) =>
  queryOptions({
    queryKey: ["events", workspace, name],
    queryFn: async ({ signal }) => (await ask<EventList>(`${one(workspace, name)}/events`, { signal })).value,
  });

export function readLog(
  workspace: string,
  name: string,
  range: { from: number; count: number; search?: string; rank?: number },
  signal?: AbortSignal,
): Promise<LogPage> {
  const search = new URLSearchParams({ from_line: String(range.from), lines: String(range.count) });
  if (range.search) {
    search.set("search", range.search);
  }
  if (range.rank !== undefined) {
    search.set("rank", String(range.rank));
  }
  return ask<LogPage>(`${one(workspace, name)}/log?${search}`, signal === undefined ? {} : { signal });
}

export const fileAddress = (workspace: string, name: string, path: string): string =>
  `${API}${one(workspace, name)}/files/${filePath(path)}`;

export const outputFileAddress = (workspace: string, name: string, output: string, path: string): string =>
  `${API}${one(workspace, name)}/outputs/${part(output)}/files/${filePath(path)}`;

export const countsQuery = (workspace: string, archived: boolean) =>
  queryOptions({
    queryKey: ["job-counts", workspace, archived],
    queryFn: ({ signal }) =>
      ask<JobCounts>(`${base(workspace)}:counts${archived ? "?archived=archived" : ""}`, { signal }),
  });

export type Verb = "cancel" | "archive" | "restore";

export const actOnJob = (workspace: string, name: string, verb: Verb) =>
  ask<Job>(`${one(workspace, name)}/${verb}`, { method: "POST" });

/** One that cannot be changed stops no other. */
export const actOnJobs = async (workspace: string, names: readonly string[], action: Verb) =>
  (await ask<JobsDone>(`${base(workspace)}:act`, { method: "POST", body: { action, names } })).value;

export type JobChanges = Partial<Pick<Job, "display_name" | "description" | "tags">>;

export const changeJob = (workspace: string, name: string, changes: JobChanges) =>
  ask<Job>(one(workspace, name), { method: "PATCH", body: changes });

export interface Again {
  steps?: string[];
  inputs?: Record<string, string | number | boolean>;
  display_name?: string;
  experiment_name?: string;
  force_rerun?: boolean;
  failed_batches?: boolean;
  latest?: boolean;
}

/** Create a job from an earlier one. */
export const runAgain = (workspace: string, name: string, verb: "resume" | "rerun" | "resubmit", wishes: Again) =>
  ask<Job>(`${one(workspace, name)}/${verb}`, { method: "POST", body: wishes });
