/** One search over everything that has a page. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { ask, home } from "./client";
import type { HitList } from "./schema.gen";

export type { Hit } from "./schema.gen";

export const searchQuery = (workspace: string, text: string) =>
  queryOptions({
    queryKey: ["search", workspace, text],
    enabled: text.trim() !== "",
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) =>
      (await ask<HitList>(`${home(workspace)}/search?${new URLSearchParams({ text })}`, { signal })).value,
  });
