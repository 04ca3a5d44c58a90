/** The server's problems of a draft, by step, by field and by place in the text. */

import type { YamlPath } from "./pipeline";
import { spanAtPath, stepAtPath } from "./place";
import type { Draft } from "./read";
import { type LineColumn, lineColumnOf, offsetOf, type Span } from "./text";

/** As the server sends it: `DraftProblem` has these and more. */
export interface Problem {
  code: string;
  message: string;
  severity: string;
  /** Empty or missing: the draft's own text. */
  file?: string;
  path: readonly unknown[];
  on_key?: boolean;
  hint?: string | null;
  /** Where the checked text had it. */
  span?: { line: number; column: number; end_line: number; end_column: number } | null;
}

export interface PlacedProblem<One extends Problem = Problem> extends LineColumn {
  problem: One;
  isError: boolean;
  /** The key of the step that has it; empty for the pipeline. */
  step: string;
  /** Dotted, from the step: `inputs.rate`, `limits.timeout`; empty for the step itself. */
  field: string;
  span: Span;
}

/**
 * Problems where they stand now: by path where the text still has it, else by the line that the checked text had.
 *
 * In the order of the text. Those of other files are left out.
 */
export function placedProblems<One extends Problem>(
  draft: Draft,
  problems: readonly One[],
  ownFile = "",
): PlacedProblem<One>[] {
  const found = problems
    .filter(({ file }) => file === undefined || file === "" || file === ownFile)
    .map((problem) => placed(draft, problem));
  return found.sort((a, b) => a.span.from - b.span.from);
}

function placed<One extends Problem>(draft: Draft, problem: One): PlacedProblem<One> {
  const path = problem.path.filter((key): key is string | number => typeof key === "string" || typeof key === "number");
  const span =
    (path.length > 0 && draft.broken === null ? spanAtPath(draft, path, problem.on_key) : null) ??
    checked(draft, problem);
  const step = stepAtPath(draft, path);
  return {
    problem,
    isError: problem.severity === "error",
    step: step?.key ?? "",
    field: fieldOf(path, step?.path ?? []),
    span,
    ...lineColumnOf(draft.text, span.from),
  };
}

const fieldOf = (path: YamlPath, around: YamlPath): string => path.slice(around.length).join(".");

function checked(draft: Draft, { span }: Problem): Span {
  if (span == null) {
    return { from: 0, to: 0 };
  }
  const from = offsetOf(draft.text, { line: span.line, column: span.column });
  return { from, to: Math.max(from, offsetOf(draft.text, { line: span.end_line, column: span.end_column })) };
}

/** The problem behind an offset, else the first one; *isBackward*: the one before it, else the last. */
export function nextProblem<One extends { span: Span }>(
  problems: readonly One[],
  offset: number,
  isBackward = false,
): One | null {
  const sorted = [...problems].sort((a, b) => a.span.from - b.span.from);
  const found = isBackward
    ? (sorted.findLast(({ span }) => span.from < offset) ?? sorted.at(-1))
    : (sorted.find(({ span }) => span.from > offset) ?? sorted[0]);
  return found ?? null;
}
