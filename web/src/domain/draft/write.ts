/**
 * The smallest changes of a text: an entry added, changed, renamed, taken away.
 *
 * Every other character stays. Each function gives splices that all count in the draft's text, in the order of
 * `inOrder`; several of them can be put together as long as they touch different places.
 *
 * Not here: what an edit means (`apply.ts` and the files beside it).
 */

import { colonEnd, columnOf, indented, indentOf, withBlankLines, withComments } from "./line";
import { type LocatedEntry, located, locatedEntry } from "./parts";
import type { Value, YamlPath } from "./pipeline";
import type { Draft } from "./read";
import { behindKey, blockOf, isMapping, onLine, textOnLine } from "./scalar";
import { inOrder, lineBreakOf, lineEnd, lineStart, type Span, type Splice } from "./text";
import type { Entry, MapNode, Node } from "./tree";

/** Why an edit cannot be done, in words for a person. */
export class Refusal extends Error {}

/** Put a value behind some keys, and the mappings around it where they are missing. Null: a key with nothing behind it. */
export function setValue(draft: Draft, path: YamlPath, value: Value, after?: string): Splice[] {
  const [depth, around] = deepest(draft, path);
  if (depth === path.length) {
    return replaceValue(draft, path, value);
  }
  const rest = path.slice(depth).map(String);
  const whole = rest.slice(1).reduceRight<Value>((inner, key) => ({ [key]: inner }), value);
  const key = rest[0] as string;
  if (depth === 0 || (around.node.kind === "map" && around.node.entries.length > 0)) {
    const keys = around.node.kind === "map" ? around.node.entries.map((entry) => entry.key) : [];
    return addEntry(draft, path.slice(0, depth), key, whole, after ?? placeAmong(keys, key, depth));
  }
  if (around.node.kind === "map" || (around.node.kind === "scalar" && around.node.value === null)) {
    return replaceValue(draft, path.slice(0, depth), { [key]: whole });
  }
  throw new Refusal(`\`${path.slice(0, depth).join(".")}\` is no mapping, so that it can hold no \`${key}\``);
}

// How people order the keys of a pipeline, and those of a step.
const OF_PIPELINE =
  "$schema type name version display_name description experiment_name tags properties compute inputs outputs settings retry jobs";
const OF_STEP =
  "type component trial command code environment display_name description comment compute depends_on inputs outputs";

/** The key behind which people would write another one; undefined: behind all. */
function placeAmong(keys: readonly string[], key: string, depth: number): string | undefined {
  const order = (depth === 0 || keys.includes("jobs") ? OF_PIPELINE : OF_STEP).split(" ");
  const rank = order.indexOf(key);
  return rank < 0 && !keys.includes("jobs")
    ? undefined
    : keys.findLast((one) => order.indexOf(one) < (rank < 0 ? order.length - 1 : rank));
}

/** How much of a path exists, and what is there. */
function deepest(draft: Draft, path: YamlPath): [number, { node: Node; base: number }] {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const found = located(draft.parts, path.slice(0, depth));
    if (found !== undefined) {
      assertOwn(draft, path.slice(0, depth));
      return [depth, found];
    }
  }
  return [0, { node: draft.parts.head, base: 0 }];
}

function assertOwn(draft: Draft, path: YamlPath): void {
  for (let depth = 1; depth <= path.length; depth += 1) {
    const found = locatedEntry(draft.parts, path.slice(0, depth));
    if (found?.entry.isMerged || (found?.entry.value.isAlias && depth < path.length)) {
      throw new Refusal(
        `\`${path.slice(0, depth).join(".")}\` is written elsewhere, at an anchor: change it in the text`,
      );
    }
  }
}

const found = (draft: Draft, path: YamlPath): LocatedEntry => {
  const entry = locatedEntry(draft.parts, path);
  if (entry === undefined) {
    throw new Refusal(`there is no \`${path.join(".")}\``);
  }
  return entry;
};

/** Put another value in the place of one that is there, in the quotes that the old one had. */
export function replaceValue(draft: Draft, path: YamlPath, value: Value): Splice[] {
  const { entry, base, parent } = found(draft, path);
  assertOwn(draft, path);
  const colon = colonEnd(draft.text, entry.keyTo + base);
  const node = entry.value;
  if (isEqualScalar(node, value)) {
    return [];
  }
  const style = node.kind === "scalar" && !node.isAlias ? node.style : "plain";
  const quotes = typeof value === "string" ? style : "plain";
  const isFlow = parent.isFlow;
  const to = Math.max(colon, node.to + base);
  if (
    isFlow ||
    (isOnLine(value) && node.kind === "scalar" && node.to > node.from && value !== null && style !== "block")
  ) {
    const text = onLine(value, isFlow, quotes);
    if (node.to > node.from) {
      return [splice(draft, node.from + base, to, text)];
    }
    const mark = draft.text[colon - 1] === ":" ? " " : ": ";
    return [splice(draft, colon, colon, mark + text)];
  }
  const indent = columnOf(draft.text, entry.keyFrom + base) + indentOf(draft.text);
  const lineBreak = lineBreakOf(draft.text);
  const text = behindKey(value, indent, lineBreak, quotes);
  // The last line break of a text in lines is part of it, so that it has to be there.
  return [splice(draft, colon, to, to === draft.text.length && text.includes("\n") ? text + lineBreak : text)];
}

/** Put a piece of text, as it is, in the place of a value that stands on one line. */
export function replaceRaw(draft: Draft, path: YamlPath, raw: string): Splice[] {
  const { entry, base, parent } = found(draft, path);
  const node = entry.value;
  const isSafe =
    !parent.isFlow && node.kind === "scalar" && node.style !== "block" && node.to > node.from && !raw.includes("\n");
  return isSafe ? [splice(draft, node.from + base, node.to + base, raw)] : [];
}

const isOnLine = (value: Value): boolean =>
  !(isMapping(value) && Object.keys(value).length > 0) &&
  !(Array.isArray(value) && value.some((one) => typeof one === "object")) &&
  !(typeof value === "string" && value.includes("\n"));

const isEqualScalar = (node: Node, value: Value): boolean =>
  node.kind === "scalar" && !node.isAlias && node.value === value && (value !== null || node.to === node.from);

/** Add an entry behind another one (*after*), else behind the last. */
export function addEntry(draft: Draft, path: YamlPath, key: string, value: Value, after?: string): Splice[] {
  const lineBreak = lineBreakOf(draft.text);
  const block = (indent: number): string => blockOf({ [key]: value }, indent, lineBreak);
  return addText(draft, path, block, () => `${textOnLine(key, true)}: ${onLine(value, true)}`, after);
}

/** Add an entry as text: *block* gives its lines for an indentation, *flow* what it is on one line. */
export function addText(
  draft: Draft,
  path: YamlPath,
  block: (indent: number) => string,
  flow: () => string,
  after?: string,
): Splice[] {
  if (path.length > 0) {
    assertOwn(draft, [...path, ""]);
  }
  const siblings = entriesOf(draft, path);
  const position = siblings.findIndex(({ entry }) => entry.key === after);
  const last = position < 0 ? siblings.at(-1) : siblings[position];
  const lineBreak = lineBreakOf(draft.text);
  if (last === undefined) {
    return path.length === 0 ? addFirst(draft, block(0)) : replaceText(draft, path, block, lineBreak);
  }
  if (last.parent.isFlow) {
    return [splice(draft, last.to, last.to, `, ${flow()}`)];
  }
  const column = columnOf(draft.text, last.from);
  const end = lastLineEnd(draft.text, last);
  const gap = areSpaced(draft.text, siblings, position < 0 ? siblings.length - 1 : position) ? lineBreak : "";
  const isEnded = draft.text[end - 1] === "\n";
  const text = `${isEnded ? "" : lineBreak}${gap}${block(column)}${lineBreak}`;
  return [splice(draft, end, end, text)];
}

/** Put a first entry into a mapping that is empty, or a key that has nothing behind it. */
function replaceText(draft: Draft, path: YamlPath, block: (indent: number) => string, lineBreak: string): Splice[] {
  const { entry, base } = found(draft, path);
  const colon = colonEnd(draft.text, entry.keyTo + base);
  const indent = columnOf(draft.text, entry.keyFrom + base) + indentOf(draft.text);
  return [splice(draft, colon, Math.max(colon, entry.value.to + base), lineBreak + block(indent))];
}

function addFirst(draft: Draft, text: string): Splice[] {
  const lineBreak = lineBreakOf(draft.text);
  const end = draft.text.length;
  const isEnded = end === 0 || draft.text.endsWith("\n");
  return [splice(draft, end, end, isEnded ? `${text}${lineBreak}` : `${lineBreak}${text}${lineBreak}`)];
}

interface Placed {
  entry: Entry;
  parent: Pick<MapNode, "isFlow">;
  /** In the text. */
  from: number;
  to: number;
}

const IN_BLOCK = { isFlow: false };

/** The entries that a mapping has itself, in the order of the text. */
function entriesOf(draft: Draft, path: YamlPath): Placed[] {
  const { parts } = draft;
  if (path.length === 1 && path[0] === "jobs") {
    const jobs = located(parts, path)?.node;
    const parent = jobs?.kind === "map" ? jobs : IN_BLOCK;
    return [...parts.steps.values()].map(({ entry, base }) => placed(entry, parent, base));
  }
  const map = located(parts, path);
  if (map?.node.kind !== "map") {
    return [];
  }
  const node = map.node;
  return node.entries
    .filter((entry) => !entry.isMerged)
    .flatMap((entry) => {
      const own = locatedEntry(parts, [...path, entry.key]);
      const isJobs = path.length === 0 && entry.key === "jobs" && parts.gap.length > 0;
      return own === undefined ? [] : [isJobs ? jobsPlaced(draft, entry) : placed(entry, node, own.base)];
    });
}

const placed = (entry: Entry, parent: Pick<MapNode, "isFlow">, base: number): Placed => ({
  entry,
  parent,
  from: entry.keyFrom + base,
  to: Math.max(entry.keyTo, entry.value.to) + base,
});

/** `jobs` where its steps were cut out of the head: it ends where its last step does. */
function jobsPlaced(draft: Draft, entry: Entry): Placed {
  const last = [...draft.parts.steps.values()].at(-1);
  const to = last === undefined ? entry.keyTo : Math.max(last.entry.keyTo, last.entry.value.to) + last.base;
  return { entry, parent: IN_BLOCK, from: entry.keyFrom, to };
}

/** Behind the last line of an entry. The blank lines at the end of a `|+` text are part of it. */
function lastLineEnd(text: string, { entry, to }: Placed): number {
  let end = lineEnd(text, to);
  let node: Node | undefined = entry.value;
  while (node?.kind === "map" && !node.isFlow) {
    node = node.entries.at(-1)?.value;
  }
  if (
    node?.kind === "scalar" &&
    node.style === "block" &&
    /^[|>]\d?\+/.test(text.slice(to - (node.to - node.from), to))
  ) {
    while (end < text.length && text.slice(end, lineEnd(text, end)).trim() === "") {
      end = lineEnd(text, end);
    }
  }
  return end;
}

/** Whether blank lines stand between the entries of a mapping, there where one is added. */
function areSpaced(text: string, siblings: readonly Placed[], position: number): boolean {
  const [one, two] = position > 0 ? siblings.slice(position - 1) : siblings;
  return one !== undefined && two !== undefined && /\n[ \t]*\r?\n/.test(text.slice(one.to, two.from));
}

/** Give an entry another key. */
export function renameKey(draft: Draft, path: YamlPath, key: string): Splice[] {
  const { entry, base, parent } = found(draft, path);
  assertOwn(draft, path);
  return [splice(draft, entry.keyFrom + base, entry.keyTo + base, textOnLine(key, parent.isFlow))];
}

/**
 * Take entries of one mapping away, with the comments right above them.
 *
 * A mapping that is empty then goes too, but for the steps of a pipeline, which become `{}`.
 */
export function removeEntries(draft: Draft, path: YamlPath, keys: readonly string[]): Splice[] {
  const gone = new Set(keys);
  const siblings = entriesOf(draft, path);
  const kept = siblings.filter(({ entry }) => !gone.has(entry.key));
  for (const key of keys) {
    assertOwn(draft, [...path, key]);
  }
  if (kept.length === siblings.length) {
    return [];
  }
  if (kept.length === 0 && path.length > 0) {
    return path.at(-1) === "jobs"
      ? emptied(draft, path, siblings)
      : removeEntries(draft, path.slice(0, -1), [String(path.at(-1))]);
  }
  const spans = siblings[0]?.parent.isFlow ? flowSpans(siblings, gone) : blockSpans(draft.text, siblings, gone);
  return inOrder(merged(spans).map(({ from, to }) => splice(draft, from, to, "")));
}

function emptied(draft: Draft, path: YamlPath, siblings: readonly Placed[]): Splice[] {
  const { entry, base } = found(draft, path);
  const last = siblings.at(-1) as Placed;
  const colon = colonEnd(draft.text, entry.keyTo + base);
  const isFlow = last.parent.isFlow;
  return [splice(draft, colon, isFlow ? entry.value.to + base : last.to, " {}")];
}

function blockSpans(text: string, siblings: readonly Placed[], gone: ReadonlySet<string>): Span[] {
  return siblings.flatMap((one, position): Span[] => {
    if (!gone.has(one.entry.key)) {
      return [];
    }
    const start = lineStart(text, one.from);
    const next = siblings[position + 1];
    if (text.slice(start, one.from).trim() !== "" && next !== undefined) {
      // The first key behind a dash: what comes next takes its place.
      return [{ from: one.from, to: next.from }];
    }
    return [withBlankLines(text, { from: withComments(text, start, one.from - start), to: lastLineEnd(text, one) })];
  });
}

function flowSpans(siblings: readonly Placed[], gone: ReadonlySet<string>): Span[] {
  const found: Span[] = [];
  siblings.forEach((one, position) => {
    if (gone.has(one.entry.key)) {
      const before = siblings.slice(0, position).findLast(({ entry }) => !gone.has(entry.key));
      const next = siblings[position + 1];
      found.push(before === undefined ? { from: one.from, to: next?.from ?? one.to } : { from: before.to, to: one.to });
    }
  });
  return found;
}

function merged(spans: readonly Span[]): Span[] {
  const found: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const last = found.at(-1);
    if (last !== undefined && span.from <= last.to) {
      last.to = Math.max(last.to, span.to);
    } else {
      found.push({ ...span });
    }
  }
  return found;
}

/** The lines of an entry, its comments above included, without the indentation that they all have and the last line break. */
export function entryText(draft: Draft, path: YamlPath): string {
  const one = entriesOf(draft, path.slice(0, -1)).find(({ entry }) => entry.key === String(path.at(-1)));
  if (one === undefined) {
    throw new Refusal(`there is no \`${path.join(".")}\``);
  }
  if (one.parent.isFlow) {
    return draft.text.slice(one.from, one.to);
  }
  const start = lineStart(draft.text, one.from);
  const indent = one.from - start;
  const lines = draft.text.slice(withComments(draft.text, start, indent), lastLineEnd(draft.text, one));
  return indented(lines.replace(/\r?\n$/, ""), -indent);
}

/** Splice that puts *after* where *from* to *to* was. */
export function splice(draft: Draft, from: number, to: number, after: string): Splice {
  return { at: from, before: draft.text.slice(from, to), after };
}
