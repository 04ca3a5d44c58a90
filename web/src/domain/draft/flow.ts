/**
 * What the text cursor is in between `{` and `}`, `[` and `]`, while any of it is half written.
 *
 * Only the outermost bracket is found by indentation. A line that stands as far left as the one with that bracket, and
 * has a key, ends what was left open.
 */

import { ENTRY, LINE } from "./line";
import { lineEnd, type Span } from "./text";

interface Entry {
  key: Span | null;
  /** Behind its colon. */
  valueFrom: number | null;
  value: Span | null;
}

interface Frame {
  isMapping: boolean;
  /** The last one is not at its end yet. Of one that holds a mapping or a list, `value` is null. */
  entries: Entry[];
}

export interface Flow {
  /** Where the line begins that has the outermost bracket. */
  lineFrom: number;
  /** Outermost first. */
  levels: readonly { isMapping: boolean; entry: Entry; entries: readonly Entry[] }[];
}

let last: { text: string; offset: number; flow: Flow | null } | null = null;

/** What the cursor is in; null when it is in no bracket. */
export function flowAt(text: string, offset: number): Flow | null {
  // One stroke of a key asks for the same place several times.
  if (last === null || last.text !== text || last.offset !== offset) {
    last = { text, offset, flow: foundAt(text, offset) };
  }
  return last.flow;
}

/** A piece of text without its quotes. */
export function wordOf(text: string, { from, to }: Span): string {
  return text.slice(from, to).replace(/^(["'])(.*)\1$/s, "$2");
}

const BLOCK_SCALAR = /^(?:[&!]\S*\s+)*[|>][+\-\d]*\s*(?:#.*)?$/;
const OPEN = /^(?:[&!]\S*\s+)*(?=[{[])/;

/** Most lines have none of these, and there are thousands. */
const OPENS = /[{[|>]/;

function foundAt(text: string, offset: number): Flow | null {
  for (let at = 0; at < offset; ) {
    const next = lineEnd(text, at);
    const line = text.slice(at, next).trimEnd();
    if (!OPENS.test(line)) {
      at = next;
      continue;
    }
    const [, blanks = "", , , , rest = ""] = LINE.exec(line) ?? [];
    const before = OPEN.exec(rest)?.[0];
    if (before !== undefined) {
      const open = at + line.length - rest.length + before.length;
      const { levels, end } = scanned(text, open, blanks.length, offset);
      if (levels.length > 0) {
        return { lineFrom: at, levels };
      }
      at = Math.max(next, end);
    } else {
      at = BLOCK_SCALAR.test(rest) ? behindScalar(text, next, blanks.length) : next;
    }
  }
  return null;
}

/** Behind the lines that stand further to the right, or are empty. */
function behindScalar(text: string, from: number, indent: number): number {
  let at = from;
  while (at < text.length) {
    const next = lineEnd(text, at);
    const line = text.slice(at, next);
    if (line.trim() !== "" && line.length - line.trimStart().length <= indent) {
      break;
    }
    at = next;
  }
  return at;
}

/** Reads from a bracket to its end; *levels* are those around the cursor, none when it is not inside. */
function scanned(text: string, open: number, indent: number, offset: number): { levels: Flow["levels"]; end: number } {
  const stack: Frame[] = [];
  let levels: Flow["levels"] | null = null;
  let at = open;
  while (at < text.length) {
    if (levels === null && at >= offset) {
      levels = levelsOf(stack);
    }
    const sign = text[at] ?? "";
    if (sign === "{" || sign === "[") {
      stack.push({ isMapping: sign === "{", entries: [emptyEntry()] });
      at += 1;
    } else if (sign === "}" || sign === "]") {
      stack.pop();
      at += 1;
      if (stack.length === 0) {
        return { levels: levels ?? [], end: lineEnd(text, at - 1) };
      }
    } else if (sign === "\n" && isNewBlock(text, at + 1, indent)) {
      break;
    } else {
      at = read(text, at, stack.at(-1));
    }
  }
  return { levels: levels ?? (at >= text.length ? levelsOf(stack) : []), end: at + 1 };
}

const emptyEntry = (): Entry => ({ key: null, valueFrom: null, value: null });

const levelsOf = (stack: readonly Frame[]): Flow["levels"] =>
  stack.map(({ isMapping, entries }) => ({ isMapping, entries, entry: entries.at(-1) ?? emptyEntry() }));

function isNewBlock(text: string, from: number, indent: number): boolean {
  const [, blanks = ""] = ENTRY.exec(text.slice(from, lineEnd(text, from))) ?? [null, " ".repeat(indent + 1)];
  return blanks.length <= indent;
}

/** Read a comma, a colon, a comment, blanks or a scalar; return where it ends. */
function read(text: string, at: number, frame: Frame | undefined): number {
  const entry = frame?.entries.at(-1);
  if (frame === undefined || entry === undefined) {
    return at + 1;
  }
  const sign = text[at] ?? "";
  if (sign === ",") {
    frame.entries.push(emptyEntry());
    return at + 1;
  }
  if (/\s/.test(sign)) {
    return at + 1;
  }
  if (sign === "#" && /\s/.test(text[at - 1] ?? " ")) {
    const end = text.indexOf("\n", at);
    return end < 0 ? text.length : end;
  }
  if (sign === ":" && frame.isMapping && entry.valueFrom === null) {
    entry.valueFrom = at + 1;
    return at + 1;
  }
  const isKey = frame.isMapping && entry.valueFrom === null;
  const to = scalarEnd(text, at, isKey);
  if (isKey) {
    entry.key ??= { from: at, to };
  } else {
    entry.value ??= { from: at, to };
  }
  return to;
}

const QUOTED = /"(?:[^"\\\n]|\\.)*"?|'(?:[^'\n]|'')*'?/y;
/** An expression holds braces and is read as one; without quotes it is wrong here, and yet often typed first. */
const KEY = /(?:\$\{\{[^{}\n,]*(?:\}\})?|\$\{(?!\{)|:(?![\s,{}[\]]|$)|[^\s:,{}[\]]|[^\S\n]+(?=[^\s:,{}[\]#]))+/my;

/** The same behind a colon, where one more is a part of it, be it the last sign as long as somebody types. */
const VALUE = /(?:\$\{\{[^{}\n,]*(?:\}\})?|\$\{(?!\{)|[^\s,{}[\]]|[^\S\n]+(?=[^\s,{}[\]#]))+/y;

function scalarEnd(text: string, at: number, isKey: boolean): number {
  const pattern = text[at] === '"' || text[at] === "'" ? QUOTED : isKey ? KEY : VALUE;
  pattern.lastIndex = at;
  return at + Math.max(1, pattern.exec(text)?.[0].length ?? 1);
}
