/** Drafts of the Designer: kept by the server, checked by it, planned and submitted; and what can be put into them. */

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { API, ask, filePath, part, send } from "./client";
import type {
  Draft,
  DraftCheck,
  DraftComponents,
  DraftHead,
  DraftPage,
  DraftPlan,
  DraftRevision,
  DraftRevisionList,
  DraftSubmitted,
  Palette,
  TemplateList,
} from "./schema.gen";

export type {
  Draft,
  DraftComponent,
  DraftComponents,
  DraftHead,
  DraftPlan,
  DraftProblem,
  Palette,
  PaletteItem,
} from "./schema.gen";

const base = (workspace: string): string => `/workspaces/${part(workspace)}/drafts`;
const one = (workspace: string, id: string): string => `${base(workspace)}/${part(id)}`;

export const draftsQuery = (workspace: string, text: string, isArchived: boolean) =>
  infiniteQueryOptions({
    queryKey: ["drafts", workspace, isArchived, text],
    placeholderData: keepPreviousData,
    queryFn: ({ pageParam, signal }) => {
      const search = new URLSearchParams({ archived: isArchived ? "archived" : "active" });
      if (text !== "") {
        search.set("text", text);
      }
      if (pageParam) {
        search.set("before", pageParam);
      }
      return ask<DraftPage>(`${base(workspace)}?${search}`, { signal });
    },
    initialPageParam: "",
    getNextPageParam: (last) => last.next ?? undefined,
  });

export const draftQuery = (workspace: string, id: string) =>
  queryOptions({
    queryKey: ["draft", workspace, id],
    queryFn: ({ signal }) => ask<Draft>(one(workspace, id), { signal }),
    // What is edited here is newer than what the server has.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });

export interface NewFile {
  path: string;
  base64: string;
}

export type NewDraft = { name?: string } & (
  | { text?: string }
  | { template: string }
  | { job: string }
  | { draft: string }
  | { files: NewFile[]; main?: string }
);

export const createDraft = (workspace: string, draft: NewDraft) =>
  ask<Draft>(base(workspace), { method: "POST", body: draft });

/** A draft of a zip; *main* is the pipeline's file where the server cannot tell. */
export function importZip(workspace: string, zip: Blob, name: string, main: string): Promise<Draft> {
  const search = new URLSearchParams([
    ...(name === "" ? [] : [["name", name]]),
    ...(main === "" ? [] : [["main", main]]),
  ]);
  return send<Draft>(`${base(workspace)}:import?${search}`, zip);
}

export interface Registering {
  /** Files; without it, all that the pipeline names. */
  only?: readonly string[];
  /** By file. */
  names?: Readonly<Record<string, string>>;
  /** Files that get the next number, whatever version they say. */
  next?: readonly string[];
  dry_run?: boolean;
  /** False: the draft's text is changed here. */
  refer: false;
  revision?: number;
  holder?: string;
}

export const registerComponents = (workspace: string, id: string, body: Registering, signal?: AbortSignal) =>
  ask<DraftComponents>(`${one(workspace, id)}/components:register`, {
    method: "POST",
    body,
    ...(signal === undefined ? {} : { signal }),
  });

export interface DraftSave {
  /** The one that the change began with. */
  revision: number;
  holder: string;
  name?: string;
  text?: string;
  layout?: Record<string, unknown>;
  files?: Record<string, { text: string } | null>;
}

export const saveDraft = (workspace: string, id: string, changes: DraftSave) =>
  ask<Draft>(one(workspace, id), { method: "PUT", body: changes });

export const deleteDraft = (workspace: string, id: string) => ask<void>(one(workspace, id), { method: "DELETE" });

export const restoreDraft = (workspace: string, id: string) =>
  ask<DraftHead>(`${one(workspace, id)}/restore`, { method: "POST" });

/** Says that this tab edits; of the answer `holder` tells whether it may. */
export const holdDraft = (workspace: string, id: string, holder: string, takeOver: boolean) =>
  ask<Draft>(`${one(workspace, id)}/hold`, { method: "POST", body: { holder, take_over: takeOver } });

/** Sent also while the page is being left. */
export function releaseDraft(workspace: string, id: string, holder: string): void {
  void fetch(`${API}${one(workspace, id)}/release`, {
    method: "POST",
    keepalive: true,
    credentials: "same-origin",
    headers: { "content-type": "application/json", "x-pipeyard-page": "1" },
    body: JSON.stringify({ holder }),
  }).catch(() => undefined);
}

export const revisionsQuery = (workspace: string, id: string) =>
  queryOptions({
    queryKey: ["draft", workspace, id, "revisions"],
    queryFn: async ({ signal }): Promise<DraftRevision[]> =>
      (await ask<DraftRevisionList>(`${one(workspace, id)}/revisions`, { signal })).value,
  });

export const restoreRevision = (workspace: string, id: string, earlier: number, revision: number, holder: string) =>
  ask<Draft>(`${one(workspace, id)}/revisions/${earlier}/restore`, { method: "POST", body: { revision, holder } });

export const checkDraft = (workspace: string, id: string, text: string, signal: AbortSignal) =>
  ask<DraftCheck>(`${one(workspace, id)}/validate`, { method: "POST", body: { text }, signal });

export interface Submission {
  experiment_name?: string;
  display_name?: string;
  description?: string;
  tags?: Record<string, string>;
  inputs?: Record<string, unknown>;
  default_compute?: string;
  continue_on_step_failure?: boolean;
  force_rerun?: boolean;
}

export const planDraft = (workspace: string, id: string, body: Submission & { text: string }, signal: AbortSignal) =>
  ask<DraftPlan>(`${one(workspace, id)}/plan`, { method: "POST", body, signal });

export const submitDraft = (workspace: string, id: string, body: Submission & { revision: number }) =>
  ask<DraftSubmitted>(`${one(workspace, id)}/submit`, { method: "POST", body });

export const exportAddress = (workspace: string, id: string, form: "yaml" | "zip"): string =>
  `${API}${one(workspace, id)}/export?form=${form}`;

export const draftFileQuery = (workspace: string, id: string, path: string) =>
  queryOptions({
    queryKey: ["draft", workspace, id, "file", path],
    queryFn: async ({ signal }) => {
      const answer = await fetch(`${API}${one(workspace, id)}/files/${filePath(path)}`, { signal });
      return answer.ok ? answer.text() : null;
    },
  });

export const paletteQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["palette", workspace],
    queryFn: ({ signal }) => ask<Palette>(`/workspaces/${part(workspace)}/palette`, { signal }),
    staleTime: 10_000,
  });

export const templatesQuery = () =>
  queryOptions({
    queryKey: ["templates"],
    queryFn: async ({ signal }) => (await ask<TemplateList>("/templates", { signal })).value,
    staleTime: Number.POSITIVE_INFINITY,
  });

/** JSON Schema of one kind of mapping, such as `pipeline job`. */
export const schemaQuery = (kind: string) =>
  queryOptions({
    queryKey: ["schema", kind],
    queryFn: ({ signal }) => ask<Record<string, unknown>>(`/schemas/${part(kind)}`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
