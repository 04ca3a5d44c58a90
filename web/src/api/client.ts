/** Requests to our own server, and its errors in its own words. */

export const API = "/api/v1";

export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string | null;
  /** Of a job that is wrong: each thing that is, with its place. */
  readonly details: readonly string[];
  /** Of a folder in which it is not clear which file is meant: those that may be. */
  readonly files: readonly string[];

  constructor(
    status: number,
    code: string,
    message: string,
    hint: string | null,
    details: readonly string[] = [],
    files: readonly string[] = [],
  ) {
    super(message);
    this.files = files;
    this.status = status;
    this.code = code;
    this.hint = hint;
    this.details = details;
  }
}

type Method = "GET" | "POST" | "PATCH" | "PUT" | "DELETE";

export async function ask<T>(
  path: string,
  options: { method?: Method; body?: unknown; signal?: AbortSignal } = {},
): Promise<T> {
  const { method = "GET", body, signal } = options;
  return answered<T>(path, method, body === undefined ? null : JSON.stringify(body), "application/json", signal);
}

/** Bytes as they are. */
export const send = <T>(path: string, bytes: Blob): Promise<T> =>
  answered<T>(path, "POST", bytes, bytes.type || "application/octet-stream");

async function answered<T>(
  path: string,
  method: Method,
  body: BodyInit | null,
  type: string,
  signal?: AbortSignal,
): Promise<T> {
  const headers: Record<string, string> = { accept: "application/json" };
  if (method !== "GET") {
    // Another site's page cannot send it.
    headers["x-pipeyard-page"] = "1";
  }
  if (body !== null) {
    headers["content-type"] = type;
  }
  let answer: Response;
  try {
    answer = await fetch(`${API}${path}`, {
      method,
      headers,
      credentials: "same-origin",
      ...(body === null ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (problem) {
    if (problem instanceof DOMException && problem.name === "AbortError") {
      throw problem;
    }
    throw new ApiError(0, "no-answer", "the server does not answer", "start it: pipeyard server start");
  }
  if (answer.status === 401) {
    // The session ended; the way in leads back here.
    location.reload();
  }
  if (!answer.ok) {
    throw await errorOf(answer);
  }
  return answer.status === 204 ? (undefined as T) : ((await answer.json()) as T);
}

interface Refusal {
  code: string;
  message: string;
  hint?: string | null;
  diagnostics?: { message: string; hint?: string | null; place?: { path?: (string | number)[] } }[];
}

async function errorOf(answer: Response): Promise<ApiError> {
  try {
    const { error, files } = (await answer.json()) as { error: Refusal; files?: string[] };
    const details = (error.diagnostics ?? []).map(({ place, message, hint }) =>
      [place?.path?.join("."), hint ? `${message} (${hint})` : message].filter(Boolean).join(": "),
    );
    return new ApiError(answer.status, error.code, error.message, error.hint ?? null, details, files);
  } catch {
    return new ApiError(answer.status, "no-answer", `the server answered ${answer.status}`, null);
  }
}

const REGISTRY = "registry:";

/** The registry that stands in a workspace's place, as `registry:team` in addresses; null for a workspace. */
export const registryOf = (workspace: string): string | null =>
  workspace.startsWith(REGISTRY) ? workspace.slice(REGISTRY.length) : null;

/** Address of a workspace's things, or a registry's. */
export function home(workspace: string): string {
  const registry = registryOf(workspace);
  return registry === null ? `/workspaces/${part(workspace)}` : `/registries/${part(registry)}`;
}

/** A part of an address: names may hold anything. */
export const part = (text: string): string => encodeURIComponent(text);

/** Path of a file below an address, its folders kept. */
export const filePath = (path: string): string => path.split("/").map(encodeURIComponent).join("/");
