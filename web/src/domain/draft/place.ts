/** Where things of a draft stand in its text, and what stands at a place: for marks, and for the text cursor. */

import { type Located, located, locatedEntry } from "./parts";
import type { Step, YamlPath } from "./pipeline";
import type { Draft } from "./read";
import type { Span } from "./text";

/** A stretch of a step, or of the pipeline's own inputs and outputs (*step* null), in the text. */
export function spanOf(draft: Draft, step: Step | null, span: Span): Span {
  if (step !== null) {
    const at = draft.parts.steps.get(step.part)?.at ?? 0;
    return { from: at + span.from, to: at + span.to };
  }
  const { at, length } = draft.parts.gap;
  return { from: span.from + (span.from >= at ? length : 0), to: span.to + (span.to > at ? length : 0) };
}

/** Where something is written, or its key; where it is not, its nearest parent's key. Null for the document as a whole. */
export function spanAtPath(draft: Draft, path: YamlPath, isOnKey = false): Span | null {
  const entry = locatedEntry(draft.parts, path);
  if (entry !== undefined && path.length > 0) {
    const { from, to } = entry.entry.value;
    const isKey = isOnKey || to <= from;
    const span = isKey ? { from: entry.entry.keyFrom, to: entry.entry.keyTo } : { from, to };
    return { from: span.from + entry.base, to: span.to + entry.base };
  }
  const item: Located | undefined = typeof path.at(-1) === "number" ? located(draft.parts, path) : undefined;
  if (item !== undefined) {
    return { from: item.node.from + item.base, to: item.node.to + item.base };
  }
  return path.length > 1 ? spanAtPath(draft, path.slice(0, -1), true) : null;
}

/** The innermost step that a path leads into. */
export function stepAtPath(draft: Draft, path: YamlPath): Step | null {
  let found: Step | null = null;
  for (const step of draft.pipeline.steps) {
    const isIn = step.path.length <= path.length && step.path.every((key, position) => path[position] === key);
    if (isIn && (found === null || step.path.length > found.path.length)) {
      found = step;
    }
  }
  return found;
}

export interface TextPlace {
  /** The innermost step around the cursor. */
  step: Step | null;
  /** An input or output of it, or without a step of the pipeline. */
  port: { side: "input" | "output"; name: string } | null;
}

/** What the text cursor is in. */
export function placeAt(draft: Draft, offset: number): TextPlace {
  let step: Step | null = null;
  for (const one of draft.pipeline.steps) {
    const { from, to } = spanOf(draft, one, one.span);
    if (from <= offset && offset <= to && (step === null || one.path.length > step.path.length)) {
      step = one;
    }
  }
  const around = step ?? draft.pipeline;
  const hit = ({ nameSpan, valueSpan }: { nameSpan: Span; valueSpan: Span }): boolean => {
    const from = spanOf(draft, step, nameSpan).from;
    const to = Math.max(spanOf(draft, step, nameSpan).to, spanOf(draft, step, valueSpan).to);
    return from <= offset && offset <= to;
  };
  const input = around.inputs.find(hit);
  const output = input === undefined ? around.outputs.find(hit) : undefined;
  const port = input ?? output;
  return {
    step,
    port: port === undefined ? null : { side: input === undefined ? "output" : "input", name: port.name },
  };
}
