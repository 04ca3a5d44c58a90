/** Lines of a text: their indentation, the comments above them, the blank lines around them. */

import { lineEnd, lineStart, type Span } from "./text";

/** A line that may have a key: blanks, dashes of list items, a quote, the key, what is behind its colon. */
export const LINE = /^(\s*)((?:-\s+)*)(?:("?)([^\s:"'{}[\],#&*!|>%@`-][^\s:"']*)\3:(?:\s+|$))?(.*)$/;

/** A line that has one: blanks, dashes, the key. */
export const ENTRY = /^(\s*)((?:-\s+)*)"?([^\s:"'{}[\],#&*!|>%@`-][^\s:"']*)"?\s*:(?:\s|$)/;

/** Where the comment lines right above a line begin that stand as far right as it. */
export function withComments(text: string, start: number, indent: number): number {
  let from = start;
  while (from > 0) {
    const above = lineStart(text, from - 1);
    const line = text.slice(above, from);
    if (line.trimStart().startsWith("#") && line.length - line.trimStart().length === indent) {
      from = above;
    } else {
      break;
    }
  }
  return from;
}

/** Of the blank lines on both sides of what goes, only those of one side stay. */
export function withBlankLines(text: string, { from, to }: Span): Span {
  // What goes first in its mapping has no blank line before it, and leaves none.
  const above = from === 0 ? "" : text.slice(lineStart(text, from - 1), from).trim();
  const isBlankBefore = above === "" || /:\s*(?:#.*)?$/.test(above);
  let end = to;
  while (isBlankBefore && end < text.length && text.slice(end, lineEnd(text, end)).trim() === "") {
    end = lineEnd(text, end);
  }
  let start = from;
  while (end === text.length && start > 0 && text.slice(lineStart(text, start - 1), start).trim() === "") {
    start = lineStart(text, start - 1);
  }
  return { from: start, to: end };
}

/** Behind the colon of a key, or behind the key where it has none (in a flow mapping). */
export function colonEnd(text: string, keyTo: number): number {
  let at = keyTo;
  while (text[at] === " " || text[at] === "\t") {
    at += 1;
  }
  return text[at] === ":" ? at + 1 : keyTo;
}

/** Lines moved to the right, or (*by* below zero) to the left as far as there are blanks. */
export function indented(text: string, by: number): string {
  return text
    .split("\n")
    .map((line) => {
      if (line.trim() === "") {
        return line;
      }
      const blanks = line.length - line.trimStart().length;
      return by >= 0 ? " ".repeat(by) + line : line.slice(Math.min(-by, blanks));
    })
    .join("\n");
}

export const columnOf = (text: string, offset: number): number => offset - lineStart(text, offset);

/** By how many blanks this text indents. */
export function indentOf(text: string): number {
  return /^[^\s#-][^\n]*:[ \t]*(?:#[^\n]*)?\r?\n(?:[ \t]*(?:#[^\n]*)?\r?\n)*( +)[^\s#-]/m.exec(text)?.[1]?.length ?? 2;
}
