/** What another version of a step's component changes: for the component, and for this step. */

import { interfaceChanges, type Ports, type Remark } from "../interface";
import type { Step } from "./pipeline";
import { isDeclared } from "./steps";

export interface Upgrade {
  remarks: readonly Remark[];
  /** Inputs that the text gives and the new version does not take. */
  lostInputs: readonly string[];
  /** Outputs that the text says something of and the new version does not give. */
  lostOutputs: readonly string[];
  /** Inputs that have to be given now, and are not. */
  missingInputs: readonly string[];
}

interface Interface {
  inputs: Ports;
  outputs: Ports;
}

/** Without *before*, only what the text has is compared. */
export function upgradeOf(step: Step, before: Interface | null, after: Interface): Upgrade {
  const given = new Set(step.inputs.filter(({ binding }) => binding.kind !== "empty").map(({ name }) => name));
  const lostInputs = step.inputs
    .filter(({ keys, name }) => keys[0] === "inputs" && !isDeclared(name, Object.keys(after.inputs)))
    .map(({ name }) => name);
  const lostOutputs = step.outputs.filter(({ name }) => after.outputs[name] === undefined).map(({ name }) => name);
  const missingInputs = Object.entries(after.inputs)
    .filter(([name, port]) => port.optional !== true && port.default === undefined && !given.has(name))
    .map(([name]) => name);
  const changes = before === null ? [] : interfaceChanges(before, after);
  const remarks = [
    ...changes,
    ...lostInputs.map((name) => ({ text: `what this step gives to ${name} is taken away`, isBreaking: true })),
    ...lostOutputs.map((name) => ({
      text: `what this step says of its output ${name} is taken away`,
      isBreaking: true,
    })),
    ...missingInputs.map((name) => ({ text: `this step gives nothing to ${name}`, isBreaking: true })),
  ];
  return { remarks, lostInputs, lostOutputs, missingInputs };
}
