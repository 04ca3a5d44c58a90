/** Which ends of a pipeline are joined. */

import type { Step, Wire, WireEnd } from "./pipeline";

const known = new WeakMap<Step, readonly Wire[]>();

/** The wires that a step's own text makes: into its inputs, from its outputs to the pipeline's, to what it waits for. */
export function wiresOf(step: Step): readonly Wire[] {
  const made = known.get(step) ?? [...dataWires(step), ...orderWires(step)];
  known.set(step, made);
  return made;
}

function dataWires(step: Step): Wire[] {
  const found: Wire[] = [];
  for (const { name, binding } of step.inputs) {
    const to: WireEnd = { kind: "step-input", step: step.key, input: name };
    if (binding.kind === "step-output") {
      found.push(wire("data", { kind: "step-output", step: binding.step, output: binding.output }, to));
    } else if (binding.kind === "pipeline-input") {
      found.push(wire("data", { kind: "pipeline-input", scope: step.scope, input: binding.input }, to));
    }
  }
  for (const { name, promotedTo } of step.outputs) {
    if (promotedTo !== null) {
      const from: WireEnd = { kind: "step-output", step: step.key, output: name };
      found.push(wire("data", from, { kind: "pipeline-output", scope: step.scope, output: promotedTo }));
    }
  }
  return found;
}

function orderWires(step: Step): Wire[] {
  const own: WireEnd = { kind: "step", step: step.key };
  const order = step.dependsOn.map((key) => wire("order", { kind: "step", step: key }, own));
  const blocks = step.blocks.flatMap((block) =>
    block.steps.map((key) => wire("block", own, { kind: "step", step: key })),
  );
  return [...order, ...blocks];
}

function wire(kind: Wire["kind"], from: WireEnd, to: WireEnd): Wire {
  return { id: `${kind}:${endId(from)}>${endId(to)}`, kind, from, to };
}

/** A text that names an end, the same for equal ends. */
export function endId(end: WireEnd): string {
  switch (end.kind) {
    case "step-output":
      return `${end.step}.outputs.${end.output}`;
    case "step-input":
      return `${end.step}.inputs.${end.input}`;
    case "pipeline-input":
      return `${end.scope}:inputs.${end.input}`;
    case "pipeline-output":
      return `${end.scope}:outputs.${end.output}`;
    case "step":
      return end.step;
  }
}
