/**
 * A text cut into the parts that can be read alone: one for each step, one for the rest.
 *
 * A thousand steps take a second to read; one takes a millisecond. So a part is read only when its text is new.
 * Where the cut could be wrong (anchors, flow style, strange indentation), the text is read as a whole:
 * the answer is the same, only later.
 */

import { type Entry, entryOf, type Fault, type MapNode, type Node, nodeAt, readTree, type Tree } from "./tree";

export interface StepPart {
  name: string;
  entry: Entry;
  /** What to add to a place in the tree for its place in the text. */
  base: number;
  /** Where the line of its name begins: places in the view count from there. */
  at: number;
}

export interface Parts {
  /** All but the steps. */
  head: Node;
  /** Where the steps were cut out of the head's text, and how much of it. */
  gap: { at: number; length: number };
  steps: ReadonlyMap<string, StepPart>;
  fault: Fault | null;
  /** What was read, by text: for the next time. */
  trees: ReadonlyMap<string, Tree>;
}

const NONE: ReadonlyMap<string, Tree> = new Map();

/** Read a text; what is in *known* is not read again. */
export function readParts(text: string, known: ReadonlyMap<string, Tree> = NONE): Parts {
  const cuts = cutsOf(text);
  return (cuts !== null ? readCut(text, cuts, known) : null) ?? readWhole(text, known);
}

interface Cuts {
  /** Where the lines of the steps begin; the last is where the steps end. */
  starts: number[];
}

const JOBS = /^jobs[ \t]*:[ \t]*(?:#[^\n]*)?\r?$/;
const OTHER_START = /^(?:---|\.\.\.|%|["'?-]|\uFEFF|\t)/;

/** The lines at which steps begin, by indentation alone; null where that is not plain to see. */
function cutsOf(text: string): Cuts | null {
  let indent = 0;
  let isInside = false;
  let hasSteps = false;
  const starts: number[] = [];
  for (let at = 0; at < text.length; ) {
    const next = text.indexOf("\n", at);
    const end = next < 0 ? text.length : next;
    let first = at;
    while (first < end && text.charCodeAt(first) === 32) {
      first += 1;
    }
    const sign = text[first];
    const isBlank = first === end || sign === "\r" || sign === "#";
    if (!isBlank && first === at) {
      const line = text.slice(at, end);
      if (isInside) {
        starts.push(at);
        isInside = false;
      }
      if (JOBS.test(line)) {
        if (hasSteps) {
          return null;
        }
        isInside = hasSteps = true;
      } else if (OTHER_START.test(line)) {
        return null;
      }
    } else if (!isBlank && isInside) {
      indent = indent || first - at;
      if (first - at === indent) {
        starts.push(at);
      } else if (first - at < indent) {
        return null;
      }
    }
    at = end + 1;
  }
  if (isInside) {
    starts.push(text.length);
  }
  return starts.length > 1 ? { starts } : null;
}

function readCut(text: string, { starts }: Cuts, known: ReadonlyMap<string, Tree>): Parts | null {
  const trees = new Map<string, Tree>();
  const read = (piece: string): Tree => {
    const tree = known.get(piece) ?? trees.get(piece) ?? readTree(piece);
    trees.set(piece, tree);
    return tree;
  };
  const from = starts[0] ?? 0;
  const to = starts.at(-1) ?? text.length;
  const head = read(text.slice(0, from) + text.slice(to));
  const gap = { at: from, length: to - from };
  if (head.hasAnchors || head.root.kind !== "map") {
    return null;
  }
  let fault = head.fault === null ? null : inText(head.fault, gap);
  const steps = new Map<string, StepPart>();
  for (let position = 0; position + 1 < starts.length; position += 1) {
    const at = starts[position] as number;
    const end = starts[position + 1] as number;
    const tree = read(text.slice(at, end));
    const entry = tree.root.kind === "map" && tree.root.entries.length === 1 ? tree.root.entries[0] : undefined;
    if (tree.hasAnchors) {
      return null;
    }
    if (tree.fault !== null || entry === undefined) {
      const after = starts[position + 2];
      // Perhaps the cut is wrong: a bracket may be closed where a step could begin.
      if (after === undefined ? entry === undefined : readTree(text.slice(at, after)).fault === null) {
        return null;
      }
      fault ??= { ...moved(tree.fault ?? { message: "This is no step", from: 0, to: 1 }, at) };
    } else if (steps.has(entry.key)) {
      fault ??= { message: `Two steps are called \`${entry.key}\``, from: at + entry.keyFrom, to: at + entry.keyTo };
    } else {
      steps.set(entry.key, { name: entry.key, entry, base: at, at });
    }
  }
  return { head: head.root, gap, steps, fault, trees };
}

const moved = (fault: Fault, by: number): Fault => ({ ...fault, from: fault.from + by, to: fault.to + by });

function inText(fault: Fault, gap: { at: number; length: number }): Fault {
  return fault.from >= gap.at ? moved(fault, gap.length) : fault;
}

function readWhole(text: string, known: ReadonlyMap<string, Tree>): Parts {
  const tree = known.get(text) ?? readTree(text);
  const steps = new Map<string, StepPart>();
  const jobs = nodeAt(tree.root, ["jobs"]);
  for (const entry of jobs?.kind === "map" ? jobs.entries : []) {
    const at = text.lastIndexOf("\n", entry.keyFrom - 1) + 1;
    steps.set(entry.key, { name: entry.key, entry, base: 0, at });
  }
  const trees = new Map([[text, tree]]);
  return {
    head: tree.root,
    gap: { at: text.length, length: 0 },
    steps,
    fault: tree.fault ?? shapeFault(tree.root),
    trees,
  };
}

function shapeFault(root: Node): Fault | null {
  if (root.kind === "map" || (root.kind === "scalar" && root.value === null)) {
    return null;
  }
  return { message: "A pipeline is a mapping: write `type: pipeline` and `jobs:`", from: root.from, to: root.to };
}

export interface Located {
  node: Node;
  base: number;
}

const EMPTY_MAP: MapNode = { kind: "map", from: 0, to: 0, isAlias: false, isFlow: false, entries: [] };

/** The node behind some keys, and what its places count from; `jobs` itself has no node where the text was cut. */
export function located(parts: Parts, path: readonly (string | number)[]): Located | undefined {
  const [first, second, ...rest] = path;
  if (first === "jobs" && second !== undefined) {
    const part = parts.steps.get(String(second));
    const node = nodeAt(part?.entry.value, rest);
    return part === undefined || node === undefined ? undefined : { node, base: part.base };
  }
  const node = path.length === 0 ? parts.head : nodeAt(parts.head, path);
  return node === undefined ? undefined : { node, base: baseInHead(parts, node.from) };
}

export interface LocatedEntry {
  entry: Entry;
  base: number;
  /** The mapping that it stands in; of a step at the top, an empty one. */
  parent: MapNode;
}

/** The entry of a mapping behind some keys. */
export function locatedEntry(parts: Parts, path: readonly (string | number)[]): LocatedEntry | undefined {
  const key = String(path.at(-1));
  if (path.length === 2 && path[0] === "jobs") {
    const part = parts.steps.get(key);
    const jobs = nodeAt(parts.head, ["jobs"]);
    const parent = jobs?.kind === "map" && part?.base === 0 ? jobs : EMPTY_MAP;
    return part === undefined ? undefined : { entry: part.entry, base: part.base, parent };
  }
  const parent = located(parts, path.slice(0, -1));
  const entry = entryOf(parent?.node, key);
  if (parent === undefined || parent.node.kind !== "map" || entry === undefined) {
    return undefined;
  }
  const base = path[0] === "jobs" && path.length > 1 ? parent.base : baseInHead(parts, entry.keyFrom);
  return { entry, base, parent: parent.node };
}

/** What to add to a place in the head. */
export const baseInHead = (parts: Parts, offset: number): number => (offset >= parts.gap.at ? parts.gap.length : 0);
