/**
 * May this end feed that one? Yes, or the reason why not.
 *
 * The rules are the server's: types by `fit_of` in `pipeyard/model/types.py`, rings by `graph/rings.py`.
 */

import type { Catalogue } from "./catalogue";
import type { Pipeline, WireEnd } from "./pipeline";
import { isDataType, pipelinePorts, portsOf, typeOfEnd } from "./ports";
import type { Draft } from "./read";

export type Fits = "yes" | "tolerated" | "no";

/** Whether a value of one type may feed a port of another. An unknown type fits everything: the server knows better. */
export function fitOf(produced: string | null, wanted: string | null): Fits {
  if (produced === null || wanted === null || produced === wanted) {
    return "yes";
  }
  // Azure runs every kind of data at every kind of port for data; so does Pipeyard.
  if (isDataType(produced) && isDataType(wanted)) {
    return "tolerated";
  }
  if (!isDataType(produced) && wanted === "string") {
    return "tolerated";
  }
  return produced === "integer" && wanted === "number" ? "yes" : "no";
}

export type Connection =
  /** *remark*: what a person should know of it all the same. */
  { ok: true; remark: string | null } | { ok: false; reason: string };

const no = (reason: string): Connection => ({ ok: false, reason });

/** Whether a wire may join two ends. What the input has now is no hindrance: a new wire takes its place. */
export function canConnect(draft: Draft, from: WireEnd, to: WireEnd, catalogue: Catalogue): Connection {
  return joined(draft, from, to, catalogue, () => ringOf(draft.pipeline, from, to));
}

function joined(
  draft: Draft,
  from: WireEnd,
  to: WireEnd,
  catalogue: Catalogue,
  ring: () => readonly string[] | null,
): Connection {
  const misplaced = directionProblem(from, to) ?? scopeProblem(draft, from, to);
  if (misplaced !== null) {
    return no(misplaced);
  }
  const unknown = existenceProblem(draft, from, catalogue) ?? existenceProblem(draft, to, catalogue);
  if (unknown !== null) {
    return no(unknown);
  }
  if ("step" in from && "step" in to && from.step === to.step) {
    return no("a step cannot read what it writes itself");
  }
  const around = ring();
  if (around !== null) {
    return no(`these steps would wait for each other: ${around.join(" → ")}`);
  }
  return typesJoined(draft, from, to, catalogue);
}

function typesJoined(draft: Draft, from: WireEnd, to: WireEnd, catalogue: Catalogue): Connection {
  if (from.kind === "step") {
    return { ok: true, remark: null };
  }
  const [produced, wanted] = [typeOfEnd(draft, from, catalogue), typeOfEnd(draft, to, catalogue)];
  const words = `needs \`${wanted}\`, this is \`${produced}\``;
  const fits = fitOf(produced, wanted);
  if (fits === "no" && !isPathText(draft, from, wanted)) {
    return no(words);
  }
  return { ok: true, remark: fits === "tolerated" && wanted !== "string" ? words : null };
}

/** A text that names data may stand where data is wanted. */
function isPathText(draft: Draft, from: WireEnd, wanted: string | null): boolean {
  if (from.kind !== "pipeline-input" || wanted === null || !isDataType(wanted)) {
    return false;
  }
  const value = pipelinePorts(draft, from.scope).inputs.find((one) => one.name === from.input)?.value;
  return typeof value === "string" && /^[A-Za-z][A-Za-z0-9+.-]+:/.test(value);
}

function directionProblem(from: WireEnd, to: WireEnd): string | null {
  if (from.kind === "step" && to.kind === "step") {
    return null;
  }
  if (from.kind !== "step-output" && from.kind !== "pipeline-input") {
    return "a wire begins at an output of a step, or at an input of the pipeline";
  }
  if (to.kind !== "step-input" && to.kind !== "pipeline-output") {
    return "a wire ends at an input of a step, or at an output of the pipeline";
  }
  return from.kind === "pipeline-input" && to.kind === "pipeline-output"
    ? "only what a step writes can become an output of the pipeline"
    : null;
}

export function scopeOf(draft: Draft, end: WireEnd): string | null {
  return "scope" in end ? end.scope : (draft.pipeline.byKey.get(end.step)?.scope ?? null);
}

function scopeProblem(draft: Draft, from: WireEnd, to: WireEnd): string | null {
  const [source, target] = [scopeOf(draft, from), scopeOf(draft, to)];
  for (const [scope, end] of [
    [source, from],
    [target, to],
  ] as const) {
    if (scope === null) {
      return "step" in end ? `there is no step \`${end.step}\`` : "there is no such pipeline";
    }
  }
  return source === target ? null : APART;
}

export const APART = "these are in different pipelines: lead the value through the inputs and outputs of the inner one";

function existenceProblem(draft: Draft, end: WireEnd, catalogue: Catalogue): string | null {
  if (end.kind === "pipeline-input") {
    const isThere = pipelinePorts(draft, end.scope).inputs.some((one) => one.name === end.input);
    return isThere ? null : `the pipeline has no input \`${end.input}\``;
  }
  const step = "step" in end ? draft.pipeline.byKey.get(end.step) : undefined;
  if (step === undefined || end.kind === "step" || end.kind === "pipeline-output") {
    return null;
  }
  const ports = portsOf(step, draft, catalogue);
  const [name, side] = end.kind === "step-input" ? [end.input, "input"] : [end.output, "output"];
  if ((end.kind === "step-input" ? ports.inputs : ports.outputs).some((port) => port.name === name)) {
    return null;
  }
  const use = step.component;
  const isUnknown =
    !ports.isKnown && (use?.kind === "registered" || use?.kind === "file" || use?.kind === "unreadable");
  if (isUnknown) {
    return `the component \`${use.text}\` is not known here, so that nobody knows its ${side}s`;
  }
  // What a command reads and writes is what the text gives it.
  return step.component === null && step.kind === "command" ? null : `\`${step.name}\` has no ${side} \`${name}\``;
}

/** Who waits for whom among steps. A step that another one repeats is that one here: what reads it waits for the whole. */
interface Waits {
  readers: ReadonlyMap<string, ReadonlySet<string>>;
  shown(key: string): string;
}

const waitsKnown = new WeakMap<Pipeline, Waits>();

function waitsOf(pipeline: Pipeline): Waits {
  const known = waitsKnown.get(pipeline) ?? foundWaits(pipeline);
  waitsKnown.set(pipeline, known);
  return known;
}

function foundWaits(pipeline: Pipeline): Waits {
  const readers = new Map<string, Set<string>>();
  const standing = new Map<string, string>();
  for (const step of pipeline.steps) {
    for (const body of step.kind === "do_while" || step.kind === "parallel_for" ? step.blocks : []) {
      for (const key of body.steps) {
        standing.set(key, step.key);
      }
    }
  }
  const shown = (key: string): string => standing.get(key) ?? key;
  for (const { from, to } of pipeline.wires) {
    const [source, reader] = ["step" in from ? shown(from.step) : "", "step" in to ? shown(to.step) : ""];
    // A loop reads what it repeats, and waits for nobody by that.
    if (source !== "" && reader !== "" && source !== reader) {
      readers.set(source, (readers.get(source) ?? new Set()).add(reader));
    }
  }
  return { readers, shown };
}

/** The way around that a wire would close: the steps in running order, the first one again at the end. */
function ringOf(pipeline: Pipeline, from: WireEnd, to: WireEnd): readonly string[] | null {
  if (!("step" in from && "step" in to)) {
    return null;
  }
  const { readers, shown } = waitsOf(pipeline);
  return wayAround(waysFrom(readers, shown(to.step)), shown(from.step));
}

/** For each step that one leads to, the step before it on a shortest way. */
function waysFrom(next: ReadonlyMap<string, ReadonlySet<string>>, start: string): Map<string, string | null> {
  const before = new Map<string, string | null>([[start, null]]);
  const queue = [start];
  for (let position = 0; position < queue.length; position += 1) {
    const key = queue[position] as string;
    for (const one of next.get(key) ?? []) {
      if (!before.has(one)) {
        before.set(one, key);
        queue.push(one);
      }
    }
  }
  return before;
}

const lastPart = (key: string): string => key.slice(key.lastIndexOf("/") + 1);

/** From the start of some ways to a step, and back to the start; null where none leads there. */
function wayAround(ways: ReadonlyMap<string, string | null>, end: string): readonly string[] | null {
  if (!ways.has(end)) {
    return null;
  }
  const way: string[] = [];
  for (let at: string | null = end; at !== null; at = ways.get(at) ?? null) {
    way.unshift(lastPart(at));
  }
  return way.length < 2 ? null : [...way, way[0] as string];
}

export interface Candidate {
  end: WireEnd;
  connection: Connection;
}

/** Every end in the same pipeline that a wire from or to an end could have at its other side, and whether it may. */
export function candidatesOf(draft: Draft, end: WireEnd, catalogue: Catalogue): Candidate[] {
  const scope = scopeOf(draft, end);
  const isSource = end.kind === "step-output" || end.kind === "pipeline-input";
  const { readers, shown } = waitsOf(draft.pipeline);
  const ways =
    "step" in end ? waysFrom(isSource ? reversed(readers) : readers, shown(end.step)) : new Map<string, null>();
  const found: Candidate[] = [];
  const add = (other: WireEnd) => {
    const [from, to] = isSource ? [end, other] : [other, end];
    const ring = () => {
      const way = "step" in other ? wayAround(ways, shown(other.step)) : null;
      return way !== null && isSource ? [...way].reverse() : way;
    };
    found.push({ end: other, connection: joined(draft, from, to, catalogue, ring) });
  };
  if (scope === null || end.kind === "step") {
    return [];
  }
  for (const step of draft.pipeline.steps.filter((one) => one.scope === scope)) {
    const ports = portsOf(step, draft, catalogue);
    for (const { name } of isSource ? ports.inputs : ports.outputs) {
      add(
        isSource
          ? { kind: "step-input", step: step.key, input: name }
          : { kind: "step-output", step: step.key, output: name },
      );
    }
  }
  const around = pipelinePorts(draft, scope);
  for (const { name } of end.kind === "step-output" ? around.outputs : []) {
    add({ kind: "pipeline-output", scope, output: name });
  }
  for (const { name } of end.kind === "step-input" ? around.inputs : []) {
    add({ kind: "pipeline-input", scope, input: name });
  }
  return found;
}

function reversed(readers: ReadonlyMap<string, ReadonlySet<string>>): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const [source, all] of readers) {
    for (const reader of all) {
      found.set(reader, (found.get(reader) ?? new Set()).add(source));
    }
  }
  return found;
}
