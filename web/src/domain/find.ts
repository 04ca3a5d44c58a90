/** Steps that somebody looks for. */

import type { Step } from "./job";
import { withoutMark } from "./status";

/** Those that have every word in their name, place, component or state; none for no words. */
export function findSteps(steps: readonly Step[], text: string): Step[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) {
    return [];
  }
  return steps.filter((step) => {
    const label = withoutMark(step.label);
    const own =
      `${step.key} ${step.display_name} ${step.component ?? ""} ${label} ${step.reused_from === null ? "" : "reused"}`.toLowerCase();
    return words.every((word) => own.includes(word));
  });
}

export interface OutlineRow {
  step: Step;
  depth: number;
  isGroup: boolean;
}

/** Steps as rows of a tree: what is in a closed group is left out. */
export function outlineRows(steps: readonly Step[], closed: ReadonlySet<string>): OutlineRow[] {
  const rows: OutlineRow[] = [];
  let hidden: string | null = null;
  for (const step of steps) {
    if (hidden !== null && step.key.startsWith(hidden)) {
      continue;
    }
    const isGroup = step.kind === "pipeline";
    hidden = isGroup && closed.has(step.key) ? `${step.key}/` : null;
    rows.push({ step, depth: step.key.split("/").length - 1, isGroup });
  }
  return rows;
}
