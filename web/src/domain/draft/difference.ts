/** What changed from one view of a draft to the next, for who draws it. */

import type { Pipeline } from "./pipeline";

export interface ViewDifference {
  added: readonly string[];
  removed: readonly string[];
  /** The same key, and something else about it. */
  changed: readonly string[];
  /** Old key → new key: a step that went and one that came in its place, alike but for the name. */
  renamed: Readonly<Record<string, string>>;
}

/** Steps that are the same objects are not looked at. */
export function differenceOfViews(before: Pipeline, after: Pipeline): ViewDifference {
  const gone = before.steps.filter((step) => !after.byKey.has(step.key)).map((step) => step.key);
  const came = after.steps.filter((step) => !before.byKey.has(step.key)).map((step) => step.key);
  const changed = after.steps.flatMap((step) => {
    const old = before.byKey.get(step.key);
    return old !== undefined && old !== step ? [step.key] : [];
  });
  const renamed: Record<string, string> = {};
  for (const key of gone) {
    const fact = JSON.stringify(before.byKey.get(key)?.value);
    const alike = came.filter(
      (one) => JSON.stringify(after.byKey.get(one)?.value) === fact && !Object.values(renamed).includes(one),
    );
    if (alike.length === 1 && gone.length === came.length) {
      renamed[key] = alike[0] as string;
    }
  }
  const isRenamed = new Set(Object.values(renamed));
  return {
    added: came.filter((key) => !isRenamed.has(key)),
    removed: gone.filter((key) => renamed[key] === undefined),
    changed,
    renamed,
  };
}
