/**
 * A change of a text, as data.
 *
 * A list of splices is done one after another: each place counts in the text that the ones before it left.
 */

export interface Splice {
  at: number;
  /** What stood there. */
  before: string;
  /** What stands there now. */
  after: string;
}

/** From one offset to another; the character at `to` is no part of it. */
export interface Span {
  from: number;
  to: number;
}

/** The text with the splices done. Throws where a splice is not about this text: the caller mixed up two of them. */
export function spliced(text: string, splices: readonly Splice[]): string {
  return isDescending(splices) ? splicedAtOnce(text, splices) : splices.reduce(splicedOnce, text);
}

/** The splices that lead back. */
export function inverted(splices: readonly Splice[]): Splice[] {
  return splices.map(({ at, before, after }) => ({ at, before: after, after: before })).reverse();
}

/** Splices that each count in the same text, in the order in which they can be done one after another. */
export function inOrder(splices: readonly Splice[]): Splice[] {
  return splices
    .map((splice, position) => ({ splice, position }))
    .sort((a, b) => b.splice.at - a.splice.at || b.position - a.position)
    .map(({ splice }) => splice);
}

/** The one splice that makes one text of another: what both begin and end with is left alone. */
export function differenceOf(before: string, after: string): Splice[] {
  if (before === after) {
    return [];
  }
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before.charCodeAt(head) === after.charCodeAt(head)) {
    head += 1;
  }
  let tail = 0;
  while (
    tail < shorter - head &&
    before.charCodeAt(before.length - 1 - tail) === after.charCodeAt(after.length - 1 - tail)
  ) {
    tail += 1;
  }
  return [
    { at: head, before: before.slice(head, before.length - tail), after: after.slice(head, after.length - tail) },
  ];
}

/** Where a place of the text is after the splices; one inside what was replaced is at its end. */
export function shifted(offset: number, splices: readonly Splice[]): number {
  let now = offset;
  for (const { at, before, after } of splices) {
    if (now >= at + before.length) {
      now += after.length - before.length;
    } else if (now > at) {
      now = at + after.length;
    }
  }
  return now;
}

export interface LineColumn {
  /** Both from 1. */
  line: number;
  column: number;
}

/** The line and column of an offset. */
export function lineColumnOf(text: string, offset: number): LineColumn {
  let line = 1;
  let start = 0;
  for (let end = text.indexOf("\n"); end >= 0 && end < offset; end = text.indexOf("\n", start)) {
    line += 1;
    start = end + 1;
  }
  return { line, column: offset - start + 1 };
}

/** The offset of a line and column, both from 1; of one behind the last, the end of the text. */
export function offsetOf(text: string, { line, column }: LineColumn): number {
  let start = 0;
  for (let passed = 1; passed < line; passed += 1) {
    const end = text.indexOf("\n", start);
    if (end < 0) {
      return text.length;
    }
    start = end + 1;
  }
  return Math.min(text.length, start + Math.max(0, column - 1));
}

/** Where the line of an offset begins. */
export const lineStart = (text: string, offset: number): number => text.lastIndexOf("\n", offset - 1) + 1;

/** Behind the line's last character and its line end. */
export function lineEnd(text: string, offset: number): number {
  const end = text.indexOf("\n", offset);
  return end < 0 ? text.length : end + 1;
}

/** How lines end here. */
export const lineBreakOf = (text: string): string => {
  const first = text.indexOf("\n");
  return first > 0 && text[first - 1] === "\r" ? "\r\n" : "\n";
};

function isDescending(splices: readonly Splice[]): boolean {
  return splices.every((splice, position) => {
    const next = splices[position + 1];
    return next === undefined || next.at + next.before.length <= splice.at;
  });
}

function splicedAtOnce(text: string, splices: readonly Splice[]): string {
  const pieces: string[] = [];
  let end = text.length;
  for (const splice of splices) {
    assertFits(text, splice);
    pieces.push(text.slice(splice.at + splice.before.length, end), splice.after);
    end = splice.at;
  }
  return pieces.reduceRight((whole, piece) => whole + piece, text.slice(0, end));
}

function splicedOnce(text: string, splice: Splice): string {
  assertFits(text, splice);
  return text.slice(0, splice.at) + splice.after + text.slice(splice.at + splice.before.length);
}

function assertFits(text: string, { at, before }: Splice): void {
  if (!text.startsWith(before, at)) {
    throw new Error(`This change is of another text: at ${at} there is no ${JSON.stringify(before.slice(0, 40))}.`);
  }
}
