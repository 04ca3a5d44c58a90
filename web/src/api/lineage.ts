/** What came of what. */

import { queryOptions } from "@tanstack/react-query";
import { ask, home } from "./client";
import type { LineageGraph } from "./schema.gen";

export interface LineageWish {
  /** `models/net/3`, `jobs/calm_fox`. */
  of: string;
  depth: number;
  way: "up" | "down" | "both";
  kinds: readonly string[];
  /** An age such as `7d`. */
  since?: string | undefined;
}

export const lineageGraphQuery = (workspace: string, wish: LineageWish) =>
  queryOptions({
    queryKey: ["lineage", workspace, wish],
    queryFn: ({ signal }) => {
      const search = new URLSearchParams({ of: wish.of, depth: String(wish.depth), dir: wish.way });
      for (const kind of wish.kinds) {
        search.append("kind", kind);
      }
      if (wish.since !== undefined) {
        search.set("since", wish.since);
      }
      return ask<LineageGraph>(`${home(workspace)}/lineage?${search}`, { signal });
    },
  });
