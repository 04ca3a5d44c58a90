import { useSearch } from "@tanstack/react-router";

export const DEFAULT_WORKSPACE = "default";

/** The workspace that the address names. */
export function useWorkspace(): string {
  const search = useSearch({ strict: false }) as { workspace?: string };
  return search.workspace ?? DEFAULT_WORKSPACE;
}
