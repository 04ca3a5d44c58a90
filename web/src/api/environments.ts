/** Environments as the server's machine makes them. */

import { ask, home, part, registryOf } from "./client";
import type { EnvironmentBuild, EnvironmentState } from "./schema.gen";

/** Begin to make one; what a registry holds is made for the workspace that everybody has. */
export function beginBuild(workspace: string, name: string, version: string): Promise<EnvironmentState> {
  const registry = registryOf(workspace);
  const body =
    registry === null
      ? { name, version }
      : { name: `azureml://registries/${registry}/environments/${name}/versions/${version}` };
  const place = home(registry === null ? workspace : "default");
  return ask<EnvironmentState>(`${place}/environment-builds`, { method: "POST", body });
}

/** How far a build is, with the lines of its log from a byte on. */
export const readBuild = (digest: string, from: number, signal: AbortSignal) =>
  ask<EnvironmentBuild>(`/environment-builds/${part(digest)}?log_from=${from}`, { signal });
