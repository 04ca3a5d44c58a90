/** Environments as the server's machine makes them. */

import { ask, home, part } from "./client";
import type { EnvironmentBuild, EnvironmentState } from "./schema.gen";

export const beginBuild = (workspace: string, name: string, version: string) =>
  ask<EnvironmentState>(`${home(workspace)}/environment-builds`, { method: "POST", body: { name, version } });

/** How far a build is, with the lines of its log from a byte on. */
export const readBuild = (digest: string, from: number, signal: AbortSignal) =>
  ask<EnvironmentBuild>(`/environment-builds/${part(digest)}?log_from=${from}`, { signal });
