/** `${{ ... }}` in texts. The grammar is the server's (`pipeyard/spec/binding.py`). */

import type { Expression } from "./pipeline";
import type { Splice } from "./text";

const EXPRESSION = /\$\{\{([^{}]*)\}\}/g;
const NAME = /^[\w\p{L}\p{N}-]+$/u;

/** The expressions of a text; what is no dotted name is none. */
export function expressionsIn(text: string): Expression[] {
  const found: Expression[] = [];
  if (!text.includes("${{")) {
    return found;
  }
  for (const match of text.matchAll(EXPRESSION)) {
    const names = (match[1] ?? "").trim().split(".");
    if (names.every((name) => NAME.test(name))) {
      found.push({ names, from: match.index, to: match.index + match[0].length });
    }
  }
  return found;
}

/** The one expression, where the text is nothing else. */
export function singleExpression(text: string): Expression | null {
  const trimmed = text.trim();
  const [only] = expressionsIn(trimmed);
  return only !== undefined && only.from === 0 && only.to === trimmed.length ? only : null;
}

/** The names as of today: bindings of 2021 left out `parent`. */
export function today(names: readonly string[]): readonly string[] {
  return names[0] === "inputs" || names[0] === "outputs" || names[0] === "jobs" ? ["parent", ...names] : names;
}

export const ofPipelineInput = (input: string): string => `\${{parent.inputs.${input}}}`;
export const ofStepOutput = (step: string, output: string): string => `\${{parent.jobs.${step}.outputs.${output}}}`;
export const ofPipelineOutput = (output: string): string => `\${{parent.outputs.${output}}}`;
export const ofStep = (step: string): string => `\${{parent.jobs.${step}}}`;

/**
 * The splices that give names in a raw piece of text another spelling.
 *
 * *rename* gets the names of each expression and returns new ones, or null to leave it as it is.
 */
export function renamedIn(
  raw: string,
  at: number,
  rename: (names: readonly string[]) => readonly string[] | null,
): Splice[] {
  const found: Splice[] = [];
  for (const { names, from, to } of expressionsIn(raw)) {
    const now = rename(names);
    if (now !== null && now.join(".") !== names.join(".")) {
      const before = names.join(".");
      const start = raw.indexOf(before, from);
      found.push({ at: at + Math.min(start, to), before, after: now.join(".") });
    }
  }
  return found;
}
