/**
 * The tree of a text that is written as most pipelines are: block mappings, lists of texts, values on one line.
 *
 * Twenty times faster than a whole YAML parser, which counts where a thousand steps are read at once. Everything else
 * (flow style, texts over several lines, anchors, tags, tabs, mistakes) is none of its business: it then says null,
 * and the parser reads the text. A test holds both to the same tree.
 */

import { readPlain } from "./scalar";
import type { Entry, ListNode, MapNode, Node, ScalarNode } from "./tree";

/** The tree of a text, or null where it is not so simple. */
export function readPlainTree(text: string): Node | null {
  const lines = linesOf(text);
  if (lines === null || lines.length === 0) {
    return null;
  }
  const reader = new Reader(text, lines);
  const root = reader.map(lines[0]?.indent ?? 0);
  return root !== null && reader.isDone ? root : null;
}

interface Line {
  /** Where its first sign that is no blank stands. */
  from: number;
  /** Behind its last sign, a comment left out. */
  to: number;
  indent: number;
}

/** The lines that say something. */
function linesOf(text: string): Line[] | null {
  if (/[\t\r\u0085\u2028\u2029\uFEFF]/.test(text)) {
    return null;
  }
  const lines: Line[] = [];
  for (let at = 0; at < text.length; ) {
    const next = text.indexOf("\n", at);
    const end = next < 0 ? text.length : next;
    let from = at;
    while (from < end && text.charCodeAt(from) === 32) {
      from += 1;
    }
    if (from < end && text[from] !== "#") {
      let to = end;
      while (text.charCodeAt(to - 1) === 32) {
        to -= 1;
      }
      lines.push({ from, to, indent: from - at });
    }
    at = end + 1;
  }
  return lines;
}

const KEY = /^([A-Za-z_$][\w$.-]*):(?: +|$)/;
// Quoted without escapes, and at most a comment behind it.
const QUOTED = /^(?:"([^"\\]*)"|'([^']*)')(?: +#.*)?$/;
const PLAIN_START = /^(?:[^\s#&*!|>%@`"'{}[\],?:-]|-[^\s-])/;

class Reader {
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly lines: readonly Line[],
  ) {}

  get isDone(): boolean {
    return this.at === this.lines.length;
  }

  map(indent: number): MapNode | null {
    const entries: Entry[] = [];
    const keys = new Set<string>();
    const from = this.lines[this.at]?.from ?? 0;
    let to = from;
    for (let line = this.lines[this.at]; line !== undefined && line.indent >= indent; line = this.lines[this.at]) {
      const text = this.text.slice(line.from, line.to);
      const match = line.indent === indent ? KEY.exec(text) : null;
      const key = match?.[1];
      if (match === null || key === undefined || keys.has(key)) {
        return null;
      }
      keys.add(key);
      this.at += 1;
      const keyTo = line.from + key.length;
      const value = this.value(text.slice(match[0].length), line.from + match[0].length, keyTo + 1, indent);
      if (value === null) {
        return null;
      }
      to = Math.max(keyTo, value.to);
      entries.push({ key, keyFrom: line.from, keyTo, value, isMerged: false });
    }
    return { kind: "map", from, to, isAlias: false, isFlow: false, entries };
  }

  /** What stands behind a key: on its line, or on the lines below it. */
  private value(rest: string, from: number, colon: number, indent: number): Node | null {
    const next = this.lines[this.at];
    if (rest !== "" && !rest.startsWith("#")) {
      // A text that goes on below is not so simple.
      return next !== undefined && next.indent > indent ? null : scalar(rest, from);
    }
    if (next === undefined || next.indent < indent) {
      return { kind: "scalar", from: colon, to: colon, isAlias: false, value: null, style: "plain" };
    }
    if (this.text.startsWith("- ", next.from)) {
      return this.list(next.indent);
    }
    return next.indent > indent
      ? this.map(next.indent)
      : { kind: "scalar", from: colon, to: colon, isAlias: false, value: null, style: "plain" };
  }

  private list(indent: number): ListNode | null {
    const items: Node[] = [];
    const from = this.lines[this.at]?.from ?? 0;
    for (let line = this.lines[this.at]; line !== undefined && line.indent >= indent; line = this.lines[this.at]) {
      const text = this.text.slice(line.from, line.to);
      const blanks = /^- +/.exec(text)?.[0].length ?? 0;
      if (blanks === 0 && line.indent === indent && !text.startsWith("-")) {
        break;
      }
      const item = blanks === 0 || line.indent > indent ? null : scalar(text.slice(blanks), line.from + blanks);
      if (item === null) {
        return null;
      }
      this.at += 1;
      items.push(item);
    }
    return { kind: "list", from, to: items.at(-1)?.to ?? from, isAlias: false, isFlow: false, items };
  }
}

function scalar(rest: string, from: number): ScalarNode | null {
  const quoted = QUOTED.exec(rest);
  if (quoted !== null) {
    const value = quoted[1] ?? quoted[2] ?? "";
    const style = quoted[1] === undefined ? "single" : "double";
    return { kind: "scalar", from, to: from + value.length + 2, isAlias: false, value, style };
  }
  const comment = rest.indexOf(" #");
  const text = comment < 0 ? rest : rest.slice(0, comment).trimEnd();
  if (!PLAIN_START.test(rest) || text.includes(": ") || text.endsWith(":")) {
    return null;
  }
  return { kind: "scalar", from, to: from + text.length, isAlias: false, value: readPlain(text), style: "plain" };
}
