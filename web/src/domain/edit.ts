/** Edits of what people write about a thing: its name, description and tags. */

export interface Edited {
  display_name?: string | null;
  description?: string | null;
  tags?: Record<string, string>;
}

const WORDS = { display_name: "display name", description: "description", tags: "tags" } as const;

/** What was changed, in words. */
export const editWords = (changes: Edited): string =>
  (Object.keys(WORDS) as (keyof Edited)[])
    .filter((key) => changes[key] !== undefined)
    .map((key) => WORDS[key])
    .join(" and ");

/** What a change replaced: its own fields alone, so that taking it back touches nothing else. */
export const valuesBefore = <T extends Edited>(before: Edited, changes: T): T =>
  Object.fromEntries(
    (Object.keys(changes) as (keyof Edited)[]).map((key) => [key, before[key] ?? (key === "tags" ? {} : "")]),
  ) as unknown as T;
