/** Where things of a draft stand in its text, and what stands at a place: for the text cursor. */

import type { Step } from "./pipeline";
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
