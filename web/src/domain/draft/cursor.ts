/**
 * What the text cursor is in, by indentation and brackets alone: so it is known while the text is half written.
 */

import { type Flow, flowAt, wordOf } from "./flow";
import { ENTRY, LINE } from "./line";
import type { Span } from "./text";
import { lineEnd, lineStart } from "./text";

export interface Cursor {
  /** The keys around the cursor's line, from the top; a number for an item of a list. */
  around: readonly (string | number)[];
  /** The key on the line, whole; null where none is written yet. */
  key: string | null;
  keySpan: Span;
  /** The value behind it on the line, as written. */
  value: string;
  valueSpan: Span;
  /** Whether the cursor is behind the colon. */
  isOnValue: boolean;
  /** The dotted name of the expression that the cursor is in. */
  expression: Span | null;
  /** Whether it is in brackets, where some signs need quotes; and whether it has these. */
  isFlow: boolean;
  isQuoted: boolean;
  /** How many mappings in brackets are open directly around one another. */
  mappings: number;
}

export function cursorAt(text: string, offset: number): Cursor {
  const flow = flowAt(text, offset);
  return flow === null ? cursorOnLine(text, offset) : cursorInFlow(text, offset, flow);
}

function cursorOnLine(text: string, offset: number): Cursor {
  const start = lineStart(text, offset);
  const end = text.indexOf("\n", offset);
  const line = text.slice(start, end < 0 ? text.length : end).replace(/\r$/, "");
  const [, blanks = "", dashes = "", quote = "", key, rest = ""] = LINE.exec(line) ?? [];
  const keyFrom = start + blanks.length + dashes.length + quote.length;
  const keySpan = { from: keyFrom, to: keyFrom + (key ?? "").length };
  const value = rest.replace(/\s+#.*$|^#.*$/, "").trimEnd();
  const valueFrom = start + line.length - rest.length;
  const valueSpan = { from: valueFrom, to: valueFrom + value.length };
  // On an empty line the cursor says how far to the right the new line will stand.
  const indent = line.trim() === "" ? offset - start : blanks.length + dashes.length;
  return {
    around: around(text, start, indent, dashes !== ""),
    key: key ?? null,
    keySpan,
    value,
    valueSpan,
    isOnValue: key !== undefined && offset > keySpan.to,
    expression: expressionAt(line, start, offset),
    isFlow: false,
    isQuoted: /^["']/.test(value),
    mappings: 0,
  };
}

function cursorInFlow(text: string, offset: number, flow: Flow): Cursor {
  const innermost = flow.levels.at(-1);
  const entry = innermost?.entry;
  const here = { from: offset, to: offset };
  const isNamed = entry?.key != null && entry.valueFrom !== null;
  const isOnValue = entry?.valueFrom != null && offset >= entry.valueFrom;
  // A word without a colon may become a key, as on a line of its own.
  const valueSpan = reaching(entry?.valueFrom == null ? (entry?.key ?? entry?.value) : entry.value, offset) ?? here;
  const keySpan = isNamed && entry?.key != null ? withoutQuotes(text, entry.key) : here;
  const value = text.slice(valueSpan.from, valueSpan.to);
  const start = lineStart(text, offset);
  return {
    around: aroundFlow(text, flow),
    key: isNamed ? text.slice(keySpan.from, keySpan.to) : null,
    keySpan,
    value,
    valueSpan,
    isOnValue,
    expression: expressionAt(text.slice(start, lineEnd(text, offset)).trimEnd(), start, offset),
    isFlow: true,
    isQuoted: /^["']/.test(value),
    mappings: flow.levels.length - 1 - flow.levels.findLastIndex(({ isMapping }) => !isMapping),
  };
}

/** What is written at the cursor or directly before it. */
function reaching(span: Span | null | undefined, offset: number): Span | null {
  return span != null && span.from <= offset && offset <= span.to ? span : null;
}

function withoutQuotes(text: string, { from, to }: Span): Span {
  return /^(["']).*\1$/s.test(text.slice(from, to)) ? { from: from + 1, to: to - 1 } : { from, to };
}

/** The keys that lead to the outermost bracket. */
function aroundBracket(text: string, { lineFrom }: Flow): (string | number)[] {
  const [, blanks = "", dashes = "", , key] = LINE.exec(text.slice(lineFrom, lineEnd(text, lineFrom)).trimEnd()) ?? [];
  const outside = around(text, lineFrom, blanks.length + dashes.length, dashes !== "");
  return key === undefined ? outside : [...outside, key];
}

function aroundFlow(text: string, flow: Flow): (string | number)[] {
  const inside = flow.levels.map(({ isMapping, entry }, level): string | number | null =>
    // The key that the cursor is on is no key around it.
    isMapping ? (level === flow.levels.length - 1 || entry.key === null ? null : wordOf(text, entry.key)) : 0,
  );
  return [...aroundBracket(text, flow), ...inside.filter((one) => one !== null)];
}

/** The keys that a line with some blanks before it stands under. */
function around(text: string, start: number, indent: number, isItem: boolean): (string | number)[] {
  const found: (string | number)[] = isItem ? [0] : [];
  let least = indent;
  for (let at = start; at > 0 && least > 0; ) {
    const above = lineStart(text, at - 1);
    const [, blanks = "", dashes = "", key] = ENTRY.exec(text.slice(above, at)) ?? [];
    const column = blanks.length + dashes.length;
    // The items of a list may stand right under its key.
    const isParent = key !== undefined && (column < least || (isItem && found.length === 1 && column < least));
    if (isParent) {
      found.unshift(...(dashes === "" ? [key] : [0, key]));
      least = dashes === "" ? column : blanks.length + 1;
    }
    at = above;
  }
  return found;
}

function expressionAt(line: string, start: number, offset: number): Span | null {
  const column = offset - start;
  const open = line.lastIndexOf("${{", column);
  const from = open + 3;
  if (open < 0 || from > column || line.slice(from, column).includes("}}")) {
    return null;
  }
  const blanks = /^\s*/.exec(line.slice(from))?.[0].length ?? 0;
  const length = /^[\w.-]*/.exec(line.slice(from + blanks))?.[0].length ?? 0;
  const name = { from: start + from + blanks, to: start + from + blanks + length };
  return offset <= name.to ? { from: Math.min(name.from, offset), to: Math.max(name.to, offset) } : null;
}

/** The keys of the mapping that a number of keys lead to, with what stands behind them on their lines. */
export function writtenAt(text: string, offset: number, depth: number): Map<string, string> {
  const flow = flowAt(text, offset);
  const level = flow === null ? -1 : depth - aroundBracket(text, flow).length;
  return flow === null
    ? writtenOnLines(text, offset, depth)
    : level < 0
      ? writtenOnLines(text, keyOffset(text, flow.lineFrom), depth)
      : writtenInFlow(text, flow, level);
}

const keyOffset = (text: string, lineFrom: number): number =>
  lineFrom + (/[^\s-]/.exec(text.slice(lineFrom))?.index ?? 0);

function writtenInFlow(text: string, flow: Flow, level: number): Map<string, string> {
  const entries = flow.levels[level]?.entries ?? [];
  return new Map(
    entries.flatMap(({ key, value, valueFrom }) =>
      key === null || valueFrom === null
        ? []
        : [[wordOf(text, key), value === null ? "" : wordOf(text, value)] as const],
    ),
  );
}

function writtenOnLines(text: string, offset: number, depth: number): Map<string, string> {
  const found = new Map<string, string>();
  const lines = text.split("\n");
  const current = text.slice(0, lineStart(text, offset)).split("\n").length - 1;
  const now = lines[current] ?? "";
  // On an empty line the cursor says how far to the right it is.
  const start = now.trim() === "" ? offset - lineStart(text, offset) : blanksOf(now);
  const parent = ancestorLine(lines, current, start, depth, cursorOnLine(text, offset).around.length);
  if (parent === null) {
    return found;
  }
  const indent = blanksOf(lines[parent] ?? "");
  let column = -1;
  for (const line of lines.slice(parent + 1)) {
    if (line.trim() === "" || line.trimStart().startsWith("#")) {
      continue;
    }
    if (blanksOf(line) <= indent) {
      break;
    }
    column = column < 0 ? blanksOf(line) : column;
    const key = blanksOf(line) === column ? ENTRY.exec(line)?.[3] : undefined;
    if (key !== undefined) {
      found.set(key, plainValue(line.slice(line.indexOf(":") + 1)));
    }
  }
  return found;
}

const plainValue = (text: string): string =>
  text
    .replace(/\s+#.*$/, "")
    .trim()
    .replace(/^(["'])(.*)\1$/, "$2");

const blanksOf = (line: string): number => line.length - line.trimStart().length;

/** The line of the key that stands at some depth around a line. */
function ancestorLine(
  lines: readonly string[],
  current: number,
  indent: number,
  depth: number,
  length: number,
): number | null {
  let least = indent;
  let left = length;
  for (let at = current - 1; at >= 0; at -= 1) {
    const line = lines[at] ?? "";
    if (ENTRY.test(line) && blanksOf(line) < least) {
      least = blanksOf(line);
      left -= 1;
      if (left === depth - 1) {
        return at;
      }
    }
  }
  return null;
}

export interface StepPath {
  /** The key of the step, as in the view. */
  key: string;
  scope: string;
  /** How many of the keys lead to it. */
  depth: number;
  /** The keys inside it. */
  inside: readonly (string | number)[];
}

/** The innermost step that some keys lead into. */
export function stepAround(around: readonly (string | number)[]): StepPath | null {
  let found: StepPath | null = null;
  let at = 0;
  let key = "";
  while (around[at] === "jobs" && around[at + 1] !== undefined) {
    const scope: string = key;
    key = scope === "" ? String(around[at + 1]) : `${scope}/${String(around[at + 1])}`;
    found = { key, scope, depth: at + 2, inside: around.slice(at + 2) };
    if (around[at + 2] !== "component") {
      break;
    }
    at += 3;
  }
  return found;
}
