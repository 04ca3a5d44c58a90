/**
 * A draft with what its steps hold elsewhere drawn in: the steps of components that are pipelines of their own documents.
 *
 * Those steps are only shown. What is edited is always the draft itself, which knows nothing of them.
 */

import type { Catalogue } from "./catalogue";
import type { Binding, Pipeline, Step } from "./pipeline";
import { factsOf } from "./ports";
import type { Draft } from "./read";
import { inScope } from "./view";
import { wiresOf } from "./wire";

/** What a component's document says, by the text with which a step names it. */
export type Documents = ReadonlyMap<string, Pipeline>;

export interface Unfolded {
  /** The draft, with the steps that are only shown. */
  draft: Draft;
  /** The steps whose insides are only shown. */
  foreign: ReadonlySet<string>;
}

const NOWHERE: ReadonlySet<string> = new Set();

/** Whether a step holds a pipeline that can be drawn in its place. */
export function isFoldable(step: Step, catalogue: Catalogue): boolean {
  // What another registry has is not read from there.
  const isFar = step.component?.kind === "registered" && step.component.registry !== null;
  return step.kind === "pipeline" && (step.inner !== null || (!isFar && factsOf(step, catalogue)?.type === "pipeline"));
}

/** What the steps of a pipeline that were opened name, and would have to be read to be drawn. */
export function wantedDocuments(pipeline: Pipeline, open: ReadonlySet<string>, catalogue: Catalogue): Step[] {
  return pipeline.steps.filter((step) => open.has(step.key) && step.inner === null && isFoldable(step, catalogue));
}

export function unfolded(draft: Draft, open: ReadonlySet<string>, documents: Documents): Unfolded {
  if (open.size === 0 || documents.size === 0) {
    return { draft, foreign: NOWHERE };
  }
  const foreign = new Set<string>();
  const steps: Step[] = [];
  const put = (step: Step) => {
    const document = step.inner === null && open.has(step.key) ? documentOf(step, documents) : undefined;
    if (document === undefined) {
      steps.push(step);
    } else {
      foreign.add(step.key);
      const [holder, ...inside] = unfoldedStep(step, document);
      steps.push(holder as Step);
      for (const one of inside) {
        put(one);
      }
    }
    if (foreign.has(step.scope)) {
      foreign.add(step.key);
    }
  };
  for (const step of draft.pipeline.steps) {
    put(step);
  }
  if (foreign.size === 0) {
    return { draft, foreign: NOWHERE };
  }
  const byKey = new Map(steps.map((step) => [step.key, step]));
  const wires = [...draft.pipeline.wires];
  for (const step of steps) {
    if (foreign.has(step.scope)) {
      wires.push(...wiresOf(step));
    }
  }
  return { draft: { ...draft, pipeline: { ...draft.pipeline, steps, byKey, wires } }, foreign };
}

function documentOf({ component, key }: Step, documents: Documents): Pipeline | undefined {
  const isNamed = component?.kind === "registered" || component?.kind === "file";
  // A document that names itself would never end.
  return isNamed && key.split("/").length < DEEPEST ? documents.get(component.text) : undefined;
}

const DEEPEST = 12;

// Steps that did not change are the same objects: what is known of them is asked for again and again.
const known = new WeakMap<Step, { document: Pipeline; steps: readonly Step[] }>();

/** The step as one that holds a pipeline, and behind it the steps of that. */
function unfoldedStep(step: Step, document: Pipeline): readonly Step[] {
  const before = known.get(step);
  if (before?.document === document) {
    return before.steps;
  }
  const { inputs, outputs } = document;
  const steps = [{ ...step, inner: { inputs, outputs } }, ...document.steps.map((one) => within(step.key, one))];
  known.set(step, { document, steps });
  return steps;
}

function within(around: string, step: Step): Step {
  const named = (key: string): string => inScope(around, key);
  return {
    ...step,
    key: named(step.key),
    scope: step.scope === "" ? around : named(step.scope),
    inputs: step.inputs.map((input) => ({ ...input, binding: boundWithin(named, input.binding) })),
    dependsOn: step.dependsOn.map(named),
    blocks: step.blocks.map((block) => ({ ...block, steps: block.steps.map(named) })),
  };
}

const boundWithin = (named: (key: string) => string, binding: Binding): Binding =>
  binding.kind === "step-output" || binding.kind === "step-input" ? { ...binding, step: named(binding.step) } : binding;
