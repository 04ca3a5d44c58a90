/**
 * A part of the text as a tree in which everything knows where it stands.
 *
 * The only file that knows the `yaml` package. Its parser gives the places; what a scalar means is ours.
 */

import { type Alias, isAlias, isMap, isPair, isScalar, isSeq, type ParsedNode, parseDocument } from "yaml";
import type { Value } from "./pipeline";
import { readPlainTree } from "./plain-tree";
import { type QuoteStyle, readPlain } from "./scalar";

interface Common {
  /** Where it begins, and where its own characters end (no comment or line end behind it). */
  from: number;
  to: number;
  /** Written elsewhere: an alias stands here. Nothing below it may be changed through it. */
  isAlias: boolean;
}

export interface ScalarNode extends Common {
  kind: "scalar";
  value: string | number | boolean | null;
  style: QuoteStyle;
}

export interface Entry {
  key: string;
  keyFrom: number;
  keyTo: number;
  value: Node;
  /** Came by `<<`: it stands elsewhere. */
  isMerged: boolean;
}

export interface MapNode extends Common {
  kind: "map";
  isFlow: boolean;
  entries: readonly Entry[];
}

export interface ListNode extends Common {
  kind: "list";
  isFlow: boolean;
  items: readonly Node[];
}

export type Node = ScalarNode | MapNode | ListNode;

export interface Fault {
  message: string;
  from: number;
  to: number;
}

export interface Tree {
  root: Node;
  fault: Fault | null;
  /** Whether it names something elsewhere or is named there: then it cannot be read alone. */
  hasAnchors: boolean;
}

/** Read a text. With a fault, the root is whatever could be made of it. */
export function readTree(text: string): Tree {
  const root = readPlainTree(text);
  return root === null ? parsedTree(text) : { root, fault: null, hasAnchors: false };
}

/** Read a text by the YAML parser, however simple it is. */
export function parsedTree(text: string): Tree {
  const document = parseDocument(text, { schema: "failsafe", prettyErrors: false, logLevel: "silent", merge: false });
  const [error] = document.errors;
  const reader = new Reader(text);
  const root = reader.node(document.contents, 0);
  const fault =
    error === undefined ? reader.fault : { message: worded(error.message), from: error.pos[0], to: error.pos[1] };
  return { root, fault, hasAnchors: reader.hasAnchors || (error?.message.startsWith("Unresolved alias") ?? false) };
}

// The parser's words end with the line that it saw, or with how to switch the check off.
const worded = (message: string): string => message.replace(/:? at line[\s\S]*$/, "").trim();

class Reader {
  hasAnchors = false;
  fault: Fault | null = null;
  private readonly anchored = new Map<string, ParsedNode>();
  private readonly made = new Map<ParsedNode, Node | null>();

  constructor(private readonly text: string) {}

  node(source: ParsedNode | null, at: number): Node {
    if (source === null) {
      return { kind: "scalar", from: at, to: at, isAlias: false, value: null, style: "plain" };
    }
    if (isAlias(source)) {
      return this.alias(source);
    }
    if (source.anchor) {
      this.hasAnchors = true;
      this.anchored.set(source.anchor, source);
      // Until it is read, nothing in it can name it.
      this.made.set(source, null);
    }
    const made = this.plain(source);
    if (source.anchor) {
      this.made.set(source, made);
    }
    return made;
  }

  private plain(source: ParsedNode): Node {
    const [from, to] = source.range;
    if (isMap(source)) {
      const entries = this.entries(source.items as { key: ParsedNode; value: ParsedNode | null }[]);
      const isFlow = source.flow === true;
      return { kind: "map", from, to: isFlow ? to : endOf(entries, from), isAlias: false, isFlow, entries };
    }
    if (isSeq(source)) {
      const items = source.items.filter((one) => !isPair(one)).map((one) => this.node(one as ParsedNode | null, from));
      const isFlow = source.flow === true;
      return { kind: "list", from, to: isFlow ? to : (items.at(-1)?.to ?? to), isAlias: false, isFlow, items };
    }
    if (!isScalar(source)) {
      return this.node(null, from);
    }
    const style = styleOf(source.type);
    const text = style === "block" ? this.blockText(source) : String(source.value ?? "");
    const isPlain = style === "plain" && source.tag === undefined;
    // A block ends behind its last line break: the line break is the line's, not the text's.
    const end = style === "block" ? from + this.text.slice(from, to).trimEnd().length : to;
    return { kind: "scalar", from, to: end, isAlias: false, value: isPlain ? readPlain(text) : text, style };
  }

  /** A text in lines; the last line break is part of it only where it was written, as the server's parser has it. */
  private blockText(source: { value?: unknown; range: readonly [number, number, number] }): string {
    const text = String(source.value ?? "");
    const isCut = source.range[1] >= this.text.length && !this.text.endsWith("\n") && text.endsWith("\n");
    return isCut ? text.slice(0, -1) : text;
  }

  private alias(source: Alias.Parsed): Node {
    this.hasAnchors = true;
    const [from, to] = source.range;
    const target = this.anchored.get(source.source);
    const made = target === undefined ? null : (this.made.get(target) ?? null);
    return made === null
      ? { kind: "scalar", from, to, isAlias: true, value: null, style: "plain" }
      : { ...made, from, to, isAlias: true };
  }

  private entries(pairs: readonly { key: ParsedNode; value: ParsedNode | null }[]): Entry[] {
    const found: Entry[] = [];
    const merged: Entry[] = [];
    for (const pair of pairs) {
      const key = this.node(pair.key, 0);
      const value = this.behind(pair.value, key.to);
      const name = key.kind === "scalar" ? textOfKey(pair.key, key) : this.text.slice(key.from, key.to);
      if (name === "<<" && key.kind === "scalar" && key.style === "plain") {
        for (const one of value.kind === "list" ? value.items : [value]) {
          merged.push(...(one.kind === "map" ? one.entries.map((entry) => ({ ...entry, isMerged: true })) : []));
        }
      } else {
        found.push({ key: name, keyFrom: key.from, keyTo: key.to, value, isMerged: false });
      }
    }
    const own = new Set(found.map((entry) => entry.key));
    return [...found, ...merged.filter((entry) => !own.has(entry.key) && own.add(entry.key))];
  }

  /** A value; of nothing at all, the place right behind the colon. */
  private behind(source: ParsedNode | null, keyTo: number): Node {
    const colon = keyTo + (/^[ \t]*:/.exec(this.text.slice(keyTo, keyTo + 80))?.[0].length ?? 0);
    const made = this.node(source, colon);
    const isNothing = made.kind === "scalar" && made.from === made.to && made.style === "plain";
    return isNothing ? { ...made, from: colon, to: colon } : made;
  }
}

// A key such as `on` or `1` is the text that it is written with.
const textOfKey = (source: ParsedNode, key: ScalarNode): string =>
  isScalar(source) ? String(source.value ?? "") : String(key.value);

function endOf(entries: readonly Entry[], from: number): number {
  return entries.reduce((end, entry) => (entry.isMerged ? end : Math.max(end, entry.keyTo, entry.value.to)), from);
}

function styleOf(type: string | undefined): QuoteStyle {
  if (type === "QUOTE_SINGLE") {
    return "single";
  }
  if (type === "QUOTE_DOUBLE") {
    return "double";
  }
  return type === "BLOCK_LITERAL" || type === "BLOCK_FOLDED" ? "block" : "plain";
}

/** The entry of a mapping, if it is one and has it. */
export const entryOf = (node: Node | undefined, key: string): Entry | undefined =>
  node?.kind === "map" ? node.entries.find((entry) => entry.key === key) : undefined;

/** What stands behind some keys. */
export function nodeAt(node: Node | undefined, path: readonly (string | number)[]): Node | undefined {
  let now = node;
  for (const key of path) {
    now = now?.kind === "list" ? now.items[Number(key)] : entryOf(now, String(key))?.value;
  }
  return now;
}

const values = new WeakMap<Node, Value>();

/** A node as a plain value; the same one each time. */
export function plainOf(node: Node): Value {
  if (node.kind === "scalar") {
    return node.value;
  }
  const known = values.get(node);
  if (known !== undefined) {
    return known;
  }
  const made: Value =
    node.kind === "list"
      ? node.items.map(plainOf)
      : Object.fromEntries(node.entries.map((entry) => [entry.key, plainOf(entry.value)]));
  values.set(node, made);
  return made;
}
