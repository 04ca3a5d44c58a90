import { useSearch } from "@tanstack/react-router";

export const DEFAULT_WORKSPACE = "default";

/** Parameters that keep an address in a workspace. */
export const inWorkspace = (workspace: string): { workspace?: string } =>
  workspace === DEFAULT_WORKSPACE ? {} : { workspace };

/** The workspace that the address names. */
export function useWorkspace(): string {
  const search = useSearch({ strict: false }) as { workspace?: string };
  return search.workspace ?? DEFAULT_WORKSPACE;
}
