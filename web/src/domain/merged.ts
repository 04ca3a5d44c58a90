/**
 * Two jobs' graphs → one graph to draw, in which every step and line is only in A, only in B, in both but different,
 * or in both alike.
 *
 * Which step is which is told by the server (`GraphDifference`): one truth for the page and the command line.
 */

import { componentText } from "./format";
import { type JobGraph, lastPart, type Port, type Step } from "./job";
import { inputKey, outputKey, readersOfInputs, shownAs } from "./picture";
import type { Tone } from "./status";

export type Change = "same" | "changed" | "added" | "removed";

interface Differing {
  name: string;
  values: unknown[];
}

interface PairedStep {
  key: string;
  before: string | null;
  after: string | null;
  change: string;
  differences: Differing[];
}

interface Between {
  from: string;
  to: string;
  change: string;
}

/** What the server says of two graphs; keys are those of the merged graph. */
export interface Pairing {
  steps: readonly PairedStep[];
  edges: readonly (Between & { output: string; input: string })[];
  order: readonly Between[];
  inputs: readonly MergedPort[];
  outputs: readonly MergedPort[];
}

export interface MergedPort {
  name: string;
  values: unknown[];
  change: string;
}

export interface MergedStep {
  key: string;
  change: Change;
  /** The step in A and in B; null: it is not in that one. */
  before: Step | null;
  after: Step | null;
  /** What it is called in A, if it is called otherwise in B. */
  renamedFrom: string | null;
  differences: readonly Differing[];
}

export interface Link {
  from: string;
  to: string;
  /** What flows, in words. */
  text: string;
  change: Change;
}

export interface Merged {
  /** To be laid out like any job's graph. */
  graph: JobGraph;
  steps: ReadonlyMap<string, MergedStep>;
  /** Inputs and outputs of the whole jobs, by the keys of their places. */
  ports: ReadonlyMap<string, MergedPort>;
  /** Everything that is drawn as a line. */
  links: readonly Link[];
}

export interface ChangeLook {
  tone: Tone;
  /** Beside the colour and the word. */
  mark: string;
  /** Of lines: strokes and gaps. */
  dash: number[];
}

export const CHANGES: Record<Change, ChangeLook> = {
  removed: { tone: "bad", mark: "−", dash: [9, 4] },
  added: { tone: "good", mark: "+", dash: [] },
  changed: { tone: "stopped", mark: "≠", dash: [14, 4, 3, 4] },
  same: { tone: "waiting", mark: "=", dash: [] },
};

/** What a change is called, seen from A, which is what the other is compared with. */
export const CHANGE_WORDS: Record<Change, string> = {
  removed: "only in A",
  added: "only in B",
  changed: "different",
  same: "alike",
};

export function mergedGraph(a: JobGraph, b: JobGraph, pairing: Pairing): Merged {
  const [ofA, ofB] = [byKey(a), byKey(b)];
  const steps = new Map(pairing.steps.map((row) => [row.key, mergedStep(row, ofA, ofB)]));
  const nameB = new Map(pairing.steps.flatMap((row) => (row.after === null ? [] : [[row.after, row.key] as const])));
  const reads = [
    ...inputReads(a, b, nameB),
    ...pairing.edges.map((edge): Link => ({ ...linkOf(edge), text: `${edge.output} → ${edge.input}` })),
    ...pairing.order.map((one): Link => ({ ...linkOf(one), text: "waits for" })),
  ];
  const outputs = outputLinks(a, b, nameB);
  const drawn = drawnOutputs(a, b, nameB);
  return {
    graph: {
      job: b.job,
      steps: drawnSteps(steps.values(), reads),
      edges: [
        ...pairing.edges.map(({ from, output, to, input }) => ({ from, output, to, input })),
        // An output that another step writes now has two lines, of which a picture of one job knows one.
        ...outputs.flatMap(({ from, to, text, change }) =>
          change === "removed" && drawn.some((port) => outputKey(port.name) === to && port.source?.node !== from)
            ? [{ from, output: text, to, input: to }]
            : [],
        ),
      ],
      order: pairing.order.map(({ from, to }) => ({ from, to })),
      inputs: [...new Set([...a.inputs, ...b.inputs].map((port) => port.name))].map((name) => inputPort(name)),
      outputs: drawn,
    },
    steps,
    ports: new Map([
      ...pairing.inputs.map((port) => [inputKey(port.name), port] as const),
      ...pairing.outputs.map((port) => [outputKey(port.name), port] as const),
    ]),
    links: [...reads, ...outputs],
  };
}

/** How the line between two cards is drawn while some groups are closed: as what all in it have in common. */
export function changesOfWires({ links, steps }: Merged, open: ReadonlySet<string>): Map<string, Change> {
  const found = new Map<string, Change>();
  for (const { from, to, change } of links) {
    const isOpenGroup = open.has(to) && isGroup(steps.get(to));
    if (!isOpenGroup) {
      const wire = wireKey(shownAs(from, open), shownAs(to, open));
      const known = found.get(wire);
      found.set(wire, known === undefined || known === change ? change : "changed");
    }
  }
  return found;
}

export const wireKey = (from: string, to: string): string => `${from}\n${to}`;

/** How many steps (not groups) are in each state of change. */
export function countChanges(steps: Iterable<MergedStep>): Record<Change, number> {
  const counts: Record<Change, number> = { removed: 0, added: 0, changed: 0, same: 0 };
  for (const step of steps) {
    if (!isGroup(step)) {
      counts[step.change] += 1;
    }
  }
  return counts;
}

/** What of a closed group is not alike: itself, or something in it. */
export function changeWithin(step: MergedStep, steps: Iterable<MergedStep>): Change {
  if (step.change !== "same") {
    return step.change;
  }
  for (const inner of steps) {
    if (inner.key.startsWith(`${step.key}/`) && inner.change !== "same") {
      return "changed";
    }
  }
  return "same";
}

/** What differs in a few words, each thing once: `code, input rate`. */
export function differingWords({ differences, renamedFrom }: MergedStep): string[] {
  return [...(renamedFrom === null ? [] : ["name"]), ...differences.map(({ name }) => differingWord(name))];
}

const WORDS: Record<string, string> = {
  environment_variables: "variables",
  search_space: "search space",
  sampling_algorithm: "sampling",
  early_termination: "early termination",
  max_concurrency: "concurrency",
};

export function differingWord(name: string): string {
  return name.startsWith("inputs.") ? `input ${name.slice("inputs.".length)}` : (WORDS[name] ?? name);
}

/** A value as people read it; nothing is a dash. */
export function differingValue(value: unknown): string {
  if (value === null || value === undefined) {
    return "–";
  }
  if (typeof value !== "string") {
    return JSON.stringify(value);
  }
  const anonymous = /^azureml:azureml_anonymous:(.{8})/.exec(value);
  return anonymous === null ? componentText(value) : `not registered (${anonymous[1]})`;
}

/** What a step is called in the picture: both names where they differ. */
export function mergedName({ before, after, renamedFrom }: MergedStep): string {
  const name = (after ?? before)?.display_name ?? "";
  return renamedFrom === null ? name : `${renamedFrom} → ${name}`;
}

const byKey = (graph: JobGraph): Map<string, Step> => new Map(graph.steps.map((step) => [step.key, step]));
const isGroup = (step: MergedStep | undefined): boolean =>
  step?.before?.kind === "pipeline" || step?.after?.kind === "pipeline";
const changeOf = (text: string): Change => (text in CHANGES ? (text as Change) : "changed");
const linkOf = ({ from, to, change }: Between) => ({ from, to, change: changeOf(change) });

function mergedStep(row: PairedStep, ofA: ReadonlyMap<string, Step>, ofB: ReadonlyMap<string, Step>): MergedStep {
  const before = row.before === null ? null : (ofA.get(row.before) ?? null);
  const after = row.after === null ? null : (ofB.get(row.after) ?? null);
  const isRenamed = before !== null && after !== null && lastPart(before.key) !== lastPart(after.key);
  return {
    key: row.key,
    change: changeOf(row.change),
    before,
    after,
    renamedFrom: isRenamed ? before.display_name : null,
    differences: row.differences,
  };
}

/** Steps as the picture is made of them; what they read of the job's inputs is said in the picture's own way. */
function drawnSteps(steps: Iterable<MergedStep>, links: readonly Link[]): Step[] {
  const reads = new Map<string, Port[]>();
  for (const { from, to, text } of links) {
    if (from.startsWith("input:")) {
      reads.set(to, [...(reads.get(to) ?? []), inputPort(text)]);
    }
  }
  return [...steps].map((step) => {
    const shown = (step.after ?? step.before) as Step;
    return {
      ...shown,
      key: step.key,
      kind: isGroup(step) ? "pipeline" : shown.kind,
      inputs: reads.get(step.key) ?? [],
    };
  });
}

/** In the merged graph an input's place is its name: two jobs may read two places by one name. */
const inputPort = (name: string): Port => ({ name, uri: inputKey(name) });

function inputReads(a: JobGraph, b: JobGraph, nameB: ReadonlyMap<string, string>): Link[] {
  return joined(
    [...readersOfInputs(a)].flatMap(([name, keys]) => keys.map((to) => ({ from: inputKey(name), to, text: name }))),
    [...readersOfInputs(b)].flatMap(([name, keys]) =>
      keys.map((to) => ({ from: inputKey(name), to: nameB.get(to) ?? to, text: name })),
    ),
  );
}

function outputLinks(a: JobGraph, b: JobGraph, nameB: ReadonlyMap<string, string>): Link[] {
  const written = (graph: JobGraph, nameOf: (key: string) => string) =>
    graph.outputs.flatMap(({ name, source }) =>
      source ? [{ from: nameOf(source.node), to: outputKey(name), text: source.output }] : [],
    );
  return joined(
    written(a, (key) => key),
    written(b, (key) => nameB.get(key) ?? key),
  );
}

/** The outputs that are drawn, each once; where both jobs have one, as B has it. */
function drawnOutputs(a: JobGraph, b: JobGraph, nameB: ReadonlyMap<string, string>): Port[] {
  const named = b.outputs.map(({ source, ...port }): Port => {
    return source === undefined
      ? port
      : { ...port, source: { ...source, node: nameB.get(source.node) ?? source.node } };
  });
  const known = new Set(b.outputs.filter((port) => port.source).map((port) => port.name));
  return [...named.filter((port) => port.source), ...a.outputs.filter((port) => port.source && !known.has(port.name))];
}

function joined(ours: readonly Omit<Link, "change">[], theirs: readonly Omit<Link, "change">[]): Link[] {
  const keyOf = ({ from, to, text }: Omit<Link, "change">) => `${wireKey(from, to)}\n${text}`;
  const inA = new Set(ours.map(keyOf));
  const inB = new Set(theirs.map(keyOf));
  return [
    ...ours.map((link): Link => ({ ...link, change: inB.has(keyOf(link)) ? "same" : "removed" })),
    ...theirs.filter((link) => !inA.has(keyOf(link))).map((link): Link => ({ ...link, change: "added" })),
  ];
}
