/** A text → the draft: what it says now, or what it said before it could not be read. */

import { type Parts, readParts, type StepPart } from "./parts";
import type { Pipeline, Step } from "./pipeline";
import { isMapping } from "./scalar";
import { lineColumnOf } from "./text";
import { entryOf, type Node, plainOf } from "./tree";
import { pipelineInputsOf, pipelineOutputsOf, stepsOf } from "./view";
import { wiresOf } from "./wire";

export interface Broken {
  message: string;
  offset: number;
  to: number;
  line: number;
  column: number;
}

export interface Draft {
  text: string;
  /** What the text says; of broken text, what it said last. */
  pipeline: Pipeline;
  broken: Broken | null;
  /** The text as it was read, for `write.ts` and `place.ts`. Of broken text, of the text that *pipeline* is of. */
  parts: Parts;
}

/** Read a text. What is as in *before* is not read again, and its steps are the same objects. */
export function readDraft(text: string, before?: Draft): Draft {
  if (before?.text === text) {
    return before;
  }
  const parts = readParts(text, before?.parts.trees);
  if (parts.fault === null) {
    return { text, pipeline: pipelineOf(parts, before?.pipeline), broken: null, parts };
  }
  const { message, from, to } = parts.fault;
  const broken = { message, offset: from, to, ...lineColumnOf(text, from) };
  if (before !== undefined) {
    // What could be read is remembered, so that mending one step costs one step.
    const trees = new Map([...before.parts.trees, ...parts.trees]);
    return { text, pipeline: before.pipeline, broken, parts: { ...before.parts, trees } };
  }
  return { text, pipeline: pipelineOf(parts, undefined), broken, parts };
}

const steps = new WeakMap<StepPart["entry"], Step[]>();

function stepsOfPart(part: StepPart, before: Pipeline | undefined): Step[] {
  const known = steps.get(part.entry);
  if (known !== undefined && part.base !== 0) {
    return known;
  }
  const made = stepsOf(part.entry, ["jobs", part.name], "", part.name, part.at - part.base);
  // A text that is read as a whole is new in all of its parts.
  const same =
    part.base === 0 && before !== undefined ? made.map((step) => sameAs(before.byKey.get(step.key), step)) : made;
  steps.set(part.entry, same);
  return same;
}

function sameAs(before: Step | undefined, now: Step): Step {
  return before !== undefined && JSON.stringify(before) === JSON.stringify(now) ? before : now;
}

function pipelineOf(parts: Parts, before: Pipeline | undefined): Pipeline {
  const all: Step[] = [];
  for (const part of parts.steps.values()) {
    all.push(...stepsOfPart(part, before));
  }
  const head = headOf(parts.head);
  return {
    ...head,
    steps: all,
    byKey: new Map(all.map((step) => [step.key, step])),
    wires: all.flatMap(wiresOf),
  };
}

type Head = Pick<Pipeline, "kind" | "inputs" | "outputs" | "value">;

const heads = new WeakMap<Node, Head>();

function headOf(node: Node): Head {
  const known = heads.get(node);
  if (known !== undefined) {
    return known;
  }
  const whole = plainOf(node);
  const { jobs: _, ...value } = isMapping(whole) ? whole : {};
  const kind = String(value.$schema ?? "").includes("Component") || value.version !== undefined ? "component" : "job";
  const made: Head = {
    kind,
    inputs: pipelineInputsOf(entryOf(node, "inputs")?.value, 0, kind === "component"),
    outputs: pipelineOutputsOf(entryOf(node, "outputs")?.value, 0),
    value,
  };
  heads.set(node, made);
  return made;
}
