/**
 * Where the steps of one pipeline name each other, and the pipeline's inputs and outputs.
 *
 * By expression anywhere in a step; by bare name in `depends_on`, in the blocks and bodies of control nodes,
 * and in the pipeline's `on_init` and `on_finalize`.
 */

import { expressionsIn, renamedIn, today } from "./expression";
import { located } from "./parts";
import type { Step, Value, YamlPath } from "./pipeline";
import type { Draft } from "./read";
import { textOnLine } from "./scalar";
import { inOrder, type Splice } from "./text";
import { type Node, plainOf, type ScalarNode } from "./tree";
import { pipelinePath, stepsIn } from "./work";
import { removeEntries, replaceValue } from "./write";

interface Mention {
  step: Step;
  /** From the step. */
  path: YamlPath;
  node: ScalarNode;
  base: number;
  isInFlow: boolean;
}

const BY_NAME = new Set(["depends_on", "body", "true_block", "false_block"]);
const AROUND = ["on_init", "on_finalize"];

/** Every text in the steps of a scope; what an inline pipeline holds is its own. */
function textsIn(draft: Draft, scope: string, visit: (mention: Mention) => void): void {
  for (const step of stepsIn(draft, scope)) {
    const found = located(draft.parts, step.path);
    if (found !== undefined) {
      walk(found.node, [], false, (node, path, isInFlow) => visit({ step, path, node, base: found.base, isInFlow }));
    }
  }
}

function walk(
  node: Node,
  path: YamlPath,
  isInFlow: boolean,
  visit: (node: ScalarNode, path: YamlPath, isInFlow: boolean) => void,
): void {
  if (node.isAlias) {
    return;
  }
  if (node.kind === "scalar") {
    if (typeof node.value === "string") {
      visit(node, path, isInFlow);
    }
  } else if (node.kind === "list") {
    for (const [position, item] of node.items.entries()) {
      walk(item, [...path, position], isInFlow || node.isFlow, visit);
    }
  } else {
    for (const entry of node.entries) {
      const isInner = path.length === 0 && entry.key === "component" && entry.value.kind === "map";
      if (!entry.isMerged && !isInner) {
        walk(entry.value, [...path, entry.key], isInFlow || node.isFlow, visit);
      }
    }
  }
}

const isByName = ({ path }: Mention): boolean => BY_NAME.has(String(path[0]));

/** Rename in every expression of a scope's steps; *rename* gets names as of today, `parent` first. */
export function renameInScope(
  draft: Draft,
  scope: string,
  rename: (names: readonly string[]) => readonly string[] | null,
): Splice[] {
  const found: Splice[] = [];
  textsIn(draft, scope, ({ node, base }) => {
    const from = node.from + base;
    found.push(...renamedIn(draft.text.slice(from, node.to + base), from, (names) => renamedNames(names, rename)));
  });
  return inOrder(found);
}

function renamedNames(
  names: readonly string[],
  rename: (names: readonly string[]) => readonly string[] | null,
): readonly string[] | null {
  const now = rename(today(names));
  // What was written in the old spelling stays in it.
  return now === null ? null : names[0] === "parent" ? now : now.slice(1);
}

/** Give a step another name wherever the pipeline names it, but for its own key. */
export function renameMentions(draft: Draft, scope: string, name: string, now: string): Splice[] {
  const found = renameInScope(draft, scope, (names) =>
    names[0] === "parent" && names[1] === "jobs" && names[2] === name
      ? ["parent", "jobs", now, ...names.slice(3)]
      : null,
  );
  textsIn(draft, scope, (mention) => {
    const { node, base, isInFlow } = mention;
    if (isByName(mention) && node.value === name) {
      const from = node.from + base;
      const before = draft.text.slice(from, node.to + base);
      found.push({ at: from, before, after: textOnLine(now, isInFlow, node.style) });
    }
  });
  for (const path of aroundPaths(draft, scope, new Set([name]))) {
    found.push(...replaceValue(draft, path, now));
  }
  return inOrder(found);
}

/** Where the pipeline's settings name one of some steps. */
function aroundPaths(draft: Draft, scope: string, names: ReadonlySet<string>): YamlPath[] {
  return AROUND.map((key) => [...pipelinePath(draft, scope), "settings", key]).filter((path) => {
    const node = located(draft.parts, path)?.node;
    return node?.kind === "scalar" && names.has(String(node.value));
  });
}

/** Whether an expression of a text is one that is meant. */
type Meant = (names: readonly string[]) => boolean;

const holds = (text: string, meant: Meant): boolean => expressionsIn(text).some(({ names }) => meant(today(names)));

/** What takes everything away that reads or names some steps. */
export function forgetSteps(draft: () => Draft, scope: string, names: ReadonlySet<string>): (() => Splice[])[] {
  const meant: Meant = ([root, side, step]) => root === "parent" && side === "jobs" && names.has(step ?? "");
  const changes = forget(draft, scope, meant, names);
  for (const path of aroundPaths(draft(), scope, names)) {
    changes.push(() => removeEntries(draft(), path.slice(0, -1), [String(path.at(-1))]));
  }
  return changes;
}

/** What takes everything away that holds an expression that is *meant*. Steps called *names* are left alone. */
export function forget(
  draft: () => Draft,
  scope: string,
  meant: Meant,
  names: ReadonlySet<string> = new Set(),
): (() => Splice[])[] {
  const victims = new Map<string, { map: YamlPath; keys: Set<string> }>();
  const lists = new Map<string, YamlPath>();
  textsIn(draft(), scope, (mention) => {
    const { step, path, node } = mention;
    const isNamed = isByName(mention) && names.has(String(node.value));
    if (names.has(step.name) || !(isNamed || holds(String(node.value), meant))) {
      return;
    }
    const inList = path.findIndex((key) => typeof key === "number");
    const input = step.inputs.find(({ keys }) => keys.every((key, position) => path[position] === key));
    const keys = input?.keys ?? (inList > 0 ? path.slice(0, inList) : path);
    const whole = [...step.path, ...keys];
    if (input === undefined && inList === path.length - 1) {
      lists.set(JSON.stringify(whole), whole);
      return;
    }
    const map = whole.slice(0, -1);
    const victim = victims.get(JSON.stringify(map)) ?? { map, keys: new Set() };
    victim.keys.add(String(whole.at(-1)));
    victims.set(JSON.stringify(map), victim);
  });
  const isGone = (value: Value): boolean => typeof value === "string" && (names.has(value) || holds(value, meant));
  return [
    ...[...victims.values()].map(
      ({ map, keys }) =>
        () =>
          removeEntries(draft(), map, [...keys]),
    ),
    ...[...lists.values()].map((path) => () => withoutItems(draft(), path, isGone)),
  ];
}

function withoutItems(draft: Draft, path: YamlPath, isGone: (value: Value) => boolean): Splice[] {
  const node = located(draft.parts, path)?.node;
  const kept = node?.kind === "list" ? node.items.map(plainOf).filter((value) => !isGone(value)) : [];
  return kept.length > 0
    ? replaceValue(draft, path, kept)
    : removeEntries(draft, path.slice(0, -1), [String(path.at(-1))]);
}
